"""The page of one person: what waits, across teams; and the small count of it that every page shows."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import MyRequest, TeamRequest
from dsboard.views.notices import MailForm, goes_into_files
from experiments.models.nudge import nudge as nudge_owner
from experiments.my_work import SHOWN, Desk, MyWork, Urgent, notices_shown
from experiments.views.done import done
from experiments.views.task import card
from experiments.week import Week


@never_cache
@require_GET
def my_work(request: MyRequest) -> HttpResponse:
    """Time boxes, decisions, mentions, and the person's other open cards; or what was put off, or read."""
    desk, show = Desk(request.user), request.GET.get("show", "")
    show = show if show in SHOWN else ""
    with timezone.override(desk.zone):
        context = {
            "work": MyWork.on(desk),
            "show": show,
            "listed": notices_shown(request.user, show) if show else [],
            "week": Week(desk),
            "mail_form": MailForm.of(request.user),
            "mail_in_files": goes_into_files(),
            "here": "my-work",
        }
        return render(request, "experiments/my_work.html", context)


@never_cache
@require_GET
def count(request: MyRequest) -> HttpResponse:
    """How many things only this person can do now: a fragment that pages ask for once a minute."""
    return render(request, "experiments/_my_count.html", {"urgent": Urgent.of(request.user, request.GET.get("team", ""))})


@require_POST
def nudge(request: TeamRequest, ref: str) -> HttpResponse:
    """A lead reminds the owner of findings that are due."""
    task = card(request, ref)
    nudge_owner(task, request.membership)
    words = f"Reminded {task.owner.first_name if task.owner else 'the owner'} of {task.title}"
    if request.POST.get("from") == "my-work":
        messages.success(request, words)
        return redirect("my-work")
    return done(request, task, task.stage, words)
