"""Figures, written the same way on every page."""

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_BREAK = SafeString("<wbr>")


@register.filter
def number(value: int | None) -> str:
    """Group the digits of a whole number; a dash stands for one that is not known."""
    return "\u2013" if value is None else f"{value:,}"


@register.filter
@stringfilter
def breakable(name: str) -> SafeString:
    """Let a long name break after its underscores and hyphens."""
    parts = name.replace("_", "_\0").replace("-", "-\0").split("\0")
    return format_html_join(_BREAK, "{}", ((part,) for part in parts))
