"""Answering the criteria of a version: met with evidence, waived by a lead, not applicable, or open again."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from handoffs import checklists
from handoffs.checklists import BY_SLUG, Criterion
from handoffs.models import evidence as proof
from handoffs.models.answer import Answer
from handoffs.models.cleaning import text
from handoffs.stages import AnswerState

if TYPE_CHECKING:
    from handoffs.models.version import Version


@clock.still()
@transaction.atomic
def answer(version: "Version", slug: str, by: Membership, *, state: str, evidence: Any = None, reason: str = "") -> Answer | None:
    """Write a new answer, which counts from now on; earlier ones stay. The same again changes nothing.

    Met needs evidence, waived a reason and a lead, not applicable a reason and a criterion that allows it. An answer that
    came along from an earlier version is confirmed by giving it again: what is left out is kept as it was. Returns None
    for `open` where nothing was answered. Raises Refusal and Forbidden.
    """
    by.must(Act.CRITERIA, version.team_id)
    version.hold()
    criterion = BY_SLUG.get(slug)
    if criterion is None:
        raise Refusal.of({"criterion": f"There is no criterion {slug}."})
    if state not in AnswerState.values:
        raise Refusal.of({"state": "A criterion is open, met, waived or not_applicable."})
    last = version.standing().get(slug)
    shown, why = proof.cleaned(version, evidence), text("reason", reason)
    if last is not None and last.is_to_confirm and last.state == state:
        shown, why = shown or last.evidence, why or last.reason
    vet(criterion, by, state, shown, why)
    if last.says(state, shown, why) if last else state == AnswerState.OPEN:
        return last
    return write(version, criterion, by, state, shown, why, last)


def vet(criterion: Criterion, by: Membership, state: str, evidence: Any, reason: str) -> None:
    """What each state asks for."""
    if state == AnswerState.MET and evidence is None:
        raise Refusal.of({"evidence": f"“{criterion.label}” is met with evidence: a link, a file, a run, a card, a number or a sentence."})
    if state == AnswerState.WAIVED and not by.may(Act.WAIVE):
        raise Forbidden(by.refusal(Act.WAIVE))
    if state == AnswerState.NOT_APPLICABLE and not criterion.if_applicable:
        raise Refusal.of({"state": f"“{criterion.label}” always applies. Meet it, or ask a lead to waive it."})
    if state in (AnswerState.WAIVED, AnswerState.NOT_APPLICABLE) and not reason:
        raise Refusal.of({"reason": "Say in a sentence why it is not asked for."})


def write(version: "Version", criterion: Criterion, by: Membership, state: str, evidence: Any, reason: str, last: Answer | None) -> Answer:
    """A row of the answer, and a line of history."""
    made = Answer.objects.create(version=version, criterion=criterion.slug, state=state, evidence=evidence, reason=reason, by_id=by.user_id)
    version.touch()
    before = last.state if last else AnswerState.OPEN.value
    Activity.record(version, "answered", by, field=criterion.slug, before=before, after=state, evidence=evidence, reason=reason)
    return made


def reopen(version: "Version", stage: str, by: Membership, reason: str) -> list[str]:
    """Open the criteria of a stage and of all later ones again; earlier answers stay as rows. Returns their slugs."""
    standing = version.standing()
    reopened = [one for one in checklists.since(stage) if one.slug in standing and standing[one.slug].state != AnswerState.OPEN]
    for criterion in reopened:
        Answer.objects.create(version=version, criterion=criterion.slug, state=AnswerState.OPEN, reason=reason, by_id=by.user_id)
    return [criterion.slug for criterion in reopened]


def bring_along(version: "Version", source: "Version", by: Membership) -> None:
    """The earlier criteria of a version that retrains `source`: as they were answered there, to confirm."""
    standing = source.standing()
    for criterion in checklists.before(version.starts_at):
        known = standing.get(criterion.slug)
        if known is None or known.state == AnswerState.OPEN:
            continue
        Answer.objects.create(
            version=version,
            criterion=criterion.slug,
            state=known.state,
            evidence=known.evidence,
            reason=known.reason,
            as_of_id=known.as_of_id or source.pk,
            by_id=by.user_id,
        )
