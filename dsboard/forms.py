"""The forms of people and teams: every field is named here, so that nothing else in a request changes anything."""

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dsboard.destinations import LONGEST
from dsboard.errors import Refusal
from dsboard.http import VerbForm
from dsboard.models import Event, Membership, Team, Webhook
from dsboard.models.api_token import Scope
from dsboard.models.message import Format
from dsboard.models.team import Deciders, OwnDecision, plain
from dsboard.models.user import Theme
from dsboard.roles import Act, Role, Side


class BoardForm(VerbForm):
    """A form in the board's looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            ticked = isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect)
            field.widget.attrs.setdefault("class", "check" if ticked else "input")
            if isinstance(field, forms.CharField) and field.max_length and not isinstance(field, forms.EmailField):
                field.widget.attrs.setdefault("maxlength", str(field.max_length))

    @property
    def status(self) -> int:
        """The status of an answer that shows this form: what the verb said, 422 for bad input, 200 when nothing was sent."""
        refusal = getattr(self, "refusal", None)
        return refusal.status if refusal else 422 if self.is_bound and self.errors else 200

    @property
    def faults(self) -> list[forms.BoundField]:
        """The fields that need attention, in the order of the page."""
        return [field for field in self if field.errors]

    @property
    def count_of_faults(self) -> str:
        """How many they are, as the first word of a sentence."""
        count = len(self.faults)
        words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
        return words[count] if count < len(words) else str(count)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing before it was sent. An empty post is sent too, and lacks everything."""
    return request.POST if request.method == "POST" else None


def answer(request: HttpRequest, template: str, form: BoardForm, **context: Any) -> HttpResponse:
    """The page with its form, as the form's own state says: 200 fresh, 422 and friends after a refusal, with its headers."""
    response = render(request, template, {"form": form, **context}, status=form.status)
    for name, value in getattr(getattr(form, "refusal", None), "headers", {}).items():
        response[name] = value
    return response


def password_field(label: str, autocomplete: str, **kwargs: Any) -> forms.CharField:
    """A password as typed: blanks at the ends belong to it."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget, **kwargs)


def email_field(label: str = "Email", autocomplete: str = "email", **kwargs: Any) -> forms.EmailField:
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": autocomplete}), **kwargs)


def zone_field() -> forms.ChoiceField:
    """Every time zone that the system knows."""
    return forms.ChoiceField(label="Time zone", initial="UTC", choices=lambda: [(zone, zone) for zone in sorted(available_timezones())])


class SignInForm(BoardForm):
    email = email_field(autocomplete="username")
    password = password_field("Password", "current-password")
    keep = forms.BooleanField(label="Keep me signed in on this computer", required=False)

    def refuse(self, refusal: Refusal) -> None:
        """One sentence at the top for both fields, and the password is the one to type again."""
        super().refuse(refusal)
        if refusal.status == Refusal.status:
            self.fields["password"].widget.attrs["aria-invalid"] = "true"


class ForgottenForm(BoardForm):
    email = email_field(autocomplete="username")


class NewPasswordForm(BoardForm):
    new = password_field("New password", "new-password", help_text="Ten characters or more.")


class ChangePasswordForm(NewPasswordForm):
    current = password_field("Password now", "current-password", required=False)
    field_order = ("current", "new")


class FirstRunForm(BoardForm):
    name = forms.CharField(label="Your name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = email_field("Your email")
    password = password_field(
        "Password",
        "new-password",
        required=False,
        help_text="Ten characters or more. Without one you sign in by links that the command line makes.",
    )
    team = forms.CharField(label="Team", max_length=60, initial="Data science")
    key = forms.CharField(
        label="Key",
        max_length=10,
        required=False,
        help_text="Starts every reference, as in FRAUD-42. Left empty, it is made from the name. It can't change later.",
    )
    time_zone = zone_field()


class ProfileForm(BoardForm):
    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    theme = forms.ChoiceField(label="Theme", choices=Theme.choices, widget=forms.RadioSelect)
    single_keys = forms.BooleanField(
        label="Shortcuts of a single key", required=False, help_text="Such as C for a new card. Ctrl K works either way."
    )


class TokenForm(BoardForm):
    """A token for one of the person's own teams."""

    team = forms.ModelChoiceField(label="Team", queryset=Team.objects.none(), to_field_name="key", empty_label=None)
    name = forms.CharField(label="What it is for", max_length=60, initial="API")
    scope = forms.ChoiceField(label="It may", choices=Scope.choices, initial=Scope.WRITE, help_text="Never more than your own role allows.")

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


def whole_number(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most)


class TeamForm(BoardForm):
    """The team's settings. Each field carries what its reader saw, so that only what was changed here is written."""

    name = forms.CharField(label="Name", max_length=60)
    hours_per_day = forms.DecimalField(
        label="Hours per day",
        min_value=1,
        max_value=24,
        max_digits=4,
        decimal_places=2,
        help_text="1 day of a time box is this many working hours.",
    )
    deciders = forms.ChoiceField(label="Who may decide", choices=Deciders.choices)
    own_decisions = forms.ChoiceField(label="An owner may decide alone on their own card", choices=OwnDecision.choices)
    limit_active = whole_number("Active", 99)
    limit_analysis = whole_number("Analysis", 99)
    limit_in_progress = whole_number("In progress", 99)
    limit_review = whole_number("Review", 99)
    guide_committed = whole_number("Committed, %", 100)
    guide_experiments = whole_number("Experiments, %", 100)
    guide_learning = whole_number("Learning, %", 100)
    tolerance = whole_number("Tolerance, points", 50)
    sprint_weeks = forms.IntegerField(label="Weeks in a sprint", min_value=1, max_value=12)
    days_per_point = forms.DecimalField(
        label="Days per point",
        min_value=Decimal("0.01"),
        max_value=20,
        max_digits=5,
        decimal_places=2,
        help_text="What a story point counts as in a sprint's balance. It is assumed until you set it.",
    )

    def __init__(self, *args: Any, team: Team, by: Membership, **kwargs: Any) -> None:
        kwargs["initial"] = {name: plain(getattr(team, name)) for name in Team.SETTINGS}
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True
            field.disabled = not by.may(Act.POLICIES)

    def seen(self) -> dict[str, Any]:
        """What the person had before them when they started typing."""
        seen = {}
        for name, field in self.fields.items():
            was = self.data.get(self[name].html_initial_name)
            try:
                if was is not None:
                    seen[name] = field.to_python(was)
            except forms.ValidationError:
                # Only a made-up request has this; a setting whose old value makes no sense is just written.
                continue
        return seen

    def differing(self) -> dict[str, Any]:
        """Only what was changed here; the rest may have been changed by somebody else meanwhile."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def catch_up(self, current: dict[str, Any]) -> None:
        """Take what the settings are now as seen, keeping what was typed: saving again is then a choice."""
        seen = {self[name].html_initial_name: str(value) for name, value in current.items()}
        self.data = {**{name: self.data[name] for name in self.data}, **seen}


class InviteForm(BoardForm):
    name = forms.CharField(label="Name", max_length=80)
    email = email_field(autocomplete="off")
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.MEMBER)
    side = forms.ChoiceField(label="Side", choices=Side.choices, initial=Side.SCIENCE)


class PlaceForm(BoardForm):
    """Somebody's role and side."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)
    side = forms.ChoiceField(label="Side", choices=Side.choices)


class WebhookForm(BoardForm):
    """The team's webhook. An address that was saved is never filled in again; left empty it stays."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text="Whoever has it can write to your channel, so it is shown to nobody after you save.",
    )
    format = forms.ChoiceField(label="It goes to", choices=Format.choices)
    events = forms.MultipleChoiceField(
        label="It hears when", choices=Event.choices, initial=Event.values, widget=forms.CheckboxSelectMultiple
    )
    is_on = forms.BooleanField(label="Switched on", required=False, initial=True)

    def __init__(self, *args: Any, webhook: Webhook | None, **kwargs: Any) -> None:
        if webhook:
            kwargs["initial"] = {name: getattr(webhook, name) for name in ("format", "events", "is_on")}
        super().__init__(*args, **kwargs)
        if webhook:
            self.fields["url"].required = False
            self.fields["url"].help_text = f"Left empty, {webhook.masked} stays."
