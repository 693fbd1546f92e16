import threading

import pytest

from migration.services.errors import UnavailableError
from migration.services.signing import signing_key


@pytest.fixture
def missing_key(settings, tmp_path):
    settings.MIGRATOR_SIGNING_KEY_FILE = tmp_path / "keys" / "signing.key"
    return settings.MIGRATOR_SIGNING_KEY_FILE


def code():
    with pytest.raises(UnavailableError) as refused:
        signing_key("audit")
    return refused.value.code


def test_each_purpose_has_a_key_of_its_own():
    assert signing_key("audit") == signing_key("audit")
    assert signing_key("audit") != signing_key("manifest")


def test_with_debug_a_missing_key_is_made_for_its_owner_alone(settings, missing_key):
    settings.DEBUG = True

    key = signing_key("audit")

    assert missing_key.stat().st_mode & 0o777 == 0o600
    assert missing_key.parent.stat().st_mode & 0o777 == 0o700
    assert signing_key("audit") == key
    assert [path.name for path in missing_key.parent.iterdir()] == ["signing.key"]


def test_of_many_that_come_first_at_once_all_get_the_same_key(settings, missing_key):
    settings.DEBUG = True
    begin, keys = threading.Barrier(8), []

    def ask():
        begin.wait()
        keys.append(signing_key("audit"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(keys), len(set(keys))) == (8, 1)


def test_in_production_a_missing_key_is_not_made(missing_key):
    assert code() == "no_signing_key"
    assert not missing_key.exists()


def test_without_a_setting_nothing_is_signed(settings):
    settings.MIGRATOR_SIGNING_KEY_FILE = None

    assert code() == "no_signing_key"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_can_use_is_refused(missing_key, mode):
    missing_key.parent.mkdir()
    missing_key.write_bytes(b"k" * 32)
    missing_key.chmod(mode)

    assert code() == "unsafe_key"


def test_a_key_that_is_too_short_is_refused(missing_key):
    missing_key.parent.mkdir()
    missing_key.touch(mode=0o600)
    missing_key.write_bytes(b"k" * 31)

    assert code() == "unsafe_key"
