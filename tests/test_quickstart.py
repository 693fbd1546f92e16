"""The whole product, started the way README says, in a checkout of its own."""

import http.client
import http.cookiejar
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("manage.py", "migrator_site", "migration", "templates", "static")
OURS = ("DJANGO_", "MIGRATOR_", "CELERY_", "DATABASE_URL")
SECONDS = 120

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


class Quickstart:
    """One start of the product; its output is read up to the line that names the address."""

    def __init__(self, folder, *arguments):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.errors = (folder / "errors.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart", f"--port={self.port}", *arguments],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if not k.startswith(OURS)},
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def until_ready(self):
        told = ""
        for line in self.process.stdout:
            told += line
            if "Rolling Migrator is at" in line:
                return told
        pytest.fail(f"not served: {(self.folder / 'errors.log').read_text()}")

    def get(self, path):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read().decode()
        finally:
            client.close()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.process.stdout.close()
        self.errors.close()


def running_in(folder):
    """Command lines of the processes that work in a folder, without those already ended."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def wait_for_none(folder):
    """Wait until the processes there have ended; each end wakes the wait."""
    for pid in running_in(folder):
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        select.select([handle], [], [], SECONDS)
        os.close(handle)
    return running_in(folder)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    ignore = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part, **({"ignore": ignore} if copy is shutil.copytree else {}))
    return folder


@pytest.fixture
def start(checkout):
    started = []

    def start(*arguments):
        started.append(Quickstart(checkout, *arguments))
        return started[-1]

    yield start
    for quickstart in started:
        quickstart.close()


def log_in(port, password):
    """Log in as a browser does and return the page one lands on."""
    base = f"http://127.0.0.1:{port}"
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(f"{base}/login/", timeout=10) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]
    form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token}
    with browser.open(f"{base}/login/", urllib.parse.urlencode(form).encode(), 10) as page:
        return page.read().decode()


def test_it_serves_a_console_one_can_log_in_to_and_stops_cleanly(start, checkout):
    quickstart = start()
    password = re.search(r"^Password: +(\S+)$", quickstart.until_ready(), re.MULTILINE)[1]

    assert quickstart.get("/healthz") == (200, "ok\n")
    assert "Log in" in quickstart.get("/login/")[1]
    page = log_in(quickstart.port, password)
    assert "<h1>Overview</h1>" in page
    assert "users" in page
    roles = " ".join(running_in(checkout).values())
    assert all(role in roles for role in ("gunicorn", "worker", "beat", "quickstart"))

    assert quickstart.stop() == 0
    assert running_in(checkout) == {}


def test_a_second_start_keeps_key_and_password_and_shows_neither(start, checkout):
    first = start()
    first.until_ready()
    first.stop()
    chosen = (checkout / "var" / "quickstart.env").read_text()

    quickstart = start()
    told = quickstart.until_ready()

    assert "Password:" not in told
    assert "keeps its password" in told
    assert (checkout / "var" / "quickstart.env").read_text() == chosen
    assert quickstart.stop(signal.SIGINT) == 0


def test_the_end_of_one_program_is_the_end_of_all(start, checkout):
    quickstart = start()
    quickstart.until_ready()
    beat = next(pid for pid, line in running_in(checkout).items() if " beat " in line)

    os.kill(beat, signal.SIGKILL)

    assert quickstart.process.wait(SECONDS) == 1
    assert "The scheduler ended by signal 9" in (checkout / "errors.log").read_text()
    assert running_in(checkout) == {}


def test_nothing_outlives_a_quickstart_that_was_killed(start, checkout):
    quickstart = start()
    quickstart.until_ready()

    quickstart.stop(signal.SIGKILL)

    assert wait_for_none(checkout) == {}


def test_a_second_one_beside_it_is_refused(start):
    first = start()
    first.until_ready()

    second = start("--json")

    assert second.process.wait(SECONDS) == 1
    assert '"code": "already_served"' in second.process.stdout.read()
    assert first.get("/healthz")[0] == 200
