"""Addresses that are good with a trailing slash and without one."""

from typing import Any

from django.urls.resolvers import RoutePattern, URLPattern
from rest_framework.views import APIView


class _EitherSlashPattern(RoutePattern):
    """A route written without its trailing slash."""

    def match(self, path: str) -> Any:
        """Match what a plain route would, or the same with one slash behind it."""
        return super().match(path.removesuffix("/"))


def endpoint(route: str, view: type[APIView], *, name: str) -> URLPattern:
    """Make the address of a view; ``route`` has no trailing slash."""
    return URLPattern(
        _EitherSlashPattern(route, name=name, is_endpoint=True), view.as_view(), {}, name
    )
