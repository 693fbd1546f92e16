"""Finds Node and the NeDB libraries, and has npm install them where they are missing."""

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

_PACKAGES = ("package.json", "package-lock.json")
_HERE = Path(__file__).parent
_INSTALL_SECONDS = 300


class MissingError(Exception):
    """Something that the oracle needs is not on this computer; the message says what."""


def command(script: Path) -> list[str]:
    """Return the command that runs a script with the libraries.

    Raises:
        MissingError: Node or a library is missing and could not be installed.
    """
    node = shutil.which("node")
    if node is None:
        raise MissingError("Node is not installed")
    return [node, "--no-deprecation", str(script), str(libraries())]


def libraries() -> Path:
    """Return the folder that holds ``node_modules``, filled when it is not there."""
    named = os.environ.get("MIGRATOR_NEDB_DIR")
    folder = Path(named) if named else _cache()
    if not _has_libraries(folder):
        if named:
            raise MissingError("MIGRATOR_NEDB_DIR holds no node_modules/@seald-io/nedb")
        _install(folder)
    return folder.resolve()


def _has_libraries(folder: Path) -> bool:
    return all((folder / "node_modules" / name).is_dir() for name in ("@seald-io/nedb", "nedb"))


def _cache() -> Path:
    """Return the cache folder of exactly these versions."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    digest = sha256(b"".join((_HERE / name).read_bytes() for name in _PACKAGES)).hexdigest()
    return Path(caches) / "rolling-migrator" / "nedb" / digest[:16]


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("the NeDB libraries are missing, and npm is not installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch, "made")
        made.mkdir()
        for name in _PACKAGES:
            shutil.copy(_HERE / name, made)
        _run_npm([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], made)
        try:
            made.rename(folder)
        except OSError:
            # Another test process was quicker.
            if not _has_libraries(folder):
                raise


def _run_npm(arguments: list[str], folder: Path) -> None:
    try:
        npm = subprocess.run(
            arguments,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise MissingError(
            f"npm did not install the NeDB libraries in {_INSTALL_SECONDS} s"
        ) from exc
    if npm.returncode:
        last = npm.stderr.strip().splitlines()[-1:]
        raise MissingError(f"npm could not install the NeDB libraries: {' '.join(last)}")
