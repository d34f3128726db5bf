"""The timelines as a person sees them: in a terminal, of one instrument, and as a page that stands alone."""

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from exportwatch.commands.law import command
from exportwatch.errors import ConfigError
from exportwatch.law.load import load_pack
from exportwatch.law.model import ConfidenceLevel
from law_packs import write_pack

ON = ("--on", "2021-10-15")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack")


def run(pack: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--pack", str(pack)])


def html(pack: Path, *arguments: str) -> str:
    file = pack.parent / "timeline.html"
    result = run(pack, "timeline", "--html", str(file), *arguments)
    assert (result.exit_code, result.output) == (0, "")
    return file.read_text(encoding="utf-8")


# -- in a terminal -----------------------------------------------------------------------------------------


def test_the_drawing_reads_like_this(pack: Path) -> None:
    drawn = run(pack, "timeline", "--to", "2022-03-01", *ON).output
    assert drawn == (
        "                        2021-01   2021-03    2021-05    2021-07    2021-09    2021-11    2022-01\n"
        "                        |    |    |     |    |     |    |    |     |    |     |    |     |    |    |\n"
        "                                                                           v\n"
        "CN-2021-1               .....######################~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~???????????\n"
        "CN-2021-2 limb 1                                   #################################################\n"
        "CN-2021-2 limb 2                                   ################xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
        "                                                                           ^\n"
        "\n"
        "                        ... not yet effective   ### in force            ~~~ suspended\n"
        "                        ??? unconfirmed         xxx repealed            ooo never operated\n"
        "6 days a column, read at its last day; exact days: exportwatch law show INSTRUMENT\n"
        "\n"
        "last confirmed 2021-09-02: CN-2021-2 limb 2\n"
        "last confirmed 2021-06-01: CN-2021-1\n"
        "no day of confirmation is recorded: 1 limb\n"
        "v 2021-10-15: unconfirmed are none\n"
    )


def test_no_day_is_marked_unless_one_is_asked_for(pack: Path) -> None:
    lines = run(pack, "timeline").output.splitlines()
    assert not [line for line in lines if line.strip() in ("v", "^")]
    assert "unconfirmed are" not in "\n".join(lines)


def test_a_name_is_never_broken_over_two_lines(pack: Path) -> None:
    drawn = CliRunner().invoke(command, ["timeline", "--on", "2026-11-24"]).output
    assert max(map(len, drawn.splitlines())) <= 100
    named = drawn[drawn.index("unconfirmed are ") :]
    assert not re.search(r"(?:-|limb)$", named, re.MULTILINE)


def test_an_instrument_tells_when_each_limb_was_last_confirmed(pack: Path) -> None:
    told = run(pack, "show", "CN-2021-2", *ON).output
    assert (
        "  limb 1: paragraph 1\n"
        "    last confirmed: no day is recorded\n"
        "  > 2021-06-01 onwards        in force\n"
        "\n"
        "  limb 2: paragraph 2\n"
        "    last confirmed: 2021-09-02\n"
        "    2021-06-01 to 2021-08-31  in force\n"
        "  > 2021-09-01 onwards        repealed           confirmed 2021-09-02\n"
    ) in told


def test_the_table_of_a_day_has_a_column_for_the_last_confirmation(pack: Path) -> None:
    head, *rows = run(pack, "show", *ON).output.splitlines()[2:]
    column = head.index("confirmed ")
    assert [row[column : column + 10].strip() for row in rows] == ["2021-06-01", "-", "2021-09-02"]


# -- as a page ---------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Every tag and attribute of a page, and whether each tag is closed by its own."""

    VOID = ("meta", "br", "rect", "path", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def pictures(text: str) -> list[ElementTree.Element]:
    # Our own file, made a moment ago.
    return [ElementTree.fromstring(svg) for svg in re.findall(r'<svg class="row".*?</svg>', text)]


def test_the_page_stands_alone_without_script_or_anything_fetched(pack: Path) -> None:
    text = html(pack, *ON)
    reader = read(text)
    assert not {"script", "link", "img", "iframe", "image", "use", "object"} & set(reader.tags)
    assert not [v for n, v in reader.values if n in ("href", "src", "xlink:href") or n.startswith("on")]
    assert not re.search(r"https?:|//|@import|url\((?!#)", text)


def test_the_same_law_gives_the_same_page(pack: Path) -> None:
    assert html(pack, *ON) == html(pack, *ON)


def test_each_limb_has_its_bars_in_order_with_the_pattern_of_each_status(pack: Path) -> None:
    axis, first, second = pictures(html(pack, *ON))
    fills = [[rect.get("fill") for rect in svg.iter("rect")] for svg in (first, second)]
    assert fills == [
        ["url(#p-not-yet-effective)", "url(#p-in-force)", "url(#p-suspended)", *["url(#p-unconfirmed)"] * 2],
        ["url(#p-in-force)", "url(#p-in-force)", "url(#p-repealed)"],
    ]
    bars = [(float(r.get("x", "")), float(r.get("width", ""))) for r in first.iter("rect")]
    for (x, width), (following, _) in pairwise(bars):
        assert abs(x + width - following) < 0.2
    assert "2021-07" in "".join(axis.itertext())


def test_every_status_has_a_pattern_of_its_own(pack: Path) -> None:
    text = html(pack)
    patterns = dict(re.findall(r'<pattern id="p-([a-z-]+)"[^>]*>(.*?)</pattern>', text))
    assert list(patterns) == [
        "not-yet-effective", "in-force", "suspended", "unconfirmed", "repealed", "never-operated"
    ]  # fmt: skip
    strokes = [re.sub(r'(?:fill|stroke)="[^"]*"', "", tile) for tile in patterns.values()]
    assert len(set(strokes)) == len(strokes)


def test_the_legal_date_is_marked_in_every_picture_only_where_it_is_asked_for(pack: Path) -> None:
    for arguments, marks in ((ON, 1), ((), 0), (("--on", "2035-01-01"), 0)):
        text = html(pack, *arguments)
        assert [len(svg.findall("path[@class='mark']")) for svg in pictures(text)] == [marks] * 3
    assert "legal date 2035-01-01 (outside the days shown)" in text
    marked = html(pack, *ON)
    assert "legal date 2021-10-15" in marked
    statuses = [
        "".join(t.itertext()) for svg in pictures(marked) for t in svg.findall("text[@class='status']")
    ]
    assert statuses == ["suspended", "in force", "repealed"]
    assert len(re.findall('<tr class="now">', marked)) == 3


def test_the_page_names_the_announcement_and_the_confirmation_of_each_change(pack: Path) -> None:
    text = html(pack, *ON)
    (row,) = re.findall(
        r"<tr[^>]*>(?:(?!</tr>).)*2021-06-01</td>(?:(?!</tr>).)*suspended(?:(?!</tr>).)*</tr>", text
    )
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
    assert cells[:7] == [
        "CN-2021-1",
        "whole",
        "2021-06-01",
        "2021-12-30",
        "suspended",
        "CN-2021-2",
        "2021-06-01",
    ]
    _, first, second = pictures(text)
    assert "CN-2021-2" in [t.text for t in first.findall("text[@class='by']")]
    confirmed = [t.text for svg in (first, second) for t in svg.findall("text[@class='small']")]
    assert [t for t in confirmed if t in ("not recorded", "2021-06-01", "2021-09-02")] == [
        "2021-06-01", "not recorded", "2021-09-02"
    ]  # fmt: skip


def test_text_of_the_law_is_escaped(pack: Path) -> None:
    text = html(pack)
    assert "<of one" not in text
    assert "Two paragraphs &lt;of one &amp; another&gt;" in text


def test_labels_of_the_axis_do_not_overlap(pack: Path) -> None:
    for days in (
        (),
        ("--from", "2021-01-01", "--to", "2021-03-01"),
        ("--from", "2010-01-01"),
        ("--to", "2090-01-01"),
    ):
        axis = pictures(html(pack, *days))[0]
        ticks = [(float(t.get("x", "")), t.text or "") for t in axis.findall("text[@class='tick']")]
        assert ticks
        for (x, label), (following, _) in pairwise(ticks):
            assert x + 6 * len(label) <= following
        gaps = [following - x for (x, _), (following, _) in pairwise(ticks)]
        assert not gaps or max(gaps) < 1.2 * min(gaps)


def test_a_page_that_cannot_be_written_is_an_error_that_names_the_file(pack: Path) -> None:
    result = run(pack, "timeline", "--html", str(pack / "absent" / "t.html"))
    assert isinstance(result.exception, ConfigError)
    assert "t.html: cannot be written" in str(result.exception)


@pytest.mark.parametrize(
    "days",
    [
        ("--to", "9999-12-31"),
        ("--from", "0001-01-01"),
        ("--from", "9999-12-20"),
        ("--from", "9999-12-30", "--to", "9999-12-31", "--on", "9999-12-31"),
    ],
)
def test_any_days_of_the_calendar_can_be_drawn(pack: Path, days: tuple[str, ...]) -> None:
    lines = run(pack, "timeline", *days).output.splitlines()
    assert len(lines) > 9
    assert max(map(len, lines)) <= 100
    assert len(pictures(html(pack, *days))) == 3


def test_an_end_in_the_last_year_of_the_calendar_does_not_stretch_the_drawing(tmp_path: Path) -> None:
    open_end = write_pack(
        tmp_path / "open", {'until: "2021-12-31"': 'until: "9999-12-31", until_inclusive: true'}
    )
    assert "2021-09" in run(open_end, "timeline").output.splitlines()[0]


# -- the days of confirmation that come with exportwatch ---------------------------------------------------

CHECKED = date(
    2026, 11, 23
)  # the day on which the reference for the packaged law was written from stored copies


def test_a_packaged_day_of_confirmation_is_the_day_of_the_check_and_lies_in_what_it_confirms() -> None:
    statements = [
        (instrument, interval)
        for instrument in load_pack().instruments
        for limb in instrument.limbs
        for interval in limb.timeline
        if interval.confirmed_at is not None
    ]
    assert len(statements) == 15
    for instrument, interval in statements:
        assert interval.confirmed_at == CHECKED, instrument.id
        assert interval.start <= CHECKED <= (interval.until or date.max), instrument.id
        assert instrument.source.confidence.level is ConfidenceLevel.VERIFIED, instrument.id
        assert interval.source is None, f"{instrument.id}: a statement from memory is not confirmed"


@pytest.mark.parametrize(
    ("instrument", "shown"),
    [("CN-2025-18", "2026-11-23"), ("CN-2024-46", "2026-11-23"), ("CN-2025-57", "no day is recorded"),
     ("CN-2025-61", "no day is recorded"), ("CN-DIR-2026", "no day is recorded")],
)  # fmt: skip
def test_a_suspension_that_ran_out_and_a_day_from_memory_are_not_shown_as_confirmed(
    instrument: str, shown: str
) -> None:
    told = CliRunner().invoke(command, ["show", instrument, "--on", "2026-11-24"]).output
    days = [line.strip() for line in told.splitlines() if line.startswith("    last confirmed: ")]
    assert days
    assert set(days) == {f"last confirmed: {shown}"}
    assert "not a day on which the ministry was asked" in " ".join(told.split())
