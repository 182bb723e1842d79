"""Findings: what was tried, what was learned, what comes next; with a result for each metric."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments import news, rules
from experiments.models import moves
from experiments.models.cleaning import No, real
from experiments.models.metric import Metric, plain
from experiments.models.search_entry import SearchEntry
from experiments.stages import Outcome, Stage, Verdict

if TYPE_CHECKING:
    from experiments.models.task import Task

LONGEST = 10_000


class Finding(TeamScoped):
    """One report. Reporting again while the card is in Analysis writes a new one; the last one stands, the others stay."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="findings")
    tried = models.TextField()
    learned = models.TextField()
    next = models.TextField(blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    suggestion = models.CharField("suggested outcome", max_length=13, choices=Outcome, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(learned="") & ~Q(tried=""), name="finding_says_what_was_learned")]

    def __str__(self) -> str:
        return self.learned[:80]

    @classmethod
    @clock.still()
    @transaction.atomic
    def report(
        cls,
        task: "Task",
        by: Membership,
        *,
        tried: str,
        learned: str,
        next: str = "",
        results: list[dict[str, Any]] | None = None,
        verdict: str = "",
        suggestion: str = "",
        before: str = "",
        after: str = "",
    ) -> "Finding":
        """Report what was learned: stops the clock and moves the card from Active to Analysis.

        `results` are rows of {metric, value, run?, note?}; a value may be None with a note (the run crashed).
        Raises Refusal by field: an experiment needs a verdict and a result for each metric.
        """
        by.must(Act.REPORT, task.team_id)
        by.team.lock()
        task.hold()
        refuse_elsewhere(task)
        rows = cleaned_results(task, results or [])
        texts = {name: text.replace("\x00", "").strip() for name, text in {"tried": tried, "learned": learned, "next": next}.items()}
        names = [m.name for m in task.metrics.all()]
        asked = {
            **({} if texts["tried"] else {"tried": "Say what you tried. One sentence is enough."}),
            **({} if texts["learned"] else {"learned": "Say what you learned. Not finding it counts too."}),
            **{name: "Keep it under 10,000 characters." for name, text in texts.items() if len(text) > LONGEST},
            **rules.report(task.kind, verdict, names, {r["metric"].name: (r["value"], r["note"]) for r in rows}),
        }
        if verdict and verdict not in Verdict.values:
            asked["verdict"] = "A verdict is supported, refuted or inconclusive."
        if suggestion and suggestion not in Outcome.values:
            asked["suggestion"] = "Suggest productionize, abandon or more research."
        if asked:
            raise Refusal.of(asked)
        finding = cls.objects.create(task=task, by_id=by.user_id, verdict=verdict, suggestion=suggestion, **texts)
        Result.objects.bulk_create(Result(finding=finding, **row) for row in rows)
        task.finding = finding
        if task.stage == Stage.ACTIVE:
            moves.put(task, Stage.ANALYSIS, by, before=before, after=after)
        else:
            task.touch()
        Activity.record(task, "reported", by, after=texts["learned"], verdict=verdict, finding=finding.pk)
        SearchEntry.index(task)
        news.of_findings(finding)
        return finding

    def in_brief(self, longest: int) -> str:
        """What was learned, cut to fit, and what its reporter suggests: Sixty features keep it. Sofia suggests Productionize."""
        by = self.by.first_name if self.by else "Somebody"
        suggests = f" {by} suggests {Outcome(self.suggestion).label}." if self.suggestion else ""
        room = longest - len(suggests)
        return (self.learned if len(self.learned) <= room else self.learned[: room - 1].rstrip() + "…") + suggests

    @property
    def met(self) -> list["Result"]:
        """The results that meet their targets."""
        return [r for r in self.results.all() if r.is_met]


class Result(TeamScoped):
    """The value of one metric, from a named run or typed. The metric's words are copied: they may change later."""

    team_path = "finding__task__team"
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="results")
    metric = models.ForeignKey(Metric, on_delete=models.SET_NULL, null=True, related_name="results")
    metric_name = models.CharField(max_length=60)
    goal = models.CharField(max_length=60)
    value = models.FloatField(null=True, blank=True)
    is_met = models.BooleanField(null=True)
    run = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "metric_name"], name="result_once"),
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(note=""), name="result_or_a_note_why_not"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_name} {self.value}"

    @property
    def number(self) -> str:
        """The value as people read it; "none" when there is only a note."""
        return "none" if self.value is None else plain(self.value)

    @property
    def source(self) -> str:
        """Where the value is from: its run, or typed."""
        return self.run or "typed"


def refuse_elsewhere(task: "Task") -> None:
    """Findings are reported from Active, and again in Analysis."""
    if not task.is_boxed:
        raise Refusal(f"{task.get_kind_display()} has no findings. Findings are for research and experiments.")
    if task.is_off_boards:
        raise Refusal(f"{task.ref} is off the board. Restore it first.")
    if task.stage == Stage.IDEATION:
        raise Refusal(f"Work on {task.ref} has not started. Move it to Active first.")
    if task.stage == Stage.DECISION:
        raise Refusal(f"{task.ref} is decided. Reverse the decision to report again.", way="reversal")


def cleaned_results(task: "Task", results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows for Result, judged against the card's metrics."""
    metrics = {m.name: m for m in task.metrics.all()}
    rows: dict[str, dict[str, Any]] = {}
    for row in results:
        name = str(row.get("metric") or "")
        if name not in metrics:
            raise Refusal.of({"results": f"There is no metric “{name}” on {task.ref}."})
        if name in rows:
            raise Refusal.of({"results": f"{name} has two results. Keep one."})
        try:
            value = real(row.get("value"), "A result")
        except No as no:
            raise Refusal.of({"results": f"{name}: {no}"}) from no
        run, note = (str(row.get(part) or "").replace("\x00", "").strip() for part in ("run", "note"))
        if len(run) > 200 or len(note) > 500:
            raise Refusal.of({"results": f"{name}: keep the run under 200 and the note under 500 characters."})
        metric = metrics[name]
        rows[name] = {
            "metric": metric,
            "metric_name": name,
            "goal": metric.goal,
            "value": value,
            "is_met": metric.met(value),
            "run": run,
            "note": note,
        }
    return list(rows.values())
