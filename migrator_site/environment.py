"""The environment of this checkout, as ``quickstart`` chose it.

``quickstart`` notes its choices in ``var/quickstart.env``. ``manage.py`` reads that file, so that
a command in a second terminal speaks to the same installation. Servers started without
``manage.py`` see the environment alone. A variable that is set to nothing counts as not set.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
QUICKSTART_FILE = VAR / "quickstart.env"


def choose_for_quickstart() -> None:
    """Choose what the environment does not say, and keep it for the next time.

    The secret key of an earlier choice stays, otherwise every restart would end all sessions.
    """
    earlier = _read(QUICKSTART_FILE)
    choices = {
        "DJANGO_DEBUG": earlier.get("DJANGO_DEBUG", "1"),
        "DJANGO_SECRET_KEY": earlier.get("DJANGO_SECRET_KEY", secrets.token_urlsafe(48)),
        "CELERY_BROKER_URL": embedded_broker_url(),
    }
    _write(QUICKSTART_FILE, {k: v for k, v in choices.items() if not os.environ.get(k)})


def fill_in_from_quickstart() -> None:
    """Set the variables that ``quickstart`` chose and the environment does not have."""
    for name, value in _read(QUICKSTART_FILE).items():
        if not os.environ.get(name):
            os.environ[name] = value


def embedded_broker_url() -> str:
    """Return the address of this checkout's embedded broker, a socket in a temporary folder.

    The same checkout gets the same path each time. It is not below the checkout because the
    path of a socket may have 108 bytes at most.
    """
    installation = hashlib.sha256(f"{Path.home()}\0{ROOT}".encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"migrator-{installation}"
    return f"redis+socket://{folder}/broker.sock"


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {name: value for name, separator, value in pairs if separator}


def _write(path: Path, values: dict[str, str]) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    # mkstemp makes the file readable by its owner only, and the rename keeps that.
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    Path(beside).replace(path)
