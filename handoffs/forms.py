"""The forms of a decision and of its reversal."""

from typing import Any

from django import forms

from dsboard.errors import Refusal, Stale
from dsboard.forms import BoardForm
from dsboard.models import Membership
from dsboard.roles import Side
from experiments.models import Decision, Task, outcomes
from experiments.models.finding import LONGEST
from experiments.models.time_box import hours_in_words
from experiments.stages import Outcome, Sureness
from handoffs.models.cleaning import LONGEST_MODEL, LONGEST_VERSION
from handoffs.productionize import Reversed, productionize, reverse
from handoffs.ways import NEW, NO_MODEL, Way, models_of


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
    model = forms.ChoiceField(label="Model", required=False, widget=forms.Select(attrs={"data-switch": ""}))
    model_name = forms.CharField(label="Name of the new model", max_length=LONGEST_MODEL, required=False)
    model_version = forms.CharField(label="Version", max_length=LONGEST_VERSION, required=False, help_text="Empty: the next one.")
    receiving_side = forms.ChoiceField(label="Who receives the handoff", choices=Side.choices, initial=Side.ENGINEERING, required=False)
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
        known = [(model.slug, model.name) for model in models_of(task.team)]
        self.fields["model"].choices = [(NEW, "A new model"), *known, (NO_MODEL, "None, only the card")]  # type: ignore[attr-defined]

    @property
    def way(self) -> Way:
        """What is asked for beside the card, as it stands in the form, typed or proposed."""
        said = {name: str(self[name].value() or "") for name in ("model", "model_name", "model_version", "receiving_side", "title")}
        return Way.read(self.task, **said)

    def record(self, by: Membership) -> bool:
        """Try the decision that was chosen; its result is the Decision."""
        return self.attempt(lambda said: self.decide(by, **said))

    def decide(
        self,
        by: Membership,
        *,
        outcome: str,
        title: str,
        model: str,
        model_name: str,
        model_version: str,
        receiving_side: str,
        override_reason: str,
        question: str,
        hypothesis: str,
        hours: str,
        **said: Any,
    ) -> Decision:
        """One verb, with what was asked for this outcome; what was typed under another one plays no part."""
        if outcome == Outcome.PRODUCTIONIZE:
            way = Way.read(self.task, model=model, model_name=model_name, model_version=model_version, receiving_side=receiving_side)
            if way.is_new and not model_name.strip():
                raise Refusal.of({"model_name": "A model needs a name."})
            return productionize(self.task, by, title=title, override_reason=override_reason, **way.asked, **said)
        if outcome == Outcome.MORE_RESEARCH:
            length = hours_in_words(hours, by.team.hours_per_day)
            return outcomes.more_research(self.task, by, question=question, hypothesis=hypothesis, hours=length, **said)  # type: ignore[arg-type]
        return outcomes.abandon(self.task, by, **said)

    def refuse(self, refusal: Refusal) -> None:
        """Somebody changed the card meanwhile: the form now stands on what it is, so that a second look can record it."""
        if "model" in refusal.fields and self.data.get("model") == NEW:
            refusal = Refusal.of({("model_name" if name == "model" else name): said for name, said in refusal.fields.items()})
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
        return self.attempt(lambda said: reverse(task, by, reason=said["reason"]))

    result: Reversed
