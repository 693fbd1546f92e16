from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from migration.models import AuditEntry
from migration.services import sessions

pytestmark = pytest.mark.django_db

LOGIN = "/login/"


def log_in(client, name, password, **more):
    return client.post(LOGIN, {"username": name, "password": password, **more})


def test_an_admin_logs_in_and_lands_on_the_overview(client, alice):
    answer = log_in(client, "alice", "alicealice")

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_says_so_and_keeps_the_name(client, alice):
    answer = log_in(client, "alice", "wrong")

    page = answer.content.decode()
    assert "do not belong together" in page
    assert 'value="alice"' in page


def test_one_lands_where_one_wanted_to_go(client, alice):
    answer = log_in(client, "alice", "alicealice", next="/?from=mail")

    assert answer["Location"] == "/?from=mail"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_a_login_leads_to_no_other_host(client, alice, elsewhere):
    answer = log_in(client, "alice", "alicealice", next=elsewhere)

    assert answer["Location"] == "/"


def test_after_five_failures_even_the_right_password_waits(client, alice):
    for _ in range(5):
        answer = log_in(client, "alice", "wrong")

    assert answer.status_code == 429
    assert log_in(client, "alice", "alicealice").status_code == 429


def test_failures_of_others_do_not_lock_an_admin_out(client, alice):
    for _ in range(5):
        client.post(LOGIN, {"username": "alice", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")

    assert log_in(client, "alice", "alicealice").status_code == 302


def test_logging_out_ends_the_session(client, alice):
    client.force_login(alice)

    client.post("/logout/")

    assert client.get("/")["Location"] == "/login/?next=/"


def test_a_link_cannot_log_anybody_out(client, alice):
    client.force_login(alice)

    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200


def test_a_login_from_a_foreign_page_is_refused(alice):
    strict = Client(enforce_csrf_checks=True)

    assert log_in(strict, "alice", "alicealice").status_code == 403


def test_the_page_says_where_one_gets_to(client, db):
    page = client.get("/login/?next=/plan/").content.decode()

    assert "Afterwards you are at <b>/plan/</b>. Nothing was sent." in page


def test_the_page_names_no_other_host(client, db):
    page = client.get("/login/?next=https://evil.example/").content.decode()

    assert "evil.example" not in page


def test_logging_in_and_out_is_written_down(client, alice):
    log_in(client, "alice", "wrong")
    log_in(client, "alice", "alicealice")
    client.post("/logout/")

    assert list(AuditEntry.objects.values_list("action", "actor", "result", "door")) == [
        ("session.begin", "anonymous", "refused", "console"),
        ("session.began", "alice", "ok", "console"),
        ("session.ended", "alice", "ok", "console"),
    ]


def test_logging_in_proves_who_one_is_for_a_while(client, alice):
    log_in(client, "alice", "alicealice")

    assert timezone.now() - sessions.proved_at(client.session) < timedelta(minutes=1)
