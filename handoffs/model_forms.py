"""The forms of models and versions; what is refused lands on its field and what was typed stays."""

from typing import Any

from django import forms

from dsboard.forms import BoardForm
from dsboard.models import Membership
from handoffs.card_draft import drafted
from handoffs.checklists import Criterion
from handoffs.model_card.reading import LONGEST, read
from handoffs.models import Version
from handoffs.models.card import Source
from handoffs.models.cleaning import LONGEST_LINE, LONGEST_MODEL, LONGEST_TEXT, LONGEST_VERSION
from handoffs.stages import STARTS, AnswerState, Environment, Mode, VersionStage


def several_lines(rows: int, placeholder: str = "") -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})


def sentence(label: str, **kwargs: Any) -> forms.CharField:
    """A reason; the verb says when it is needed."""
    return forms.CharField(label=label, max_length=LONGEST_TEXT, required=False, widget=several_lines(2), **kwargs)


def typed(placeholder: str) -> forms.TextInput:
    return forms.TextInput(attrs={"placeholder": placeholder, "autocomplete": "off"})


class ModelForm(BoardForm):
    name = forms.CharField(label="Name", max_length=LONGEST_MODEL, widget=typed("Recommendation model"))
    purpose = forms.CharField(
        label="What is it for?", max_length=LONGEST_TEXT, required=False, widget=several_lines(3, "Which decision it serves, and for whom.")
    )
    version = forms.CharField(label="First version", max_length=LONGEST_VERSION, initial="v1", widget=typed("v1"))


class ModelDetailsForm(BoardForm):
    name = forms.CharField(label="Name", max_length=LONGEST_MODEL)
    purpose = forms.CharField(label="What is it for?", max_length=LONGEST_TEXT, required=False, widget=several_lines(3))
    owners = forms.MultipleChoiceField(label="Owners", required=False, widget=forms.CheckboxSelectMultiple)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, members: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owners"].choices = [(member.user.email, member.user.name) for member in members]  # type: ignore[attr-defined]


class VersionForm(BoardForm):
    version = forms.CharField(label="Version", max_length=LONGEST_VERSION, widget=typed("v2.3"))
    retrains = forms.ChoiceField(
        label="Retrains", required=False, help_text="What was answered for that version comes along, to be confirmed."
    )
    starts_at = forms.ChoiceField(
        label="Starts at",
        required=False,
        choices=[("", "Its first stage"), *((stage.value, stage.label) for stage in STARTS)],
        help_text="One that retrains starts at Model Experimentation, or at Model Development when only the data is new.",
    )

    def __init__(self, *args: Any, versions: list[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["retrains"].choices = [("", "None, it is new"), *((one.name, one.name) for one in versions)]  # type: ignore[attr-defined]


class VersionDetailsForm(BoardForm):
    name = forms.CharField(label="Version", max_length=LONGEST_VERSION)
    origin = forms.CharField(label="Card it comes from", max_length=20, required=False, widget=typed("FRAUD-42"))
    origin_run = forms.CharField(label="Run it comes from", max_length=200, required=False)
    artifact = forms.CharField(
        label="Artifact", max_length=LONGEST_LINE, required=False, help_text="Where it is kept; nothing is fetched from there."
    )
    checksum = forms.CharField(label="Checksum", max_length=80, required=False, help_text="sha256: and 64 hexadecimal digits.")
    metrics = forms.CharField(
        label="Metrics",
        max_length=LONGEST_TEXT,
        required=False,
        widget=several_lines(3, "AUC 0.93"),
        help_text="A name and a number a line.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_metrics(self) -> dict[str, float]:
        """A name and a number a line."""
        found = {}
        for line in self.cleaned_data["metrics"].splitlines():
            name, _, number = line.strip().replace("=", " ").rpartition(" ")
            if not line.strip():
                continue
            try:
                found[name.strip(" :")] = float(number)
            except ValueError:
                raise forms.ValidationError(f"“{line.strip()}” has no number at its end. Write such as AUC 0.93.") from None
        return found


class AnswerForm(BoardForm):
    state = forms.ChoiceField(label="It is", choices=AnswerState.choices, widget=forms.RadioSelect, initial=AnswerState.MET)
    evidence = forms.CharField(
        label="What shows it?", max_length=2000, required=False, widget=typed("A link, a card such as FRAUD-42, a number or a sentence")
    )
    file = forms.FileField(label="Or a file", required=False, help_text="At most 20 MB; it is kept with the version.")
    reason = sentence("Why", help_text="Needed when it is waived or does not apply.")

    def __init__(self, *args: Any, criterion: Criterion, may_waive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = {AnswerState.WAIVED: may_waive, AnswerState.NOT_APPLICABLE: criterion.if_applicable}
        shown = [(value, label) for value, label in AnswerState.choices if hidden.get(AnswerState(value), True)]
        self.fields["state"].choices = shown  # type: ignore[attr-defined]


class GateForm(BoardForm):
    """What a lead says to let a version pass all the same; the fields that the gate does not ask for are left out."""

    reason = sentence("Why it may pass with these open")
    review_on = forms.DateField(
        label="Looked at again on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    override_reason = sentence("Why without an accepted handoff", help_text="A lead may override once for a version.")

    def __init__(self, *args: Any, has_open: bool, asks_handoff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in () if has_open else ("reason", "review_on"):
            del self.fields[name]
        if not asks_handoff:
            del self.fields["override_reason"]


class CardForm(BoardForm):
    """A card as text, or a file in its place."""

    text = forms.CharField(label="The card", required=False, strip=False, widget=forms.Textarea)
    file = forms.FileField(
        label="Or a file", required=False, help_text="README.md of a model, at most 64 KB. It takes the place of what stands above."
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def stand_on(self, newest: Any) -> None:
        """Somebody wrote another edition meanwhile, and this one has said so: the next try is the one after it."""
        self.data = {**dict(self.data.items()), "seen": str(newest.number if newest else 0)}

    def words(self) -> str | bytes:
        """What is kept: the file when there is one."""
        upload = self.cleaned_data["file"]
        return bytes(upload.read(LONGEST + 1)) if upload else str(self.cleaned_data["text"])

    def source(self, version: Version) -> Source:
        """Where these words come from."""
        if self.cleaned_data["file"]:
            return Source.FILE
        return Source.DRAFT if read(self.cleaned_data["text"]).text == drafted(version) else Source.PAGE


class BackForm(BoardForm):
    to = forms.ChoiceField(label="Back to")
    reason = sentence("Why")

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = [stage for stage in VersionStage if stage.place < VersionStage(version.stage).place]
        self.fields["to"].choices = [(stage.value, stage.label) for stage in reversed(earlier)]  # type: ignore[attr-defined]


class DeploymentForm(BoardForm):
    environment = forms.ChoiceField(label="Where", choices=Environment.choices)
    mode = forms.ChoiceField(label="How", choices=Mode.choices, initial=Mode.FULL)
    share = forms.CharField(label="Share of the traffic, %", max_length=8, required=False, widget=typed("20"), help_text="For share only.")
    override_reason = sentence("Why without an accepted handoff", help_text="For production; a lead may override once for a version.")
