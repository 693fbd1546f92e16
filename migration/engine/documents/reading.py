"""From JSON text to values."""

import json
import re
from typing import Any, Final, NoReturn

import orjson

from migration.engine.documents.dates import date_of
from migration.engine.documents.nesting import read_nested
from migration.engine.documents.numbers import WHOLE_MAX, javascript_number
from migration.engine.documents.values import Value
from migration.engine.errors import NotJsonError

# The quick parser makes a plain zero of it. Other hits, in strings, only cost time.
_MINUS_ZERO: Final = re.compile(rb"-0(?:[,\]} \t\n\r]|\Z)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPE_OR_SURROGATE: Final = re.compile(r"\\." "|[\ud800-\udfff]", re.DOTALL)
_EXACT_DIGITS: Final = len(str(WHOLE_MAX))


def parse(text: bytes | str) -> Value:
    """Read one line as NeDB reads it: ``JSON.parse``, then dates.

    Invalid UTF-8 becomes U+FFFD. Text that another parser would refuse is read where JavaScript
    does so: lone surrogates, numbers beyond all doubles, any depth.

    Raises:
        NotJsonError: JavaScript would refuse the text too.

    Source: @seald-io/nedb lib/model.js ``deserialize``.
    Differs: NeDB gives up at some thousand levels of nesting, depending on its stack. Objects keep
    the order of the text; JavaScript moves keys that look like integers to the front. See
    ``date_of`` for dates written as text.
    """
    try:
        raw = text if isinstance(text, bytes) else text.encode()
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return _parse_slowly(text)
    if _MINUS_ZERO.search(raw):
        return _parse_slowly(text)
    return revive(value)


def revive(value: Any) -> Value:  # noqa: ANN401 - JSON enters here
    """Put dates in the place of ``{"$$date": …}`` and doubles in the place of big integers.

    Takes what a JSON parser gives, and changes arrays and objects where they stand.

    Source: @seald-io/nedb lib/model.js, the reviver of ``deserialize``.
    """
    root = [value]
    unvisited: list[Any] = [root]
    while unvisited:
        container = unvisited.pop()
        for place, child in container.items() if type(container) is dict else enumerate(container):
            kind = type(child)
            if kind is str:
                continue
            if kind is dict:
                # Whatever else the object has vanishes, as it does in NeDB.
                if "$$date" in child:
                    container[place] = date_of(child["$$date"])
                else:
                    unvisited.append(child)
            elif kind is list:
                unvisited.append(child)
            elif kind is int and not -WHOLE_MAX <= child <= WHOLE_MAX:
                container[place] = javascript_number(child)
    return root[0]  # type: ignore[no-any-return]


def _parse_slowly(text: bytes | str) -> Value:
    string = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if _SURROGATE.search(string):
        # JavaScript would join the halves of a character even if only one of them is escaped.
        string = _ESCAPE_OR_SURROGATE.sub(_escaped, string)
    try:
        value = _decode(string)
    except ValueError as exc:
        raise NotJsonError(_reason(exc)) from None
    return revive(value)


def _decode(string: str) -> Any:  # noqa: ANN401 - JSON enters here
    try:
        return _DECODER.decode(string)
    except RecursionError:
        return read_nested(string, _DECODER)


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith("\\") else f"\\u{ord(found):04x}"


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.pos}"
    return str(error)


def _integer(digits: str) -> int | float:
    if digits == "-0":
        return -0.0
    if len(digits) > _EXACT_DIGITS + 1:
        return float(digits)
    return javascript_number(int(digits))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse_constant)
