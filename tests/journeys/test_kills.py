"""A copy that is killed at random moments ends as one that never was: nothing lost or doubled."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from migration.engine.demo import write_demo_datafiles

pytestmark = pytest.mark.faults

COPIER = Path(__file__).with_name("copier.py")
KILLS = int(os.environ.get("FAULT_ROUNDS", "100"))
ODD = (
    b'not json\n{"email":"no id"}\n{"_id":7,"n":1}\n{"_id":"7","n":2}\n'
    b'{"_id":"sep","t":"a\xe2\x80\xa8b"}\n\n{"_id":"torn","n":'
)


@pytest.fixture
def legacy(tmp_path):
    folder = tmp_path / "legacy"
    write_demo_datafiles(folder)
    with (folder / "bookings.db").open("ab") as file:
        file.write(ODD)
    return folder


def begin(legacy, targets):
    targets.mkdir(exist_ok=True)
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, str(COPIER), str(legacy), str(targets)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
    )


def held(targets):
    """All that the targets say, but for the times at which it was written."""
    found = {}
    for name in ("admin", "application"):
        with sqlite3.connect(targets / f"{name}.db") as db:
            found[name] = {
                "documents": db.execute(
                    "select _collection, _id, body from documents order by 1, 2"
                ).fetchall(),
                "quarantine": db.execute(
                    "select collection, generation, reason, byte_offset, sha256, raw, state"
                    " from migrator_quarantine order by 1, 4, 3"
                ).fetchall(),
                "states": db.execute(
                    "select collection, generation, byte_offset, prefix_sha256, lines, documents,"
                    " tombstones, index_lines, blank, unread, tail_bytes, is_indexed"
                    " from migrator_states order by 1"
                ).fetchall(),
                "keys": keys(db),
                "integrity": db.execute("pragma integrity_check").fetchall(),
            }
    return found


def keys(db):
    tables = [
        name
        for (name,) in db.execute(
            "select name from sqlite_master where type = 'table' and"
            " (name like 'keys\\_%' escape '\\' or name like 'elements\\_%' escape '\\'"
            " or name like 'unique\\_%' escape '\\') order by name"
        )
    ]
    return {name: sorted(map(repr, db.execute(f"select * from {name}"))) for name in tables}


@pytest.fixture
def undisturbed(legacy, tmp_path):
    process = begin(legacy, tmp_path / "undisturbed")
    process.communicate()
    assert process.returncode == 0
    return held(tmp_path / "undisturbed")


def kill_sometime(process, dice):
    """Kill a copy some time after it began to write; tells whether it was still at work."""
    process.stdout.readline()
    try:
        process.wait(timeout=dice.uniform(0.0, 0.25))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_a_hundred_kills_leave_what_an_undisturbed_copy_leaves(legacy, undisturbed, tmp_path):
    seed = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
    print(f"FAULT_SEED={seed}")
    dice = random.Random(seed)
    hits = rounds = 0
    before = {p.name: (p.stat().st_mtime_ns, p.stat().st_ino) for p in legacy.iterdir()}

    while hits < KILLS:
        rounds += 1
        assert rounds < 10 * KILLS, "the copies were over before they could be killed"
        targets = tmp_path / f"round-{rounds}"
        hits_of_this_copy = 0
        while kill_sometime(begin(legacy, targets), dice):
            hits_of_this_copy += 1
        hits += hits_of_this_copy
        if hits_of_this_copy:
            assert held(targets) == undisturbed, f"seed {seed}, round {rounds}"

    assert before == {p.name: (p.stat().st_mtime_ns, p.stat().st_ino) for p in legacy.iterdir()}


def test_a_checkpoint_that_commits_apart_from_its_data_is_caught(legacy, undisturbed, tmp_path):
    """The control arm: with a row lost behind its checkpoint the comparison above has to fail."""
    targets = tmp_path / "broken"
    begin(legacy, targets).communicate()
    with sqlite3.connect(targets / "application.db") as db:
        db.execute("delete from users where rowid = (select max(rowid) from users)")
    begin(legacy, targets).communicate()

    assert held(targets) != undisturbed
