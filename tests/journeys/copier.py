"""A copy in a process of its own, in small steps, so that it can be killed between any two of them.

Usage: copier.py FOLDER TARGET_FOLDER. Prints a line when it begins to write.
"""

import sys
from pathlib import Path

from migration.engine.catalog import Database, load_catalog
from migration.engine.copying import CollectionCopy, CopyOptions
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore

SMALL = CopyOptions(batch_documents=40, batch_bytes=1 << 15, block_bytes=1 << 14, keys_per_step=60)


def copy(folder, targets):
    catalog = load_catalog()
    legacy = LegacyFolder(folder)
    for database in Database:
        collections = catalog.of(database)
        store = SqliteStore(targets / f"{database}.db", collections=[c.name for c in collections])
        store.claim(Claim(installation="kills", run="kills", token=1))
        print("writing", flush=True)
        for collection in collections:
            for _ in CollectionCopy(legacy.locate(collection), store, options=SMALL).steps():
                pass
        store.close()


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
