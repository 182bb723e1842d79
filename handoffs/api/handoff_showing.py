"""Handoffs as the API tells them, read in a fixed number of queries."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from dsboard.api.shapes import address
from dsboard.api.tokens import ApiRequest, absolute, team_named
from handoffs.checks.check import Check
from handoffs.contract import BY_SLUG
from handoffs.models import Handoff, Line, Signature
from handoffs.models.line_checks import check_line, checks_of


def whole(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The handoffs with everything that is told of them: as many queries for thirty as for one."""
    return rows.select_related("version__model__team", "created_by").prefetch_related(
        "lines__owner", "lines__provided_by", "lines__task", "lines__verifications__by", "signatures__by"
    )


def handoff_named(request: ApiRequest, key: str, pk: int) -> Handoff:
    """The team's handoff of this number; unknown or another team's: 404."""
    team = team_named(request, key)
    found: Handoff | None = Handoff.objects.within(team).select_related("version__model__team").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def line_named(request: ApiRequest, key: str, pk: int, slug: str) -> Line:
    """A line of the handoff, or 404."""
    handoff = handoff_named(request, key, pk)
    if slug not in BY_SLUG:
        raise Http404
    found: Line = handoff.lines.select_related("owner").get(slug=slug)
    found.handoff = handoff
    return found


def told_handoff(request: ApiRequest, handoff: Handoff) -> dict[str, Any]:
    """A handoff as it stands in the database now, after a verb."""
    found = whole(Handoff.objects.within(request.team)).get(pk=handoff.pk)
    return show_handoff(request, found, checks_of(found.version, found.lines.all()))


def told_line(request: ApiRequest, line: Line) -> dict[str, Any]:
    """A line as it stands in the database now."""
    rows = Line.objects.within(request.team).select_related("owner", "provided_by", "task").prefetch_related("verifications__by")
    found = rows.get(pk=line.pk)
    found.handoff = line.handoff
    return show_line(found, {line.slug: check_line(found)})


def show_handoff(request: ApiRequest, handoff: Handoff, checks: dict[str, list[Check]] | None = None) -> dict[str, Any]:
    """A handoff from `whole`."""
    return {
        "id": handoff.pk,
        "model": handoff.version.model.slug,
        "version": handoff.version.name,
        "revision": handoff.revision,
        "state": handoff.state,
        "offered_by": handoff.offered_side or None,
        "due_on": handoff.due_on,
        "reason": handoff.reason,
        "lines": [show_line(line, checks) for line in handoff.lines.all()],
        "signatures": [show_signature(one) for one in handoff.signatures.all()],
        "created_by": address(handoff.created_by),
        "created_at": handoff.created_at,
        "accepted_at": handoff.accepted_at,
        "url": absolute(request, handoff.get_absolute_url()),
    }


def show_line(line: Line, checks: dict[str, list[Check]] | None) -> dict[str, Any]:
    """A line with who said yes, and what was checked where that was looked at."""
    found = None if checks is None else [vars(one) for one in checks.get(line.slug, [])]
    task = line.task if line.task and line.task.deleted_at is None else None
    return {
        "slug": line.slug,
        "label": line.term.label,
        "side": line.term.side,
        "state": line.state,
        "settled": line.is_settled,
        "owner": address(line.owner),
        "evidence": line.evidence,
        "reason": line.reason,
        "due_on": line.due_on,
        "provided_by": address(line.provided_by),
        "provided_at": line.provided_at,
        "verified": [{"side": one.side, "by": address(one.by), "at": one.at, "despite": one.despite} for one in line.yes.values()],
        "task": task.ref if task else None,
        "checks": found,
        "version": line.version,
    }


def show_signature(one: Signature) -> dict[str, Any]:
    return {"side": one.side, "by": address(one.by), "at": one.at, "valid": one.is_valid, "void": one.void_reason}
