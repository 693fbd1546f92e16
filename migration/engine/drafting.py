"""Drafting a catalog for a folder of datafiles that no catalog describes yet."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from migration.engine.catalog import Catalog, Collection, Database
from migration.engine.errors import SourceError
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import DATAFILE_SUFFIX, LEFTOVER_SUFFIX, LegacyFolder
from migration.engine.nedb.lines import LineInterpreter

_ADMIN: Final = re.compile(r"(admin|permission|role)", re.IGNORECASE)
_HEAD: Final = """\
# A draft: look through it, above all which database each collection belongs to, and add what only
# you know: required, password, sensitive and references.
version = 1
"""


def draft_catalog(folder: Path) -> str:
    """Return the TOML text of a catalog with one collection for each datafile of a folder.

    Raises:
        SourceError: the folder has no datafile, or one can't be read.
    """
    datafiles = _datafiles(folder)
    if not datafiles:
        raise SourceError(f"{folder.name} has no datafile whose name ends in {DATAFILE_SUFFIX}")
    names = _names(datafiles)
    entries = [_entry(folder / f, f, n) for f, n in zip(datafiles, names, strict=True)]
    return "\n".join([_HEAD, *entries])


def _datafiles(folder: Path) -> list[str]:
    nothing = Catalog(collections=(), digest="", _by_name={})
    found = set(LegacyFolder(folder).unclaimed(nothing))
    if folder.is_dir():
        # A compaction that was interrupted at the wrong moment leaves only its new file.
        suffix = DATAFILE_SUFFIX + LEFTOVER_SUFFIX
        leftovers = (p.name for p in folder.iterdir() if p.name.endswith(suffix) and p.is_file())
        found |= {name.removesuffix(LEFTOVER_SUFFIX) for name in leftovers}
    return sorted(found)


def _names(datafiles: Iterable[str]) -> list[str]:
    """Give each datafile a tag that a catalog allows, each another."""
    names: list[str] = []
    for datafile in datafiles:
        stem = re.sub(r"[^A-Za-z0-9_]+", "_", datafile.removesuffix(DATAFILE_SUFFIX)).strip("_")
        base = (stem if stem and not stem[0].isdigit() else f"c_{stem}")[:56]
        name, number = base, 2
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names


def _entry(path: Path, datafile: str, name: str) -> str:
    database = Database.ADMIN if _ADMIN.search(name) else Database.APPLICATION
    unique, has_timestamps = _look_into(
        path, Collection(name=name, datafile=datafile, database=database)
    )
    return "\n".join(_lines(datafile, name, database, unique, has_timestamps=has_timestamps))


def _lines(
    datafile: str, name: str, database: Database, unique: list[str], *, has_timestamps: bool
) -> Iterator[str]:
    yield "[[collections]]"
    yield f"name = {json.dumps(name)}"
    yield f"datafile = {json.dumps(datafile, ensure_ascii=False)}"
    yield f"database = {json.dumps(database.value)}"
    if has_timestamps:
        yield "timestamps = true"
    if unique:
        yield f"unique = {json.dumps(unique, ensure_ascii=False)}"
    yield ""


def _look_into(path: Path, collection: Collection) -> tuple[list[str], bool]:
    """Return the fields of unique indexes, and whether documents carry NeDB's timestamps."""
    located = LegacyFolder(path.parent).locate(collection)
    unique: dict[str, bool] = {}
    documents = stamped = 0
    if located.path is None:
        return [], False
    with Datafile(located.path) as datafile:
        lines = LineInterpreter()
        for chunk in datafile.chunks(datafile.stat.size):
            batch = lines.new_batch()
            lines.add_lines(batch, chunk.data, chunk.offset)
            for name, definition in batch.indexes:
                unique[name] = definition is not None and definition.unique
            bodies = [b for b in batch.changes.values() if b is not None]
            documents += len(bodies)
            stamped += sum(b'"createdAt"' in b and b'"updatedAt"' in b for b in bodies)
    return [n for n, is_unique in unique.items() if is_unique], stamped > documents / 2
