"""Log lines: JSON, one each, and nothing of a record in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiokafka.errors import TopicAuthorizationFailedError
from pydantic import ValidationError

from exportwatch.errors import ConfigError
from exportwatch.streaming import logs
from exportwatch.streaming.log_line import COMMAND, SCHEMA, read_line, schema_text

PAYLOAD = "Example Magnet Trading Co., Ltd."


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure("INFO", "screening", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_are_json_with_the_same_fields(stream: io.StringIO) -> None:
    logs.logger("exportwatch.x").info("batch done", topic="erp.shipments.v1", offset=12)
    logging.getLogger("aiokafka.consumer").info("joined group %s", "g")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["topic"], ours["offset"]) == ("batch done", "erp.shipments.v1", 12)
    assert theirs["event"] == "joined group g"
    for line in (ours, theirs):
        assert line["service"] == "screening"
        assert line["level"] == "info"
        assert {"logger", "timestamp"} <= set(line)


def raise_with_payload() -> None:
    raise ValueError(PAYLOAD)


def test_an_exception_is_named_with_its_place_and_without_its_text(stream: io.StringIO) -> None:
    try:
        raise_with_payload()
    except ValueError as error:
        logs.logger("x").error("pure call failed", exc_info=error)
        logs.logger("x").exception("once more")
        logging.getLogger("mode").error("crashed: %r", error, exc_info=True)
    assert PAYLOAD not in stream.getvalue()
    found = lines(stream)
    assert len(found) == 3
    for line in found:
        assert line["error"] == "builtins.ValueError"
        assert any("raise_with_payload" in place for place in line["error_at"])  # type: ignore[attr-defined]


def test_an_operators_error_has_no_place_in_the_code(stream: io.StringIO) -> None:
    for error in (ConfigError("bad"), TopicAuthorizationFailedError("a.v1")):
        try:
            raise error
        except (ConfigError, TopicAuthorizationFailedError) as caught:
            logs.logger("x").error("start failed", exc_info=caught)
    assert ["error_at" in line for line in lines(stream)] == [False, False]


def test_the_text_of_an_operators_error_is_kept(stream: io.StringIO) -> None:
    logs.logger("x").error("start failed", exc_info=ConfigError("bad", key="EXPORTWATCH_OPS_PORT"))
    assert lines(stream)[0]["error"] == "ConfigError: EXPORTWATCH_OPS_PORT: bad"


def test_aiokafka_never_logs_at_debug(stream: io.StringIO) -> None:
    logs.configure("DEBUG", "screening", stream)
    logging.getLogger("aiokafka.consumer.fetcher").debug("fetch")
    logs.logger("exportwatch").debug("ours")
    assert [line["event"] for line in lines(stream)] == ["ours"]
    assert not logging.getLogger("aiokafka").isEnabledFor(logging.DEBUG)


def test_a_level_below_the_set_one_is_not_written(stream: io.StringIO) -> None:
    logs.configure("WARNING", "screening", stream)
    logs.logger("x").info("too quiet")
    logging.getLogger("aiokafka").info("too quiet as well")
    assert stream.getvalue() == ""


def complain(stream: io.StringIO, at: float, name: str = "aiokafka", level: int = logging.ERROR) -> int:
    """Lines after a complaint at that second."""
    root = logging.getLogger()
    record = root.makeRecord(name, level, "f.py", 1, "Unable connect to node %s", (1,), None)
    record.created = at
    root.handle(record)
    return len(lines(stream))


def test_what_a_library_repeats_is_one_line_in_ten_seconds_with_the_count_of_the_rest(
    stream: io.StringIO,
) -> None:
    assert complain(stream, 100) == 1
    assert [complain(stream, 100 + tenth / 10) for tenth in range(1, 100)] == [1] * 99
    assert complain(stream, 110) == 2
    assert lines(stream)[1]["event"] == "Unable connect to node 1 (and 99 times more before)"
    assert complain(stream, 111, name="aiokafka.conn") == 3, "another logger's is another complaint"


@pytest.mark.parametrize(("name", "level"), [("exportwatch.screening.app", 40), ("aiokafka", 20)])
def test_our_own_lines_and_what_is_no_complaint_are_all_there(
    stream: io.StringIO, name: str, level: int
) -> None:
    assert [complain(stream, 100, name, level) for _ in range(3)] == [1, 2, 3]


def test_our_loggers_go_to_debug_and_back_and_those_of_libraries_stay(stream: io.StringIO) -> None:
    logs.configure("WARNING", "screening", stream)
    ours = logs.logger("exportwatch.screening.app")
    ours.debug("too early")
    logs.toggle_debug()
    assert logs.is_debugging()
    ours.debug("while it is on")
    logging.getLogger("aiokafka").debug("a fetch")
    logging.getLogger("pint").debug("a unit")
    logs.toggle_debug()
    assert not logs.is_debugging()
    ours.debug("too late")
    ours.info("too quiet")
    assert [(line["event"], line.get("debug")) for line in lines(stream)] == [
        ("log level changed by SIGUSR1", True),
        ("while it is on", None),
        ("log level changed by SIGUSR1", False),
    ]


def test_the_committed_schema_of_log_lines_is_what_the_model_says() -> None:
    assert SCHEMA.read_text() == schema_text(), f"run `{COMMAND}` and commit the result"


def line(**changes: object) -> dict[str, object]:
    """A line as workers write it."""
    return {
        "timestamp": "2026-03-02T08:00:00.123456Z",
        "level": "info",
        "service": "screening",
        "logger": "exportwatch.screening.app",
        "event": "batch done",
        "topic": "erp.shipments.v1",
        "source": "erp.shipments.v1/3/41",
        "offset": 12,
        "error_at": ["exportwatch/screening/app.py:12 work"],
    } | changes


def test_a_line_with_ids_numbers_and_places_is_one_of_ours() -> None:
    read_line(json.dumps(line(records=5, seconds=0.2, debug=True, positions={"compliance.law.v1": 3})))


@pytest.mark.parametrize(
    "changes",
    [
        {"party": PAYLOAD},
        {"level": "loud"},
        {"service": "another"},
        {"timestamp": "yesterday"},
        {"source": PAYLOAD},
        {"topic": PAYLOAD},
        {"error_at": [PAYLOAD]},
        {"event": None},
        {"offset": "12"},
        {"positions": {"a": PAYLOAD}},
        {"exc_info": ["a"]},
    ],
)
def test_text_under_a_name_that_is_not_known_to_be_harmless_is_against_the_schema(
    changes: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        read_line(json.dumps(line(**changes)))


@pytest.mark.parametrize("text", ["", "Traceback (most recent call last):", "[]", "{}"])
def test_what_is_no_json_object_with_all_fields_is_no_line(text: str) -> None:
    with pytest.raises(ValidationError):
        read_line(text)
