"""Asks the real NeDB library, so that tests compare with it and not with what we believe of it.

One Node process is started at the first question and answers until the tests end. Without Node or
the libraries the asking test is skipped, in CI it fails; it carries ``pytest.mark.needs_node``.

The libraries come from ``$MIGRATOR_NEDB_DIR/node_modules`` where that variable is set; else npm
installs them once, without running their scripts, into ``rolling-migrator/nedb`` in the user's
cache folder.

Values travel in the canonical notation of ``migration.engine.documents.canonical``: plain JSON with
``{"$$date": ms}``, ``{"$$undefined": true}``, ``{"$$number": "NaN"}``; in queries also
``{"$$regex": source, "$$flags": flags}``. ``json.loads(canonical(value))`` makes it of a value.
``library`` is "4" (@seald-io/nedb 4.1.2) or "1" (nedb 1.8.0). The clock's zone is UTC.
"""

import base64
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.nedb import installation
from tests.nedb.process import Node, OracleError

KINDS = ("plain", "mixed", "indexed", "identities", "lost")

_SCRIPT = Path(__file__).with_name("oracle.cjs")
_PATIENCE_SECONDS = 120
_GENERATED_PER_SECOND = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpResult:
    """What the library makes of a datafile.

    ``documents`` are canonical texts sorted by ``_id``: numbers, then strings by code point, then
    the rest. ``summary`` counts ``lines``, ``corrupt``, ``documents`` (document lines),
    ``tombstones``, ``index_lines``, ``index_removals``, ``ignored`` as the library's own parser met
    them in the first load; ``count`` are live documents, ``indexes`` a list of ``fieldName``,
    ``unique``, ``sparse``; ``error`` is why it was refused, else None.
    """

    documents: list[str]
    summary: dict[str, Any]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, or the library's error message.

    ``text`` is the canonical text of the answer; ``elements`` that of each element, where the
    answer is an array.
    """

    text: str | None
    error: str | None = None
    elements: list[str] | None = None

    @property
    def value(self) -> Any:
        """The answer in the canonical notation."""
        if self.text is None:
            raise OracleError(f"the library refused: {self.error}")
        return json.loads(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A datafile written by the library, and how many documents it held in memory at the end."""

    path: Path
    documents: int


def dump(file: Path, *, library: str = "4", loads: int = 1) -> DumpResult:
    """Load a copy of a datafile (and of its ``~`` file) with the library, ``loads`` times.

    The second load reads what the first one's compaction wrote.
    """
    return DumpResult(**_ask("dump", file=str(file), library=library, loads=loads))


def run(
    file: Path | None,
    ops: Iterable[dict[str, Any]],
    *,
    library: str = "4",
    timestamps: bool = False,
    now: int | None = None,
) -> list[Answer]:
    """Run operations one after the other on a copy of a datafile; None is an empty one.

    ``{"op": "find" | "findOne", "query", "projection", "sort", "skip", "limit"}``, ``count``,
    ``{"op": "insert", "document"}`` (or a list), ``{"op": "update", "query", "update", "options"}``
    (answers numAffected, affectedDocuments, upsert), ``{"op": "remove", "query", "options"}``
    (answers numRemoved), ``{"op": "ensureIndex", "options"}``, ``{"op": "removeIndex", "field"}``,
    ``compact``, ``load`` (a restart), ``file`` (the text of the datafile). ``sort`` is an object or
    a list of [field, direction].

    New identities are the same at each run; ``now`` (milliseconds) stops the clock.

    Raises:
        OracleError: the library refuses the datafile.
    """
    answers = _ask(
        "run",
        file=None if file is None else str(file),
        ops=list(ops),
        library=library,
        timestamps=timestamps,
        now=now,
    )
    return [Answer(**answer) for answer in answers]


def many(questions: Iterable[dict[str, Any]], *, library: str = "4") -> list[Answer]:
    """Put questions to the library's model in one go, which is much quicker than one by one.

    Each is ``{"call": name, ...}`` with the arguments of the function of that name below, as
    made by ``parse_question`` for ``parse``; ``{"call": "equal", "a", "b"}`` and
    ``{"call": "dot", "document", "path"}`` have no function.
    """
    answers = _ask("many", questions=list(questions), library=library)
    return [Answer(**answer) for answer in answers]


def parse_question(text: str | bytes) -> dict[str, Any]:
    """Return the question what the library makes of a line; bytes are decoded by Node."""
    if isinstance(text, str):
        return {"call": "parse", "text": text}
    return {"call": "parse", "base64": base64.b64encode(text).decode()}


def parse(text: str | bytes, *, library: str = "4") -> Answer:
    """Read a line as the library does."""
    return _one(parse_question(text), library)


def canonical(value: Any) -> str:
    """Return the canonical text of a value."""
    answer = _one({"call": "canonical", "value": value}, "4")
    if answer.text is None:
        raise OracleError(answer.error)
    return answer.text


def serialize(value: Any, *, library: str = "4") -> Answer:
    """Write a document as the library does; the answer's value is the line."""
    return _one({"call": "serialize", "value": value}, library)


def check(value: Any, *, library: str = "4") -> str | None:
    """Return why the library refuses the names in a document, or None."""
    return _one({"call": "check", "value": value}, library).error


def compare(a: Any, b: Any, *, library: str = "4") -> int:
    """Return how two values are ordered: below 0, 0 or above."""
    return int(_one({"call": "compare", "a": a, "b": b}, library).value)


def match(document: Any, query: Any, *, library: str = "4") -> Answer:
    """Tell whether a document meets a query."""
    return _one({"call": "match", "document": document, "query": query}, library)


def modify(document: Any, update: Any, *, library: str = "4") -> Answer:
    """Return the document that an update makes of a document."""
    return _one({"call": "modify", "document": document, "update": update}, library)


def generate(
    folder: Path,
    *,
    seed: int = 1,
    documents: int = 200,
    kinds: Sequence[str] = KINDS,
    library: str = "4",
) -> list[Generated]:
    """Let the library write one datafile of each kind, with a history of about ``documents``.

    ``plain`` is what an application has; ``mixed`` has values and names of every sort; ``indexed``
    unique, sparse, compound and expiring indexes over arrays and dates; ``identities`` numbers and
    texts that collide at a load; ``lost`` holds, in less than a tenth of its lines, what the
    library itself loses at its next start (U+2028, an ``_id`` of 0). Beyond 100,000 documents a
    kind gets several datafiles. The same seed gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = _ask(
        "generate",
        patience_seconds=_PATIENCE_SECONDS + len(kinds) * documents / _GENERATED_PER_SECOND,
        folder=str(folder),
        seed=seed,
        documents=documents,
        kinds=list(kinds),
        library=library,
    )
    return [Generated(path=Path(m["path"]), documents=m["documents"]) for m in made]


def _one(question: dict[str, Any], library: str) -> Answer:
    return many([question], library=library)[0]


def _ask(call: str, *, patience_seconds: float = _PATIENCE_SECONDS, **arguments: Any) -> Any:
    if _found().missing:
        # Not left to the mark, which a test may lack.
        without = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        without(_found().missing)
    if _node().has_ended:
        _node.cache_clear()
    return _node().ask({"call": call, **arguments}, patience_seconds=patience_seconds)


@dataclass(frozen=True, slots=True)
class _Found:
    command: list[str]
    missing: str = ""


@cache
def _found() -> _Found:
    # Kept when it fails, too: npm is not asked again for each test.
    try:
        return _Found(installation.command(_SCRIPT))
    except installation.MissingError as exc:
        return _Found([], missing=str(exc))


@cache
def _node() -> Node:
    return Node(_found().command)
