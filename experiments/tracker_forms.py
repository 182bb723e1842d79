"""The forms of tracking servers and of a card's links to their runs."""

from typing import Any

from django import forms

from dsboard.destinations import LONGEST
from dsboard.forms import BoardForm
from experiments.models import Tracker
from experiments.models.run_link import LONGEST_FILTER, LONGEST_NAME
from experiments.models.tracker import Auth

FIELDS = ("name", "url", "auth", "user", "certificate", "by_tag", "is_on")


class TrackerForm(BoardForm):
    """A secret that was saved is never filled in again; left empty it stays."""

    name = forms.CharField(label="Name", max_length=60, initial="MLflow")
    url = forms.CharField(
        label="Address",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="As MLFLOW_TRACKING_URI has it, such as https://mlflow.example.org",
    )
    auth = forms.ChoiceField(label="It asks for", choices=Auth.choices)
    user = forms.CharField(label="User", max_length=200, required=False, help_text="One that may only read is enough.")
    secret = forms.CharField(
        label="Password or token",
        max_length=2000,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted and shown to nobody after you save.",
    )
    certificate = forms.CharField(
        label="Certificate of your own authority",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="As PEM, where the server's certificate is not from a public one.",
    )
    by_tag = forms.BooleanField(label="Find runs tagged dsboard.card in all of its experiments", required=False, initial=True)
    is_on = forms.BooleanField(label="Switched on", required=False, initial=True)

    def __init__(self, *args: Any, tracker: Tracker | None = None, **kwargs: Any) -> None:
        if tracker:
            kwargs["initial"] = {name: getattr(tracker, name) for name in FIELDS}
        super().__init__(*args, **kwargs)
        if tracker and tracker.sealed:
            self.fields["secret"].help_text = "Left empty, the one that is there stays."


class RunLinkForm(BoardForm):
    tracker = forms.ModelChoiceField(label="Tracking server", queryset=Tracker.objects.none(), empty_label=None)
    experiment = forms.CharField(label="Experiment", max_length=LONGEST_NAME, required=False, help_text="Its name or number in MLflow.")
    filter = forms.CharField(
        label="Only runs where",
        max_length=LONGEST_FILTER,
        required=False,
        help_text="As MLflow's search takes it, such as params.model = 'bert'. Empty for all.",
    )
    runs = forms.CharField(
        label="Or chosen runs",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="Their ids, each in a line of its own, instead of an experiment.",
    )

    def __init__(self, *args: Any, trackers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tracker"].queryset = trackers  # type: ignore[attr-defined]
