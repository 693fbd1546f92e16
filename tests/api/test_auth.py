"""Logging in for a token, and logging out."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from migration.models import ApiToken, AuditEntry

pytestmark = pytest.mark.django_db

LOGIN = "/api/auth/login"
LOGS = "/api/migration/logs"


def log_in(client, *name_and_password, headers=None, **more):
    username, password = name_and_password or ("alice", "alicealice")
    given = {"username": username, "password": password, **more}
    return client.post(LOGIN, given, content_type="application/json", headers=headers)


def test_a_password_is_given_for_a_token(client, alice):
    data = log_in(client).json()["data"]

    assert (data["user"], data["level"], data["scope"]) == ("alice", "Level 1", "system")
    lives = datetime.fromisoformat(data["expiresAt"]) - timezone.now()
    assert timedelta(hours=11) < lives <= timedelta(hours=12)
    bearer = {"Authorization": f"Bearer {data['token']}"}
    assert client.get(LOGS, headers=bearer).status_code == 200


def test_a_token_can_be_asked_to_reach_less_far(client, alice):
    assert log_in(client, scope="read").json()["data"]["scope"] == "read"


def test_a_token_cannot_be_asked_to_reach_farther(client, bob):
    answer = log_in(client, "bob", "bobbob", scope="system")

    assert (answer.status_code, answer.json()["detail"]["field"]) == (400, "scope")


def test_logging_in_opens_no_browser_session(client, alice):
    answer = log_in(client)

    assert not answer.cookies
    assert client.get(LOGS).status_code == 401


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", "alicealice")])
def test_a_wrong_name_and_a_wrong_password_look_alike(client, alice, name, password):
    answer = log_in(client, name, password)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert answer.json()["error"] == "That user name and password do not belong together."


def test_an_account_switched_off_gets_no_token(client, alice):
    alice.is_active = False
    alice.save()

    assert log_in(client).status_code == 401


def test_an_account_without_rights_gets_no_token(client, charlie):
    answer = log_in(client, "charlie", "charliecharlie")

    assert (answer.status_code, answer.json()["code"]) == (400, "no_rights")
    assert not ApiToken.objects.exists()


def test_after_five_failures_even_the_right_password_waits(client, alice):
    answers = [log_in(client, "alice", "wrong") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429]
    waiting = log_in(client)
    assert (waiting.status_code, waiting["Retry-After"]) == (429, "300")
    assert waiting.json()["code"] == "too_many_attempts"


def test_failures_at_one_door_count_at_the_other(client, alice):
    for _ in range(5):
        log_in(client, "alice", "wrong")

    answer = client.post("/login/", {"username": "alice", "password": "alicealice"})

    assert answer.status_code == 429


def test_failures_of_others_do_not_lock_an_admin_out(client, alice):
    for _ in range(6):
        client.post(
            LOGIN,
            {"username": "alice", "password": "wrong"},
            content_type="application/json",
            REMOTE_ADDR="203.0.113.9",
        )

    assert log_in(client).status_code == 200


def test_every_attempt_is_written_down_until_there_were_too_many(client, alice):
    for _ in range(8):
        log_in(client, "alice", "wrong")

    entries = AuditEntry.objects.filter(action="session.begin", result="refused")
    assert [(e.actor, e.object_id, e.code) for e in entries] == [
        ("anonymous", "alice", "bad_credentials")
    ] * 5


def test_a_password_in_the_wrong_field_is_kept_nowhere(client, alice):
    log_in(client, "my-secret-canary", "x")

    assert not AuditEntry.objects.filter(object_id__contains="canary").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "x" * 151),
        ("username", "a\x00b"),
        ("username", "\ud800"),
        ("password", None),
        ("password", ["x"]),
        ("password", "x" * 5000),
        ("scope", "everything"),
    ],
)
def test_bad_input_names_its_field(client, alice, field, value):
    answer = log_in(client, **{field: value})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.json()["detail"]["field"] == field


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example"]
)
def test_a_page_of_another_site_cannot_log_a_browser_in(client, alice, origin):
    answer = log_in(client, headers={"Origin": origin})

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_our_own_pages_can(client, alice):
    assert log_in(client, headers={"Origin": "http://testserver"}).status_code == 200


def test_logging_out_ends_the_token(client, alice):
    bearer = {"Authorization": f"Bearer {log_in(client).json()['data']['token']}"}

    assert client.post("/api/auth/logout", headers=bearer).json()["data"] == {"loggedOut": True}

    assert client.get(LOGS, headers=bearer).status_code == 401


def test_logging_out_ends_the_browser_session(alice, in_browser, csrf):
    session = in_browser(alice)

    session.post("/api/auth/logout", {}, "application/json", headers=csrf(session))

    assert session.get(LOGS).status_code == 401


def test_strangers_have_nothing_to_log_out_of():
    assert Client().post("/api/auth/logout").status_code == 401
