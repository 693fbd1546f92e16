"""Opening, recognising and cutting datafiles."""

import errno
import os
import socket
from dataclasses import replace
from hashlib import sha256

import pytest

from migration.engine.checkpoint import Recognition
from migration.engine.errors import DatafileUnreadableError, SourceChangedError
from migration.engine.nedb.datafile import Datafile
from tests.engine.moving import looks

LINES = b"".join(b'{"_id":"%03d"}\n' % n for n in range(100))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "things.db"
    path.write_bytes(LINES)
    return path


def read_to(path, end=None, *, block_bytes=64):
    """Read whole lines up to ``end`` and return the checkpoint behind them."""
    last = b""
    with Datafile(path) as datafile:
        for chunk in datafile.chunks(end or datafile.stat.size, block_bytes=block_bytes):
            last = chunk.data[chunk.data.rfind(b"\n", 0, -1) + 1 :]
        return datafile.checkpoint(generation=1, last_line=last)


def recognise(path, checkpoint, **options):
    with Datafile(path) as datafile:
        return datafile.recognise(checkpoint, **({"hash_prefix": True} | options))


def append(path, content):
    with path.open("ab") as datafile:
        datafile.write(content)


@pytest.fixture
def no_inode_generations(monkeypatch):
    """Be on a file system that keeps no generations of inodes."""

    def refuse(*_):
        raise OSError(errno.ENOTTY, "not supported")

    monkeypatch.setattr("fcntl.ioctl", refuse)


# Cutting


@pytest.mark.parametrize("block_bytes", [1, 7, 15, 16, 1000, 1 << 20])
def test_chunks_are_whole_lines_that_add_up_to_the_file(path, block_bytes):
    with Datafile(path) as datafile:
        chunks = list(datafile.chunks(len(LINES), block_bytes=block_bytes))

        assert b"".join(chunk.data for chunk in chunks) == LINES
        assert all(chunk.data.endswith(b"\n") for chunk in chunks)
        assert [chunk.offset for chunk in chunks][1:] == [chunk.end for chunk in chunks][:-1]
        assert datafile.digest.hexdigest() == sha256(LINES).hexdigest()


def test_what_follows_the_last_line_end_is_the_tail(path):
    path.write_bytes(LINES + b'{"_id":"torn')

    with Datafile(path) as datafile:
        *_, last = datafile.chunks(datafile.stat.size, block_bytes=50)

        assert last.end == datafile.position == len(LINES)
        assert datafile.tail(datafile.stat.size) == b'{"_id":"torn'


def test_what_is_appended_while_reading_is_left_for_the_next_time(path):
    with Datafile(path) as datafile:
        size = datafile.stat.size
        path.write_bytes(LINES + b'{"_id":"later"}\n')

        assert b"".join(chunk.data for chunk in datafile.chunks(size)) == LINES


def test_reading_goes_on_from_a_chunk_as_if_it_had_not_stopped(path):
    with Datafile(path) as datafile:
        next(datafile.chunks(len(LINES), block_bytes=100))
        rest = b"".join(chunk.data for chunk in datafile.chunks(len(LINES), block_bytes=100))

        assert LINES.endswith(rest)
        assert datafile.digest.hexdigest() == sha256(LINES).hexdigest()


def test_a_file_that_shrinks_while_it_is_read_is_told(path):
    with Datafile(path) as datafile:
        path.write_bytes(LINES[:100])

        with pytest.raises(SourceChangedError):
            list(datafile.chunks(datafile.stat.size, block_bytes=64))


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(path):
    with Datafile(path) as datafile:
        blocks = datafile.chunks(len(LINES), block_bytes=64)
        first = next(blocks)
        path.with_name("new").write_bytes(b"other\n")
        path.with_name("new").rename(path)

        assert first.data + b"".join(chunk.data for chunk in blocks) == LINES


def test_a_line_beyond_the_limit_is_passed_over_and_hashed(path, monkeypatch):
    monkeypatch.setattr("migration.engine.nedb.datafile.LINE_BYTES_MAX", 100)
    content = b'{"_id":"a"}\n' + b"x" * 500 + b'\n{"_id":"b"}\n'
    path.write_bytes(content)

    with Datafile(path) as datafile:
        chunks = list(datafile.chunks(len(content), block_bytes=64))

        (skipped,) = [chunk for chunk in chunks if chunk.skipped_bytes]
        assert (skipped.offset, skipped.skipped_bytes, skipped.data) == (12, 501, b"")
        assert skipped.skipped_sha256 == sha256(b"x" * 500).hexdigest()
        assert b"".join(chunk.data for chunk in chunks) == b'{"_id":"a"}\n{"_id":"b"}\n'
        assert datafile.digest.hexdigest() == sha256(content).hexdigest()


def test_a_line_beyond_the_limit_that_does_not_end_is_left(path, monkeypatch):
    monkeypatch.setattr("migration.engine.nedb.datafile.LINE_BYTES_MAX", 100)
    path.write_bytes(LINES + b"x" * 500)

    with Datafile(path) as datafile:
        data = b"".join(chunk.data for chunk in datafile.chunks(datafile.stat.size, block_bytes=64))

        assert (data, datafile.position) == (LINES, len(LINES))


# Opening


def make_fifo(path):
    os.mkfifo(path)


def make_link(path):
    path.with_name("real.db").write_bytes(LINES)
    path.symlink_to("real.db")


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


@pytest.mark.parametrize("make", [make_fifo, make_link, make_socket, os.mkdir])
def test_what_is_no_regular_file_is_refused_without_waiting(path, make):
    path.unlink()
    make(path)

    with pytest.raises(DatafileUnreadableError, match=r"things\.db can't be read"):
        Datafile(path)


def test_a_missing_file_is_missing(path):
    path.unlink()

    with pytest.raises(FileNotFoundError):
        Datafile(path)


def test_reading_leaves_no_trace(path):
    os.utime(path, ns=(1, 10**18))
    before = looks(path.parent)

    recognise(path, read_to(path))

    assert looks(path.parent) == before


# Recognising


@pytest.mark.parametrize("hash_prefix", [True, False])
def test_a_file_nobody_touched_is_unchanged(path, hash_prefix):
    checkpoint = read_to(path)

    assert recognise(path, checkpoint, hash_prefix=hash_prefix) is Recognition.UNCHANGED


@pytest.mark.usefixtures("no_inode_generations")
def test_a_file_nobody_touched_is_unchanged_without_inode_generations_too(path):
    checkpoint = read_to(path)

    assert checkpoint.stat.inode_generation is None
    assert recognise(path, checkpoint, hash_prefix=False) is Recognition.UNCHANGED


def test_a_file_whose_times_alone_moved_is_unchanged(path):
    checkpoint = read_to(path)
    os.utime(path)

    assert recognise(path, checkpoint) is Recognition.UNCHANGED


@pytest.mark.parametrize("hash_prefix", [True, False])
def test_a_file_that_was_appended_to_has_grown(path, hash_prefix):
    checkpoint = read_to(path)
    append(path, b'{"_id":"new"}\n')

    assert recognise(path, checkpoint, hash_prefix=hash_prefix) is Recognition.GROWN


def test_a_file_that_was_not_read_to_its_end_is_taken_up_at_the_checkpoint(path):
    checkpoint = read_to(path, 320)

    with Datafile(path) as datafile:
        assert datafile.recognise(checkpoint, hash_prefix=True) is not Recognition.REPLACED
        assert datafile.position == checkpoint.offset
        rest = b"".join(chunk.data for chunk in datafile.chunks(len(LINES)))

        assert LINES[checkpoint.offset :] == rest
        assert datafile.digest.hexdigest() == sha256(LINES).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        LINES[:-15],
        LINES[15:],
        LINES.replace(b"050", b"xyz"),
        LINES.replace(b"099", b"xyz"),
        LINES.replace(b"000", b"xyz") + b'{"_id":"new"}\n',
    ],
)
@pytest.mark.parametrize("is_in_place", [True, False])
@pytest.mark.parametrize("hash_prefix", [True, False])
def test_a_file_with_other_content_is_another_generation(path, content, is_in_place, hash_prefix):
    checkpoint = read_to(path)
    target = path if is_in_place else path.with_name("things.db~")
    target.write_bytes(content)
    target.rename(path)

    assert recognise(path, checkpoint, hash_prefix=hash_prefix) is Recognition.REPLACED


def test_a_reused_inode_with_the_same_size_and_last_line_is_told_by_its_prefix(path):
    checkpoint = read_to(path)
    changed = LINES.replace(b"050", b"xyz")
    path.write_bytes(changed)  # in place: the inode and its generation stay
    os.utime(path, ns=(checkpoint.stat.mtime_ns, checkpoint.stat.mtime_ns))
    with Datafile(path) as datafile:
        looks_the_same = replace(checkpoint, stat=datafile.stat)

    assert looks_the_same.stat.inode == checkpoint.stat.inode
    assert looks_the_same.stat.size == checkpoint.stat.size
    assert recognise(path, looks_the_same, hash_prefix=True) is Recognition.REPLACED


@pytest.mark.usefixtures("no_inode_generations")
def test_looks_are_not_trusted_where_inodes_have_no_generation(path):
    checkpoint = read_to(path)
    path.write_bytes(LINES.replace(b"050", b"xyz"))
    with Datafile(path) as datafile:
        looks_the_same = replace(checkpoint, stat=datafile.stat)

    assert recognise(path, looks_the_same, hash_prefix=False) is Recognition.REPLACED


def test_a_file_with_another_inode_generation_is_another_file(path):
    checkpoint = read_to(path)
    if checkpoint.stat.inode_generation is None:
        pytest.skip("this file system keeps no inode generations")
    earlier = replace(checkpoint.stat, inode_generation=checkpoint.stat.inode_generation ^ 1)

    assert recognise(path, replace(checkpoint, stat=earlier)) is Recognition.REPLACED


def test_a_kept_digest_saves_reading_what_was_read(path):
    with Datafile(path) as datafile:
        list(datafile.chunks(len(LINES)))
        checkpoint, digest = (
            datafile.checkpoint(generation=1, last_line=LINES[-14:]),
            datafile.digest,
        )
    append(path, b'{"_id":"new"}\n')

    with Datafile(path) as datafile:
        found = datafile.recognise(checkpoint, hash_prefix=False, digest=digest.copy())
        list(datafile.chunks(datafile.stat.size))

        assert found is Recognition.GROWN
        assert datafile.digest.hexdigest() == sha256(path.read_bytes()).hexdigest()


def test_a_kept_digest_of_something_else_is_not_believed(path):
    checkpoint = read_to(path)
    append(path, b'{"_id":"new"}\n')

    with Datafile(path) as datafile:
        datafile.recognise(checkpoint, hash_prefix=False, digest=sha256(b"something else"))
        list(datafile.chunks(datafile.stat.size))

        assert datafile.digest.hexdigest() == sha256(path.read_bytes()).hexdigest()
