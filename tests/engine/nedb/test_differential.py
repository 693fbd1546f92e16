"""Our documents against the real library's, one by one.

What differs must be told in quarantine, with its reason, and nothing else may differ. The library
itself answers where Node is; what it answered once is recorded under tests/data, for everywhere
else (``python -m tests.data.record`` asks again).
"""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from migration.engine.nedb.refusal import is_too_corrupt
from tests.engine.moving import Move, by_identity, unexplained
from tests.engine.nedb.datafile_bytes import datafiles
from tests.nedb import oracle

RECORDED = sorted((Path(__file__).parents[2] / "data" / "datafiles").glob("*.json"))
# Enough good lines that the library does not refuse the file for the others.
FILLER = b"".join(b'{"_id":"filler-%03d"}\n' % n for n in range(600))


@pytest.fixture(params=RECORDED, ids=lambda path: path.stem)
def recorded(request):
    answer = json.loads(request.param.read_text(encoding="ascii"))
    return answer["datafile"].encode("latin-1"), answer["library"]


def would_refuse(survey):
    return bool(survey.bad_keys or survey.conflicts or is_too_corrupt(survey.counts))


def test_there_are_recorded_answers():
    assert len(RECORDED) >= 20


def test_documents_are_what_the_library_answered(move, recorded):
    content, library = recorded

    move.copy(content)

    # What it refused it did not read.
    assert library["refused"] or unexplained(move, library["documents"]) == []
    assert move.ledger().is_balanced


def test_corrupt_lines_and_refusals_are_what_the_library_answered(move, recorded):
    content, library = recorded
    move.write(content)

    survey = move.survey()

    assert (survey.counts.lines_to_nedb, survey.counts.corrupt_to_nedb) == (
        library["lines"],
        library["corrupt"],
    )
    assert would_refuse(survey) is library["refused"]


def with_library(content, check):
    with tempfile.TemporaryDirectory() as folder:
        move = Move(Path(folder))
        try:
            move.copy(content)
            check(move, oracle.dump(move.datafile))
        finally:
            move.store.close()


@pytest.mark.needs_node
@given(datafiles())
@settings(deadline=None, max_examples=60)
def test_any_datafile_is_read_as_the_library_reads_it(content):
    def check(move, answer):
        comparison = move.compare()
        if not answer.refused:
            assert unexplained(move, answer.documents) == []
        assert (comparison.extra, comparison.mismatched) == (0, 0)
        assert comparison.missing == move.ledger().conflicts
        assert move.ledger().is_balanced

    with_library(FILLER + content, check)


@pytest.mark.needs_node
@given(datafiles())
@settings(deadline=None, max_examples=40)
def test_any_datafiles_lines_are_counted_as_the_library_counts_them(content):
    def check(move, answer):
        counts = move.survey().counts
        seen = (counts.lines_to_nedb, counts.corrupt_to_nedb)
        assert seen == (answer.summary["lines"], answer.summary["corrupt"])

    with_library(content, check)


@pytest.mark.needs_node
@pytest.mark.parametrize("library", ["4", "1"])
@pytest.mark.parametrize("kind", oracle.KINDS)
def test_what_the_library_wrote_is_moved_document_by_document(move, tmp_path, kind, library):
    (generated,) = oracle.generate(
        tmp_path / "made", seed=3, documents=150, kinds=[kind], library=library
    )

    move.copy(generated.path.read_bytes())
    answer = oracle.dump(generated.path, library=library)

    assert answer.refused is False
    assert unexplained(move, answer.documents) == []
    if kind not in {"identities", "lost"}:
        documents, _ = by_identity(answer.documents)
        assert move.documents() == documents
        assert move.items() == []
    assert move.ledger().is_balanced
