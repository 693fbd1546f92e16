"""What JavaScript's ``new Date(value)`` makes of the value of ``$$date``."""

import re
from datetime import date
from typing import Final

from migration.engine.documents.values import INVALID_DATE, JsDate, Value

_MS_MAX: Final = 8.64e15
_DAY_MS: Final = 86_400_000
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
_EPOCH: Final = date(1970, 1, 1).toordinal()

_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4}|(?!-000000)[+-][0-9]{6})"
    r"(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12][0-9]|3[01]))?)?"
    r"(?:T(?P<hour>[01][0-9]|2[0-3]|24(?=:00(?::00(?:\.0+)?)?(?:[Z+-]|\Z)))"
    r":(?P<minute>[0-5][0-9])"
    r"(?::(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?:Z|(?P<offset>[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]))?)?"
)


def date_of(value: Value) -> JsDate:
    """Return the date that NeDB reads from ``{"$$date": value}``.

    Numbers are cut toward zero, null is 1970, and what lies beyond 275 thousand years is invalid.

    Differs: of strings only the ISO forms are read, and a time without offset is UTC, since a
    datafile does not know its writer's time zone. NeDB also reads whatever else V8 takes for a
    date, and the text of an array; here these are Invalid Dates. NeDB itself only writes numbers.
    """
    if isinstance(value, (int, float)):
        return JsDate(float(int(value))) if -_MS_MAX <= value <= _MS_MAX else INVALID_DATE
    if isinstance(value, str):
        return _read_iso(value)
    if value is None:
        return JsDate(0.0)
    return value if isinstance(value, JsDate) else INVALID_DATE


def _read_iso(text: str) -> JsDate:
    match = _ISO.fullmatch(text)
    if match is None:
        return INVALID_DATE
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    time_ms = ((hour * 60 + minute) * 60 + second) * 1000 + _fraction_ms(match["fraction"] or "0")
    days = _days(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
    return date_of(days * _DAY_MS + time_ms - _offset_ms(match["offset"] or "+0000"))


def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970; the 31st of February is some day in March, as in V8."""
    # The calendar repeats, so that the years that Python's dates lack need none.
    cycle, year_of_cycle = divmod(year - 2000, _CYCLE_YEARS)
    first_of_month = date(2000 + year_of_cycle, month, 1).toordinal() - _EPOCH
    return first_of_month + day - 1 + cycle * _CYCLE_DAYS


def _fraction_ms(digits: str) -> int:
    # V8 keeps nine digits, but does not count zeros in front of them.
    divisor: int = 10 ** min(len(digits), 9)
    return int(digits.lstrip("0")[:9] or 0) * 1000 // divisor


def _offset_ms(text: str) -> int:
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return minutes * 60_000 * (-1 if text.startswith("-") else 1)
