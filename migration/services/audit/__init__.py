"""The audit trail: written with every act, read by people, and checked from end to end.

An entry of a change is written in the change's own transaction, so that neither is there without
the other. What was refused or failed is written after that transaction is gone. Each entry signs
the one before: a changed, removed or inserted entry breaks the chain, and the chain's head, kept
in a file beside the database too, tells when its end was cut off or all of it was made anew.

A service wraps the whole act in ``audited`` and calls ``record`` in its transaction::

    with audit.audited("run.stop", actor=actor, object_type="run"):
        require(actor, Right.OPERATE)
        with transaction.atomic():
            ...
            audit.record("run.stopped", actor=actor, object_type="run", object_id=run.name)

Write the entry late in the transaction: on PostgreSQL others wait for it to end from there on.
"""

from migration.services.audit.reading import (
    AuditFilter,
    AuditPage,
    entries,
    entry_data,
    export_entries,
    page_data,
)
from migration.services.audit.verifying import AuditVerdict, HeadState, verify
from migration.services.audit.writing import audited, record, record_apart

__all__ = [
    "AuditFilter",
    "AuditPage",
    "AuditVerdict",
    "HeadState",
    "audited",
    "entries",
    "entry_data",
    "export_entries",
    "page_data",
    "record",
    "record_apart",
    "verify",
]
