"""The values a document is made of."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias


class Undefined(Enum):
    """JavaScript's undefined: what a missing field is. An enumeration, so that copies stay it."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined.UNDEFINED


@dataclass(frozen=True, slots=True)
class JsDate:
    """A date as JavaScript holds it: whole milliseconds since 1970, NaN for an Invalid Date.

    Not a datetime, which ends at the year 9999 and begins at 1.
    """

    ms: float


INVALID_DATE: Final = JsDate(math.nan)

Value: TypeAlias = (
    bool | int | float | str | JsDate | Undefined | list["Value"] | dict[str, "Value"] | None
)
Document: TypeAlias = dict[str, Value]


def is_truthy(value: Value) -> bool:
    """Return what JavaScript's ``if`` makes of a value: empty arrays and objects are true."""
    if isinstance(value, (list, dict, JsDate)):
        return True
    if value is UNDEFINED:
        return False
    is_nan = value != value  # noqa: PLR0124 - the one value that differs from itself
    return bool(value) and not is_nan
