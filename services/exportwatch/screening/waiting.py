"""Applications that wait for the authority: what a decision says of one, and the list of all on a day.

Pure: licence events and days in, sentences and rows out. The limits are those of ``law.clock``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from exportwatch.law.clock import FIRST_YEAR, LAST_YEAR, Deadline, WorkingDays, deadline, working_days
from exportwatch.screening.licenses import Cover, Licenses
from exportwatch_events.catalogue import LicenseState, LicenseType

_HEAD = ("license", "type", "applied on", "age", "limit", "due", "state")
_MOST_OF_A_NUMBER = 20


def pending(cover: Cover, on: date) -> tuple[str, str]:
    """That a licence is applied for, and by which day the authority must decide (English, Chinese).

    ``on`` is the legal date: a function of it and of the licence event alone.
    """
    en = f"licence {cover.license_no} is applied for, not granted"
    zh = f"许可证 {cover.license_no} 尚在申请中"
    due = cover.decide_by
    if due is None:
        return en, zh
    must, by = ("must decide", "应于") if on <= due.due else ("had to decide", "本应于")
    about, near = ("about ", "约") if due.estimate else ("", "")
    limit = due.limit
    start = "acceptance, here from the application" if limit.from_acceptance else "the application"
    begin = "自受理之日起，此处自申请之日" if limit.from_acceptance else "自申请之日"
    en += (
        f"; the authority {must} by {about}{due.due} ({limit.working_days} working days from {start} of "
        f"{due.applied_on}, confidence {limit.confidence}; appraisal by experts or a watch-listed party stops the "
        "clock, which is not counted here, M-md)"
    )
    zh += (
        f"；主管机关{by}{near}{due.due}（含）前作出决定（{begin}{due.applied_on}起{limit.working_days}个工作日，{limit.confidence}；"
        "专家鉴别或者涉及关注名单主体的，时限停止计算，此处未计入，M-md）"
    )
    return en, zh


@dataclass(frozen=True, slots=True)
class Application:
    """A licence that is applied for, as of a day. ``decide_by`` None: no limit, or no day of application."""

    license_no: str
    kind: LicenseType
    applied_on: date | None
    on: date
    decide_by: Deadline | None

    @property
    def age(self) -> WorkingDays | None:
        return working_days(self.applied_on, self.on) if self.applied_on else None

    @property
    def overdue(self) -> bool:
        return self.decide_by is not None and self.on > self.decide_by.due


def applications(licenses: Licenses, on: date) -> list[Application]:
    """Every licence that stands as applied for on a day, by number."""
    return [
        Application(one.license_no, one.type, one.applied_on, on, deadline(one.type, one.applied_on))
        for one in licenses.standing(on)
        if one.status is LicenseState.APPLIED
    ]


def listed(found: list[Application], on: date) -> Iterator[str]:
    """The applications for a person, at most 100 columns."""
    yield f"applications on {on} (China), in Chinese working days"
    yield ""
    rows = [_HEAD, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
    if not found:
        yield "none"
    yield ""
    overdue = sum(one.overdue for one in found)
    yield f"{len(found)} applied for, {overdue} overdue"
    if any(_estimated(one) for one in found):
        yield f"* estimate: holidays are known for {FIRST_YEAR} to {LAST_YEAR}; outside, every weekday is counted"
    if any(one.decide_by and one.decide_by.limit.from_acceptance for one in found):
        yield "The 45 days run from the acceptance; no event states it, so they are counted from the application."
    tags = {d.limit.working_days: d.limit.confidence for d in (one.decide_by for one in found) if d}
    if tags:
        yield "confidence of the limits: " + ", ".join(
            f"{days} days {tag}" for days, tag in sorted(tags.items())
        )
    yield "Appraisal by experts and watch-listed parties stop the clock (M-md); that is not computed here."


def _row(one: Application) -> tuple[str, ...]:
    due, age = one.decide_by, one.age
    number = one.license_no
    if len(number) > _MOST_OF_A_NUMBER:
        number = number[: _MOST_OF_A_NUMBER - 3] + "..."
    return (
        number,
        one.kind.replace("_", " "),
        str(one.applied_on or "-"),
        f"{age.days}{'*' * age.estimate}" if age else "-",
        str(due.limit.working_days) if due else "-",
        f"{due.due}{'*' * due.estimate}" if due else "-",
        _state(one),
    )


def _state(one: Application) -> str:
    if one.applied_on is None:
        return "no day stated"
    if one.decide_by is None:
        return "no limit known"
    if one.on < one.decide_by.applied_on:
        return "applied later"
    if one.overdue:
        return f"overdue by {working_days(one.decide_by.due, one.on).days}"
    return f"{working_days(one.on, one.decide_by.due).days} left"


def _estimated(one: Application) -> bool:
    return bool((one.age and one.age.estimate) or (one.decide_by and one.decide_by.estimate))
