"""A line of a handoff: who owns it, how it stands, what shows it, and which sides have said yes."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Forbidden, Refusal, Stale
from dsboard.models import Activity, Membership, TeamScoped, User
from dsboard.roles import Act, Role, Side
from handoffs.checks.check import failed
from handoffs.contract import BY_SLUG, Term
from handoffs.models import evidence as proof
from handoffs.models import line_checks, telling
from handoffs.models.cleaning import text
from handoffs.models.handoff import Handoff
from handoffs.models.verification import Verification
from handoffs.stages import LineState

#: what only the side that gives the line puts it into; anybody shares what is shared
GIVEN = (LineState.PROVIDED, LineState.BLOCKED, LineState.NOT_NEEDED, LineState.MISSING)
#: what there is to look at
ON_THE_TABLE = (LineState.PROVIDED, LineState.VERIFIED, LineState.NOT_NEEDED)


class Line(TeamScoped):
    """`version` counts changes, for stale writes and for what a signature stands on."""

    team_path = "handoff__version__model__team"
    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="lines")
    slug = models.CharField(max_length=30, choices=[(slug, term.label) for slug, term in BY_SLUG.items()])
    place = models.PositiveSmallIntegerField(editable=False)
    state = models.CharField(max_length=10, choices=LineState, default=LineState.MISSING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="lines_owned")
    evidence = models.JSONField(null=True, blank=True, help_text="{type, value}")
    reason = models.TextField(blank=True, help_text="Why it was returned, is blocked or is not needed.")
    due_on = models.DateField(null=True, blank=True, help_text="When what blocks it is expected to be gone.")
    provided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    provided_at = models.DateTimeField(null=True, blank=True)
    task = models.ForeignKey(
        "experiments.Task",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="handoff_lines",
        help_text="The card that makes it.",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["handoff", "slug"], name="line_once"),
            models.CheckConstraint(condition=Q(slug__in=list(BY_SLUG)), name="line_of_a_known_term"),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="line_in_a_known_state"),
            models.CheckConstraint(
                condition=~Q(state__in=(LineState.PROVIDED, LineState.VERIFIED)) | Q(evidence__isnull=False, provided_by__isnull=False),
                name="line_provided_has_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(LineState.RETURNED, LineState.BLOCKED, LineState.NOT_NEEDED)) | ~Q(reason=""),
                name="line_held_up_has_a_reason",
            ),
            models.CheckConstraint(condition=~Q(state=LineState.BLOCKED) | Q(due_on__isnull=False), name="line_blocked_has_a_date"),
            models.CheckConstraint(
                condition=~Q(state=LineState.NOT_NEEDED) | ~Q(slug__in=[slug for slug, term in BY_SLUG.items() if term.always]),
                name="line_always_needed",
            ),
        ]

    def __str__(self) -> str:
        return self.term.label

    @property
    def term(self) -> Term:
        return BY_SLUG[self.slug]

    @property
    def yes(self) -> dict[str, Verification]:
        """Who said yes, by side; what was taken back since is left out."""
        return {one.side: one for one in self.verifications.all() if one.void_at is None}

    @property
    def is_on_the_table(self) -> bool:
        """Whether there is anything to look at."""
        return self.state in ON_THE_TABLE

    @property
    def is_settled(self) -> bool:
        """Verified, or agreed not to be needed, by every side that is asked."""
        return self.state in (LineState.PROVIDED, LineState.VERIFIED, LineState.NOT_NEEDED) and set(self.term.verifiers) <= set(self.yes)

    # ── verbs ──

    @clock.still()
    @transaction.atomic
    def put(
        self,
        state: str,
        by: Membership,
        *,
        evidence: Any = None,
        reason: str = "",
        owner: str | None = None,
        due_on: date | None = None,
        seen: int | None = None,
    ) -> bool:
        """Provide it, return it, block it, set it aside or take it back; False when nothing differs.

        Its own side gives it, the other side returns it; `owner` is an address, empty for nobody. What both sides had said
        to the line before, and every signature, is void. Raises Refusal by field, Forbidden, and Stale when somebody
        changed the line since `seen`.
        """
        by.must(Act.HANDOFFS, self.handoff.team_id)
        self.hold(seen)
        self.handoff.refuse_frozen()
        if state not in (*GIVEN, LineState.RETURNED):
            raise Refusal.of({"state": "A line is provided, returned, blocked, not_needed or missing; it is verified by its own act."})
        self.refuse_wrong_side(state, by)
        wanted: dict[str, Any] = {"state": state, "reason": text("reason", reason), "due_on": due_on, "owner": self.owner}
        wanted["evidence"] = None if state == LineState.MISSING else proof.cleaned(self.handoff.version, evidence) or self.evidence
        if owner is not None:
            wanted["owner"] = self.owner_named(owner) if owner.strip() else None
        self.vet(wanted)
        stands = LineState.PROVIDED if self.state == LineState.VERIFIED else self.state
        before = {"state": stands, "reason": self.reason, "due_on": self.due_on, "owner": self.owner, "evidence": self.evidence}
        if wanted == before:
            return False
        if {**wanted, "owner": None} != {**before, "owner": None}:
            self.change(wanted, by)
        else:
            self.hand_to(wanted["owner"], by)
        return True

    @clock.still()
    @transaction.atomic
    def verify(self, by: Membership, *, reason: str = "", seen: int | None = None) -> Verification:
        """Say yes to it for one's own side; to one that is not needed, agree. Again changes nothing.

        The other side verifies, never who provided it; what is shared takes one member of each side. A check that failed
        asks for a reason. Raises Refusal, Forbidden and Stale.
        """
        by.must(Act.HANDOFFS, self.handoff.team_id)
        self.hold(seen)
        self.handoff.refuse_unless_before_both()
        if self.state not in ON_THE_TABLE:
            raise Refusal(f"{self.term.label} is {self.get_state_display().lower()}. There is nothing to verify yet.")
        if by.side not in self.term.verifiers:
            raise Forbidden(f"{self.term.label} is verified by {Side(self.term.verifiers[0]).label.lower()}.")
        if not self.term.is_shared and self.provided_by_id == by.user_id:
            raise Forbidden(f"You provided {self.term.label}. Somebody else verifies it.")
        yes = self.yes
        if by.side in yes:
            return yes[by.side]
        if any(one.by_id == by.user_id for one in yes.values()):
            raise Forbidden("You said yes for the other side. Somebody else says it for this one.")
        self.refuse_failed(reason)
        made = Verification.objects.create(line=self, side=by.side, by_id=by.user_id, despite=text("reason", reason))
        if self.state == LineState.PROVIDED and set(self.term.verifiers) <= {*yes, by.side}:
            self.state = LineState.VERIFIED
        self.version += 1
        self.save(update_fields=["state", "version"])
        self.handoff.acted(by)
        Activity.record(self.handoff, "verified", by, field=self.slug, after=self.state, side=by.side, reason=made.despite)
        telling.line_verified(self, by)
        return made

    # ── what the verbs stand on ──

    def hold(self, seen: int | None) -> None:
        """Lock the team, read the handoff and this line again; raise Stale when it changed since `seen`."""
        handoff = self.handoff
        handoff.hold()
        self.refresh_from_db()
        self._prefetched_objects_cache: dict[str, Any] = {}
        self.handoff = handoff
        if seen is not None and seen != self.version:
            raise Stale(f"{self.term.label} changed since you opened it. Look again.", current=self)

    def refuse_failed(self, reason: str) -> None:
        """What a check says is wrong is not verified without a word."""
        bad = failed(line_checks.check_line(self))
        if bad and not reason.strip():
            raise Refusal.of({"reason": f"A check failed. {bad[0].reason} Say why it counts all the same."})

    def refuse_wrong_side(self, state: str, by: Membership) -> None:
        """Its own side gives it, the other side returns it."""
        term = self.term
        if state == LineState.RETURNED:
            self.handoff.refuse_unless_before_both()
            if self.state not in ON_THE_TABLE:
                raise Refusal.of({"state": f"{term.label} is {self.get_state_display().lower()}. There is nothing to return."})
            if by.side not in term.verifiers:
                raise Forbidden(f"{term.label} is returned by {Side(term.verifiers[0]).label.lower()}.")
        elif term.side not in (None, by.side):
            raise Forbidden(f"{term.label} is a line of {Side(term.side).label.lower()}.")

    def vet(self, wanted: dict[str, Any]) -> None:
        """What each state asks for."""
        state, asked = wanted["state"], {}
        if state == LineState.PROVIDED and wanted["evidence"] is None:
            asked["evidence"] = "Show it: a link, a file, a run, a card, a number or a sentence."
        if state == LineState.NOT_NEEDED and self.term.always:
            asked["state"] = f"{self.term.label} is part of every handoff."
        if state in (LineState.RETURNED, LineState.BLOCKED, LineState.NOT_NEEDED) and not wanted["reason"]:
            asked["reason"] = "Say in a sentence why."
        if state == LineState.BLOCKED:
            today = clock.now().astimezone(ZoneInfo(self.handoff.version.model.team.time_zone)).date()
            if wanted["owner"] is None:
                asked["owner"] = "Say who sees to it."
            if wanted["due_on"] is None or wanted["due_on"] < today:
                asked["due_on"] = "Say when it is expected, today or later."
        else:
            wanted["due_on"] = None
        if state in (LineState.PROVIDED, LineState.MISSING):
            wanted["reason"] = ""
        if asked:
            raise Refusal.of(asked)

    def owner_named(self, email: str) -> User:
        """A member of the team on the line's side; anybody who may work on handoffs for what is shared."""
        rows = Membership.objects.within(self.handoff.version.model.team).select_related("user")
        member = rows.filter(user__email=email.replace("\x00", "").strip().lower(), user__is_active=True).first()
        if member is None:
            raise Refusal.of({"owner": f"Nobody with the address {email} is in this team."})
        if member.role == Role.VIEWER:
            raise Refusal.of({"owner": f"{member.user.name} is a viewer here."})
        if self.term.side not in (None, member.side):
            raise Refusal.of({"owner": f"{self.term.label} is owned by somebody of {Side(self.term.side).label.lower()}."})
        return member.user

    def change(self, wanted: dict[str, Any], by: Membership) -> None:
        """Write what differs; what was said to it before, and every signature, no longer counts."""
        before, now = self.state, clock.now()
        for field, value in wanted.items():
            setattr(self, field, value)
        if self.state in (LineState.PROVIDED, LineState.NOT_NEEDED):
            self.provided_by_id, self.provided_at = by.user_id, now
        self.version += 1
        self.save()
        self.verifications.filter(void_at=None).update(void_at=now)
        if self.state == LineState.NOT_NEEDED and self.term.is_shared:
            Verification.objects.create(line=self, side=by.side, by_id=by.user_id)
        self.handoff.void_signatures(f"{self.term.label} changed")
        self.handoff.acted(by)
        Activity.record(
            self.handoff, "line", by, field=self.slug, before=before, after=self.state, evidence=self.evidence, reason=self.reason
        )
        if self.state == LineState.RETURNED:
            telling.line_returned(self, by)
        else:
            telling.line_given(self, by)

    def hand_to(self, owner: User | None, by: Membership | None) -> None:
        """Another owner; that is no part of what was verified or signed."""
        before = self.owner.email if self.owner else None
        self.owner = owner
        self.version += 1
        self.save(update_fields=["owner", "version"])
        self.handoff.touch()
        Activity.record(self.handoff, "line_owner", by, field=self.slug, before=before, after=owner.email if owner else None)
