"""The commands that plan, move and watch, as scripts use them."""

import sqlite3

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(legacy, command):
    status, answer = command("start", "--wait", "--name", "november-move")
    assert status == 0
    return answer["data"]


def test_a_plan_counts_what_is_there(legacy, command):
    status, answer = command("plan")

    plan = answer["data"]["plan"]
    assert (status, answer["success"], answer["data"]["readyForMigration"]) == (0, True, True)
    assert plan["estimatedRecords"] == 2000
    assert len(plan["collections"]) == 21
    assert {check["status"] for check in plan["checks"]} == {"pass"}


def test_a_plan_of_an_empty_folder_is_critical(settings, command):
    settings.MIGRATOR_LEGACY_DIR.mkdir()

    _, answer = command("plan")

    critical = [c["code"] for c in answer["data"]["plan"]["checks"] if c["status"] == "critical"]
    assert critical == ["nothing_to_move"]
    assert answer["data"]["readyForMigration"] is False


def test_a_start_that_waits_ends_when_everything_is_validated(moved):
    assert moved["run"]["state"] == "replicating"
    assert moved["progress"]["status"] == "completed"
    assert moved["validation"]["overall"] is True
    assert moved["validation"]["criticalIssues"] == []


def test_the_new_databases_answer_the_sqlite3_shell(moved, legacy):
    with sqlite3.connect(legacy / "admin.db") as db:
        (count,) = db.execute(
            "select count(*) from documents where _collection = 'admin_users'"
        ).fetchone()

    assert count == 7


def test_a_second_start_is_refused_with_its_code(moved, command):
    status, answer = command("start", "--wait")

    assert (status, answer["success"], answer["code"]) == (1, False, "run_active")
    assert "november-move" in answer["error"]


def test_a_validation_finds_a_document_that_was_deleted_from_the_target(moved, legacy, command):
    with sqlite3.connect(legacy / "application.db") as db:
        (victim,) = db.execute("select _id from users limit 1").fetchone()
        db.execute("delete from users where _id = ?", (victim,))

    status, answer = command("validate")

    (critical,) = answer["data"]["criticalIssues"]
    assert (status, answer["success"], answer["data"]["overall"]) == (1, True, False)
    assert (critical["code"], critical["collection"], critical["count"]) == (
        "missing_documents",
        "users",
        1,
    )
    assert victim in str(critical["samples"])


def test_a_validation_finds_a_document_that_was_changed(moved, legacy, command):
    with sqlite3.connect(legacy / "application.db") as db:
        db.execute("update users set body = replace(body, '\"email\"', '\"mail\"') where rowid = 1")

    _, answer = command("validate")

    assert "mismatched_documents" in [c["code"] for c in answer["data"]["criticalIssues"]]


def test_a_validation_finds_a_document_that_the_datafiles_lack(moved, legacy, command):
    with sqlite3.connect(legacy / "application.db") as db:
        db.execute("insert into users values('users', 'stranger', '{\"_id\":\"stranger\"}', 0)")

    _, answer = command("validate")

    assert "extra_documents" in [c["code"] for c in answer["data"]["criticalIssues"]]


def test_the_ledger_of_every_datafile_balances(moved, command):
    _, answer = command("ledger")

    datafiles = answer["data"]["datafiles"]
    assert len(datafiles) == 21
    assert all(d["balanced"] for d in datafiles)
    assert sum(d["live"] for d in datafiles) == 2000


def test_lines_that_were_not_moved_are_listed_without_their_bytes(legacy, command):
    with (legacy / "users.db").open("ab") as file:
        file.write(b'not json at all\n{"email":"no id"}\n')
    status, _ = command("start", "--wait")

    _, answer = command("quarantine")

    assert status == 1
    assert [i["reason"] for i in answer["data"]["items"]] == ["unreadable_line", "unusable_id"]
    assert "not json" not in str(answer)


def test_the_status_tells_both_sides(moved, command):
    _, answer = command("status")

    data = answer["data"]
    assert (data["newDatabaseRecords"], data["mode"]) == (2000, "legacy")
    assert data["adminRecords"] + data["applicationRecords"] == 2000


def test_progress_before_anything_is_not_started(command):
    _, answer = command("progress")

    assert answer["data"]["status"] == "not-started"


def test_stop_and_resume(moved, command):
    _, stopped = command("stop")
    _, paused = command("progress")
    _, resumed = command("resume", "--wait")

    assert stopped["data"]["run"]["state"] == "paused"
    assert paused["data"]["status"] == "paused"
    assert resumed["data"]["run"]["state"] == "replicating"


def test_catching_up_twice_changes_nothing_and_says_so(moved, command):
    status, answer = command("catch_up")

    assert (status, answer["data"]["changed"]) == (0, [])


def test_going_back_wants_a_yes(moved, legacy, command):
    status, refused = command("rollback")
    _, preview = command("rollback", "--dry-run")

    assert (status, refused["code"]) == (1, "not_confirmed")
    assert preview["data"]["preview"]["way"] == "cancel"
    assert (legacy / "admin.db").exists()


def test_going_back_sets_the_new_databases_aside(moved, legacy, command):
    _, answer = command("rollback", "--yes")

    assert answer["data"]["way"] == "cancel"
    assert not (legacy / "admin.db").exists()


def test_restoring_a_snapshot_that_is_not_there_changes_nothing(moved, legacy, command):
    status, answer = command("rollback", "--yes", "--snapshot", "snapshot-nowhere")

    assert (status, answer["success"]) == (1, False)
    assert (legacy / "admin.db").exists()


def test_a_drafted_catalog_can_be_used(legacy, settings, command, tmp_path):
    _, drafted = command("catalog", str(legacy))
    catalog = tmp_path / "catalog.toml"
    catalog.write_text(drafted["data"]["catalog"], encoding="utf-8")
    settings.MIGRATOR_CATALOG = catalog

    status, answer = command("start", "--wait")

    assert (status, answer["data"]["progress"]["completed"]) == (0, 2000)


def test_a_catalog_that_is_wrong_is_refused_with_the_key(legacy, settings, command, tmp_path):
    settings.MIGRATOR_CATALOG = tmp_path / "catalog.toml"
    settings.MIGRATOR_CATALOG.write_text(
        'version = 1\n[[collections]]\nname = "a"\ndatafile = "../a.db"\ndatabase = "admin"\n'
    )

    status, answer = command("plan")

    assert (status, answer["code"]) == (1, "bad_catalog")
    assert "collections[0].datafile" in answer["error"]


def test_people_see_a_table_of_the_plan(legacy, capsys):
    call_command("migration_plan")

    printed = capsys.readouterr().out
    assert "marketing_events" in printed
    assert "2,000 documents" in printed
