"""What is timed: each program a process of its own, which prints its seconds and its peak memory.

Usage: python -m tests.benchmarks.programs PROGRAM DATAFILES TARGET
"""

import json
import resource
import sqlite3
import sys
import time
from pathlib import Path

import msgspec

from migration.engine.catalog import Catalog, Collection, Database, load_catalog
from migration.engine.copying import CollectionCopy, Phase
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from migration.engine.validation.comparison import compare_collection

BARE_BATCH = 10_000


class Head(msgspec.Struct):
    id: object = msgspec.field(name="_id", default=None)
    deleted: object = msgspec.field(name="$$deleted", default=None)


def catalog_of(folder: Path) -> Catalog:
    """The built-in catalog where it fits, else a collection for each datafile."""
    catalog = load_catalog()
    if (folder / "users.db").exists():
        return catalog
    collections = tuple(
        Collection(
            name=path.stem.replace("-", "_"), datafile=path.name, database=Database.APPLICATION
        )
        for path in sorted(folder.glob("*.db"))
    )
    return Catalog(collections=collections, digest="", _by_name={c.name: c for c in collections})


def open_stores(folder: Path, target: Path):
    catalog = catalog_of(folder)
    for database in Database:
        collections = catalog.of(database)
        names = [c.name for c in collections]
        store = SqliteStore(target / f"{database}.sqlite", collections=names)
        store.claim(Claim(installation="benchmark", run="benchmark", token=1))
        yield store, collections
        store.close()


def copy(folder: Path, target: Path) -> dict[str, float]:
    """Our copy; ``documents`` leaves index keys and indexes out of the time."""
    legacy, documents = LegacyFolder(folder), 0.0
    began = last = time.perf_counter()
    for store, collections in open_stores(folder, target):
        for collection in collections:
            for step in CollectionCopy(legacy.locate(collection), store).steps():
                now = time.perf_counter()
                documents += now - last if step.phase is Phase.DOCUMENTS else 0.0
                last = now
        store.fold()
    return {"seconds": time.perf_counter() - began, "documents": documents}


def validate(folder: Path, target: Path) -> dict[str, float]:
    legacy = LegacyFolder(folder)
    began = time.perf_counter()
    for store, collections in open_stores(folder, target):
        for collection in collections:
            *_, found = compare_collection(legacy.locate(collection), store)
            wrong = found.missing + found.extra + found.mismatched
            assert wrong == 0, collection.name
    return {"seconds": time.perf_counter() - began}


def bare(folder: Path, target: Path) -> dict[str, float]:
    """One table, its unique index from the start, upserts in batches, WAL; no checkpoint."""
    decode = msgspec.json.Decoder(Head).decode
    began = time.perf_counter()
    db = sqlite3.connect(target / "bare.sqlite", isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute("create table documents(_collection text, _id text, body text)")
    db.execute("create unique index by_id on documents(_collection, _id)")
    batch: list[tuple[str, object, str]] = []

    def write() -> None:
        db.execute("begin")
        db.executemany(
            "insert into documents values(?, ?, ?)"
            " on conflict(_collection, _id) do update set body = excluded.body",
            batch,
        )
        db.execute("commit")
        batch.clear()

    for path in sorted(folder.glob("*.db")):
        with path.open("rb") as lines:
            for line in lines:
                head = decode(line)
                if head.id and head.deleted:
                    write()
                    db.execute(
                        "delete from documents where _collection = ? and _id = ?",
                        (path.stem, head.id),
                    )
                elif head.id:
                    batch.append((path.stem, head.id, line[:-1].decode()))
                if len(batch) >= BARE_BATCH:
                    write()
    write()
    return {"seconds": time.perf_counter() - began}


PROGRAMS = {"copy": copy, "validate": validate, "bare": bare}

if __name__ == "__main__":
    name, datafiles, into = sys.argv[1:]
    figures = PROGRAMS[name](Path(datafiles), Path(into))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "peak_mb": peak}))
