"""Spans of records that belong to a trace, for those who installed the extra `otel` and named a collector.

A span lasts from the start of a batch's work until all that follows from it is acknowledged, and is a child of the span
that the record names. It is told only to the collector: decisions and alerts carry the trace as it came, because an
id of ours would be a random value. Without `EXPORTWATCH_OTEL_ENDPOINT` nothing here is loaded or done.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from exportwatch.errors import ConfigError
from exportwatch.settings import Settings
from exportwatch.streaming.trace import trace_headers
from exportwatch.streaming.wire import InputRecord

Published = Callable[[], None]


class Spans(Protocol):
    def begin(self, records: Sequence[InputRecord]) -> Callable[[Published], Published]:
        """Called before the work on a batch. What it returns is given what is to be called when all is acknowledged."""


class NoSpans:
    """Nobody asked for spans."""

    def begin(self, records: Sequence[InputRecord]) -> Callable[[Published], Published]:
        return _unchanged


def _unchanged(published: Published) -> Published:
    return published


class CollectedSpans:
    """Spans given to `provider`, an OpenTelemetry tracer provider, which samples as the parent says."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("exportwatch")
        self._kind = SpanKind.CONSUMER
        self._parent_of = TraceContextTextMapPropagator().extract

    def begin(self, records: Sequence[InputRecord]) -> Callable[[Published], Published]:
        began_ns = time.time_ns()
        traced = [
            (record, trace) for record in records if (trace := trace_headers(record.headers, record.value))
        ]

        def after(published: Published) -> Published:
            def tell() -> None:
                published()
                for record, trace in traced:
                    self._tell(record, dict(trace), began_ns)

            return tell if traced else published

        return after

    def _tell(self, record: InputRecord, trace: dict[str, bytes | None], began_ns: int) -> None:
        """No payload: where the record stands, and nothing of it."""
        carrier = {name: (value or b"").decode() for name, value in trace.items()}
        span = self._tracer.start_span(
            f"process {record.topic}",
            context=self._parent_of(carrier),
            kind=self._kind,
            start_time=began_ns,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.destination.name": record.topic,
                "messaging.destination.partition.id": str(record.partition),
                "messaging.kafka.offset": record.offset,
            },
        )
        span.end(time.time_ns())


def spans_of(settings: Settings, service: str) -> Spans:
    """Those that the settings ask for. ConfigError where the extra is not installed."""
    if settings.otel_endpoint is None:
        return NoSpans()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise ConfigError(
            "a collector is named, but OpenTelemetry is not installed",
            file="environment",
            key="EXPORTWATCH_OTEL_ENDPOINT",
            hint="install exportwatch[otel]",
        ) from missing
    provider = TracerProvider(resource=Resource.create({"service.name": f"exportwatch-{service}"}))
    # In a thread of its own, with a bounded queue: a collector that is slow or away costs spans and nothing else.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otel_endpoint)))
    return CollectedSpans(provider)
