"""Index keys: bytes that sort as NeDB sorts values.

A database that compares keys byte by byte finds what NeDB's ``compareThings`` finds: two keys are
equal when it answers 0, and ordered as it orders them::

    undefined 00       string  03 + CESU-8      array  06 + items
    null      01       boolean 04 + 00 or 01    object 07 + items, its values in the order of names
    number    02 + 8   date    05 + 8

The 8 bytes are an IEEE double turned so that it sorts: a clear sign bit is set, a set one inverts
all bits. CESU-8 is UTF-8 with an astral character as two surrogates of three bytes each; it sorts
by UTF-16 unit, as JavaScript does. Items are 01 and a key each, ended by 00; a string among them
writes 00 as 00 FF and ends with 00. The names in an object only order its values, as in NeDB.

A key of ``KEY_BYTES_MAX`` bytes or more is cut to that many, the last 32 of them the SHA-256 of the
whole key. Cut keys, too, are equal only for equal values; but where two keys share their first 224
bytes and one of them is cut, their order means nothing. ``is_exact`` tells.

Source: @seald-io/nedb lib/model.js ``compareThings``, lib/indexes.js ``insert``.
Differs: NaN and Invalid Dates, which NeDB finds equal to every number or date, are equal to
themselves only and come last of their kind.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Final

from migration.engine.documents import Document, JsDate, Undefined, Value

KEY_BYTES_MAX: Final = 256
_PREFIX_BYTES: Final = KEY_BYTES_MAX - sha256().digest_size

_UNDEFINED: Final = b"\x00"
_NULL: Final = b"\x01"
_NUMBER: Final = b"\x02"
_STRING: Final = b"\x03"
_FALSE: Final = b"\x04\x00"
_TRUE: Final = b"\x04\x01"
_DATE: Final = b"\x05"
_ARRAY: Final = b"\x06"
_OBJECT: Final = b"\x07"
_ITEM: Final = b"\x01"
_END: Final = b"\x00"

_pack_double: Final = struct.Struct(">d").pack
_pack_tagged: Final = struct.Struct(">Bd").pack
_INVERTED: Final = bytes(range(255, -1, -1))
_ZERO: Final = b"\x80" + bytes(7)
_LAST: Final = b"\xff" * 8
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")


def index_key(value: Value) -> bytes:
    """Return the key of a value; that of a missing field is the key of UNDEFINED."""
    # Most indexed values are short ASCII strings, and dates and numbers above zero.
    if type(value) is str:
        if len(value) < KEY_BYTES_MAX - 1 and value.isascii():
            return b"\x03" + value.encode()
    elif type(value) is float or type(value) is int:
        if value > 0:
            return _pack_tagged(2, -value)
    elif type(value) is JsDate and value.ms > 0:
        return _pack_tagged(5, -value.ms)
    key = identity_key(value)
    return key if len(key) < KEY_BYTES_MAX else _cut(key)


def identity_key(value: Value) -> bytes:
    """Return the key of a value in full, however long: what orders documents by ``_id``."""
    if isinstance(value, list):
        return _container_key(_ARRAY, value)
    if isinstance(value, dict):
        return _container_key(_OBJECT, _ordered_values(value))
    return _SCALAR_KEYS[type(value)](value)


def element_keys(values: list[Value]) -> list[bytes]:
    """Return the keys under which a document with this array is found, each once.

    Differs: NeDB tells equal arrays or objects inside one array apart, and so lets a unique index
    refuse the document that holds them; here they are one key.
    """
    return list(dict.fromkeys(map(index_key, values)))


def compound_key(values: list[Value]) -> bytes:
    """Return the key of several fields together, given in the order of their names."""
    key = _container_key(_OBJECT, values)
    return key if len(key) < KEY_BYTES_MAX else _cut(key)


def is_exact(key: bytes) -> bool:
    """Return whether the key is whole, so that its order can be trusted."""
    return len(key) < KEY_BYTES_MAX


def _cut(key: bytes) -> bytes:
    return key[:_PREFIX_BYTES] + sha256(key).digest()


def _container_key(tag: bytes, values: list[Value]) -> bytes:
    # No recursion, since documents may be nested deeper than Python's stack.
    key = bytearray(tag)
    outer: list[Iterator[Value]] = []
    inside = iter(values)
    while True:
        for value in inside:
            key += _ITEM
            if isinstance(value, list):
                key += _ARRAY
                outer.append(inside)
                inside = iter(value)
                break
            if isinstance(value, dict):
                key += _OBJECT
                outer.append(inside)
                inside = iter(_ordered_values(value))
                break
            key += _item_key(value)
        else:
            key += _END
            if not outer:
                return bytes(key)
            inside = outer.pop()


def _item_key(value: Value) -> bytes:
    key = _SCALAR_KEYS[type(value)](value)
    if isinstance(value, str):
        return key.replace(b"\x00", b"\x00\xff") + _END
    return key


def _ordered_values(document: Document) -> list[Value]:
    names = sorted(document)
    if _ASTRAL.search("".join(names)):
        names.sort(key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return [document[name] for name in names]


def _string_key(text: str) -> bytes:
    if not text.isascii():
        text = _ASTRAL.sub(_as_surrogates, text)
    return _STRING + text.encode("utf-8", "surrogatepass")


def _as_surrogates(match: re.Match[str]) -> str:
    high, low = divmod(ord(match[0]) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def _sortable(number: float) -> bytes:
    if number > 0:
        # The other sign is the set bit.
        return _pack_double(-number)
    if number < 0:
        return _pack_double(number).translate(_INVERTED)
    return _ZERO if number == 0 else _LAST


_SCALAR_KEYS: Final[Mapping[type, Callable[..., bytes]]] = {
    str: _string_key,
    int: lambda number: _NUMBER + _sortable(number),
    float: lambda number: _NUMBER + _sortable(number),
    bool: lambda value: _TRUE if value else _FALSE,
    JsDate: lambda date: _DATE + _sortable(date.ms),
    type(None): lambda _: _NULL,
    Undefined: lambda _: _UNDEFINED,
}
