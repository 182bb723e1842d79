"""The review of one sprint: what was planned, what happened, and what a lead says of it."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm
from dsboard.roles import Act
from sprints.models import Sprint
from sprints.models.signing import LONGEST_NOTE
from sprints.sprint_review import SprintReview
from sprints.views.sprint import one


class SignOffForm(BoardForm):
    """A lead has looked at the figures: a note, and they are kept as they are."""

    note = forms.CharField(
        label="What do you make of it?",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "Serving took a week that was meant for experiments. We plan it in next time."}
        ),
    )


@require_GET
def review(request: TeamRequest, number: int) -> HttpResponse:
    """Planned against actual, scope change, what became of each card; while it runs, the burndown and the boxes."""
    return answer(request, one(request, number), SignOffForm())


def answer(request: TeamRequest, sprint: Sprint, form: SignOffForm) -> HttpResponse:
    """The page of a sprint with the form as it stands; a planned sprint has nothing to review yet."""
    context = {
        "sprint": sprint,
        "review": None if sprint.is_planned else SprintReview(sprint),
        "form": form,
        "may_sign": sprint.is_closed and not sprint.signed_at and request.membership.may(Act.SIGN_OFF),
        "view": "review",
        "here": "sprint",
    }
    return render(request, "sprints/review.html", context, status=form.status)
