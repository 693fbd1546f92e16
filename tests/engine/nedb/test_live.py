"""The map of living documents, in memory and beyond."""

import random

import pytest

from migration.engine.nedb.live import LiveDocuments


@pytest.mark.parametrize("held_bytes", [500, 1 << 20])
def test_it_is_the_map_that_a_dictionary_would_be(held_bytes, monkeypatch):
    monkeypatch.setattr("migration.engine.nedb.live._HELD_BYTES_MAX", held_bytes)
    draw = random.Random(1)
    expected = {}

    with LiveDocuments() as live:
        for _ in range(200):
            ids = draw.sample("abcdefghij", 3)
            changes = {i: draw.choice([None, b"1", b"2"]) for i in ids}
            live.apply(changes)
            expected |= changes
            alive = {i: note for i, note in expected.items() if note is not None}

            assert live.get("abcdefghij") == alive
            assert live.count() == len(alive)
            assert dict(live.items()) == alive
