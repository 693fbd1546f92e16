"""The audit trail over the API."""

import csv
import io
import json

import pytest

from migration.models import AuditEntry
from migration.permissions import Actor
from migration.services import audit

pytestmark = pytest.mark.django_db

LOGS = "/api/migration/logs"


@pytest.fixture
def ask(client, bob, bearer):
    """Ask as an admin of Level 2, whose token is the first entry."""
    header = bearer(bob)

    def ask(path="", **parameters):
        return client.get(f"{LOGS}{path}", parameters, headers=header)

    return ask


def record(*actions, **columns):
    for action in actions:
        audit.record(action, actor=Actor.host(), **columns)


def test_a_page_has_entries_and_the_way_to_older_ones(ask):
    record("run.started", "run.stopped")

    first = ask(limit=2).json()["data"]
    second = ask(limit=2, cursor=first["nextCursor"]).json()["data"]

    assert [item["action"] for item in first["items"]] == ["run.stopped", "run.started"]
    assert [item["action"] for item in second["items"]] == ["token.made"]
    assert second["nextCursor"] is None


def test_entries_are_found_by_what_was_done_and_by_kind(ask):
    record("run.started", "run.stopped")
    record("run.held", kind="event", code="disk_low")

    assert [i["action"] for i in ask(action="run.*").json()["data"]["items"]] == [
        "run.stopped",
        "run.started",
    ]
    assert [i["code"] for i in ask(kind="event").json()["data"]["items"]] == ["disk_low"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cursor", "x"),
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "-1"),
        ("limit", "9" * 50),
        ("since", "x"),
        ("until", "x"),
        ("kind", "x"),
        ("actor", "a\x00b"),
    ],
)
def test_bad_input_names_its_field(ask, field, value):
    answer = ask(**{field: value})

    assert (answer.status_code, answer.json()["detail"]) == (400, {"field": field})


def test_hostile_parameters_find_nothing(ask):
    answer = ask(actor="' OR 1=1 --", action="%*")

    assert (answer.status_code, answer.json()["data"]["items"]) == (200, [])


def test_the_chain_can_be_checked(ask):
    assert ask("/verify").json()["data"] == {
        "entries": 1,
        "isWhole": True,
        "firstBad": None,
        "head": "missing",
    }


def content(answer):
    return b"".join(answer.streaming_content).decode()


def test_all_entries_come_as_csv(ask):
    record("run.started", object_type="run", object_id='a,"b"')

    answer = ask("/export")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(content(answer))))
    assert [row["action"] for row in rows] == ["token.made", "run.started", "logs.exported"]
    assert rows[1]["objectId"] == 'a,"b"'


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_becomes_a_formula(ask, formula):
    record("run.started", object_id=formula)

    rows = list(csv.DictReader(io.StringIO(content(ask("/export", action="run.started")))))

    assert rows[0]["objectId"] == f"'{formula}"


def test_all_entries_come_as_json_lines(ask):
    record("run.started", details={"lines": 3})

    lines = content(ask("/export", format="jsonl")).splitlines()

    assert [json.loads(line)["action"] for line in lines][1:] == ["run.started", "logs.exported"]
    assert json.loads(lines[1])["details"] == {"lines": 3}


def test_a_long_trail_comes_complete(ask):
    record(*["run.started"] * 1001)

    assert len(content(ask("/export", format="jsonl")).splitlines()) == 1003


def test_another_format_is_refused(ask):
    answer = ask("/export", format="xlsx")

    assert (answer.status_code, answer.json()["detail"]) == (400, {"field": "format"})


@pytest.mark.parametrize("path", ["", "/export", "/verify"])
@pytest.mark.parametrize("group", ["Health checks", "Applications"])
def test_outsiders_are_refused(client, make_user, bearer, path, group):
    robot = make_user("robot", group)

    answer = client.get(f"{LOGS}{path}", headers=bearer(robot))

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not AuditEntry.objects.filter(action="logs.exported").exists()
