"""Lines that were not moved (or moved with a remark), and the account of all lines."""

from collections.abc import Iterator
from typing import Any

from migration.engine.catalog import Database
from migration.engine.checkpoint import Ledger
from migration.engine.quarantine import ItemState, QuarantineItem
from migration.permissions import Actor, Right, require
from migration.services.stores import workplace


def list_quarantine(*, actor: Actor, collection: str | None = None) -> list[dict[str, Any]]:
    """Return the odd lines that the new databases keep; never their raw bytes."""
    require(actor, Right.READ)
    return [_item(database, item) for database, item in _items(collection)]


def _items(collection: str | None) -> Iterator[tuple[Database, QuarantineItem]]:
    place = workplace()
    with place.stores() as stores:
        for database, store in stores.items():
            if store.exists():
                for item in store.quarantine(collection):
                    if item.state is not ItemState.GONE:
                        yield database, item


def _item(database: Database, item: QuarantineItem) -> dict[str, Any]:
    line = item.line
    return {
        "id": f"{database.value}-{item.number}",
        "collection": item.collection,
        "datafile": item.datafile,
        "generation": item.generation,
        "offset": line.offset,
        "length": line.length,
        "sha256": line.sha256,
        "reason": line.reason.value,
        "documentId": line.document_id,
        "rivalId": line.rival_id,
        "field": line.field,
        "moved": line.reason.is_remark,
        "state": item.state.value,
    }


def list_ledgers(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the account of every datafile that was copied."""
    require(actor, Right.READ)
    place = workplace()
    found: list[dict[str, Any]] = []
    with place.stores() as stores:
        for collection in place.catalog.collections:
            store = stores[collection.database]
            ledger = store.ledger(collection.name) if store.exists() else None
            if ledger is not None:
                found.append(_ledger(ledger))
    return found


def _ledger(ledger: Ledger) -> dict[str, Any]:
    return {
        "collection": ledger.collection,
        "datafile": ledger.datafile,
        "generation": ledger.generation,
        "lines": ledger.lines,
        "live": ledger.live,
        "superseded": ledger.superseded,
        "tombstones": ledger.counts.tombstones,
        "indexLines": ledger.counts.index_lines,
        "blank": ledger.counts.blank,
        "quarantined": ledger.quarantined,
        "tail": ledger.tail,
        "balanced": ledger.is_balanced,
    }
