"""One datafile, read as bytes: opened without being changed, recognised, and cut at line ends.

Nothing here writes. A datafile is opened without following links and without waiting (a FIFO in its
place must not hang the run), and where the system allows it without touching its access time.
"""

import fcntl
import os
import stat as stat_bits
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from migration.engine.checkpoint import Checkpoint, FileStat, Recognition
from migration.engine.errors import DatafileUnreadableError, SourceChangedError

if TYPE_CHECKING:
    from hashlib import _Hash

BLOCK_BYTES: Final = 1 << 20
LINE_BYTES_MAX: Final = 256 << 20
_FS_IOC_GETVERSION: Final = 0x80087601


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole lines of a datafile: ``data`` ends with a line feed and begins at ``offset``.

    An oversized line is not loaded: ``data`` is empty then and ``skipped_bytes`` tells its length
    with the line end, ``skipped_sha256`` its digest.
    """

    offset: int
    data: bytes
    skipped_bytes: int = 0
    skipped_sha256: str = ""

    @property
    def end(self) -> int:
        """The offset behind the chunk."""
        return self.offset + len(self.data) + self.skipped_bytes


class Datafile:
    """An open datafile; a context manager.

    ``digest`` is the running sha256 of every byte before ``position``, both moved by ``chunks``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = _open(path)
        self.stat = _stat(self._fd)
        self.position = 0
        self.digest: _Hash = sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def from_start(self) -> "Datafile":
        """Return the same open file at its first byte; the path may lead to another by now."""
        again = copy(self)
        again.position, again.digest = 0, sha256()
        return again

    def stat_now(self) -> FileStat:
        """Look at the open file again; the path may lead to another one by now."""
        return _stat(self._fd)

    def recognise(
        self, checkpoint: Checkpoint, *, hash_prefix: bool, digest: "_Hash | None" = None
    ) -> Recognition:
        """Tell whether this is the file that ``checkpoint`` was taken of.

        The prefix is read and hashed again when ``hash_prefix`` asks for it, when no ``digest``
        kept
        from the last look fits, when the file system keeps no inode generations, or when the times
        moved and the size did not. Unless the answer is REPLACED, the file then stands at the
        checkpoint.
        """
        known = checkpoint.stat
        if known == self.stat and known.inode_generation is not None and not hash_prefix:
            self.position = checkpoint.offset
            if digest is not None and digest.hexdigest() == checkpoint.prefix_sha256:
                self.digest = digest.copy()
            elif self.stat.size > checkpoint.offset and not self._prefix_matches(checkpoint):
                return Recognition.REPLACED
            return Recognition.UNCHANGED
        if not self._may_continue(checkpoint):
            return Recognition.REPLACED
        if digest is not None and not hash_prefix and self._is_trusted(checkpoint, digest):
            self.digest, self.position = digest.copy(), checkpoint.offset
        elif not self._prefix_matches(checkpoint):
            return Recognition.REPLACED
        is_as_it_was = self.stat.size == known.size and self.stat.size == checkpoint.offset
        return Recognition.UNCHANGED if known == self.stat or is_as_it_was else Recognition.GROWN

    def _may_continue(self, checkpoint: Checkpoint) -> bool:
        """Check what can be checked without reading everything: identity, size, last line."""
        if not checkpoint.stat.is_same_file(self.stat) or self.stat.size < checkpoint.offset:
            return False
        start = checkpoint.offset - checkpoint.last_line_bytes
        line = os.pread(self._fd, checkpoint.last_line_bytes, start)
        return sha256(line).hexdigest() == checkpoint.last_line_sha256

    def _is_trusted(self, checkpoint: Checkpoint, digest: "_Hash") -> bool:
        """Tell whether a digest kept in memory still speaks of this file.

        A file that only grew keeps its bytes; one that kept its size but not its times may have
        been rewritten in place.
        """
        grew = self.stat.size > checkpoint.stat.size
        has_generation = self.stat.inode_generation is not None
        return grew and has_generation and digest.hexdigest() == checkpoint.prefix_sha256

    def _prefix_matches(self, checkpoint: Checkpoint) -> bool:
        """Hash everything before the checkpoint; leaves the file there when it is the same."""
        digest = sha256()
        position = 0
        while position < checkpoint.offset:
            block = os.pread(self._fd, min(BLOCK_BYTES, checkpoint.offset - position), position)
            if not block:
                return False
            digest.update(block)
            position += len(block)
        if digest.hexdigest() != checkpoint.prefix_sha256:
            return False
        self.digest, self.position = digest, position
        return True

    def chunks(self, end: int, *, block_bytes: int = BLOCK_BYTES) -> Iterator[Chunk]:
        """Yield whole lines from the present position up to ``end``, about a block at a time.

        What follows the last line end before ``end`` is left: see ``tail``. When a chunk comes out,
        position and digest stand behind it: a consumer commits what it was given, never less.

        Raises:
            SourceChangedError: the file became shorter while it was read.
        """
        position = self.position
        parts: list[bytes] = []
        held = 0
        while position < end:
            block = os.pread(self._fd, min(block_bytes, end - position), position)
            if not block:
                raise SourceChangedError(datafile=self.path.name)
            position += len(block)
            cut = block.rfind(b"\n") + 1
            if cut == 0:
                parts.append(block)
                held += len(block)
                if held > LINE_BYTES_MAX:
                    skipped = self._skip_line(parts, position, end)
                    if skipped is None:
                        return
                    position = self.position = skipped.end
                    parts, held = [], 0
                    yield skipped
                continue
            parts.append(block[:cut])
            chunk = Chunk(offset=self.position, data=b"".join(parts))
            parts = [block[cut:]]
            held = len(parts[0])
            self.digest.update(chunk.data)
            self.position = chunk.end
            yield chunk

    def _skip_line(self, parts: list[bytes], position: int, end: int) -> Chunk | None:
        """Hash a line that is too long to be held; None when it does not end before ``end``."""
        line, whole = sha256(), self.digest.copy()
        for part in parts:
            line.update(part)
            whole.update(part)
        while position < end:
            block = os.pread(self._fd, min(BLOCK_BYTES, end - position), position)
            if not block:
                raise SourceChangedError(datafile=self.path.name)
            cut = block.find(b"\n")
            if cut >= 0:
                line.update(block[:cut])
                whole.update(block[: cut + 1])
                self.digest = whole
                length = position + cut + 1 - self.position
                return Chunk(
                    offset=self.position,
                    data=b"",
                    skipped_bytes=length,
                    skipped_sha256=line.hexdigest(),
                )
            line.update(block)
            whole.update(block)
            position += len(block)
        return None

    def tail(self, end: int) -> bytes:
        """Return the unfinished last line before ``end``, at most 256 MiB of it."""
        return os.pread(self._fd, min(end - self.position, LINE_BYTES_MAX), self.position)

    def count_lines(self, start: int, end: int) -> int:
        """Count the line ends between two offsets, or up to the end of the file."""
        found, position = 0, start
        while position < end:
            block = os.pread(self._fd, min(BLOCK_BYTES, end - position), position)
            if not block:
                break
            found += block.count(b"\n")
            position += len(block)
        return found

    def checkpoint(self, *, generation: int, last_line: bytes) -> Checkpoint:
        """Describe the present position; ``last_line`` is the line before it, with its line end."""
        return Checkpoint(
            generation=generation,
            stat=self.stat,
            offset=self.position,
            prefix_sha256=self.digest.hexdigest(),
            last_line_bytes=len(last_line),
            last_line_sha256=sha256(last_line).hexdigest(),
        )


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            fd = os.open(path, flags | getattr(os, "O_NOATIME", 0))
        except PermissionError:
            # Only a file's owner may leave its access time alone.
            fd = os.open(path, flags)
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise DatafileUnreadableError(datafile=path.name, reason=exc.strerror or str(exc)) from exc
    if not stat_bits.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise DatafileUnreadableError(datafile=path.name, reason="not a regular file")
    return fd


def _stat(fd: int) -> FileStat:
    seen = os.fstat(fd)
    return FileStat(
        device=seen.st_dev,
        inode=seen.st_ino,
        inode_generation=_inode_generation(fd),
        size=seen.st_size,
        mtime_ns=seen.st_mtime_ns,
        ctime_ns=seen.st_ctime_ns,
    )


def _inode_generation(fd: int) -> int | None:
    """Ask the file system which life of this inode we see; None where it does not count them."""
    answer = bytearray(8)
    try:
        fcntl.ioctl(fd, _FS_IOC_GETVERSION, answer)
    except OSError:
        return None
    return int.from_bytes(answer, "little")
