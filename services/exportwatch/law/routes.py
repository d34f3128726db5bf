"""The routes of licences as the law limits them: longest validity, number of end users, what a route is meant for.

Read from the shared table ``license_routes``, by the type of the licence event. What is not stated does not restrict.
Source: reference domain 1.2 and 1.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exportwatch.errors import ConfigError
from exportwatch.law.fields import Fields
from exportwatch.law.located import Place
from exportwatch_events.catalogue import LicenseType

TABLE = "license_routes"
FILE = f"tables/{TABLE}.yaml"
_KEYS = ["most_years", "most_end_users", "meant_for", "source", "confidence"]


@dataclass(frozen=True, slots=True)
class LicenseRoute:
    """What the law says of one type of licence. ``most_years`` counts from the first day of validity."""

    most_years: int | None = None
    most_end_users: int | None = None
    meant_for: tuple[str, ...] = ()

    def outlasts(self, first: date, last: date) -> bool:
        """Whether a validity of these days, both included, is longer than the route allows.

        A licence that is printed as ending on the anniversary of its first day is not taken for a longer one.
        """
        return self.most_years is not None and last > _years_later(first, self.most_years)


Routes = Mapping[LicenseType, LicenseRoute]


def _years_later(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28) + timedelta(days=1)


def read_routes(table: Any, file: str = FILE) -> tuple[Routes, list[ConfigError]]:
    """The routes of a table and what is wrong with it. Every type of licence must have its line."""
    problems: list[ConfigError] = []
    fields = Fields(table, Place(file, 1, TABLE), problems)
    fields.only([kind.value for kind in LicenseType])
    return {kind: _route(fields.nested(kind.value, kind.value)) for kind in LicenseType}, problems


def license_routes(tables: Mapping[str, Any]) -> Routes:
    """The routes of a pack's tables. ``ConfigError`` for the first thing wrong with them."""
    routes, problems = read_routes(tables.get(TABLE))
    if problems:
        raise problems[0]
    return routes


def _route(fields: Fields) -> LicenseRoute:
    fields.only(_KEYS)
    for key in ("source", "confidence"):
        fields.text(key)
    return LicenseRoute(
        fields.count("most_years"),
        fields.count("most_end_users"),
        fields.texts("meant_for", required=False),
    )
