"""The lease on a run: one worker at a time, known by a fencing token that the targets check.

Time is the database's, so that clocks of hosts need not agree. A lease that was not renewed in time
is free for anybody; whoever takes it raises the token, first here and then in both targets, so a
holder that wakes up late finds every write refused.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import close_old_connections, connection
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Now

from migration.models import MigrationRun

LEASE_SECONDS: Final = 15.0
HEARTBEAT_SECONDS: Final = 5.0
_EXPIRY: Final = ExpressionWrapper(
    Now() + Value(timedelta(seconds=LEASE_SECONDS)), output_field=DateTimeField()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a run, until it expires or is released."""

    run_id: int
    owner: str
    token: int

    def mine(self) -> Q:
        """Return the condition under which this lease still holds."""
        return Q(pk=self.run_id, lease_owner=self.owner, token=self.token)


def this_process() -> str:
    """Name this process among all that may hold a lease."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def take_lease(run_id: int, *, owner: str) -> Lease | None:
    """Take the lease of a run when it is free; None when somebody holds it.

    A holder that never let go (it was killed, or lost the database) counts as an attempt.
    """
    free = Q(lease_owner="") | Q(lease_expires_at__lt=Now()) | _holder_is_dead(run_id)
    was_abandoned = MigrationRun.objects.filter(~Q(lease_owner=""), pk=run_id).exists()
    taken = MigrationRun.objects.filter(free, pk=run_id).update(
        token=F("token") + 1,
        lease_owner=owner,
        lease_expires_at=_EXPIRY,
        heartbeat_at=Now(),
        lease_wanted_by="",
        attempts=F("attempts") + (1 if was_abandoned else 0),
    )
    if not taken:
        return None
    token = MigrationRun.objects.values_list("token", flat=True).get(pk=run_id)
    return Lease(run_id=run_id, owner=owner, token=token)


def _holder_is_dead(run_id: int) -> Q:
    """Return a condition that holds when the lease's holder ran on this host and is gone."""
    owner = MigrationRun.objects.values_list("lease_owner", flat=True).get(pk=run_id)
    host, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdecimal() or _is_alive(int(pid)):
        return Q(pk__in=[])
    return Q(lease_owner=owner)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def renew(lease: Lease) -> bool:
    """Prolong a lease; False when it is lost."""
    kept = MigrationRun.objects.filter(lease.mine()).update(
        lease_expires_at=_EXPIRY, heartbeat_at=Now()
    )
    return bool(kept)


def release(lease: Lease) -> None:
    """Let go of a lease, when it is still held."""
    MigrationRun.objects.filter(lease.mine()).update(lease_owner="", lease_expires_at=None)


def is_free(run: MigrationRun) -> bool:
    """Tell whether nobody holds the lease of a run."""
    free = Q(lease_owner="") | Q(lease_expires_at__lt=Now()) | _holder_is_dead(run.pk)
    return MigrationRun.objects.filter(free, pk=run.pk).exists()


def ask_to_yield(run_id: int, *, owner: str) -> None:
    """Ask the holder of a lease to let go at its next step."""
    MigrationRun.objects.filter(pk=run_id).update(lease_wanted_by=owner)


@contextmanager
def kept(lease: Lease) -> Iterator[threading.Event]:
    """Renew a lease from a thread while the block runs; the event is set when it is lost.

    A single statement (building a large index, say) can take longer than a lease lasts.
    """
    lost, done = threading.Event(), threading.Event()

    def beat() -> None:
        try:
            while not done.wait(HEARTBEAT_SECONDS):
                close_old_connections()
                if not renew(lease):
                    lost.set()
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        done.set()
        thread.join()
