import json
import math

import pytest

from migration.services.redaction import REDACTED, escaped, redacted, without_secrets


@pytest.mark.parametrize(
    "name",
    [
        *("password", "newPassword", "password_hash", "apiToken", "token", "signing_key", "key"),
        *("identity", "identityFile", "secret", "Authorization", "email", "notifyEmails", "cookie"),
    ],
)
def test_a_field_is_known_by_its_name(name):
    assert redacted({name: "canary"}) == {name: REDACTED}


@pytest.mark.parametrize("name", ["monkey", "keyboard", "planHash", "tokenized", "lines"])
def test_other_fields_stay(name):
    assert redacted({name: "canary"}) == {name: "canary"}


def test_numbers_of_keys_and_tokens_stay_and_numeric_passwords_do_not():
    assert redacted({"keys": 3, "token": 4, "password": 5}) == {
        "keys": 3,
        "token": 4,
        "password": REDACTED,
    }


def test_a_list_of_secrets_is_secret_and_so_is_what_lies_deeper():
    assert redacted({"tokens": ["a"], "users": [{"email": "a", "level": 1}]}) == {
        "tokens": REDACTED,
        "users": [{"email": REDACTED, "level": 1}],
    }


@pytest.mark.parametrize(
    "secret",
    [
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ",
        "rm_abcdefghijklmnopqrstuvwxyz",
        "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcde",
        "ann.lee+x@mail.example.org",
    ],
)
def test_a_secret_is_known_by_its_looks(secret):
    assert without_secrets(f"it was {secret}, there") == f"it was {REDACTED}, there"


def test_an_address_loses_its_password():
    assert without_secrets("postgresql://ann:canary@db:5432/x") == (
        f"postgresql://{REDACTED}@db:5432/x"
    )


def test_what_can_turn_or_break_a_line_is_written_out():
    assert escaped("a\nb\x00\x1b[0m\u202e\u2028\ud800\U000e0001王é\\") == (
        r"a\nb\x00\x1b[0m\u202e\u2028\ud800\U000e0001王é" + "\\"
    )


def test_whatever_comes_in_json_comes_out():
    endless = []
    endless.append(endless)

    details = redacted(
        {"a": math.nan, "b": math.inf, "c": {1: object}, "d": {2, 1}, "e": b"x", "f": endless}
    )

    assert json.loads(json.dumps(details, allow_nan=False))["d"] == [1, 2]
