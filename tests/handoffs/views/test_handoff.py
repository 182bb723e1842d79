"""The pages of handoffs: the contract, its lines, verification, signatures, and the document; each act without script too."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from handoffs.models import Handoff, MLModel, Version
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line, offered
from tests.world import World

TEAM = "/t/FRAUD/"
VERSION = f"{TEAM}models/recommendation/versions/v2/"


@pytest.fixture
def version(world: World, model: MLModel) -> Version:
    return built(world, model)


@pytest.fixture
def handoff(world: World, version: Version) -> Handoff:
    return Handoff.start(version, world.mei)


def at(handoff: Handoff, rest: str = "") -> str:
    return f"{TEAM}handoffs/{handoff.pk}/{rest}"


class TestTheList:
    def test_of_a_team_without_any(self, world: World, as_: Any) -> None:
        assert "No handoffs yet." in as_(world.vera).get(f"{TEAM}handoffs/").content.decode()

    def test_says_which_wait_for_ones_own_side(self, world: World, handoff: Handoff, as_: Any) -> None:
        offered(world, handoff)
        assert "Waits for your side" in as_(world.omar).get(f"{TEAM}handoffs/").content.decode()
        everything = as_(world.vera).get(f"{TEAM}handoffs/").content.decode()
        assert ("Waits for your side" in everything, "Offered" in everything) == (False, True)

    def test_has_the_open_ones_first_fifty_a_page(self, world: World, model: MLModel, handoff: Handoff, as_: Any) -> None:
        for number in range(55):
            Handoff.start(Version.add(model, world.mei, name=f"v9.{number}"), world.mei).withdraw(world.mei, reason="Enough.")
        client = as_(world.mei)
        first = client.get(f"{TEAM}handoffs/").context["page"]
        assert (first[0].pk, len(first), first[1].version.name) == (handoff.pk, 50, "v9.54")
        last = client.get(f"{TEAM}handoffs/?page=2")
        assert (len(last.context["page"]), "Page 2 of 2" in last.content.decode()) == (6, True)

    def test_costs_the_same_for_one_and_for_ten(self, world: World, model: MLModel, handoff: Handoff, as_: Any) -> None:
        client = as_(world.mei)
        client.get(f"{TEAM}handoffs/")
        first = queries(client, f"{TEAM}handoffs/")
        for number in range(9):
            Handoff.start(built(world, model, f"v9.{number}"), world.mei)
        assert queries(client, f"{TEAM}handoffs/") == first


class TestStarting:
    def test_is_offered_on_the_versions_page(self, world: World, version: Version, as_: Any) -> None:
        assert f"{VERSION}handoffs/" in as_(world.mei).get(VERSION).content.decode()
        response = as_(world.mei).post(f"{VERSION}handoffs/", {"due_on": "2099-03-20"})
        made = Handoff.objects.get()
        assert (response.url, str(made.due_on)) == (at(made), "2099-03-20")
        html = as_(world.mei).get(VERSION).content.decode()
        assert "Handoff<span" in html
        assert f"{VERSION}handoffs/" not in html

    def test_twice_is_refused(self, world: World, handoff: Handoff, as_: Any) -> None:
        response = as_(world.omar).post(f"{VERSION}handoffs/", {})
        assert response.status_code == 422
        assert "is open already" in response.content.decode()


class TestThePage:
    def test_shows_each_side_what_it_may_do(self, world: World, handoff: Handoff, as_: Any) -> None:
        offered(world, handoff)
        science, engineering = (as_(who).get(at(handoff)).content.decode() for who in (world.mei, world.omar))
        assert at(handoff, "lines/model-card/verification/") in engineering
        assert at(handoff, "lines/model-card/verification/") not in science
        assert "Withdraw…" in science
        assert "Withdraw…" not in engineering
        viewer = as_(world.vera).get(at(handoff)).content.decode()
        assert not any(words in viewer for words in ("Verify", "Return…", "Withdraw…", "Sign as", "Provide"))

    def test_says_what_keeps_it_from_being_signed(self, world: World, handoff: Handoff, as_: Any) -> None:
        everything_verified(world, handoff)
        line(handoff, "model-card").put("returned", world.omar, reason="The limits are missing.")
        html = as_(world.mei).get(at(handoff)).content.decode()
        assert "Missing: Model card." in html
        assert "The limits are missing." in html

    def test_never_runs_what_evidence_says(self, world: World, handoff: Handoff, as_: Any) -> None:
        line(handoff, "model-card").put("provided", world.mei, evidence="<script>alert(1)</script> javascript:alert(1)")
        html = as_(world.omar).get(at(handoff)).content.decode()
        assert "<script>alert(1)" not in html
        assert 'href="javascript' not in html

    def test_keeps_a_void_signature_as_one_for_an_earlier_version(self, world: World, handoff: Handoff, as_: Any) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        line(handoff, "model-card").put("provided", world.mei, evidence="A newer card.")
        assert "signed for an earlier version" in as_(world.omar).get(at(handoff)).content.decode()

    def test_costs_the_same_for_an_empty_and_a_full_one(self, world: World, handoff: Handoff, as_: Any) -> None:
        client = as_(world.mei)
        client.get(at(handoff))
        first = queries(client, at(handoff))
        everything_verified(world, handoff)
        # Who said yes, where nobody had, and what the checks are told.
        assert queries(client, at(handoff)) <= first + 6


class TestALine:
    def test_is_provided(self, world: World, handoff: Handoff, as_: Any) -> None:
        said = {"state": "provided", "evidence": "https://wiki.example.org/a", "owner": "mei@example.org", "reason": "", "seen": "1"}
        response = as_(world.mei).post(at(handoff, "lines/model-card/"), said)
        assert response.url == at(handoff) + "#model-card"
        found = line(handoff, "model-card")
        assert (found.state, found.owner) == ("provided", world.mei.user)

    def test_keeps_what_was_typed_when_it_is_refused(self, world: World, handoff: Handoff, as_: Any) -> None:
        said = {"state": "blocked", "evidence": "", "owner": "", "reason": "Release 4.2 is late.", "due_on": "", "seen": "1"}
        response = as_(world.omar).post(at(handoff, "lines/serving-platform/"), said)
        html = response.content.decode()
        assert response.status_code == 422
        assert "Say who sees to it." in html
        assert "Say when it is expected, today or later." in html
        assert "Release 4.2 is late." in html

    def test_offers_only_what_its_side_may_do(self, world: World, handoff: Handoff, as_: Any) -> None:
        offered(world, handoff)
        own = as_(world.mei).get(at(handoff, "lines/model-card/")).content.decode()
        other = as_(world.omar).get(at(handoff, "lines/model-card/")).content.decode()
        assert ("Blocked" in own, "Not needed" in own, "Returned to the other side" in own) == (True, False, False)
        assert ("Blocked" in other, "Returned to the other side" in other) == (False, True)

    def test_changed_by_another_meanwhile_is_not_overwritten(self, world: World, handoff: Handoff, as_: Any) -> None:
        line(handoff, "model-card").put("provided", world.lead, evidence="Of Inês.")
        said = {"state": "provided", "evidence": "Of Mei.", "owner": "", "reason": "", "seen": "1"}
        response = as_(world.mei).post(at(handoff, "lines/model-card/"), said)
        assert response.status_code == 409
        assert "Of Mei." in response.content.decode()
        assert line(handoff, "model-card").evidence == {"type": "text", "value": "Of Inês."}

    def test_of_no_such_name_is_not_there(self, world: World, handoff: Handoff, as_: Any) -> None:
        assert as_(world.mei).get(at(handoff, "lines/beauty/")).status_code == 404


class TestTheWay:
    def test_from_offer_to_acceptance_and_a_revision(self, world: World, handoff: Handoff, as_: Any) -> None:
        mei, omar = as_(world.mei), as_(world.omar)
        offered(world, handoff)
        handoff.give_back(world.omar, reason="Not yet.")
        assert mei.post(at(handoff, "offer/")).status_code == 302
        everything_verified(world, handoff)
        assert mei.post(at(handoff, "signature/")).status_code == 302
        assert omar.post(at(handoff, "signature/")).status_code == 302
        handoff.refresh_from_db()
        assert handoff.state == "accepted"
        html = omar.get(at(handoff)).content.decode()
        assert "Both sides have signed." in html
        assert omar.post(f"{VERSION}handoffs/", {}).status_code == 302
        assert "Revision 2" in omar.get(at(handoff)).content.decode()

    def test_verifying_asks_before_a_name_is_kept(self, world: World, handoff: Handoff, as_: Any) -> None:
        offered(world, handoff)
        url = at(handoff, "lines/model-card/verification/")
        assert "Your name and this moment are kept." in as_(world.omar).get(url).content.decode()
        assert as_(world.omar).post(url, {"seen": str(line(handoff, "model-card").version)}).url == at(handoff) + "#model-card"
        assert line(handoff, "model-card").state == "verified"

    @pytest.mark.parametrize(("act", "who"), [("return", "omar"), ("withdrawal", "mei")])
    def test_ends_only_with_a_reason(self, world: World, handoff: Handoff, as_: Any, act: str, who: str) -> None:
        offered(world, handoff)
        client = as_(getattr(world, who))
        assert client.post(at(handoff, f"{act}/"), {"reason": ""}).status_code == 422
        assert client.post(at(handoff, f"{act}/"), {"reason": "Not this one."}).status_code == 302
        handoff.refresh_from_db()
        assert handoff.reason == "Not this one."

    def test_sent_twice_signs_once(self, world: World, handoff: Handoff, as_: Any) -> None:
        everything_verified(world, handoff)
        client = as_(world.mei)
        assert [client.post(at(handoff, "signature/")).status_code for _ in range(2)] == [302, 302]
        assert handoff.signatures.count() == 1

    def test_plans_what_is_missing(self, world: World, handoff: Handoff, as_: Any) -> None:
        assert as_(world.omar).post(at(handoff, "tasks/")).status_code == 302
        assert Task.objects.filter(kind="development").count() == 5
        assert "Plan cards" not in as_(world.omar).get(at(handoff)).content.decode()


class TestTheDocument:
    def test_is_markdown_with_its_signatures(self, world: World, handoff: Handoff, as_: Any) -> None:
        everything_verified(world, handoff)
        line(handoff, "model-card").put("provided", world.mei, evidence="A | *card*\n# <b>")
        response = as_(world.vera).get(at(handoff, "export/md/"))
        text = response.content.decode()
        assert response["Content-Disposition"] == f'attachment; filename="handoff-recommendation-{handoff.pk}.md"'
        assert "## Engineering provides" in text
        assert "A \\| \\*card\\* \\# \\<b\\>" in text
        assert "Nobody has signed yet." in text

    def test_is_json_with_what_each_signature_stands_on(self, world: World, handoff: Handoff, as_: Any) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.omar)
        told = json.loads(as_(world.vera).get(at(handoff, "export/json/")).content)
        assert (told["model"], told["version"], len(told["lines"])) == ("recommendation", "v2", 14)
        assert [(one["side"], one["by"], len(one["signed"])) for one in told["signatures"]] == [("engineering", "omar@example.org", 14)]

    def test_has_no_other_form(self, world: World, handoff: Handoff, as_: Any) -> None:
        assert as_(world.mei).get(at(handoff, "export/exe/")).status_code == 404


def queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
