"""What is stuck, for the first page of the administration."""

from django import template

from dsboard import stuck

register = template.Library()


@register.simple_tag
def everything_stuck() -> list[stuck.Stuck]:
    """Every line of it; asked only where the page is shown."""
    return stuck.everything()
