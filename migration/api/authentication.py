"""Who calls: by a bearer token, else by the browser's session."""

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from migration.models import ApiToken
from migration.permissions import ForbiddenError
from migration.services import tokens


class BearerAuthentication(BaseAuthentication):
    """Reads ``Authorization: Bearer …``; a header that is no good is refused, session or not."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token with its account, or None where no header was sent."""
        header: str | None = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, secret = header.strip().partition(" ")
        token = tokens.authenticate(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.", "bad_token")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 tells the caller to send."""
        return 'Bearer realm="migration"'


class BrowserAuthentication(SessionAuthentication):
    """The console's session; every unsafe method needs the CSRF token as well."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse a request that another site may have made a browser send."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as exc:
            raise ForbiddenError(
                "The CSRF token is missing or wrong. Nothing was done.", code="csrf_failed"
            ) from exc
