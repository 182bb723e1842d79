"""A prepared question answers as the queryset would, and writes no SQL for it."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from dsboard.models import Activity, Membership, Team, User
from dsboard.prepared import prepared
from tests.world import World, found_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return found_world()


@prepared
def places(team: int, role: str) -> QuerySet[Membership]:
    return Membership.objects.within(Team(pk=team)).filter(role=role).select_related("user").order_by("user__name")


def test_it_answers_as_the_queryset_does(world: World) -> None:
    team = world.lead.team
    for role in ("lead", "member", "viewer", "no such role"):
        asked = places(team.pk, role)
        plain = list(Membership.objects.filter(team=team, role=role).select_related("user").order_by("user__name"))
        assert [one.__dict__.keys() for one in asked] == [one.__dict__.keys() for one in plain]
        assert [(one.pk, one.role, one.user.name) for one in asked] == [(one.pk, one.role, one.user.name) for one in plain]
    assert places(role="lead", team=team.pk) == places(team.pk, "lead")
    assert places(0, "lead") == []


def test_it_takes_one_query_and_writes_it_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    places(world.lead.team.pk, "lead")

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("It was written again.")

    monkeypatch.setattr(SQLCompiler, "as_sql", fail)
    with CaptureQueriesContext(connection) as queries:
        (found,) = places(world.lead.team.pk, "lead")
        assert found.user.name == world.lead.user.name
    assert len(queries) == 1


def test_values_come_converted_as_ever(world: World) -> None:
    @prepared
    def lines(team: int) -> QuerySet[Activity]:
        return Activity.objects.filter(team=team).order_by("pk")

    Activity.record(world.experiment(), "edited", world.mei, field="points", before=None, after=[1, "two"], why={"so": 1.5})
    plain = list(Activity.objects.filter(team=world.lead.team).order_by("pk"))
    assert [(one.at, one.after, one.facts) for one in lines(world.lead.team.pk)] == [(one.at, one.after, one.facts) for one in plain]
    assert plain[-1].facts == {"why": {"so": 1.5}}


def test_the_same_value_may_stand_in_two_places(world: World) -> None:
    @prepared
    def named(word: str) -> QuerySet[User]:
        return User.objects.filter(name=word) | User.objects.filter(email=word)

    assert named(world.mei.user.email) == named(world.mei.user.name) == [world.mei.user]


@pytest.mark.django_db(transaction=True)
def test_threads_ask_each_over_their_own_connection(world: World) -> None:
    found: list[tuple[int, list[Membership]]] = []
    trouble: list[BaseException] = []

    def ask(team: int) -> None:
        try:
            for _ in range(20):
                found.append((team, places(team, "lead")))
        except BaseException as error:
            trouble.append(error)
        finally:
            connection.close()

    other = Team.found(key="APART", name="Apart", lead=world.ivo.user)
    threads = [threading.Thread(target=ask, args=(team,)) for team in (world.lead.team.pk, other.pk) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert len(found) == 80
    assert all(one.team_id == team for team, places in found for one in places)


def test_a_value_that_would_need_other_sql_is_refused_at_once(world: World) -> None:
    @prepared
    def of_many(teams: list[int]) -> QuerySet[Membership]:
        return Membership.objects.filter(team__in=teams)

    @prepared
    def like(word: str) -> QuerySet[User]:
        return User.objects.filter(name__contains=word)

    with pytest.raises(TypeError, match="other values than numbers, texts and moments"):
        of_many([1])
    with pytest.raises(TypeError, match="does not take word as it is"):
        like("Mei")
