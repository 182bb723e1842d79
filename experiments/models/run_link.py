"""Where a card's runs are: an experiment of a tracking server, a filter over one, or runs that were chosen."""

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.models.tracker import Tracker

if TYPE_CHECKING:
    from experiments.models.task import Task

MOST, MOST_CHOSEN = 10, 50
LONGEST_NAME, LONGEST_FILTER = 250, 500


class RunLink(TeamScoped):
    """`experiment` is its name or number as it was typed, `number` what the server calls it; `begun`, `ended`: how far it was read."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="run_links")
    tracker = models.ForeignKey(Tracker, on_delete=models.CASCADE, related_name="links")
    experiment = models.CharField(max_length=LONGEST_NAME, blank=True)
    filter = models.CharField(max_length=LONGEST_FILTER, blank=True, help_text="As MLflow's search takes it.")
    chosen = models.JSONField(default=list, blank=True, help_text="Ids of runs.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    number = models.CharField(max_length=64, blank=True, editable=False)
    begun = models.BigIntegerField(default=0, editable=False)
    ended = models.BigIntegerField(default=0, editable=False)
    full_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)
    trouble = models.CharField(max_length=12, blank=True, editable=False)
    said = models.CharField(max_length=400, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "tracker", "experiment", "filter"], name="run_link_once"),
            models.CheckConstraint(condition=~Q(experiment="") | Q(filter=""), name="run_link_filters_an_experiment"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def what(self) -> str:
        """What it reads, in a few words."""
        if not self.experiment:
            return f"{len(self.chosen)} chosen {'run' if len(self.chosen) == 1 else 'runs'}"
        return f"{self.experiment} where {self.filter}" if self.filter else self.experiment

    @classmethod
    @transaction.atomic
    def link(
        cls, task: "Task", by: Membership, tracker: Tracker, *, experiment: str = "", filter: str = "", runs: list[str] | None = None
    ) -> "RunLink":
        """Have the runs of an experiment, those of it that a filter lets through, or chosen ones come to the card. Raises Refusal by field.

        Nothing is called here: whether there is such an experiment is told by the next reading, which comes at once.
        """
        by.must(Act.RUNS, task.team_id)
        task.hold()
        if not task.is_boxed:
            raise Refusal(f"{task.get_kind_display()} has no runs. Runs are for research and experiments.")
        said = {"experiment": experiment.strip(), "filter": filter.strip(), "chosen": chosen_of(runs or [])}
        made = cls(task=task, tracker=tracker, by_id=by.user_id, **said)
        if before := None if made.experiment else task.run_links.filter(tracker=tracker, experiment="").first():
            # Chosen ones of a server are one link, to which more are added.
            before.chosen, made = chosen_of([*before.chosen, *made.chosen]), before
        made.vet()
        made.save()
        Tracker.objects.filter(pk=tracker.pk).update(next_at=clock.now())
        task.touch()
        Activity.record(task, "tracked", by, field="runs", after=made.what[:200], tracker=tracker.name)
        return made

    def vet(self) -> None:
        wrong: dict[str, str] = {}
        if bool(self.experiment) == bool(self.chosen):
            wrong["experiment"] = "Name an experiment, or list runs: one of the two."
        elif self.filter and not self.experiment:
            wrong["filter"] = "A filter needs its experiment."
        if len(self.experiment) > LONGEST_NAME or "\x00" in self.experiment:
            wrong["experiment"] = f"The name of an experiment has at most {LONGEST_NAME} characters."
        if len(self.filter) > LONGEST_FILTER or not self.filter.isprintable():
            wrong["filter"] = f"A filter is one line of at most {LONGEST_FILTER} characters."
        there = self.task.run_links.all()
        if there.filter(tracker=self.tracker, experiment=self.experiment, filter=self.filter).exclude(pk=self.pk).exists():
            wrong["experiment"] = "The card is linked to that already."
        elif not self.pk and there.count() >= MOST:
            wrong["experiment"] = f"A card has at most {MOST} links to runs."
        if wrong:
            raise Refusal.of(wrong)

    @transaction.atomic
    def unlink(self, by: Membership) -> None:
        """Read it no more; the runs that came stay on the card."""
        by.must(Act.RUNS, self.task.team_id)
        self.task.hold()
        Activity.record(self.task, "untracked", by, field="runs", before=self.what[:200], tracker=self.tracker.name)
        self.delete()
        self.task.touch()


def chosen_of(ids: list[Any]) -> list[str]:
    """Each id once. Raises Refusal for what is none, and for too many."""
    found = list(dict.fromkeys(str(one).strip() for one in ids if str(one).strip()))
    if len(found) > MOST_CHOSEN:
        raise Refusal.of({"runs": f"Choose at most {MOST_CHOSEN} runs, or link the experiment."})
    if odd := next((one for one in found if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one)), None):
        raise Refusal.of({"runs": f"“{odd[:40]}” is no id of a run. Copy it from the run's page in MLflow."})
    return found
