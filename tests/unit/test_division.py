"""Lines divided among licences: whole lines, no licence drawn on twice, and the same in whatever order they stand."""

from decimal import Decimal

from exportwatch.screening.amounts import QUANTITY, Limit, Measure
from exportwatch.screening.division import Asked, divided
from exportwatch.screening.licenses import Cover, Fit
from exportwatch_events.catalogue import LicenseStatus

KG = Measure(QUANTITY, "kg")


def fit(number: str, most: int | None) -> Fit:
    limits = () if most is None else (Limit(KG, Decimal(most)),)
    return Fit(Cover(LicenseStatus.COVERED, number), limits)


def line(item_id: str, mass: int | None, *fits: Fit, code: str = "1C905.b") -> Asked:
    numbers = frozenset(one.cover.license_no or "" for one in fits)
    return Asked(item_id, code, {} if mass is None else {KG: Decimal(mass)}, fits, numbers)


def numbers(*asked: Asked) -> dict[str, str | None]:
    return {item_id: own.cover.license_no if own else None for (item_id, _), own in divided(asked).items()}


def test_each_line_draws_on_a_licence_with_room_for_it() -> None:
    a, b = fit("A", 30), fit("B", 50)
    assert numbers(line("1", 30, a, b), line("2", 45, a, b)) == {"1": "A", "2": "B"}


def test_the_order_of_the_lines_does_not_matter() -> None:
    a, b = fit("A", 50), fit("B", 30)
    lines = [line("1", 20, a, b), line("2", 30, a, b), line("3", 25, a, b)]
    assert numbers(*lines) == numbers(*reversed(lines))


def test_a_line_without_room_draws_on_none() -> None:
    a, b = fit("A", 50), fit("B", 30)
    assert numbers(line("1", 40, a, b), line("2", 40, a, b)) == {"1": "A", "2": None}


def test_a_line_that_can_draw_on_one_licence_only_comes_first() -> None:
    a, b = fit("A", 50), fit("B", 50)
    assert numbers(line("1", 50, a, b), line("2", 10, a)) == {"1": "B", "2": "A"}


def test_a_line_draws_on_a_licence_once_for_all_its_codes() -> None:
    a = fit("A", 50)
    asked = (line("1", 50, a), line("1", 50, a, code="1C904.b"))
    assert {code: own.cover.license_no for (_, code), own in divided(asked).items() if own} == {
        "1C905.b": "A",
        "1C904.b": "A",
    }


def test_an_unlimited_licence_is_better_than_a_limit_that_nothing_is_stated_of() -> None:
    assert numbers(line("1", None, fit("A", 50), fit("B", None))) == {"1": "B"}
