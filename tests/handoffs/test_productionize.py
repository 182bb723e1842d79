"""Productionize with a model: what it makes in one transaction, what it refuses, and what taking the decision back withdraws or keeps."""

from typing import Any

import pytest

from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity
from dsboard.roles import Side
from experiments.models import Decision, Task
from handoffs.models import Creation, Handoff, MLModel, Version
from handoffs.productionize import next_name, productionize, reverse
from tests.handoffs.table import line
from tests.threads import PEOPLE, at_once, kinds
from tests.world import World, every_row, found_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    return world.in_analysis()


def decided(task: Task, world: World, **said: Any) -> Decision:
    return productionize(task, world.lead, why="It works.", **{"model": "Churn", **said})


def made(decision: Decision) -> Creation:
    return Creation.objects.get(decision=decision)


class TestMaking:
    def test_a_new_model_its_version_and_a_draft_of_its_handoff(self, world: World, task: Task) -> None:
        decision = decided(task, world)
        version = Version.objects.get()
        assert (str(version), version.stage, version.origin) == ("Churn v1", "model-development", task)
        assert version.metrics == {"macro-F1": 0.93}
        assert version.model.owner_emails() == ["mei@example.org"]
        handoff = Handoff.objects.get()
        assert (handoff.state, handoff.offered_side, handoff.lines.count()) == ("draft", Side.SCIENCE, 14)
        assert [(one.type, one.ref) for one in made(decision).made] == [("model", "churn"), ("version", "v1"), ("handoff", str(handoff.pk))]
        assert [card.kind for card in decision.created] == ["development"]

    def test_what_the_best_run_shows_is_filled_in_by_who_reported_it(self, world: World) -> None:
        task = world.started(world.experiment())
        world.report(task, results=[{"metric": "macro-F1", "value": 0.93, "run": "mlflow/bert/run-7"}])
        decided(task, world)
        assert Version.objects.get().origin_run == "mlflow/bert/run-7"
        benchmarks = line(Handoff.objects.get(), "performance-benchmarks")
        assert (benchmarks.state, benchmarks.provided_by) == ("provided", world.mei.user)
        assert benchmarks.evidence["value"].startswith(f"{task.ref}: macro-F1 0.93, target")
        assert benchmarks.evidence["value"].endswith("mlflow/bert/run-7")

    def test_without_a_model_it_makes_the_card_alone(self, world: World, task: Task) -> None:
        decision = productionize(task, world.lead, why="It works.")
        assert (len(decision.created), MLModel.objects.count(), Creation.objects.count()) == (1, 0, 0)

    @pytest.mark.parametrize("named", ["ranker", "Ranker", " RANKER  "])
    def test_the_slug_or_name_of_one_that_is_there_means_that_one(self, world: World, task: Task, named: str) -> None:
        model = MLModel.register(world.team, world.mei, name="Ranker", version="v2.9")
        decision = decided(task, world, model=named)
        assert [str(one) for one in model.versions.order_by("pk")] == ["Ranker v2.9", "Ranker v2.10"]
        assert [one.type for one in made(decision).made] == ["version", "handoff"]

    def test_a_model_of_another_team_is_neither_found_nor_told(self, world: World, task: Task) -> None:
        MLModel.register(world.other, world.ivo, name="Churn", purpose="Secret.")
        decided(task, world, model="churn")
        assert MLModel.objects.within(world.team).get().purpose == ""

    def test_the_receiving_side_says_who_offers_it(self, world: World, task: Task) -> None:
        decided(task, world, receiving_side="science")
        handoff = Handoff.objects.get()
        with pytest.raises(Forbidden, match="Engineering offers it"):
            handoff.offer(world.mei)
        handoff.offer(world.omar)

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"model": "", "model_version": "v1"}, "model"),
            ({"model": "", "receiving_side": "science"}, "model"),
            ({"receiving_side": "nobody"}, "receiving_side"),
            ({"model": "x" * 101}, "model"),
            ({"model_version": "v 1/2" * 20}, "model_version"),
            ({"model": "Ranker", "model_version": "V1"}, "model_version"),
        ],
    )
    def test_what_is_refused_makes_nothing(self, world: World, task: Task, said: dict[str, str], field: str) -> None:
        MLModel.register(world.team, world.mei, name="Ranker")
        before = every_row()
        with pytest.raises(Refusal) as refused:
            decided(task, world, **said)
        assert list(refused.value.fields) == [field]
        assert every_row() == before

    def test_who_may_not_decide_makes_nothing(self, world: World, task: Task) -> None:
        before = every_row()
        for who in (world.mei, world.vera, world.ivo):
            with pytest.raises(Forbidden):
                productionize(task, who, why="It works.", model="Churn")
        assert every_row() == before

    @pytest.mark.parametrize(
        ("newest", "follows"), [("v1", "v2"), ("v2.9", "v2.10"), ("2026-09", "2026-10"), ("beta", "beta.1"), ("v1-rc", "v1-rc.1")]
    )
    def test_the_next_name_counts_on(self, world: World, newest: str, follows: str) -> None:
        assert next_name(MLModel.register(world.team, world.mei, name="Ranker", version=newest)) == follows


class TestTakingBack:
    def test_what_nobody_touched_goes_and_its_names_are_free_again(self, world: World, task: Task) -> None:
        decided(task, world)
        done = reverse(task, world.lead, reason="A leak.")
        assert [one.label for one in done.withdrawn] == ["Model Churn", "Version Churn v1", "Handoff of Churn v1"]
        assert ([card.ref for card in done.withdrawn_cards], done.kept, done.kept_cards) == (["FRAUD-2"], [], [])
        assert not MLModel.objects.exists() and not Version.objects.exists() and not Handoff.objects.exists()
        assert [row.before for row in Activity.objects.filter(verb="unmade").order_by("pk")] == [
            "Handoff of Churn v1",
            "Version Churn v1",
            "Model Churn",
        ]
        again = decided(Task.objects.get(pk=task.pk), world)
        assert [one.label for one in made(again).made] == ["Model Churn", "Version Churn v1", "Handoff of Churn v1"]

    def test_the_earlier_decision_still_says_what_it_had_made(self, world: World, task: Task) -> None:
        decision = decided(task, world)
        reverse(task, world.lead, reason="A leak.")
        assert [(one.label, one.url) for one in made(decision).made] == [
            ("Model Churn", ""),
            ("Version Churn v1", ""),
            ("Handoff of Churn v1", ""),
        ]

    def test_a_touched_handoff_stays_with_its_version_and_model(self, world: World, task: Task) -> None:
        decided(task, world)
        line(Handoff.objects.get(), "model-card").put("provided", world.mei, evidence="We looked.")
        done = reverse(task, world.lead, reason="A leak.")
        assert (done.withdrawn, [one.type for one in done.kept]) == ([], ["model", "version", "handoff"])
        assert Handoff.objects.get().state == "draft"

    def test_an_answered_version_stays_its_untouched_handoff_goes(self, world: World, task: Task) -> None:
        decided(task, world)
        Version.objects.get().answer("documented", world.mei, state="met", evidence="We looked.")
        done = reverse(task, world.lead, reason="A leak.")
        assert ([one.type for one in done.withdrawn], [one.type for one in done.kept]) == (["handoff"], ["model", "version"])

    def test_a_model_with_another_version_stays(self, world: World, task: Task) -> None:
        decided(task, world)
        Version.add(MLModel.objects.get(), world.mei, name="v2")
        done = reverse(task, world.lead, reason="A leak.")
        assert ([one.type for one in done.withdrawn], [one.type for one in done.kept]) == (["version", "handoff"], ["model"])

    def test_a_model_that_was_there_before_is_not_spoken_of(self, world: World, task: Task) -> None:
        MLModel.register(world.team, world.mei, name="Churn")
        decided(task, world)
        done = reverse(task, world.lead, reason="A leak.")
        assert ([one.label for one in done.withdrawn], done.kept) == (["Version Churn v2", "Handoff of Churn v2"], [])
        assert [str(one) for one in Version.objects.all()] == ["Churn v1"]

    def test_a_version_that_was_retrained_stays(self, world: World, task: Task) -> None:
        decided(task, world)
        version = Version.objects.get()
        Version.add(version.model, world.mei, name="v2", retrains=version)
        assert [one.type for one in reverse(task, world.lead, reason="A leak.").kept] == ["model", "version"]

    def test_nobody_but_a_lead_takes_it_back(self, world: World, task: Task) -> None:
        decided(task, world)
        before = every_row()
        for who in (world.mei, world.vera, world.ivo):
            with pytest.raises(Forbidden):
                reverse(task, who, reason="A leak.")
        assert every_row() == before


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_decide_at_once_one_makes_everything_once() -> None:
    world = found_world()
    task = world.in_analysis()

    def decide(place: int) -> Decision:
        fresh = Task.objects.select_related("team", "owner", "time_box").get(pk=task.pk)
        lead = type(world.lead).objects.select_related("team", "user").get(pk=world.lead.pk)
        return productionize(fresh, lead, why="It works.", model="Churn", model_version=f"v{place}")

    assert kinds(at_once(decide)) == {"Decision": 1, "Refusal": PEOPLE - 1}
    assert (MLModel.objects.count(), Version.objects.count(), Handoff.objects.count(), Creation.objects.count()) == (1, 1, 1, 1)
