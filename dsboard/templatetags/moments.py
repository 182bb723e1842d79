"""Moments in the words of the pages, in the zone of the page."""

from datetime import datetime

from django import template
from django.utils import timezone

from dsboard import clock, words

register = template.Library()


@register.filter
def ago(moment: datetime) -> str:
    """42 min ago; yesterday, 14:05."""
    return words.ago(moment, clock.now(), timezone.get_current_timezone())


@register.filter
def moment(value: datetime) -> str:
    """Tue 17 Mar, 09:00."""
    return words.at(value, clock.now(), timezone.get_current_timezone())
