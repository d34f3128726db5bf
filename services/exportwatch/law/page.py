"""The timelines as one HTML file that stands alone: no script, nothing fetched, fit for paper.

Pure: the same register, days and version give the same text. All text of the law is escaped.
"""

from collections.abc import Iterator
from datetime import date
from html import escape

from exportwatch.law.chart import Frame, axis, legend, patterns, picture, swatch
from exportwatch.law.model import WHOLE, Instrument, LimbStatus
from exportwatch.law.register import LawRegister
from exportwatch.law.timeline import Scale

_STYLE = """
:root { color-scheme: light; }
body { font: 13px/1.4 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  color: #1b1b1b; background: #fff; margin: 24px auto; max-width: 1160px; padding: 0 20px;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1 { font-size: 20px; margin: 0 0 2px; } h2 { font-size: 15px; margin: 26px 0 6px; }
p { margin: 4px 0; } .quiet { color: #555; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 12px 0 6px; }
.swatch { vertical-align: -2px; }
table { border-collapse: collapse; width: 100%; }
.chart td, .chart th { padding: 0; border: 0; font-weight: normal; }
.chart tr, .changes tr { break-inside: avoid; }
svg.row { display: block; width: 100%; height: auto; }
svg text { fill: #1b1b1b; font-size: 11px; } svg .id { font-weight: 600; font-size: 12.5px; }
svg .small { font-size: 10.5px; fill: #444; } svg .status { font-size: 11px; font-weight: 600; }
svg .head, svg .tick { fill: #555; font-size: 10.5px; }
svg text.mark { fill: #a3005c; font-weight: 600; font-size: 11.5px; }
svg path.mark { stroke: #a3005c; stroke-width: 1.6; stroke-dasharray: 5 2; fill: none; }
svg .bar { stroke: #333; stroke-width: .7; }
svg .by { font-size: 10px; paint-order: stroke; stroke: #fff; stroke-width: 3.5px; stroke-linejoin: round; }
svg .grid { stroke: #ddd; stroke-width: 1; } svg .rule { stroke: #bbb; stroke-width: 1; }
.changes th { text-align: left; border-bottom: 1.5px solid #333; padding: 3px 8px 3px 0; vertical-align: bottom; }
.changes td { border-bottom: 1px solid #ddd; padding: 3px 8px 3px 0; vertical-align: top; }
.changes .day { white-space: nowrap; } .changes .what { white-space: nowrap; }
.changes tr.now td { background: #fdeef6; } .changes tr.now .day, .changes tr.now .what { font-weight: 600; }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 11px; } }
"""


def page(register: LawRegister, scale: Scale, version: str, on: date | None = None) -> str:
    """The whole file. ``version`` says which law is drawn; ``on`` is the legal date to mark, if one is asked for."""
    return "\n".join(_lines(register, Frame(scale, on), version)) + "\n"


def _lines(register: LawRegister, frame: Frame, version: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Chinese export control over time, {escape(version)}</title>"
    yield f"<style>{_STYLE}</style>\n</head>\n<body>"
    yield patterns()
    yield "<h1>Chinese export control over time</h1>"
    yield f"<p>{escape(_about(frame, version))}</p>"
    yield f'<div class="legend">{legend()}</div>'
    yield f'<table class="chart"><thead><tr><th>{axis(frame)}</th></tr></thead><tbody>'
    for instrument in register.instruments.values():
        yield f"<tr><td>{picture(register, instrument, frame)}</td></tr>"
    yield "</tbody></table>"
    yield from _problems(register)
    yield from _changes(register, frame)
    yield from _sources(register)
    yield '<p class="quiet">Not legal advice. Days are read in Asia/Shanghai.</p>\n</body>\n</html>'


def _about(frame: Frame, version: str) -> str:
    shown = f"Law pack {version}; {frame.scale.first} to {frame.scale.last} is shown."
    if frame.on is None:
        return shown
    outside = "" if frame.mark is not None else " (outside the days shown)"
    return f"{shown} The line marks the legal date {frame.on}{outside}; its row of each limb is shaded below."


def _problems(register: LawRegister) -> Iterator[str]:
    for problem in register.problems:
        name = problem.instrument_id or "every instrument"
        yield f"<p><strong>An amendment could not be used</strong> ({escape(name)}): {escape(problem.text)}</p>"


def _changes(register: LawRegister, frame: Frame) -> Iterator[str]:
    yield "<h2>Every change and the announcement behind it</h2>"
    heads = ("instrument", "limb", "from", "to", "status", "announced by", "confirmed", "note")
    yield (
        '<table class="changes"><thead><tr>'
        + "".join(f"<th>{h}</th>" for h in heads)
        + "</tr></thead><tbody>"
    )
    for instrument in register.instruments.values():
        for limb in instrument.limbs:
            for start, end, status in register.calendar(instrument.id, limb.id).stretches():
                yield _change(register, (start, end), status, frame.on)
    yield "</tbody></table>"


def _change(
    register: LawRegister, days: tuple[date, date | None], status: LimbStatus, on: date | None
) -> str:
    start, end = days
    now = on is not None and start <= on and (end is None or on <= end)
    by = register.instrument(status.by) if status.by else None
    announced = (
        f'<span title="{escape(by.titles.en, quote=True)}">{escape(by.id)}</span>' if by else _text(status.by)
    )
    cells = (
        ("", escape(status.instrument_id)),
        ("", "whole" if status.limb == WHOLE else escape(status.limb)),
        ("day", str(start)),
        ("day", str(end or "–")),
        ("what", f"{swatch(status.status)} {status.status.replace('_', ' ')}"),
        ("what", announced),
        ("day", str(status.confirmed_at or "–")),
        ("", _text(status.note)),
    )
    row = "".join(f'<td class="{name}">{text}</td>' if name else f"<td>{text}</td>" for name, text in cells)
    return f'<tr class="now">{row}</tr>' if now else f"<tr>{row}</tr>"


def _sources(register: LawRegister) -> Iterator[str]:
    yield '<h2>Instruments and their sources</h2>\n<table class="changes"><tbody>'
    yield from (_source(instrument) for instrument in register.instruments.values())
    yield "</tbody></table>"


def _source(instrument: Instrument) -> str:
    title = f'{escape(instrument.titles.en)}<br><span lang="zh">{escape(instrument.titles.zh)}</span>'
    source = f"{escape(instrument.source.cite)} (confidence {escape(str(instrument.source.confidence))})"
    return f'<tr><td class="what">{escape(instrument.id)}</td><td>{title}</td><td>{source}</td></tr>'


def _text(value: str | None) -> str:
    return escape(value) if value else "–"
