"""The ``_id`` of a document: which kinds are kept, and which NeDB takes for one another."""

from typing import Final

from migration.engine.documents import JsDate, Value, parse
from migration.engine.nedb.cutting import is_encodable

ID_BYTES_MAX: Final = 1024


def kind_of_id(body: bytes) -> str:
    """Return the JSON type of a document's ``_id``: string, number or boolean."""
    document = parse(body)
    return kind_of(document["_id"]) if isinstance(document, dict) else "string"


def kind_of(identity: Value) -> str:
    """Return the JSON type of an ``_id``: string, number or boolean."""
    if isinstance(identity, str):
        return "string"
    return "boolean" if isinstance(identity, bool) else "number"


def looks_like_another_type(key: str) -> bool:
    """Tell whether the text of an ``_id`` may be that of a number or a boolean."""
    return key in {"true", "Infinity", "-Infinity"} or key[0] in "-0123456789"


def is_supported_id(identity: Value) -> bool:
    """Tell whether a document with this ``_id`` can be kept."""
    if isinstance(identity, (list, dict, JsDate)):
        return False
    if not isinstance(identity, str):
        return True
    return (
        "\x00" not in identity and is_encodable(identity) and len(identity.encode()) <= ID_BYTES_MAX
    )
