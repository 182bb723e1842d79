"""What was learned: reporting it, and the team's findings with what was decided on them."""

from typing import Any

from django.db.models import Exists, OuterRef
from ninja import Query, Router
from pydantic import Field

from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.shapes import Query as Words
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.models import Team
from experiments.api.bodies import Report
from experiments.api.paths import Key, Ref
from experiments.api.shapes import Outcome, ToldFinding
from experiments.api.showing import REF, card, tell_finding
from experiments.models import Finding, Task
from experiments.search import matching, similar

router = Router(tags=["findings"])


class FindingFilter(Page):
    """`similar_to` gives the nearest first, the others the newest."""

    q: Words = Field("", description="Every word, the last one perhaps only begun.")
    outcome: list[Outcome] = Field([], description="Of the standing decision; several: any of them.")
    similar_to: Words = Field("", description="A question or hypothesis, or the reference of a card.")


@router.post("/tasks/{ref}/findings", response={201: ToldFinding}, operation_id="report_findings")
def report_findings(request: ApiRequest, ref: Ref, report: Report) -> dict[str, Any]:
    """Report what was learned: stops the clock and moves the card to Analysis."""
    said = {name: value for name, value in report.model_dump().items() if value is not None}
    finding = Finding.report(card(request, ref), request.membership, **said)
    return tell_finding(standing(request.team).get(pk=finding.pk))


@router.get("/teams/{key}/findings", response=Listed[ToldFinding], operation_id="list_findings")
def list_findings(request: ApiRequest, key: Key, asked: Query[FindingFilter]) -> dict[str, Any]:
    """The last findings of each card with what was decided on it, dropped and long decided ones too."""
    team = team_named(request, key)
    found = standing(team).order_by("-at", "-pk")
    if asked.outcome:
        found = found.filter(task__decisions__standing=True, task__decisions__outcome__in=asked.outcome)
    if asked.q:
        found = found.filter(task__in=matching(Task.objects.within(team).present(), asked.q).order_by())
    if not asked.similar_to:
        return listed(request, asked, found, tell_finding)
    nearest = {pk: place for place, pk in enumerate(nearest_to(team, asked.similar_to))}
    near = sorted(found.filter(task__in=nearest), key=lambda finding: nearest[finding.task_id])
    return listed(request, asked, near, tell_finding)


def standing(team: Team) -> Any:
    """The last report of each card that is not in the bin, with all that is told of it."""
    later = Finding.objects.filter(task=OuterRef("task"), pk__gt=OuterRef("pk"))
    found = Finding.objects.within(team).filter(~Exists(later), task__deleted_at=None)
    return found.select_related("by", "task").prefetch_related("results", "task__decisions")


def nearest_to(team: Team, text: str) -> list[int]:
    """The cards with findings that are most like a text, or like a card of the team; the card itself is not among them."""
    named = Task.objects.within(team).present().filter(ref=text.strip().upper()).first() if REF.fullmatch(text.strip().upper()) else None
    likeness = f"{named.title} {named.statement}" if named else text
    return [task.pk for task in similar(team, likeness, most=20) if task != named]
