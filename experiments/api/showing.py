"""Cards, findings and decisions as the API tells them, read in a fixed number of queries."""

import re
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from dsboard import clock
from dsboard.api.shapes import address
from dsboard.api.tokens import ApiRequest, absolute
from dsboard.models import Activity, Calendars
from dsboard.working_time import NONE
from experiments.models import Comment, Decision, Finding, Task
from experiments.models.fields import fields_of, value_of
from experiments.stages import Kind

REF = re.compile(r"[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}")


def whole(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """The tasks with everything that is told of them: as many queries for thirty as for one."""
    return tasks.select_related("owner", "decider", "comparable_to", "time_box").prefetch_related(
        "labels",
        "metrics",
        "deliverables",
        "links__other",
        "time_box__extensions__by",
        "amendments__by",
        "findings__by",
        "findings__results",
        "decisions__by",
        "decisions__reversal__by",
        "seats__sprint",
    )


def card(request: ApiRequest, ref: str) -> Task:
    """The team's card of this reference; unknown, in the bin or another team's: 404."""
    ref = ref.upper()
    found = Task.objects.within(request.team).present().filter(ref=ref).first() if REF.fullmatch(ref) else None
    if found is None:
        raise Http404
    return found


def told(request: ApiRequest, task: Task) -> dict[str, Any]:
    """One card as it stands in the database now, after a verb."""
    return show_task(request, whole(Task.objects.within(request.team)).get(pk=task.pk))


def show_task(request: ApiRequest, task: Task) -> dict[str, Any]:
    """A card from `whole()`: what all have, then what its kind has."""
    reports, decisions = list(task.findings.all()), list(task.decisions.all())
    task.finding = reports[0] if reports else None
    task.decision = next((decision for decision in decisions if decision.standing), None)
    return {
        "ref": task.ref,
        "kind": task.kind,
        "stage": task.stage,
        "lane": task.lane,
        "rank": task.rank,
        "phase": task.phase or None,
        "sprint": task.sprint_number,
        "version": task.version,
        "links": [{"rel": link.rel, "ref": link.other.ref} for link in task.links.all() if link.other.deleted_at is None],
        "time_box": show_box(request, task),
        "finding": show_finding(task.finding) if task.finding else None,
        "decision": show_decision(decisions[0]) if decisions else None,
        "outcome": task.outcome or None,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "url": absolute(request, task.get_absolute_url()),
        **{name: value_of(task, name) for name in fields_of(Kind(task.kind))},
        # A choice that was not made is null, not an empty word.
        **{name: getattr(task, name) or None for name in ("confidence", "work")},
    }


def show_box(request: ApiRequest, task: Task) -> dict[str, Any] | None:
    """The time box with its clock as it stands now."""
    box, now = task.box, clock.now()
    if box is None:
        return None
    # A page of tasks reads the calendars once, and only when one of their clocks has started.
    used = box.used_at(now, calendars_of(request).of_member(task.team_id, task.owner_id)) if box.started_at else NONE
    return {
        "hours": float(box.hours),
        "original_hours": float(box.original_hours),
        "used_hours": round(used.total_seconds() / 3600, 4),
        "started_at": box.started_at,
        "ends_at": box.ends_at if box.runs_since else None,
        "state": box.state_at(now),
        "pause": {"reason": box.pause_reason, "since": box.paused_at, "until": box.resumes_on} if box.paused_at else None,
        "extensions": [
            {"hours": float(one.hours), "reason": one.reason, "by": address(one.by), "at": one.at} for one in box.extensions.all()
        ],
        "amendments": [
            {"field": one.field, "from": one.before, "to": one.after, "by": address(one.by), "at": one.at} for one in task.amendments.all()
        ],
    }


def calendars_of(request: ApiRequest) -> Calendars:
    """When the people of the token's team work, read once a request."""
    known: Calendars | None = getattr(request, "calendars", None)
    if known is None:
        known = request.calendars = Calendars.of([request.team])  # type: ignore[attr-defined]
    return known


def show_finding(finding: Finding) -> dict[str, Any]:
    return {
        "tried": finding.tried,
        "learned": finding.learned,
        "next": finding.next,
        "verdict": finding.verdict or None,
        "results": [
            {"metric": r.metric_name, "goal": r.goal, "value": r.value, "met": r.is_met, "run": r.run, "note": r.note}
            for r in finding.results.all()
        ],
        "by": address(finding.by),
        "at": finding.at,
    }


def tell_finding(finding: Finding) -> dict[str, Any]:
    """A finding with its card, whose decisions are loaded."""
    outcome = next((decision.outcome for decision in finding.task.decisions.all() if decision.standing), None)
    return {"ref": finding.task.ref, "title": finding.task.title, "outcome": outcome, **show_finding(finding)}


def show_decision(decision: Decision) -> dict[str, Any]:
    reversal = decision.reversal_or_none
    return {
        "outcome": decision.outcome,
        "why": decision.why,
        "by": address(decision.by),
        "at": decision.at,
        "confidence": decision.confidence or None,
        "evidence": decision.evidence,
        "reversed_by": address(reversal.by) if reversal else None,
    }


def show_made(request: ApiRequest, task: Task) -> dict[str, Any]:
    return {"type": "task", "ref": task.ref, "url": absolute(request, task.get_absolute_url())}


def show_comment(comment: Comment) -> dict[str, Any]:
    return {"id": comment.pk, "text": comment.text, "by": address(comment.by), "at": comment.at}


def show_activity(line: Activity) -> dict[str, Any]:
    return {
        "at": line.at,
        "by": address(line.actor),
        "verb": line.verb,
        "field": line.field or None,
        "from": line.before,
        "to": line.after,
        "also": {field: {"from": change["before"], "to": change["after"]} for field, change in line.also.items()},
    }
