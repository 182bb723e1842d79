"""The answer to an act that a dialog or a page of its own asked for: the board shows it, and a toast says it."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.urls import reverse

from dsboard.access import TeamRequest
from dsboard.http import onward, trigger
from experiments.models import Task
from experiments.views import answer


def done(request: TeamRequest, task: Task, came_from: str, sentence: str, created: Iterable[Task] = ()) -> HttpResponse:
    """On a board the card where it is now and what was created beside it; elsewhere the page again, or the card's own."""
    here = request.htmx.current_url_abs_path or "" if request.htmx else ""
    boards = [reverse(f"experiments:{name}", kwargs={"team": request.team.key}).lower() for name in ("board", "delivery")]
    if here.partition("?")[0].lower() not in boards:
        # A form on a page of its own leads on to the card, one in a dialog back to the page under it.
        on = here if here.partition("?")[0] not in ("", request.path) else task.get_absolute_url()
        return onward(request, on, sentence)
    response = answer.moved(request, task, [came_from, task.stage])
    beside = [card for card in created if card.is_boxed == task.is_boxed]
    response.write(answer.added(request, beside, html=sentence).content)
    return trigger(response, **{"close-dialog": {}})
