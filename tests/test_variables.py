from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from migrator_site import variables
from migrator_site.environment import ROOT

NAME = "MIGRATOR_TRIED"
STRONG = "k3Jq-xW9_tZ0vB7nM4rL1sD8fG5hP2cY6uEaQiToSjKlXzVb_w"


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv(NAME, value)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("sqlite:///data/admin.db", f"sqlite:///{ROOT}/data/admin.db"),
        ("sqlite:////srv/admin.db", "sqlite:////srv/admin.db"),
        ("sqlite:////srv/with space+and%41.db", "sqlite:////srv/with space+and%41.db"),
        ("nedb:////srv/admin.db", "nedb:////srv/admin.db"),
        ("postgresql://u:p@host/name", "postgresql://u:p@host/name"),
        ("", "sqlite:////var/lib/app/admin.db"),
    ],
)
def test_the_address_of_a_new_database_comes_back_absolute(given, text, url):
    given(text)

    assert variables.store_url(NAME, Path("/var/lib/app/admin.db")) == url


@pytest.mark.parametrize("text", ["mysql://host/name", "/srv/admin.db", "sqlite:///", "sqlite://x"])
def test_other_addresses_are_refused_by_name(given, text):
    given(text)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        variables.store_url(NAME, Path("/unused"))


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 1 << 30), ("0", 0), ("1048576", 1 << 20), ("500 MiB", 500 << 20), ("2gib", 2 << 30)],
)
def test_a_size_is_read_with_or_without_its_unit(given, text, size):
    given(text)

    assert variables.size_bytes(NAME, "1 GiB") == size


@pytest.mark.parametrize("text", ["much", "1 GB", "-1", "1.5 GiB"])
def test_other_sizes_are_refused_by_name(given, text):
    given(text)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        variables.size_bytes(NAME, "1 GiB")


@pytest.mark.parametrize(("text", "seconds"), [("", 60), ("90", 90), ("5s", 5), ("5 s", 5)])
def test_a_duration_is_seconds(given, text, seconds):
    given(text)

    assert variables.duration(NAME, timedelta(seconds=60)) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["0", "-5", "1 min", "soon"])
def test_other_durations_are_refused_by_name(given, text):
    given(text)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        variables.duration(NAME, timedelta(seconds=60))


@pytest.mark.parametrize(
    ("text", "is_on"),
    [("", False), ("0", False), ("off", False), ("1", True), ("True", True), ("yes", True)],
)
def test_a_switch_is_off_unless_it_is_on(given, text, is_on):
    given(text)

    assert variables.flag(NAME) is is_on


def test_a_switch_that_is_neither_is_refused(given):
    given("perhaps")

    with pytest.raises(ImproperlyConfigured, match=NAME):
        variables.flag(NAME)


def test_a_relative_path_starts_at_the_projects_root(given):
    given("data/legacy")

    assert variables.path(NAME, Path("/unused")) == ROOT / "data" / "legacy"


def test_an_optional_path_may_be_absent(given):
    given("")

    assert variables.optional_path(NAME) is None


def test_a_word_that_is_not_on_the_list_is_refused_with_the_list(given):
    given("node")

    with pytest.raises(ImproperlyConfigured, match="external, adapter"):
        variables.choice(NAME, "external", "adapter")


def test_networks_are_addresses_or_ranges(given):
    given("10.0.0.5, 10.1.0.0/16")

    assert variables.networks(NAME) == [ip_network("10.0.0.5/32"), ip_network("10.1.0.0/16")]


@pytest.mark.parametrize("text", ["", "short", "a" * 80, f"django-insecure-{STRONG}"])
def test_production_takes_no_key_that_could_be_guessed(given, text):
    given(text)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        variables.secret_key(NAME, debug=False)


def test_production_takes_a_strong_key(given):
    given(STRONG)

    assert variables.secret_key(NAME, debug=False) == STRONG


def test_development_needs_no_key(given):
    given("")

    assert variables.secret_key(NAME, debug=True)


def test_the_consoles_database_is_a_file_that_survives_a_power_cut(given, tmp_path):
    given(f"sqlite:///{tmp_path / 'new' / 'console.sqlite3'}")

    database = variables.console_database(NAME, tmp_path / "unused")

    assert database["NAME"] == tmp_path / "new" / "console.sqlite3"
    assert database["NAME"].parent.is_dir()
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]


def test_the_consoles_database_may_be_postgresql(given, tmp_path):
    given("postgresql://console:secret@db.internal:5433/console")

    database = variables.console_database(NAME, tmp_path / "unused")

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.internal",
        5433,
        "console",
    )
