"""What an operator may set: variables of the environment, each named EXPORTWATCH_ and the field's name.

The only module that reads the environment. A variable that nothing knows is refused, because a misspelt one
would silently leave a default in force. A secret may be given by a file instead (`…_FILE`, as orchestrators
mount them) and is masked wherever settings are shown.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from exportwatch.connection import (
    Certificates,
    Credentials,
    KafkaConnection,
    SaslMechanism,
    SecurityProtocol,
)
from exportwatch.errors import ConfigError, did_you_mean
from exportwatch.setting_types import LogLevel, Port, Seconds, check_address, read_gap

PREFIX = "EXPORTWATCH_"
FILE_SUFFIX = "_FILE"
MASK = "********"


class Settings(BaseSettings):
    """Every setting, checked and frozen. Made by `load_settings`, or by keyword in tests."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    bootstrap_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Kafka brokers, host:port, separated by commas"
    )
    security_protocol: SecurityProtocol = Field(
        default=SecurityProtocol.PLAINTEXT, description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: SaslMechanism = Field(
        default=SaslMechanism.SCRAM_SHA_512, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    sasl_username: str | None = Field(default=None, description="who logs in")
    sasl_password: SecretStr | None = Field(default=None, description="or SASL_PASSWORD_FILE")
    ssl_cafile: FilePath | None = Field(
        default=None, description="PEM of the trusted authority; unset: the system's"
    )
    ssl_certfile: FilePath | None = Field(default=None, description="PEM of our certificate")
    ssl_keyfile: FilePath | None = Field(default=None, description="PEM of our key")
    ssl_key_password: SecretStr | None = Field(default=None, description="or SSL_KEY_PASSWORD_FILE")
    kafka_api_version: str | None = Field(
        default=None, pattern=r"^\d+\.\d+$", description="of a broker that does not tell it: the mock cluster"
    )
    group_prefix: str = Field(
        default="exportwatch", pattern=r"^[A-Za-z0-9._-]+$", description="consumer groups are PREFIX-SERVICE"
    )
    session_timeout_seconds: Seconds = Field(default=10, description="until a dead worker's partitions move")
    heartbeat_interval_seconds: Seconds = Field(
        default=3, description="below a third of the session, roughly"
    )
    request_timeout_seconds: Seconds = Field(default=20, description="not below the session timeout")
    commit_interval_seconds: Seconds = Field(default=0.5, description="how often offsets are committed")
    accept_gaps: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="TOPIC/PARTITION@OFFSET: records before it may be missing; by commas"
    )
    quarantine_max_records: int = Field(
        default=100, ge=1, description="more than this and more than the share pauses"
    )
    quarantine_max_share: float = Field(
        default=0.2, gt=0, le=1, description="of one input partition in the window"
    )
    quarantine_window_seconds: Seconds = Field(default=60, description="in which both are counted")
    late_window_seconds: float = Field(
        default=3600, ge=0, description="late older versions looked for; 0: producers key by document"
    )
    alerts_for_suspended: bool = Field(
        default=True, description="monitor alerts for suspended, not yet effective"
    )
    canary_interval_seconds: Seconds = Field(default=60, description="between two rounds of canary documents")
    canary_timeout_seconds: Seconds = Field(
        default=60, description="after which a canary document counts as missing"
    )
    law_pack: DirectoryPath | None = Field(
        default=None, description="folder instead of, or over, the packaged law"
    )
    cache_dir: Path = Field(
        default=Path(".cache"), description="of a local broker: Kafka's jars, its data and log"
    )
    datadir: Path = Field(
        default=Path(".cache/exportwatch"), description="port files; nothing that must be kept"
    )
    ops_host: str = Field(default="127.0.0.1", description="address of /livez, /readyz, /metrics")
    ops_port: Port = Field(
        default=9464, description="of the first worker, the next have the next; 0: any free"
    )
    worker: int = Field(
        default=0, ge=0, description="number of this worker on this machine; `run` counts them"
    )
    otel_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^@]+$",
        description="URL for OTLP spans of traced records; needs [otel]",
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("bootstrap_servers", "accept_gaps", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_addresses(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        for server in servers:
            check_address(server)
        return servers

    @field_validator("accept_gaps")
    @classmethod
    def _are_gaps(cls, gaps: tuple[str, ...]) -> tuple[str, ...]:
        for gap in gaps:
            read_gap(gap)
        return gaps

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.security_protocol.authenticates != (self.sasl_username is not None):
            raise ValueError("a SASL protocol and SASL_USERNAME go together")
        if (self.sasl_username is None) != (self.sasl_password is None):
            raise ValueError("SASL_USERNAME and SASL_PASSWORD go together")
        if not self.security_protocol.encrypts and (self.ssl_cafile or self.ssl_certfile or self.ssl_keyfile):
            raise ValueError("SSL_ files need SECURITY_PROTOCOL SSL or SASL_SSL")
        if self.ssl_keyfile and not self.ssl_certfile:
            raise ValueError("SSL_KEYFILE needs SSL_CERTFILE")
        if self.heartbeat_interval_seconds >= self.session_timeout_seconds:
            raise ValueError("HEARTBEAT_INTERVAL_SECONDS must be below SESSION_TIMEOUT_SECONDS")
        if self.request_timeout_seconds < self.session_timeout_seconds:
            raise ValueError("REQUEST_TIMEOUT_SECONDS must not be below SESSION_TIMEOUT_SECONDS")
        return self

    @property
    def kafka(self) -> KafkaConnection:
        """Client arguments for the cluster. ConfigError where no broker is set."""
        if not self.bootstrap_servers:
            raise ConfigError(
                "no Kafka broker is set",
                file="environment",
                key=variable("bootstrap_servers"),
                expected="host:port[,host:port…]",
                hint="`exportwatch broker` runs one on this machine",
            )
        credentials = None
        if self.sasl_username is not None and self.sasl_password is not None:
            credentials = Credentials(
                self.sasl_mechanism, self.sasl_username, self.sasl_password.get_secret_value()
            )
        password = self.ssl_key_password.get_secret_value() if self.ssl_key_password else None
        files = Certificates(self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile, password)
        version = tuple(map(int, self.kafka_api_version.split("."))) if self.kafka_api_version else None
        return KafkaConnection(self.bootstrap_servers, self.security_protocol, credentials, files, version)

    @property
    def accepted_gaps(self) -> Mapping[tuple[str, int], int]:
        """Topic and partition to the offset before which records may be missing."""
        return {(topic, partition): offset for topic, partition, offset in map(read_gap, self.accept_gaps)}

    @property
    def worker_ops_port(self) -> int:
        """Where this worker's ops port listens; 0: any free port."""
        return self.ops_port + self.worker if self.ops_port else 0

    def port_file(self, service: str) -> Path:
        """Where this worker writes the address of its ops port (`url`, `pid`) while it is open."""
        return self.datadir / "ops" / f"{service}-{self.worker}.json"

    def group(self, service: str) -> str:
        """The consumer group of a service."""
        return f"{self.group_prefix}-{service}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets whose variable names a file: its text without the last line end."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(variable(field_name) + FILE_SUFFIX)
        if field_name not in SECRETS or not path:
            return None, field_name, False
        return read_secret(field_name, Path(path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = ((name, self.get_field_value(None, name)[0]) for name in SECRETS)
        return {name: value for name, value in found if value is not None}


def load_settings() -> Settings:
    """The settings of this process. Raises ConfigError with the variable, what was found and expected."""
    refuse_unknown(os.environ)
    try:
        return Settings()
    except ValidationError as wrong:
        raise complaint(wrong) from None


def child_environment(**fields: str) -> dict[str, str]:
    """The environment of this process with these fields set, for a child that reads them as settings."""
    return dict(os.environ) | {variable(name): value for name, value in fields.items()}


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


def known_variables() -> tuple[str, ...]:
    """Every variable that may be set, the files of secrets included."""
    return tuple(map(variable, Settings.model_fields)) + tuple(
        variable(name) + FILE_SUFFIX for name in SECRETS
    )


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raises ConfigError for the first EXPORTWATCH_ variable that means nothing, or a secret given twice."""
    known = known_variables()
    given = {name.upper() for name, value in environment.items() if value}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            hint = did_you_mean(name, known) or "`exportwatch config show` lists them"
            raise ConfigError("this variable is not known", file="environment", key=name, hint=hint)
        if name.endswith(FILE_SUFFIX) and name.startswith(PREFIX) and name.removesuffix(FILE_SUFFIX) in given:
            raise ConfigError(
                f"given twice, here and in {name.removesuffix(FILE_SUFFIX)}",
                file="environment",
                key=name,
                expected="one of the two",
            )


def read_secret(name: str, path: Path) -> str:
    try:
        text = path.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as broken:
        raise ConfigError(
            f"the file cannot be read: {type(broken).__name__}",
            file="environment",
            key=variable(name) + FILE_SUFFIX,
            found=str(path),
            expected="a readable file that holds the secret and nothing else",
        ) from broken
    if not text:
        raise ConfigError("the file is empty", file=str(path), key=variable(name) + FILE_SUFFIX)
    return text


def complaint(wrong: ValidationError) -> ConfigError:
    """The first error as an operator reads it; the value of a secret is not in it."""
    error = wrong.errors()[0]
    expected = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if not error["loc"]:
        return ConfigError(
            "the settings contradict each other", file="environment", key=f"{PREFIX}*", expected=expected
        )
    name = str(error["loc"][0])
    found = MASK if name in SECRETS else repr(error["input"])
    return ConfigError(
        "the value cannot be used", file="environment", key=variable(name), found=found, expected=expected
    )


SECRETS = tuple(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))
