"""The page of a version: its path, the answers, the gates, going back, deployments; each act with and without script."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs.models import Answer, Deployment, MLModel, Version
from tests.handoffs.models.conftest import built, in_deployment
from tests.world import World

MODEL = "/t/FRAUD/models/recommendation/"
V1, V2 = f"{MODEL}versions/v1/", f"{MODEL}versions/v2/"


class TestThePage:
    def test_says_what_stands_before_the_next_stage(self, world: World, version: Version, as_: Any) -> None:
        version.answer("business-problem-clear", world.mei, state="met", evidence="A brief.")
        html = as_(world.vera).get(V1).content.decode()
        assert "Two criteria stand between v1 and Data Exploration" in html
        assert "A brief." in html
        assert "Pass gate" not in html

    def test_is_found_whatever_the_case(self, world: World, version: Version, as_: Any) -> None:
        assert as_(world.mei).get(f"{MODEL}versions/V1/").status_code == 200

    @pytest.mark.parametrize("name", ["v9", "%00", "x" * 200])
    def test_of_no_version_is_not_there(self, world: World, version: Version, as_: Any, name: str) -> None:
        assert as_(world.mei).get(f"{MODEL}versions/{name}/").status_code == 404

    def test_links_only_what_is_an_address(self, world: World, version: Version, as_: Any) -> None:
        version.answer("business-problem-clear", world.mei, state="met", evidence="javascript:alert(1)")
        version.answer("success-metrics-defined", world.mei, state="met", evidence="https://wiki.example.org/a")
        html = as_(world.mei).get(V1).content.decode()
        assert 'href="javascript' not in html
        assert 'href="https://wiki.example.org/a" rel="noopener noreferrer"' in html

    def test_lists_what_earlier_stages_owe(self, world: World, model: MLModel, as_: Any) -> None:
        Version.add(model, world.mei, name="v2", starts_at="model-experimentation")
        html = as_(world.mei).get(V2).content.decode()
        assert "Owed from earlier stages before Deployment: Business problem clear" in html

    def test_has_controls_at_its_stage_and_at_what_is_owed(self, world: World, model: MLModel, as_: Any) -> None:
        made = Version.add(model, world.mei, name="v2", starts_at="data-exploration")
        made.answer("business-problem-clear", world.mei, state="met", evidence="A brief.")
        html = as_(world.mei).get(V2).content.decode()
        assert f"{V2}criteria/success-metrics-defined/" in html
        assert f"{V2}criteria/baseline-established/" in html
        assert f"{V2}criteria/business-problem-clear/" not in html
        assert f"{V2}criteria/documented/" not in html

    def test_costs_the_same_for_few_answers_and_for_many(self, world: World, model: MLModel, as_: Any) -> None:
        made, client = built(world, model), as_(world.mei)
        client.get(V2)
        first = queries(client, V2)
        for number in range(10):
            made.answer("documented", world.mei, state="met", evidence=f"Page {number}.")
            Version.add(model, world.mei, name=f"v3.{number}")
            Deployment.deploy(made, world.mei, environment="staging")
        assert queries(client, V2) == first


class TestAnswering:
    def test_keeps_evidence_in_its_form(self, world: World, version: Version, as_: Any) -> None:
        said = {"state": "met", "evidence": "0.93", "reason": ""}
        response = as_(world.mei).post(f"{V1}criteria/success-metrics-defined/", said)
        assert response.url == f"{V1}#success-metrics-defined"
        assert Answer.objects.get().evidence == {"type": "number", "value": 0.93}

    def test_without_evidence_is_refused_at_the_field(self, world: World, version: Version, as_: Any) -> None:
        response = as_(world.mei).post(f"{V1}criteria/documented/", {"state": "met", "evidence": "", "reason": "Later."})
        html = response.content.decode()
        assert (response.status_code, Answer.objects.count()) == (422, 0)
        assert "is met with evidence" in html
        assert "Later." in html

    def test_offers_waiving_to_leads_only(self, world: World, version: Version, as_: Any) -> None:
        url = f"{V1}criteria/documented/"
        assert "Waived" in as_(world.lead).get(url).content.decode()
        assert "Waived" not in as_(world.mei).get(url).content.decode()
        assert as_(world.mei).post(url, {"state": "waived", "reason": "No."}).status_code == 422
        assert as_(world.lead).post(url, {"state": "waived", "reason": "A prototype."}).status_code == 302
        assert Answer.objects.get().state == "waived"

    def test_offers_not_applicable_where_it_is_allowed(self, world: World, version: Version, as_: Any) -> None:
        client = as_(world.mei)
        assert "Not applicable" in client.get(f"{V1}criteria/ab-test/").content.decode()
        assert "Not applicable" not in client.get(f"{V1}criteria/documented/").content.decode()

    def test_confirms_what_came_along(self, world: World, model: MLModel, as_: Any) -> None:
        source = built(world, model)
        made = Version.add(model, world.mei, name="v3", retrains=source)
        url = f"{MODEL}versions/v3/criteria/documented/"
        first = f"{MODEL}versions/v3/criteria/business-problem-clear/"
        html = as_(world.mei).get(first).content.decode()
        assert "This answer is as of v2." in html
        as_(world.mei).post(first, {"state": "met", "evidence": "We looked.", "reason": ""})
        assert made.standing()["business-problem-clear"].is_settled
        assert "as of v2" not in as_(world.mei).get(url).content.decode()

    def test_of_no_criterion_is_not_there(self, world: World, version: Version, as_: Any) -> None:
        assert as_(world.mei).get(f"{V1}criteria/beauty/").status_code == 404


class TestTheGate:
    def test_lets_pass_what_is_answered(self, world: World, version: Version, as_: Any) -> None:
        for slug in ("business-problem-clear", "success-metrics-defined", "data-availability-confirmed"):
            version.answer(slug, world.mei, state="met", evidence="We looked.")
        assert as_(world.mei).post(f"{V1}gate/").url == V1
        version.refresh_from_db()
        assert version.stage == "data-exploration"

    def test_names_what_is_missing(self, world: World, version: Version, as_: Any) -> None:
        response = as_(world.mei).post(f"{V1}gate/")
        assert response.status_code == 422
        assert "Business problem clear" in response.content.decode()

    def test_passes_with_exceptions_by_a_lead(self, world: World, version: Version, as_: Any) -> None:
        said = {"reason": "The data can wait.", "review_on": "2099-01-01"}
        response = as_(world.lead).post(f"{V1}gate/", said)
        assert response.status_code == 422
        assert "within a year" in response.content.decode()
        assert as_(world.mei).post(f"{V1}gate/", said).status_code == 403

    def test_into_deployment_asks_for_the_handoff(self, world: World, model: MLModel, as_: Any) -> None:
        made = built(world, model)
        assert as_(world.mei).post(f"{V2}gate/", {"override_reason": "By mail."}).status_code == 403
        assert as_(world.lead).post(f"{V2}gate/", {"override_reason": ""}).status_code == 422
        assert as_(world.lead).post(f"{V2}gate/", {"override_reason": "By mail."}).status_code == 302
        made.refresh_from_db()
        assert made.stage == "deployment"

    def test_sent_twice_passes_once(self, world: World, version: Version, as_: Any) -> None:
        for slug in ("business-problem-clear", "success-metrics-defined", "data-availability-confirmed"):
            version.answer(slug, world.mei, state="met", evidence="We looked.")
        client = as_(world.mei)
        answers = [client.post(f"{V1}gate/").status_code for _ in range(2)]
        assert (answers, version.passages.count()) == ([302, 422], 1)


class TestGoingBack:
    def test_opens_the_criteria_again_and_says_why(self, world: World, model: MLModel, as_: Any) -> None:
        made = built(world, model)
        assert as_(world.mei).post(f"{V2}back/", {"to": "data-exploration", "reason": "The labels were wrong."}).url == V2
        made.refresh_from_db()
        assert made.stage == "data-exploration"
        assert "Open again: The labels were wrong." in as_(world.mei).get(V2).content.decode()

    def test_needs_a_reason(self, world: World, model: MLModel, as_: Any) -> None:
        built(world, model)
        response = as_(world.mei).post(f"{V2}back/", {"to": "data-exploration", "reason": ""})
        assert response.status_code == 422
        assert "Say in a sentence why it goes back." in response.content.decode()


class TestDeployments:
    def test_are_made_and_retired(self, world: World, model: MLModel, as_: Any) -> None:
        in_deployment(world, model)
        client = as_(world.mei)
        said = {"environment": "staging", "mode": "share", "share": "20", "override_reason": ""}
        assert client.post(f"{V2}deployments/", said).url == V2
        made = Deployment.objects.get()
        assert client.post(f"{V2}deployments/{made.pk}/retirement/").url == V2
        made.refresh_from_db()
        assert not made.is_live

    def test_in_production_ask_for_the_handoff(self, world: World, model: MLModel, as_: Any) -> None:
        in_deployment(world, model)
        said = {"environment": "production", "mode": "full", "share": "", "override_reason": "By mail."}
        assert as_(world.mei).post(f"{V2}deployments/", said).status_code == 403
        assert as_(world.lead).post(f"{V2}deployments/", said).status_code == 302
        assert "without an accepted handoff: By mail." in as_(world.vera).get(V2).content.decode()

    def test_keep_what_was_typed_when_they_are_refused(self, world: World, model: MLModel, as_: Any) -> None:
        in_deployment(world, model)
        response = as_(world.mei).post(f"{V2}deployments/", {"environment": "staging", "mode": "share", "share": "150"})
        html = response.content.decode()
        assert response.status_code == 422
        assert "A share is 0 to 100 per cent." in html
        assert 'value="150"' in html

    def test_of_another_version_are_not_retired(self, world: World, model: MLModel, as_: Any) -> None:
        made = Deployment.deploy(in_deployment(world, model), world.mei, environment="staging")
        assert as_(world.mei).post(f"{V1}deployments/{made.pk}/retirement/").status_code == 404
        assert as_(world.mei).post(f"{V2}deployments/{2**70}/retirement/").status_code == 404


class TestDetails:
    def test_of_a_model_change_name_and_owners(self, world: World, model: MLModel, as_: Any) -> None:
        said = {"name": "Ranking", "purpose": "", "owners": ["omar@example.org"], "seen": "1"}
        assert as_(world.mei).post(f"{MODEL}details/", said).url == MODEL
        model.refresh_from_db()
        assert (model.name, model.owner_emails()) == ("Ranking", ["omar@example.org"])

    def test_of_a_model_changed_by_another_meanwhile_are_not_lost(self, world: World, model: MLModel, as_: Any) -> None:
        model.change(world.omar, name="Ranking")
        response = as_(world.mei).post(f"{MODEL}details/", {"name": "Orders", "purpose": "What to show next.", "seen": "1"})
        html = response.content.decode()
        assert response.status_code == 409
        assert "changed Ranking first" in html
        assert 'value="Orders"' in html

    def test_of_a_version_name_what_was_built(self, world: World, version: Version, as_: Any) -> None:
        card = world.experiment()
        said = {
            "name": "v1",
            "origin": card.ref.lower(),
            "artifact": "s3://models/1",
            "metrics": "CTR@10 4.81\nlatency ms: 64",
            "seen": "1",
        }
        assert as_(world.mei).post(f"{V1}details/", said).url == V1
        version.refresh_from_db()
        assert (version.origin, version.metrics) == (card, {"CTR@10": 4.81, "latency ms": 64})

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"origin": "OTHER-1"}, "There is no card OTHER-1 in this team."),
            ({"metrics": "AUC high"}, "has no number at its end"),
            ({"checksum": "md5:1"}, "A checksum is sha256: and 64 hexadecimal digits."),
        ],
    )
    def test_of_a_version_that_make_no_sense(self, world: World, version: Version, as_: Any, said: dict[str, str], sentence: str) -> None:
        response = as_(world.mei).post(f"{V1}details/", {"name": "v1", "seen": "1", **said})
        assert response.status_code == 422
        assert sentence in response.content.decode()

    def test_of_a_new_version_bring_answers_along(self, world: World, model: MLModel, as_: Any) -> None:
        built(world, model)
        response = as_(world.mei).post(f"{MODEL}versions/", {"version": "v3", "retrains": "v2", "starts_at": "model-development"})
        assert response.url == f"{MODEL}versions/v3/"
        assert "Met as of v2, to confirm" in as_(world.mei).get(response.url).content.decode()


def queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
