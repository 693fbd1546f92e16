"""Serving an installation: queue, worker, beat and web server, until someone stops them."""

import contextlib
import fcntl
import http.client
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from migration.services.quickstart import broker
from migration.services.quickstart.errors import AlreadyServedError, PortTakenError
from migration.services.quickstart.supervision import Supervisor

HOST = "127.0.0.1"
_THREADS = 32
_WORKERS = 2
_BROKER_SECONDS = 15.0
_WEB_SECONDS = 60.0


def serve(*, port: int, on_ready: Callable[[], None]) -> None:
    """Serve until stopped; ``on_ready`` is called once the console answers.

    Raises:
        QuickstartError: it cannot be served, or a program ended by itself.
        StopAsked: someone asked to stop, and everything is stopped.
    """
    # SQLite connections must not be open across a fork.
    connection.close()
    with Supervisor(folder=settings.BASE_DIR) as programs:
        _start_broker(programs)
        programs.start("worker", _worker())
        programs.start("scheduler", _celery("beat", "--pidfile="))
        programs.start("web server", _web_server(port))
        programs.wait_until(lambda: _web_answers(port), name="web server", seconds=_WEB_SECONDS)
        on_ready()
        connection.close()
        programs.wait()


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the installation for this process.

    Raises:
        AlreadyServedError: another process holds it.
    """
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServedError from None
        yield


def refuse_taken_port(port: int) -> None:
    """Raise PortTakenError if something listens there, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTakenError(port=port) from None


def _start_broker(programs: Supervisor) -> None:
    if settings.CELERY_BROKER_URL != settings.MIGRATOR_EMBEDDED_BROKER_URL:
        return
    server = broker.find_server()
    address = broker.socket_of(settings.MIGRATOR_EMBEDDED_BROKER_URL)
    broker.make_private_folder(address.parent)
    # A server of a quickstart that was killed takes its socket along when it ends.
    programs.wait_until(
        lambda: not broker.answers(address), name="former queue", seconds=_BROKER_SECONDS
    )
    programs.start("queue", broker.server_command(server, address))
    programs.wait_until(lambda: broker.answers(address), name="queue", seconds=_BROKER_SECONDS)


def _worker() -> list[str]:
    # Alone at its queue, it has nobody to greet: that would take a second.
    alone = ("--without-mingle", "--without-gossip")
    return _celery("worker", "--pool=prefork", f"--concurrency={_WORKERS}", *alone)


def _celery(*arguments: str) -> list[str]:
    project = settings.ROOT_URLCONF.partition(".")[0]
    return [sys.executable, "-m", "celery", "--quiet", f"--app={project}", *arguments]


def _web_server(port: int) -> list[str]:
    module, _, application = settings.WSGI_APPLICATION.rpartition(".")
    return [
        *(sys.executable, "-m", "gunicorn", f"{module}:{application}"),
        *(f"--bind={HOST}:{port}", "--workers=1", "--worker-class=gthread"),
        *(f"--threads={_THREADS}", "--graceful-timeout=5", "--log-level=warning"),
        "--no-control-socket",
    ]


def _web_answers(port: int) -> bool:
    client = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
