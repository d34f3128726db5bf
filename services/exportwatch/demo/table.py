"""Open alerts as a table for a person: worst first, one row an alert, no wider than the terminal.

Pure: alerts as they are on their topic in, text out. Chinese takes two columns a character, so widths are
counted by what is seen and not by length.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

Alert = Mapping[str, Any]

CLEARED = "cleared"
GAP = "  "
UNBROKEN = "\N{NO-BREAK SPACE}"
LINES_OF_A_CELL = 3
SMALLEST_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    share: int
    """Columns of text, or parts of what is left where `elastic`."""
    elastic: bool = False


COLUMNS = (
    Column("SEV", 3),
    Column("DOCUMENT", 13),
    Column("ITEM", 4),
    Column("WHAT IT IS", 4, elastic=True),
    Column("LAW", 21),
    Column("RESULT", 10),
    Column("ADVICE", 9),
    Column("MISSING", 3, elastic=True),
)


def open_alerts(alerts: Iterable[Alert]) -> list[Alert]:
    """Those that a person must see, worst first."""
    still_open = [alert for alert in alerts if alert["change"]["kind"] != CLEARED]
    return sorted(still_open, key=lambda alert: (-alert["severity"], alert["document"]["id"], row_of(alert)))


def table(alerts: Sequence[Alert], width: int) -> str:
    """The alerts in the order given, under a heading, in lines of at most `width` columns."""
    widths = widths_within(max(width, SMALLEST_WIDTH))
    heading = line([column.title for column in COLUMNS], widths)
    rule = GAP.join("─" * size for size in widths)
    rows: list[str] = []
    for _, alike in groupby(alerts, lambda alert: alert["severity"]):
        rows += ["", *(text for alert in alike for text in lines_of(row_of(alert), widths))]
    return "\n".join([heading, rule, *rows[1:]])


def widths_within(width: int) -> list[int]:
    fixed = sum(column.share for column in COLUMNS if not column.elastic) + len(GAP) * (len(COLUMNS) - 1)
    parts = sum(column.share for column in COLUMNS if column.elastic)
    return [(width - fixed) * column.share // parts if column.elastic else column.share for column in COLUMNS]


def row_of(alert: Alert) -> tuple[str, ...]:
    document = alert["document"]
    return (
        str(alert["severity"]),
        f"{document['id']} v{document['version']}",
        "" if alert["item"] is None else str(alert["item"]["item_id"]),
        what(alert),
        law(alert),
        str(alert["result"]).replace("_", " "),
        str(alert["hold_advice"]).replace("_", " "),
        missing(alert),
    )


def what(alert: Alert) -> str:
    """The item's description; the first reason where the alert is the document's."""
    if alert["item"] is not None:
        return str(alert["item"]["description"] or "")
    return next((str(reason["text"]["en"]) for reason in alert["reasons"]), "")


def law(alert: Alert) -> str:
    """What is controlled by which instrument, and how that stands on the day that decides."""
    if alert["item"] is None:
        return str(alert["family"]).replace("_", " ")
    standing = next((str(status["status"]).replace("_", UNBROKEN) for status in alert["law"]), "")
    code, instrument = alert["control_code"] or "", alert["instrument_id"] or ""
    named = code if code.startswith(instrument) else f"{code} {instrument}"
    return f"{named or instrument} {standing}".strip()


def missing(alert: Alert) -> str:
    """The license that does not cover, then the facts that nobody stated."""
    wanted: list[str] = []
    license_ = alert.get("license")
    if license_ and license_["status"] not in ("covered", "not_needed"):
        mismatch = f" ({', '.join(license_['mismatch'])})" if license_["mismatch"] else ""
        wanted.append(f"{license_['type_needed']}: {license_['status']}{mismatch}".replace("_", " "))
    wanted += [str(fact["fact"]).replace("_", " ") for fact in alert["missing"]]
    return "; ".join(wanted) or "–"


def lines_of(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    folded = [fold(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, folded))
    return [line([cell[n] if n < len(cell) else "" for cell in folded], widths) for n in range(height)]


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - seen(cell)) for cell, width in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip()


def fold(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at spaces where it can be; the rest is cut off."""
    lines = [""]
    for word in pieces(text, width):
        candidate = f"{lines[-1]} {word}".strip()
        if seen(candidate) <= width:
            lines[-1] = candidate
        else:
            lines.append(word)
    if len(lines) <= LINES_OF_A_CELL:
        return lines
    last = lines[LINES_OF_A_CELL - 1]
    while seen(last) > width - 1:
        last = last[:-1]
    return [*lines[: LINES_OF_A_CELL - 1], f"{last}…"]


def pieces(text: str, width: int) -> Iterable[str]:
    """Words, those too long for a line cut: Chinese has no spaces."""
    for word in filter(None, text.split(" ")):
        start = 0
        for end in range(1, len(word) + 1):
            if seen(word[start:end]) > width:
                yield word[start : end - 1]
                start = end - 1
        yield word[start:]


def seen(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
