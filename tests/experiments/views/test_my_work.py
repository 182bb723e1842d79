"""The page My work: its rows and their one act, its lists, and the count that every page shows."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from dsboard.models import Membership, Notice
from experiments.models import Comment, Task
from tests.world import World, lisbon, wall

As = Callable[..., Client]


@pytest.fixture
def task(world: World) -> Iterator[Task]:
    """Mei's box of three days from Tuesday at nine; it is Friday at ten, and its findings are due."""
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
    with wall("2026-03-13 10:00"):
        yield task


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> list[tuple[str, str]]:
    """Each row's title and the word on its button."""
    found = re.findall(r'<li class="mw[^>]*>(.*?)</li>', html, re.DOTALL)
    return [(re.findall(r'mw__t"><a[^>]*>([^<]+)', row)[0], re.findall(r'class="btn btn--sm[^>]*>([^<]+)<', row)[0]) for row in found]


def test_a_lead_nudges_and_the_owner_reports(world: World, as_: As, task: Task) -> None:
    assert rows(text(as_(world.lead).get("/me/"))) == [("BERT vs GPT comparison", "Nudge")]
    assert rows(text(as_(world.mei).get("/me/"))) == [("BERT vs GPT comparison", "Report")]
    assert rows(text(as_(world.omar).get("/me/"))) == []


def test_a_nudge_comes_back_to_the_page_and_says_so(world: World, as_: As, task: Task) -> None:
    response = as_(world.lead).post(f"{task.get_absolute_url()}time-box/nudge/", {"from": "my-work"}, follow=True)
    assert response.redirect_chain == [("/me/", 302)]
    assert "Reminded Mei of BERT vs GPT comparison" in text(response)
    assert ("Inês waits for your findings: BERT vs GPT comparison", "Open") in rows(text(as_(world.mei).get("/me/")))


def test_a_nudge_from_the_card(world: World, as_: As, task: Task) -> None:
    nudge = f"{task.get_absolute_url()}time-box/nudge/"
    assert nudge in text(as_(world.lead).get(task.get_absolute_url()))
    for member in (world.mei, world.omar, world.vera):
        assert nudge not in text(as_(member).get(task.get_absolute_url()))
    assert as_(world.omar).post(nudge).status_code == 403
    assert as_(world.ivo).post(nudge).status_code == 404
    assert as_(world.lead).post(nudge, follow=True).redirect_chain == [(task.get_absolute_url(), 302)]


def test_the_title_and_the_side_bar_count_what_only_this_person_can_do(world: World, as_: As, task: Task) -> None:
    assert "<title>(1) My work · dsboard</title>" in text(as_(world.mei).get("/me/"))
    assert "<title>My work · dsboard</title>" in text(as_(world.lead).get("/me/"))
    counted = as_(world.mei).get("/me/count/")
    assert counted["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert '<span class="count count--hot">1<span class="vh"> waiting</span></span>' in text(counted)
    assert "count--hot" not in text(as_(world.lead).get("/me/count/"))
    assert Client().get("/me/count/").status_code == 302


def mention(world: World) -> Notice:
    Comment.write(Task.objects.get(), world.omar, "What do you think, @mei?")
    return Notice.objects.get(kind="mention")


def shown(client: Client, show: str) -> bool:
    return "Omar mentioned you" in text(client.get(f"/me/?show={show}"))


class TestTheLists:
    """A notice stands in one of three: to do, later, done."""

    def lists(self, client: Client) -> list[str]:
        return [name for name in ("", "later", "done") if shown(client, name)]

    def test_read_and_unread_again(self, world: World, as_: As, task: Task) -> None:
        notice, client = mention(world), as_(world.mei)
        assert self.lists(client) == [""]
        client.post(f"/me/notices/{notice.pk}/reading/")
        assert self.lists(client) == ["done"]
        response = client.post(f"/me/notices/{notice.pk}/reading/", {"unread": "1", "show": "done"})
        assert response["Location"] == "/me/?show=done"
        assert self.lists(client) == [""]

    def test_opening_reads_it_and_goes_there(self, world: World, as_: As, task: Task) -> None:
        notice, client = mention(world), as_(world.mei)
        assert client.post(f"/me/notices/{notice.pk}/reading/", {"open": "1"})["Location"] == notice.url
        assert self.lists(client) == ["done"]

    @pytest.mark.parametrize(
        ("until", "words", "back"),
        [
            ("tomorrow", "Put off until Saturday, 14 March", "2026-03-14 09:00"),
            ("week", "Put off until Monday, 16 March", "2026-03-16 09:00"),
            ("2026-03-20", "Put off until Friday, 20 March", "2026-03-20 09:00"),
        ],
    )
    def test_put_off(self, world: World, as_: As, task: Task, until: str, words: str, back: str) -> None:
        notice, client = mention(world), as_(world.mei)
        assert words in text(client.post(f"/me/notices/{notice.pk}/snooze/", {"until": until}, follow=True))
        assert self.lists(client) == ["later"]
        notice.refresh_from_db()
        assert notice.snoozed_until == lisbon(back)
        with wall(back):
            assert self.lists(client) == [""]

    @pytest.mark.parametrize(
        ("until", "sentence"),
        [
            ("2026-03-13", "Choose a day to come."),
            ("2026-13-01", "Write the day like 2026-03-17."),
            ("some day", "Write the day like 2026-03-17."),
            ("2026-12-31", "Three months is the longest."),
        ],
    )
    def test_a_day_that_does_not_do(self, world: World, as_: As, task: Task, until: str, sentence: str) -> None:
        notice, client = mention(world), as_(world.mei)
        assert sentence in text(client.post(f"/me/notices/{notice.pk}/snooze/", {"until": until}, follow=True))
        assert self.lists(client) == [""]

    def test_everything_read_at_once(self, world: World, as_: As, task: Task) -> None:
        mention(world)
        client = as_(world.mei)
        assert "Marked 1 as read" in text(client.post("/me/notices/reading/", follow=True))
        assert "Nothing was unread" in text(client.post("/me/notices/reading/", follow=True))
        assert self.lists(client) == ["done"]

    def test_somebody_elses_is_not_there(self, world: World, as_: As, task: Task) -> None:
        notice = mention(world)
        for member in (world.lead, world.ivo):
            for act in ("reading", "snooze"):
                assert as_(member).post(f"/me/notices/{notice.pk}/{act}/", {"until": "tomorrow"}).status_code == 404
        assert shown(as_(world.mei), "")

    def test_whoever_left_the_team_sees_none(self, world: World, as_: As, task: Task) -> None:
        notice, client = mention(world), as_(world.mei)
        Membership.objects.filter(pk=world.mei.pk).delete()
        assert self.lists(client) == []
        assert client.post(f"/me/notices/{notice.pk}/reading/").status_code == 404

    def test_a_list_that_there_is_not(self, world: World, as_: As, task: Task) -> None:
        mention(world)
        assert shown(as_(world.mei), "nonsense")


class TestMail:
    def test_the_switches_are_kept(self, world: World, as_: As) -> None:
        client = as_(world.mei)
        assert text(client.get("/me/")).count("checked") == 7
        response = client.post("/me/settings/mail/", {"topics": ["ended", "mention"], "digest": "on"}, follow=True)
        assert "Saved which mail you get" in text(response)
        world.mei.user.refresh_from_db()
        assert (sorted(world.mei.user.mail_off), world.mei.user.digest) == (["card", "decision", "handoff", "model", "warning"], True)
        assert text(client.get("/me/")).count("checked") == 3

    def test_an_unknown_topic_changes_nothing(self, world: World, as_: As) -> None:
        as_(world.mei).post("/me/settings/mail/", {"topics": ["spam"]})
        world.mei.user.refresh_from_db()
        assert world.mei.user.mail_off == []
