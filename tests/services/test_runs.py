"""Starting, stopping, tuning and cancelling runs."""

import sqlite3
from datetime import timedelta

import pytest
from django.utils import timezone

from migration.engine.errors import WindowError
from migration.engine.lifecycle import HoldReason, RunState
from migration.models import AuditEntry, MigrationRun
from migration.services import leases, planning, rollback, runs
from migration.services.errors import ConflictError, ForbiddenError, InvalidInputError
from migration.services.foreground import acknowledge_stop, catch_up, is_validated, work_until
from migration.services.progress import progress_of
from migration.services.work import Outcome, work_on
from migration.services.work.slices import Budget

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(legacy, level1):
    return runs.start_run(actor=level1, name="november-move", enqueue=False)


@pytest.fixture
def finished(run):
    return work_until(run, is_validated)


def slice_of(run, seconds=None):
    outcome = work_on(run.pk, owner=leases.this_process(), budget=Budget(seconds=seconds))
    run.refresh_from_db()
    return outcome


def append(legacy, datafile, *lines):
    with (legacy / datafile).open("ab") as file:
        file.writelines(line.encode() + b"\n" for line in lines)


def bodies(legacy, collection):
    with sqlite3.connect(legacy / "application.db") as db:
        found = db.execute(
            "select _id, body from documents where _collection = ?", (collection,)
        ).fetchall()
    return dict(found)


def test_a_run_copies_catches_up_and_validates_everything(finished):
    progress = progress_of(finished)

    assert (finished.state, finished.overall) == (RunState.REPLICATING, True)
    assert (progress["completed"], progress["total"], progress["percentage"]) == (2000, 2000, 100.0)


def test_starting_copying_and_ending_are_in_the_audit_trail(finished):
    actions = list(
        AuditEntry.objects.filter(object_id="november-move").values_list("action", flat=True)
    )

    assert actions == [
        "run.started",
        "run.snapshotting",
        "snapshot.not_taken",
        "run.copying",
        "run.replicating",
    ]


def test_a_second_start_is_refused_and_names_the_run_under_way(run, level1):
    with pytest.raises(ConflictError, match="november-move") as refused:
        runs.start_run(actor=level1, enqueue=False)

    assert (refused.value.code, refused.value.blockers) == ("run_active", ["run_active"])
    assert MigrationRun.objects.count() == 1


def test_an_admin_of_level_2_may_not_start(legacy, level2):
    with pytest.raises(ForbiddenError):
        runs.start_run(actor=level2, enqueue=False)

    assert AuditEntry.objects.get(action="run.start").result == "refused"


def test_a_folder_without_datafiles_has_nothing_to_move(settings, level1):
    settings.MIGRATOR_LEGACY_DIR.mkdir()

    with pytest.raises(ConflictError) as refused:
        runs.start_run(actor=level1, enqueue=False)

    assert "nothing_to_move" in refused.value.blockers


def test_a_plan_of_another_state_of_the_folder_is_stale(legacy, level1):
    plan = planning.plan_migration(actor=level1)
    append(legacy, "users.db", '{"_id":"new"}')

    with pytest.raises(ConflictError) as refused:
        runs.start_run(actor=level1, plan_hash=plan.hash, enqueue=False)

    assert refused.value.blockers == ["plan_stale"]


def test_a_database_that_we_did_not_make_is_no_target(legacy, level1):
    with sqlite3.connect(legacy / "admin.db") as foreign:
        foreign.execute("create table precious(a)")

    with pytest.raises(ConflictError) as refused:
        runs.start_run(actor=level1, enqueue=False)

    assert refused.value.blockers == ["target_refused"]


def test_a_full_disk_blocks_a_start(legacy, level1, settings):
    settings.MIGRATOR_DISK_RESERVE = 1 << 60

    with pytest.raises(ConflictError) as refused:
        runs.start_run(actor=level1, enqueue=False)

    assert refused.value.blockers == ["disk_low"]


@pytest.mark.parametrize("name", ["a b", "x" * 41, "ü", "a/b", "../up"])
def test_a_name_has_letters_digits_and_dashes_only(legacy, level1, name):
    with pytest.raises(InvalidInputError) as refused:
        runs.start_run(actor=level1, name=name, enqueue=False)

    assert refused.value.field == "name"


def test_a_name_is_given_once(finished, level1):
    rollback.roll_back(actor=level1)

    with pytest.raises(InvalidInputError) as refused:
        runs.start_run(actor=level1, name="november-move", enqueue=False)

    assert refused.value.code == "name_taken"


def test_a_stopped_run_is_paused_and_nothing_is_written_until_it_goes_on(finished, legacy, level1):
    paused = acknowledge_stop(runs.stop_run(actor=level1))
    append(legacy, "users.db", '{"_id":"written-meanwhile"}')

    assert slice_of(paused) is Outcome.OVER
    assert paused.state == RunState.PAUSED
    assert "written-meanwhile" not in bodies(legacy, "users")

    resumed = runs.resume_run(actor=level1, enqueue=False)
    catch_up(actor=level1)

    assert resumed.state == RunState.REPLICATING
    assert "written-meanwhile" in bodies(legacy, "users")


def test_a_stop_in_the_middle_of_a_copy_resumes_where_it_was(run, level1):
    MigrationRun.objects.filter(pk=run.pk).update(batch_documents=50)
    steps = []

    def stop_soon(step):
        steps.append(step)
        if len(steps) == 5:
            runs.stop_run(actor=level1)

    paused = work_until(run, is_validated, on_step=stop_soon)
    before = len(steps)
    runs.resume_run(actor=level1, enqueue=False)
    done = work_until(paused, is_validated, on_step=steps.append)

    assert (before, paused.name) == (5, "november-move")
    assert done.overall is True
    assert progress_of(done)["completed"] == 2000


def test_a_run_that_is_not_paused_can_not_be_resumed(finished, level1):
    lease = leases.take_lease(finished.pk, owner="elsewhere:1:1")

    with pytest.raises(ConflictError) as refused:
        runs.resume_run(actor=level1, enqueue=False)

    assert lease is not None
    assert refused.value.code == "illegal_state"
    assert "stop" in refused.value.allowed_actions


def test_what_the_application_writes_is_caught_up(finished, legacy, level1):
    users = bodies(legacy, "users")
    gone, changed, *_ = users
    append(
        legacy,
        "users.db",
        '{"email":"new@example.tw","_id":"new-user"}',
        f'{{"email":"changed@example.tw","_id":"{changed}"}}',
        f'{{"$$deleted":true,"_id":"{gone}"}}',
    )

    _, collections = catch_up(actor=level1)

    now = bodies(legacy, "users")
    assert collections == ["users"]
    assert (gone in now, "changed@example.tw" in now[changed]) == (False, True)
    assert len(now) == len(users)


def test_a_second_catch_up_changes_nothing(finished, level1):
    assert catch_up(actor=level1)[1] == []


def test_a_datafile_that_vanishes_holds_the_run_and_deletes_nothing(finished, legacy, level1):
    before = bodies(legacy, "bookings")
    (legacy / "bookings.db").unlink()

    with pytest.raises(ConflictError) as refused:
        catch_up(actor=level1)

    finished.refresh_from_db()
    assert refused.value.code == "source_suspicious"
    assert (finished.hold, finished.hold_detail["collection"]) == (
        HoldReason.SOURCE_SUSPICIOUS,
        "bookings",
    )
    assert bodies(legacy, "bookings") == before


def test_a_confirmed_loss_is_followed(finished, legacy, level1):
    (legacy / "bookings.db").unlink()
    with pytest.raises(ConflictError):
        catch_up(actor=level1)

    runs.confirm_source(run_id=finished.pk, actor=level1)
    catch_up(actor=level1)

    assert bodies(legacy, "bookings") == {}


def test_outside_of_its_window_a_run_holds_and_says_until_when(legacy, level1):
    now = timezone.now()
    closed = {
        "from": (now + timedelta(hours=2)).strftime("%H:%M"),
        "to": (now + timedelta(hours=3)).strftime("%H:%M"),
        "timezone": "UTC",
    }
    run = runs.start_run(actor=level1, window=closed, enqueue=False)

    outcomes = [slice_of(run), slice_of(run)]

    assert outcomes[-1] is Outcome.WAIT
    assert run.hold is HoldReason.OUTSIDE_WINDOW
    assert run.hold_until > now
    assert not (legacy / "application.db").exists()


def test_a_window_lifted_lets_the_run_go_on(legacy, level1):
    run = runs.start_run(actor=level1, not_before=timezone.now() + timedelta(days=1), enqueue=False)
    slice_of(run)
    held = run.hold

    MigrationRun.objects.filter(pk=run.pk).update(not_before=None)
    done = work_until(run, is_validated)

    assert held is HoldReason.OUTSIDE_WINDOW
    assert (done.hold, done.overall) == (None, True)


def test_a_window_that_can_not_be_read_is_refused_with_its_key(legacy, level1):
    with pytest.raises(WindowError) as refused:
        runs.start_run(actor=level1, window={"from": "25:00", "to": "06:00"}, enqueue=False)

    assert refused.value.key == "window.from"


def test_tuning_takes_effect_and_is_bounded(run, level1):
    tuned = runs.tune_run(run_id=run.pk, actor=level1, changes={"batch_documents": 100})

    with pytest.raises(InvalidInputError) as refused:
        runs.tune_run(run_id=run.pk, actor=level1, changes={"nice_ratio": 1000.0})

    assert (tuned.batch_documents, refused.value.field) == (100, "nice_ratio")


def test_cancelling_sets_the_new_databases_aside_and_leaves_the_datafiles(finished, legacy, level1):
    before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in legacy.glob("*-*.db")}

    answer = rollback.roll_back(actor=level1)

    finished.refresh_from_db()
    assert (finished.state, finished.is_active) == (RunState.CANCELLED, False)
    assert len(answer["setAside"]) == 2
    assert not (legacy / "admin.db").exists()
    assert all((legacy / name).exists() for name in answer["setAside"])
    assert before == {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in legacy.glob("*-*.db")}


def test_a_database_set_aside_refuses_every_write(finished, legacy, level1):
    name = next(n for n in rollback.roll_back(actor=level1)["setAside"] if "application" in n)

    with (
        sqlite3.connect(legacy / name) as db,
        pytest.raises(sqlite3.IntegrityError, match="migration_fenced"),
    ):
        db.execute("delete from users")


def test_after_cancelling_another_run_may_begin(finished, level1):
    rollback.roll_back(actor=level1)

    again = work_until(runs.start_run(actor=level1, enqueue=False), is_validated)

    assert again.overall is True


def test_the_preview_says_what_going_back_would_mean(finished, level1):
    preview = rollback.preview_rollback(actor=level1)

    assert (preview["way"], preview["lossless"]) == ("cancel", True)
    assert {c["documentsLost"] for c in preview["collections"]} == {0}


def test_a_lease_is_held_by_one_and_its_token_only_rises(run):
    first = leases.take_lease(run.pk, owner="host-a:1:1")
    refused = leases.take_lease(run.pk, owner="host-b:1:1")
    leases.release(first)
    second = leases.take_lease(run.pk, owner="host-b:1:1")

    assert refused is None
    assert second.token > first.token
    assert not leases.renew(first)


def test_a_lease_that_ran_out_is_free_and_counts_as_an_attempt(run):
    leases.take_lease(run.pk, owner="host-a:1:1")
    MigrationRun.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    taken = leases.take_lease(run.pk, owner="host-b:1:1")

    run.refresh_from_db()
    assert taken is not None
    assert run.attempts == 1


def test_a_worker_that_dies_again_and_again_ends_the_run_with_its_cause(run):
    slice_of(run, seconds=0)
    MigrationRun.objects.update(attempts=6)

    slice_of(run)

    assert (run.state, run.failure_code) == (RunState.FAILED, "worker_died")
    assert run.resumes_to


def test_a_failed_run_can_be_resumed(run, level1):
    slice_of(run, seconds=0)
    MigrationRun.objects.update(attempts=6)
    slice_of(run)

    runs.resume_run(actor=level1, enqueue=False)
    done = work_until(run, is_validated)

    assert (done.overall, done.failure_code) == (True, "")
