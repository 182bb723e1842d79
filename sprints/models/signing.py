"""Signing a closed sprint off: a lead has looked at the figures, says so in a note, and they are kept as they are."""

from typing import TYPE_CHECKING

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from sprints.models import figures

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

LONGEST_NOTE = 5000


@clock.still()
@transaction.atomic
def sign_off(sprint: "Sprint", by: Membership, note: str) -> None:
    """Keep the figures of the review with a note. Raises Refusal while it is not closed, and when it is signed already."""
    by.must(Act.SIGN_OFF, sprint.team_id)
    sprint.hold()
    note = note.replace("\x00", "").strip()
    if not sprint.is_closed:
        raise Refusal(f"{sprint} is not closed yet. Close it, then sign it off.")
    if sprint.signed_at:
        raise Refusal(f"{sprint} is signed off already.")
    if not note:
        raise Refusal.of({"note": "Say in a sentence what you make of it."})
    if len(note) > LONGEST_NOTE:
        raise Refusal.of({"note": f"Keep the note under {LONGEST_NOTE} characters."})
    sprint.figures = figures.of([sprint])[sprint.pk].as_json()
    sprint.signed_at, sprint.signed_by_id, sprint.note = clock.now(), by.user_id, note
    sprint.touch("figures", "signed_at", "signed_by", "note")
    Activity.record(sprint, "signed_off", by, after=note[:200])
