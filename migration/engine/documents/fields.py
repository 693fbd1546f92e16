"""Names of fields: their order, those that NeDB refuses, and where a dotted one leads."""

import re
from collections.abc import Iterator
from typing import Final

from migration.engine.documents.values import UNDEFINED, Document, Value, is_truthy

_ARRAY_INDEX: Final = re.compile("0|[1-9][0-9]{0,9}")
_ARRAY_INDEX_MAX: Final = 2**32 - 2
# What JavaScript's parseInt skips, and what it then takes.
_LEADING_INTEGER: Final = re.compile(
    "[\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
    "(?P<sign>[+-]?)(?P<digits>[0-9]+)"
)
_LIST_DIGITS: Final = 15


def ordered_names(document: Document) -> list[str]:
    """Return the names in the order JavaScript has them: those like array indexes first."""
    indexes = [name for name in document if "0" <= name[:1] <= "9" and _is_array_index(name)]
    if not indexes:
        return list(document)
    indexes.sort(key=int)
    return indexes + [name for name in document if not _is_array_index(name)]


def _is_array_index(name: str) -> bool:
    return bool(_ARRAY_INDEX.fullmatch(name)) and int(name) <= _ARRAY_INDEX_MAX


def bad_key(document: Value) -> str | None:
    """Return the path of the first name that NeDB refuses to write, or None.

    Refused are names with a dot, and names with a leading ``$`` but for NeDB's own marks. One such
    name in a live document makes NeDB refuse its whole datafile.

    Source: @seald-io/nedb lib/model.js ``checkObject``, ``checkKey``.
    """
    names: list[str] = []
    unvisited = [_members(document)]
    while unvisited:
        for name, child in unvisited[-1]:
            if (name[:1] == "$" or "." in name) and not _is_mark(name, child):
                names.append(name)
                return ".".join(names)
            if isinstance(child, (dict, list)):
                names.append(name)
                unvisited.append(_members(child))
                break
        else:
            unvisited.pop()
            if names:
                names.pop()
    return None


def _members(value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        return iter([(name, value[name]) for name in ordered_names(value)])
    if isinstance(value, list):
        return ((str(place), child) for place, child in enumerate(value))
    return iter(())


def _is_mark(name: str, value: Value) -> bool:
    if name == "$$date":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "$$deleted":
        return value is True
    return name in {"$$indexCreated", "$$indexRemoved"}


def dot_value(document: Value, path: str) -> Value:
    """Return the value at a dotted path, UNDEFINED where there is none.

    On the way an array gives the element that the next part numbers, or else the list of what its
    elements have.

    Source: @seald-io/nedb lib/model.js ``getDotValue``, with its rule that a falsy value on the
    way, and a falsy element numbered by the last part, is undefined.
    Differs: of what JavaScript finds on plain values, ``length`` and the characters of a string are
    there; what every value inherits (``constructor``, ``toString``) is not.
    """
    if type(document) is dict and "." not in path:
        return document.get(path, UNDEFINED)
    return _value_at(document, path.split("."))


def _value_at(value: Value, parts: list[str]) -> Value:
    position, last = 0, len(parts) - 1
    while is_truthy(value):
        if position > last:
            return value
        value = _member(value, parts[position])
        if position == last:
            return value
        position += 1
        if isinstance(value, list):
            number = _leading_integer(parts[position])
            if number is None:
                return [_value_at(element, parts[position:]) for element in value]
            value = value[number] if 0 <= number < len(value) else UNDEFINED
            position += 1
    return UNDEFINED


def _member(value: Value, name: str) -> Value:
    if isinstance(value, dict):
        return value.get(name, UNDEFINED)
    if isinstance(value, list):
        return _numbered(value, name)
    if isinstance(value, str):
        return _numbered(_utf16_units(value), name)
    return UNDEFINED


def _numbered(values: list[Value], name: str) -> Value:
    if name == "length":
        return len(values)
    if _is_array_index(name) and int(name) < len(values):
        return values[int(name)]
    return UNDEFINED


def _utf16_units(text: str) -> list[Value]:
    units = text.encode("utf-16-le", "surrogatepass")
    pairs = (units[at : at + 2] for at in range(0, len(units), 2))
    return [pair.decode("utf-16-le", "surrogatepass") for pair in pairs]


def _leading_integer(text: str) -> int | None:
    """Return ``parseInt(text, 10)``, cut to a size that is beyond any list, or None for NaN."""
    match = _LEADING_INTEGER.match(text)
    if match is None:
        return None
    digits = match["digits"].lstrip("0")[:_LIST_DIGITS] or "0"
    return int(match["sign"] + digits)
