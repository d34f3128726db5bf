"""Log lines: JSON, one each, and nothing of a record in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from exportwatch.errors import ConfigError
from exportwatch.streaming import logs

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
