"""The live streams, over a real server: who gets one, what it tells and to whom, and what it holds."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connection
from django.test import Client

from dsboard.live import hub
from dsboard.models import Membership, Pulse
from dsboard.roles import Role
from experiments.models import Comment
from experiments.stages import Stage
from tests.serving import served
from tests.streams import cookie_of, stream
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def world(transactional_db: None) -> World:
    return found_world()


def test_it_begins_with_the_version_of_the_team(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.vera.user)) as open_page:
        version = Pulse.objects.get(team=world.team).version
        assert open_page.wait_for("hello") == {"me": world.vera.user.pk, "versions": {"FRAUD": version}}


@pytest.mark.parametrize("path", ["/live/FRAUD/", "/live/NONE/", "/live/" + "X" * 500 + "/", "/live/%00/"])
def test_an_outsider_gets_the_same_as_for_a_team_that_is_not(world: World, url: str, path: str) -> None:
    with stream(url, path, cookie_of(world.ivo.user)) as refused:
        assert refused.status == 404


@pytest.mark.parametrize("cookie", ["", "dsboard_session=junk", "dsboard_session=", "=;,", 'dsboard_session="a'])
def test_nobody_gets_nothing(world: World, url: str, cookie: str) -> None:
    with stream(url, "/live/FRAUD/", cookie) as refused:
        assert refused.status == 404


def test_a_foreign_host_name_is_refused(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.mei.user), Host="evil.example") as refused:
        assert refused.status == 400


def test_somebody_who_was_deactivated_gets_nothing(world: World, url: str) -> None:
    cookie = cookie_of(world.mei.user)
    world.mei.user.is_active = False
    world.mei.user.save()
    with stream(url, "/live/FRAUD/", cookie) as refused:
        assert refused.status == 404


def test_a_board_is_told_the_card_drawn_where_it_stands_and_the_heads(world: World, url: str) -> None:
    first, second = world.experiment(), world.experiment(title="Second")
    with stream(url, "/live/FRAUD/?view=experiments", cookie_of(world.vera.user)) as open_page:
        open_page.wait_for("hello")
        second.move_to(Stage.IDEATION, world.mei, after=first.ref)
        news = open_page.wait_for("changed")
    ((element, html, column, below),) = news["cards"]
    assert (element, column, below) == (f"task-{second.ref}", "list-ideation", f"task-{first.ref}")
    assert 'data-version="2"' in html
    assert 'id="col-ideation-head"' in news["heads"]
    assert news["subjects"] == [f"task:{second.ref}"]


def test_the_other_board_hears_that_the_card_is_not_there(world: World, url: str) -> None:
    task = world.development()
    with stream(url, "/live/FRAUD/?view=experiments", cookie_of(world.vera.user)) as open_page:
        open_page.wait_for("hello")
        task.change(world.mei, title="Another title")
        assert open_page.wait_for("changed")["cards"] == [[f"task-{task.ref}", "", "", ""]]


def test_changes_of_another_team_are_never_told(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.mei.user)) as ours, stream(url, "/live/OTHER/", cookie_of(world.ivo.user)) as theirs:
        ours.wait_for("hello")
        theirs.wait_for("hello")
        world.experiment()
        ours.wait_for("changed")
        Membership.objects.create(team=world.other, user=world.lead.user, role=Role.VIEWER)
        assert theirs.of("changed") == []


def test_an_inbox_is_its_person_s_own_business(world: World, url: str) -> None:
    task = world.experiment()
    with (
        stream(url, "/live/FRAUD/", cookie_of(world.omar.user)) as his,
        stream(url, "/live/FRAUD/", cookie_of(world.vera.user)) as hers,
    ):
        his.wait_for("hello")
        hers.wait_for("hello")
        task.change(world.mei, owner=world.omar.user.email)
        assert his.wait_for("changed")["inbox"] is True
        told = hers.wait_for("changed")
    assert told["inbox"] is False
    assert "notice" not in str(told)


def test_a_page_of_all_one_s_teams_hears_of_each(world: World, url: str) -> None:
    Membership.objects.create(team=world.other, user=world.mei.user)
    with stream(url, "/live/", cookie_of(world.mei.user)) as open_page:
        assert set(open_page.wait_for("hello")["versions"]) == {"FRAUD", "OTHER"}
        world.plan("research", "Ours", {"by": world.mei})
        assert open_page.wait_for("changed")["team"] == "FRAUD"
        world.plan("research", "Theirs", {"by": world.ivo})
        assert open_page.wait_for("changed", count=2)["team"] == "OTHER"


def test_who_comes_back_is_told_what_was_missed(world: World, url: str) -> None:
    task = world.experiment()
    version = Pulse.objects.get(team=world.team).version
    Comment.write(task, world.mei, "While you were away.")
    with stream(url, f"/live/FRAUD/?since={version}", cookie_of(world.vera.user)) as open_page:
        assert open_page.wait_for("changed")["subjects"] == [f"task:{task.ref}"]
    for odd in ("", "-1", "1e3", "9" * 30, "%00"):
        with stream(url, f"/live/FRAUD/?since={odd}", cookie_of(world.vera.user)) as open_page:
            open_page.wait_for("hello")


def test_a_removed_member_loses_the_stream(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.omar.user)) as his, stream(url, "/live/FRAUD/", cookie_of(world.mei.user)) as hers:
        his.wait_for("hello")
        hers.wait_for("hello")
        Membership.objects.get(pk=world.omar.pk).remove(world.lead)
        assert his.ended.wait(15)
        assert not hers.ended.is_set()
        world.experiment()
        hers.wait_for("changed", count=2)
    assert all("task" not in str(data) for data in his.of("changed"))


def test_a_membership_that_goes_without_a_word_ends_the_stream_too(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.omar.user)) as his:
        his.wait_for("hello")
        Membership.objects.filter(pk=world.omar.pk).delete()
        assert his.ended.wait(15)


def test_signing_out_everywhere_ends_the_stream(world: World, url: str) -> None:
    with stream(url, "/live/FRAUD/", cookie_of(world.omar.user)) as his:
        his.wait_for("hello")
        world.omar.user.end_sessions()
        assert his.ended.wait(15)


def test_many_streams_hold_no_thread_and_no_connection(world: World, url: str) -> None:
    cookies = [cookie_of(place.user) for place in (world.lead, world.mei, world.omar, world.vera)]
    with ExitStack() as stack:
        for place in range(60):
            stack.enter_context(stream(url, "/live/FRAUD/", cookies[place % 4])).wait_for("hello")
        serving = [one.name for one in threading.enumerate() if one.name.startswith(("live", "page"))]
        assert len(serving) <= 2 + 2 + 2 + 2  # two of each, here and of the browser tests' server
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                # This thread, two pages, two of the hub, one that listens; the pools keep a few.
                assert cursor.fetchone()[0] < 20


def test_one_person_has_so_many_streams_and_no_more(world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_EACH", 3)
    cookie = cookie_of(world.mei.user)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(stream(url, "/live/FRAUD/", cookie)).wait_for("hello")
        with stream(url, "/live/FRAUD/", cookie) as refused:
            assert refused.status == 503


def test_a_page_without_a_stream_asks_and_is_told_the_same(world: World) -> None:
    task = world.experiment()
    version = Pulse.objects.get(team=world.team).version
    client = Client()
    client.force_login(world.vera.user)
    assert client.get(f"/t/FRAUD/live/?since={version}").json() == {"team": "FRAUD", "version": version, "subjects": [], "inbox": False}
    Comment.write(task, world.mei, "Looks good.")
    told = client.get(f"/t/FRAUD/live/?since={version}&view=experiments").json()
    assert told["version"] == version + 1
    assert told["cards"][0][0] == f"task-{task.ref}"
    client.force_login(world.ivo.user)
    assert client.get("/t/FRAUD/live/?since=0").status_code == 404


def test_who_is_here_and_who_edits(world: World, url: str) -> None:
    task = world.experiment()
    editor = Client()
    editor.force_login(world.mei.user)
    with stream(url, "/live/FRAUD/", cookie_of(world.vera.user)) as open_page:
        assert [name for _, name, _, _ in open_page.wait_for("here")["people"]] == [world.vera.user.name]
        with stream(url, "/live/FRAUD/", cookie_of(world.mei.user)):
            assert len(open_page.wait_for("here", count=2)["people"]) == 2
            assert editor.post("/t/FRAUD/live/editing/", {"ref": task.ref, "on": "1"}).status_code == 204
            edits = open_page.wait_for("here", count=3)["editing"]
            assert [name for _, name, _, _ in edits[task.ref]] == [world.mei.user.name]
            editor.post("/t/FRAUD/live/editing/", {"ref": task.ref, "on": "0"})
            assert open_page.wait_for("here", count=4)["editing"] == {}
        assert len(open_page.wait_for("here", count=5)["people"]) == 1
