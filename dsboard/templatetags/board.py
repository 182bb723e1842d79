"""Tags and filters that every template has."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "", extra: str = "") -> SafeString:
    """An icon of the sprite, silent for screen readers: {% icon "plus" %}, {% icon "plus" "sm" "mute" %}."""
    classes = " ".join(filter(None, ["i", f"i--{size}" if size else "", extra]))
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)
