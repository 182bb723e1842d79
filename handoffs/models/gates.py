"""The gates between the stages of a version: what must be answered before it may go on, and who may let it pass all the same."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from handoffs.checklists import Criterion
from handoffs.models import answering
from handoffs.models.cleaning import text
from handoffs.models.passage import Passage
from handoffs.stages import VersionStage

if TYPE_CHECKING:
    from handoffs.models.version import Version

NEEDS_HANDOFF = "A version enters Deployment with its accepted handoff. A lead may override once, with a reason."
OVERRIDDEN_BEFORE = "The handoff of this version was overridden once already. Get it accepted first."
LONGEST_REVIEW = timedelta(days=366)


@clock.still()
@transaction.atomic
def advance(
    version: "Version", to: str, by: Membership, *, reason: str = "", override_reason: str = "", review_on: date | None = None
) -> Passage:
    """On to the next stage, once all that the gate asks for is met, waived or not applicable.

    With exceptions only by a lead, who gives a reason and the day on which they are looked at again. The gate into
    Deployment asks for what earlier stages are owed as well, and for the accepted handoff, which a lead may override
    once. Raises Refusal, which names what is missing, and Forbidden.
    """
    by.must(Act.MODELS, version.team_id)
    version.hold()
    refuse_wrong_way(version, to)
    why, override = text("reason", reason), text("override_reason", override_reason)
    open_ones = asked(version, to)
    exceptions = pass_with(version, by, to, open_ones, why, review_on) if open_ones else []
    if to != VersionStage.DEPLOYMENT and override:
        raise Refusal.of({"override_reason": "Only the gate into Deployment asks for a handoff. Leave the override out."})
    if to == VersionStage.DEPLOYMENT:
        override = overridden(version, by, override)
    passage = Passage(version=version, from_stage=version.stage, to_stage=to, reason=why, by_id=by.user_id, override_reason=override)
    passage.exceptions, passage.review_on = exceptions, review_on if exceptions else None
    return settle(version, passage, by, "advanced")


@clock.still()
@transaction.atomic
def go_back(version: "Version", to: str, by: Membership, *, reason: str) -> Passage:
    """Back to an earlier stage with a reason; its criteria and those of later stages open again, earlier answers are kept."""
    by.must(Act.MODELS, version.team_id)
    version.hold()
    refuse_unknown(to)
    if VersionStage(to).place >= VersionStage(version.stage).place:
        raise Refusal.of({"to": f"{version} is in {VersionStage(version.stage).label}, so that is not back."})
    why = text("reason", reason)
    if not why:
        raise Refusal.of({"reason": "Say in a sentence why it goes back."})
    reopened = answering.reopen(version, to, by, why)
    passage = Passage(version=version, from_stage=version.stage, to_stage=to, reason=why, by_id=by.user_id)
    return settle(version, passage, by, "went_back", reopened=reopened)


def settle(version: "Version", passage: Passage, by: Membership, verb: str, **facts: list[str]) -> Passage:
    """Write the passage, the stage and a line of history."""
    passage.save()
    version.stage = passage.to_stage
    version.touch("stage")
    said = {"reason": passage.reason, "exceptions": passage.exceptions, "override_reason": passage.override_reason}
    Activity.record(version, verb, by, field="stage", before=passage.from_stage, after=passage.to_stage, **said, **facts)
    return passage


def asked(version: "Version", to: str) -> list[Criterion]:
    """What the gate still asks for: the criteria of the stage that is left, into Deployment those that are owed as well."""
    owed = version.owed() if to == VersionStage.DEPLOYMENT else []
    return [*owed, *version.open_criteria()]


def refuse_unknown(to: str) -> None:
    if to not in VersionStage.values:
        raise Refusal.of({"to": f"A stage is one of {', '.join(VersionStage.values)}."})


def refuse_wrong_way(version: "Version", to: str) -> None:
    """Stages are left one by one."""
    refuse_unknown(to)
    stage = VersionStage(version.stage)
    if stage.next is None:
        raise Refusal.of({"to": f"{version} is in {stage.label}, the last stage. What comes next is a new version."})
    if to != stage.next:
        raise Refusal.of({"to": f"{version} is in {stage.label}. The next stage is {stage.next.label}."})


def pass_with(version: "Version", by: Membership, to: str, open_ones: list[Criterion], reason: str, review_on: date | None) -> list[str]:
    """The exceptions that a lead lets pass, as slugs; without a reason and a day to look again the gate stays shut."""
    named = ", ".join(f"“{one.label}”" for one in open_ones)
    missing = f"Before {VersionStage(to).label}, answer {named}."
    if review_on is None or not reason:
        fields = {"to": missing}
        if by.may(Act.PASS_WITH_EXCEPTIONS):
            fields |= {} if reason else {"reason": "Or say why it may pass all the same."}
            fields |= {} if review_on else {"review_on": "Or name the day on which the exceptions are looked at again."}
        raise Refusal.of(fields)
    by.must(Act.PASS_WITH_EXCEPTIONS)
    today = clock.now().astimezone(ZoneInfo(version.model.team.time_zone)).date()
    if not today < review_on <= today + LONGEST_REVIEW:
        raise Refusal.of({"review_on": "The exceptions are looked at again on a day after today, within a year."})
    return [one.slug for one in open_ones]


def overridden(version: "Version", by: Membership, reason: str) -> str:
    """The reason of a lead who lets it in without its accepted handoff, once; empty when there is one."""
    if version.has_accepted_handoff:
        return ""
    if not reason:
        raise Refusal.of({"override_reason": NEEDS_HANDOFF})
    if not by.may(Act.OVERRIDE):
        raise Forbidden(NEEDS_HANDOFF)
    if version.passages.exclude(override_reason="").exists():
        raise Refusal.of({"override_reason": OVERRIDDEN_BEFORE})
    return reason
