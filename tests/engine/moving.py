"""A legacy folder with one collection ``things`` and the target it is moved to, for tests."""

import os
from collections import Counter
from pathlib import Path

from migration.engine.catalog import Collection, Database
from migration.engine.copying import CollectionCopy, CopyOptions
from migration.engine.documents import canonical, parse
from migration.engine.nedb.datafile import Datafile
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.nedb.survey import survey_datafile
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from migration.engine.validation.comparison import compare_collection

CLAIM = Claim(installation="here", run="first", token=1)
THINGS = Collection(name="things", datafile="things.db", database=Database.APPLICATION)


class Move:
    """The folder, the target, and passes from one to the other."""

    def __init__(self, path: Path, *, target: Path | None = None):
        self.datafile = path / "legacy" / "things.db"
        self.datafile.parent.mkdir(parents=True, exist_ok=True)
        target = target or path / "new" / "application.db"
        self.folder = LegacyFolder(self.datafile.parent, targets=[target])
        self.store = SqliteStore(target, collections=["things"])
        self.store.claim(CLAIM)

    @property
    def located(self):
        return self.folder.locate(THINGS)

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

    def start_pass(self, *, is_confirmed=False, hash_prefix=True, digest=None, **options):
        return CollectionCopy(
            self.located,
            self.store,
            options=CopyOptions(**options),
            is_confirmed=is_confirmed,
            hash_prefix=hash_prefix,
            digest=digest,
        )

    def copy(self, content=None, **options):
        """Do one pass; returns it, with its ``steps`` done."""
        if content is not None:
            self.write(content)
        copying = self.start_pass(**options)
        for _ in copying.steps():
            pass
        return copying

    def survey(self):
        survey = None
        with Datafile(self.datafile) as datafile:
            for survey in survey_datafile(datafile):
                pass
        return survey

    def compare(self):
        comparison = None
        for comparison in compare_collection(self.located, self.store):
            pass
        return comparison

    # ------------------------------------------------------------------ what came of it

    def bodies(self):
        return {row.id: row.body for row in self.store.rows_after("things", 0, 1 << 30)}

    def documents(self):
        """Return the documents of the target in canonical form, by id."""
        return {i: canonical(parse(body)) for i, body in self.bodies().items()}

    def odd(self):
        """Return what quarantine tells of the present datafile: (reason, id) and how often."""
        return Counter((i.line.reason, i.line.document_id) for i in self.items())

    def items(self):
        return [i for i in self.store.quarantine("things") if i.state != "gone"]

    def ledger(self):
        return self.store.ledger("things")

    def index_rows(self):
        """Return everything the key tables say, with documents named by their ids."""
        columns = [d.column for d in self.store.indexes("things")]
        db = self.store._connection()
        if not columns:
            return {}
        names = ", ".join(f"k{c}" for c in columns)
        return {
            "keys": set(
                db.execute(f"select _id, id, {names} from keys_things k join things t on k.rid = t.rowid")
            ),
            "rows": db.execute("select count(*) from keys_things").fetchone(),
            "elements": set(
                db.execute(
                    "select field, k, id, _id from elements_things e join things t on e.rid = t.rowid"
                )
            ),
            "element_rows": db.execute("select count(*) from elements_things").fetchone(),
            "unique": set(db.execute("select field, k, id from unique_things")),
        }


def seen(path):
    """Return all that a reader could change of a folder's files: bytes, inodes, times, modes."""
    looks = {}
    for entry in sorted(os.scandir(path), key=lambda e: e.name):
        stat = entry.stat(follow_symlinks=False)
        looks[entry.name] = (
            stat.st_ino,
            stat.st_size,
            stat.st_mode,
            stat.st_nlink,
            stat.st_atime_ns,
            stat.st_mtime_ns,
            stat.st_ctime_ns,
        )
    return looks
