"""The one place where JSON text becomes values, and values become text again.

A line of a datafile means what JavaScript makes of it, not what a JSON library of Python does:
numbers are doubles, strings are UTF-16 and may hold half a character, ``{"$$date": …}`` is a date,
of two equal keys the last counts. Each of these has its rule here and nowhere else, checked against
the real library, so that the rest of the engine can compare, index and write documents without
thinking of it.

Values are plain: ``None``, ``bool``, ``int | float``, ``str``, ``JsDate``, ``list``, ``dict``, and
``UNDEFINED`` where JavaScript would say so. An ``int`` never lies beyond 2**53. What leaves the
engine is the text of a line, kept byte for byte; values are only ever looked at.
"""

from migration.engine.documents.fields import bad_key, dot_value
from migration.engine.documents.nesting import nesting_depth
from migration.engine.documents.numbers import identity_text, javascript_number, number_text
from migration.engine.documents.reading import parse, revive
from migration.engine.documents.values import (
    INVALID_DATE,
    UNDEFINED,
    Document,
    JsDate,
    Undefined,
    Value,
    is_truthy,
)
from migration.engine.documents.writing import canonical, serialise
from migration.engine.errors import NotJsonError

__all__ = [
    "INVALID_DATE",
    "UNDEFINED",
    "Document",
    "JsDate",
    "NotJsonError",
    "Undefined",
    "Value",
    "bad_key",
    "canonical",
    "dot_value",
    "identity_text",
    "is_truthy",
    "javascript_number",
    "nesting_depth",
    "number_text",
    "parse",
    "revive",
    "serialise",
]
