"""Where NeDB would cut a line of ours, and what it could read of the pieces.

Source: @seald-io/nedb lib/byline.js.
"""

import re
from collections.abc import Iterator
from typing import Final

from migration.engine.documents import NotJsonError, nesting_depth, parse

# Node's stack ends between 2,000 and 3,000 levels: beyond, the library refuses the line or the
# file.
NEDB_DEPTH_MAX: Final = 2000

BLANK: Final = b" \t\r\n\x0b\x0c"
SEPARATOR: Final = re.compile("\r\n|[\x0b\x0c\r\x85\u2028\u2029]")
_SEPARATOR_BYTES: Final = re.compile(rb"\r\n|[\x0b\x0c\r]|\xe2\x80[\xa8\xa9]|\xc2\x85")


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are valid UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_encodable(text: str) -> bool:
    """Tell whether text has no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def pieces_of(raw: bytes) -> Iterator[tuple[bytes, int]]:
    """Cut a line where NeDB would, with the place of each piece in it."""
    start = 0
    for match in _SEPARATOR_BYTES.finditer(raw):
        yield raw[start : match.start()], start
        start = match.end()
    if start < len(raw):
        yield raw[start:], start


def is_record(piece: bytes) -> bool:
    """Tell whether a piece of a line is an object."""
    try:
        return isinstance(parse(piece), dict)
    except NotJsonError:
        return False


def is_cut(raw: bytes) -> bool:
    """Tell whether a separator of NeDB's stands inside of what is one record to us."""
    return sum(1 for piece, _ in pieces_of(raw) if piece.strip(BLANK)) > 1


def is_json(piece: bytes) -> bool:
    """Tell whether NeDB could read a piece of a line."""
    text = piece.decode("utf-8", "replace")
    try:
        return parse(text) is not None and not is_too_deep(text)
    except NotJsonError:
        return False


def is_too_deep(text: str) -> bool:
    """Tell whether Node's stack ends before the nesting does."""
    is_suspect = text.count("[") + text.count("{") > NEDB_DEPTH_MAX
    return is_suspect and nesting_depth(text) > NEDB_DEPTH_MAX
