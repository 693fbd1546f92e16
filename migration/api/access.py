"""Which calls are let through to a view.

The framework loads this while its own views load, so nothing here may import them.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from migration.permissions import Actor, Right, may

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MayCall(BasePermission):
    """Allows what the view's ``rights`` name for the method, to those who have that right."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the caller may; a method that the view lacks is 405 for those known."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            if request.user.is_authenticated:
                raise MethodNotAllowed(method)
            return False
        actor: Actor | None = getattr(view, "actor", None)
        right: Right | None = getattr(view, "rights", {}).get(method)
        return actor is not None and right is not None and may(actor, right)


class JsonOnly(BaseContentNegotiation):
    """Takes JSON and answers JSON, whatever else a browser would like to see."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser for what was sent; None makes it 415."""
        media_type = str(request.content_type).partition(";")[0].strip().lower()
        return next((p for p in parsers if p.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the only renderer."""
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
