"""Comments: safe markdown, told to those they mention."""

import pytest

from dsboard.errors import Forbidden
from dsboard.models import Notice
from experiments.models import Comment, Task
from tests.world import World, history_of, refuses


def test_a_comment_is_kept_rendered_and_counted(world: World) -> None:
    task = world.research()
    comment = Comment.write(task, world.omar, "Look at **this**, see FRAUD-1.\r\nAnd <script>that</script>.")
    assert comment.text == "Look at **this**, see FRAUD-1.\nAnd <script>that</script>."
    assert "<strong>this</strong>" in comment.html
    assert 'href="/c/FRAUD-1/"' in comment.html
    assert "<script>" not in comment.html
    assert (Task.objects.get(pk=task.pk).comment_count, list(task.watchers.all())) == (1, [world.omar.user])
    assert history_of(task)[-1][0] == "commented"


def test_those_it_mentions_are_told_once(world: World) -> None:
    task = world.research()
    Comment.write(task, world.mei, "@omar and @omar@example.org and @Vera, but not @ivo, nor me@mei.example, nor @mei")
    told = list(Notice.objects.order_by("user__name").values_list("user__name", "kind", "title"))
    assert told == [("Omar Haddad", "mention", "Mei mentioned you on FRAUD-1"), ("Vera Lind", "mention", "Mei mentioned you on FRAUD-1")]


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_it_says_something(world: World, text: str) -> None:
    task = world.research()
    with refuses("Write something first.", fields={"text"}):
        Comment.write(task, world.mei, text)


def test_not_a_book(world: World) -> None:
    task = world.research()
    with refuses("A comment is longer than 64 KB. Keep the long part elsewhere and link to it.", fields={"text"}):
        Comment.write(task, world.mei, "ü" * 33_000)


def test_not_by_viewers_or_outsiders(world: World) -> None:
    task = world.research()
    with refuses("You can read everything here. To comment, ask a lead to make you a member.", kind=Forbidden):
        Comment.write(task, world.vera, "Hello")
    with refuses("That belongs to another team.", kind=Forbidden):
        Comment.write(task, world.ivo, "Hello")
