"""The page of one person: what waits, across teams."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dsboard.access import MyRequest
from experiments.my_work import MyWork


@never_cache
@require_GET
def my_work(request: MyRequest) -> HttpResponse:
    """Time boxes, decisions, mentions, and the person's other open cards."""
    work = MyWork.of(request.user)
    waiting = len(work.boxes) + len(work.decisions) + len(work.mentions)
    return render(request, "experiments/my_work.html", {"work": work, "waiting": waiting, "here": "my-work"})
