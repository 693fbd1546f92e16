"""What every answer of the console carries."""

from contextlib import closing

import pytest

from migration.console import errors

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.parametrize("path", ["/", "/login/", "/healthz", "/nowhere/"])
def test_every_answer_is_guarded(client, path):
    answer = client.get(path)

    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


def test_an_unknown_address_is_not_found(client, alice):
    client.force_login(alice)

    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_failure_shows_the_reference_of_its_log_entry_and_nothing_else(rf):
    request = rf.get("/")
    request.META["migrator.request_id"] = "0badcafe"

    answer = errors.server_error(request)

    assert answer.status_code == 500
    assert "0badcafe" in answer.content.decode()


def test_colours_are_remembered(client, alice):
    client.force_login(alice)

    answer = client.post("/theme/", {"theme": "dark", "next": "/"}, follow=True)

    assert 'data-theme="dark"' in answer.content.decode()


def test_colours_can_follow_the_system_again(client, alice):
    client.force_login(alice)
    client.post("/theme/", {"theme": "dark"})

    answer = client.post("/theme/", {"theme": ""}, follow=True)

    assert "data-theme" not in answer.content.decode()


def test_choosing_colours_leads_to_no_other_host(client):
    answer = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_stylesheets_and_icons_are_served(client):
    for path in ("css/tokens.css", "css/console.css", "img/icons.svg", "img/favicon.svg"):
        with closing(client.get(f"/static/migration/{path}")) as answer:
            assert answer.status_code == 200
