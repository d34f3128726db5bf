"""Spans of traced records, read from OpenTelemetry's in-memory exporter (the extra `otel`, which the lock installs)."""

import sys
from importlib import import_module
from typing import Any

import pytest

from exportwatch.errors import ConfigError
from exportwatch.settings import Settings
from exportwatch.streaming.spans import CollectedSpans, NoSpans, spans_of
from exportwatch.streaming.wire import InputRecord
from exportwatch_events.catalogue import SHIPMENTS

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = (f"00-{TRACE_ID}-{SPAN_ID}-{flags}".encode() for flags in ("01", "00"))
PAYLOAD = b'{"name": "Example Magnet Trading Co., Ltd."}'


def record(offset: int, *headers: tuple[str, bytes]) -> InputRecord:
    return InputRecord(SHIPMENTS, 3, offset, 0, b"key", PAYLOAD, headers)


class Told:
    """Calls in their order: the stage's own `published`, and spans that ended."""

    def __init__(self) -> None:
        export = import_module("opentelemetry.sdk.trace.export.in_memory_span_exporter")
        trace = import_module("opentelemetry.sdk.trace")
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor

        self.exporter = export.InMemorySpanExporter()
        provider = trace.TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.spans = CollectedSpans(provider)

    @property
    def finished(self) -> list[Any]:
        return list(self.exporter.get_finished_spans())


def test_a_traced_record_has_a_span_below_the_one_that_it_names() -> None:
    told = Told()
    published = told.spans.begin([record(7, ("traceparent", SAMPLED), ("tracestate", b"a=1"))])(lambda: None)
    published()
    [span] = told.finished
    assert span.name == f"process {SHIPMENTS}"
    assert f"{span.context.trace_id:032x}" == TRACE_ID
    assert f"{span.parent.span_id:016x}" == SPAN_ID
    assert span.context.trace_state.to_header() == "a=1"
    assert span.start_time <= span.end_time
    assert dict(span.attributes) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.destination.name": SHIPMENTS,
        "messaging.destination.partition.id": "3",
        "messaging.kafka.offset": 7,
    }


def test_spans_end_when_all_is_acknowledged_and_not_before() -> None:
    told, seen = Told(), []
    published = told.spans.begin([record(7, ("traceparent", SAMPLED))])(
        lambda: seen.append(len(told.finished))
    )
    assert told.finished == []
    published()
    assert (seen, len(told.finished)) == ([0], 1)


def test_records_without_a_trace_or_not_sampled_by_their_producer_have_none() -> None:
    told, calls = Told(), []
    batch = [record(1), record(2, ("traceparent", UNSAMPLED)), record(3, ("traceparent", b"nonsense"))]
    told.spans.begin(batch)(lambda: calls.append(1))()
    assert (told.finished, calls) == ([], [1])


def test_without_an_endpoint_nothing_is_loaded_and_nothing_is_wrapped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    spans = spans_of(Settings(), "screening")
    assert isinstance(spans, NoSpans)

    def published() -> None:
        pass

    assert spans.begin([record(1, ("traceparent", SAMPLED))])(published) is published


def test_an_endpoint_without_the_extra_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    for name in [name for name in sys.modules if name.startswith("opentelemetry.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"install exportwatch\[otel\]"):
        spans_of(Settings(otel_endpoint="http://collector.invalid/v1/traces"), "screening")
