"""The first validation: every document on both sides, and what was not moved, as a report."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from migration.engine.catalog import Catalog, Collection, Database
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.nedb.refusal import is_too_corrupt
from migration.engine.ports import Store
from migration.engine.quarantine import ItemState, OddLine, Reason
from migration.engine.validation.comparison import (
    SAMPLES_MAX,
    Comparison,
    Known,
    compare_collection,
)
from migration.engine.validation.findings import Category, Finding, Report, Severity

OnComparison = Callable[[Comparison], None]

_REMARKS = {
    Reason.RESCUED: "rescued_lines",
    Reason.REPAIRED: "rescued_lines",
    Reason.ID_COLLISION: "id_collision",
}


def validate(
    catalog: Catalog,
    folder: LegacyFolder,
    stores: Mapping[Database, Store],
    *,
    checks_files: bool = True,
    on_comparison: OnComparison = lambda _: None,
) -> Report:
    """Compare every document of every collection and tell what was found.

    ``checks_files`` also has each database check all pages of its file, which takes about as long
    as comparing the documents in it.
    ``on_comparison`` is called now and then with what is known of the collection being compared.

    Raises:
        SourceError: a datafile can't be read.
        StoreError: a target can't be read.
    """
    started, began = datetime.now(UTC), time.monotonic()
    findings: list[Finding] = []
    for collection in catalog.collections:
        store = stores[collection.database]
        comparison = Comparison(collection=collection.name)
        known = _known(store, collection.name)
        for comparison in compare_collection(folder.locate(collection), store, known):
            on_comparison(comparison)
        findings.extend(_findings(collection, comparison, store))
    for database, store in stores.items() if checks_files else ():
        findings.extend(_database_findings(database, store))
    return Report(
        findings=tuple(findings),
        recommendations=tuple(recommend(findings)),
        timestamp=started,
        scope="full" if checks_files else "documents",
        duration_seconds=round(time.monotonic() - began, 3),
    )


def _findings(collection: Collection, found: Comparison, store: Store) -> Iterator[Finding]:
    yield from _document_findings(found)
    yield from _line_findings(found)
    yield from _refusal_findings(found)
    yield from _index_findings(found, store)
    ledger = store.ledger(collection.name)
    if ledger is not None and not ledger.is_balanced:
        yield _finding(
            "ledger_unbalanced",
            Severity.CRITICAL,
            f"The lines of {ledger.datafile} do not add up.",
            found,
            count=ledger.lines,
        )


def _document_findings(found: Comparison) -> Iterator[Finding]:
    critical = Severity.CRITICAL
    if found.missing:
        yield _finding(
            "missing_documents",
            critical,
            "Documents of the datafile are not in the new database.",
            found,
            count=found.missing,
            samples=found.missing_ids,
        )
    if found.documents and not found.rows:
        yield _finding(
            "collection_empty",
            critical,
            "The datafile has documents and the new database has none.",
            found,
            count=found.documents,
        )
    if found.extra:
        yield _finding(
            "extra_documents",
            critical,
            "The new database has documents that the datafile does not have.",
            found,
            count=found.extra,
            samples=found.extra_ids,
        )
    if found.mismatched:
        yield _finding(
            "mismatched_documents",
            critical,
            "Documents differ between the datafile and the new database.",
            found,
            count=found.mismatched,
            samples=found.mismatched_ids,
        )
    if found.text_differs:
        yield _finding(
            "text_differs",
            Severity.INFO,
            "Documents are equal, but written differently.",
            found,
            count=found.text_differs,
        )
    yield _finding(
        "record_counts",
        Severity.INFO,
        "Documents on both sides.",
        found,
        count=found.documents,
        details={"legacy": found.documents, "new": found.rows},
    )


def _known(store: Store, collection: str) -> Known:
    """Return what the target's quarantine says was decided, or set apart."""
    kept = [i for i in store.quarantine(collection) if i.state is not ItemState.GONE]
    decided = (i for i in kept if i.state in {ItemState.RESOLVED, ItemState.WAIVED})
    return Known(
        set_apart={
            i.line.document_id: i.line
            for i in kept
            if i.line.reason is Reason.UNIQUE_CONFLICT and i.line.document_id is not None
        },
        decided=frozenset((i.line.reason, i.line.sha256) for i in decided),
    )


def _line_findings(found: Comparison) -> Iterator[Finding]:
    """Tell of lines that were not moved and not waived, and of those moved with a remark."""
    if found.unmoved.total():
        yield _finding(
            "documents_not_moved",
            Severity.CRITICAL,
            "Lines of the datafile were not moved; resolve or waive each in quarantine.",
            found,
            count=found.unmoved.total(),
            samples=[_place(odd) for odd in found.samples if not odd.reason.is_remark],
            details={"reasons": {str(reason): count for reason, count in found.unmoved.items()}},
        )
    for code in sorted(set(_REMARKS.values())):
        count = sum(n for reason, n in found.remarks.items() if _REMARKS[reason] == code)
        if count:
            yield _finding(
                code,
                Severity.WARNING,
                "Lines were moved with a remark: NeDB reads them differently, or loses them.",
                found,
                count=count,
                samples=[_place(odd) for odd in found.samples if _REMARKS.get(odd.reason) == code],
            )
    if found.tail_bytes:
        yield _finding(
            "torn_tail",
            Severity.WARNING,
            "The datafile ends in an unfinished line; it is read when it is finished.",
            found,
            count=1,
            details={"bytes": found.tail_bytes},
        )


def _refusal_findings(found: Comparison) -> Iterator[Finding]:
    """Tell why the NeDB library itself would not load the datafile."""
    reasons = []
    if found.bad_keys:
        reasons.append("field names that begin with $ or hold a dot")
    if found.set_apart:
        reasons.append("documents that break a unique index")
    if is_too_corrupt(found.counts):
        reasons.append("more than a tenth of its lines are corrupt")
    if reasons:
        yield _finding(
            "datafile_refused",
            Severity.CRITICAL,
            f"The NeDB library refuses to load this datafile: {'; '.join(reasons)}.",
            found,
            count=len(found.bad_keys) + found.set_apart,
            samples=list(found.bad_keys),
        )


def _index_findings(found: Comparison, store: Store) -> Iterator[Finding]:
    kept = {d.definition.name: d.definition for d in store.indexes(found.collection)}
    absent = sorted(
        n for n, d in found.indexes.items() if n not in kept or kept[n].unique != d.unique
    )
    if absent:
        yield _finding(
            "index_missing",
            Severity.WARNING,
            "Indexes that the datafile declares are not kept in the new database.",
            found,
            count=len(absent),
            samples=absent,
            category=Category.SCHEMA,
        )
    expiring = sorted(n for n, d in found.indexes.items() if d.expire_after_seconds is not None)
    if expiring:
        yield _finding(
            "ttl_index",
            Severity.WARNING,
            "Indexes with an expiry are kept as plain ones; nothing expires in the new database.",
            found,
            count=len(expiring),
            samples=expiring,
            category=Category.SCHEMA,
        )


def _database_findings(database: Database, store: Store) -> Iterator[Finding]:
    problems = store.problems() if store.exists() else []
    if problems:
        yield Finding(
            code="target_integrity",
            severity=Severity.CRITICAL,
            category=Category.INTEGRITY,
            message=f"The {database} database is damaged.",
            count=len(problems),
            samples=tuple(problems[:SAMPLES_MAX]),
        )


def recommend(findings: Iterable[Finding]) -> Iterator[str]:
    """Say what to do about the findings, the gravest first."""
    codes = {f.code for f in findings}
    if codes & {"missing_documents", "extra_documents", "mismatched_documents", "collection_empty"}:
        yield "Catch up with the datafiles (migration_start --wait) and validate again."
    if "documents_not_moved" in codes:
        yield "Look at the quarantined lines (migration_quarantine) and decide on each."
    if "datafile_refused" in codes:
        yield "Mend the datafile before the application restarts: NeDB refuses to load it."
    if "target_integrity" in codes:
        yield "Roll back: the new database is damaged. Then check the disk and start again."
    if "rescued_lines" in codes:
        yield "Keep the application from restarting until the move is done: it would lose lines."


def _place(odd: OddLine) -> dict[str, object]:
    return {"offset": odd.offset, "reason": str(odd.reason), "documentId": odd.document_id}


def _finding(  # noqa: PLR0913  the fields of a finding
    code: str,
    severity: Severity,
    message: str,
    found: Comparison,
    *,
    count: int,
    samples: Iterable[object] = (),
    details: Mapping[str, object] | None = None,
    category: Category = Category.INTEGRITY,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        category=category,
        message=message,
        collection=found.collection,
        count=count,
        samples=tuple(samples)[:SAMPLES_MAX],
        details=dict(details or {}),
    )
