"""A legacy folder with one collection, ``things``, and the target it is moved to, for tests."""

import json
import os
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from migration.engine.catalog import Collection, Database
from migration.engine.copying import CollectionCopy, CopyOptions
from migration.engine.documents import canonical, parse
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.nedb.survey import survey_datafile
from migration.engine.ports import Claim
from migration.engine.quarantine import ItemState, Reason
from migration.engine.stores.sqlite import SqliteStore
from migration.engine.validation.comparison import compare_collection

CLAIM = Claim(installation="here", run="first", token=1)
THINGS = Collection(name="things", datafile="things.db", database=Database.APPLICATION)
SMALL_STEPS = {
    "batch_documents": 2,
    "block_bytes": 64,
    "keys_per_step": 1,
    "deletions_per_step": 1,
}
NOT_MOVED = {Reason.UNIQUE_CONFLICT, Reason.UNSUPPORTED_ID}


class Move:
    """The folder, the target, and passes from one to the other."""

    def __init__(self, path: Path):
        self.datafile = path / "legacy" / "things.db"
        self.datafile.parent.mkdir(parents=True, exist_ok=True)
        self.target = path / "new" / "application.db"
        self.folder = LegacyFolder(self.datafile.parent, targets=[self.target])
        self.store = SqliteStore(self.target, collections=["things"])
        self.store.claim(CLAIM)

    @property
    def located(self):
        return self.folder.locate(THINGS)

    # ------------------------------------------------------------------ the application's part

    def write(self, content):
        """Write the datafile in place: the inode stays."""
        self.datafile.write_bytes(content)

    def append(self, content):
        with self.datafile.open("ab") as datafile:
            datafile.write(content)

    def compact(self, content):
        """Put a new file in the datafile's place, as a compaction does."""
        fresh = self.datafile.with_name("things.db~")
        fresh.write_bytes(content)
        fresh.rename(self.datafile)

    # ------------------------------------------------------------------ our part

    def begin(self, *, is_confirmed=False, hash_prefix=True, digest=None, **options):
        return CollectionCopy(
            self.located,
            self.store,
            options=CopyOptions(**options),
            is_confirmed=is_confirmed,
            hash_prefix=hash_prefix,
            digest=digest,
        )

    def copy(self, content=None, **options):
        """Do one whole pass, over new content if any, and return it."""
        if content is not None:
            self.write(content)
        copying = self.begin(**options)
        for _ in copying.steps():
            pass
        return copying

    def copy_steps(self, number, **options):
        """Begin a pass and leave it after some steps."""
        for _ in zip(range(number), self.begin(**options).steps(), strict=False):
            pass

    def survey(self):
        with Datafile(self.datafile) as datafile:
            *_, survey = survey_datafile(datafile)
        return survey

    def compare(self):
        *_, comparison = compare_collection(self.located, self.store)
        return comparison

    # ------------------------------------------------------------------ what came of it

    def bodies(self):
        return {row.id: row.body for row in self.store.rows_after("things", 0, 1_000_000)}

    def documents(self):
        """Return the documents of the target in canonical form, by id."""
        return {i: canonical(parse(body)) for i, body in self.bodies().items()}

    def items(self):
        """Return what quarantine holds and the datafile still says."""
        return [i for i in self.store.quarantine("things") if i.state is not ItemState.GONE]

    def odd(self):
        """Count what quarantine tells, by reason and document."""
        return Counter((i.line.reason, i.line.document_id) for i in self.items())

    def ledger(self):
        return self.store.ledger("things")

    def indexes(self):
        return {d.definition.name: d.definition for d in self.store.indexes("things")}

    def sql(self, statement, *values):
        """Ask the target as anybody can, by a connection of one's own."""
        with closing(sqlite3.connect(self.target)) as db:
            return db.execute(statement, values).fetchall()


def looks(folder):
    """Return what a reader could change of a folder: names, bytes, inodes, modes and all times."""
    found = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        stat = entry.stat(follow_symlinks=False)
        times = (stat.st_atime_ns, stat.st_mtime_ns, stat.st_ctime_ns)
        found[entry.name] = (stat.st_ino, stat.st_mode, stat.st_nlink, stat.st_size, *times)
    return found


def by_identity(texts):
    """Map the documents of the library, canonical texts, by ``String(_id)``.

    Apart are those with an ``_id`` that is no scalar, or no text that UTF-8 can hold.
    """
    documents, others = {}, []
    for text in texts:
        identity = json.loads(text)["_id"]
        match identity:
            case {"$$number": name}:
                documents[name] = text
            case str() if not any("\ud800" <= c <= "\udfff" for c in identity):
                documents[identity] = text
            case dict() | list() | str():
                others.append(text)
            case _:
                documents[canonical(identity)] = text
    return documents, others


def unexplained(move, library_documents):
    """Return how the target differs from the library's documents without quarantine's saying so."""
    theirs, others = by_identity(library_documents)
    ours, told = move.documents(), {}
    for reason, identity in move.odd():
        told.setdefault(identity, set()).add(reason)
    found = [
        ("missing", i) for i in theirs.keys() - ours.keys() if not told.get(i, set()) & NOT_MOVED
    ]
    found += [
        ("extra or different", i)
        for i, text in ours.items()
        if theirs.get(i) != text and Reason.RESCUED not in told.get(i, ())
    ]
    unsupported = sum(n for (r, _), n in move.odd().items() if r is Reason.UNSUPPORTED_ID)
    return found + [("missing", text) for text in others[unsupported:]]
