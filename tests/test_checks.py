import pytest
from django.core.exceptions import ImproperlyConfigured

from migration import checks


@pytest.fixture
def production(settings, tmp_path):
    key = tmp_path / "signing.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    settings.DEBUG = False
    settings.CELERY_BROKER_URL = "redis://queue.internal:6379/3"
    settings.MIGRATOR_SIGNING_KEY_FILE = key
    settings.MIGRATOR_SNAPSHOT_IDENTITY_FILE = None
    return settings


def codes():
    return [message.id for message in [*checks.check_keys(), *checks.check_broker()]]


def test_a_complete_production_has_no_complaint(production):
    assert codes() == []


def test_production_needs_a_signing_key(production):
    production.MIGRATOR_SIGNING_KEY_FILE = None

    assert codes() == ["migration.E001"]


def test_the_signing_key_has_to_be_there(production, tmp_path):
    production.MIGRATOR_SIGNING_KEY_FILE = tmp_path / "missing"

    assert codes() == ["migration.E002"]


def test_a_key_that_others_can_read_is_refused(production):
    production.MIGRATOR_SIGNING_KEY_FILE.chmod(0o644)

    assert codes() == ["migration.E003"]


def test_production_without_a_queue_is_warned(production):
    production.CELERY_BROKER_URL = ""

    assert codes() == ["migration.W001"]


def test_development_needs_neither_key_nor_queue(settings):
    settings.DEBUG = True
    settings.CELERY_BROKER_URL = ""

    assert codes() == []


def test_servers_refuse_what_the_checks_refuse(production):
    production.MIGRATOR_SIGNING_KEY_FILE = None

    with pytest.raises(ImproperlyConfigured, match="MIGRATOR_SIGNING_KEY_FILE"):
        checks.refuse_unsafe_settings()


def test_servers_start_where_the_checks_only_warn(production):
    production.CELERY_BROKER_URL = ""

    checks.refuse_unsafe_settings()

    assert codes() == ["migration.W001"]
