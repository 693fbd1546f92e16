"""What all views of the API share."""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import User
from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView

from migration.api.errors import HttpError
from migration.models import ApiToken
from migration.permissions import Actor, Door, ForbiddenError, Right
from migration.services import audit, sessions, tokens
from migration.services.errors import InvalidInputError


class ActorRequest(Request):
    """A request of somebody known."""

    user: User


class ApiView(APIView):
    """A view that says which right each of its methods needs."""

    http_method_names = ["get", "head", "post", "patch"]
    metadata_class = None
    rights: ClassVar[Mapping[str, Right]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a request that can't mean what it seems to, once it is known who asks.

        Servers hand on a body in chunks as if there were none, and no name holds U+0000.
        """
        super().initial(request, *args, **kwargs)
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            raise HttpError("Send the body with its length.", code="length_required", status=411)
        if "\x00" in request.path:
            raise Http404

    @property
    def actor(self) -> Actor:
        """Who calls; a stranger where nobody was recognised."""
        request = self.request
        address = str(request.META.get("REMOTE_ADDR", ""))
        reference = str(request.META.get("migrator.request_id", ""))
        if isinstance(request.auth, ApiToken):
            return tokens.actor_of(request.auth, address=address, request_id=reference)
        user = request.user if isinstance(request.user, User) else None
        return Actor(
            name=user.get_username() if user else "anonymous",
            door=Door.API,
            user=user,
            address=address,
            request_id=reference,
            proved_at=sessions.proved_at(request.session) if user else None,
        )

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        """Refuse; of those who are known it is written down."""
        if not request.user.is_authenticated:
            self.not_authenticated()
        audit.record_apart(
            "api.call",
            actor=self.actor,
            result="refused",
            code="forbidden",
            object_type="endpoint",
            object_id=f"{request.method} {request.path}",
        )
        raise ForbiddenError("This account may not do that. Nothing was changed.")

    def not_authenticated(self) -> NoReturn:
        """Ask for a token."""
        super().permission_denied(self.request)

    def text(self, name: str) -> str:
        """Return a parameter of the address, empty where it is missing."""
        value = str(self.request.query_params.get(name, ""))
        if "\x00" in value:
            raise InvalidInputError(f"{name} can't hold U+0000.", field=name)
        return value
