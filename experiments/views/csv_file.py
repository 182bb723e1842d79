"""Cards out of and into CSV files: the plan first, row by row; the import only after it was seen."""

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from dsboard import clock
from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import BoardForm, sent
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.imports.columns import Columns
from experiments.imports.export import exported
from experiments.imports.plan import counted, imported, planned
from experiments.imports.sheet import MOST_BYTES, Sheet
from experiments.models import Upload

#: rows of a plan that the page shows; the refused ones always, all of them
SHOWN = 500


class FileForm(BoardForm):
    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text="From Jira or another tracker, or exported here. Up to 5 MB and 5,000 rows.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "That file is empty.",
            "invalid": "The file did not arrive. Try again.",
        },
    )


@require_http_methods(["GET", "POST"])
def import_file(request: TeamRequest) -> HttpResponse:
    """Choose a file; it is kept by the server, so that what was looked at is what is imported."""
    request.membership.must(Act.IMPORT)
    form = FileForm(sent(request), request.FILES or None)

    if form.is_bound and form.attempt(lambda cleaned: keep(request.membership, cleaned["file"])):
        return redirect("experiments:import-plan", team=request.team.key, pk=form.result.pk)
    return render(request, "experiments/import.html", {"form": form, "here": "backlog"}, status=form.status)


def keep(by: Membership, file: UploadedFile) -> Upload:
    """Keep a file that can be read at all."""
    if (file.size or 0) > MOST_BYTES:
        raise Refusal.of({"file": "The file is larger than 5 MB. Split it in two."})
    content = file.read()
    try:
        Columns.of(Sheet.read(content))
    except Refusal as refusal:
        raise Refusal.of({"file": refusal.sentence}) from refusal
    return Upload.keep(by, file.name or "file.csv", content)


@require_http_methods(["GET", "POST"])
def import_plan(request: TeamRequest, pk: int) -> HttpResponse:
    """What every row would do; a post does it."""
    uploads = Upload.objects.within(request.team).filter(by=request.user)
    upload = get_object_or_404(uploads, pk=pk)
    content = bytes(upload.content)
    problem, status = "", 200
    if request.method == "POST":
        try:
            done = imported(request.membership, content, good_rows="good_rows" in request.POST)
        except Refusal as refusal:
            problem, status = refusal.sentence, refusal.status
        else:
            uploads.delete()
            messages.success(request, f"Imported {counted(len(done.to_create))}")
            return redirect("experiments:backlog", team=request.team.key)
    plan = planned(request.membership, content)
    rows = [*plan.refused, *[row for row in plan.rows if row.will != "refuse"][:SHOWN]]
    context = {"upload": upload, "plan": plan, "rows": rows, "problem": problem, "here": "backlog"}
    return render(request, "experiments/import_plan.html", context, status=status)


@require_GET
def export_file(request: TeamRequest) -> StreamingHttpResponse:
    """Every card of the team; every cell is text in every spreadsheet."""
    lines = exported(request.membership)
    response = StreamingHttpResponse((line.encode() for line in lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.team.key}-{clock.now():%Y-%m-%d}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
