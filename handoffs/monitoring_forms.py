"""The forms of a model in operation: what is watched and how, and when it is trained again."""

from typing import Any

from django import forms

from dsboard.forms import BoardForm
from experiments.stages import Direction
from handoffs.models import RetrainingPlan, Series
from handoffs.models.retraining import Every
from handoffs.models.series import LONGEST_NAME, SETTINGS


class SeriesForm(BoardForm):
    name = forms.CharField(label="Metric", max_length=LONGEST_NAME, help_text="As it is told, such as AUC or p95 latency.")
    direction = forms.ChoiceField(label="Better is", choices=Direction.choices)
    threshold = forms.FloatField(label="Threshold", required=False, help_text="Beyond it a maintenance task is opened. Empty for none.")
    times = forms.IntegerField(label="Beyond it in", min_value=1, max_value=100, initial=2)
    window = forms.IntegerField(label="of the last", min_value=1, max_value=100, initial=3)
    cadence_hours = forms.FloatField(
        label="Hours between two values", required=False, help_text="Without a value for twice as long, its owners hear. Empty: never."
    )
    drift = forms.BooleanField(label="Raise an alarm when it leaves its usual course", required=False, initial=True)

    def __init__(self, *args: Any, series: Series | None = None, **kwargs: Any) -> None:
        if series:
            kwargs["initial"] = {"name": series.name, **{name: getattr(series, name) for name in SETTINGS}}
        super().__init__(*args, **kwargs)
        if series:
            self.fields["name"].disabled = True


class RetrainingForm(BoardForm):
    every = forms.ChoiceField(label="Train it again", choices=[("", "Not by period"), *Every.choices], required=False)
    next_on = forms.DateField(label="First on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    on_alarm = forms.BooleanField(label="And when an alarm of drift is raised", required=False)

    def __init__(self, *args: Any, plan: RetrainingPlan | None, **kwargs: Any) -> None:
        if plan:
            kwargs["initial"] = {"every": plan.every, "next_on": plan.next_on, "on_alarm": plan.on_alarm}
        super().__init__(*args, **kwargs)
