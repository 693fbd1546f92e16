"""What services refuse with, as one tree.

Each class has a stable ``code`` and the HTTP status that fits it::

    ServiceError                refused            409
    ├── BadCredentialsError     bad_credentials    401
    ├── ForbiddenError          forbidden          403
    ├── ReauthRequiredError     reauth_required    403
    ├── NotFoundError           not_found          404
    ├── InvalidInputError       invalid_input      400
    ├── ConflictError           conflict           409
    ├── NotAvailableError       not_available      409
    ├── TooManyAttemptsError    too_many_attempts  429
    └── UnavailableError        unavailable        503

The raiser may name a more exact code. The root, ForbiddenError and ReauthRequiredError
stand beside the permission checks that raise them. What the engine raises is a tree of its own:
``migration.engine.errors``.
"""

from migration.permissions import ForbiddenError, ReauthRequiredError, ServiceError

__all__ = [
    "BadCredentialsError",
    "ConflictError",
    "ForbiddenError",
    "InvalidInputError",
    "NotAvailableError",
    "NotFoundError",
    "ReauthRequiredError",
    "ServiceError",
    "TooManyAttemptsError",
    "UnavailableError",
]


class BadCredentialsError(ServiceError):
    """A user name and a password do not belong together."""

    code = "bad_credentials"
    status = 401


class NotFoundError(ServiceError):
    """What was named does not exist."""

    code = "not_found"
    status = 404


class InvalidInputError(ServiceError):
    """A value can't be used; ``field`` names it."""

    code = "invalid_input"
    status = 400

    def __init__(self, message: str, *, field: str, code: str | None = None) -> None:
        super().__init__(message, code=code, detail={"field": field})
        self.field = field


class ConflictError(ServiceError):
    """It can't be done as things stand."""

    code = "conflict"


class NotAvailableError(ServiceError):
    """This version can't do it."""

    code = "not_available"


class TooManyAttemptsError(ServiceError):
    """Passwords were wrong too often; ``seconds`` says how long to wait."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message, detail={"retryAfterSeconds": seconds})
        self.seconds = seconds


class UnavailableError(ServiceError):
    """Something that is needed is down or not set up; trying again later can help."""

    code = "unavailable"
    status = 503
