"""JSON nested deeper than the parsers go: reading it without recursion, and measuring it."""

import json
import re
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_BRACKET_OR_STRING: Final = re.compile(r'[\[{]|[\]}]|"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def nesting_depth(text: str) -> int:
    """Return how many arrays and objects of a JSON text stand inside one another at most."""
    depth = deepest = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def read_nested(text: str, decoder: json.JSONDecoder) -> Any:  # noqa: ANN401 - JSON enters here
    """Read JSON of any depth; strings, numbers and literals are left to the decoder.

    Raises:
        ValueError: the text is not one JSON value.
    """
    return _Reader(text, decoder).read()


class _Reader:
    """A position in a text, and the containers that are open there."""

    def __init__(self, text: str, decoder: json.JSONDecoder) -> None:
        self._text = text
        self._decoder = decoder
        self._position = 0
        self._open: list[Any] = []
        self._key = ""
        self._root: Any = None

    def read(self) -> Any:  # noqa: ANN401 - JSON enters here
        while self._read_value() or self._leave_ended():
            pass
        return self._root

    def _read_value(self) -> bool:
        """Read a value, or only the opening of one: true when its members come next."""
        mark = self._peek()
        if mark not in ("{", "["):
            value, self._position = self._decoder.raw_decode(self._text, self._position)
            self._attach(value)
            return False
        container: Any = {} if mark == "{" else []
        self._attach(container)
        self._position += 1
        if self._peek() == _closer(container):
            self._position += 1
            return False
        self._open.append(container)
        self._read_key(container)
        return True

    def _leave_ended(self) -> bool:
        """Close what ends here: true when another member follows, false at the end of the text."""
        while self._open:
            container = self._open[-1]
            mark = self._peek()
            self._position += 1
            if mark == ",":
                self._read_key(container)
                return True
            if mark != _closer(container):
                raise self._refusal("Expecting ',' delimiter")
            self._open.pop()
        if self._peek():
            raise self._refusal("Extra data")
        return False

    def _read_key(self, container: Any) -> None:  # noqa: ANN401 - JSON enters here
        if not isinstance(container, dict):
            return
        if self._peek() != '"':
            raise self._refusal("Expecting property name enclosed in double quotes")
        self._key, self._position = self._decoder.raw_decode(self._text, self._position)
        if self._peek() != ":":
            raise self._refusal("Expecting ':' delimiter")
        self._position += 1

    def _attach(self, value: Any) -> None:  # noqa: ANN401 - JSON enters here
        if not self._open:
            self._root = value
        elif isinstance(self._open[-1], dict):
            self._open[-1][self._key] = value
        else:
            self._open[-1].append(value)

    def _peek(self) -> str:
        space = _SPACE.match(self._text, self._position)
        if space:
            self._position = space.end()
        return self._text[self._position : self._position + 1]

    def _refusal(self, reason: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(reason, self._text, self._position)


def _closer(container: Any) -> str:  # noqa: ANN401 - JSON enters here
    return "}" if isinstance(container, dict) else "]"
