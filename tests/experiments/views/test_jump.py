"""Search or jump to, short links, and the example board."""

from typing import Any

from experiments.models import Task
from tests.world import World


def test_words_find_cards_places_and_actions(world: World, as_: Any) -> None:
    task = world.experiment()
    client = as_(world.mei, htmx=True)
    assert task.ref in client.get("/t/FRAUD/jump/", {"q": "bert"}).content.decode()
    assert task.ref in client.get("/t/FRAUD/jump/", {"q": task.ref.lower()}).content.decode()
    assert "Findings" in client.get("/t/FRAUD/jump/", {"q": "find"}).content.decode()
    assert "New experiment" in client.get("/t/FRAUD/jump/", {"q": "new"}).content.decode()
    assert "New experiment" not in as_(world.vera, htmx=True).get("/t/FRAUD/jump/", {"q": "new"}).content.decode()
    assert "Nothing here is called “zzz”." in client.get("/t/FRAUD/jump/", {"q": "zzz"}).content.decode()


def test_cards_of_other_teams_are_not_found(world: World, as_: Any) -> None:
    theirs = world.experiment(by=world.ivo)
    client = as_(world.mei)
    assert theirs.ref not in client.get("/t/FRAUD/jump/", {"q": "bert"}).content.decode()
    assert theirs.get_absolute_url() not in client.get("/t/FRAUD/jump/", {"q": theirs.ref}).content.decode()
    assert client.get(f"/c/{theirs.ref}/").status_code == 404


def test_a_short_link_leads_to_the_card(world: World, as_: Any) -> None:
    task = world.experiment()
    assert as_(world.vera).get(f"/c/{task.ref}/").url == f"/t/FRAUD/tasks/{task.ref}/"


def test_the_example_board_comes_and_goes(world: World, as_: Any) -> None:
    client = as_(world.lead)
    client.post("/t/FRAUD/example/")
    here = Task.objects.within(world.team).present()
    assert here.count() == 11
    board = client.get("/t/FRAUD/board/").content.decode()
    assert board.count("<article") == 11
    assert "Remove the example" in board
    assert "Remove the example" not in as_(world.mei).get("/t/FRAUD/board/").content.decode()
    mine = world.experiment(title="My own")
    assert client.post("/t/FRAUD/example/").status_code == 422
    client.post("/t/FRAUD/example/", {"remove": "1"})
    assert list(here.all()) == [mine]


def test_only_a_lead_loads_and_removes_it(world: World, as_: Any) -> None:
    assert as_(world.mei).post("/t/FRAUD/example/").status_code == 403
    as_(world.lead).post("/t/FRAUD/example/")
    assert as_(world.vera).post("/t/FRAUD/example/", {"remove": "1"}).status_code == 403
    assert Task.objects.within(world.team).present().count() == 11


def test_a_team_whose_leads_may_not_decide_alone_gets_it_too(world: World, as_: Any) -> None:
    for team in (world.team, world.other):
        team.own_decisions = "refused"
        team.save()
    as_(world.lead).post("/t/FRAUD/example/")
    as_(world.ivo).post("/t/OTHER/example/")
    assert Task.objects.within(world.team).filter(stage="decision").count() == 2
    assert Task.objects.within(world.other).filter(stage="decision").count() == 0
