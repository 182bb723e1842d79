"""Files on a card: adding, downloading, removing, putting back."""

from django import forms
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm
from dsboard.roles import Act
from experiments.downloads import download as handed_out
from experiments.models import Attachment, Task


class AttachmentForm(BoardForm):
    file = forms.FileField(
        label="File",
        error_messages={
            "required": "Choose a file first.",
            "empty": "That file is empty.",
            "invalid": "The file did not arrive. Try again.",
        },
    )


@require_POST
def add(request: TeamRequest, ref: str) -> HttpResponse:
    """Keep an uploaded file on the card."""
    task = get_object_or_404(Task.objects.within(request.team).present(), ref=ref)
    form = AttachmentForm(request.POST, request.FILES)
    done = form.attempt(lambda cleaned: Attachment.add(task, request.membership, cleaned["file"]))
    return answer(request, task, form if not done else AttachmentForm(), form.status)


@require_GET
def download(request: TeamRequest, ref: str, pk: int) -> FileResponse:
    """The file, always as a download: nothing that was uploaded is ever shown as a page of this site."""
    attachment = get_object_or_404(Attachment.objects.within(request.team), task__ref=ref, task__deleted_at=None, removed_at=None, pk=pk)
    return handed_out(attachment)


@require_POST
def remove(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """Take the file off the card."""
    attachment = get_object_or_404(
        Attachment.objects.within(request.team).select_related("task"), task__ref=ref, task__deleted_at=None, pk=pk
    )
    attachment.remove(request.membership)
    return answer(request, attachment.task, AttachmentForm())


@require_POST
def put_back(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """Undo a removal."""
    attachment = get_object_or_404(
        Attachment.objects.within(request.team).select_related("task"), task__ref=ref, task__deleted_at=None, pk=pk
    )
    attachment.put_back(request.membership)
    return answer(request, attachment.task, AttachmentForm())


def answer(request: TeamRequest, task: Task, form: AttachmentForm, status: int = 200) -> HttpResponse:
    """The files of the card as a fragment, or back to the card for a plain form."""
    if not request.htmx and status == 200:
        return redirect(f"{task.get_absolute_url()}#attachments")
    context = {
        "task": task,
        "attachments": task.attachments.filter(removed_at=None).select_related("by"),
        "attachment_form": form,
        "may_edit": request.membership.may(Act.EDIT),
    }
    template = "experiments/_attachments.html" if request.htmx else "experiments/attachments.html"
    return render(request, template, context, status=status)
