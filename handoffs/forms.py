"""The forms of a decision and of its reversal."""

from typing import Any

from django import forms

from dsboard.errors import Refusal, Stale
from dsboard.forms import BoardForm
from dsboard.models import Membership
from experiments.models import Decision, Task, outcomes
from experiments.models.finding import LONGEST
from experiments.models.outcomes import Consequences
from experiments.models.time_box import hours_in_words
from experiments.stages import Outcome, Sureness
from handoffs.productionize import productionize


def lines(rows: int, placeholder: str = "") -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})


class DecisionForm(BoardForm):
    outcome = forms.ChoiceField(choices=Outcome.choices, error_messages={"required": "Choose one of the three."})
    why = forms.CharField(
        label="Why", widget=lines(3, "One or two sentences for whoever finds this in a year."), required=False, max_length=LONGEST
    )
    confidence = forms.ChoiceField(
        label="How sure are you?", choices=[*Sureness.choices, ("", "Not said")], widget=forms.RadioSelect, required=False
    )
    title = forms.CharField(label="Title of the development card", max_length=200, required=False)
    override_reason = forms.CharField(label="Why build it all the same?", widget=lines(2), required=False, max_length=LONGEST)
    question = forms.CharField(label="The next question", widget=lines(2), max_length=2000, required=False)
    hypothesis = forms.CharField(label="or the next hypothesis", widget=lines(2), max_length=2000, required=False)
    hours = forms.CharField(
        label="Time box",
        max_length=20,
        required=False,
        help_text="4h, 2d, 3d or 1w, at most 10 days. More than a week is long for one question.",
        widget=forms.TextInput(attrs={"list": "boxes", "placeholder": "2d", "autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.task = task

    def record(self, by: Membership) -> bool:
        """Try the decision that was chosen; its result is the Decision."""
        return self.attempt(lambda said: self.decide(by, **said))

    def decide(
        self, by: Membership, *, outcome: str, title: str, override_reason: str, question: str, hypothesis: str, hours: str, **said: Any
    ) -> Decision:
        """One verb, with what was asked for this outcome; what was typed under another one plays no part."""
        if outcome == Outcome.PRODUCTIONIZE:
            return productionize(self.task, by, title=title, override_reason=override_reason, **said)
        if outcome == Outcome.MORE_RESEARCH:
            length = hours_in_words(hours, by.team.hours_per_day)
            return outcomes.more_research(self.task, by, question=question, hypothesis=hypothesis, hours=length, **said)  # type: ignore[arg-type]
        return outcomes.abandon(self.task, by, **said)

    def refuse(self, refusal: Refusal) -> None:
        """Somebody changed the card meanwhile: the form now stands on what it is, so that a second look can record it."""
        super().refuse(refusal)
        # A verb that got half way was taken back in the database, not in this object.
        self.task = Task.objects.within(self.task.team).select_related("team", "owner", "decider", "time_box").get(pk=self.task.pk)
        if isinstance(refusal, Stale):
            self.data = {**dict(self.data.items()), "version": str(self.task.version)}

    @property
    def chosen(self) -> str:
        """The outcome that is ticked: what was sent, or what the findings suggest."""
        suggested = self.task.finding.suggestion if self.task.finding else ""
        return str(self["outcome"].value() or suggested or Outcome.PRODUCTIONIZE)


class ReversalForm(BoardForm):
    reason = forms.CharField(label="Why", widget=lines(3, "What do we know now that we did not then?"), required=False, max_length=LONGEST)

    def reverse(self, task: Task, by: Membership) -> bool:
        """Try the reversal; its result says what was withdrawn and what was kept."""
        return self.attempt(lambda said: outcomes.reverse(task, by, reason=said["reason"]))

    result: Consequences
