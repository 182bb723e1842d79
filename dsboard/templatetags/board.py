"""Tags and filters that every template has."""

from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dsboard.api.tokens import absolute as address_of

register = template.Library()


@register.simple_tag
@lru_cache(1_000)
def icon(name: str, size: str = "", extra: str = "") -> SafeString:
    """An icon of the sprite, silent for screen readers: {% icon "plus" %}, {% icon "plus" "sm" "mute" %}."""
    classes = " ".join(filter(None, ["i", f"i--{size}" if size else "", extra]))
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)


@register.simple_tag(takes_context=True)
def absolute(context: Any, path: str) -> str:
    """An address of this server as scripts outside have to call it: {% absolute "/mlflow" %}."""
    return address_of(context["request"], path)
