import pytest
from django.urls import get_resolver

pytestmark = pytest.mark.django_db

OPEN = {"login", "logout", "theme", "healthz", "favicon"}


def pages():
    console = next(
        p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "console"
    )
    return [(p.name, p.callback) for p in console.url_patterns]


def test_only_these_pages_are_open_to_everybody():
    assert {name for name, view in pages() if not getattr(view, "login_required", True)} == OPEN


def test_anonymous_users_are_sent_to_the_login_page(client):
    assert client.get("/")["Location"] == "/login/?next=/"


def test_a_fragment_sends_its_whole_page_to_the_login_page(client):
    answer = client.get(
        "/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/?tab=2"}
    )

    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/login/?next=%2F%3Ftab%3D2")


@pytest.mark.parametrize("admin", ["alice", "bob"])
def test_admins_of_both_levels_see_the_overview(client, request, admin):
    client.force_login(request.getfixturevalue(admin))

    assert client.get("/").status_code == 200


def test_an_account_without_a_level_is_refused_and_can_log_out(client, charlie):
    client.force_login(charlie)

    answer = client.get("/")

    assert answer.status_code == 403
    assert 'action="/logout/"' in answer.content.decode()


def test_a_lost_level_counts_from_the_next_request_on(client, alice):
    client.force_login(alice)
    assert client.get("/").status_code == 200

    alice.groups.clear()

    assert client.get("/").status_code == 403


def test_an_account_that_was_switched_off_is_out_at_once(client, alice):
    client.force_login(alice)

    alice.is_active = False
    alice.save()

    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_anybody_may_ask_whether_the_process_is_alive(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_asking_whether_it_is_alive_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")
