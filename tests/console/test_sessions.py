from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Let time pass: every clock the console reads goes on by this much."""
    began = timezone.now()

    def later(**passed):
        monkeypatch.setattr(timezone, "now", lambda: began + timedelta(**passed))

    return later


@pytest.fixture
def console(client, alice):
    client.force_login(alice)
    assert client.get("/").status_code == 200
    return client


def is_logged_in(client):
    return client.get("/").status_code == 200


def test_a_session_ends_after_half_an_hour_without_use(console, later):
    later(minutes=31)

    assert not is_logged_in(console)


def test_use_keeps_a_session_alive(console, later):
    later(minutes=20)
    assert is_logged_in(console)

    later(minutes=40)

    assert is_logged_in(console)


def test_fragments_that_refresh_themselves_do_not_keep_it_alive(console, later):
    later(minutes=20)
    console.get("/part/strip/")

    later(minutes=31)

    assert not is_logged_in(console)


def test_a_session_ends_after_twelve_hours_of_use(console, later):
    for minutes in range(20, 12 * 60, 20):
        later(minutes=minutes)
        assert is_logged_in(console)

    later(hours=12, minutes=1)

    assert not is_logged_in(console)


def test_a_new_password_ends_other_sessions(console, alice):
    alice.set_password("something quite different")
    alice.save()

    assert not is_logged_in(console)
