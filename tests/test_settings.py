import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STRONG = "k3Jq-xW9_tZ0vB7nM4rL1sD8fG5hP2cY6uEaQiToSjKlXzVb_w"


@pytest.fixture
def run(tmp_path):
    """Run Python as a freshly installed server would, with these variables only."""

    def run(*arguments, **variables):
        ours = ("DJANGO_", "MIGRATOR_", "CELERY_", "DATABASE_URL")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **inherited,
                "DJANGO_SETTINGS_MODULE": "migrator_site.settings",
                "DATABASE_URL": f"sqlite:///{tmp_path / 'console.sqlite3'}",
                "DJANGO_DEBUG": "0",
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("key", ["change-me", "x" * 60])
def test_production_does_not_start_with_a_weak_key(run, key):
    check = run("manage.py", "check", DJANGO_SECRET_KEY=key)

    assert check.returncode == 1
    assert "DJANGO_SECRET_KEY is weak" in check.stderr


def test_the_web_server_does_not_start_without_a_signing_key(run):
    start = run("-c", "import migrator_site.wsgi", DJANGO_SECRET_KEY=STRONG)

    assert start.returncode == 1
    assert "MIGRATOR_SIGNING_KEY_FILE is not set" in start.stderr


def test_a_worker_does_not_start_without_a_signing_key(run):
    start = run(
        *("-m", "celery", "--app=migrator_site", "worker", "--pool=solo"),
        DJANGO_SECRET_KEY=STRONG,
        CELERY_BROKER_URL="memory://",
    )

    assert start.returncode == 1
    assert "MIGRATOR_SIGNING_KEY_FILE is not set" in start.stderr


def test_production_settings_pass_the_deployment_check(run, tmp_path):
    key = tmp_path / "signing.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)

    check = run(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DJANGO_SECRET_KEY=STRONG,
        DJANGO_ALLOWED_HOSTS="migrator.example",
        CELERY_BROKER_URL="redis://queue.internal:6379/3",
        MIGRATOR_SIGNING_KEY_FILE=str(key),
    )

    assert (check.returncode, check.stderr) == (0, "")


def test_production_cookies_travel_over_https_only(run):
    program = """
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)
print(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE)
"""

    shown = run("-c", program, DJANGO_SECRET_KEY=STRONG)

    assert shown.stdout == "__Host-migrator_session True\n__Host-migrator_csrf True\n"
