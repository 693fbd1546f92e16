"""Lines that declare or drop an index.

Source: @seald-io/nedb lib/persistence.js ``treatRawStreamAsync``, lib/datastore.js ``ensureIndex``.
"""

from migration.engine.documents import Value, is_truthy
from migration.engine.index_definitions import IndexDefinition


def is_index_line(value: dict[str, Value]) -> bool:
    """Tell whether a line without an ``_id`` declares or drops an index."""
    created = value.get("$$indexCreated")
    if isinstance(created, dict) and created.get("fieldName") is not None:
        return True
    return isinstance(value.get("$$indexRemoved"), str)


def index_change(value: dict[str, Value]) -> tuple[str, IndexDefinition | None]:
    """Return the name of the index and its definition; None when it is dropped."""
    created = value.get("$$indexCreated")
    if isinstance(created, dict) and created.get("fieldName") is not None:
        definition = _definition(created)
        return definition.name, definition
    return str(value["$$indexRemoved"]), None


def _definition(created: dict[str, Value]) -> IndexDefinition:
    name = created["fieldName"]
    parts = name if isinstance(name, list) else [name]
    fields = tuple(f for part in parts for f in str(part).split(","))
    seconds = created.get("expireAfterSeconds")
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return IndexDefinition(
        name=",".join(fields),
        fields=fields,
        unique=is_truthy(created.get("unique")),
        sparse=is_truthy(created.get("sparse")),
        expire_after_seconds=float(seconds) if is_number else None,  # type: ignore[arg-type]
    )
