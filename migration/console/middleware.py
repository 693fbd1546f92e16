"""Who gets into the console, and for how long."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from migration import permissions

_BEGAN = "session_began"
_USED = "session_used"
_PART = "/part/"
# Noting every use would write a row with each request.
_NOTE_EVERY_SECONDS = 30


class SessionLimitsMiddleware:
    """End a session that was idle too long or is too old.

    The fragments a page refreshes by itself are no use of the session: an unattended page must
    not keep it alive.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            if _has_ended(request, now):
                logout(request)
            else:
                _note_use(request, now)
        return self.get_response(request)


class ConsoleAccessMiddleware(LoginRequiredMiddleware):
    """Show nothing to anonymous users, and the console only to admins of a level.

    A view is open to everybody only where it says so (``login_not_required``).
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[object, ...],
        view_kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        """Refuse before the view runs."""
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is not None:
            return _redirect_whole_page(request) or refusal
        if getattr(view_func, "login_required", True) and not permissions.may_read(request.user):
            raise PermissionDenied
        return None


def _redirect_whole_page(request: HttpRequest) -> HttpResponse | None:
    """Answer a fragment: its page goes to the log-in form, which must not land inside it."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx:
        return None
    back = urlencode({"next": htmx.current_url_abs_path or "/"})
    return HttpResponse(
        status=401, headers={"HX-Redirect": f"{resolve_url(settings.LOGIN_URL)}?{back}"}
    )


def _has_ended(request: HttpRequest, now: float) -> bool:
    began: float = request.session.get(_BEGAN, now)
    used: float = request.session.get(_USED, now)
    return (
        now - began > settings.MIGRATOR_SESSION_LIFETIME.total_seconds()
        or now - used > settings.MIGRATOR_SESSION_IDLE.total_seconds()
    )


def _note_use(request: HttpRequest, now: float) -> None:
    session = request.session
    if _BEGAN not in session:
        session[_BEGAN] = session[_USED] = now
    elif _PART not in request.path and now - session[_USED] > _NOTE_EVERY_SECONDS:
        session[_USED] = now
