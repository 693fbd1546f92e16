"""Numbers as JavaScript holds and prints them."""

import math
from typing import Final

from migration.engine.documents.values import UNDEFINED, Value

# Up to here every whole number has a double of its own.
WHOLE_MAX: Final = 2**53

# JavaScript leaves plain digits at other powers of ten than Python does.
_PLAIN_DIGITS: Final = 21
_PLAIN_ZEROS: Final = -6


def javascript_number(number: int | float) -> int | float:
    """Return the double that JavaScript has for a number, as an int where that is exact."""
    if isinstance(number, float) or -WHOLE_MAX <= number <= WHOLE_MAX:
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def number_text(number: int | float) -> str:
    """Return JavaScript's ``String(number)``: ``1e+21``, ``1e-7``, ``NaN``, ``0`` for -0."""
    number = javascript_number(number)
    if isinstance(number, int):
        return str(int(number))
    text = repr(number)
    if text.endswith(".0"):
        return "0" if number == 0 else text[:-2]
    if "e" in text:
        return _with_exponent(text)
    return text if math.isfinite(number) else _NOT_FINITE[text]


_NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _with_exponent(text: str) -> str:
    # repr has the same shortest digits; only where the exponent appears, and its form, differ.
    mantissa, _, power = text.partition("e")
    exponent = int(power)
    if exponent >= _PLAIN_DIGITS:
        return f"{mantissa}e+{exponent}"
    if exponent < _PLAIN_ZEROS:
        return f"{mantissa}e{exponent}"
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.removeprefix("-").replace(".", "")
    if exponent > 0:
        return sign + digits.ljust(exponent + 1, "0")
    return f"{sign}0.{'0' * (-exponent - 1)}{digits}"


def identity_text(value: Value) -> str:
    """Return JavaScript's ``String(value)``, the name under which NeDB keeps a document.

    Raises:
        TypeError: the value is a date, an array or an object, which can't be an identity here.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    raise TypeError(f"a {type(value).__name__} is no identity")
