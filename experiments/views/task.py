"""The page of one card, and the small acts on it: comment, watch, drop, delete, restore, promote, link."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, sent
from dsboard.http import trigger
from dsboard.models import Team
from dsboard.prepared import prepared
from dsboard.roles import Act
from experiments.card_page import CardPage, read
from experiments.field_forms import field_for
from experiments.models import Comment, Task
from experiments.models.link import build_on, build_on_no_more
from experiments.models.promotion import promote
from experiments.stages import Phase
from experiments.views.done import done


@prepared
def present(team: int, ref: str) -> QuerySet[Task]:
    return Task.objects.within(Team(pk=team)).present().filter(ref=ref).select_related("owner", "decider", "time_box")


def card(request: TeamRequest, ref: str) -> Task:
    """The card of this team, not in the bin, or 404."""
    # PostgreSQL takes no null character, and no card is named like that.
    found = present(request.team.pk, ref) if "\0" not in ref else []
    if not found:
        raise Http404("There is no such card here.")
    found[0].team = request.team
    return found[0]


def context(request: TeamRequest, task: Task, **extra: Any) -> dict[str, Any]:
    if not hasattr(task, "told_amendments"):
        task = read(request.team, task.ref)
    page = CardPage(task, request.membership, request.GET.get("show", "all"))
    return {"task": task, "page": page, "may_edit": page.may_edit, "here": "board", "comment_form": CommentForm(), **extra}


def answer(request: TeamRequest, task: Task, toast: dict[str, Any] | None = None, **extra: Any) -> HttpResponse:
    """After an act: the card's page again as a fragment, or the page itself for a plain form."""
    if not request.htmx:
        return redirect(task.get_absolute_url())
    fresh = read(request.team, task.ref)
    here = request.htmx.current_url_abs_path or ""
    if here and f"/tasks/{task.ref}/" not in here:
        # The dialog was opened from a board or a plan: the card's page is not there to be swapped.
        return done(request, fresh, fresh.stage, f"Saved {fresh.title}")
    response = render(request, "experiments/task_changed.html", context(request, fresh, toast=toast, **extra))
    response["HX-Retarget"], response["HX-Reswap"] = "#card-page", "outerMorph"
    return trigger(response, **{"close-dialog": {}})


@require_GET
def task(request: TeamRequest, ref: str) -> HttpResponse:
    """One card; a deleted one says so and offers to restore it."""
    found = read(request.team, ref)
    if found.deleted_at:
        return render(
            request,
            "experiments/task_gone.html",
            {"task": found, "may_restore": request.membership.may(Act.DROP), "here": "board"},
            status=410,
        )
    template = "experiments/_task.html" if request.htmx and not request.htmx.boosted else "experiments/task.html"
    return render(request, template, context(request, found))


class CommentForm(BoardForm):
    text = forms.CharField(
        label="Comment",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Write a comment. @ mentions a person."}),
        error_messages={"required": "Write something first."},
    )


@require_POST
def comments(request: TeamRequest, ref: str) -> HttpResponse:
    """Add a comment; a refused one keeps its words."""
    found = card(request, ref)
    form = CommentForm(request.POST)
    if form.attempt(lambda cleaned: Comment.write(found, request.membership, cleaned["text"])):
        return answer(request, found)
    template = "experiments/_task.html" if request.htmx else "experiments/task.html"
    return render(request, template, context(request, found, comment_form=form), status=form.status)


@require_POST
def watch(request: TeamRequest, ref: str) -> HttpResponse:
    """Follow or unfollow."""
    found = card(request, ref)
    found.watch(request.membership, on=request.POST.get("on") == "1")
    return answer(request, found)


class ReasonForm(BoardForm):
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "Say why it is dropped."}
    )


def dialog(request: TeamRequest, found: Task, form: BoardForm, **words: Any) -> HttpResponse:
    """A small form in the dialog, or on a page of its own."""
    template = "experiments/_act_dialog.html" if request.htmx else "experiments/act.html"
    response = render(request, template, {"task": found, "form": form, "here": "board", **words}, status=form.status)
    if form.status >= 400 and request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


@require_http_methods(["GET", "POST"])
def drop(request: TeamRequest, ref: str) -> HttpResponse:
    """Archive with a reason."""
    found = card(request, ref)
    form = ReasonForm(sent(request))
    if form.attempt(lambda cleaned: found.drop(request.membership, cleaned["reason"])):
        return answer(request, found, {"text": f"Dropped {found.ref}", "undo_url": undo_url(found, form.result)})
    words = {
        "heading": "Drop this card",
        "lead": "It leaves the board with its reason. It is neither done nor carried over.",
        "verb": "Drop card",
    }
    return dialog(request, found, form, **words)


@require_http_methods(["GET", "POST"])
def delete(request: TeamRequest, ref: str) -> HttpResponse:
    """Into the bin; the bin's page, or the toast, brings it back."""
    found = card(request, ref)
    form = BoardForm(sent(request))
    if form.attempt(lambda cleaned: found.delete_to_bin(request.membership)):
        response: HttpResponse = redirect("experiments:task", team=request.team.key, ref=found.ref)
        if request.htmx:
            response = HttpResponse(status=200)
            response["HX-Redirect"] = found.get_absolute_url()
        return response
    return dialog(
        request,
        found,
        form,
        heading="Delete this card",
        lead="It goes to the bin and can be restored for 30 days.",
        verb="Delete card",
        is_bad=True,
    )


@require_POST
def restore(request: TeamRequest, ref: str) -> HttpResponse:
    """Out of the bin, or undrop."""
    found = get_object_or_404(Task.objects.within(request.team).select_related("team"), ref=ref)
    found.restore(request.membership)
    return redirect(found.get_absolute_url()) if not request.htmx else answer(request, found)


class PromotionForm(BoardForm):
    """The size of the next phase's card."""

    def __init__(self, phase: str, request: TeamRequest, **kwargs: Any) -> None:
        names = ("points", "confidence") if phase == Phase.PRODUCTIONIZE else ("points",)
        self.base_fields = {name: field_for(name, request.team) for name in names}  # type: ignore[misc]
        super().__init__(**kwargs)


@require_http_methods(["GET", "POST"])
def promotion(request: TeamRequest, ref: str) -> HttpResponse:
    """Make the card of the next phase."""
    found = card(request, ref)
    phase = Phase.PROTOTYPE if found.is_boxed else Phase.PRODUCTIONIZE
    form = PromotionForm(phase, request, data=sent(request))
    if form.attempt(lambda cleaned: promote(found, request.membership, phase=phase, **cleaned)):
        return answer(request, found, {"text": f"Created {form.result.ref} {form.result.title}", "link": form.result.get_absolute_url()})
    lead = f"A development card in the backlog, linked back to {found.ref}. "
    lead += "Firm means that requirements are clear and the technology is known."
    return dialog(request, found, form, heading=f"Next phase: {Phase(phase).label.lower()}", lead=lead, verb="Create the card")


class LinkForm(BoardForm):
    ref = forms.CharField(label="Decided experiment", max_length=24, error_messages={"required": "Name a card, like FRAUD-42."})


@require_http_methods(["GET", "POST"])
def links(request: TeamRequest, ref: str) -> HttpResponse:
    """Name a decided experiment that this card builds on, or take one away."""
    found = card(request, ref)
    form = LinkForm(sent(request))
    verb = build_on_no_more if request.POST.get("remove") else build_on
    if form.attempt(lambda cleaned: verb(found, other_card(request, cleaned["ref"]), request.membership)):
        return answer(request, found)
    lead = "The decision behind it then counts as what this work stands on."
    return dialog(request, found, form, heading="Builds on", lead=lead, verb="Link card")


def other_card(request: TeamRequest, ref: str) -> Task:
    return card(request, ref.strip().upper())


def undo_url(task: Task, activity: Any) -> str:
    return f"{task.get_absolute_url()}undo/{activity.pk}/"
