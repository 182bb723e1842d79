"""Every part of the pages in every state, for whoever builds on them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

#: the colours by role, as tokens.css names them
COLOURS = (
    "canvas",
    "well",
    "surface",
    "raised",
    "hover",
    "line",
    "line-2",
    "control",
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "accent-soft",
    "focus",
    "ok",
    "ok-soft",
    "warn",
    "warn-soft",
    "warn-solid",
    "bad",
    "bad-soft",
    "bad-solid",
)
KINDS = ("research", "experiment", "development", "maintenance")
PEOPLE = [{"name": f"Hue {hue}", "initials": f"{hue}", "hue": hue} for hue in range(12)]


def styleguide(request: HttpRequest) -> HttpResponse:
    """For staff; to everybody else it is not there."""
    if not request.user.is_staff:
        raise Http404("There is no such page here, or it is not shared with you.")
    return render(request, "dsboard/styleguide.html", {"colours": COLOURS, "kinds": KINDS, "people": PEOPLE})
