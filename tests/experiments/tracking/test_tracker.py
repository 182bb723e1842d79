"""Connecting a tracking server: who may, what is refused, and that its secret never comes out."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.test import Client

from dsboard import clock, vault
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, User
from experiments.models import RunLink, Tracker
from experiments.tracking import sync
from tests.caller import Caller
from tests.dsboard.test_outbound import CERTIFICATE
from tests.experiments.tracking.fake import Store, run, tracking
from tests.world import F1, World

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery"


def connect(world: World, **said: Any) -> Tracker:
    return Tracker.connect(world.team, world.lead, **({"name": "MLflow", "url": "http://10.0.0.7:5000/"} | said))


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


class TestConnecting:
    def test_only_a_lead_does(self, world: World) -> None:
        for who in (world.mei, world.vera):
            with pytest.raises(Forbidden):
                Tracker.connect(world.team, who, name="MLflow", url="http://10.0.0.7:5000")
        one = connect(world)
        assert (one.url, one.host, one.state) == ("http://10.0.0.7:5000", "10.0.0.7:5000", "waiting")
        with pytest.raises(Forbidden):
            one.change(world.mei, name="Mine")
        with pytest.raises(Forbidden):
            one.remove(world.mei)
        with pytest.raises(Forbidden):
            one.ask_now(world.vera)

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"url": "mlflow"}, "url"),
            ({"url": "https://mei:secret@mlflow.example.org"}, "url"),
            ({"url": "http://169.254.169.254/"}, "url"),
            ({"url": "http://[fe80::1]/"}, "url"),
            ({"url": "file:///etc/passwd"}, "url"),
            ({"auth": "kerberos"}, "auth"),
            ({"auth": "token"}, "secret"),
            ({"auth": "basic", "user": "a:b", "secret": "x"}, "user"),
            ({"certificate": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"}, "certificate"),
            ({"certificate": "my certificate"}, "certificate"),
        ],
    )
    def test_what_can_not_be_is_said_at_its_field(self, world: World, said: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            connect(world, **said)
        assert list(refused.value.fields) == [field]
        assert not Tracker.objects.exists()

    def test_names_are_given_once_and_twenty_at_most(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(world)
        with pytest.raises(Refusal, match="There is one named MLflow already"):
            connect(world)
        monkeypatch.setattr("experiments.models.tracker.MOST", 1)
        with pytest.raises(Refusal, match="at most 1 tracking"):
            connect(world, name="Another")

    def test_a_certificate_of_ones_own(self, world: World) -> None:
        assert connect(world, certificate=CERTIFICATE.read_text()).certificate.startswith("-----BEGIN")


class TestSecret:
    def test_it_lies_encrypted_and_comes_out_nowhere(self, world: World, admin_client: Client) -> None:
        one = connect(world, auth="token", secret=SECRET)
        one.refresh_from_db()
        assert SECRET not in serializers.serialize("json", [one]) and vault.unseal(one.sealed) == SECRET
        lead, path = browser(world.lead), f"/t/FRAUD/settings/trackers/{one.pk}/"
        seen = [lead.get(path), lead.get("/t/FRAUD/settings/trackers/"), lead.post(path, {"name": ""}), lead.post(f"{path}trial/")]
        seen += [Caller(world.lead).get("/teams/FRAUD/trackers"), Caller(world.lead).get(f"/teams/FRAUD/trackers/{one.pk}")]
        seen += [admin_client.get(f"/admin/experiments/tracker/{one.pk}/change/"), admin_client.get("/admin/experiments/tracker/")]
        for answer in seen:
            assert answer.status_code in (200, 422)
            assert SECRET not in answer.content.decode() and one.sealed not in answer.content.decode()
        history = json.dumps(list(Activity.objects.values_list("before", "after", "facts")))
        assert SECRET not in history and one.sealed not in history

    def test_it_stays_where_none_is_typed_and_goes_with_the_host(self, world: World) -> None:
        one = connect(world, auth="token", secret=SECRET)
        assert one.change(world.lead, name="Ours", secret="") == ["name"]
        assert one.change(world.lead, url="http://10.0.0.7:5000/mlflow") == ["url"], "another path of the host keeps it"
        with pytest.raises(Refusal) as refused:
            Tracker.objects.get().change(world.lead, url="http://evil.example.org")
        assert list(refused.value.fields) == ["secret"]
        assert Tracker.objects.get().host == "10.0.0.7:5000"
        assert Tracker.objects.get().change(world.lead, url="http://10.0.0.8", secret="new") == ["url", "secret"]
        assert Tracker.objects.get().change(world.lead, auth="none") == ["auth"]
        assert Tracker.objects.get().sealed == ""

    def test_admins_guess_it_by_no_filter(self, world: World) -> None:
        connect(world, auth="token", secret=SECRET)
        client = Client()
        client.force_login(User.objects.create_superuser("root@example.org", "Root", "a long password"))
        assert client.get("/admin/experiments/tracker/?sealed__startswith=g").status_code in (302, 400)


class TestTrial:
    def test_it_tells_version_experiments_and_time(self, world: World) -> None:
        with tracking(Store()) as fake:
            one = connect(world, url=fake.url)
            page = browser(world.lead).post(f"/t/FRAUD/settings/trackers/{one.pk}/trial/").content.decode()
            told = Caller(world.lead).post(f"/teams/FRAUD/trackers/{one.pk}/trial").json()
        assert "MLflow 3.17.2 answers in" in page and "shows 1 experiment." in page
        assert (told["version"], told["experiments"]) == ("3.17.2", 1)

    def test_or_what_is_in_the_way(self, world: World) -> None:
        with tracking(lambda path, sent: (200, "<html>Sign in</html>", {})) as fake:
            one = connect(world, url=fake.url)
            page = browser(world.lead).post(f"/t/FRAUD/settings/trackers/{one.pk}/trial/")
            told = Caller(world.lead).post(f"/teams/FRAUD/trackers/{one.pk}/trial")
        assert page.status_code == told.status_code == 422
        assert "answers with a web page, not MLflow" in page.content.decode() and "not MLflow" in told.json()["detail"]


class TestLinks:
    def test_a_member_links_and_unlinks_and_runs_stay(self, world: World) -> None:
        task, mei = world.started(world.experiment(metrics=[F1])), browser(world.mei)
        with tracking(Store([run(1)])) as fake:
            one = connect(world, url=fake.url)
            page = mei.get(f"/t/FRAUD/tasks/{task.ref}/runs/links/").content.decode()
            assert f'mlflow.set_tag("dsboard.card", "{task.ref}")'.replace('"', "&quot;") in page or "dsboard.card" in page
            said = {"tracker": one.pk, "experiment": "ticket-clf", "filter": "", "runs": ""}
            assert mei.post(f"/t/FRAUD/tasks/{task.ref}/runs/links/", said).status_code == 302
            again = mei.post(f"/t/FRAUD/tasks/{task.ref}/runs/links/", said)
            assert again.status_code == 422 and "linked to that already" in again.content.decode()
            sync.sweep()
        card = mei.get(f"/t/FRAUD/tasks/{task.ref}/").content.decode()
        assert "MLflow · synced" in card and "run 1" in card
        link = RunLink.objects.get()
        mei.post(f"/t/FRAUD/tasks/{task.ref}/runs/links/{link.pk}/removal/")
        assert not RunLink.objects.exists() and task.runs.count() == 1
        assert {line.verb for line in Activity.objects.of(task)} >= {"tracked", "untracked"}
        one.remove(world.lead)
        assert task.runs.get().tracker is None

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({}, "experiment"),
            ({"experiment": "a", "runs": ["b"]}, "experiment"),
            ({"filter": "metrics.a > 1", "runs": ["b"]}, "filter"),
            ({"experiment": "a", "filter": "x\ny"}, "filter"),
            ({"runs": ["a/b"]}, "runs"),
            ({"runs": [f"r{n}" for n in range(51)]}, "runs"),
            ({"experiment": "x" * 251}, "experiment"),
        ],
    )
    def test_what_can_not_be(self, world: World, said: dict[str, Any], field: str) -> None:
        task, one = world.experiment(), connect(world)
        with pytest.raises(Refusal) as refused:
            RunLink.link(task, world.mei, one, **said)
        assert list(refused.value.fields) == [field]

    def test_chosen_runs_are_added_to_those_that_were_chosen(self, world: World) -> None:
        task, one = world.experiment(), connect(world)
        RunLink.link(task, world.mei, one, runs=["a", "b"])
        assert RunLink.link(task, world.mei, one, runs=["b", "c"]).chosen == ["a", "b", "c"]

    def test_another_teams_server_is_as_unknown_as_none(self, world: World) -> None:
        theirs = Tracker.connect(world.other, world.ivo, name="Secret", url="http://10.0.0.9")
        task, mei = world.experiment(), Caller(world.mei)
        answers = [mei.post(f"/tasks/{task.ref}/run-links", tracker=pk, experiment="a") for pk in (theirs.pk, 999_999)]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert answers[0].content.replace(str(theirs.pk).encode(), b"") == answers[1].content.replace(b"999999", b"")
        said = {"tracker": theirs.pk, "experiment": "a"}
        page = browser(world.mei).post(f"/t/FRAUD/tasks/{task.ref}/runs/links/", said)
        assert page.status_code == 422 and "Secret" not in page.content.decode()

    def test_over_the_api(self, world: World) -> None:
        task, lead = world.experiment(), Caller(world.lead)
        made = lead.post("/teams/FRAUD/trackers", name="MLflow", url="http://10.0.0.7", auth="token", secret=SECRET)
        assert made.status_code == 201 and "secret" not in made.json()
        pk = made.json()["id"]
        assert lead("PATCH", f"/teams/FRAUD/trackers/{pk}", {"is_on": False}).json()["state"] == "off"
        refused = lead.post(f"/teams/FRAUD/trackers/{pk}/sync")
        assert refused.status_code == 422 and refused.json()["detail"] == "MLflow is switched off."
        link = lead.post(f"/tasks/{task.ref}/run-links", tracker=pk, experiment="ticket-clf").json()
        assert lead.get(f"/tasks/{task.ref}/run-links").json()["items"] == [link]
        assert lead("DELETE", f"/tasks/{task.ref}/run-links/{link['id']}").status_code == 204
        assert lead("DELETE", f"/teams/FRAUD/trackers/{pk}").status_code == 204
        assert lead.get("/teams/FRAUD/trackers").json()["count"] == 0


class TestAsking:
    def test_sync_now_shows_itself_until_it_is_done(self, world: World) -> None:
        with tracking(Store([run(1)])) as fake:
            one, mei = connect(world, url=fake.url), browser(world.mei)
            Tracker.objects.update(next_at=clock.now() - timedelta(minutes=9))
            assert "is the worker running?" in mei.get(f"/t/FRAUD/trackers/{one.pk}/state/").content.decode()
            sync.sweep()
            asked = mei.post(f"/t/FRAUD/trackers/{one.pk}/sync/", headers={"HX-Request": "true"}).content.decode()
            assert 'hx-trigger="every 2s"' in asked and "is read within seconds" in asked
            assert Tracker.objects.get().take()
            Tracker.objects.update(read=1240)
            assert "1240 runs so far" in mei.get(f"/t/FRAUD/trackers/{one.pk}/state/").content.decode()
            Tracker.objects.update(leased_until=None)
            sync.sweep()
            done = mei.get(f"/t/FRAUD/trackers/{one.pk}/state/").content.decode()
        assert "synced" in done and "every 2s" not in done
        assert browser(world.vera).post(f"/t/FRAUD/trackers/{one.pk}/sync/").status_code == 403
        assert browser(world.ivo).get(f"/t/FRAUD/trackers/{one.pk}/state/").status_code == 404
