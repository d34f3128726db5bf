"""Which quarantined records a command means: ids as `list` shows them, or filters."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from exportwatch.quarantine.entries import RecordId, Selection
from exportwatch_events.catalogue import CONTRACTS, DECISIONS, SHIPMENTS, ErrorCode

INPUTS = (SHIPMENTS, CONTRACTS)
AGO = re.compile(r"(\d+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Function = Callable[..., Any]


def record_id(text: str) -> RecordId:
    """A parameter type of click's."""
    try:
        return RecordId.read(text)
    except ValueError:
        problem = f'"{text}" is no id; `exportwatch quarantine list` shows them, such as 2/17'
        raise click.BadParameter(problem) from None


def moment_ms(text: str) -> int:
    """A parameter type of click's: an instant in milliseconds since 1970."""
    try:
        if ago := AGO.fullmatch(text):
            return milliseconds(datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])}))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        problem = f'"{text}" is neither a time such as 2026-03-02T08:00+08:00 nor 30m, 2h, 3d'
        raise click.BadParameter(problem) from None
    return milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


FILTERS = (
    click.option("--code", "codes", multiple=True, type=click.Choice([*ErrorCode]), help="May be repeated."),
    click.option("--topic", type=click.Choice([*INPUTS, DECISIONS]), help="Topic that the record came from."),
    click.option("--partition", type=click.IntRange(min=0), help="Partition that it came from."),
    click.option("--document", metavar="KEY", help="Key of the document, or the number in it."),
    click.option("--since", type=moment_ms, metavar="TIME", help="Quarantined since then: ISO 8601, or 2h, 3d ago."),
    click.option("--until", type=moment_ms, metavar="TIME", help="Quarantined before then."),
)  # fmt: skip


def filtered(function: Function) -> Function:
    """A command with the options that say which records are meant."""
    for option in reversed(FILTERS):
        function = option(function)
    return function


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def selection(ids: Sequence[RecordId] = (), **filters: Any) -> Selection:
    """Of the options of `FILTERS`. A usage error where ids and filters are given together."""
    found = Selection(
        frozenset(ids),
        tuple(filters["codes"]),
        filters["topic"],
        filters["partition"],
        filters["document"],
        filters["since"],
        filters["until"],
    )
    if ids and found != Selection(frozenset(ids)):
        raise click.UsageError("give ids or filters, not both")
    return found
