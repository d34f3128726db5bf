"""Days, amounts and settings that all control events share. Strict: what cannot be read is refused."""

import re
from contextlib import suppress
from datetime import date, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from exportwatch_events import shapes
from exportwatch_events.documents import Identifier, moment_of

_CHINA: Final = timezone(timedelta(hours=8))  # Asia/Shanghai has had this offset all year since 1992
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOST_DIGITS: Final = 40


def legal_day(value: object) -> object:
    """The day that ``YYYY-MM-DD`` or a date-time with offset names in Asia/Shanghai; null as it is."""
    if value is None or type(value) is date:
        return value
    if isinstance(value, str):
        with suppress(ValueError):  # a thirteenth month
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        if moment := moment_of(value):
            return moment.astimezone(_CHINA).date()
    raise ValueError("a date YYYY-MM-DD, or a date-time with offset")


_DAY_SCHEMA: Final = {"type": "string", "pattern": shapes.DAY["pattern"]}
Day = Annotated[date, BeforeValidator(legal_day), WithJsonSchema(_DAY_SCHEMA)]
Amount = Annotated[Decimal, Field(max_digits=_MOST_DIGITS, allow_inf_nan=False)]


class ControlModel(BaseModel):
    """Settings of every control event: strict types, further fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Quantity(ControlModel):
    value: Amount
    unit: Identifier


class Money(ControlModel):
    amount: Amount
    currency: Identifier
