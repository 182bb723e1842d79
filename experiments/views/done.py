"""The answer to an act that a dialog or a page of its own asked for: the boards show it, and a toast says it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from dsboard.access import TeamRequest
from experiments.models import Task


def done(request: TeamRequest, task: Task, sentence: str) -> HttpResponse:
    """Back to the page that the dialog was opened on, or to the card for a plain form; `sentence` as a toast."""
    messages.success(request, sentence)
    if not request.htmx:
        return redirect(task.get_absolute_url())
    return HttpResponseClientRedirect(request.htmx.current_url_abs_path or task.get_absolute_url())
