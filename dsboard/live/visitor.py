"""Who holds a stream: the same session, person and membership that a page would ask for, asked again while it is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from dsboard import clock
from dsboard.models import Membership, User


@dataclass(frozen=True, eq=False)
class Visitor:
    """A person with a session, and the teams that the stream tells of, by their keys."""

    session_key: str
    user_id: int
    name: str
    initials: str
    hue: int
    teams: dict[int, str]


def admitted(session_key: str, team_key: str) -> Visitor | None:
    """Whoever this session belongs to, in one team or, without a key, in all of theirs; None for anybody else."""
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(request)
    if not user.is_authenticated or not user.is_active:
        return None
    places = Membership.objects.filter(user=user)
    if team_key:
        places = places.filter(team__key=team_key)
    teams = dict(places.values_list("team_id", "team__key"))
    if team_key and not teams:
        return None
    return Visitor(session_key, user.pk, user.name, user.initials, user.hue, teams)


def still_admitted(visitors: Iterable[Visitor]) -> set[Visitor]:
    """Those whose session and memberships still hold: three queries, however many they are."""
    visitors = list(visitors)
    people = {user.pk: user for user in User.objects.filter(pk__in={one.user_id for one in visitors}, is_active=True)}
    sessions = {row.pk: row for row in Session.objects.filter(pk__in={one.session_key for one in visitors}, expire_date__gt=clock.now())}
    places = set(Membership.objects.filter(user__in=people).values_list("user_id", "team_id"))
    return {
        one
        for one in visitors
        if one.user_id in people
        and one.session_key in sessions
        and is_of(sessions[one.session_key], people[one.user_id])
        and all((one.user_id, team_id) in places for team_id in one.teams)
    }


def is_of(session: Session, user: User) -> bool:
    """A session ends with another password and when a person signs out everywhere."""
    said = session.get_decoded()
    return said.get(SESSION_KEY) == str(user.pk) and constant_time_compare(said.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
