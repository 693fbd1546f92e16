"""Runs over the API: works, a stranger refused, a wrong state 409, bad input 400."""

import pytest

from migration.engine.demo import write_demo_datafiles
from migration.models import MigrationRun
from migration.permissions import Actor
from migration.services import planning, runs
from migration.services.foreground import is_validated, work_until

pytestmark = pytest.mark.django_db

BASE = "/api/migration"
READABLE = ["progress", "status", "runs", "quarantine", "ledger"]
CHANGES = ["start", "stop", "resume", "rollback"]


@pytest.fixture
def legacy(settings):
    settings.MIGRATOR_DISK_RESERVE = 0
    write_demo_datafiles(settings.MIGRATOR_LEGACY_DIR)
    return settings.MIGRATOR_LEGACY_DIR


@pytest.fixture
def level1(bearer, alice):
    return bearer(alice)


@pytest.fixture
def level2(bearer, bob):
    return bearer(bob)


@pytest.fixture
def finished(legacy):
    return work_until(runs.start_run(actor=Actor.host(), enqueue=False), is_validated)


def test_a_start_answers_202_with_the_run(client, legacy, level1):
    answer = client.post(f"{BASE}/start", content_type="application/json", headers=level1)

    data = answer.json()["data"]
    assert answer.status_code == 202
    assert (data["run"]["state"], data["migrationId"]) == ("planned", MigrationRun.objects.get().pk)


def test_a_start_may_be_named(client, legacy, level1):
    answer = client.post(
        f"{BASE}/start", {"name": "november"}, content_type="application/json", headers=level1
    )

    assert answer.json()["data"]["run"]["name"] == "november"


def test_a_second_start_is_409(client, finished, level1):
    answer = client.post(f"{BASE}/start", content_type="application/json", headers=level1)

    assert (answer.status_code, answer.json()["code"]) == (409, "run_active")
    assert answer.json()["blockers"] == ["run_active"]


def test_a_bad_name_is_400_with_the_field(client, legacy, level1):
    answer = client.post(
        f"{BASE}/start", {"name": "a b"}, content_type="application/json", headers=level1
    )

    assert (answer.status_code, answer.json()["detail"]["field"]) == (400, "name")


@pytest.mark.parametrize("path", [*READABLE, "plan"])
def test_without_a_token_nothing_is_told(client, legacy, path):
    assert client.get(f"{BASE}/{path}").status_code == 401


@pytest.mark.parametrize("path", CHANGES)
def test_level_2_changes_nothing(client, legacy, level2, path):
    answer = client.post(f"{BASE}/{path}", content_type="application/json", headers=level2)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert MigrationRun.objects.count() == 0


@pytest.mark.parametrize("path", READABLE)
def test_level_2_may_look(client, finished, level2, path):
    answer = client.get(f"{BASE}/{path}", headers=level2)

    assert (answer.status_code, answer.json()["success"]) == (200, True)


@pytest.mark.parametrize("path", ["stop", "resume", "rollback"])
def test_without_a_run_there_is_nothing_to_change(client, legacy, level1, path):
    answer = client.post(f"{BASE}/{path}", content_type="application/json", headers=level1)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_run")


def test_a_plan_that_still_holds_is_told(client, legacy, level2):
    planning.plan_migration(actor=Actor.host())

    data = client.get(f"{BASE}/plan", headers=level2).json()["data"]

    assert (data["plan"]["estimatedRecords"], data["readyForMigration"]) == (2000, True)


def test_a_plan_that_nobody_can_make_is_503(client, legacy, level2):
    answer = client.get(f"{BASE}/plan", headers=level2)

    assert (answer.status_code, answer.json()["code"]) == (503, "queue_down")


def test_progress_tells_every_collection(client, finished, level2):
    data = client.get(f"{BASE}/progress/", headers=level2).json()["data"]

    assert (data["status"], data["completed"], data["lagBytes"]) == ("completed", 2000, 0)
    assert {"name", "state", "completed", "total", "lag"} <= set(data["collections"][0])


def test_tuning_and_notes(client, finished, level1):
    path = f"{BASE}/runs/{finished.pk}"

    tuned = client.patch(
        f"{path}/tuning", {"niceRatio": 0.5}, content_type="application/json", headers=level1
    )
    noted = client.patch(
        path, {"notes": "went well"}, content_type="application/json", headers=level1
    )

    assert tuned.json()["data"]["tuning"]["niceRatio"] == 0.5
    assert noted.json()["data"]["notes"] == "went well"


def test_a_run_that_does_not_exist_is_404(client, legacy, level2):
    assert client.get(f"{BASE}/runs/77", headers=level2).status_code == 404


def test_going_back_cancels(client, finished, legacy, level1):
    preview = client.get(f"{BASE}/rollback/preview", headers=level1).json()["data"]
    answer = client.post(f"{BASE}/rollback", content_type="application/json", headers=level1)

    assert preview["way"] == "cancel"
    assert answer.json()["data"]["way"] == "cancel"
    assert not (legacy / "admin.db").exists()
