import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from migration.services.quickstart.errors import NotReadyError, ProgramEndedError
from migration.services.quickstart.supervision import StopAsked, Supervisor

ROOT = Path(__file__).parents[3]
SECONDS = 20

# Each program notes its pid when it runs, and its name when it was asked to stop.
PROGRAM = """
import os, signal, sys
from pathlib import Path
name, stop = sys.argv[1], sys.argv[2]
def ended(*_):
    with open("ended", "a") as file:
        file.write(name + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if stop == "never" else ended)
Path(name).write_text(str(os.getpid()))
while True:
    signal.pause()
"""
SUPERVISE = f"""
from pathlib import Path
import sys
from migration.services.quickstart.supervision import Supervisor
with Supervisor(folder=Path(sys.argv[1])) as programs:
    programs.start("child", [sys.executable, "-c", {PROGRAM!r}, "child", "ask"])
    programs.wait()
"""


def program(name, stop="ask"):
    return [sys.executable, "-c", PROGRAM, name, stop]


def is_running(path):
    """Tell whether the process whose pid is noted there runs; the noting may be half done."""
    pid = path.read_text() if path.exists() else ""
    return bool(pid) and Path(f"/proc/{pid}").exists()


def start(programs, folder, *names):
    for name in names:
        programs.start(name, program(name))
    programs.wait_until(
        lambda: all(is_running(folder / name) for name in names), name="all", seconds=SECONDS
    )


def test_leaving_stops_every_program_and_the_first_one_last(tmp_path):
    with Supervisor(folder=tmp_path) as programs:
        start(programs, tmp_path, "queue", "worker")

    assert (tmp_path / "ended").read_text() == "worker queue "


def test_a_signal_stops_the_waiting(tmp_path):
    def wait():
        with Supervisor(folder=tmp_path) as programs:
            start(programs, tmp_path, "queue")
            os.kill(os.getpid(), signal.SIGTERM)
            programs.wait()

    with pytest.raises(StopAsked):
        wait()

    assert not is_running(tmp_path / "queue")


def test_a_program_that_ends_takes_the_others_along_and_is_named(tmp_path):
    def wait():
        with Supervisor(folder=tmp_path) as programs:
            start(programs, tmp_path, "queue", "worker")
            os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)
            programs.wait()

    with pytest.raises(ProgramEndedError, match="worker ended by signal 9"):
        wait()

    assert not is_running(tmp_path / "queue")


def test_a_program_that_does_not_get_ready_is_named(tmp_path):
    def wait():
        with Supervisor(folder=tmp_path) as programs:
            start(programs, tmp_path, "queue")
            programs.wait_until(lambda: False, name="web server", seconds=0.2)

    with pytest.raises(NotReadyError, match="web server"):
        wait()


def test_a_program_that_ignores_the_request_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("migration.services.quickstart.supervision._STOP_SECONDS", 0.2)

    with Supervisor(folder=tmp_path) as programs:
        programs.start("stubborn", program("stubborn", "never"))
        programs.wait_until(
            lambda: is_running(tmp_path / "stubborn"), name="stubborn", seconds=SECONDS
        )

    assert not is_running(tmp_path / "stubborn")


def test_signals_are_as_before_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGTERM)

    with Supervisor(folder=tmp_path):
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_programs_do_not_outlive_a_supervisor_that_was_killed(tmp_path):
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISE, tmp_path], cwd=ROOT)
    with Supervisor(folder=tmp_path) as watch:
        watch.wait_until(lambda: is_running(tmp_path / "child"), name="child", seconds=SECONDS)

        supervisor.kill()
        supervisor.wait()

        watch.wait_until(lambda: not is_running(tmp_path / "child"), name="end", seconds=SECONDS)
    assert (tmp_path / "ended").read_text() == "child "
