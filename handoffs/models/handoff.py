"""A handoff: the contract of data science and engineering about one version, from draft to both signatures."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership, TeamQuerySet, TeamScoped
from dsboard.roles import Act, Side
from handoffs.contract import PLACE, TERMS, other
from handoffs.models import telling
from handoffs.models.cleaning import text
from handoffs.models.signature import Signature
from handoffs.models.version import Version
from handoffs.stages import BEFORE_BOTH, FROZEN, HandoffState, LineState

if TYPE_CHECKING:
    from handoffs.models.line import Line


class HandoffQuerySet(TeamQuerySet):
    def open(self) -> "HandoffQuerySet":
        """Neither accepted nor withdrawn."""
        return self.exclude(state__in=FROZEN)


class Handoff(TeamScoped):
    """`revision` counts the handoffs of one version; `offered_side` is who lays it before the other; `edition` counts changes."""

    team_path = "version__model__team"
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="handoffs")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=HandoffState, default=HandoffState.DRAFT)
    due_on = models.DateField(null=True, blank=True)
    offered_side = models.CharField(max_length=11, choices=Side, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was returned or withdrawn.")
    edition = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = HandoffQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=~Q(state__in=FROZEN), name="handoff_one_open_a_version"),
            models.UniqueConstraint(fields=["version", "revision"], name="handoff_revision_once"),
            models.CheckConstraint(condition=Q(state__in=HandoffState.values), name="handoff_in_a_known_state"),
            models.CheckConstraint(
                condition=~Q(state__in=(HandoffState.RETURNED, HandoffState.WITHDRAWN)) | ~Q(reason=""), name="handoff_ended_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(*BEFORE_BOTH, HandoffState.RETURNED, HandoffState.ACCEPTED)) | Q(offered_side__in=Side.values),
                name="handoff_offered_by_a_side",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=False, state=HandoffState.ACCEPTED)
                | (Q(accepted_at=None) & ~Q(state=HandoffState.ACCEPTED)),
                name="handoff_accepted_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        again = f", revision {self.revision}" if self.revision > 1 else ""
        return f"Handoff of {self.version}{again}"

    def get_absolute_url(self) -> str:
        return reverse("handoffs:handoff", args=[self.version.model.team.key, self.pk])

    @property
    def team_id(self) -> int:
        return self.version.model.team_id

    @property
    def ref(self) -> str:
        """As short as history keeps it: the version's name."""
        return self.version.ref

    @property
    def is_before_both(self) -> bool:
        """Whether it was offered and is neither returned nor ended."""
        return self.state in BEFORE_BOTH

    # ── verbs ──

    @classmethod
    @clock.still()
    @transaction.atomic
    def start(cls, version: Version, by: Membership, *, due_on: date | None = None, giver: str = "") -> "Handoff":
        """A draft with its fourteen lines. After an accepted one it is a new revision, which has its lines and what was verified.

        `giver` is the side that will offer it; when nobody says which, either may.
        Raises Refusal when one of this version is open already.
        """
        by.must(Act.HANDOFFS, version.team_id)
        version.hold()
        earlier = list(cls.objects.filter(version=version).order_by("revision"))
        for one in earlier:
            if one.state not in FROZEN:
                raise Refusal.of({"version": f"A handoff of {version} is open already."})
        made = cls.objects.create(version=version, revision=len(earlier) + 1, due_on=due_on, offered_side=giver, created_by_id=by.user_id)
        accepted = [one for one in earlier if one.state == HandoffState.ACCEPTED]
        made.write_lines(by, accepted[-1] if accepted else None)
        version.touch()
        Activity.record(made, "started", by, after=made.state, revision=made.revision)
        return made

    @clock.still()
    @transaction.atomic
    def offer(self, by: Membership) -> None:
        """Lay it before the other side, from a draft or after it was returned; again changes nothing."""
        by.must(Act.HANDOFFS, self.team_id)
        self.hold()
        self.refuse_frozen()
        if self.state in BEFORE_BOTH and self.offered_side == by.side:
            return
        if self.state in BEFORE_BOTH:
            raise Refusal(f"{Side(self.offered_side).label} has offered it already. Verify its lines, or return it.")
        if self.state == HandoffState.RETURNED and self.offered_side != by.side:
            raise Forbidden(f"You returned it to {Side(self.offered_side).label.lower()}, which offers it again.")
        if self.offered_side not in ("", by.side):
            raise Forbidden(f"{Side(self.offered_side).label} offers it.")
        before, self.state = self.state, HandoffState.OFFERED
        self.offered_side, self.offered_at, self.reason = by.side, clock.now(), ""
        self.touch("state", "offered_side", "offered_at", "reason")
        Activity.record(self, "offered", by, field="state", before=before, after=self.state, side=by.side)
        telling.offered(self, by)

    @clock.still()
    @transaction.atomic
    def give_back(self, by: Membership, *, reason: str) -> None:
        """The other side returns it with a reason, as often as needed; signatures are void."""
        by.must(Act.HANDOFFS, self.team_id)
        self.hold()
        self.refuse_unless_before_both()
        if by.side == self.offered_side:
            raise Forbidden(f"{Side(self.offered_side).label} offered it. {other(self.offered_side).label} returns it, or you withdraw it.")
        why = text("reason", reason, needed="Say in a sentence what is not right yet.")
        before, self.state, self.reason = self.state, HandoffState.RETURNED, why
        self.void_signatures("The handoff was returned")
        self.touch("state", "reason")
        Activity.record(self, "handed_back", by, field="state", before=before, after=self.state, reason=why)
        telling.given_back(self, by)

    @clock.still()
    @transaction.atomic
    def withdraw(self, by: Membership, *, reason: str) -> None:
        """Who offered it takes it back for good, a draft anybody who may work on it; what was said stays readable."""
        by.must(Act.HANDOFFS, self.team_id)
        self.hold()
        self.refuse_frozen()
        if self.offered_side and self.offered_side != by.side:
            raise Forbidden(f"{Side(self.offered_side).label} offered it and withdraws it. You can return it.")
        why = text("reason", reason, needed="Say in a sentence why.")
        before, self.state, self.reason = self.state, HandoffState.WITHDRAWN, why
        self.void_signatures("The handoff was withdrawn")
        self.touch("state", "reason")
        self.version.touch()
        Activity.record(self, "withdrew", by, field="state", before=before, after=self.state, reason=why)

    @clock.still()
    @transaction.atomic
    def sign(self, by: Membership) -> Signature:
        """Sign for one's own side, once every line is verified or agreed not needed; the second signature accepts it.

        Again changes nothing. Raises Refusal, which names the lines that are missing.
        """
        by.must(Act.HANDOFFS, self.team_id)
        self.hold()
        signed = {one.side: one for one in self.signatures.filter(void_at=None)}
        if by.side in signed:
            return signed[by.side]
        self.refuse_unless_before_both()
        lines = self.read_lines()
        if missing := [line.term.label for line in lines if not line.is_settled]:
            raise Refusal(f"Opens when all lines are verified or agreed not needed. Missing: {', '.join(missing)}.")
        if any(one.by_id == by.user_id for one in signed.values()):
            raise Forbidden("You signed for the other side. Somebody else signs for this one.")
        made = Signature.objects.create(handoff=self, side=by.side, by_id=by.user_id, signed=[as_signed(line) for line in lines])
        self.acted(by)
        Activity.record(self, "signed", by, after=by.side)
        if len(signed) == len(Side) - 1:
            self.accept(by)
        return made

    # ── what the verbs stand on ──

    def accept(self, by: Membership) -> None:
        """Both have signed: from now on it is frozen, and the gate into Deployment is open to this version."""
        before, self.state, self.accepted_at = self.state, HandoffState.ACCEPTED, clock.now()
        self.touch("state", "accepted_at")
        self.version.touch()
        Activity.record(self, "accepted", by, field="state", before=before, after=self.state)
        telling.accepted(self, by)

    def hold(self) -> None:
        """Lock the team, read the version and this handoff again, inside a transaction."""
        version = self.version
        version.hold()
        self.refresh_from_db()
        self._prefetched_objects_cache: dict[str, Any] = {}
        self.version = version

    def touch(self, *fields: str) -> None:
        self.edition += 1
        self.save(update_fields=[*fields, "edition"])

    def acted(self, by: Membership) -> None:
        """Something was done to it; the other side's first act after the offer begins the review."""
        if self.state == HandoffState.OFFERED and by.side != self.offered_side:
            self.state = HandoffState.IN_REVIEW
            self.touch("state")
            Activity.record(self, "reviewed", by, field="state", before=HandoffState.OFFERED, after=self.state)
        else:
            self.touch()

    def void_signatures(self, why: str) -> None:
        """They stay, as signed for an earlier version."""
        self.signatures.filter(void_at=None).update(void_at=clock.now(), void_reason=why)

    def refuse_frozen(self) -> None:
        if self.state == HandoffState.ACCEPTED:
            raise Refusal("Both sides signed this handoff, so it is frozen. A change opens a new revision.")
        if self.state == HandoffState.WITHDRAWN:
            raise Refusal("This handoff was withdrawn. Start another one.")

    def refuse_unless_before_both(self) -> None:
        """Verifying, returning and signing take a handoff that was offered."""
        self.refuse_frozen()
        if self.state not in BEFORE_BOTH:
            raise Refusal(
                "It has to be offered first." if self.state == HandoffState.DRAFT else "It was returned. It has to be offered again first."
            )

    def read_lines(self) -> list["Line"]:
        """The fourteen lines with who said yes, in two queries."""
        found = list(self.lines.select_related("owner", "provided_by", "task").prefetch_related("verifications__by"))
        for line in found:
            line.handoff = self
        return found

    def write_lines(self, by: Membership, earlier: "Handoff | None") -> None:
        """Fourteen empty lines, or those of the accepted handoff with what was said to them."""
        kept = {line.slug: line for line in earlier.read_lines()} if earlier else {}
        make: Any = self.lines.model
        made = make.objects.bulk_create([copied(make, self, term.slug, kept.get(term.slug)) for term in TERMS])
        yes = [one for line in made for one in carried(line, kept.get(line.slug))]
        if yes:
            type(yes[0]).objects.bulk_create(yes)


CARRIED = ("state", "owner_id", "evidence", "reason", "provided_by_id", "provided_at", "task_id")


def copied(make: Any, handoff: Handoff, slug: str, source: "Line | None") -> "Line":
    """A line of a new handoff."""
    values = {name: getattr(source, name) for name in CARRIED} if source else {"state": LineState.MISSING}
    line: Line = make(handoff=handoff, slug=slug, place=PLACE[slug], **values)
    return line


def carried(line: "Line", source: "Line | None") -> Iterable[Any]:
    """What was said to the line that this one is a copy of."""
    for one in source.yes.values() if source else ():
        yield type(one)(line=line, side=one.side, by_id=one.by_id, at=one.at, despite=one.despite)


def as_signed(line: "Line") -> dict[str, Any]:
    """What a signature stands on: a line as it was at that moment."""
    said = [{"side": one.side, "by": one.by.email if one.by else None, "at": one.at.isoformat()} for one in line.yes.values()]
    facts = {"slug": line.slug, "state": line.state, "evidence": line.evidence, "reason": line.reason}
    return facts | {"owner": line.owner.email if line.owner else None, "version": line.version, "verified": said}
