import pytest
from django.template.loader import render_to_string

from migration.console.overview import CollectionCount, overview_page

FRESH = {
    "currentStatus": "not-started",
    "mode": "legacy",
    "legacy": {"users": 1200, "events": 7},
    "new": {"admin": 0, "application": 0, "collections": {}},
    "newDatabaseRecords": 0,
    "adminRecords": 0,
    "applicationRecords": 0,
    "migrationInProgress": False,
    "lastMigrationProgress": None,
}
COPYING = FRESH | {
    "currentStatus": "copying",
    "new": {"admin": 0, "application": 600, "collections": {"users": 600}},
    "newDatabaseRecords": 600,
    "applicationRecords": 600,
    "migrationInProgress": True,
    "lastMigrationProgress": {
        "step": "application",
        "completed": 600,
        "total": 1207,
        "percentage": 49.7,
    },
}


@pytest.fixture
def show(rf):
    """The page as HTML, without the frame that needs an account."""

    def show(status):
        page = overview_page(status)
        parts = ("_strip", "_answers", "_collections")
        context = {"page": page, "progress": page.progress}
        if page.progress:
            parts = (*parts, "_progress")
        return "".join(
            render_to_string(f"migration/partials/{part}.html", context) for part in parts
        )

    return show


def test_the_documents_of_both_sides_stand_side_by_side():
    page = overview_page(COPYING)

    assert page.collections == (
        CollectionCount(name="users", legacy=1200, new=600),
        CollectionCount(name="events", legacy=7, new=None),
    )


def test_a_fresh_installation_has_moved_nothing():
    assert overview_page(FRESH).has_moved_nothing


def test_a_copy_that_began_has_moved_something():
    assert not overview_page(COPYING).has_moved_nothing


def test_a_count_that_is_not_known_is_a_dash_and_not_zero(show):
    assert '<td class="num">7</td><td class="num">\u2013</td>' in show(FRESH)


def test_progress_shows_exact_counts(show):
    assert "600 of 1,207 documents" in show(COPYING)


@pytest.mark.parametrize(
    ("mode", "legacy", "new"),
    [("legacy", True, False), ("hybrid", True, True), ("new", False, True)],
)
def test_the_page_says_which_side_answers(show, mode, legacy, new):
    html = show(FRESH | {"mode": mode})

    assert ("chip--legacy" in html, "chip--new" in html) == (legacy, new)


def test_a_name_from_the_catalog_is_text_and_may_break(show):
    html = show(FRESH | {"legacy": {"a_<b>": 1}})

    assert "a_<wbr>&lt;b&gt;" in html


@pytest.mark.django_db
def test_the_page_names_who_is_logged_in_and_at_which_level(client, bob):
    client.force_login(bob)

    page = client.get("/").content.decode()

    assert "<b>bob</b>" in page
    assert "Level 2" in page
