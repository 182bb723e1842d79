"""Estimates that firm up and what cards build on (PRODUCT sections 1 and 5)."""

import pytest

from dsboard.errors import Forbidden
from experiments.models import Task, TaskLink
from experiments.models.fields import value_of
from experiments.models.link import build_on, build_on_no_more
from experiments.models.promotion import promote
from experiments.stages import Kind, Outcome, Phase, Stage
from tests.world import World, history_of, refuses


class TestPhases:
    def test_exploring_with_findings_becomes_a_prototype(self, world: World) -> None:
        task = world.in_analysis(world.research(labels=["fraud"]))
        made = Task.objects.get(pk=promote(task, world.omar, phase="prototype", points=5, confidence="rough").pk)
        assert (made.kind, made.stage, made.phase, made.confidence, float(made.points)) == (
            Kind.DEVELOPMENT,
            Stage.READY,
            Phase.PROTOTYPE,
            "rough",
            5,
        )
        assert (made.title, value_of(made, "labels")) == (task.title, ["fraud"])
        assert list(TaskLink.objects.values_list("task", "rel", "other")) == [(made.pk, "phase", task.pk)]
        assert history_of(task)[-1] == ("promoted", "phase", "explore", "prototype")

    def test_a_done_prototype_is_productionized_with_firm_points(self, world: World) -> None:
        prototype = promote(world.in_analysis(), world.omar, phase="prototype", points=5)
        prototype.change(world.omar, deliverables=["Working code"])
        world.done(prototype)
        made = promote(prototype, world.omar, phase="productionize", points=8, confidence="firm")
        assert (made.phase, made.confidence, made.requirements_clear, made.technology_known) == (Phase.PRODUCTIONIZE, "firm", True, True)

    def test_each_step_needs_the_one_before(self, world: World) -> None:
        idea = world.started(world.experiment())
        with refuses("A prototype stands on findings. Report them first.", fields={"phase"}, way="findings"):
            promote(idea, world.mei, phase="prototype")
        with refuses("From exploring to production leads a decision. Decide Productionize instead.", fields={"phase"}, way="decision"):
            promote(idea, world.mei, phase="productionize")
        unfinished = world.started(world.development())
        with refuses("Finish the prototype first: FRAUD-2 is in In progress.", fields={"phase"}):
            promote(unfinished, world.mei, phase="productionize")
        with refuses("FRAUD-2 is past exploring. Its next phase is productionize.", fields={"phase"}):
            promote(unfinished, world.mei, phase="prototype")

    def test_what_has_no_next_phase(self, world: World) -> None:
        last = world.done(world.development(confidence="firm", requirements_clear=True, technology_known=True))
        with refuses("FRAUD-1 is in its last phase.", fields={"phase"}):
            promote(last, world.mei, phase="productionize")
        upkeep = world.done(world.maintenance())
        with refuses("Maintenance has no phases.", fields={"phase"}):
            promote(upkeep, world.mei, phase="productionize")
        with refuses("The next phase is prototype or productionize.", fields={"phase"}):
            promote(upkeep, world.mei, phase="explore")

    def test_once_unless_the_card_is_in_the_bin(self, world: World) -> None:
        task = world.in_analysis()
        made = promote(task, world.mei, phase="prototype")
        with refuses("FRAUD-1 already has a card for that phase.", fields={"phase"}):
            promote(task, world.mei, phase="prototype")
        made.delete_to_bin(world.mei)
        assert promote(task, world.mei, phase="prototype").ref == "FRAUD-3"

    def test_a_size_that_can_not_be_makes_no_card(self, world: World) -> None:
        task = world.in_analysis()
        with refuses("Story points are 0.5, 1, 2, 3, 5, 8 or 13.", fields={"points"}):
            promote(task, world.mei, phase="prototype", points=4)

    def test_not_by_viewers(self, world: World) -> None:
        task = world.in_analysis()
        with refuses("You can read everything here. To add cards, ask a lead to make you a member.", kind=Forbidden):
            promote(task, world.vera, phase="prototype")


class TestBuildingOn:
    def test_a_development_card_names_decided_experiments(self, world: World) -> None:
        decided, work = world.decided().task, world.development()
        link = build_on(work, decided, world.omar)
        assert build_on(work, decided, world.omar) == link
        assert history_of(work)[1:] == [("linked", "builds_on", None, decided.ref)]
        build_on_no_more(work, decided, world.omar)
        assert history_of(work)[2:] == [("unlinked", "builds_on", decided.ref, None)]

    def test_only_development_on_decided_cards(self, world: World) -> None:
        decided, waiting, upkeep, work = world.decided().task, world.in_analysis(), world.maintenance(), world.development()
        with refuses("Only development builds on experiments; FRAUD-3 is maintenance.", fields={"ref"}):
            build_on(upkeep, decided, world.mei)
        with refuses("FRAUD-2 is not a decided experiment or research card.", fields={"ref"}):
            build_on(work, waiting, world.mei)
        with refuses("FRAUD-3 is not a decided experiment or research card.", fields={"ref"}):
            build_on(work, upkeep, world.mei)
        with refuses("FRAUD-4 does not build on FRAUD-1.", fields={"ref"}):
            build_on_no_more(work, decided, world.mei)

    def test_the_link_of_a_decision_stays(self, world: World) -> None:
        decision = world.decided(Outcome.PRODUCTIONIZE)
        with refuses("The decision on FRAUD-1 made this link, so it stays.", fields={"ref"}):
            build_on_no_more(decision.created[0], decision.task, world.lead)

    def test_never_on_another_team_s_card(self, world: World) -> None:
        theirs = world.research(by=world.ivo)
        work = world.development()
        with pytest.raises(Forbidden):
            build_on(work, theirs, world.mei)
