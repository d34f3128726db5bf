"""Settings: what the environment may say, and what an operator reads when it says something else."""

import ssl
from pathlib import Path

import pytest

from exportwatch.errors import ConfigError
from exportwatch.settings import Settings, known_variables, load_settings

SASL = {
    "BOOTSTRAP_SERVERS": "kafka-1.example:9093, kafka-2.example:9093",
    "SECURITY_PROTOCOL": "SASL_SSL",
    "SASL_USERNAME": "screening",
    "SASL_PASSWORD": "correct horse",
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"EXPORTWATCH_{name}", value)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    set_all(monkeypatch, variables)
    with pytest.raises(ConfigError) as refused:
        load_settings()
    return str(refused.value)


def test_a_misspelt_variable_is_refused_and_the_right_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch, OPS_PROT="1")
    assert "EXPORTWATCH_OPS_PROT" in text
    assert 'did you mean "EXPORTWATCH_OPS_PORT"?' in text


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OPS_PORT", "http", "integer"),
        ("OPS_PORT", "70000", "65535"),
        ("BOOTSTRAP_SERVERS", "kafka://localhost:9092", "without a scheme"),
        ("BOOTSTRAP_SERVERS", "localhost", "host:port"),
        ("QUARANTINE_MAX_SHARE", "20", "less than or equal to 1"),
        ("SSL_CAFILE", "/no/such/file.pem", "file"),
        ("LOG_LEVEL", "LOUD", "'DEBUG'"),
        ("ACCEPT_GAPS", "erp.shipments.v1@12", "TOPIC/PARTITION@OFFSET"),
        ("GROUP_PREFIX", "a group", "pattern"),
    ],
)
def test_a_value_of_no_use_is_refused_with_what_was_found_and_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    text = refusal(monkeypatch, **{name: value})
    assert text.startswith(f"environment: EXPORTWATCH_{name}: ")
    assert repr(value)[1:-1] in text
    assert expected in text


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SASL_USERNAME": "a", "SASL_PASSWORD": "b"}, "SASL protocol and SASL_USERNAME"),
        ({"SECURITY_PROTOCOL": "SASL_SSL"}, "SASL protocol and SASL_USERNAME"),
        ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_USERNAME": "a"}, "SASL_PASSWORD"),
        ({"HEARTBEAT_INTERVAL_SECONDS": "10"}, "HEARTBEAT"),
        ({"SESSION_TIMEOUT_SECONDS": "30"}, "REQUEST_TIMEOUT"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    assert expected in refusal(monkeypatch, **variables)


def test_tls_files_without_a_tls_protocol_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("x")
    assert "SECURITY_PROTOCOL" in refusal(monkeypatch, SSL_CAFILE=str(file))


def test_a_secret_is_read_from_its_file_without_the_line_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(" correct horse \n")
    set_all(monkeypatch, SASL | {"SASL_PASSWORD": "", "SASL_PASSWORD_FILE": str(file)})
    arguments = load_settings().kafka.for_aiokafka()
    assert arguments["sasl_plain_password"] == " correct horse "


@pytest.mark.parametrize("content", [None, ""])
def test_a_secret_file_that_is_absent_or_empty_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    variables = {"SECURITY_PROTOCOL": "SASL_SSL", "SASL_USERNAME": "a", "SASL_PASSWORD_FILE": str(file)}
    text = refusal(monkeypatch, **variables)
    assert "EXPORTWATCH_SASL_PASSWORD_FILE" in text
    assert str(file) in text


def test_a_secret_given_twice_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch, **SASL, SASL_PASSWORD_FILE="/run/secrets/password")
    assert "given twice" in text
    assert "correct horse" not in text


def test_no_text_of_the_settings_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SASL)
    settings = load_settings()
    assert "correct horse" not in repr(settings) + str(settings) + repr(settings.kafka)


def test_one_connection_speaks_to_all_three_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SASL | {"SASL_MECHANISM": "SCRAM-SHA-256"})
    connection = load_settings().kafka
    faust = connection.for_faust()
    assert [str(url) for url in faust["broker"]] == [
        "kafka://kafka-1.example:9093",
        "kafka://kafka-2.example:9093",
    ]
    credentials = faust["broker_credentials"]
    assert (credentials.protocol.value, credentials.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-256")
    assert (credentials.username, credentials.password) == ("screening", "correct horse")
    for arguments in (connection.for_aiokafka(), connection.for_kafka_python()):
        context = arguments.pop("ssl_context")
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert arguments == {
            "bootstrap_servers": ["kafka-1.example:9093", "kafka-2.example:9093"],
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_plain_username": "screening",
            "sasl_plain_password": "correct horse",
        }


def test_certificates_that_are_none_are_the_operators_error(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")
    settings = Settings(bootstrap_servers=("a:1",), security_protocol="SSL", ssl_cafile=file)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        settings.kafka.for_faust()


def test_without_a_broker_the_settings_load_and_the_connection_is_refused() -> None:
    with pytest.raises(ConfigError, match="EXPORTWATCH_BOOTSTRAP_SERVERS"):
        _ = load_settings().kafka


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().ops_port = 1  # type: ignore[misc]


def test_accepted_gaps_name_partition_and_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"ACCEPT_GAPS": "erp.shipments.v1/3@1200,erp.contracts.v1/0@7"})
    gaps = load_settings().accepted_gaps
    assert gaps == {("erp.shipments.v1", 3): 1200, ("erp.contracts.v1", 0): 7}
