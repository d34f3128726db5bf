"""How to reach Kafka, said once and handed to each client in its own words (Faust, aiokafka, kafka-python).

`settings` builds it; nothing else does outside tests. It knows no topic and no service.
"""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from exportwatch.errors import ConfigError


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def encrypts(self) -> bool:
        return self in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)

    @property
    def authenticates(self) -> bool:
        return self in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)


class SaslMechanism(StrEnum):
    """Those that all three clients speak with a name and a password."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Credentials:
    mechanism: SaslMechanism
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: whom we trust (None: the system's authorities) and, where asked for, who we are."""

    cafile: Path | None = None
    certfile: Path | None = None
    keyfile: Path | None = None
    key_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Client arguments for one cluster. `servers` are `host:port`.

    `api_version` is for kafka-python alone, which else asks the broker; aiokafka finds out by itself.
    """

    servers: tuple[str, ...]
    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    credentials: Credentials | None = None
    certificates: Certificates = Certificates()
    api_version: tuple[int, ...] | None = None

    def for_faust(self) -> dict[str, Any]:
        """Keyword arguments of `faust.App`: the brokers and, where the protocol has any, the credentials."""
        from faust.auth import SASLCredentials, SSLCredentials
        from yarl import URL

        arguments: dict[str, Any] = {"broker": [URL(f"kafka://{server}") for server in self.servers]}
        context = self.ssl_context()
        if self.credentials is not None:
            arguments["broker_credentials"] = SASLCredentials(
                username=self.credentials.username,
                password=self.credentials.password,
                mechanism=self.credentials.mechanism.value,
                ssl_context=context,
            )
        elif context is not None:
            arguments["broker_credentials"] = SSLCredentials(context)
        return arguments

    def for_aiokafka(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's consumer, producer and admin client."""
        return self._plain_arguments()

    def for_kafka_python(self) -> dict[str, Any]:
        """Keyword arguments of kafka-python's consumer, producer and admin client."""
        arguments = self._plain_arguments()
        if self.api_version is not None:
            arguments["api_version"] = self.api_version
        return arguments

    def _plain_arguments(self) -> dict[str, Any]:
        # Both libraries took these names from one origin; should they part one day, callers need not know.
        arguments: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": self.protocol.value,
        }
        context = self.ssl_context()
        if context is not None:
            arguments["ssl_context"] = context
        if self.credentials is not None:
            arguments["sasl_mechanism"] = self.credentials.mechanism.value
            arguments["sasl_plain_username"] = self.credentials.username
            arguments["sasl_plain_password"] = self.credentials.password
        return arguments

    def ssl_context(self) -> ssl.SSLContext | None:
        """The verifying TLS context; None where nothing is encrypted. ConfigError for unusable files."""
        if not self.protocol.encrypts:
            return None
        files = self.certificates
        try:
            context = ssl.create_default_context(cafile=files.cafile)
            if files.certfile is not None:
                # Without a password OpenSSL would ask for one on the terminal.
                context.load_cert_chain(files.certfile, files.keyfile, files.key_password or "")
        except (ssl.SSLError, OSError) as broken:
            named = ", ".join(str(path) for path in (files.cafile, files.certfile, files.keyfile) if path)
            raise ConfigError(
                f"the TLS files cannot be used: {broken}",
                file=named or None,
                key="EXPORTWATCH_SSL_*",
                expected="PEM files that belong together, and the key's password where it has one",
            ) from broken
        return context
