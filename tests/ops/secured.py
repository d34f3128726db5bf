"""A Kafka node that lets in by SCRAM over TLS only, and allows each user what the table of rights gives it.

Beside the secure listener there is one whose certificate has expired, and the plain one on which the tests
administer: whoever comes by it is a super user.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from rights import Acl, Principal

from exportwatch.broker.local import HOST, LocalBroker, free_port

PASSWORD = "correct-horse-battery"
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
OPERATIONS = {
    "Read": ACLOperation.READ,
    "Write": ACLOperation.WRITE,
    "Describe": ACLOperation.DESCRIBE,
    "Create": ACLOperation.CREATE,
    "AlterConfigs": ACLOperation.ALTER_CONFIGS,
    "DescribeConfigs": ACLOperation.DESCRIBE_CONFIGS,
}


def make_certificates(folder: Path) -> None:
    """Two self-signed ones for the broker, of which one has expired, and the authority of somebody else."""
    for name, dates in {"broker": "-1d", "expired": "-10d", "stranger": "-1d"}.items():
        store = ("-keystore", f"{name}.p12", "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", name)
        made = ("-genkeypair", *store, "-keyalg", "RSA", "-startdate", dates, "-validity", "3")
        extensions = ("-ext", f"san=ip:{HOST}", "-ext", "bc=ca:true")
        exported = ("-exportcert", *store, "-rfc", "-file", f"{name}.pem")
        for command in ((*made, "-dname", f"CN={name}", *extensions), exported):
            subprocess.run(["keytool", *command], cwd=folder, check=True, capture_output=True)
    (folder / "password").write_text(f"{PASSWORD}\n")
    (folder / "wrong-password").write_text("wrong-horse-staple\n")


class SecuredBroker(LocalBroker):
    """Has the authorizer of KRaft; a user without a rule may nothing."""

    def __init__(self, cache_dir: Path, pems: Path) -> None:
        super().__init__(cache_dir)
        self.pems = pems

    def _write_properties(self, controller_port: int) -> None:
        super()._write_properties(controller_port)
        self.secure_port, self.expired_port = free_port(), free_port()
        properties = {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},SECURE://{HOST}:{self.secure_port},"
            f"EXPIRED://{HOST}:{self.expired_port},CONTROLLER://{HOST}:{controller_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,EXPIRED:SASL_SSL,"
            "CONTROLLER:PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            **self._listener("secure", "broker"),
            **self._listener("expired", "expired"),
        }
        with self._properties.open("a") as file:
            file.writelines(f"{key}={value}\n" for key, value in properties.items())

    def _listener(self, name: str, certificate: str) -> Mapping[str, str]:
        prefix = f"listener.name.{name}"
        return {
            f"{prefix}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            f"{prefix}.scram-sha-512.sasl.jaas.config": SCRAM_LOGIN,
            f"{prefix}.ssl.keystore.type": "PKCS12",
            f"{prefix}.ssl.keystore.location": str(self.pems / f"{certificate}.p12"),
            f"{prefix}.ssl.keystore.password": PASSWORD,
        }


@dataclass(frozen=True)
class Gate:
    """How a user comes in; each field as a test may want it wrong."""

    port: int
    pems: Path
    cafile: str = "broker.pem"
    password_file: str = "password"

    def environment(self, user: str, folder: Path) -> dict[str, str]:
        """Of a process of ours that is `user`."""
        clean = {name: value for name, value in os.environ.items() if "EXPORTWATCH" not in name}
        return clean | {
            "EXPORTWATCH_BOOTSTRAP_SERVERS": f"{HOST}:{self.port}",
            "EXPORTWATCH_SECURITY_PROTOCOL": "SASL_SSL",
            "EXPORTWATCH_SASL_USERNAME": user,
            "EXPORTWATCH_SASL_PASSWORD_FILE": str(self.pems / self.password_file),
            "EXPORTWATCH_SSL_CAFILE": str(self.pems / self.cafile),
            "EXPORTWATCH_OPS_PORT": "0",
            "EXPORTWATCH_SESSION_TIMEOUT_SECONDS": "6",
            "EXPORTWATCH_HEARTBEAT_INTERVAL_SECONDS": "1",
            "EXPORTWATCH_CANARY_INTERVAL_SECONDS": "1",
            "EXPORTWATCH_DATADIR": str(folder),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    def of_kafka_python(self, user: str) -> dict[str, str]:
        """Options of a client of kafka-python that is `user`."""
        return {
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(self.pems / self.cafile),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": (self.pems / self.password_file).read_text().strip(),
        }


def admit(client: KafkaAdminClient, users: Mapping[str, Iterable[Acl]]) -> None:
    """Give each user the password and its rules."""
    client.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, PASSWORD, iterations=4096)
            for user in users
        ]
    )
    wanted = [rule for user, acls in users.items() for acl in acls for rule in rules(user, acl)]
    made = client.create_acls(wanted)
    assert not made["failed"], made["failed"]


def rules(user: str, acl: Acl) -> list[ACL]:
    pattern = ResourcePattern(
        {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}[acl.resource],
        acl.name,
        ACLResourcePatternType.PREFIXED if acl.is_prefix else ACLResourcePatternType.LITERAL,
    )
    return [
        ACL(f"User:{user}", "*", OPERATIONS[operation], ACLPermissionType.ALLOW, pattern)
        for operation in acl.operations
    ]


@dataclass(frozen=True)
class Missing:
    """A user that lacks one right of its entry in the table."""

    principal: str
    number: int
    acl: Acl
    operation: str

    @property
    def user(self) -> str:
        return f"{self.principal}-lacks-{self.number}"

    @property
    def id(self) -> str:
        return f"{self.principal}-{self.operation}-{self.acl.name}"


def all_missing(table: Mapping[str, Principal]) -> list[Missing]:
    """One for each right of each entry."""
    found = []
    for name, principal in table.items():
        single = [(acl, operation) for acl in principal.acls for operation in acl.operations]
        found += [Missing(name, number, acl, operation) for number, (acl, operation) in enumerate(single)]
    return found


def acls_without(principal: Principal, missing: Missing) -> list[Acl]:
    kept = []
    for acl in principal.acls:
        left = tuple(one for one in acl.operations if (acl, one) != (missing.acl, missing.operation))
        if left:
            kept.append(Acl(acl.resource, acl.name, acl.is_prefix, left))
    return kept
