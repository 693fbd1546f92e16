"""What the API answers when it refuses or fails: one shape, whatever went wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from migration.engine.errors import EngineError
from migration.services.answers import refusal, status_of
from migration.services.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    ServiceError,
    TooManyAttemptsError,
)

_CODES: Final[Mapping[type[exceptions.APIException], str]] = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "bad_token",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}
_CHALLENGE: Final = 'Bearer realm="migration"'

log = structlog.get_logger(__name__)


class HttpError(ServiceError):
    """Something wrong with the request itself, with the status that says so."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message, code=code)
        self.status = status


def answer_error(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Translate everything that can be raised; what nobody foresaw goes to the log alone."""
    set_rollback()
    known = _known(exc)
    status = status_of(known)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("api_failed", exc_info=exc)
    body = refusal(known)
    if not isinstance(known, ServiceError | EngineError):
        body["detail"] = _reference(context)
    return Response(body, status=status, headers=_headers(exc, status), exception=True)


def _known(exc: Exception) -> Exception:
    """Return an exception in our own words, or as it is where nobody foresaw it."""
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(exc)
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    if isinstance(exc, Http404):
        return NotFoundError("There is nothing at this address.")
    if isinstance(exc, PermissionDenied):
        return ForbiddenError("This account may not do that. Nothing was changed.")
    return _unreadable(exc) if isinstance(exc, SuspiciousOperation) else exc


def _unreadable(exc: SuspiciousOperation) -> HttpError:
    if isinstance(exc, RequestDataTooBig):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return HttpError("The body is too large.", code="too_large", status=status)
    return HttpError("The request can't be read.", code="bad_request", status=400)


def _of_framework(exc: exceptions.APIException) -> HttpError:
    code = _CODES.get(type(exc)) or str(exc.get_codes())
    return HttpError(str(exc.detail), code=code, status=exc.status_code)


def _invalid(exc: exceptions.ValidationError) -> InvalidInputError:
    """Name the first field that is wrong, and say of all what is wrong with them."""
    problems = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
    field, words = next(iter(problems.items()), ("", ""))
    first = words[0] if isinstance(words, list) and words else words
    error = InvalidInputError(f"{field}: {first}" if field else str(first), field=str(field))
    error.detail = {"field": str(field), "fields": problems}
    return error


def _headers(exc: Exception, status: int) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": _CHALLENGE}
    wait = exc.seconds if isinstance(exc, TooManyAttemptsError) else getattr(exc, "wait", None)
    return {"Retry-After": f"{wait:.0f}"} if wait is not None else {}


def _reference(context: Mapping[str, Any]) -> dict[str, str]:
    request: Request = context["request"]
    return {"requestId": str(request.META.get("migrator.request_id", ""))}


class UnknownEndpointView(APIView):
    """Says in JSON that there is nothing at an address below ``/api/``."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer every method alike."""
        super().initial(request, *args, **kwargs)
        raise Http404
