"""The shape of answers, whatever went well or wrong."""

import json

import pytest
from django.db import OperationalError
from rest_framework.response import Response

from migration.api.base import ApiView
from migration.engine.errors import SourceSuspiciousError, StoreUnavailableError, TargetRefusedError
from migration.permissions import Right
from migration.services.errors import ConflictError, InvalidInputError, ReauthRequiredError

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(rf, alice, bearer):
    """What the API answers when a view returns or raises something."""

    def answer(outcome):
        class Probe(ApiView):
            rights = {"GET": Right.READ}

            def get(self, request):
                if isinstance(outcome, Exception):
                    raise outcome
                return Response(outcome)

        response = Probe.as_view()(rf.get("/", headers=bearer(alice)))
        return response.status_code, json.loads(response.render().content)

    return answer


def test_data_comes_in_the_envelope(answer):
    assert answer({"lagSeconds": 3}) == (200, {"success": True, "data": {"lagSeconds": 3}})


def test_an_answer_without_data_comes_in_the_envelope_too(answer):
    assert answer(None) == (200, {"success": True, "data": None})


def test_half_a_pair_of_a_text_arrives_as_it_was(answer):
    assert answer({"name": "\ud83d 王"})[1]["data"] == {"name": "\ud83d 王"}


def test_a_refusal_says_what_stands_in_the_way_and_what_can_be_done(answer):
    refusal = ConflictError(
        "Not started: a run is under way.",
        code="run_active",
        blockers=["run_active"],
        allowed_actions=["stop"],
        detail={"run": "2026-01-1"},
    )

    assert answer(refusal) == (
        409,
        {
            "success": False,
            "error": "Not started: a run is under way.",
            "code": "run_active",
            "detail": {"run": "2026-01-1"},
            "blockers": ["run_active"],
            "allowedActions": ["stop"],
        },
    )


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInputError("No.", field="name"), 400, "invalid_input"),
        (ReauthRequiredError("No."), 403, "reauth_required"),
        (TargetRefusedError(target="admin.db", reason="not ours"), 409, "target_refused"),
        (
            SourceSuspiciousError(collection="users", datafile="users.db", lost=9, of=10),
            409,
            "source_suspicious",
        ),
        (StoreUnavailableError(target="admin.db", reason="busy"), 503, "store_unavailable"),
        (OperationalError("server at 10.0.0.7 password=canary"), 503, "unavailable"),
    ],
)
def test_each_error_has_its_status_and_its_code(answer, error, status, code):
    found, body = answer(error)

    assert (found, body["success"], body["code"]) == (status, False, code)
    assert "canary" not in str(body)


def test_what_nobody_foresaw_gives_nothing_away_but_a_reference(client, alice, bearer, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("canary")

    monkeypatch.setattr("migration.services.audit.entries", fail)

    found = client.get(
        "/api/migration/logs", headers={**bearer(alice), "X-Request-ID": "caller-0001"}
    )

    assert found.status_code == 500
    assert found.json()["code"] == "internal_error"
    assert found.json()["detail"] == {"requestId": "caller-0001"}
    assert "canary" not in found.content.decode()


def test_an_error_names_no_folder_and_no_password(answer):
    error = TargetRefusedError(
        target="/srv/secret place/admin.db", reason="postgresql://ann:canary@db/x is no file"
    )

    body = answer(error)[1]

    assert "/srv" not in body["error"]
    assert "canary" not in body["error"]
    assert "admin.db" in body["error"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/migration/logs/nothing/", "/api/%00"]
)
def test_an_unknown_address_is_told_in_json(client, path):
    found = client.get(path)

    assert (found.status_code, found.json()["code"]) == (404, "not_found")


def test_no_name_holds_what_no_database_can_keep(client, alice, bearer):
    found = client.get("/api/migration/runs/a%00b", headers=bearer(alice))

    assert (found.status_code, found.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/migration/logs", "/api/migration/logs/"])
def test_addresses_are_good_with_and_without_a_slash_behind(client, alice, bearer, path):
    assert client.get(path, headers=bearer(alice)).status_code == 200


def test_two_slashes_behind_are_another_address(client, alice, bearer):
    assert client.get("/api/migration/logs//", headers=bearer(alice)).status_code == 404


def test_every_answer_is_json_and_kept_by_nobody(client, alice, bearer):
    found = client.get("/api/migration/logs", headers={**bearer(alice), "Accept": "text/html"})

    assert found["Content-Type"] == "application/json"
    assert "no-store" in found["Cache-Control"]


def test_the_reference_that_a_caller_brings_comes_back(client):
    assert client.get("/api/x", headers={"X-Request-ID": "job-4711-a"})["X-Request-ID"] == (
        "job-4711-a"
    )


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f", "line\r\nbreak", "%0a%0d%0a"])
def test_a_reference_that_could_spoil_a_log_is_replaced(client, given):
    found = client.get("/api/x", HTTP_X_REQUEST_ID=given)["X-Request-ID"]

    assert found != given
    assert len(found) == 16
