"""The forms of a calendar: the hours of a week day by day, zone and country; days off and absences."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django import forms

from dsboard import public_holidays
from dsboard.errors import Refusal
from dsboard.forms import BoardForm
from dsboard.models import Membership, Team
from dsboard.models.membership import NO_HOLIDAYS
from dsboard.working_time import DAYS, Unreadable, hours_in_words, hours_of_day, week_in_words, week_of
from experiments.models.moving import Move, Unconfirmed, moving

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class MovingForm(BoardForm):
    """A form whose act moves time boxes that run: what would move is shown first, and saving again says yes to exactly that."""

    agreed = forms.CharField(required=False, widget=forms.HiddenInput)
    #: whether the act counts from now on only
    from_now = False

    def settle(self, team: Team, by: Membership, act: Callable[[dict[str, Any]], Any]) -> bool:
        """Try the act; False with what it needs: better input, or a yes to the moves."""

        def agreed_act(cleaned: dict[str, Any]) -> list[Move]:
            agreed = cleaned.pop("agreed", "")
            return moving(team, by, lambda: act(cleaned), from_now=self.from_now, agreed=agreed)[1]

        return self.attempt(agreed_act)

    @property
    def moves(self) -> list[Move]:
        """What saving would move, while nobody has agreed to it."""
        refusal = getattr(self, "refusal", None)
        return refusal.moves if isinstance(refusal, Unconfirmed) else []

    def refuse(self, refusal: Refusal) -> None:
        """What would move becomes what the next sending agrees to."""
        super().refuse(refusal)
        if isinstance(refusal, Unconfirmed):
            self.data = {**{name: self.data[name] for name in self.data}, "agreed": refusal.agreement}


class HoursForm(MovingForm):
    """A week of working hours, a field a day; zone, country and region."""

    from_now = True

    def __init__(self, *args: Any, week: str, **kwargs: Any) -> None:
        hours = zip(DAYS, week_of(week), strict=True)
        kwargs["initial"] = {**{day.lower(): hours_in_words(of_it) for day, of_it in hours}, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for day, name in zip(DAYS, NAMES, strict=True):
            self.fields[day.lower()] = forms.CharField(
                label=name,
                required=False,
                max_length=60,
                widget=forms.TextInput(attrs={"class": "input", "placeholder": "off", "autocomplete": "off"}),
            )

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[day.lower()] for day in DAYS]

    def clean(self) -> dict[str, Any]:
        """Put the days together as a week; each day that can't be read has its own sentence."""
        cleaned = super().clean() or {}
        hours = []
        for day in DAYS:
            try:
                hours.append(hours_of_day(cleaned.pop(day.lower(), "")))
            except Unreadable as error:
                self.add_error(day.lower(), str(error))
                hours.append(())
        cleaned["week"] = week_in_words(tuple(hours))
        if "country" in self.changed_data and cleaned.get("region") not in public_holidays.regions(cleaned.get("country", "")):
            # The list still held the regions of the country before.
            cleaned["region"] = ""
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """What is wrong with the week as a whole stands at its first day."""
        if "week" in refusal.fields:
            refusal.fields["mon"] = refusal.fields.pop("week")
        super().refuse(refusal)


def countries(first: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*first, *public_holidays.countries().items()]


def region_field(country: str) -> forms.CharField:
    """The regions of one country; another country's are offered once it is saved."""
    choices = [("", "All of the country"), *public_holidays.regions(country).items()]
    hint = "Some countries have holidays of their regions. They are offered once the country is saved."
    return forms.CharField(label="Region", required=False, widget=forms.Select(choices=choices, attrs={"class": "input"}), help_text=hint)


class TeamCalendarForm(HoursForm):
    time_zone = forms.ChoiceField(label="Time zone", choices=lambda: [(zone, zone) for zone in sorted(available_timezones())])
    country = forms.ChoiceField(label="Public holidays of", required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        initial = {name: getattr(team, name) for name in ("time_zone", "country", "region")}
        super().__init__(*args, week=team.week, initial=initial, **kwargs)
        self.fields["country"].choices = countries([("", "No country")])  # type: ignore[attr-defined]
        self.fields["region"] = region_field(chosen_country(self, team.country))


class MemberCalendarForm(HoursForm):
    """What differs for one member; what does not is the team's, also when the team's changes."""

    time_zone = forms.ChoiceField(label="Time zone", required=False)
    country = forms.ChoiceField(label="Public holidays of", required=False)
    own_hours = forms.BooleanField(label="Other hours than the team", required=False)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        initial = {"time_zone": member.time_zone, "country": member.country, "region": member.region, "own_hours": bool(member.week)}
        super().__init__(*args, week=member.week or member.team.week, initial=initial, **kwargs)
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        self.fields["time_zone"].choices = [("", f"The team’s, {member.team.time_zone}"), *zones]  # type: ignore[attr-defined]
        named = public_holidays.countries().get(member.team.country, "none")
        self.fields["country"].choices = countries([("", f"The team’s, {named}"), (NO_HOLIDAYS, "No country")])  # type: ignore[attr-defined]
        self.fields["region"] = region_field(chosen_country(self, member.country))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.pop("own_hours", False):
            for day in DAYS:
                self.errors.pop(day.lower(), None)
            cleaned["week"] = ""
        elif not cleaned["week"] and not self.errors:
            self.add_error("mon", "A week needs working hours on one day at least.")
        return cleaned


def chosen_country(form: BoardForm, saved: str) -> str:
    """The country that is being sent, else the saved one."""
    return str(form.data.get("country", saved)) if form.is_bound else saved


class DayOffForm(MovingForm):
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}), error_messages={"required": "Choose a day."})
    name = forms.CharField(label="What it is", max_length=100, error_messages={"required": "Give the day a name."})


class AbsenceForm(MovingForm):
    """Who is away, from the first day to the last; `from` and `to` are the names of the API."""

    def __init__(self, *args: Any, members: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        if len(members) > 1:
            people = [(pk, m.user.name) for pk, m in self.members.items()]
            self.fields["who"] = forms.ChoiceField(label="Who", choices=people, widget=forms.Select(attrs={"class": "input"}))
        for name, label, wrong in (("from", "First day", "Choose the first day."), ("to", "Last day", "Choose the last day.")):
            self.fields[name] = forms.DateField(
                label=label,
                widget=forms.DateInput(attrs={"type": "date", "class": "input"}),
                error_messages={"required": wrong, "invalid": "Write the day like 2026-03-17."},
            )

    def chosen(self, cleaned: dict[str, Any]) -> Membership:
        return self.members[cleaned["who"]] if "who" in cleaned else next(iter(self.members.values()))
