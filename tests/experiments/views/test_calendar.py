"""The calendar pages: who may change what, what is shown before it moves, and that nothing typed is lost."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard.models import Absence, Activity, DayOff, Membership
from experiments.models import Task
from tests.world import World, lisbon, wall

As = Callable[..., Client]
CALENDAR = "/t/FRAUD/settings/calendar/"
HOURS = {"mon": "9-17", "tue": "9-17", "wed": "9-17", "thu": "9-17", "fri": "", "time_zone": "Europe/Lisbon", "country": "", "region": ""}


@pytest.fixture
def task(world: World) -> Iterator[Task]:
    """Mei's box of three days from Wednesday at nine: it ends on Friday, 13 March, at 17:00. It is Wednesday, ten o'clock."""
    with wall("2026-03-11 09:00"):
        task = world.started(world.experiment())
    with wall("2026-03-11 10:00"):
        yield task


def ends(task: Task) -> str:
    task.refresh_from_db()
    task.box.refresh_from_db()
    return f"{task.box.ends_at.astimezone(lisbon('2026-01-01').tzinfo):%a %d %H:%M}"


def text(response) -> str:
    return response.content.decode()


def agreed(response) -> str:
    """What sending the same form again says yes to."""
    return next(value for value in re.findall(r'name="agreed" value="([^"]+)"', text(response)))


class TestHours:
    def test_what_would_move_is_shown_and_nothing_is_saved(self, world: World, as_: As, task: Task) -> None:
        response = as_(world.lead).post(CALENDAR, HOURS)
        assert response.status_code == 422
        assert task.ref in text(response)
        assert "Save and move 1 box" in text(response)
        assert 'name="fri" value=""' in text(response) or 'name="fri"' in text(response)
        assert ends(task) == "Fri 13 17:00"
        world.team.refresh_from_db()
        assert world.team.week == "Mon-Fri 09:00-17:00"

    def test_saying_yes_moves_it(self, world: World, as_: As, task: Task) -> None:
        client = as_(world.lead)
        response = client.post(CALENDAR, HOURS | {"agreed": agreed(client.post(CALENDAR, HOURS))}, follow=True)
        assert "Saved the calendar, and moved 1 time box" in text(response)
        assert ends(task) == "Mon 16 17:00"
        world.team.refresh_from_db()
        assert world.team.week == "Mon-Thu 09:00-17:00"

    def test_a_yes_to_other_moves_is_asked_again(self, world: World, as_: As, task: Task) -> None:
        client = as_(world.lead)
        yes = agreed(client.post(CALENDAR, HOURS))
        with wall("2026-03-11 10:30"):
            world.started(world.experiment(), world.omar)
            response = client.post(CALENDAR, HOURS | {"agreed": yes})
        assert response.status_code == 422
        assert "Save and move 2 boxes" in text(response)

    def test_without_a_running_box_it_is_saved_at_once(self, world: World, as_: As) -> None:
        assert as_(world.lead).post(CALENDAR, HOURS).status_code == 302
        assert Activity.objects.within(world.team).filter(field="week").exists()

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"mon": "nine to five"}, "nine to five"),
            ({"mon": "17-9"}, "17"),
            (dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "A week needs working hours on one day at least."),
        ],
    )
    def test_what_can_not_be_read_keeps_what_was_typed(self, world: World, as_: As, typed: dict[str, str], sentence: str) -> None:
        response = as_(world.lead).post(CALENDAR, HOURS | typed)
        assert response.status_code == 422
        assert sentence in text(response)
        assert f'value="{typed["mon"]}"' in text(response) or not typed["mon"]

    def test_a_region_of_the_country_before_is_forgotten(self, world: World, as_: As) -> None:
        as_(world.lead).post(CALENDAR, HOURS | {"country": "DE"})
        as_(world.lead).post(CALENDAR, HOURS | {"country": "DE", "region": "BY"})
        as_(world.lead).post(CALENDAR, HOURS | {"country": "PT", "region": "BY"})
        world.team.refresh_from_db()
        assert (world.team.country, world.team.region) == ("PT", "")


class TestDaysOff:
    DAY = {"day": "2026-03-12", "name": "Retreat"}

    def test_one_that_moves_a_box_is_confirmed(self, world: World, as_: As, task: Task) -> None:
        client = as_(world.lead)
        shown = client.post(f"{CALENDAR}days-off/", self.DAY)
        assert (shown.status_code, DayOff.objects.count()) == (422, 0)
        assert 'value="Retreat"' in text(shown)
        assert client.post(f"{CALENDAR}days-off/", self.DAY | {"agreed": agreed(shown)}).status_code == 302
        assert ends(task) == "Mon 16 17:00"

    def test_working_on_it_after_all_is_confirmed_too(self, world: World, as_: As, task: Task) -> None:
        client = as_(world.lead)
        shown = client.post(f"{CALENDAR}days-off/", self.DAY)
        client.post(f"{CALENDAR}days-off/", self.DAY | {"agreed": agreed(shown)})
        removal = f"{CALENDAR}days-off/{DayOff.objects.get().pk}/removal/"
        asked = client.post(removal)
        assert (asked.status_code, DayOff.objects.count()) == (422, 1)
        assert "Work on Thursday 12 March, Retreat?" in text(asked)
        assert client.post(removal, {"agreed": agreed(asked)}).status_code == 302
        assert (ends(task), DayOff.objects.count()) == ("Fri 13 17:00", 0)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"day": ""}, "Choose a day."),
            ({"name": ""}, "Give the day a name."),
            ({"day": "31.2."}, "Enter a valid date."),
        ],
    )
    def test_bad_input(self, world: World, as_: As, typed: dict[str, str], sentence: str) -> None:
        response = as_(world.lead).post(f"{CALENDAR}days-off/", self.DAY | typed)
        assert response.status_code == 422
        assert sentence in text(response)


class TestAbsences:
    AWAY = {"from": "2026-03-12", "to": "2026-03-13"}

    def test_a_member_adds_an_own_one(self, world: World, as_: As, task: Task) -> None:
        client = as_(world.mei)
        shown = client.post(f"{CALENDAR}absences/", self.AWAY)
        assert "Add and move 1 box" in text(shown)
        assert client.post(f"{CALENDAR}absences/", self.AWAY | {"agreed": agreed(shown)}).status_code == 302
        assert ends(task) == "Tue 17 17:00"
        assert Absence.objects.get().membership == world.mei

    def test_and_for_nobody_else(self, world: World, as_: As) -> None:
        as_(world.mei).post(f"{CALENDAR}absences/", self.AWAY | {"who": str(world.omar.pk)})
        assert Absence.objects.get().membership == world.mei

    def test_a_lead_adds_anybodys(self, world: World, as_: As) -> None:
        as_(world.lead).post(f"{CALENDAR}absences/", self.AWAY | {"who": str(world.omar.pk)})
        assert Absence.objects.get().membership == world.omar

    def test_somebody_of_another_team_is_no_choice(self, world: World, as_: As) -> None:
        response = as_(world.lead).post(f"{CALENDAR}absences/", self.AWAY | {"who": str(world.ivo.pk)})
        assert (response.status_code, Absence.objects.count()) == (422, 0)

    def test_there_after_all(self, world: World, as_: As, task: Task) -> None:
        absence = Absence.add(world.mei, world.mei, first_day=date(2026, 3, 12), last_day=date(2026, 3, 13))
        removal = f"{CALENDAR}absences/{absence.pk}/removal/"
        assert as_(world.omar).post(removal).status_code == 403
        assert as_(world.mei).post(removal, follow=True).status_code == 200
        assert Absence.objects.count() == 0

    def test_days_the_wrong_way_round(self, world: World, as_: As) -> None:
        response = as_(world.mei).post(f"{CALENDAR}absences/", {"from": "2026-03-13", "to": "2026-03-12"})
        assert response.status_code == 422
        assert "The last day is before the first." in text(response)
        assert 'value="2026-03-13"' in text(response)


class TestMembers:
    def address(self, member: Membership) -> str:
        return f"/t/FRAUD/settings/members/{member.pk}/calendar/"

    def test_other_hours_move_the_members_boxes(self, world: World, as_: As, task: Task) -> None:
        client, typed = as_(world.lead), {**HOURS, "time_zone": "", "own_hours": "on"}
        shown = client.post(self.address(world.mei), typed)
        assert (shown.status_code, ends(task)) == (422, "Fri 13 17:00")
        assert client.post(self.address(world.mei), typed | {"agreed": agreed(shown)}).status_code == 302
        assert ends(task) == "Mon 16 17:00"
        world.mei.refresh_from_db()
        assert world.mei.week == "Mon-Thu 09:00-17:00"

    def test_like_the_team_again(self, world: World, as_: As) -> None:
        world.mei.set_calendar(world.lead, week="Mon-Thu 09:00-15:00")
        as_(world.lead).post(self.address(world.mei), HOURS | {"time_zone": ""})
        world.mei.refresh_from_db()
        assert world.mei.week == ""

    def test_by_a_lead_only(self, world: World, as_: As) -> None:
        for member in (world.mei, world.vera):
            assert as_(member).get(self.address(world.mei)).status_code == 403
        assert as_(world.lead).get(self.address(world.ivo)).status_code == 404
        assert as_(world.ivo).get(self.address(world.mei)).status_code == 404


class TestThePage:
    def test_everybody_of_the_team_reads_it(self, world: World, as_: As) -> None:
        for member in (world.lead, world.mei, world.vera):
            assert as_(member).get(CALENDAR).status_code == 200

    def test_a_viewer_sees_no_form(self, world: World, as_: As) -> None:
        page = text(as_(world.vera).get(CALENDAR))
        assert f'action="{CALENDAR}' not in page
        for part in ("", "days-off/", "absences/"):
            assert as_(world.vera).post(CALENDAR + part, HOURS).status_code == 403

    def test_a_member_sees_the_form_of_an_own_absence_only(self, world: World, as_: As) -> None:
        page = text(as_(world.mei).get(CALENDAR))
        assert re.findall(rf'action="{CALENDAR}([^"]*)"', page) == ["absences/"]
        assert 'name="who"' not in page
        assert as_(world.mei).post(CALENDAR, HOURS).status_code == 403

    def test_any_month(self, world: World, as_: As) -> None:
        DayOff.add(world.team, world.lead, day=date(2026, 4, 24), name="Retreat")
        assert "Retreat" in text(as_(world.vera).get(f"{CALENDAR}?month=2026-04"))
        for month in ("2026-13", "x", "0000-01", "9999-12", "2026-04-01"):
            assert as_(world.vera).get(f"{CALENDAR}?month={month}").status_code == 200

    @pytest.mark.parametrize("people", [0, 10])
    def test_as_many_queries_for_few_as_for_many(self, world: World, as_: As, people: int) -> None:
        for n in range(people):
            place, _ = world.team.invite(world.lead, email=f"p{n}@example.org", name=f"Person {n}")
            Absence.add(place, world.lead, first_day=date(2026, 12, 1), last_day=date(2026, 12, 2))
        client = as_(world.lead)
        client.get(CALENDAR)
        with CaptureQueriesContext(connection) as queries:
            client.get(CALENDAR)
        assert len(queries) <= 16
