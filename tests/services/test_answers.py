from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from migration.engine.errors import CatalogError, StoreBrokenError, WindowError
from migration.engine.lifecycle import RunState
from migration.services.answers import camel_case, on_the_wire, refusal, status_of, success


@dataclass(frozen=True)
class Lag:
    lag_seconds: timedelta
    by_collection: dict[str, int]


def test_fields_get_names_in_camel_case_and_names_of_collections_stay():
    lag = Lag(lag_seconds=timedelta(seconds=1.5), by_collection={"admin_users": 3})

    assert success([lag])["data"] == [{"lagSeconds": 1.5, "byCollection": {"admin_users": 3}}]


@pytest.mark.parametrize(
    ("name", "wire"),
    [("lag", "lag"), ("lag_seconds", "lagSeconds"), ("sha256_of_it", "sha256OfIt")],
)
def test_names_on_the_wire(name, wire):
    assert camel_case(name) == wire


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (datetime(2026, 1, 31, 22, tzinfo=UTC), "2026-01-31T22:00:00Z"),
        (datetime(2026, 1, 31, 22, tzinfo=timezone(timedelta(hours=8))), "2026-01-31T14:00:00Z"),
        (RunState.CUTTING_OVER, "cutting_over"),
        (Path("folder") / "admin.db", "admin.db"),
        (frozenset({1}), [1]),
        (True, True),
        (None, None),
    ],
)
def test_values_on_the_wire(value, wire):
    assert on_the_wire(value) == wire


def test_what_has_no_form_on_the_wire_is_a_mistake_of_ours():
    with pytest.raises(TypeError):
        on_the_wire(b"bytes")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WindowError(key="from", reason="is no hour"), 400),
        (CatalogError(path="c.toml", key="", reason="is empty"), 409),
        (StoreBrokenError(target="admin.db", reason="damaged"), 500),
        (ZeroDivisionError(), 500),
    ],
)
def test_an_error_of_the_engine_has_a_status_too(error, status):
    assert status_of(error) == status


def test_what_nobody_foresaw_keeps_its_words_to_itself():
    assert "canary" not in str(refusal(ZeroDivisionError("canary"), shows_folders=True))
