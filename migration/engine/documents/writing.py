"""From values to text."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Final, TypeAlias

from migration.engine.documents.fields import ordered_names
from migration.engine.documents.numbers import number_text
from migration.engine.documents.values import UNDEFINED, Document, JsDate, Undefined, Value

_Scalars: TypeAlias = Mapping[type, Callable[..., str]]
_Members: TypeAlias = Callable[[Document], Iterator[tuple[str, Value]]]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# NeDB 4 takes these for the end of a line, although JSON may hold them as they are.
_SEPARATOR: Final = re.compile("[\x85\u2028\u2029]")


def canonical(value: Value) -> str:
    """Return the one text that equal values share, whatever text they were read from.

    Keys are sorted by code point; numbers are JavaScript's, so 1 and 1.0 are equal, but 0 and -0
    are not. What JSON can't say is told apart: ``{"$$date":null}`` is an Invalid Date,
    ``{"$$undefined":true}`` and ``{"$$number":"NaN"}`` are what they seem.
    """
    return _write(value, _sorted_members, _CANONICAL)


def serialise(document: Document) -> str:
    """Return the line that NeDB would write for a document, without its line end.

    Fields that are undefined are left out; NaN, infinities and Invalid Dates become null. Names are
    not checked, see ``bad_key``.

    Source: @seald-io/nedb lib/model.js ``serialize``.
    Differs: NeDB writes U+2028, U+2029 and U+0085 as they are and loses the document at its next
    start; they are escaped here, as are lone surrogates.
    """
    return _write(document, _written_members, _WRITTEN)


def _write(value: Value, members: _Members, scalars: _Scalars) -> str:
    # No recursion, since documents may be nested deeper than Python's stack.
    pieces: list[str] = []
    outer: list[tuple[Iterator[tuple[str, Value]], str]] = []
    inside: Iterator[tuple[str, Value]] = iter([("", value)])
    end = ""
    while True:
        for lead, child in inside:
            pieces.append(lead)
            if type(child) is dict:
                pieces.append("{")
                outer.append((inside, end))
                inside, end = members(child), "}"
                break
            if type(child) is list:
                pieces.append("[")
                outer.append((inside, end))
                inside, end = _elements(child), "]"
                break
            pieces.append(scalars[type(child)](child))
        else:
            pieces.append(end)
            if not outer:
                return "".join(pieces)
            inside, end = outer.pop()


def _elements(values: list[Value]) -> Iterator[tuple[str, Value]]:
    lead = ""
    for value in values:
        yield lead, value
        lead = ","


def _sorted_members(document: Document) -> Iterator[tuple[str, Value]]:
    comma = ""
    for name in sorted(document):
        yield f"{comma}{_string(name)}:", document[name]
        comma = ","


def _written_members(document: Document) -> Iterator[tuple[str, Value]]:
    comma = ""
    for name in ordered_names(document):
        value = document[name]
        if value is not UNDEFINED:
            yield f"{comma}{_string_on_one_line(name)}:", value
            comma = ","


def _string(text: str) -> str:
    """Return JavaScript's ``JSON.stringify`` of a string."""
    quoted = encode_basestring(text)
    if quoted.isascii() or not _SURROGATE.search(quoted):
        return quoted
    # Halves that stand side by side are one character to JavaScript; the rest is escaped.
    joined = quoted.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _SURROGATE.sub(_escaped, joined)


def _string_on_one_line(text: str) -> str:
    quoted = _string(text)
    return quoted if quoted.isascii() else _SEPARATOR.sub(_escaped, quoted)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _canonical_number(number: float) -> str:
    if number == 0 and math.copysign(1, number) < 0:
        return '{"$$number":"-0"}'
    text = number_text(number)
    return text if text[-1].isdigit() else f'{{"$$number":"{text}"}}'


def _canonical_date(date: JsDate) -> str:
    return f'{{"$$date":{_written_number(date.ms)}}}'


def _written_number(number: float) -> str:
    text = number_text(number)
    return text if text[-1].isdigit() else "null"


def _written_date(date: JsDate) -> str:
    text = _written_number(date.ms)
    return text if text == "null" else f'{{"$$date":{text}}}'


def _word(value: bool | None) -> str:  # noqa: FBT001 - a value of a document
    return "null" if value is None else "true" if value else "false"


def _undefined(_: Undefined) -> str:
    return '{"$$undefined":true}'


_CANONICAL: Final[_Scalars] = {
    str: _string,
    int: _canonical_number,
    float: _canonical_number,
    bool: _word,
    type(None): _word,
    JsDate: _canonical_date,
    Undefined: _undefined,
}
_WRITTEN: Final[_Scalars] = {
    **_CANONICAL,
    str: _string_on_one_line,
    int: _written_number,
    float: _written_number,
    JsDate: _written_date,
    Undefined: lambda _: "null",
}
