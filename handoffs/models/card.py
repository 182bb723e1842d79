"""The model card of a version, as editions: each is kept, the newest counts."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal, Stale
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from handoffs.model_card.check import Verdict, check
from handoffs.model_card.reading import LONGEST, read
from handoffs.models.version import Version


class Source(models.TextChoices):
    """How the words of an edition came to the board."""

    DRAFT = "draft", "kept as the board drafted it"
    PAGE = "page", "written here"
    FILE = "file", "from a file"
    API = "api", "through the API"


class CardEdition(TeamScoped):
    """Append-only; `number` counts from 1 within a version."""

    team_path = "version__model__team"
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="cards")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="Markdown with front matter.")
    source = models.CharField(max_length=5, choices=Source, default=Source.PAGE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="card_edition_once"),
            models.CheckConstraint(condition=~Q(text=""), name="card_says_something"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="card_from_a_known_source"),
        ]

    def __str__(self) -> str:
        return f"Card of {self.version}, edition {self.number}"

    @classmethod
    def newest(cls, version: Version) -> "CardEdition | None":
        """The one that counts, None before the first."""
        found: CardEdition | None = cls.objects.filter(version=version).select_related("by").first()
        if found:
            found.version = version
        return found

    @classmethod
    @clock.still()
    @transaction.atomic
    def write(
        cls, version: Version, by: Membership, words: str | bytes, *, seen: int | None = None, source: str = Source.PAGE
    ) -> "CardEdition":
        """Keep the next edition; the same words again make none.

        Raises Refusal for an empty or too long text, and Stale when somebody wrote another one since `seen` (0: none yet).
        """
        by.must(Act.MODELS, version.team_id)
        if len(words) > LONGEST:
            raise Refusal.of({"text": "A card has at most 64 KB. Keep the long part elsewhere and link to it."})
        text = read(words).text
        if not text.strip():
            raise Refusal.of({"text": "Write something, or start from the draft."})
        if len(text.encode()) > LONGEST:
            raise Refusal.of({"text": "A card has at most 64 KB. Keep the long part elsewhere and link to it."})
        version.hold()
        last = cls.newest(version)
        number = last.number if last else 0
        if last and last.text == text:
            return last
        if seen is not None and seen != number:
            raise Stale("Somebody wrote another edition of this card since you opened it. Look again.", current=version)
        made = cls.objects.create(version=version, number=number + 1, text=text, by_id=by.user_id, source=source)
        version.touch()
        Activity.record(version, "carded", by, field="card", before=number or None, after=made.number, source=made.source)
        return made

    @property
    def verdicts(self) -> list[Verdict]:
        """How it is judged now; it is stale once what was built changed after it."""
        return check(self.text, self.at, built_at(self.version))


def built_at(version: Version) -> Any:
    """When the artifact, checksum or metrics of a version last changed; None where they never did."""
    rows = Activity.objects.of(version).filter(verb="changed", field__in=("artifact", "checksum", "metrics"))
    return rows.order_by("-pk").values_list("at", flat=True).first()
