"""Writes what was measured: `build/bench.json`, and the tables between the markers of docs/performance.md."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from statistics import median

from contenders import CONTENDERS, MANY, OURS, ROOT
from core import FEED, NAMES, WARM
from results import FEED_OF_PEERS, LATENCY, TARGETS, Results, Target

JSON = ROOT / "build" / "bench.json"
DETAILS = ROOT / "build" / "bench-details.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- make bench writes from here -->", "<!-- to here -->"
PROFILE_LINES = 12
BUSY = 0.05


def write(results: Results) -> None:
    """Both files, and the page where it has the markers."""
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(results.summary(), indent=2) + "\n")
    DETAILS.write_text(json.dumps(asdict(results), indent=2) + "\n")


def write_page(results: Results) -> None:
    """Raises ValueError where the page lacks the markers."""
    page = PAGE.read_text()
    if BEGIN not in page or END not in page:
        raise ValueError(f"{PAGE.name} has no lines {BEGIN} and {END}")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + "\n" + "\n".join(sections(results)) + "\n" + END + after)


def sections(results: Results) -> Iterator[str]:
    yield f"\nMachine: {results.machine}; load before the start {results.load_before:.1f}."
    yield from disturbances(results)
    yield "\n### Side by side\n"
    yield from races(results)
    yield "\n### The pure core\n"
    yield from cores(results)
    yield "\n### Held against the targets\n"
    yield from targets(results)
    yield "\n### Where a warm document's time goes\n"
    yield from profile(results)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The first column is text, the others are figures."""
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def disturbances(results: Results) -> Iterator[str]:
    taken = {name: median(run.disturbance for run in runs) for name, runs in results.races.items()}
    busy = {name: share for name, share in taken.items() if share > BUSY}
    if busy:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in busy.items())
        yield f"**Others used the worker's core meanwhile** ({shares}): rates are too low, CPU figures less so."


def races(results: Results) -> Iterator[str]:
    core = results.microseconds(FEED) if results.has(FEED) else None
    rows = []
    for one in CONTENDERS:
        if one.name not in results.races:
            continue
        beside = results.microseconds(one.name) - core if core and one.documents == MANY else None
        rows.append(
            (
                f"`{one.name}`: {one.what}",
                f"{one.documents:,}",
                f"{results.rate(one.name):,.0f}",
                spread(results.rates(one.name)),
                f"{results.rate(OURS) / results.rate(one.name):.2f}" if results.has(OURS) else "",
                f"{results.microseconds(one.name):.0f}",
                "" if beside is None else f"{beside:.0f}",
            )
        )
    head = ("", "documents", "documents/s", "spread", "ours over it", "CPU µs a document", "beside the core")
    yield from table(head, rows)
    for name in sorted(set(results.failures)):
        yield f"\n`{name}` left or stood still in {results.failures.count(name)} further runs, which began anew."
    if core is not None:
        feed = results.cores[FEED][0]
        yield (
            f"\nThe core alone takes {core:.0f} µs of CPU for a document of this feed"
            f" ({feed['mean_bytes']:,.0f} bytes on average, memory empty at the start, hit rate"
            f" {feed['hit_rate']:.1%}); in the peers' environment {results.microseconds(FEED_OF_PEERS):.0f} µs."
        )


def cores(results: Results) -> Iterator[str]:
    rows = [
        (
            f"`{name}`",
            f"{results.rate(name):,.0f}",
            spread(results.rates(name)),
            f"{results.microseconds(name):.0f}",
            f"{median(one['hit_rate'] for one in results.cores[name]):.1%}",
            f"{results.cores[name][0]['entries']}",
            f"{median(one['validation_microseconds'] for one in results.cores[name]):.0f}",
        )
        for name in NAMES
        if name in results.cores
    ]
    head = ("", "documents/s", "spread", "CPU µs", "hit rate", "entries", "pydantic's validation alone, µs")
    yield from table(head, rows)


def targets(results: Results) -> Iterator[str]:
    asked = [target for target in TARGETS if results.has(*target.names)]
    if results.latencies:
        asked.append(LATENCY)
    yield from table(("", "measured", "target", "reached"), [target_row(target, results) for target in asked])
    if results.latencies:
        documents = sum(one.documents for one in results.latencies)
        p50 = median(one.p50 for one in results.latencies)
        yield (
            f"\nLatency: {documents:,} alerted documents in {len(results.latencies)} spans of the stream;"
            f" p50 {p50:.0f} ms, p99 of the spans"
            f" {', '.join(f'{one.p99:.0f}' for one in results.latencies)} ms,"
            f" the slowest {max(one.worst for one in results.latencies):.0f} ms."
        )


def target_row(target: Target, results: Results) -> Sequence[str]:
    value = target.value(results)
    shown = f"{value:,.0f}" if value >= 50 else f"{value:.2f}"
    sign = "≤" if target.at_most else "≥"
    return (
        target.what,
        f"{shown}{target.unit}",
        f"{sign} {target.bound:,g}{target.unit}",
        "yes" if target.reached(results) else "**no**",
    )


def profile(results: Results) -> Iterator[str]:
    rows = [
        (f"`{name}`", f"{share:.1%}", str(calls)) for name, share, calls in results.profile[:PROFILE_LINES]
    ]
    yield from table((f"`{WARM}` under cProfile, own time", "share", "calls a document"), rows)


def spread(rates: Sequence[float]) -> str:
    return f"{min(rates):,.0f} – {max(rates):,.0f}"
