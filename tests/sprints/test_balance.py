"""Six sprints worked out by hand: shares, band, capacity and each warning, right to the day."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from dsboard.models import Absence
from experiments.models import Task
from sprints.balance import Balance, Warn, in_words
from sprints.models import Sprint
from tests.sprints.conftest import END, START
from tests.world import F1, World, refuses, wall

Plan = Callable[..., Sprint]
MEI, OMAR, INES = (f"{name}@example.org" for name in ("mei", "omar", "ines"))


def shares(found: dict[str, Any]) -> list[float | None]:
    """Shares of committed, experiments and learning, in per cent to two decimals."""
    return [None if part.share is None else round(float(part.share), 2) for part in found.values()]


def days(found: dict[str, Any]) -> list[float]:
    return [round(float(part.days), 4) for part in found.values()]


def band(found: dict[str, Any]) -> list[bool | None]:
    return [part.in_band for part in found.values()]


def said(balance: Balance) -> list[tuple[str, str]]:
    return [(warn.code, warn.message) for warn in balance.warnings]


def loads(balance: Balance) -> dict[str, tuple[float, float]]:
    """Planned days and capacity, by first name."""
    return {load.person.first_name: (float(load.planned), float(load.capacity)) for load in balance.loads}


def article(world: World) -> list[Task]:
    """The sprint of the article: three committed items in points, experiments of 3 and 2 days, two learning items."""
    jobs = [world.development(title=f"Job {points}", points=points, owner=OMAR) for points in (8, 5, 5)]
    bert = world.experiment(title="BERT vs GPT", hours=24, owner=MEI)
    graph = world.experiment(title="Graph features", hours=16, owner=MEI)
    papers = world.research(title="Papers on transformers", hours=8, owner=MEI, bucket="learning")
    tools = world.research(title="New tooling", hours=4, owner=INES, bucket="learning")
    return [*jobs, bert, graph, papers, tools]


class TestTheSprintOfTheArticle:
    def test_is_inside_the_band(self, world: World, planned: Plan) -> None:
        balance = Balance(planned(*article(world)))
        # 18 points at 0.5 are 9 days, beside 5 of experiments and 1.5 of learning: 15.5 in all.
        assert days(balance.planned) == [9, 5, 1.5]
        assert shares(balance.planned) == [58.06, 32.26, 9.68]
        assert (balance.whole_shares, band(balance.planned)) == ({"committed": 58, "experiments": 32, "learning": 10}, [True] * 3)
        assert loads(balance) == {"Inês": (0.5, 10), "Mei": (6, 10), "Omar": (9, 10)}
        assert (said(balance), in_words(balance.planned_days), balance.capacity_days) == ([], "15.5", 30)

    def test_what_really_happened(self, world: World, running: Plan) -> None:
        cards = article(world)
        sprint = running(*cards)
        with wall(START):
            world.started(cards[3])
            world.started(cards[6], world.lead)
            world.done(cards[0], world.omar)
        with wall("2026-03-09 13:00"):
            world.report(cards[6], by=world.lead)
        with wall("2026-03-11 17:00"):
            world.report(cards[3])
        with wall("2026-03-12 09:00"):
            world.done(cards[1], world.omar)
            world.started(cards[2], world.omar)
            balance = Balance(sprint)
            # Two jobs are 6.5 days, the box of three days was used up, and half a day of tooling.
            assert (days(balance.actual), shares(balance.actual)) == ([6.5, 3, 0.5], [65, 30, 5])
            assert band(balance.actual) == [True, True, True]
        with wall(END):
            sprint.close(world.lead, earned={cards[2].ref: 50})
        closed = Balance(sprint)
        assert (days(closed.actual), days(closed.planned)) == ([7.75, 3, 0.5], [9, 5, 1.5])
        assert shares(closed.actual) == [68.89, 26.67, 4.44]
        assert band(closed.actual) == [False, True, False]


class TestOutOfBand:
    def test_and_the_words_for_it(self, world: World, planned: Plan) -> None:
        balance = Balance(planned(world.development(points=13, owner=OMAR), world.experiment(hours=8, owner=MEI)))
        # 6.5 of 7.5 days.
        assert (shares(balance.planned), band(balance.planned)) == ([86.67, 13.33, 0], [False, False, False])
        assert said(balance) == [
            ("out_of_band", "Committed has 87 % of the plan; the guideline is 60 ± 5."),
            ("out_of_band", "Experiments has 13 % of the plan; the guideline is 30 ± 5."),
            ("out_of_band", "Learning has 0 % of the plan; the guideline is 10 ± 5."),
        ]

    def test_an_empty_plan_warns_of_nothing(self, planned: Plan) -> None:
        balance = Balance(planned())
        assert (shares(balance.planned), band(balance.planned), said(balance)) == ([None] * 3, [None] * 3, [])


class TestPeople:
    def test_absences_and_a_part_time_member(self, world: World, planned: Plan) -> None:
        with wall(START):
            world.mei.set_calendar(world.lead, week="Mon-Wed 09:00-17:00")
            Absence.add(world.omar, world.omar, first_day=date(2026, 3, 12), last_day=date(2026, 3, 18))
        cards = [
            world.development(points=13, owner=OMAR),
            world.experiment(hours=56, owner=MEI),
            world.research(hours=8, bucket="learning"),
        ]
        balance = Balance(planned(*cards, availability={INES: 0.5}))
        # Omar is away for five working days; Mei works three days a week; Inês gives half of her time.
        assert loads(balance) == {"Inês": (0, 5), "Mei": (7, 6), "Omar": (6.5, 5)}
        assert (float(balance.unassigned), [float(load.away) for load in balance.loads]) == (1, [0, 0, 5])
        assert [message for code, message in said(balance) if code == "over_capacity"] == [
            "Mei has 7 of 6 days: 1 over.",
            "Omar has 6.5 of 5 days: 1.5 over.",
        ]

    def test_exactly_full_is_not_over(self, world: World, planned: Plan) -> None:
        balance = Balance(planned(world.experiment(hours=80, owner=MEI)))
        assert (loads(balance)["Mei"], [load.over for load in balance.loads]) == ((10, 10), [0, 0, 0])

    def test_running_two_boxes_at_once_is_one_days_work(self, world: World, running: Plan) -> None:
        first = world.experiment(hours=24, owner=MEI)
        second = world.research(hours=16, owner=MEI, bucket="learning")
        sprint = running(first, second)
        with wall(START):
            world.started(first)
        with wall("2026-03-10 09:00"):
            world.started(second)
        with wall("2026-03-11 17:00"):
            world.report(first)
            world.report(second)
        balance = Balance(sprint)
        # Monday goes to the first; Tuesday and Wednesday to both, half and half.
        assert (days(balance.actual), sum(days(balance.actual))) == ([0, 2, 1], 3)
        assert shares(balance.actual) == [0, 66.67, 33.33]


class TestCarriedOver:
    def test_a_box_half_used_counts_what_is_left(self, world: World, running: Plan) -> None:
        task = world.experiment(hours=32, owner=MEI)
        sprint = running(task)
        with wall("2026-03-19 09:00"):
            world.started(task)
        with wall(END):
            following = sprint.close(world.lead).successor
            # Thursday and Friday are used: two of four days.
            assert (days(Balance(sprint).actual), days(Balance(following).planned)) == ([0, 2, 0], [0, 2, 0])
        with wall("2026-03-23 09:00"):
            following.start(world.lead)
        with wall("2026-03-24 17:00"):
            world.report(task)
        with wall("2026-04-03 17:00"):
            following.close(world.lead)
        assert (days(Balance(following).actual), days(Balance(following).planned)) == ([0, 2, 0], [0, 2, 0])

    def test_a_pointed_task_earned_in_part_counts_the_rest(self, world: World, running: Plan) -> None:
        task = world.development(points=8, owner=OMAR)
        sprint = running(task)
        with wall(START):
            world.started(task, world.omar)
        with wall(END):
            following = sprint.close(world.lead, earned={task.ref: 75}).successor
        assert (days(Balance(sprint).planned), days(Balance(sprint).actual)) == ([4, 0, 0], [3, 0, 0])
        assert days(Balance(following).planned) == [1, 0, 0]

    def test_nothing_is_left_of_a_box_whose_findings_are_in(self, world: World, running: Plan) -> None:
        task = world.experiment(hours=24, owner=MEI)
        sprint = running(task)
        with wall(START):
            world.started(task)
        with wall("2026-03-10 09:00"):
            world.report(task)
        with wall(END):
            following = sprint.close(world.lead).successor
        assert (days(Balance(sprint).actual), days(Balance(following).planned)) == ([0, 1, 0], [0, 0, 0])


class TestAChangedRate:
    def test_counts_from_the_next_start_on(self, world: World, running: Plan) -> None:
        sprint = running(world.development(points=5, owner=OMAR), world.experiment(hours=20, owner=MEI))
        with wall(START):
            world.team.change(world.lead, days_per_point=1)
            following = Sprint.plan(world.team, world.lead)
            following.take_in(world.development(title="Next", points=5), world.mei)
        sprint.team = following.team = world.team
        now, then = Balance(sprint), Balance(following)
        assert (days(now.planned), float(now.rate), now.rate_source) == ([2.5, 2.5, 0], 0.5, "assumed")
        assert (days(then.planned), float(then.rate), then.rate_source) == ([5, 0, 0], 1, "set")

    @pytest.mark.parametrize("rate", [0, -1, 21])
    def test_is_a_positive_number_of_days(self, world: World, rate: float) -> None:
        sentence = "Ensure this value is less than or equal to 20." if rate > 0 else "Ensure this value is greater than or equal to 0.01."
        with refuses(sentence, fields={"days_per_point"}):
            world.team.change(world.lead, days_per_point=rate)


class TestWarningsOfCards:
    def test_each_names_its_card(self, world: World, planned: Plan) -> None:
        vague = world.research(success="", hours=None, bucket="learning")
        untested = world.experiment(metrics=[], success="Better.")
        unsized = world.development(points=None)
        balance = Balance(planned(vague, untested, unsized))
        cards = [(warn.code, warn.message, warn.task) for warn in balance.warnings if warn.task]
        assert cards == [
            ("no_success", "FRAUD-1 doesn't say what success would be.", vague),
            ("no_size", "FRAUD-1 has no time box.", vague),
            ("no_target", "FRAUD-2 has no target to meet.", untested),
            ("no_size", "FRAUD-3 has no points.", unsized),
        ]

    def test_none_for_what_is_whole(self, world: World, planned: Plan) -> None:
        balance = Balance(planned(world.experiment(metrics=[F1]), world.research(), world.maintenance(), world.development()))
        assert [warn for warn in balance.warnings if warn.task] == []

    def test_a_warning_is_a_code_and_a_sentence(self) -> None:
        assert Warn("no_size", "FRAUD-3 has no points.").task is None


def test_days_in_words() -> None:
    assert [in_words(Fraction(value)) for value in (8, "9.6", "1/3", 0)] == ["8", "9.6", "0.3", "0"]


def test_a_fixed_number_of_queries(world: World, planned: Plan, django_assert_num_queries: Any) -> None:
    few, many = planned(world.experiment(owner=MEI)), None
    with wall(START):
        many = Sprint.plan(world.team, world.lead)
        for number in range(30):
            make = world.experiment if number % 2 else world.development
            many.take_in(make(title=f"Card {number}", owner=MEI), world.mei)
    for sprint in (few, many):
        with django_assert_num_queries(8):
            balance = Balance(sprint)
            assert balance.warnings
            assert balance.loads
