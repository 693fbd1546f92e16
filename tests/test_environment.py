import os
import stat

import pytest

from migrator_site import environment

CHOSEN = ("DJANGO_DEBUG", "DJANGO_SECRET_KEY", "CELERY_BROKER_URL")


@pytest.fixture
def file(monkeypatch, tmp_path):
    for name in CHOSEN:
        monkeypatch.setenv(name, "")
    path = tmp_path / "var" / "quickstart.env"
    monkeypatch.setattr(environment, "QUICKSTART_FILE", path)
    return path


def test_quickstart_chooses_debug_a_key_and_its_own_queue(file):
    environment.choose_for_quickstart()
    environment.fill_in_from_quickstart()

    assert os.environ["DJANGO_DEBUG"] == "1"
    assert len(os.environ["DJANGO_SECRET_KEY"]) > 50
    assert os.environ["CELERY_BROKER_URL"] == environment.embedded_broker_url()


def test_only_the_owner_can_read_what_was_chosen(file):
    environment.choose_for_quickstart()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_the_environment_says_is_neither_overruled_nor_written_down(file, monkeypatch):
    monkeypatch.setenv("DJANGO_SECRET_KEY", "from the environment")

    environment.choose_for_quickstart()
    environment.fill_in_from_quickstart()

    assert os.environ["DJANGO_SECRET_KEY"] == "from the environment"
    assert "SECRET_KEY" not in file.read_text()


def test_a_second_choice_keeps_the_key(file):
    environment.choose_for_quickstart()
    first = file.read_text()

    environment.choose_for_quickstart()

    assert file.read_text() == first


def test_without_a_quickstart_nothing_is_filled_in(file):
    environment.fill_in_from_quickstart()

    assert [os.environ[name] for name in CHOSEN] == ["", "", ""]


def test_the_path_of_the_queues_socket_is_short_enough():
    path = environment.embedded_broker_url().removeprefix("redis+socket://")

    assert len(os.fsencode(path)) < 108
