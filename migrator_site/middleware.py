"""What every answer of the site goes through, whoever gives it."""

import ipaddress
import re
import secrets
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

_REFERENCE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Give each request a reference that its log entries, its audit entries and its answer share.

    A caller may bring one along, so that its own logs and ours can be read together.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        reference = given if _REFERENCE.fullmatch(given) else secrets.token_hex(8)
        request.META["migrator.request_id"] = reference
        with structlog.contextvars.bound_contextvars(request_id=reference):
            response = self.get_response(request)
        response["X-Request-ID"] = reference
        return response


class TrustedProxyMiddleware:
    """Believe forwarded headers only where a trusted proxy sent them.

    Behind one, the address is the last in ``X-Forwarded-For`` that is no proxy of ours: what
    stands before it was written by the client. From anyone else the headers are taken away.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        forwarded_for = meta.pop("HTTP_X_FORWARDED_FOR", "")
        forwarded_scheme = meta.pop("HTTP_X_FORWARDED_PROTO", "")
        if _is_trusted(meta.get("REMOTE_ADDR", "")):
            meta["REMOTE_ADDR"] = _client(forwarded_for) or meta["REMOTE_ADDR"]
            if forwarded_scheme in {"http", "https"}:
                meta["wsgi.url_scheme"] = forwarded_scheme
        return self.get_response(request)


class NoStoreMiddleware:
    """Keep answers out of every cache, apart from those that say how long they are good."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response


def _client(forwarded_for: str) -> str | None:
    for address in reversed([part.strip() for part in forwarded_for.split(",")]):
        if not _is_address(address):
            return None
        if not _is_trusted(address):
            return address
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    return _is_address(address) and any(
        ipaddress.ip_address(address) in network for network in settings.TRUSTED_PROXIES
    )
