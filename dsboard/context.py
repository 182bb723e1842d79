"""What the shell around every page needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dsboard.models import Team


def shell(request: HttpRequest) -> dict[str, Any]:
    """`my_teams` for the team switcher; asked for only when a template shows it."""
    user = request.user if hasattr(request, "user") else None
    if user is None or not user.is_authenticated:
        return {"my_teams": []}
    if hasattr(request, "memberships"):
        return {"my_teams": [place.team for place in request.memberships]}
    return {"my_teams": SimpleLazyObject(lambda: list(Team.objects.filter(memberships__user=user).order_by("name")))}
