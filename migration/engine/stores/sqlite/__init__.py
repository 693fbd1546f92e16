"""The new databases as SQLite files that anybody can open.

Each database is one file with a table per collection, named like it, behind a view ``documents``
whose arms give the tag as a literal (so that a query for one tag reads one table). Bodies are the
datafile's own text, byte for byte. Beside each collection lie its key tables: ``keys_…`` with one
typed, order-preserving key per declared index, ``elements_…`` for array elements and ``unique_…``
for unique values. Tables named ``migrator_…`` hold what must commit together with the data: who
owns the file, checkpoints, counts, declared indexes and quarantine.

Durable means WAL with ``synchronous=FULL``: a commit that returned survives a power cut.
"""

from migration.engine.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
