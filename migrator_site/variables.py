"""Readers of environment variables: one per kind of value.

A variable that is set to nothing counts as not set. What cannot be read raises
``ImproperlyConfigured`` with a sentence that names the variable.
"""

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import environ
from django.core.exceptions import ImproperlyConfigured

from migrator_site.environment import ROOT

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_env = environ.Env()

_DEVELOPMENT_KEY = "django-insecure-for-development-only"
_KEY_LENGTH_MIN = 50
_KEY_CHARACTERS_MIN = 5
_UNITS = {"": 0, "b": 0, "kib": 10, "mib": 20, "gib": 30, "tib": 40}


def text(name: str, default: str = "") -> str:
    """Read a text without the blanks around it."""
    value: str = _env.str(name, default="")
    return value.strip() or default


def flag(name: str) -> bool:
    """Read a switch that is off by default."""
    value = text(name).lower()
    if value in {"", "0", "false", "no", "off"}:
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    return _refuse(name, "must be 1 or 0")


def items(name: str) -> list[str]:
    """Read a list separated by commas."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def choice(name: str, *allowed: str) -> str:
    """Read one of some words; the first is the default."""
    value = text(name, allowed[0])
    return value if value in allowed else _refuse(name, f"must be one of: {', '.join(allowed)}")


def path(name: str, default: Path) -> Path:
    """Read a path; relative ones start at the project's root."""
    return ROOT / Path(text(name) or default).expanduser()


def optional_path(name: str, default: Path | None = None) -> Path | None:
    """Read a path that may be left out."""
    return path(name, ROOT) if text(name) else default


def whole_number(name: str, default: int) -> int:
    """Read a number that is not negative."""
    value = text(name, str(default))
    return int(value) if value.isdecimal() else _refuse(name, f"must be a number such as {default}")


def duration(name: str, default: timedelta) -> timedelta:
    """Read a whole number of seconds, with or without an ``s`` behind it."""
    value = text(name, f"{default.total_seconds():.0f}")
    match = re.fullmatch(r"([1-9]\d*)\s*s?", value)
    return timedelta(seconds=int(match[1])) if match else _refuse(name, "must be seconds, as 60")


def size_bytes(name: str, default: str) -> int:
    """Read a size such as ``1 GiB``, ``500MiB`` or ``1048576``."""
    match = re.fullmatch(r"(\d+)\s*([a-zA-Z]*)", text(name, default))
    if match is None or match[2].lower() not in _UNITS:
        _refuse(name, "must be a size such as 1 GiB or 1073741824")
    return int(match[1]) << _UNITS[match[2].lower()]


def networks(name: str) -> list[Network]:
    """Read addresses or networks separated by commas."""
    try:
        return [ipaddress.ip_network(item) for item in items(name)]
    except ValueError:
        return _refuse(name, "must hold addresses or networks such as 10.0.0.5, 10.1.0.0/16")


def secret_key(name: str, *, debug: bool) -> str:
    """Read the key to sign with; production takes none that is missing or could be guessed."""
    key = text(name)
    if debug:
        return key or _DEVELOPMENT_KEY
    if not key:
        _refuse(
            name,
            "is not set: production does not start without it. For a trial run "
            "manage.py quickstart, for development set DJANGO_DEBUG=1",
        )
    if (
        len(key) < _KEY_LENGTH_MIN
        or len(set(key)) < _KEY_CHARACTERS_MIN
        or key.startswith("django-insecure-")
    ):
        _refuse(name, f"is weak: production needs at least {_KEY_LENGTH_MIN} random characters")
    return key


def store_url(name: str, default: Path) -> str:
    """Read where a new database lives; the path of a file comes back absolute.

    What follows ``sqlite:///`` or ``nedb:///`` is the path, so an absolute one makes four slashes.
    """
    url = text(name, f"sqlite:///{default}")
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgresql", "postgres"}:
        return url
    if scheme in {"sqlite", "nedb"} and rest.startswith("/") and rest != "/":
        return f"{scheme}:///{ROOT / rest[1:]}"
    return _refuse(name, "must be sqlite:///PATH, nedb:///PATH or postgresql://…")


def console_database(name: str, default: Path) -> dict[str, Any]:
    """Read where the console keeps its own tables, as Django wants it."""
    url = text(name, f"sqlite:///{default}")
    scheme, _, rest = url.partition(":///")
    if scheme != "sqlite":
        database: dict[str, Any] = _env.db_url_config(url)
        return database
    file = ROOT / rest
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL, because what was acknowledged has to survive a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _refuse(name: str, reason: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} {reason}.")
