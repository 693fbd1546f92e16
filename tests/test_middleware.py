from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from migrator_site.middleware import NoStoreMiddleware, RequestIdMiddleware, TrustedProxyMiddleware


@pytest.fixture
def seen(settings):
    """What the site sees of a request that came through the proxies of 10.0.0.0/8."""
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]

    def seen(peer, forwarded_for, scheme="https"):
        request = RequestFactory().get(
            "/",
            REMOTE_ADDR=peer,
            HTTP_X_FORWARDED_FOR=forwarded_for,
            HTTP_X_FORWARDED_PROTO=scheme,
        )
        TrustedProxyMiddleware(lambda _: HttpResponse())(request)
        return request.META["REMOTE_ADDR"], request.scheme

    return seen


def test_a_trusted_proxy_says_who_the_client_is(seen):
    assert seen("10.0.0.1", "203.0.113.9") == ("203.0.113.9", "https")


def test_what_a_client_wrote_before_the_proxy_is_not_believed(seen):
    assert seen("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2") == ("203.0.113.9", "https")


def test_a_stranger_is_believed_nothing(seen):
    assert seen("203.0.113.9", "198.51.100.1") == ("203.0.113.9", "http")


@pytest.mark.parametrize("forwarded_for", ["", "203.0.113.9, nonsense", "10.0.0.3"])
def test_without_a_usable_address_the_proxys_own_stays(seen, forwarded_for):
    assert seen("10.0.0.1", forwarded_for)[0] == "10.0.0.1"


def test_an_unknown_scheme_is_ignored(seen):
    assert seen("10.0.0.1", "203.0.113.9", scheme="gopher")[1] == "http"


def test_answers_are_kept_out_of_caches():
    answer = NoStoreMiddleware(lambda _: HttpResponse())(RequestFactory().get("/"))

    assert answer["Cache-Control"] == "no-store"


def test_an_answer_that_says_how_long_it_is_good_keeps_its_word():
    def static(_):
        return HttpResponse(headers={"Cache-Control": "max-age=60"})

    answer = NoStoreMiddleware(static)(RequestFactory().get("/"))

    assert answer["Cache-Control"] == "max-age=60"


def test_each_request_gets_a_reference_of_its_own():
    site = RequestIdMiddleware(lambda _: HttpResponse())

    first, second = (site(RequestFactory().get("/"))["X-Request-ID"] for _ in range(2))

    assert first != second
