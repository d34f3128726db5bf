"""A dossier as one HTML page for the case file: style and drawings inside, no script, no reference to anything else.

Texts come from an ERP and from anyone who fills it: all are escaped, and characters that would reorder or hide
what stands beside them are shown by their code. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from exportwatch.screening.dossier import Dossier, ItemDossier, LawLine, Row
from exportwatch.screening.dossier_timeline import timeline_svg
from exportwatch.screening.wording import HOLDS, RESULTS

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{color-scheme:light}
body{font:14px/1.45 system-ui,"Noto Sans","Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#111;background:#fff;
 max-width:60rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.35rem;margin:0 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:1.6rem 0 .3rem;border-top:2px solid #33475b;padding-top:.6rem;overflow-wrap:anywhere}
h3{font-size:.95rem;margin:1rem 0 .25rem;color:#33475b}
table{border-collapse:collapse;width:100%;margin:.2rem 0}
th,td{border:1px solid #c8d0d8;padding:.25rem .45rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;
 unicode-bidi:isolate}
th{background:#eef2f6;font-weight:600}thead th,td.narrow{white-space:nowrap}
table.facts th{width:11rem;background:none;border-color:#e3e8ed;font-weight:500;color:#33475b}
table.facts td{border-color:#e3e8ed}
code{font:12px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
ol,ul{margin:.2rem 0 .2rem 1.3rem;padding:0}
.answer{font-size:1.1rem;font-weight:600;border-left:6px solid #777;background:#f5f7f9;padding:.5rem .8rem;
 margin:.5rem 0;overflow-wrap:anywhere}
.prohibited,.license_required{border-color:#b00020}.review{border-color:#b58900}
.suspended,.not_yet_effective{border-color:#5b7fa6}.not_required{border-color:#2e7d32}
.small{color:#444;font-size:.85rem}
svg{width:100%;height:auto;font-family:inherit}
@media print{@page{size:A4;margin:14mm}body{max-width:none;margin:0;padding:0;font-size:10.5pt}
 *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
 tr,svg,.answer{break-inside:avoid}h2,h3{break-after:avoid}article+article{break-before:page}}
</style></head><body>
"""
_TAG = re.compile(r"\b(V|M-hi|M-md|M-lo|INF)\b")
_TAGS = {
    "V": "seen in a stored source",
    "M-hi": "from memory, high confidence",
    "M-md": "from memory, medium confidence",
    "M-lo": "from memory, low confidence",
    "INF": "inferred from verified text; counsel has to confirm it",
}
_REFERENCE = re.compile(r"\bS\d+\b")
_NARROW = 30  # letters that a narrow column may keep in one line
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def page(dossiers: Sequence[Dossier], sources: Mapping[str, str]) -> str:
    """The page. ``sources``: what each source id of the law pack (``S7``) stands for."""
    title = dossiers[0].title if len(dossiers) == 1 else f"{len(dossiers)} screening decisions"
    body = "".join(f"<article>{''.join(_document(dossier, sources))}</article>" for dossier in dossiers)
    return f"{_HEAD.replace('{title}', shown(title))}{body}</body></html>\n"


def shown(text: object) -> str:
    """Text safe to stand in the page; line breaks are kept, other control characters shown by their code."""
    return escape("".join(_visible(letter) for letter in str(text)))


def _visible(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return f"[U+{ord(letter):04X}]"


def _document(dossier: Dossier, sources: Mapping[str, str]) -> Iterator[str]:
    yield f"<h1>{shown(dossier.title)}</h1>"
    yield f'<p class="answer {dossier.result}">{shown(dossier.answer)}</p>'
    yield _facts([("result", RESULTS[dossier.result]), ("advice", HOLDS[dossier.hold]), *_dates(dossier)])
    yield _section("The document", _facts(dossier.document))
    yield _section("Parties", _table(_PARTIES, dossier.parties))
    for item in dossier.items:
        yield from _item(item, dossier)
    yield "<h2>References</h2>"
    cited = "".join(text for item in dossier.items for text in _citations(item))
    yield _section("Confidence of what is cited", _facts(_confidence(cited)))
    known = sorted(set(_REFERENCE.findall(cited)) & set(sources), key=lambda name: int(name[1:]))
    yield _section("Sources", _facts([(name, sources[name]) for name in known]))
    yield _section("What the decision was made with", _facts(dossier.reference, code=True))
    yield '<p class="small">This is a screening result, not legal advice. The same record under the same digests '
    yield "gives the same decision.</p>"


def _dates(dossier: Dossier) -> Iterator[Row]:
    if dossier.legal_date:
        yield "legal date", f"{dossier.legal_date} (Asia/Shanghai): the day of export decides"
    if dossier.reassess_on:
        yield "look again", f"{dossier.reassess_on}: the law or a licence changes"


def _item(item: ItemDossier, dossier: Dossier) -> Iterator[str]:
    on = dossier.legal_date
    yield f"<h2>Item {shown(item.item_id)}: {shown(item.description[:300])}</h2>"
    if item.answer != dossier.answer:
        yield f'<p class="answer {item.result}">{shown(item.answer)}</p>'
    yield _section("What is stated", _facts(item.stated))
    rows = [(p.path, p.value, p.says, ", ".join(p.about)) for p in item.proofs]
    yield _section("Evidence", _table(_EVIDENCE, rows))
    entries = [
        (f"{x.control_code} of {x.law}", "yes" if x.certain else "open", f"{x.en} / {x.zh}", x.source)
        for x in item.listings
    ]
    yield _section("Control entries", _table(_ENTRIES, entries))
    laws = [
        (x.law, x.status.replace("_", " "), f"{x.title_en} / {x.title_zh}", x.note, x.source)
        for x in item.laws
    ]
    yield _section(f"Law on {on}", _table(_LAWS, laws))
    if on and item.laws:
        drawing = timeline_svg(item.laws, date.fromisoformat(on))
        yield _section("Timeline", drawing + _list("ul", [_steps(law) for law in item.laws]))
    yield _section("Why", _list("ul", [_reason(reason) for reason in item.reasons]))
    yield _section("Missing, and who provides it", _table(_MISSING, item.missing))
    offered = [
        f"{shown(change)} → <b>{shown(result.replace('_', ' '))}</b>" for change, result in item.options
    ]
    yield _section("What would settle it (each was screened before it is offered)", _list("ol", offered))
    yield _section("Mind", _list("ul", [shown(flag) for flag in item.flags]))


def _citations(item: ItemDossier) -> Iterator[str]:
    yield from (f"{found.source} " for found in item.listings)
    yield from (f"{law.source} " for law in item.laws)


def _confidence(cited: str) -> list[Row]:
    used = set(_TAG.findall(cited))
    return [(tag, meaning) for tag, meaning in _TAGS.items() if tag in used]


# -- parts of a page ---------------------------------------------------------------------------------------


def _section(title: str, content: str) -> str:
    return f"<section><h3>{shown(title)}</h3>{content}</section>" if content else ""


def _facts(rows: Iterable[Row], code: bool = False) -> str:
    cells = "".join(f"<tr><th>{shown(name)}</th><td>{_cell(value, code)}</td></tr>" for name, value in rows)
    return f'<table class="facts">{cells}</table>' if cells else ""


@dataclass(frozen=True, slots=True)
class _Heads:
    """The heads of a table; ``narrow`` columns are not broken, ``code`` ones are set as code."""

    names: tuple[str, ...]
    narrow: frozenset[int] = frozenset()
    code: frozenset[int] = frozenset()


_EVIDENCE = _Heads(("place in the document", "value", "what it says", "of"), code=frozenset([0]))
_ENTRIES = _Heads(("entry", "listed", "name", "source and confidence"), narrow=frozenset([0, 1]))
_LAWS = _Heads(("instrument", "status", "title", "since", "source and confidence"), narrow=frozenset([0, 1]))
_MISSING = _Heads(("fact", "why, asked by, provided by"), narrow=frozenset([0]))
_PARTIES = _Heads(("role", "name", "country"), narrow=frozenset([0]))


def _table(heads: _Heads, rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{shown(name)}</th>" for name in heads.names)
    body = "".join(f"<tr>{''.join(_cells(heads, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(heads: _Heads, row: Sequence[str]) -> Iterator[str]:
    for column, value in enumerate(row):
        narrow = ' class="narrow"' if column in heads.narrow and len(value) <= _NARROW else ""
        yield f"<td{narrow}>{_cell(value, column in heads.code)}</td>"


def _steps(law: LawLine) -> str:
    """The timeline in words: a short stretch of the drawing has no room for its name."""
    steps = (
        f"{step.start} {step.status.replace('_', ' ')}" + (f" by {step.by}" if step.by else "")
        for step in law.steps
    )
    return f'<span class="small"><b>{shown(law.law)}</b>: {shown("; ".join(steps))}</span>'


def _reason(reason: Mapping[str, Any]) -> str:
    text = reason["text"]
    return f"{shown(text['en'])} <code>{shown(reason['code'])}</code><br>{shown(text['zh'])}"


def _cell(value: str, code: bool) -> str:
    return f"<code>{shown(value)}</code>" if code else shown(value)


def _list(kind: str, lines: Sequence[str]) -> str:
    """``lines`` are HTML already."""
    return f"<{kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{kind}>" if lines else ""
