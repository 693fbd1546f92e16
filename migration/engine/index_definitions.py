"""Indexes that datafiles declare, and the key rows that a document has in them.

A key row is made from the body by a decoder that looks only at the indexed fields; whatever it does
not expect (an array in the way of a dotted name, a date in place of an object, a lone surrogate) is
decided by a full parse and NeDB's own rule for dotted names.

Source: @seald-io/nedb lib/indexes.js ``insert``, lib/model.js ``getDotValues``.
Differs: a sparse index of NeDB 4 leaves out dates and empty objects, so dates vanish from queries;
we keep their keys, and follow NeDB only where uniqueness is decided.
"""

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

import msgspec

from migration.engine.documents import (
    UNDEFINED,
    JsDate,
    NotJsonError,
    Value,
    dot_value,
    parse,
    revive,
)
from migration.engine.index_keys import element_keys, index_key

_SHORT: Final = 200
_LAST_DATE: Final = 8_640_000_000_000_000
_DATE_TAG: Final = 5
_DATE_MARK: Final = "$$date"
# Below a date there is nothing, and only the parser knows which objects are dates; the other names
# are those that the quick decoder can't take.
_ODD_NAME: Final = re.compile(r'["\\\x00-\x1f]|(?:^|\.)\$\$date(?:\.|$)')
_pack_key: Final = struct.Struct(">Bd").pack


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDefinition:
    """An index as a datafile declares it; ``fields`` has several names for a compound one."""

    name: str
    fields: tuple[str, ...]
    unique: bool = False
    sparse: bool = False
    expire_after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredIndex:
    """An index as a target keeps it: its definition and the number of its key column."""

    definition: IndexDefinition
    column: int


class KeyRow(NamedTuple):
    """The keys of one document: ``keys`` in the order of the indexes, the whole value each.

    ``elements`` has (column, key) for each distinct element of an array value; ``claims`` has
    (column, key) for each unique value the document takes.
    """

    identity: bytes
    keys: tuple[bytes, ...]
    elements: tuple[tuple[int, bytes], ...] = ()
    claims: tuple[tuple[int, bytes], ...] = ()


class KeyMaker:
    """Makes key rows for one set of indexes."""

    def __init__(self, indexes: Sequence[DeclaredIndex]) -> None:
        self._indexes = tuple(indexes)
        paths = list(dict.fromkeys(f for d in indexes for f in d.definition.fields))
        self._fields = _FieldReader(paths)
        self._places = [
            tuple(1 + paths.index(f) for f in d.definition.fields) for d in self._indexes
        ]
        self._has_compound = [(p,) for p in range(1, 1 + len(paths))] != self._places
        self._unique = [i for i, d in enumerate(indexes) if d.definition.unique]

    def row(self, body: bytes) -> KeyRow:
        """Return the keys of a document, given as the text of its line."""
        try:
            return self._row(self._fields.read(body))
        except OverflowError:
            # A whole number beyond the doubles: the parser makes it Infinity, as JavaScript does.
            return self._row(self._fields.read_slowly(body))

    def _row(self, values: Sequence[Any]) -> KeyRow:
        keys: list[bytes] = []
        odd: list[int] = []
        # One loop without calls for the values that nearly all fields hold: this is the hot place
        # of a copy, met once for every index of every document.
        for position, value in enumerate(values):
            kind = type(value)
            if kind is str and len(value) < _SHORT and value.isascii():
                keys.append(b"\x03" + value.encode())
            elif kind is dict and len(value) == 1 and 0 < _plain_date(value) <= _LAST_DATE:
                keys.append(_pack_key(_DATE_TAG, -value["$$date"]))
            else:
                if kind is list:
                    odd.append(position)
                keys.append(index_key(revive(value) if kind is dict or kind is list else value))
        identity = keys.pop(0)
        if self._has_compound:
            keys = self._keys_of_all(values, keys)
        elements = self._elements(values, odd) if odd else ()
        claims = self._claims(values, keys) if self._unique else ()
        return KeyRow(identity, tuple(keys), elements, claims)

    def _keys_of_all(self, values: Sequence[Value], keys: list[bytes]) -> list[bytes]:
        """Return the keys by index, where some index is over several fields."""
        return [
            keys[places[0] - 1] if len(places) == 1 else index_key(self._value(i, values))
            for i, places in enumerate(self._places)
        ]

    def _value(self, position: int, values: Sequence[Value]) -> Value:
        """Return the value that an index sees: one field's, or an object of several."""
        places = self._places[position]
        if len(places) == 1:
            return revive(values[places[0]])
        fields = self._indexes[position].definition.fields
        return {f: revive(values[p]) for f, p in zip(fields, places, strict=True)}

    def _elements(self, values: Sequence[Value], odd: list[int]) -> tuple[tuple[int, bytes], ...]:
        return tuple(
            (index.column, key)
            for index, places in zip(self._indexes, self._places, strict=True)
            if len(places) == 1 and places[0] in odd
            for key in _keys_of_elements(values[places[0]])
        )

    def _claims(self, values: Sequence[Value], keys: list[bytes]) -> tuple[tuple[int, bytes], ...]:
        claims: list[tuple[int, bytes]] = []
        for position in self._unique:
            definition, column = self._indexes[position].definition, self._indexes[position].column
            value = self._value(position, values)
            if definition.sparse and _is_left_out(value):
                continue
            if isinstance(value, list):
                claims.extend((column, k) for k in element_keys(value))
            else:
                claims.append((column, keys[position]))
        return tuple(claims)


def _plain_date(value: dict[str, Any]) -> float:
    """Return the milliseconds of a date in its usual form; 0 for anything else."""
    ms = value.get("$$date")
    return ms if type(ms) is int else 0


def _keys_of_elements(value: Value) -> list[bytes]:
    revived = revive(value)
    return element_keys(revived) if isinstance(revived, list) else []


def _is_left_out(value: Value) -> bool:
    """Tell whether a sparse unique index of NeDB does not hold this value."""
    if value is UNDEFINED or isinstance(value, JsDate):
        return True
    if isinstance(value, dict):
        return all(v is UNDEFINED for v in value.values())
    return isinstance(value, list) and all(v is UNDEFINED for v in value)


# The text can't stand in a datafile by chance: its presence makes the quick decoder refuse.
_Never = Literal["no value is ever equal to this 6f0b8c2e"]


class _FieldReader:
    """Reads ``_id`` and some dotted fields of a body without building the rest of it."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = tuple(paths)
        self._is_slow = any(_ODD_NAME.search(path) for path in paths)
        if self._is_slow:
            paths = ()
        tree: dict[str, Any] = {"_id": None}
        for path in paths:
            _plant(tree, path.split("."))
        struct, names = _struct(tree)
        self._decode = msgspec.json.Decoder(struct).decode
        wanted = [names[_attribute_path(tree, p.split("."))] for p in ("_id", *paths)]
        self._get: Callable[[Any], tuple[Any, ...]] = (
            attrgetter(*wanted) if len(wanted) > 1 else lambda fields: (fields.f1,)
        )
        self._rests = [_rest(tree, p.split(".")) for p in ("_id", *paths)]
        self._has_rests = any(self._rests)

    def read(self, body: bytes) -> tuple[Value, ...]:
        """Return the ``_id`` and the fields, UNDEFINED where there is none.

        Containers come as JSON has them or revived already: reviving twice changes nothing.
        """
        if self._is_slow:
            return self.read_slowly(body)
        try:
            values = self._get(self._decode(body))
        except (msgspec.DecodeError, AttributeError, RecursionError, UnicodeDecodeError):
            return self.read_slowly(body)
        if not self._has_rests:
            return values
        return tuple(
            dot_value({"v": revive(v)}, "v." + rest) if rest else v
            for v, rest in zip(values, self._rests, strict=True)
        )

    def read_slowly(self, body: bytes) -> tuple[Value, ...]:
        """Return the same by a full parse."""
        document = parse(body)
        if not isinstance(document, dict):
            raise NotJsonError("not an object")
        return tuple(dot_value(document, path) for path in ("_id", *self._paths))


def _plant(tree: dict[str, Any], parts: list[str]) -> None:
    """Add a dotted name to the tree; of a name and its own beginning the beginning stays."""
    head, rest = parts[0], parts[1:]
    if not rest or (head in tree and tree[head] is None):
        tree[head] = None
        return
    _plant(tree.setdefault(head, {}), rest)


def _attribute_path(tree: dict[str, Any], parts: list[str]) -> tuple[str, ...]:
    """Return the part of a dotted name that the tree leads along."""
    taken: list[str] = []
    node: dict[str, Any] | None = tree
    for part in parts:
        if node is None:
            break
        taken.append(part)
        node = node[part]
    return tuple(taken)


def _rest(tree: dict[str, Any], parts: list[str]) -> str:
    return ".".join(parts[len(_attribute_path(tree, parts)) :])


def _struct(tree: dict[str, Any]) -> tuple[type[msgspec.Struct], dict[tuple[str, ...], str]]:
    """Make a decoder type for a tree of names; also the attribute that each full name became."""
    fields: list[tuple[str, Any, Any]] = [
        ("date", _Never, msgspec.field(name=_DATE_MARK, default=""))
    ]
    names: dict[tuple[str, ...], str] = {}
    for number, (name, below) in enumerate(tree.items()):
        attribute = f"f{number + 1}"
        if below is None:
            fields.append((attribute, Any, msgspec.field(name=name, default=UNDEFINED)))
            names[(name,)] = attribute
            continue
        inner, inner_names = _struct(below)
        fields.append((attribute, inner, msgspec.field(name=name, default_factory=inner)))
        names |= {(name, *path): f"{attribute}.{a}" for path, a in inner_names.items()}
    return msgspec.defstruct("Fields", fields, gc=False), names
