"""Callers of the API."""

import pytest
from django.test import Client

from migration.permissions import Actor
from migration.services import tokens


@pytest.fixture
def bearer(db):
    """The header that a program sends for an account."""

    def bearer(user, **options):
        secret, _ = tokens.make_token(username=user.username, actor=Actor.host(), **options)
        return {"Authorization": f"Bearer {secret}"}

    return bearer


@pytest.fixture
def in_browser():
    """Log an account in, in a browser that is asked for CSRF tokens like a real one."""

    def in_browser(user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        return client

    return in_browser


@pytest.fixture
def csrf():
    """Give a browser its CSRF token, and return the header to send it in."""

    def csrf(browser):
        browser.cookies["migrator_csrf"] = "c" * 32
        return {"X-CSRFToken": "c" * 32}

    return csrf
