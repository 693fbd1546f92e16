"""Tables of a target file, and how they are named."""

from collections.abc import Iterable, Mapping
from typing import Final

OWN_TABLES: Final = """
create table migrator_claim(
    one integer primary key check (one = 1),
    installation text not null, run text not null, token integer not null, epoch integer not null
);
create table migrator_collections(
    collection text primary key, table_name text not null unique, position integer not null
) without rowid;
create table migrator_states(
    collection text primary key,
    datafile text not null,
    generation integer not null, byte_offset integer not null, prefix_sha256 text not null,
    last_line_bytes integer not null, last_line_sha256 text not null,
    device integer not null, inode integer not null, inode_generation integer,
    size integer not null, mtime_ns integer not null, ctime_ns integer not null,
    lines integer not null, documents integer not null, tombstones integer not null,
    index_lines integer not null, blank integer not null, unread integer not null,
    lines_to_nedb integer not null, corrupt_to_nedb integer not null,
    tail_bytes integer, tail_is_waiting integer, tail_counts text, tail_previous blob,
    is_reconciling integer not null, is_indexed integer not null, has_other_ids integer not null
) without rowid;
create table migrator_indexes(
    collection text not null, name text not null, fields text not null,
    is_unique integer not null, sparse integer not null, expire_after_seconds real,
    key_column integer not null, generation integer not null,
    primary key (collection, name)
) without rowid;
create table migrator_quarantine(
    number integer primary key,
    collection text not null, datafile text not null, generation integer not null,
    reason text not null, byte_offset integer not null, length integer not null,
    sha256 text not null, raw blob, document_id text, rival_id text, field text,
    state text not null, why text,
    unique (collection, generation, reason, byte_offset)
);
create index migrator_quarantine_sha on migrator_quarantine(sha256);
create table migrator_contests(
    collection text not null, key_column integer not null, k blob not null, holder text,
    primary key (collection, key_column, k)
) without rowid;
create table migrator_seen(
    collection text not null, page integer not null, bits blob not null,
    primary key (collection, page)
) without rowid;
"""

_RESERVED: Final = ("documents",)
_RESERVED_PREFIXES: Final = ("keys_", "elements_", "unique_", "migrator_", "sqlite_")
_ARMS_PER_VIEW: Final = 400


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def table_names(
    collections: Iterable[str], *, taken: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give each collection its table; SQL ignores case, and some names are ours.

    ``taken`` are the names given before: they stay.
    """
    names = dict(taken or {})
    used = {name.lower() for name in names.values()}
    for collection in collections:
        if collection in names:
            continue
        name = collection
        while name.lower() in used or _is_reserved(name):
            name = f"c_{name}"
        names[collection] = name
        used.add(name.lower())
    return names


def _is_reserved(name: str) -> bool:
    lowered = name.lower()
    return lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)


def collection_table(table: str) -> str:
    """Return the statement that makes a collection's table."""
    return (
        f"create table {quoted(table)}"
        "(_collection text, _id text primary key not null, body text, migrated_at integer)"
    )


def documents_view(tables: Mapping[str, str]) -> str:
    """Return the statement that makes the view over all collections.

    The tag is a literal in each arm: SQLite then reads only the table that a query names. A
    compound select may have 500 arms, so more collections are nested.
    """
    arms = [
        f"select {literal(c)} as _collection, _id, body, migrated_at from {quoted(t)}"
        for c, t in tables.items()
    ]
    if not arms:
        arms = ["select '' as _collection, '' as _id, '' as body, 0 as migrated_at where 0"]
    while len(arms) > _ARMS_PER_VIEW:
        groups = [arms[i : i + _ARMS_PER_VIEW] for i in range(0, len(arms), _ARMS_PER_VIEW)]
        arms = [
            "select _collection, _id, body, migrated_at from (" + " union all ".join(group) + ")"
            for group in groups
        ]
    return "create view documents as " + " union all ".join(arms)


def key_tables(table: str, columns: Iterable[int]) -> list[str]:
    """Return the statements that make a collection's key tables, without their indexes."""
    k = "".join(f", k{n} blob" for n in columns)
    return [
        f"create table if not exists {quoted('keys_' + table)}"
        f"(rid integer primary key, id blob{k})",
        f"create table if not exists {quoted('elements_' + table)}"
        "(field integer, k blob, id blob, rid integer, primary key (field, k, id)) without rowid",
        f"create table if not exists {quoted('unique_' + table)}"
        "(field integer, k blob, id text, primary key (field, k, id)) without rowid",
    ]


def key_index_name(table: str, column: int) -> str:
    """Name the index over one key column."""
    return f"keys_{table}_k{column}"


def fence_triggers(table: str) -> list[str]:
    """Return the statements that make every write to a collection's table fail."""
    return [
        f"create trigger if not exists {quoted(f'fence_{act}_{table}')}"
        f" before {act} on {quoted(table)}"
        " begin select raise(abort, 'migration_fenced'); end"
        for act in ("insert", "update", "delete")
    ]
