"""Who gets in, by which proof, and what a refusal looks like."""

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from migration.api.base import ApiView
from migration.models import ApiToken, AuditEntry

pytestmark = pytest.mark.django_db

LOGS = "/api/migration/logs"
OPEN = {"login", "logout", "unknown"}  # logout asks for any account, unknown has nothing to show


def endpoints():
    api = next(p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "api")
    return {pattern.name: pattern.callback.cls for pattern in api.url_patterns}


def test_every_endpoint_names_a_right_for_every_method():
    nameless = {
        (name, method)
        for name, view in endpoints().items()
        for method in ("get", "post", "patch")
        if name not in OPEN and hasattr(view, method) and method.upper() not in view.rights
    }

    assert nameless == set()
    assert "logs" in endpoints()


def test_a_view_that_names_no_right_answers_nobody(rf, alice, bearer):
    class Forgetful(ApiView):
        def get(self, request):
            raise AssertionError

    answer = Forgetful.as_view()(rf.get("/", headers=bearer(alice)))

    assert answer.status_code == 403


def test_a_stranger_is_asked_for_a_token(client):
    answer = client.get(LOGS)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="migration"')
    assert answer.json() == {
        "success": False,
        "error": "Authentication credentials were not provided.",
        "code": "not_authenticated",
        "detail": None,
        "blockers": [],
        "allowedActions": [],
    }


@pytest.mark.parametrize(
    ("group", "status"),
    [("Level 1", 200), ("Level 2", 200), ("Health checks", 403), ("Applications", 403)],
)
def test_who_may_read_the_logs(client, make_user, bearer, group, status):
    robot = make_user("robot", group)

    assert client.get(LOGS, headers=bearer(robot)).status_code == status


def test_a_token_of_a_narrow_scope_opens_nothing_else(client, alice, bearer):
    answer = client.get(LOGS, headers=bearer(alice, scope="health"))

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_refusal_of_somebody_known_is_written_down(client, make_user, bearer):
    robot = make_user("robot", "Health checks")

    client.get(LOGS, headers={**bearer(robot), "X-Request-ID": "from-the-caller-1"})

    entry = AuditEntry.objects.get(result="refused")
    assert (entry.actor, entry.door, entry.code) == ("robot", "api", "forbidden")
    assert entry.object_id == "GET /api/migration/logs"
    assert (entry.address, entry.request_id) == ("127.0.0.1", "from-the-caller-1")


def test_strangers_cannot_fill_the_audit_trail(client):
    client.get(LOGS)
    client.get(LOGS, headers={"Authorization": "Bearer nonsense"})

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer nonsense",
        "Bearer \xff\xfe\x00",
        "Bearer \udc80",
        "Basic YWxpY2U6YWxpY2VhbGljZQ==",
        "",
        "x" * 10_000,
    ],
)
def test_a_header_that_is_no_good_is_refused_even_with_a_session(in_browser, alice, header):
    answer = in_browser(alice).get(LOGS, HTTP_AUTHORIZATION=header)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def test_an_expired_token_is_refused(client, alice, bearer):
    header = bearer(alice)
    ApiToken.objects.update(expires_at=timezone.now())

    assert client.get(LOGS, headers=header).status_code == 401


def test_an_account_switched_off_is_out_at_once(client, alice, bearer, in_browser):
    header, session = bearer(alice), in_browser(alice)
    alice.is_active = False
    alice.save()

    assert client.get(LOGS, headers=header).status_code == 401
    assert session.get(LOGS).status_code == 401


def test_a_lost_level_counts_from_the_next_request_on(client, alice, bearer, in_browser):
    header, session = bearer(alice), in_browser(alice)
    alice.groups.clear()

    assert client.get(LOGS, headers=header).status_code == 403
    assert session.get(LOGS).status_code == 403


def test_a_browser_reads_with_its_session(in_browser, bob):
    assert in_browser(bob).get(LOGS).status_code == 200


def test_a_browser_changes_nothing_without_its_csrf_token(in_browser, alice):
    answer = in_browser(alice).post("/api/auth/logout")

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_a_browser_changes_things_with_its_csrf_token(in_browser, csrf, alice):
    session = in_browser(alice)

    answer = session.post("/api/auth/logout", {}, "application/json", headers=csrf(session))

    assert answer.status_code == 200


def test_a_token_needs_no_csrf_token(alice, bearer):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/api/auth/logout", headers=bearer(alice)).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_other_methods_are_not_allowed(client, alice, bearer, method):
    answer = getattr(client, method)(LOGS, headers=bearer(alice))

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_methods_are_no_news_for_strangers(client):
    assert client.delete(LOGS).status_code == 401


def test_the_head_of_an_answer_can_be_asked_for(client, alice, bearer):
    answer = client.head(LOGS, headers=bearer(alice))

    assert (answer.status_code, answer.content) == (200, b"")
