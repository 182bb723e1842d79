"""Sprints over the HTTP API, end to end: the article's sprint planned, started, worked and closed; and who may do what."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Absence, Activity
from experiments.models import Task
from sprints.models import Seat, Sprint
from tests.caller import Caller
from tests.world import F1, World, every_row, wall

SPRINTS = "/teams/FRAUD/sprints"
MONDAY = "2026-03-09 09:00"
BUCKETS = ("committed", "experiments", "learning")


@pytest.fixture
def lead(world: World) -> Caller:
    return Caller(world.lead)


@pytest.fixture
def mei(world: World) -> Caller:
    return Caller(world.mei)


def plan(lead: Caller, **said: Any) -> int:
    """The number of a new sprint."""
    answer = lead.post(SPRINTS, **said)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["number"])


def seated(caller: Caller, n: int, *tasks: Task, **said: Any) -> None:
    for task in tasks:
        assert caller.post(f"{SPRINTS}/{n}/tasks", ref=task.ref, **said).status_code == 201


def articles_sprint(caller: Caller) -> dict[str, str]:
    """The cards of the article's sprint, made through the API: three committed ones, two experiments, two to learn by."""

    def made(**fields: Any) -> str:
        answer = caller.post("/teams/FRAUD/tasks", **fields)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["ref"])

    bert = {"hypothesis": "Fine-tuned BERT beats GPT-2.", "success": "Better at a third of the cost.", "metrics": [F1]}
    omar, mei = {"owner": "omar@example.org"}, {"owner": "mei@example.org"}
    return {
        "api": made(kind="development", title="Serve the ranker", deliverables=["An endpoint"], points=13, **omar),
        "retrain": made(kind="maintenance", title="Retrain", serves="ranker", work="retraining", points=5, **omar),
        "bug": made(kind="maintenance", title="Wrong currency", serves="prices", work="bug", points=2),
        "bert": made(kind="experiment", title="BERT vs GPT", hours=24, **bert, **mei),
        "boost": made(kind="experiment", title="Ordered boosting", hours=16, **bert, **mei),
        "paper": made(kind="research", title="A paper", question="New?", success="One idea.", hours=8, bucket="learning", **mei),
        "tool": made(kind="research", title="A tool", question="Better?", success="A yes or a no.", hours=4, **mei),
    }


def test_the_articles_sprint_by_hand(world: World, lead: Caller, mei: Caller) -> None:
    """20 points at 0.5 days are 10 days, experiments of 3 and 2 days are 5, learning of 8 and 4 hours is 1.5: 16.5 in all."""
    with wall(MONDAY):
        refs = articles_sprint(mei)
        n = plan(lead, goal="Rank better")
        for name, ref in refs.items():
            bucket = {"bucket": "learning"} if name == "tool" else {}
            assert mei.post(f"{SPRINTS}/{n}/tasks", ref=ref, **bucket).status_code == 201
        told = mei.get(f"{SPRINTS}/{n}/allocation").json()
    planned = {bucket: told["buckets"][bucket]["planned_days"] for bucket in BUCKETS}
    shares = {bucket: told["buckets"][bucket]["share"] for bucket in BUCKETS}
    assert planned == {"committed": 10, "experiments": 5, "learning": 1.5}
    assert shares == pytest.approx({"committed": 1000 / 16.5, "experiments": 500 / 16.5, "learning": 150 / 16.5}, rel=1e-12)
    assert [told["buckets"][bucket]["in_band"] for bucket in BUCKETS] == [True] * 3
    nothing = {"actual_days": 0, "actual_share": None, "actual_in_band": None}
    assert told["buckets"]["learning"] == {"planned_days": 1.5, "share": shares["learning"], "in_band": True} | nothing
    assert (told["rate"], told["rate_source"], told["tolerance"]) == (0.5, "assumed", 5)
    assert told["guideline"] == {"committed": 60, "experiments": 30, "learning": 10}
    # Nobody owns the bug of 2 points, so a day of the plan is nobody's.
    assert told["people"] == [
        {"email": "ines@example.org", "planned_days": 0, "capacity_days": 10},
        {"email": "mei@example.org", "planned_days": 6.5, "capacity_days": 10},
        {"email": "omar@example.org", "planned_days": 9, "capacity_days": 10},
    ]
    assert told["warnings"] == []
    assert set(told) == {"rate", "rate_source", "guideline", "tolerance", "buckets", "people", "warnings"}


def test_what_a_plan_is_warned_of(world: World, lead: Caller, mei: Caller) -> None:
    with wall(MONDAY):
        n = plan(lead, capacity=[{"email": "mei@example.org", "availability": 0.2}])
        vague = world.experiment(hours=None, success="", metrics=[], owner="mei@example.org")
        question = world.research(hours=40, owner="mei@example.org")
        seated(mei, n, vague, question, world.development(points=None, title="Sized by nobody"))
        told = mei.get(f"{SPRINTS}/{n}/allocation").json()
    assert told["warnings"] == [
        {"code": "out_of_band", "message": "Committed has 0 % of the plan; the guideline is 60 ± 5."},
        {"code": "out_of_band", "message": "Experiments has 100 % of the plan; the guideline is 30 ± 5."},
        {"code": "out_of_band", "message": "Learning has 0 % of the plan; the guideline is 10 ± 5."},
        {"code": "over_capacity", "message": "Mei has 5 of 2 days: 3 over."},
        {"code": "no_success", "message": f"{vague.ref} doesn't say what success would be."},
        {"code": "no_target", "message": f"{vague.ref} has no target to meet."},
        {"code": "no_size", "message": f"{vague.ref} has no time box."},
        {"code": "no_size", "message": "FRAUD-3 has no points."},
    ]


def test_an_empty_plan_has_no_shares(lead: Caller) -> None:
    told = lead.get(f"{SPRINTS}/{plan(lead)}/allocation").json()
    nothing = {"planned_days": 0, "share": None, "in_band": None, "actual_days": 0, "actual_share": None, "actual_in_band": None}
    assert told["buckets"] == dict.fromkeys(BUCKETS, nothing)
    assert told["warnings"] == []


def test_a_sprint_from_its_plan_to_its_signature(world: World, lead: Caller) -> None:
    with wall(MONDAY):
        finished, half, waiting = world.development(points=3), world.development(points=8), world.maintenance(points=2)
        idea = world.experiment(owner="mei@example.org")
        planned = lead.post(SPRINTS, goal="  Rank   better ")
        assert planned["Location"] == f"/api/v1{SPRINTS}/1"
        assert planned.json() == {
            "number": 1,
            "goal": "Rank better",
            "starts_on": "2026-03-09",
            "ends_on": "2026-03-20",
            "state": "planned",
            "capacity": [
                {"email": email, "availability": 1, "days": 10} for email in ("ines@example.org", "mei@example.org", "omar@example.org")
            ],
            "started_at": None,
            "closed_at": None,
            "signed": None,
            "url": "http://testserver/t/FRAUD/sprints/1/plan/",
        }
        seated(lead, 1, finished, half, waiting, idea)
        started = lead.post(f"{SPRINTS}/1/start").json()
        assert (started["state"], started["started_at"]) == ("running", "2026-03-09T09:00:00Z")
        assert started["url"] == "http://testserver/t/FRAUD/sprints/1/board/"
        world.done(finished)
        world.started(half)
        world.started(idea)
    with wall("2026-03-11 13:00"):
        # Two and a half days of the experiment's clock, and 3 points at half a day.
        told = lead.get(f"{SPRINTS}/1/allocation").json()["buckets"]
        assert (told["experiments"]["actual_days"], told["committed"]["actual_days"]) == (2.5, 1.5)
        assert (told["experiments"]["actual_share"], told["experiments"]["actual_in_band"]) == (62.5, False)
    with wall("2026-03-20 16:00"):
        closed = lead.post(
            f"{SPRINTS}/1/close", **{"unfinished": "carry", "except": {waiting.ref: "backlog"}, "earned": {half.ref: 75, waiting.ref: 0.0}}
        )
        assert closed.status_code == 200
        said = closed.json()
        assert (said["finished"], said["carried"], said["backlog"]) == ([finished.ref], [half.ref, idea.ref], [waiting.ref])
        assert (said["state"], said["successor"], said["closed_at"]) == ("closed", 2, "2026-03-20T16:00:00Z")
        told = lead.get(f"{SPRINTS}/1/allocation").json()["buckets"]["committed"]
        # 3 points, and three quarters of 8.
        assert (told["planned_days"], told["actual_days"]) == (6.5, 4.5)
        assert [task["sprint"] for task in tasks(lead, "sprint=2")] == [2, 2]
        assert Task.objects.get(pk=half.pk).carried == 1
        # A quarter of 8 points is left.
        assert seats(lead, 2) == [(half.ref, "committed", 1), (idea.ref, "experiments", 0)]
        signed = lead.post(f"{SPRINTS}/1/sign-off", note="Half of the plan was one card.").json()
        assert signed["signed"] == {"by": "ines@example.org", "at": "2026-03-20T16:00:00Z", "note": "Half of the plan was one card."}
        assert lead.get(f"{SPRINTS}/1").json() == signed
        assert [one["number"] for one in lead.get(SPRINTS).json()["items"]] == [2, 1]


def tasks(caller: Caller, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/teams/FRAUD/tasks?{query}").json()["items"]
    return found


def seats(caller: Caller, n: int) -> list[tuple[str, str, float]]:
    return [(seat["ref"], seat["bucket"], seat["days"]) for seat in caller.get(f"{SPRINTS}/{n}/tasks").json()["items"]]


def test_a_seat_is_new_once_and_then_changes_its_bucket(world: World, mei: Caller, lead: Caller) -> None:
    with wall(MONDAY):
        n, task = plan(lead), world.experiment(owner="mei@example.org")
        first = mei.post(f"{SPRINTS}/{n}/tasks", ref=task.ref.lower())
        assert (first.status_code, first.json()) == (
            201,
            {"ref": task.ref, "bucket": "experiments", "days": 3, "owner": "mei@example.org", "planned": True, "sprint": 1},
        )
        again = mei.post(f"{SPRINTS}/{n}/tasks", ref=task.ref, bucket="learning")
        assert (again.status_code, again.json()) == (200, first.json() | {"bucket": "learning"})
        assert mei.get(f"/tasks/{task.ref}").json()["bucket"] == "learning"
        assert mei.get(f"{SPRINTS}/{n}/tasks").json() == {"items": [again.json()], "count": 1}
        # In another planned sprint it is pencilled there instead.
        assert mei.post(f"{SPRINTS}/{plan(lead)}/tasks", ref=task.ref).json() == again.json() | {"sprint": 2}
        assert seats(mei, n) == []
        gone = mei.delete(f"{SPRINTS}/2/tasks/{task.ref}")
        assert (gone.status_code, gone.json()) == (200, again.json() | {"sprint": 2})
        assert mei.get(f"/tasks/{task.ref}").json()["sprint"] is None
        missing = mei.delete(f"{SPRINTS}/2/tasks/{task.ref}")
        assert (missing.status_code, missing.json()["detail"]) == (422, f"{task.ref} is not in Sprint 2.")


def test_what_comes_after_the_start_is_scope_change(world: World, lead: Caller, mei: Caller) -> None:
    with wall(MONDAY):
        n, planned, late = plan(lead), world.development(owner="omar@example.org"), world.maintenance()
        seated(lead, n, planned)
        lead.post(f"{SPRINTS}/{n}/start")
        refused = mei.post(f"{SPRINTS}/{n}/tasks", ref=late.ref)
        sentence = "Sprint 1 is running, and only a lead can change its scope. Ask in a comment."
        assert (refused.status_code, refused.json()["detail"]) == (403, sentence)
        assert mei.delete(f"{SPRINTS}/{n}/tasks/{planned.ref}").status_code == 403
        seated(lead, n, late)
        planned.change(world.lead, owner="mei@example.org")
        told = lead.get(f"{SPRINTS}/{n}/tasks").json()["items"]
        # Whose days they are froze with the plan.
        assert [(seat["ref"], seat["planned"], seat["owner"]) for seat in told] == [
            (planned.ref, True, "omar@example.org"),
            (late.ref, False, None),
        ]
        gone = lead.delete(f"{SPRINTS}/{n}/tasks/{planned.ref}")
        assert (gone.status_code, gone.json()) == (200, told[0])
        assert seats(lead, n) == [(late.ref, "committed", 1)]
        assert lead.get(f"{SPRINTS}/{n}/allocation").json()["buckets"]["committed"]["planned_days"] == 2.5
        assert [task["ref"] for task in tasks(lead, "sprint=1")] == [late.ref]


def test_a_pencil_mark_on_what_has_ended_can_be_rubbed_out(world: World, lead: Caller) -> None:
    n, task = plan(lead), world.development(points=5)
    seated(lead, n, task)
    world.done(task)
    assert seats(lead, n) == []
    assert lead.delete(f"{SPRINTS}/{n}/tasks/{task.ref}").json()["days"] == 2.5


def test_the_sprint_of_a_task_and_the_tasks_of_a_sprint(world: World, lead: Caller) -> None:
    """The running one goes before the pencilled one; a closed one is the past."""
    with wall(MONDAY):
        both, pencilled, none = world.development(), world.research(), world.maintenance()
        first, second = plan(lead), plan(lead)
        seated(lead, first, both)
        lead.post(f"{SPRINTS}/{first}/start")
        seated(lead, second, both, pencilled)
        told = {task["ref"]: task["sprint"] for task in tasks(lead, "")}
        assert told == {both.ref: 1, pencilled.ref: 2, none.ref: None}
        assert {task["ref"] for task in tasks(lead, "sprint=2")} == {both.ref, pencilled.ref}
        assert {task["ref"] for task in tasks(lead, "sprint=1&sprint=2&kind=research")} == {pencilled.ref}
        assert tasks(lead, "sprint=3") == []
        lead.post(f"{SPRINTS}/{first}/close", unfinished="backlog")
        assert lead.get(f"/tasks/{both.ref}").json()["sprint"] is None
        assert [task["ref"] for task in tasks(lead, "sprint=1")] == [both.ref]


def test_another_goal_other_dates_and_parts_of_peoples_time(world: World, lead: Caller) -> None:
    with wall(MONDAY):
        n = plan(
            lead, goal="Rank", starts_on="2026-03-16", ends_on="2026-03-27", capacity=[{"email": "MEI@example.org", "availability": 0.5}]
        )
        Absence.add(world.omar, world.omar, first_day=date(2026, 3, 26), last_day=date(2026, 3, 31))
        told = lead.get(f"{SPRINTS}/{n}").json()
        assert {row["email"][:3]: (row["availability"], row["days"]) for row in told["capacity"]} == {
            "ine": (1, 10),
            "mei": (0.5, 5),
            "oma": (1, 8),
        }
        changed = lead.patch(f"{SPRINTS}/{n}", goal="", ends_on="2026-04-03", capacity=[{"email": "mei@example.org", "availability": 0}])
        assert (changed.json()["goal"], changed.json()["starts_on"], changed.json()["ends_on"]) == ("", "2026-03-16", "2026-04-03")
        assert [row["days"] for row in changed.json()["capacity"]] == [15, 0, 11]
        before = every_row()
        assert lead.patch(f"{SPRINTS}/{n}", goal=None, starts_on=None, ends_on=None, capacity=None).json() == changed.json()
        assert lead.patch(f"{SPRINTS}/{n}").json() == changed.json()
        assert every_row() == before
        lead.post(f"{SPRINTS}/{n}/start")
        # The plan froze: what comes up later changes no capacity.
        Absence.add(world.lead, world.lead, first_day=date(2026, 3, 16), last_day=date(2026, 3, 20))
        assert lead.get(f"{SPRINTS}/{n}").json()["capacity"] == changed.json()["capacity"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"goal": "x" * 301}, "goal"),
        ({"goal": 5}, "goal"),
        ({"goal": "\x00"}, "goal"),
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"starts_on": 20260309}, "starts_on"),
        ({"starts_on": "2026-03-09T09:00:00Z"}, "starts_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "9999-12-30", "ends_on": "9999-12-31"}, "starts_on"),
        ({"starts_on": "0001-01-01", "ends_on": "0001-01-05"}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"starts_on": "2026-03-20", "ends_on": "2026-03-09"}, "ends_on"),
        ({"starts_on": "2026-03-14", "ends_on": "2026-03-15"}, "ends_on"),
        ({"starts_on": "2026-03-10"}, "starts_on"),
        ({"capacity": [{"email": "mei@example.org", "availability": 1.1}]}, "capacity.0.availability"),
        ({"capacity": [{"email": "mei@example.org", "availability": True}]}, "capacity.0.availability"),
        ({"capacity": [{"email": "vera@example.org", "availability": 1}]}, "capacity"),
        ({"capacity": [{"email": "mei@example.org", "availability": 1}, {"email": "MEI@example.org", "availability": 0}]}, "capacity"),
        ({"capacity": [{"email": "mei@example.org"}]}, "capacity.0.availability"),
        ({"capacity": [{"email": "mei@example.org", "availability": 1, "days": 3}]}, "capacity.0.days"),
        ({"state": "running"}, "state"),
        ({"number": 7}, "number"),
        ({"version": 1}, "version"),
    ],
)
def test_what_a_sprint_can_not_be(world: World, lead: Caller, sent: dict[str, Any], field: str) -> None:
    """Unknown fields, wrong types and dates that can't be: each is named, and nothing changes."""
    with wall(MONDAY):
        plan(lead, starts_on="2026-03-09", ends_on="2026-03-13")
        second = plan(lead, starts_on="2026-03-16", ends_on="2026-03-20")
        before = every_row()
        for answer in (lead.post(SPRINTS, **sent), lead.patch(f"{SPRINTS}/{second}", **sent)):
            assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
        assert every_row() == before


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2062-03-09"])
def test_a_first_day_years_away_is_a_slip_of_the_pen(lead: Caller, day: str) -> None:
    answer = lead.post(SPRINTS, starts_on=day)
    assert (answer.status_code, answer.json()["detail"]) == (422, f"{day} is over three years away. Look at the year again.")


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"unfinished": "drop"}, "unfinished", "unfinished is one of 'carry' or 'backlog'."),
        ({"unfinished": None}, "unfinished", "unfinished is one of 'carry' or 'backlog'."),
        ({"except": {"FRAUD-1": "drop"}}, "except.FRAUD-1", "except.FRAUD-1 is one of 'carry' or 'backlog'."),
        ({"except": ["FRAUD-1"]}, "except", "except is an object."),
        ({"exceptions": {"FRAUD-1": "carry"}}, "exceptions", "There is no field exceptions here."),
        ({"except": {"FRAUD-9": "carry"}}, "except", "FRAUD-9 is not among the unfinished tasks."),
        ({"earned": {"FRAUD-1": 101}}, "earned.FRAUD-1", "earned.FRAUD-1 is at most 100."),
        ({"earned": {"FRAUD-1": -1}}, "earned.FRAUD-1", "earned.FRAUD-1 is at least 0."),
        ({"earned": {"FRAUD-1": "50"}}, "earned.FRAUD-1", "earned.FRAUD-1 is a number."),
        ({"earned": {"FRAUD-1": 33.3}}, "earned", "What is earned of FRAUD-1 is a whole per cent from 0 to 100."),
        ({"earned": {"FRAUD-2": 50}}, "earned", "FRAUD-2 is no unfinished task with points, so it earns none."),
    ],
)
def test_a_closing_that_makes_no_sense_closes_nothing(world: World, lead: Caller, sent: dict[str, Any], field: str, sentence: str) -> None:
    n = plan(lead)
    seated(lead, n, world.development(), world.research())
    lead.post(f"{SPRINTS}/{n}/start")
    before = every_row()
    answer = lead("POST", f"{SPRINTS}/{n}/close", sent)
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": field, "message": sentence}])
    assert every_row() == before


def test_what_the_state_of_a_sprint_refuses(world: World, lead: Caller) -> None:
    with wall(MONDAY):
        first, second, task = plan(lead), plan(lead), world.development()

        def refused(act: str, n: int, **said: Any) -> str:
            answer = lead.post(f"{SPRINTS}/{n}/{act}", **said)
            assert answer.status_code == 422
            return str(answer.json()["detail"])

        assert refused("close", first) == "Sprint 1 has not started."
        assert refused("sign-off", first, note="Well.") == "Sprint 1 is not closed yet. Close it, then sign it off."
        lead.post(f"{SPRINTS}/{first}/start")
        assert refused("start", first) == "Sprint 1 is running already."
        assert refused("start", second) == "Sprint 1 is running. Close it first."
        for sent in ({"starts_on": "2026-03-10"}, {"capacity": [{"email": "mei@example.org", "availability": 0}]}):
            assert lead.patch(f"{SPRINTS}/{first}", **sent).status_code == 422
        lead.post(f"{SPRINTS}/{first}/close")
        assert refused("close", first) == "Sprint 1 is closed already."
        assert refused("start", first) == "Sprint 1 is closed. What it was stays as it is."
        assert refused("tasks", first, ref=task.ref) == "Sprint 1 is closed. What it was stays as it is."
        assert refused("sign-off", first, note="  ") == "Say in a sentence what you make of it."
        assert lead.post(f"{SPRINTS}/{first}/sign-off", note="Well.").status_code == 200
        assert refused("sign-off", first, note="Better.") == "Sprint 1 is signed off already."
        assert lead.patch(f"{SPRINTS}/{first}", goal="Another").status_code == 422


def test_what_can_have_no_seat(world: World, lead: Caller) -> None:
    n = plan(lead)
    done, dropped, binned, foreign = world.done(), world.research(), world.research(), world.development(by=world.ivo)
    dropped.drop(world.lead, "Not now.")
    binned.delete_to_bin(world.lead)
    for ref, sentence in [
        (done.ref, f"{done.ref} has ended, so there is nothing left to plan."),
        (dropped.ref, f"{dropped.ref} was dropped. Restore it first."),
        (binned.ref, f"There is no card {binned.ref} in this team."),
        (foreign.ref, f"There is no card {foreign.ref} in this team."),
        ("nonsense", "There is no card NONSENSE in this team."),
    ]:
        answer = lead.post(f"{SPRINTS}/{n}/tasks", ref=ref)
        assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "ref", "message": sentence}])
    assert lead.post(f"{SPRINTS}/{n}/tasks", ref=world.research().ref, bucket="fun").json()["errors"][0]["field"] == "bucket"
    assert lead.post(f"{SPRINTS}/{n}/tasks").json()["errors"] == [{"field": "ref", "message": "ref is needed."}]
    assert not Seat.objects.exists()


@pytest.mark.parametrize("number", ["0", "2", "99", "2147483648", "99999999999999999999", "-1", "abc", "1.0", "+1", "%00"])
def test_a_number_that_is_no_sprint_of_the_team_is_404(world: World, lead: Caller, number: str) -> None:
    plan(lead)
    for _ in range(2):
        Sprint.plan(world.other, world.ivo)
    sprint = f"{SPRINTS}/{number}"
    assert lead.get(sprint).status_code == 404
    for act, sent in (("start", {}), ("close", {}), ("sign-off", {"note": "Well."}), ("tasks", {"ref": world.research().ref})):
        assert lead.post(f"{sprint}/{act}", **sent).status_code == 404
    assert lead.get(f"{sprint}/allocation").status_code == 404
    assert Activity.objects.within(world.other).filter(verb="planned").count() == 2


@pytest.mark.parametrize("who", ["vera", "mei", "lead"])
def test_who_may_do_what(world: World, who: str) -> None:
    """Viewers read; members plan seats; leads make, start, close and sign."""
    with wall(MONDAY):
        caller, planned, running = Caller(getattr(world, who)), Sprint.plan(world.team, world.lead), Sprint.plan(world.team, world.lead)
        running.start(world.lead)
        task, inside = world.research(), world.development()
        running.take_in(inside, world.lead)
        first, second = (f"{SPRINTS}/{sprint.number}" for sprint in (planned, running))
        reads = [caller.get(path) for path in (SPRINTS, first, f"{first}/tasks", f"{first}/allocation")]
        assert [answer.status_code for answer in reads] == [200] * 4
        acts = [
            (caller.post(f"{first}/tasks", ref=task.ref), 201, "member"),
            (caller.delete(f"{first}/tasks/{task.ref}"), 200, "member"),
            (caller.post(f"{second}/tasks", ref=task.ref), 201, "lead"),
            (caller.delete(f"{second}/tasks/{inside.ref}"), 200, "lead"),
            (caller.post(SPRINTS), 201, "lead"),
            (caller.patch(first, goal="Mine"), 200, "lead"),
            (caller.post(f"{second}/close"), 200, "lead"),
            (caller.post(f"{second}/sign-off", note="Well."), 200, "lead"),
            (caller.post(f"{first}/start"), 200, "lead"),
        ]
    rank = ("vera", "mei", "lead").index(who)
    expected = [status if rank >= ("viewer", "member", "lead").index(least) else 403 for _, status, least in acts]
    assert [answer.status_code for answer, _, _ in acts] == expected


def cost(caller: Caller, path: str, rows: int) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert caller.get(path).json()["count"] == rows
    return len(seen)


@pytest.mark.parametrize("state", ["planned", "running"])
def test_lists_cost_the_same_at_one_row_and_at_thirty(world: World, lead: Caller, state: str) -> None:
    with wall(MONDAY):
        n = plan(lead, capacity=[{"email": "mei@example.org", "availability": 0.5}])
        kinds = (world.experiment, world.research, world.development, world.maintenance)
        seated(lead, n, world.experiment(owner="mei@example.org"))
        if state == "running":
            lead.post(f"{SPRINTS}/{n}/start")
        # The capacity of a planned sprint is worked out from calendars, which are read once.
        sprints = f"{SPRINTS}?limit=100"
        plan(lead)
        paths = (f"{SPRINTS}/{n}/tasks", "/teams/FRAUD/tasks?sprint=1&limit=100")
        lead.get(SPRINTS)
        few = [cost(lead, sprints, 2), *(cost(lead, path, 1) for path in paths), balance_cost(lead, n)]
        for place in range(29):
            seated(lead, n, kinds[place % 4](owner=["mei@example.org", "omar@example.org", None][place % 3]))
            plan(lead, capacity=[{"email": "omar@example.org", "availability": 0.8}])
        assert [cost(lead, sprints, 31), *(cost(lead, path, 30) for path in paths), balance_cost(lead, n)] == few
        assert max(few) <= 13


def balance_cost(caller: Caller, n: int) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert caller.get(f"{SPRINTS}/{n}/allocation").status_code == 200
    return len(seen)
