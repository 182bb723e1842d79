"""The decisions and their reversal: who, when, why, on what evidence, and what each creates (PRODUCT section 2)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden, Stale
from dsboard.models import Activity, Notice
from dsboard.models.team import Deciders, OwnDecision
from dsboard.roles import Role
from experiments import search
from experiments.models import Comment, Decision, Task, TaskLink, outcomes
from experiments.models.fields import value_of
from experiments.stages import Kind, Lane, Outcome, Stage
from handoffs.productionize import productionize
from tests.world import World, history_of, order_of, refuses

VERBS: dict[str, Any] = {"abandon": outcomes.abandon, "more_research": outcomes.more_research, "productionize": productionize}
ASKS: dict[str, dict[str, Any]] = {"abandon": {}, "more_research": {"question": "And then?", "hours": 8}, "productionize": {}}


def again(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


class TestDeciding:
    @pytest.mark.parametrize("outcome", Outcome.values)
    def test_it_records_who_when_why_and_the_evidence_as_it_stood(self, world: World, outcome: str) -> None:
        task = world.in_analysis()
        decision = VERBS[outcome](task, world.lead, why=" It says so. ", confidence="high", **ASKS[outcome])
        task = again(task)
        assert (decision.outcome, decision.why, decision.by, decision.confidence) == (outcome, "It says so.", world.lead.user, "high")
        assert (task.stage, task.lane, task.decision, task.outcome) == (Stage.DECISION, Lane.DONE, decision, outcome)
        assert task.ended_at is not None
        assert decision.evidence == {
            "statement": "Fine-tuned BERT beats GPT-2.",
            "success": "Better at a third of the cost.",
            "metrics": value_of(task, "metrics"),
            "finding": {"tried": "Three seeds each.", "learned": "The encoder is enough.", "next": "", "verdict": "supported"},
            "results": [{"metric": "macro-F1", "goal": "≥ 0.9", "value": 0.93, "met": True, "source": "typed", "note": ""}],
        }
        assert history_of(task)[-2:] == [("moved", "stage", "analysis", "decision"), ("decided", "outcome", None, outcome)]

    @pytest.mark.parametrize("outcome", Outcome.values)
    def test_it_says_why(self, world: World, outcome: str) -> None:
        task = world.in_analysis()
        with refuses("Say why, in a sentence or two for whoever finds this in a year.", fields={"why"}):
            VERBS[outcome](task, world.lead, why=" ", **ASKS[outcome])

    @pytest.mark.parametrize("outcome", Outcome.values)
    def test_only_with_findings(self, world: World, outcome: str) -> None:
        for task in (world.experiment(), world.started(world.experiment())):
            with refuses(f"Report the findings of {task.ref} before it is decided.", fields={"findings"}, way="findings"):
                VERBS[outcome](task, world.lead, why="Enough.", **ASKS[outcome])

    @pytest.mark.parametrize("outcome", Outcome.values)
    def test_only_once(self, world: World, outcome: str) -> None:
        task = world.decided(outcome).task
        with refuses(f"{task.ref} is decided already. Reverse that decision first.", way="reversal"):
            VERBS[outcome](task, world.lead, why="Again.", **ASKS[outcome])

    def test_only_research_and_experiments(self, world: World) -> None:
        task = world.started(world.development())
        with refuses("Development is done, not decided. Decisions are for research and experiments."):
            outcomes.abandon(task, world.lead, why="Enough.")

    def test_only_on_what_was_seen(self, world: World) -> None:
        task = world.in_analysis()
        seen = task.version
        Comment.write(again(task), world.omar, "Have a look.")
        world.report(again(task), 0.2)
        with refuses(f"{task.ref} changed since you opened it. Look again before you decide.", kind=Stale):
            outcomes.abandon(task, world.lead, why="Enough.", version=seen)

    def test_a_comment_in_between_is_no_matter(self, world: World) -> None:
        task = world.in_analysis()
        seen = task.version
        Comment.write(again(task), world.omar, "Have a look.")
        assert outcomes.abandon(task, world.lead, why="Enough.", version=seen).standing

    def test_sureness_is_low_medium_or_high(self, world: World) -> None:
        task = world.in_analysis()
        with refuses("How sure you are is low, medium or high.", fields={"confidence"}):
            outcomes.abandon(task, world.lead, why="Enough.", confidence="very")

    def test_the_database_keeps_one_standing(self, world: World) -> None:
        task = world.decided().task
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(task=task, outcome="abandon", why="Again.", evidence={})


class TestWhoDecides:
    def test_leads_unless_the_policy_says_all_members(self, world: World) -> None:
        task = world.in_analysis()
        with refuses("Only a lead can decide this one. Ask in a comment.", kind=Forbidden):
            outcomes.abandon(task, world.omar, why="Enough.")
        world.team.deciders = Deciders.MEMBERS
        world.team.save()
        world.omar.refresh_from_db()
        assert outcomes.abandon(task, world.omar, why="Enough.").by == world.omar.user

    def test_never_viewers_nor_outsiders(self, world: World) -> None:
        world.team.deciders = Deciders.MEMBERS
        world.team.save()
        task = world.in_analysis()
        for who in (world.vera, world.ivo):
            with pytest.raises(Forbidden):
                outcomes.abandon(task, who, why="Enough.")
        assert again(task).stage == Stage.ANALYSIS

    @pytest.mark.parametrize(
        ("policy", "second_lead", "allowed"),
        [
            (OwnDecision.AUTO, False, True),
            (OwnDecision.AUTO, True, False),
            (OwnDecision.ALLOWED, True, True),
            (OwnDecision.REFUSED, False, False),
        ],
    )
    def test_alone_on_the_own_card_by_policy(self, world: World, policy: str, second_lead: bool, allowed: bool) -> None:
        world.team.own_decisions = policy
        world.team.save()
        world.lead.refresh_from_db()
        if second_lead:
            world.omar.role = Role.LEAD
            world.omar.save()
        task = world.in_analysis(world.experiment(owner="ines@example.org"))
        if allowed:
            assert outcomes.abandon(task, world.lead, why="Enough.").standing
        else:
            with refuses(f"You own {task.ref}, so somebody else decides it. Ask in a comment.", kind=Forbidden):
                outcomes.abandon(task, world.lead, why="Enough.")


class TestAbandon:
    def test_it_creates_nothing_and_the_findings_stay_searchable(self, world: World) -> None:
        task = world.in_analysis()
        decision = outcomes.abandon(task, world.lead, why="The quokka budget is gone.")
        assert (decision.created, Task.objects.count()) == ([], 1)
        assert list(search.found(world.team, "quokka")) == [task]
        assert search.similar(world.team, "Is an encoder any good?") == [task]


class TestMoreResearch:
    def test_a_next_question_makes_research(self, world: World) -> None:
        task = world.in_analysis(world.experiment(labels=["nlp"], bucket="learning"))
        decision = outcomes.more_research(task, world.lead, why="Promising.", question="Does it hold on short texts?", hours=16)
        (made,) = decision.created
        assert (made.kind, made.stage, made.title, made.owner) == (Kind.RESEARCH, Stage.IDEATION, "Does it hold on short texts?", None)
        assert (made.statement, float(made.hours), made.bucket, made.metrics.count()) == ("Does it hold on short texts?", 16, "learning", 0)
        assert value_of(made, "labels") == ["nlp"]
        links = set(TaskLink.objects.values_list("task", "rel", "other", "decision"))
        assert links == {(made.pk, "origin", task.pk, decision.pk), (task.pk, "follow_up", made.pk, decision.pk)}

    def test_a_next_hypothesis_makes_an_experiment_with_the_metrics(self, world: World) -> None:
        task = world.in_analysis()
        (made,) = outcomes.more_research(task, world.lead, why="Promising.", hypothesis="A smaller one will do.", hours=8).created
        assert (made.kind, value_of(made, "metrics")) == (Kind.EXPERIMENT, value_of(task, "metrics"))
        made.move_to(Stage.ACTIVE, world.mei)

    @pytest.mark.parametrize(
        ("asked", "fields", "sentence"),
        [
            ({"hours": 8}, {"question"}, "What is the next question, or hypothesis?"),
            ({"question": "And then?"}, {"hours"}, "Give the follow-up a time box."),
            ({"question": "A?", "hypothesis": "B.", "hours": 8}, {"question"}, "Give the next question or the next hypothesis, not both."),
            ({"question": "And then?", "hours": 81}, {"hours"}, "A time box is at most 10 days (80 hours) here. Split the question."),
        ],
    )
    def test_what_it_asks(self, world: World, asked: dict[str, Any], fields: set[str], sentence: str) -> None:
        task = world.in_analysis()
        with refuses(sentence, fields=fields):
            outcomes.more_research(task, world.lead, why="Promising.", **asked)

    def test_a_long_question_is_a_short_title(self, world: World) -> None:
        question = "Does it hold " + "for a very long text " * 20 + "too?"
        (made,) = outcomes.more_research(world.in_analysis(), world.lead, why="Promising.", question=question, hours=8).created
        assert (len(made.title) <= 120, made.title.endswith("…"), made.statement) == (True, True, question)


class TestProductionize:
    def test_it_makes_a_development_card_that_builds_on_this_one(self, world: World) -> None:
        task = world.in_analysis(world.experiment(labels=["nlp"]))
        decision = productionize(task, world.lead, why="It works.", title="Serve BERT")
        (made,) = decision.created
        assert (made.kind, made.stage, made.title, made.phase) == (Kind.DEVELOPMENT, Stage.READY, "Serve BERT", "productionize")
        assert (made.bucket, value_of(made, "labels"), made.points) == ("committed", ["nlp"], None)
        assert set(made.links.values_list("rel", "other", "decision")) == {
            ("origin", task.pk, decision.pk),
            ("builds_on", task.pk, decision.pk),
        }

    def test_without_a_title_it_proposes_one(self, world: World) -> None:
        (made,) = productionize(world.in_analysis(), world.lead, why="It works.").created
        assert made.title == "Productionize BERT vs GPT comparison"

    def test_no_metric_met_asks_for_an_override_with_a_reason(self, world: World) -> None:
        for value in (0.5, None):
            task = world.in_analysis(value=value)
            with refuses("No metric was met. A lead may still productionize it, with a reason.", fields={"override_reason"}):
                productionize(task, world.lead, why="It works.")
            decision = productionize(task, world.lead, why="It works.", override_reason="The old one is worse still.")
            assert decision.override_reason == "The old one is worse still."

    def test_and_the_override_is_a_lead_s(self, world: World) -> None:
        world.team.deciders = Deciders.MEMBERS
        world.team.save()
        world.omar.refresh_from_db()
        task = world.in_analysis(value=0.5)
        with refuses("Only a lead can decide against the numbers. Ask in a comment.", kind=Forbidden):
            productionize(task, world.omar, why="It works.", override_reason="I like it.")

    def test_research_without_metrics_needs_none(self, world: World) -> None:
        assert productionize(world.in_analysis(world.research()), world.lead, why="It works.").standing


class TestReversal:
    def test_what_nobody_touched_is_withdrawn(self, world: World) -> None:
        decision = world.decided(Outcome.MORE_RESEARCH)
        (made,) = decision.created
        done = outcomes.reverse(decision.task, world.lead, reason="A leak.")
        task = again(decision.task)
        assert (task.stage, task.decision, task.ended_at) == (Stage.ANALYSIS, None, None)
        assert (done.withdrawn, done.kept, again(made).deleted_at is None) == ([made], [], False)
        assert history_of(task)[-2:] == [("moved", "stage", "decision", "analysis"), ("reversed", "outcome", "more_research", None)]
        assert (done.reversal.reason, done.reversal.by, Decision.objects.get().standing) == ("A leak.", world.lead.user, False)

    @pytest.mark.parametrize("touch", ["edited", "moved", "commented"])
    def test_what_was_touched_stays_marked_and_its_owner_is_told(self, world: World, touch: str) -> None:
        decision = world.decided(Outcome.MORE_RESEARCH)
        (made,) = decision.created
        if touch == "edited":
            made.change(world.omar, owner="omar@example.org")
        elif touch == "moved":
            made.move_to(Stage.ACTIVE, world.omar)
        else:
            Comment.write(made, world.omar, "On it.")
        Notice.objects.all().delete()
        done = outcomes.reverse(decision.task, world.lead, reason="A leak.")
        made = again(made)
        assert (done.withdrawn, done.kept, made.deleted_at, made.origin_reversed) == ([], [made], None, True)
        told = [] if touch == "commented" else [(world.omar.user_id, f"The decision behind {made.ref} was reversed")]
        assert list(Notice.objects.values_list("user", "title")) == told

    @pytest.mark.parametrize("outcome", Outcome.values)
    def test_after_it_the_card_is_decided_anew(self, world: World, outcome: str) -> None:
        task = world.decided(outcome).task
        outcomes.reverse(task, world.lead, reason="A leak.")
        second = world.decided(Outcome.ABANDON, task)
        assert list(Decision.objects.filter(task=task).values_list("standing", flat=True)) == [True, False]
        assert again(task).decision == second

    def test_a_reason_and_a_decision(self, world: World) -> None:
        task = world.decided().task
        with refuses("Say why the decision is reversed.", fields={"reason"}):
            outcomes.reverse(task, world.lead, reason=" ")
        waiting = world.in_analysis()
        with refuses(f"{waiting.ref} is not decided.", way="decision"):
            outcomes.reverse(waiting, world.lead, reason="A leak.")

    def test_by_a_lead_whatever_the_policy(self, world: World) -> None:
        world.team.deciders = Deciders.MEMBERS
        world.team.save()
        task = world.decided().task
        with refuses("Only a lead can reverse a decision. Ask in a comment.", kind=Forbidden):
            outcomes.reverse(task, world.omar, reason="A leak.")

    def test_what_is_in_the_bin_already_stays_there(self, world: World) -> None:
        decision = world.decided(Outcome.MORE_RESEARCH)
        decision.created[0].delete_to_bin(world.lead)
        done = outcomes.reverse(decision.task, world.lead, reason="A leak.")
        assert (done.withdrawn, done.kept) == ([], [])

    def test_the_card_that_follows_another_s_decision_keeps_its_place(self, world: World) -> None:
        decision = world.decided(Outcome.PRODUCTIONIZE)
        other = world.development()
        outcomes.reverse(decision.task, world.lead, reason="A leak.")
        assert order_of(world.team, Lane.READY) == [other.ref]
        assert order_of(world.team, Lane.REVIEW) == [decision.task.ref]
        assert Activity.objects.of(decision.created[0]).filter(verb="withdrawn").count() == 1
