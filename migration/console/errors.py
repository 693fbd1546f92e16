"""Pages for what went wrong. They use no database: it may be what is down."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(
        400,
        _("This request cannot be read"),
        _("Nothing was done. Go back and try again."),
    )


def no_permission(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    context = _words(
        _("Your account may not see this"),
        _("Nothing was changed. The console needs an account of Level 1 or Level 2."),
    )
    return render(request, "migration/solo.html", {**context, "may_log_out": True}, status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, for a form that did not come from a page of ours or is too old."""
    return _page(
        403,
        _("This form is no longer good"),
        _("Nothing was done. Go back, reload the page, and send the form again."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _page(
        404,
        _("There is no such page"),
        _("The address may be mistyped, or what it showed is gone."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        500,
        _("Something went wrong here"),
        _("The log of the server has an entry with this reference."),
        reference=request.META.get("migrator.request_id"),
    )


def too_many_attempts(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """429, after too many failed log-ins; the API has said so in its own words already."""
    if response is not None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return response
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return _page(
        429,
        _("Too many attempts"),
        _("You were not logged in. Try again in %(minutes)d minutes.") % {"minutes": minutes},
    )


def _page(status: int, title: str, text: str, *, reference: str | None = None) -> HttpResponse:
    context = {**_words(title, text), "reference": reference}
    return HttpResponse(render_to_string("migration/solo.html", context), status=status)


def _words(title: str, text: str) -> dict[str, str]:
    return {"title": title, "text": text}
