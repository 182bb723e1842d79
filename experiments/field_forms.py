"""Form fields of a card, by the names of the API: the new-card form and the card page are built from the same ones."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from dsboard import clock, words
from dsboard.floors import modules
from dsboard.forms import BoardForm
from dsboard.models import Calendars, Membership, Team, User
from dsboard.roles import Role
from dsboard.working_time import NoWorkingTime
from experiments.models import Metric, Task, running
from experiments.models.fields import value_of
from experiments.models.metric import BESIDES, plain
from experiments.nearest import nearest_finished
from experiments.stages import POINTS, BoxState, Bucket, Confidence, Direction, Kind, Work

OTHER = "other"
#: the presets of PRODUCT section 3, in working days; the spike is half a day of eight hours
PRESETS = (("4h", "Quick spike, 4 hours"), ("2d", "Experiment, 2 days"), ("3d", "Experiment, 3 days"), ("5d", "Deep research, 1 week"))
LABELS = {
    "question": "Question",
    "hypothesis": "Hypothesis",
    "success": "What would success be?",
    "description": "Description",
    "serves": "Model or pipeline",
    "work": "What it is",
    "done_note": "What was done",
    "points": "Story points",
    "confidence": "Confidence",
    "requirements_clear": "Requirements are clear",
    "technology_known": "The technology is known",
    "comparable_to": "Comparable finished card",
    "owner": "Owner",
    "decider": "Decides",
    "labels": "Labels",
    "bucket": "Counts as",
    "kind": "Kind",
}


class BoxWidget(forms.MultiWidget):
    """A preset, or hours that somebody types."""

    template_name = "experiments/_box_widget.html"

    def __init__(self, team: Team) -> None:
        self.day = team.hours_per_day
        choices = [("", "No time box yet"), *PRESETS, (OTHER, "Other")]
        super().__init__(
            [
                forms.Select(choices=choices, attrs={"class": "input", "aria-label": "Time box"}),
                forms.NumberInput(attrs={"class": "input", "min": "0.25", "step": "0.25", "aria-label": "Hours of the time box"}),
            ]
        )

    def decompress(self, value: Any) -> list[Any]:
        if value in (None, ""):
            return ["", None]
        for preset, _ in PRESETS:
            if hours_of(preset, self.day) == Decimal(str(value)):
                return [preset, None]
        return [OTHER, plain(value)]


class Suggesting(forms.TextInput):
    """A text with suggestions, any of which may be passed over."""

    template_name = "experiments/_suggesting.html"

    def __init__(self, names: list[str]) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.names = names

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        listed = f"{context['widget']['attrs'].get('id', name)}-names"
        context["widget"]["attrs"]["list"] = listed
        return context | {"names": self.names, "listed": listed}


class BoxField(forms.MultiValueField):
    """Hours of a time box, from a preset or typed."""

    def __init__(self, team: Team, **kwargs: Any) -> None:
        self.day = team.hours_per_day
        parts = [forms.CharField(required=False), forms.DecimalField(required=False)]
        super().__init__(parts, widget=BoxWidget(team), require_all_fields=False, required=False, **kwargs)

    def compress(self, values: list[Any]) -> Decimal | None:
        preset, hours = (values or ["", None])[:2]
        if preset and preset != OTHER:
            return hours_of(preset, self.day)
        return hours


def hours_of(preset: str, day: Decimal) -> Decimal:
    """The working hours of a preset such as 4h or 3d."""
    count = Decimal(preset[:-1])
    return count * day if preset.endswith("d") else count


class LabelsField(forms.CharField):
    """Labels between commas."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [word.strip() for word in str(value or "").split(",") if word.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(initial or []) != sorted(self.to_python(data))


def people(team: Team, *, leads_first: bool = False) -> list[User]:
    """The members who may own a card."""
    places = Membership.objects.within(team).exclude(role=Role.VIEWER).filter(user__is_active=True).select_related("user")
    return [place.user for place in places]


def owners(team: Team, task: Task | None) -> list[tuple[str, str]]:
    """The people who may own a card; while its clock runs, each with the end of its time box by that person's calendar."""
    nobody = ("", "Nobody yet")
    if task is None or task.box is None or task.box.state != BoxState.RUNNING:
        return [nobody, *((user.email, user.name) for user in people(team))]
    calendars, now, zone = Calendars.of([team]), clock.now(), ZoneInfo(team.time_zone)
    before = calendars.of_member(team.pk, task.owner_id)
    choices = [nobody]
    for user in people(team):
        with suppress(NoWorkingTime):
            end = running.end_with(task, calendars.of_member(team.pk, user.pk), before)
            choices.append((user.email, f"{user.name}: ends {words.at(end, now, zone)}" if end else user.name))
    return choices


def area(label: str, rows: int, longest: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, widget=forms.Textarea(attrs={"rows": rows, **attrs}))


def field_for(name: str, team: Team, task: Task | None = None) -> forms.Field:
    """The form field for one field of a card."""
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    match name:
        case "title":
            return forms.CharField(label="Title", max_length=200, error_messages={"required": "A title can't be empty."})
        case "serves":
            names = [one for floor in modules("served") for one in floor.names(team)]
            return forms.CharField(label=label, required=False, max_length=100, widget=Suggesting(names))
        case "question" | "hypothesis":
            return area(label, 3, 2000, **{"class": "input said"})
        case "success" | "done_note":
            return area(label, 2, 500 if name == "success" else 2000)
        case "description":
            return area(label, 10, 64 * 1024)
        case "hours":
            return BoxField(team, label="Time box", help_text="Any length up to 10 days. Over a week is long for one question.")
        case "points":
            return forms.TypedChoiceField(
                label=label,
                required=False,
                coerce=Decimal,
                empty_value=None,
                choices=[("", "None yet"), *((str(p), plain(p)) for p in POINTS)],
            )
        case "confidence":
            return forms.ChoiceField(label=label, required=False, choices=[("", "Not said"), *Confidence.choices])
        case "requirements_clear" | "technology_known":
            return forms.BooleanField(label=label, required=False)
        case "comparable_to":
            near = nearest_finished(team, task)
            named = [task.comparable_to] if task and task.comparable_to and task.comparable_to not in near else []
            cards = [(c.ref, f"{c.ref} {c.title}, {plain(c.points)} pts") for c in [*named, *near]]
            return forms.ChoiceField(label=label, required=False, choices=[("", "None named"), *cards])
        case "owner":
            choices, runs = owners(team, task), bool(task and task.box and task.box.runs_since)
            hint = "The clock of the time box goes by the owner’s calendar; without an owner it is paused." if runs else ""
            return forms.ChoiceField(label=label, required=False, choices=choices, help_text=hint)
        case "decider":
            choices = [("", "Whoever may decide"), *((u.email, u.name) for u in people(team))]
            return forms.ChoiceField(label=label, required=False, choices=choices)
        case "labels":
            return LabelsField(label=label, required=False, max_length=1000, help_text="Between commas.")
        case "bucket":
            return forms.ChoiceField(label=label, choices=Bucket.choices)
        case "work":
            return forms.ChoiceField(label=label, required=False, choices=[("", "Not said yet"), *Work.choices])
        case "kind":
            return forms.ChoiceField(
                label=label, choices=Kind.choices, help_text="It can change until work starts; what no longer applies stays in history."
            )
    return forms.CharField(label=label, required=False, max_length=100)


class FieldsForm(BoardForm):
    """Some fields of one card. `changed()` is what was really changed, so that nobody else's edit is overwritten."""

    def __init__(self, names: tuple[str, ...], team: Team, task: Task | None = None, **kwargs: Any) -> None:
        self.declared = {name: field_for(name, team, task) for name in names}
        if task:
            now = {name: value_of(task, name) if name != "kind" else task.kind for name in names}
            kwargs["initial"] = {**{n: as_initial(n, v) for n, v in now.items()}, **(kwargs.get("initial") or {})}
        self.base_fields = self.declared  # type: ignore[misc]
        super().__init__(**kwargs)

    def changed(self) -> dict[str, Any]:
        """The cleaned values of the fields that differ from what the form was opened with."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def as_initial(name: str, value: Any) -> Any:
    return str(plain(value)) if name == "points" and value is not None else value


# ── success metrics: rows of a table, two empty ones at the end ──


def metric_rows(metrics: list[dict[str, Any]], spare: int = 2) -> list[dict[str, Any]]:
    """Rows for `_metric_rows.html`: what is there, then empty ones."""
    shown = [{k: plain(v) if isinstance(v, float) else v for k, v in row.items()} for row in metrics]
    return shown + [{"direction": Direction.HIGHER}] * spare


def metrics_typed(post: QueryDict) -> list[dict[str, Any]]:
    """The rows as they were typed; rows without any words are left out."""
    columns = [post.getlist(f"metric_{part}") for part in ("name", "direction", "target", "margin", "baseline")]
    besides = [post.getlist(f"metric_{part}") for part in BESIDES]
    rows = []
    for place, (name, direction, target, margin, baseline) in enumerate(zip(*columns, strict=False)):
        if name.strip() or target.strip() or margin.strip():
            number = {
                "target": target.strip() or None,
                "better_than_baseline_by": margin.strip() or None,
                "baseline": baseline.strip() or None,
            }
            # A form without these, such as that of a first card, says nothing of them.
            beside = {part: column[place] for part, column in zip(BESIDES, besides, strict=True) if place < len(column)}
            rows.append({"name": name, "direction": direction, **number, **beside})
    return rows


def judged(metric: Metric, results: dict[str, Any]) -> dict[str, Any]:
    """One line of the metrics table: target, baseline, result, gap, and whether it is met."""
    result = results.get(metric.name)
    value = result.value if result else metric.best
    gap = value - metric.bar if value is not None and metric.bar is not None else None
    return {
        "metric": metric,
        "result": result,
        "baseline": plain(metric.baseline),
        "value": plain(value),
        "of_runs": result is None and bool(metric.standing),
        "met": metric.met(value),
        "gap": "" if gap is None else f"{gap:+.4g}",
    }
