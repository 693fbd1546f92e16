"""The catalog: which collections there are, where each is kept, and what is known of its fields.

A catalog is data, not code: the built-in one is a TOML file beside this module, and any other NeDB
application is served by a file of the same shape.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from migration.engine.errors import CatalogError

BUILTIN_CATALOG = Path(__file__).with_name("builtin_catalog.toml")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_DATAFILE = re.compile(r"[^/\\\x00~]{1,200}")
_FIELD_LISTS = ("required", "unique", "password", "sensitive")


class Database(StrEnum):
    """The two new databases."""

    ADMIN = "admin"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field whose values name documents of another collection.

    ``field`` may lead through arrays (``participants.userId``); ``allow`` lists values that
    name no document and are right all the same.
    """

    field: str
    collection: str
    target_field: str
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection: the tag of its documents, its datafile and its rules."""

    name: str
    datafile: str
    database: Database
    timestamps: bool = False
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    password: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All collections, in the order in which they are copied: admin first, then application."""

    collections: tuple[Collection, ...]
    digest: str
    _by_name: Mapping[str, Collection] = field(repr=False, compare=False)

    def __getitem__(self, name: str) -> Collection:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def of(self, database: Database) -> tuple[Collection, ...]:
        """Return the collections of one database."""
        return tuple(c for c in self.collections if c.database is database)


def load_catalog(path: Path | None = None) -> Catalog:
    """Read and check a catalog file; without a path, the built-in one.

    Raises:
        CatalogError: the file can't be read or breaks a rule; names file, key (or line) and reason.
    """
    path = path or BUILTIN_CATALOG
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise CatalogError(path=str(path), key="", reason=reason) from exc
    return _Checker(str(path)).catalog(tree, digest=sha256(text.encode()).hexdigest())


class _Checker:
    """Turns the TOML tree into a Catalog, refusing what is unknown, double or dangling."""

    def __init__(self, path: str) -> None:
        self._path = path

    def catalog(self, tree: dict[str, Any], *, digest: str) -> Catalog:
        self._only(tree, "", {"version", "collections"})
        if tree.get("version") != 1:
            self._refuse("version", "must be 1")
        entries = tree.get("collections")
        if not isinstance(entries, list) or not entries:
            self._refuse("collections", "must be a list with at least one collection")
        collections = [
            self._collection(entry, f"collections[{i}]") for i, entry in enumerate(entries)
        ]
        self._all_distinct([c.name for c in collections], "name")
        self._all_distinct([c.datafile for c in collections], "datafile")
        by_name = {c.name: c for c in collections}
        self._references_lead_somewhere(collections, by_name)
        ordered = sorted(collections, key=lambda c: c.database is not Database.ADMIN)
        return Catalog(collections=tuple(ordered), digest=digest, _by_name=by_name)

    def _collection(self, entry: object, key: str) -> Collection:
        if not isinstance(entry, dict):
            self._refuse(key, "must be a table")
        self._only(
            entry, key, {"name", "datafile", "database", "timestamps", "references", *_FIELD_LISTS}
        )
        return Collection(
            name=self._text(entry, key, "name", _NAME),
            datafile=self._datafile(entry, key),
            database=self._database(entry, key),
            timestamps=self._flag(entry, key, "timestamps"),
            required=self._fields(entry, key, "required"),
            unique=self._fields(entry, key, "unique"),
            password=self._fields(entry, key, "password"),
            sensitive=self._fields(entry, key, "sensitive"),
            references=self._references(entry.get("references", []), f"{key}.references"),
        )

    def _datafile(self, entry: dict[str, Any], key: str) -> str:
        datafile = self._text(entry, key, "datafile", _DATAFILE)
        if datafile.startswith("."):
            self._refuse(
                f"{key}.datafile", "must be a plain file name that does not begin with a dot"
            )
        return datafile

    def _database(self, entry: dict[str, Any], key: str) -> Database:
        try:
            return Database(entry.get("database", ""))
        except ValueError:
            self._refuse(f"{key}.database", 'must be "admin" or "application"')

    def _text(self, entry: dict[str, Any], key: str, name: str, pattern: re.Pattern[str]) -> str:
        value = entry.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self._refuse(f"{key}.{name}", f"must be text that matches {pattern.pattern}")
        return value

    def _flag(self, entry: dict[str, Any], key: str, name: str) -> bool:
        value = entry.get(name, False)
        if not isinstance(value, bool):
            self._refuse(f"{key}.{name}", "must be true or false")
        return value

    def _fields(self, entry: dict[str, Any], key: str, name: str) -> tuple[str, ...]:
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self._refuse(f"{key}.{name}", "must be a list of field names")
        return tuple(value)

    def _references(self, value: object, key: str) -> tuple[Reference, ...]:
        if not isinstance(value, list):
            self._refuse(key, "must be a list")
        return tuple(self._reference(item, f"{key}[{i}]") for i, item in enumerate(value))

    def _reference(self, item: object, key: str) -> Reference:
        if not isinstance(item, dict):
            self._refuse(key, "must be a table with field and to")
        self._only(item, key, {"field", "to", "allow"})
        name, target = item.get("field"), item.get("to")
        if not isinstance(name, str) or not name:
            self._refuse(f"{key}.field", "must be a field name")
        if not isinstance(target, str) or "." not in target:
            self._refuse(f"{key}.to", 'must be "collection.field"')
        collection, _, target_field = target.partition(".")
        allow = self._fields(item, key, "allow")
        return Reference(field=name, collection=collection, target_field=target_field, allow=allow)

    def _references_lead_somewhere(
        self, collections: list[Collection], by_name: Mapping[str, Collection]
    ) -> None:
        for c in collections:
            for reference in c.references:
                if reference.collection not in by_name:
                    self._refuse(
                        f"{c.name}.references", f"no collection is named {reference.collection}"
                    )

    def _only(self, entry: dict[str, Any], key: str, known: set[str]) -> None:
        for name in entry:
            if name not in known:
                self._refuse(f"{key}.{name}".lstrip("."), "is not a known key")

    def _all_distinct(self, values: list[str], name: str) -> None:
        seen: set[str] = set()
        for value in values:
            if value in seen:
                self._refuse(f"collections.{name}", f"{value} stands there twice")
            seen.add(value)

    def _refuse(self, key: str, reason: str) -> NoReturn:
        raise CatalogError(path=self._path, key=key, reason=reason)
