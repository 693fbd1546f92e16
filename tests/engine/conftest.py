import pytest

from tests.engine.moving import Move


@pytest.fixture
def move(tmp_path):
    """A legacy folder with one collection, and its target."""
    move = Move(tmp_path)
    yield move
    move.store.close()
