"""A model of the team in a tracking server's registry: which registered model it is, and what that has of versions and aliases."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import Tracker
from handoffs.models.ml_model import MLModel

MOST, LONGEST_NAME = 5, 250


class RegistryLink(TeamScoped):
    """`read_until` is how far the runs that tell metrics of the model in operation were read, in milliseconds since 1970."""

    team_path = "model__team"
    model = models.ForeignKey(MLModel, on_delete=models.CASCADE, related_name="registry_links")
    tracker = models.ForeignKey(Tracker, on_delete=models.CASCADE, related_name="registry_links")
    name = models.CharField(max_length=LONGEST_NAME, help_text="Of the registered model, as the server has it.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    read_until = models.BigIntegerField(default=0, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)
    said = models.CharField(max_length=400, blank=True, editable=False, help_text="What is in the way; empty when it was read.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["model", "tracker", "name"], name="registry_link_once"),
            models.CheckConstraint(condition=~Q(name=""), name="registry_link_names_a_model"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def link(cls, model: MLModel, by: Membership, tracker: Tracker, name: str) -> "RegistryLink":
        """Read the versions of a registered model. Nothing is called here: the next reading, which comes at once, tells what is wrong."""
        by.must(Act.MODELS, model.team_id)
        model.hold()
        name = name.strip()
        there = cls.objects.filter(model=model)
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise Refusal.of({"name": f"Give the name of the registered model, {LONGEST_NAME} characters at most."})
        if there.filter(tracker=tracker, name=name).exists():
            raise Refusal.of({"name": f"{model} is linked to that already."})
        if there.count() >= MOST:
            raise Refusal.of({"name": f"A model has at most {MOST} registered ones."})
        made = cls.objects.create(model=model, tracker=tracker, name=name, by_id=by.user_id)
        Tracker.objects.filter(pk=tracker.pk).update(next_at=clock.now())
        Activity.record(model, "changed", by, field="registry", before=None, after=f"{name} in {tracker.name}")
        return made

    @transaction.atomic
    def unlink(self, by: Membership) -> None:
        by.must(Act.MODELS, self.model.team_id)
        self.model.hold()
        Activity.record(self.model, "changed", by, field="registry", before=f"{self.name} in {self.tracker.name}", after=None)
        self.delete()

    @transaction.atomic
    def take(self, told: list[dict[str, Any]]) -> None:
        """Keep what the registry has: number, aliases, status, run_id, incomplete. An alias that moved is a line of history."""
        before = {alias: one.number for one in self.versions.all() for alias in one.aliases}
        after = {alias: one["number"] for one in told for alias in one["aliases"]}
        self.versions.exclude(number__in=[one["number"] for one in told]).delete()
        for one in told:
            RegistryVersion.objects.update_or_create(link=self, number=one["number"], defaults={key: one[key] for key in FIELDS})
        if self.synced_at:
            for alias in sorted(before.keys() | after.keys()):
                if before.get(alias) != after.get(alias):
                    Activity.record(
                        self.model, "alias_moved", None, field=alias[:30], before=before.get(alias), after=after.get(alias), name=self.name
                    )
        RegistryLink.objects.filter(pk=self.pk).update(synced_at=clock.now(), said="")


FIELDS = ("aliases", "status", "run_id", "incomplete")


class RegistryVersion(TeamScoped):
    """`incomplete` where the registry does not tell, over whatever hops, which run made it."""

    team_path = "link__model__team"
    link = models.ForeignKey(RegistryLink, on_delete=models.CASCADE, related_name="versions")
    number = models.CharField(max_length=40)
    aliases = models.JSONField(default=list)
    status = models.CharField(max_length=40, blank=True)
    run_id = models.CharField(max_length=64, blank=True)
    incomplete = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["link", "number"], name="registry_version_once")]

    def __str__(self) -> str:
        return f"{self.link} {self.number}"

    @property
    def url(self) -> str:
        """Where MLflow shows it."""
        return f"{self.link.tracker.url}/#/models/{self.link.name}/versions/{self.number}"
