"""The lines of one datafile, as NeDB appends them and compacts them."""

from collections.abc import Sequence

from migration.engine.demo.club import text_of
from migration.engine.documents import Document, JsDate, serialise


class History:
    """One datafile from its first start on; ``live`` holds the documents by id, oldest first."""

    def __init__(self, indexes: Sequence[Document]) -> None:
        self.live: dict[str, Document] = {}
        self._indexes = indexes
        self._lines: list[str] = []

    def start(self) -> None:
        """Load and compact, then ask for every index, as the application does at each start.

        Source: @seald-io/nedb lib/persistence.js ``persistCachedDatabaseAsync``.
        """
        if self._lines:
            self._lines = [serialise(self.live[identity]) for identity in sorted(self.live)]
            for index in self._indexes:
                self._append_index({**index, "unique": "unique" in index, "sparse": False})
        for index in self._indexes:
            self._append_index(index)

    def insert(self, document: Document, identity: str) -> None:
        """Give the document its id, the last of its fields, and append it."""
        document["_id"] = identity
        self.live[identity] = document
        self._lines.append(serialise(document))

    def update(self, document: Document, moment: int) -> None:
        """Append a document again, as a whole, after its fields were changed."""
        document["updatedAt"] = JsDate(moment)
        self._lines.append(serialise(self.live[text_of(document, "_id")]))

    def remove(self, identity: str) -> None:
        """Append a tombstone."""
        del self.live[identity]
        self._lines.append(serialise({"$$deleted": True, "_id": identity}))

    def content(self) -> bytes:
        """Return the datafile."""
        return "".join(f"{line}\n" for line in self._lines).encode()

    def _append_index(self, options: Document) -> None:
        self._lines.append(serialise({"$$indexCreated": options}))
