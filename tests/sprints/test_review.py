"""The review over eight sprints, and of one: shares, words, the funnel, adherence, load, burndown, scope change."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsboard.models import Absence
from experiments.models import Task
from sprints.adherence import Adherence
from sprints.funnel import Funnel
from sprints.load import Load
from sprints.models import Seat, Sprint
from sprints.models.figures import Figures, Loaded
from sprints.models.flow import Box
from sprints.review import Review
from sprints.reviewed import Reviewed
from sprints.sprint_review import SprintReview
from tests.sprints.telling import MEI, OMAR, closed, decided, done, reported, sprint_from, started
from tests.world import World, wall

MONDAYS = [date(2026, 3, 9) + timedelta(days=14 * step) for step in range(17)]


def ran(world: World, count: int) -> list[Sprint]:
    """Closed sprints, one after the other, with nothing in them."""
    found = []
    for monday in MONDAYS[:count]:
        sprint = sprint_from(world, str(monday))
        found.append(closed(world, sprint, f"{monday + timedelta(days=11)} 16:00"))
    return found


def reviewed(actual: tuple[float, float, float], tolerance: int = 5, **kept: object) -> Reviewed:
    """A closed sprint with a guideline of 60/30/10 and these actual days."""
    sprint = Sprint(number=4, state="closed", guide_committed=60, guide_experiments=30, guide_learning=10, tolerance=tolerance)
    days = dict(zip(("committed", "experiments", "learning"), actual, strict=True))
    return Reviewed(sprint, Figures(planned={}, actual=days, **kept))


class TestOneSprintBesideItsFigures:
    def test_shares_are_whole_per_cent_of_all_days(self) -> None:
        one = reviewed((13.2, 5.4, 1.4))
        assert (one.actual_words, one.planned_words, one.out_of_band) == ("66 / 27 / 7", "–", ["Committed +6"])

    def test_the_ends_of_the_band_are_in_it(self) -> None:
        assert reviewed((6.5, 2.5, 1.0)).out_of_band == []

    def test_out_of_band_by_less_than_a_point_shows_the_decimal(self) -> None:
        assert reviewed((65.2, 28.0, 6.8)).out_of_band == ["Committed +5.2"]
        assert reviewed((65.01, 28.0, 6.99)).out_of_band == ["Committed +5.1"]

    def test_it_can_leave_the_band_on_both_sides(self) -> None:
        assert reviewed((40.0, 57.0, 3.0)).out_of_band == ["Committed −20", "Experiments +27", "Learning −7"]

    def test_a_running_sprint_has_not_left_the_band_yet(self) -> None:
        one = reviewed((10.0, 0.0, 0.0))
        one.sprint.state = "running"
        assert (one.out_of_band[0], one.has_left_band, one.bars.left_band) == ("Committed +40", False, False)

    def test_without_days_there_are_no_shares(self) -> None:
        one = reviewed((0.0, 0.0, 0.0))
        assert (one.actual_words, one.out_of_band, one.rows, one.wait) == ("–", [], [None] * 3, None)

    def test_the_wait_is_the_median(self) -> None:
        assert reviewed((1.0, 0.0, 0.0), waits=[3.0, 0.5, 1.0]).wait == 1.0


class TestWhichSprints:
    def test_the_last_eight_with_the_newest_first(self, world: World) -> None:
        ran(world, 9)
        sprint_from(world, str(MONDAYS[9]))
        with wall("2026-07-14 09:00"):
            review = Review(world.team)
            assert [row.sprint.number for row in review.rows] == [10, 9, 8, 7, 6, 5, 4, 3]
            assert [row.sprint.number for row in review.before] == [2, 1]
            assert (review.span, review.spans) == ("Sprints 3 to 10", [(10, "Sprints 3 to 10", True), (2, "Sprints 1 to 2", False)])

    def test_until_a_sprint(self, world: World) -> None:
        ran(world, 3)
        assert [row.sprint.number for row in Review(world.team, "2").rows] == [2, 1]

    @pytest.mark.parametrize("nonsense", ["", "99", "-1", "abc", "9" * 40, "２"])
    def test_words_that_mean_nothing_show_the_last(self, world: World, nonsense: str) -> None:
        ran(world, 2)
        assert [row.sprint.number for row in Review(world.team, nonsense).rows] == [2, 1]

    def test_a_planned_sprint_is_not_in_it(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            Sprint.plan(world.team, world.lead)
        review = Review(world.team)
        assert (review.rows, review.is_empty, review.total_words, review.span) == ([], True, "–", "No sprints")

    def test_it_begins_once_the_first_sprint_closed(self, world: World) -> None:
        sprint = sprint_from(world, "2026-03-09")
        with wall("2026-03-10 09:00"):
            assert Review(world.team).is_empty
        closed(world, sprint, "2026-03-20 16:00")
        assert not Review(world.team).is_empty

    def test_another_teams_sprints_are_not_in_it(self, world: World) -> None:
        ran(world, 1)
        assert Review(world.other).rows == []


class TestAllocation:
    def test_over_all_sprints_days_weigh_and_not_sprints(self, world: World) -> None:
        """Two days of development in the first; eighteen in the second, where three days of a box ran too."""
        with wall("2026-03-09 08:00"):
            small = world.development(points=Decimal(2), owner=OMAR)
        first = sprint_from(world, "2026-03-09", small)
        done(world, small, "2026-03-10 12:00")
        closed(world, first, "2026-03-20 16:00")
        with wall("2026-03-23 08:00"):
            big, boxed = world.development(points=Decimal(8), owner=OMAR), world.experiment(owner=MEI)
        second = sprint_from(world, "2026-03-23", big, boxed)
        started(world, boxed, "2026-03-23 09:00")
        reported(world, boxed, "2026-03-25 17:00")
        done(world, big, "2026-03-26 12:00")
        closed(world, second, "2026-04-03 16:00")
        review = Review(world.team)
        # 1 + 4 days committed, 3 days of experiments
        assert review.total == [("committed", 63, 60), ("experiments", 37, 30), ("learning", 0, 10)]
        assert (review.total_words, review.drift_words) == ("63 / 37 / 0", "7 over on experiments, 10 under on learning")
        assert [row.actual_words for row in review.rows] == ["57 / 43 / 0", "100 / 0 / 0"]
        assert review.sentence == (
            "Planned and actual allocation of sprints 1 to 2 beside the guideline. Committed was above its band in sprint 1. "
            "Experiments was above its band in sprint 2. Experiments was below its band in sprint 1. "
            "Learning was below its band in sprints 1 and 2."
        )

    def test_each_sprint_keeps_its_own_guideline(self, world: World) -> None:
        ran(world, 1)
        world.team.change(world.lead, guide_committed=50, guide_experiments=40)
        sprint_from(world, str(MONDAYS[1]))
        with wall("2026-03-24 09:00"):
            review = Review(world.team)
            assert (review.guide_words, {line.label for line in review.chart.guides}) == ("guide of each sprint", {"", "50", "90"})
            assert review.sentence.endswith("No sprint left the band.")


class TestFunnel:
    def funnel(self, *counts: int, outcomes: dict[str, int] | None = None, waits: list[float] | None = None) -> Funnel:
        flow = dict(zip(("proposed", "started", "reported", "decided"), counts, strict=True))
        return Funnel([reviewed((1.0, 0.0, 0.0), flow=flow, outcomes=outcomes or {}, waits=waits or [])], [])

    def test_each_step_beside_the_one_before(self) -> None:
        steps = self.funnel(31, 24, 19, 17).steps
        assert [(step.number, step.words) for step in steps] == [
            (31, "proposed"),
            (24, "77% started"),
            (19, "79% reported"),
            (17, "89% decided"),
        ]

    def test_few_are_counted_without_per_cent(self) -> None:
        assert [step.words for step in self.funnel(4, 3, 2, 1).steps] == ["proposed", "started", "reported", "decided"]

    def test_more_than_came_in_has_no_per_cent(self) -> None:
        """What was reported now may have been started long ago."""
        assert [step.words for step in self.funnel(5, 6, 6, 9).steps] == ["proposed", "started", "100% reported", "decided"]

    def test_abandoned_experiments_answered_questions(self) -> None:
        def words(count: int) -> str:
            return self.funnel(count, count, count, count, outcomes={"abandon": count}).abandoned_words

        assert words(1) == "One abandoned experiment answered one question. It is in"
        assert words(7) == "Seven abandoned experiments answered seven questions. They are all in"
        assert words(0) == ""

    def test_the_wait_in_words(self) -> None:
        assert (self.funnel(0, 0, 0, 0).wait_words, self.funnel(0, 0, 0, 0).wait_before_words) == ("–", "nothing was decided yet")
        two = self.funnel(2, 2, 2, 2, waits=[1.0, 2.2])
        assert (two.wait_words, two.wait_before_words) == ("1.6 d", "median of 2")

    def test_beside_the_sprints_before(self) -> None:
        now, before = self.funnel(9, 9, 9, 9, waits=[1.5]), self.funnel(3, 3, 3, 3, waits=[2.9])
        compared = Funnel(now.rows, [*before.rows, *before.rows])
        assert (compared.decided_words, compared.wait_before_words) == ("3 more than the 2 sprints before", "median, was 2.9 d")


class TestAdherence:
    def boxes(self, *kept: tuple[str, float, float, float]) -> list[Box]:
        return [Box(f"FRAUD-{n}", how, original, used, late, 0) for n, (how, original, used, late) in enumerate(kept, 1)]

    def told(self, world: World, boxes: list[Box]) -> dict[str, tuple[int, float, str]]:
        return {row.label: (row.count, row.width, row.typical) for row in Adherence(boxes, world.team).rows}

    def test_what_is_typical_of_each_way(self, world: World) -> None:
        inside = [("inside", 2.0, used, 0.0) for used in (1.0, 1.6, 1.8, 2.0, 1.9)]
        extended, late = [("extended", 2.0, 3.0, 0.0), ("again", 2.0, 5.5, 0.0)], [("late", 2.0, 3.2, 1.2), ("late", 2.0, 2.6, 0.6)]
        assert self.told(world, self.boxes(*inside, *extended, *late, ("nothing", 2.0, 4.0, 2.0))) == {
            "Reported inside the box": (5, 50.0, "median 90% used"),
            "Reported after one extension": (1, 10.0, "+1.0 d"),
            "Extended twice or more": (1, 10.0, "+3.5 d"),
            "Expired, reported late": (2, 20.0, "0.9 d late"),
            "Expired, nothing reported": (1, 10.0, "FRAUD-10"),
        }

    def test_few_are_counted_without_per_cent(self, world: World) -> None:
        boxes = self.boxes(("inside", 2.0, 1.5, 0.0), ("inside", 2.0, 1.9, 0.0), ("inside", 0.5, 0.4, 0.0), ("late", 5.0, 6.0, 1.0))
        found = Adherence(boxes, world.team)
        assert (found.share_words, found.share_said) == ("3 of 4", "reported inside the original box")
        assert self.told(world, boxes)["Reported inside the box"] == (3, 75.0, "median 1.5 d used")
        sizes = "quick spikes (up to 4 h) 1 of 1; standard boxes 2 of 2; deep research (a week or more) 0 of 1"
        assert found.by_size == f"Kept, by size: {sizes}."

    def test_of_many_the_per_cent(self, world: World) -> None:
        found = Adherence(self.boxes(*[("inside", 2.0, 1.0, 0.0)] * 4, ("late", 2.0, 3.0, 1.0)), world.team)
        assert (found.share_words, found.share_said) == ("80%", "4 of 5 reported inside the original box")

    def test_many_without_findings_name_the_first(self, world: World) -> None:
        boxes = self.boxes(*[("nothing", 1.0, 2.0, 1.0)] * 3)
        assert self.told(world, boxes)["Expired, nothing reported"] == (3, 100.0, "FRAUD-1 and 2 more")

    def test_none(self, world: World) -> None:
        found = Adherence([], world.team)
        assert (found.share_words, found.share_said, found.by_size) == ("–", "no box has ended yet", "")


class TestLoad:
    def test_by_name_with_a_mark_and_a_sign(self) -> None:
        load = Load([(1, [Loaded(7, "Zoe", 8.0, 10.0), Loaded(3, "Ana", 10.2, 10.0)]), (2, [Loaded(3, "Ana", 11.8, 10.0)])], {})
        told = [(person.name, [(cell.words, cell.level) for cell in person.cells], person.mean.words) for person in load.people]
        assert told == [
            ("Ana", [("102", "h2"), ("118▲", "h3")], "110"),
            ("Zoe", [("80", "h0"), ("–", "h0")], "80"),
        ]

    def test_planned_without_any_time(self) -> None:
        person = Load([(1, [Loaded(7, "Zoe", 2.0, 0.0)])], {}).people[0]
        assert (person.cells[0].words, person.cells[0].level, person.over_for) == ("2.0 d▲", "h3", 1)

    def test_over_capacity_for_several_sprints_in_a_row(self) -> None:
        def weeks(*planned: float) -> Load:
            return Load([(n, [Loaded(7, "Zoe", days, 10.0)]) for n, days in enumerate(planned)], {})

        assert weeks(9, 11, 12, 10.5, 11).sentences == ["Zoe has been over capacity for four sprints."]
        assert weeks(12, 12, 9).sentences == weeks(9, 11).sentences == []


class TestOneSprint:
    @pytest.fixture
    def sprint(self, world: World) -> Iterator[Sprint]:
        """Ten days: eight points of development (4 d) and five (2.5 d), a box of three days, a card that is added later."""
        with wall("2026-03-09 08:00"):
            self.first, self.second = world.development(points=8, owner=OMAR), world.development(points=5, owner=OMAR)
            self.boxed, self.late = world.experiment(owner=MEI), world.maintenance(points=3, owner=OMAR)
        sprint = sprint_from(world, "2026-03-09", self.first, self.second, self.boxed)
        started(world, self.boxed, "2026-03-09 09:00")
        done(world, self.first, "2026-03-10 12:00")
        with wall("2026-03-11 10:00"):
            sprint.take_in(self.late, world.lead)
        reported(world, self.boxed, "2026-03-11 13:00")
        decided(world, self.boxed, "2026-03-12 10:00")
        with wall("2026-03-12 12:00"):
            sprint.take_out(self.second, world.lead)
            yield sprint

    def test_planned_against_actual_in_words(self, sprint: Sprint) -> None:
        review = SprintReview(sprint)
        told = [(row.label, row.planned_days, row.planned_share, row.actual_days, row.actual_share, row.against) for row in review.buckets]
        assert told == [
            ("Committed", "6.5", 68, "4", 62, "2 over, in band"),
            ("Experiments", "3", 32, "2.5", 38, "8 over, out of band"),
            ("Learning", "0", 0, "0", 0, "10 under, out of band"),
        ]
        assert review.drift_words == (
            "So far, points count only where cards finished. Experiments took 38% where the guideline says 30%, outside the band of ±5. "
            "Learning took 0% where the guideline says 10%, outside the band of ±5."
        )
        assert review.rate_words == "1 point counts as 0.5 d, assumed"
        assert review.scope_words == "1.5 d added, 2.5 d taken out"

    def test_scope_change_who_did_what_when(self, world: World, sprint: Sprint) -> None:
        told = [(f"{one.at:%a %H:%M}", one.by.first_name, one.words, one.task, one.days_words) for one in SprintReview(sprint).changes]
        assert told == [
            ("Wed 10:00", "Inês", "added", self.late, "+1.5"),
            ("Thu 12:00", "Inês", "took out", self.second, "−2.5"),
        ]

    def test_another_bucket_is_scope_change_without_days(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            task = world.development()
        sprint = sprint_from(world, "2026-03-09", task)
        for day, bucket in ((10, "experiments"), (11, "learning")):
            with wall(f"2026-03-{day} 09:00"):
                sprint.take_in(task, world.lead, bucket=bucket)
        with wall("2026-03-12 09:00"):
            changes = SprintReview(sprint).changes
        told = [(f"{one.at:%a}", one.by.first_name, one.words, one.task, one.days_words) for one in changes]
        assert told == [("Wed", "Inês", "moved from committed to learning", task, "")]

    def test_what_became_of_each_card(self, world: World, sprint: Sprint) -> None:
        def told() -> list[tuple[str, str, str, str, str]]:
            rows = SprintReview(Sprint.objects.get(number=1)).rows
            return [(row.task.ref, row.planned_days, row.actual_days, row.end_words, row.outcome_words) for row in rows]

        assert told() == [
            (self.first.ref, "4", "4", "Finished", ""),
            (self.second.ref, "2.5", "0", "Taken out", ""),
            (self.boxed.ref, "3", "2.5", "Finished", "Abandon"),
            (self.late.ref, "(1.5)", "0", "Ready", ""),
        ]
        closed(world, sprint, "2026-03-20 16:00")
        assert told()[-1] == (self.late.ref, "(1.5)", "0", "Carried over", "")
        review = SprintReview(Sprint.objects.get(number=1))
        assert ([row.task for row in review.carried], review.finished) == ([self.late], 2)

    def test_what_was_carried_over_and_decided_later_came_out_in_the_later_sprint(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            task = world.experiment(owner=MEI)
        first = closed(world, sprint_from(world, "2026-03-09", task), "2026-03-20 16:00")
        second = Sprint.objects.get(number=2)
        with wall("2026-03-23 09:00"):
            second.start(world.lead)
            world.started(task)
        reported(world, task, "2026-03-24 09:00")
        decided(world, task, "2026-03-24 10:00")
        with wall("2026-03-24 11:00"):
            rows = [SprintReview(sprint).rows[0] for sprint in (first, second)]
        assert [(row.end_words, row.outcome_words) for row in rows] == [("Carried over", ""), ("Finished", "Abandon")]

    def test_the_burndown_of_committed_days(self, sprint: Sprint) -> None:
        """6.5 days; 4 done on Tuesday, 1.5 added on Wednesday, 2.5 taken out on Thursday at noon, which is now."""
        burned = SprintReview(sprint).burned
        assert burned.left == [6.5, 6.5, 2.5, 4.0, 1.5]
        assert [(f"{day:%a}", left, round(even, 2)) for day, left, even in burned.rows] == [
            ("Mon", 6.5, 5.85),
            ("Tue", 2.5, 5.2),
            ("Wed", 4.0, 4.55),
            ("Thu", 1.5, 3.9),
        ]
        assert burned.sentence == "1.5 of 6.5 committed days remain on day 4 of 10; an even pace would leave 3.9."
        assert len(burned.chart.ticks) == 10

    def test_days_off_are_no_days_of_the_burndown(self, world: World, sprint: Sprint) -> None:
        Absence.add(world.omar, world.lead, first_day=date(2026, 3, 13), last_day=date(2026, 3, 13))
        assert len(SprintReview(sprint).burned.days) == 10
        world.team.days_off.create(day=date(2026, 3, 13), name="Founders' day")
        assert len(SprintReview(sprint).burned.days) == 9

    def test_boxes_show_what_they_used_in_the_sprint(self, sprint: Sprint) -> None:
        told = [(one.row.task, one.used_days, one.clock.shape, one.row.outcome_words) for one in SprintReview(sprint).boxes]
        assert told == [(self.boxed, "2.5", "done", "Abandon")]

    def test_before_the_first_working_day(self, world: World) -> None:
        with wall("2026-04-06 08:00"):
            task = world.development(points=8)
            sprint = Sprint.plan(world.team, world.lead, starts_on=date(2026, 4, 6))
            sprint.take_in(task, world.lead)
        with wall("2026-04-04 12:00"):
            sprint.start(world.lead)
            burned = SprintReview(sprint).burned
        assert (burned.left, burned.sentence) == ([4.0], "4 of 4 committed days remain; the first working day is still to come.")

    def test_a_sprint_with_nothing_in_it(self, world: World) -> None:
        sprint = closed(world, sprint_from(world, "2026-03-09"), "2026-03-20 16:00")
        review = SprintReview(sprint)
        assert (review.drift_words, review.rows, review.changes, review.carried) == ("No days were used in this sprint.", [], [], [])
        assert (review.sentence.startswith("Planned –, actual –"), review.burned.sentence) == (True, "Nothing is committed in this sprint.")


class TestQueries:
    """The review takes the same queries for two sprints and for eight, for 30 tasks and for 400."""

    def seats(self, world: World, sprint: Sprint, count: int) -> None:
        """Boxes that ran and points that finished, written at once."""
        now, start = timezone.now(), sprint.started_at
        last = Task.objects.count()
        common = {"team": world.team, "bucket": "committed", "statement": "?", "success": "!", "owner": world.mei.user}
        tasks = Task.objects.bulk_create(
            Task(
                number=last + n,
                ref=f"FRAUD-{last + n}",
                title=f"Card {n}",
                kind="experiment" if n % 2 else "development",
                stage="active" if n % 2 else "done",
                lane="in_progress" if n % 2 else "done",
                points=None if n % 2 else 3,
                started_at=start,
                ended_at=None if n % 2 else now,
                **common,
            )
            for n in range(1, count + 1)
        )
        boxed = [task for task in tasks if task.kind == "experiment"]
        boxes = [
            {
                "task": task,
                "hours": 8,
                "original_hours": 8,
                "started_at": start,
                "runs_since": start,
                "runs_for": world.mei.user,
                "ends_at": start + timedelta(hours=8),
            }
            for task in boxed
        ]
        model = Task._meta.get_field("time_box").related_model
        model.objects.bulk_create(model(**box) for box in boxes)
        state = {"state": sprint.state, "bucket": "committed", "planned_bucket": "committed", "days": 1, "owner": world.mei.user}
        end = {"end": "carried"} if sprint.is_closed else {}
        Seat.objects.bulk_create(Seat(sprint=sprint, task=task, **state, **end) for task in tasks)

    def test_two_sprints_and_eight(self, world: World) -> None:
        def count() -> int:
            with wall("2026-09-01 09:00"), CaptureQueriesContext(connection) as queries:
                review = Review(world.team)
                assert review.adherence.rows and review.load and review.total and review.funnel.steps
            return len(queries)

        ran(world, 1)
        running = sprint_from(world, str(MONDAYS[1]))
        self.seats(world, running, 4)
        few = count()
        closed(world, running, f"{MONDAYS[1] + timedelta(days=11)} 16:00", unfinished="backlog")
        for monday in MONDAYS[2:9]:
            sprint = sprint_from(world, str(monday))
            self.seats(world, sprint, 4)
            closed(world, sprint, f"{monday + timedelta(days=11)} 16:00", unfinished="backlog")
        self.seats(world, sprint_from(world, str(MONDAYS[9])), 4)
        assert (few, count()) == (few, few)

    @pytest.mark.parametrize("what", ["eight", "one"])
    def test_thirty_tasks_and_four_hundred(self, world: World, what: str) -> None:
        sprint = sprint_from(world, "2026-03-09")

        def count() -> int:
            with wall("2026-03-19 09:00"), CaptureQueriesContext(connection) as queries:
                if what == "eight":
                    review = Review(world.team)
                    assert review.adherence.rows and review.load
                else:
                    one = SprintReview(Sprint.objects.select_related("team").get())
                    assert one.rows and one.boxes and one.burned.left and one.changes == [] and one.load
            return len(queries)

        self.seats(world, sprint, 30)
        few = count()
        self.seats(world, sprint, 370)
        assert (Seat.objects.count(), few, count()) == (400, few, few)
