"""What production does not start without, as Django system checks.

Management commands run them by themselves; the web server, workers and beat do it through
``refuse_unsafe_settings``. A weak secret key is refused earlier, where the settings are read.
"""

import stat
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags
from django.core.exceptions import ImproperlyConfigured

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@checks.register(Tags.security)
def check_keys(**_: object) -> list[CheckMessage]:
    """Refuse to run without a signing key, or with a key that others can read."""
    return [*_signing_key_problems(), *_readable_key_problems()]


@checks.register(Tags.security)
def check_broker(**_: object) -> list[CheckMessage]:
    """Warn where nothing could reach the workers."""
    if settings.DEBUG or settings.CELERY_BROKER_URL:
        return []
    return [
        checks.Warning(
            "CELERY_BROKER_URL is not set: commands in the foreground work, but nothing can be "
            "handed to workers.",
            hint="Set it to the address of a Redis server, such as redis://127.0.0.1:6379/0.",
            id="migration.W001",
        )
    ]


def refuse_unsafe_settings() -> None:
    """Raise ImproperlyConfigured when a security check of ours found an error."""
    errors = [
        message
        for message in checks.run_checks(tags=[Tags.security])
        if message.is_serious() and (message.id or "").startswith("migration.")
    ]
    if errors:
        raise ImproperlyConfigured(" ".join(str(message.msg) for message in errors))


def _signing_key_problems() -> Iterable[CheckMessage]:
    if settings.DEBUG:
        return
    if settings.MIGRATOR_SIGNING_KEY_FILE is None:
        yield checks.Error(
            "MIGRATOR_SIGNING_KEY_FILE is not set: manifests and the audit chain cannot be signed.",
            hint="Name a file with at least 32 random bytes that only this account can read.",
            id="migration.E001",
        )
    elif not settings.MIGRATOR_SIGNING_KEY_FILE.is_file():
        yield checks.Error(
            f"MIGRATOR_SIGNING_KEY_FILE names no file: {settings.MIGRATOR_SIGNING_KEY_FILE}.",
            id="migration.E002",
        )


def _readable_key_problems() -> Iterable[CheckMessage]:
    for name in ("MIGRATOR_SIGNING_KEY_FILE", "MIGRATOR_SNAPSHOT_IDENTITY_FILE"):
        path: Path | None = getattr(settings, name)
        if path is not None and path.is_file() and path.stat().st_mode & _OTHERS:
            yield checks.Error(
                f"{name} can be used by other accounts of this host: {path}.",
                hint=f"chmod 600 {path}",
                id="migration.E003",
            )
