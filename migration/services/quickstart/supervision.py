"""Programs that live and die together.

They get sessions of their own, so that Ctrl-C reaches the supervisor alone and it decides who
stops first. On Linux the kernel stops them even when the supervisor is killed.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from migration.services.quickstart.errors import NotReadyError, ProgramEndedError

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOP_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class StopAsked(BaseException):
    """Someone asked to stop: Ctrl-C, SIGTERM, or a closed terminal."""


class Supervisor:
    """A context in which programs run; when it is left, none of them is there any more.

    Only the main thread can hold one, since it takes over signals.
    """

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self._stop_asked = False

    def __enter__(self) -> Self:
        self._bell, self._ring = socket.socketpair()
        self._bell.settimeout(0)
        self._ring.settimeout(0)
        self._former_fd = signal.set_wakeup_fd(self._ring.fileno(), warn_on_full_buffer=False)
        signals = (*_STOP_SIGNALS, signal.SIGCHLD)
        self._former = {number: signal.signal(number, self._on_signal) for number in signals}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        for number, handler in self._former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._former_fd)
        self._bell.close()
        self._ring.close()

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        """Start a program. Its output goes to standard error, and the first one stops last."""
        parent = os.getpid()
        self._programs[name] = subprocess.Popen(  # noqa: S603 - no shell, no input from outside
            command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            start_new_session=True,
            # Safe, although threads and preexec_fn do not go together: there are no threads.
            preexec_fn=lambda: _end_with(parent),  # noqa: PLW1509
        )

    def wait_until(self, ready: Callable[[], bool], *, name: str, seconds: float) -> None:
        """Wait for a condition while the programs run.

        Raises:
            NotReadyError: it did not come true in time.
            ProgramEndedError: a program ended by itself.
            StopAsked: someone asked to stop.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise NotReadyError(program=name, seconds=seconds)
            self._attend(_LOOK_EVERY_SECONDS)

    def wait(self) -> None:
        """Wait until someone asks to stop (StopAsked) or a program ends (ProgramEndedError)."""
        while True:
            self._attend(None)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_asked = self._stop_asked or number in _STOP_SIGNALS

    def _attend(self, seconds: float | None) -> None:
        if self._stop_asked:
            raise StopAsked
        for name, program in self._programs.items():
            if program.poll() is not None:
                raise ProgramEndedError(program=name, exit_status=program.returncode)
        # Every signal writes a byte to the other end, so none can slip in before the wait.
        if select.select([self._bell], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)

    def _stop(self) -> None:
        programs = [*self._programs.values()]
        for group in (programs[1:], programs[:1]):
            for program in group:
                program.terminate()
            deadline = time.monotonic() + _STOP_SECONDS
            for program in group:
                _end(program, within_seconds=deadline - time.monotonic())


def _end(program: subprocess.Popen[bytes], *, within_seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(max(within_seconds, 0.0))
    # What it started itself is in its group; an ended leader may have left some behind.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def _end_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the supervisor ends; runs between fork and exec."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
