"""Reading JSON bodies, within limits that are checked before anything is built from them."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, Final, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEPTH_MAX: Final = 64
DIGITS_MAX: Final = 400  # more than any number that a double can hold

# A text, a bracket, or a run of too many digits. The closing quote is optional, so that every
# quote begins a match: texts that never end would otherwise be searched again and again.
_TOKEN: Final = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]|[0-9]{%d,}' % (DIGITS_MAX + 1), re.DOTALL
)


class LimitedJsonParser(JSONParser):
    """JSON in UTF-8, of a limited depth and with numbers of a limited length."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value that the body holds.

        Raises:
            ParseError: it is not JSON, or outside of the limits.
        """
        body: bytes = stream.read()
        _refuse_bombs(body)
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as exc:
            raise ParseError("The body is not JSON in UTF-8.", "bad_json") from exc


def _refuse_bombs(body: bytes) -> None:
    depth = 0
    for token in _TOKEN.finditer(body):
        first = body[token.start() : token.start() + 1]
        if first in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise ParseError(f"The body is nested deeper than {DEPTH_MAX}.", "too_deep")
        elif first in b"]}":
            depth -= 1
        elif first != b'"':
            raise ParseError(f"A number has more than {DIGITS_MAX} digits.", "number_too_long")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
