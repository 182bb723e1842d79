"""A model of a team: what it is for, who owns it; its versions hold where it stands."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Team, TeamScoped, User
from dsboard.roles import Act, Role
from experiments.models import Task
from experiments.stages import Kind
from handoffs.models import cleaning
from handoffs.models.stale import refuse_stale
from handoffs.models.version import Version


class MLModel(TeamScoped):
    """`key` is the name without regard to case; `slug` stays when the name changes, as addresses hold on to it."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="models")
    slug = models.CharField(max_length=cleaning.LONGEST_SLUG + 10)
    name = models.CharField(max_length=cleaning.LONGEST_MODEL)
    key = models.CharField(max_length=3 * cleaning.LONGEST_MODEL, editable=False)
    purpose = models.TextField(blank=True)
    owners = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="models_owned")
    links = models.JSONField(default=list, blank=True, help_text="[{label, url}]")
    version = models.PositiveIntegerField(default=1, help_text="Counts changes, for stale writes.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "model"
        ordering = ["key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "slug"], name="model_slug_once"),
            models.UniqueConstraint(fields=["team", "key"], name="model_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="model_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """Its name, as short as history keeps it."""
        return self.name[:30].rstrip()

    def get_absolute_url(self) -> str:
        return reverse("handoffs:model", args=[self.team.key, self.slug])

    def find_version(self, name: str) -> Version | None:
        """Its version of this name, whatever its case and spaces; None when there is none."""
        if "\x00" in name or len(name) > cleaning.LONGEST_VERSION:
            return None
        found: Version | None = self.versions.filter(key=cleaning.folded(" ".join(name.split()))).first()
        if found:
            found.model = self
        return found

    def find_origin(self, ref: str) -> Task | None:
        """The card of its team that a version comes from; None for an empty reference. Raises Refusal for an unknown one."""
        if not ref.strip():
            return None
        found: Task | None = Task.objects.within(self.team).present().filter(ref=ref.strip().upper()).first()
        if found is None:
            raise Refusal.of({"origin": f"There is no card {ref.strip()} in this team."})
        return found

    @classmethod
    @clock.still()
    @transaction.atomic
    def register(
        cls,
        team: Team,
        by: Membership,
        *,
        name: str,
        purpose: str = "",
        owners: Iterable[str] = (),
        links: Any = None,
        version: str = "v1",
        starts_at: str = "",
        **first: Any,
    ) -> "MLModel":
        """A new model with its first version; `owners` are addresses, `first` what else Version.add takes.

        Raises Refusal by field, as for a name that another model of the team has, in whatever case.
        """
        by.must(Act.MODELS, team)
        team.lock()
        name = cleaning.model_name(name)
        people = cleaning.owners(team, owners)
        model = cls(team=team, name=name, key=cleaning.folded(name), created_by_id=by.user_id)
        model.purpose, model.links = cleaning.text("purpose", purpose), cleaning.links(links)
        model.refuse_twin()
        model.slug = cleaning.free_slug(name, cls.objects.within(team).values_list("slug", flat=True))
        model.save()
        model.owners.set(people)
        Activity.record(model, "registered", by, after=name)
        Version.add(model, by, name=version or "v1", starts_at=starts_at, **first)
        return model

    @clock.still()
    @transaction.atomic
    def change(
        self,
        by: Membership,
        *,
        version: int | None = None,
        name: str | None = None,
        purpose: str | None = None,
        owners: Iterable[str] | None = None,
        links: Any = None,
    ) -> list[str]:
        """Change what is given; returns the names that differ. What others changed since `version` merges, the same field is Stale."""
        by.must(Act.MODELS, self.team_id)
        self.hold()
        wanted: dict[str, Any] = {
            "name": None if name is None else cleaning.model_name(name),
            "purpose": None if purpose is None else cleaning.text("purpose", purpose),
            "links": None if links is None else cleaning.links(links),
            "owners": None if owners is None else sorted(user.email for user in cleaning.owners(self.team, owners)),
        }
        before = {"name": self.name, "purpose": self.purpose, "links": self.links, "owners": self.owner_emails()}
        changed = [field for field, value in wanted.items() if value is not None and value != before[field]]
        refuse_stale(self, version, changed)
        for field in changed:
            if field == "owners":
                self.owners.set(cleaning.owners(self.team, wanted["owners"]))
            else:
                setattr(self, field, wanted[field])
        if changed:
            self.key = cleaning.folded(self.name)
            self.refuse_twin()
            self.version += 1
            self.save()
        for field in changed:
            Activity.record(self, "changed", by, field=field, before=before[field], after=wanted[field])
        return changed

    def hold(self) -> None:
        """Lock the team and read this model again, inside a transaction."""
        team = self.team
        team.lock()
        self.refresh_from_db()
        self.team = team

    def acting_for(self, user: User | None) -> Membership | None:
        """In whose name the board does what somebody asked for: theirs, or a lead's where they have left; None where nobody is."""
        places = Membership.objects.within(self.team).exclude(role=Role.VIEWER).filter(user__is_active=True).select_related("team", "user")
        found: Membership | None = places.filter(user=user).first() or places.filter(role=Role.LEAD).order_by("pk").first()
        return found

    def plan_upkeep(self, by: Membership, *, title: str, description: str, work: str) -> Task:
        """A maintenance card that serves the model, for the first of its owners who is in the team."""
        owner = self.owners.filter(memberships__team=self.team).order_by("name").first()
        fields = {"description": description, "serves": self.slug, "work": work, **({"owner": owner.email} if owner else {})}
        return Task.plan(self.team, kind=Kind.MAINTENANCE, title=title[:200], by=by, **fields)

    def owner_emails(self) -> list[str]:
        return sorted(self.owners.values_list("email", flat=True))

    def refuse_twin(self) -> None:
        """A team tells its models apart by name."""
        twin = MLModel.objects.within(self.team).filter(key=self.key).exclude(pk=self.pk).first()
        if twin:
            raise Refusal.of({"name": f"There is a model {twin.name} already. Add a version to it, or choose another name."})
