"""Where this installation's data lies; the only module that names the stores' adapters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from migration.engine.catalog import Catalog, Collection, Database, load_catalog
from migration.engine.copying import CollectionCopy
from migration.engine.errors import StoreError
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.ports import Claim, Store
from migration.engine.stores.sqlite import SqliteStore
from migration.services.errors import NotAvailableError

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Everything a workflow needs to know of this installation: catalog, folder and targets."""

    catalog: Catalog
    folder: LegacyFolder
    targets: Mapping[Database, Path]

    @contextmanager
    def stores(self) -> Iterator[dict[Database, Store]]:
        """Open both new databases, and close them."""
        opened: dict[Database, Store] = {
            database: SqliteStore(path, collections=[c.name for c in self.catalog.of(database)])
            for database, path in self.targets.items()
        }
        try:
            yield opened
        finally:
            for store in opened.values():
                store.close()


def workplace() -> Workplace:
    """Read the settings.

    Raises:
        CatalogError: the catalog can't be used.
        NotAvailableError: a target of a kind that can't be used yet.
    """
    targets = {
        Database.ADMIN: _file(settings.MIGRATOR_ADMIN_URL),
        Database.APPLICATION: _file(settings.MIGRATOR_APPLICATION_URL),
    }
    return Workplace(
        catalog=load_catalog(settings.MIGRATOR_CATALOG),
        folder=LegacyFolder(settings.MIGRATOR_LEGACY_DIR, targets=targets.values()),
        targets=targets,
    )


def refused_targets(place: Workplace, installation: str) -> list[str]:
    """Say which targets can't be written to, and why; empty when all can."""
    reasons: list[str] = []
    if len(set(place.targets.values())) < len(place.targets):
        reasons.append("both new databases are the same file")
    with place.stores() as stores:
        for store in stores.values():
            try:
                store.check(installation)
            except StoreError as exc:
                reasons.append(str(exc))
    return reasons


def try_copy(folder: Path, collection: Collection) -> None:
    """Copy one collection of a scratch folder into a scratch database beside it."""
    store = SqliteStore(folder / "scratch.sqlite", collections=[collection.name])
    store.claim(Claim(installation="scratch", run="scratch", token=1))
    located = LegacyFolder(folder, targets=store.files).locate(collection)
    for _ in CollectionCopy(located, store).steps():
        pass
    store.close()


def _file(url: str) -> Path:
    if not url.startswith(_SQLITE):
        scheme = url.partition(":")[0]
        raise NotAvailableError(f"Targets of the kind {scheme} can't be used in this version.")
    return Path(url.removeprefix(_SQLITE))
