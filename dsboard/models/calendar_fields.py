"""The four fields of a calendar, which a team has and a member may have otherwise: what each may hold."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from dsboard import public_holidays
from dsboard.errors import Refusal
from dsboard.working_time import Unreadable, week_in_words, week_of

if TYPE_CHECKING:
    from dsboard.models.membership import Membership
    from dsboard.models.team import Team


def known_zone(name: str) -> None:
    """Refuse a time zone that the system does not know."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Try Europe/Lisbon.")


def known_week(text: str) -> None:
    """Refuse hours that can't be read, and a week without any: a box in it would never end."""
    try:
        week_of(text)
    except Unreadable as error:
        raise ValidationError(str(error)) from error


def settle_calendar(row: "Team | Membership", settings: dict[str, str]) -> list[str]:
    """Set the fields that differ, the week in its one way of writing; returns their names. Raises Refusal field by field."""
    wrong: dict[str, str] = {}
    cleaned: dict[str, Any] = {}
    for name, value in settings.items():
        cleaned[name] = value = " ".join(str(value or "").replace("\x00", "").split())
        if not value and row._meta.model_name == "membership":
            continue
        try:
            if name == "week":
                cleaned[name] = week_in_words(week_of(value))
            elif name == "time_zone":
                known_zone(value)
        except (Unreadable, ValidationError) as error:
            wrong[name] = error.messages[0] if isinstance(error, ValidationError) else str(error)
    country = cleaned.get("country", row.country)
    if "country" in cleaned and "region" not in cleaned and country != row.country:
        cleaned["region"] = ""
    if country not in ("", "-") and country not in public_holidays.countries():
        wrong["country"] = f"“{country}” is not a country of the calendar. Two letters, such as PT."
    elif (region := cleaned.get("region", row.region)) and region not in public_holidays.regions(country):
        wrong["region"] = f"{public_holidays.countries().get(country, 'No country')} has no region “{region}” with holidays of its own."
    if wrong:
        raise Refusal.of(wrong)
    changed = [name for name, value in cleaned.items() if value != getattr(row, name)]
    for name in changed:
        setattr(row, name, cleaned[name])
    return changed
