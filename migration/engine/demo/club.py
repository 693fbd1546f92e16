"""The fictional club: its calendar, and the documents that later ones may refer to."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from migration.engine.demo.dice import Dice
from migration.engine.documents import Document, JsDate, Value

MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE

# Fixed, so that the same seed gives the same bytes on any day. Milliseconds since 1970.
OPENED: Final = int(datetime(2024, 3, 1, 1, tzinfo=UTC).timestamp()) * 1000
TODAY: Final = int(datetime(2025, 9, 15, 9, tzinfo=UTC).timestamp()) * 1000


@dataclass(slots=True)
class Club:
    """What was drawn so far: the live documents by collection, oldest first.

    Of a collection without documents at a moment, the first is drawn that came later.
    """

    dice: Dice
    live: dict[str, list[Document]] = field(default_factory=dict)
    _made: dict[str, list[int]] = field(default_factory=dict)

    def keep(self, collection: str, documents: list[Document], made: list[int]) -> None:
        """Remember a collection's live documents and when each was made."""
        self.live[collection] = documents
        self._made[collection] = made

    def earlier(self, collection: str, moment: int) -> Document:
        """Draw a live document that was there at a moment."""
        return self.dice.pick(self._until(collection, moment))

    def some_earlier(self, collection: str, moment: int, most: int) -> list[Document]:
        """Draw up to so many different live documents that were there at a moment."""
        there = self._until(collection, moment)
        places: list[int] = sorted({self.dice.number(0, len(there) - 1) for _ in range(most)})
        return [there[place] for place in places]

    def _until(self, collection: str, moment: int) -> Sequence[Document]:
        return self.live[collection][: max(1, bisect_right(self._made[collection], moment))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one collection came to be.

    ``make`` gets the document's number and the moment of its making; ``change`` alters a document.
    ``documents`` are alive in the end, ``removed`` were beside them and are gone. ``since_days``
    and ``until_days`` are when the first and the last came, counted from the club's opening.
    """

    collection: str
    documents: int
    make: Callable[[Club, int, int], Document]
    change: Callable[[Club, Document, int], None] | None = None
    changed_percent: int = 0
    removed: int = 0
    since_days: int = 0
    until_days: int = (TODAY - OPENED) // DAY


def text_of(document: Document, name: str) -> str:
    """Return a field that is known to be text."""
    value = document[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__}")
    return value


def whole_of(document: Document, name: str) -> int:
    """Return a field that is known to be a whole number."""
    value = document[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is a {type(value).__name__}")
    return value


def part_of(document: Document, name: str) -> Document:
    """Return a field that is known to be an object; changing it changes the document."""
    value = document[name]
    if not isinstance(value, dict):
        raise TypeError(f"{name} is a {type(value).__name__}")
    return value


def stamps(moment: int) -> Document:
    """Return the two timestamps of a new document."""
    return {"createdAt": JsDate(moment), "updatedAt": JsDate(moment)}


def iso(moment: int) -> str:
    """Return a moment as JavaScript's ``toISOString`` writes it."""
    when = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    return when.replace("+00:00", "Z")


def day(moment: int) -> str:
    """Return the day of a moment, such as 2025-09-15."""
    return iso(moment)[:10]


def date_or_none(moment: int | None) -> Value:
    """Return a date, or null where there is no moment."""
    return None if moment is None else JsDate(moment)
