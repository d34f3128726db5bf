"""TLS, with certificates on both sides, and SASL on a real broker: one set of settings serves every client."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from exportwatch.broker.local import HOST, LocalBroker, free_port
from exportwatch.broker.provision import admin_client, apply
from exportwatch.broker.topics import load_registry
from exportwatch_events.catalogue import SHIPMENTS

pytestmark = pytest.mark.broker
CACHE_DIR = Path(__file__).parents[2] / ".cache"
# Python cannot make the client's key; a machine without openssl tests TLS without it.
MUTUAL = shutil.which("openssl") is not None
USER, PASSWORD = "screening", "correct horse"
PLAIN_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


class SecureBroker(LocalBroker):
    """Has a second listener that wants TLS, a client's certificate where one can be made, and a password."""

    pems: ClassVar[Path]

    def _write_properties(self, controller_port: int) -> None:
        super()._write_properties(controller_port)
        self.secure_port = free_port()
        properties = {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},SECURE://{HOST}:{self.secure_port},"
            f"CONTROLLER://{HOST}:{controller_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
            "listener.name.secure.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "listener.name.secure.plain.sasl.jaas.config": f'{PLAIN_LOGIN} user_{USER}="{PASSWORD}";',
            "listener.name.secure.scram-sha-256.sasl.jaas.config": SCRAM_LOGIN,
            "listener.name.secure.scram-sha-512.sasl.jaas.config": SCRAM_LOGIN,
            "listener.name.secure.ssl.keystore.type": "PKCS12",
            "listener.name.secure.ssl.keystore.location": str(self.pems / "broker.p12"),
            "listener.name.secure.ssl.keystore.password": PASSWORD,
        }
        if MUTUAL:
            properties |= {
                "listener.name.secure.ssl.client.auth": "required",
                "listener.name.secure.ssl.truststore.type": "PEM",
                "listener.name.secure.ssl.truststore.location": str(self.pems / "client.crt"),
            }
        with self._properties.open("a") as file:
            file.writelines(f"{key}={value}\n" for key, value in properties.items())


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed certificates: the broker's by Java's keytool, the client's by openssl where it is there."""
    folder = tmp_path_factory.mktemp("pems")

    def make(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    store = ("-keystore", "broker.p12", "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "broker")
    make(
        *("keytool", "-genkeypair", *store, "-keyalg", "RSA", "-validity", "2", "-dname", "CN=broker"),
        *("-ext", f"san=ip:{HOST}", "-ext", "bc=ca:true"),
    )
    make("keytool", "-exportcert", *store, "-rfc", "-file", "ca.pem")
    if MUTUAL:
        make(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=client"),
            *("-passout", f"pass:{PASSWORD}", "-keyout", "client.key", "-out", "client.crt"),
        )
    (folder / "password").write_text(f"{PASSWORD}\n")
    return folder


@pytest.fixture(scope="module")
def secure(pems: Path) -> Iterator[SecureBroker]:
    SecureBroker.pems = pems
    with SecureBroker(CACHE_DIR) as broker:
        with admin_client(broker.bootstrap) as client:
            apply(client, load_registry())
            for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
                client.alter_user_scram_credentials(
                    [UserScramCredentialUpsertion(USER, mechanism, PASSWORD, iterations=4096)]
                )
        yield broker


def variables(broker: SecureBroker, pems: Path, folder: Path, mechanism: str) -> dict[str, str]:
    client = {
        "EXPORTWATCH_SSL_CERTFILE": str(pems / "client.crt"),
        "EXPORTWATCH_SSL_KEYFILE": str(pems / "client.key"),
        "EXPORTWATCH_SSL_KEY_PASSWORD_FILE": str(pems / "password"),
    }
    secure = {
        "EXPORTWATCH_BOOTSTRAP_SERVERS": f"{HOST}:{broker.secure_port}",
        "EXPORTWATCH_SECURITY_PROTOCOL": "SASL_SSL",
        "EXPORTWATCH_SASL_MECHANISM": mechanism,
        "EXPORTWATCH_SASL_USERNAME": USER,
        "EXPORTWATCH_SASL_PASSWORD_FILE": str(pems / "password"),
        "EXPORTWATCH_SSL_CAFILE": str(pems / "ca.pem"),
        "EXPORTWATCH_OPS_PORT": "0",
        "EXPORTWATCH_DATADIR": str(folder),
        "EXPORTWATCH_GROUP_PREFIX": f"secure-{mechanism}",
    }
    return os.environ | secure | (client if MUTUAL else {})


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exportwatch", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_every_client_comes_in_with_the_same_settings(
    secure: SecureBroker, pems: Path, tmp_path: Path, mechanism: str
) -> None:
    environment = variables(secure, pems, tmp_path, mechanism)
    by_kafka_python = run(environment, "config", "check")
    assert (by_kafka_python.returncode, by_kafka_python.stderr) == (0, "")
    by_aiokafka = run(environment, "control", "check")
    assert (by_aiokafka.returncode, by_aiokafka.stderr) == (0, "")


def test_a_worker_screens_over_it(secure: SecureBroker, pems: Path, tmp_path: Path) -> None:
    environment = variables(secure, pems, tmp_path, "SCRAM-SHA-512")
    asyncio.run(publish(secure.bootstrap, b"not JSON"))
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "exportwatch", "run", "screening"], env=environment, stderr=log
        )
    try:
        wait_until_ready(tmp_path / "ops" / "screening-0.json", worker)
        deadline = time.monotonic() + 90
        while run(environment, "reconcile", "--grace", "0").returncode != 0:
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(90) == 0
    assert PASSWORD not in (tmp_path / "log").read_text()


async def publish(bootstrap: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(SHIPMENTS, value)


def wait_until_ready(port_file: Path, worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and worker.poll() is None:
        try:
            url = json.loads(port_file.read_text())["url"]
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the worker did not become ready")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORTWATCH_SASL_USERNAME", "somebody"),
        pytest.param(
            *("EXPORTWATCH_SSL_KEY_PASSWORD_FILE", ""),
            marks=pytest.mark.skipif(not MUTUAL, reason="openssl is not there"),
        ),
        ("EXPORTWATCH_SECURITY_PROTOCOL", "PLAINTEXT"),
    ],
)
def test_settings_that_do_not_open_the_door_are_the_operators_error(
    secure: SecureBroker, pems: Path, tmp_path: Path, name: str, value: str
) -> None:
    done = run(variables(secure, pems, tmp_path, "PLAIN") | {name: value}, "config", "check")
    assert done.returncode == 2
    assert done.stderr.startswith("exportwatch: ")
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr
