"""Pages of the console: each asks one service and shows the answer."""

import platform
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView

from migration import __version__, permissions
from migration.console.actors import actor_of
from migration.console.overview import overview_page
from migration.services import sessions
from migration.services.errors import BadCredentialsError, TooManyAttemptsError
from migration.services.status import current_status

THEME_COOKIE = "migrator_theme"
THEMES = ("light", "dark")
_YEAR_SECONDS = 365 * 24 * 3600


class OverviewView(TemplateView):
    """Where the installation stands."""

    template_name = "migration/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            page=overview_page(current_status()), **frame(self.request), **kwargs
        )


class LoginForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("That user name and password do not belong together."),
    }

    def clean(self) -> dict[str, Any]:
        name, password = (self.cleaned_data.get(field) for field in ("username", "password"))
        if name and password and self.request:
            try:
                self.user_cache = sessions.check_password(
                    self.request, name, password, actor=actor_of(self.request)
                )
            except (BadCredentialsError, TooManyAttemptsError) as exc:
                raise self.get_invalid_login_error() from exc
        return self.cleaned_data


@method_decorator(login_not_required, name="dispatch")
class ConsoleLoginView(LoginView):
    """The log-in page."""

    template_name = "migration/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        sessions.note_login(self.request.session, actor=actor_of(self.request))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # None unless it leads to this host.
        context["destination"] = self.get_redirect_url()
        context["host"] = platform.node()
        context["theme"] = chosen_theme(self.request)
        return context


@method_decorator(login_not_required, name="dispatch")
class ConsoleLogoutView(LogoutView):
    """Ends the session; takes POST only."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            sessions.note_logout(actor=actor_of(request))
        return super().post(request, *args, **kwargs)


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark colours in a cookie; anything else follows the system."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = reverse("console:overview")
    response = HttpResponseRedirect(back)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=_YEAR_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Strict")
    return response


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that this process answers, and nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask for the old name to the drawing."""
    return HttpResponseRedirect(static("migration/img/favicon.svg"))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs on every page."""
    return {
        "level": permissions.level_of(request.user),
        "host": platform.node(),
        "theme": chosen_theme(request),
        "version": __version__,
    }


def chosen_theme(request: HttpRequest) -> str:
    """Return light, dark, or nothing where the colours follow the system."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""
