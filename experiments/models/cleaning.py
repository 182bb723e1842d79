"""Cleaning what was typed into a field of a card: a value to keep, or a sentence why it can't be."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from dsboard.errors import Refusal
from dsboard.models import Membership, Team
from dsboard.roles import Role
from experiments import markdown
from experiments.models.metric import Aggregation
from experiments.stages import LONGEST_BOX_DAYS, POINTS, Direction, Kind, Stage


class No(ValueError):
    """This value can't be; the text is the sentence for its field."""


@dataclass(frozen=True)
class Field:
    """`clean` turns input into the value to keep, or says No; `show` turns that into what history and the API show."""

    clean: Callable[[Team, Any], Any]
    show: Callable[[Any], Any] = lambda value: value


def text(what: str, longest: int, *, required: bool = False) -> Field:
    def clean(team: Team, value: Any) -> str:
        words = str(value or "").replace("\x00", "").strip()
        if required and not words:
            raise No(f"{what} can't be empty.")
        if len(words) > longest:
            raise No(f"{what} is at most {longest} characters; this has {len(words)}.")
        return words if longest > 200 else " ".join(words.split())

    return Field(clean)


def long_text(team: Team, value: Any) -> str:
    words = str(value or "").replace("\x00", "").replace("\r\n", "\n").strip()
    try:
        markdown.too_long(words, "The description")
    except Refusal as refusal:
        raise No(refusal.sentence) from refusal
    return words


def choice(choices: Any, sentence: str, *, empty: bool = False) -> Field:
    def clean(team: Team, value: Any) -> str:
        if not value and empty:
            return ""
        if value not in choices.values:
            raise No(sentence)
        return str(value)

    return Field(clean)


def person(team: Team, value: Any) -> Any:
    """A member of the team, by address."""
    if not value:
        return None
    email = str(value).strip().lower()
    member = Membership.objects.within(team).select_related("user").filter(user__email=email, user__is_active=True).first()
    if member is None:
        raise No(f"Nobody with the address {email} is in this team.")
    if member.role == Role.VIEWER:
        raise No(f"{member.user.name} is a viewer here. Cards are for members and leads.")
    return member.user


def labels(team: Team, value: Any) -> list[str]:
    names: dict[str, str] = {}
    for name in value or []:
        word = " ".join(str(name).replace("\x00", "").split())
        if len(word) > 40:
            raise No("A label is at most 40 characters.")
        if word:
            names.setdefault(word.lower(), word)
    if len(names) > 20:
        raise No("A card has at most 20 labels.")
    return sorted(names.values(), key=str.lower)


def number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise No("That is not a number.") from None
    if not found.is_finite():
        raise No("That is not a number.")
    return found


def hours(team: Team, value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    found = number(value)
    most = team.hours_per_day * LONGEST_BOX_DAYS
    if found <= 0:
        raise No("A time box has a length: 4 hours, 2 days, a week.")
    if found > most:
        raise No(f"A time box is at most {LONGEST_BOX_DAYS} days ({most.normalize():f} hours) here. Split the question.")
    if found != found.quantize(Decimal("0.01")):
        raise No("Give the hours with at most two decimals.")
    return found.quantize(Decimal("0.01"))


def points(team: Team, value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    found = number(value)
    if found not in POINTS:
        raise No("Story points are 0.5, 1, 2, 3, 5, 8 or 13.")
    return found.quantize(Decimal("0.1"))


def real(value: Any, what: str) -> float | None:
    if value in (None, ""):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise No(f"{what} needs a number. Try “macro-F1 ≥ 0.90”.") from None
    if not isfinite(found):
        raise No(f"{what} needs a number. Try “macro-F1 ≥ 0.90”.")
    return found


def metrics(team: Team, value: Any) -> list[dict[str, Any]]:
    """Rows of {name, direction, target or better_than_baseline_by, baseline?}."""
    rows: list[dict[str, Any]] = []
    for row in value or []:
        name = " ".join(str(row.get("name") or "").replace("\x00", "").split())
        if not name:
            raise No("A metric needs a name.")
        if len(name) > 60:
            raise No("The name of a metric is at most 60 characters.")
        if name in [r["name"] for r in rows]:
            raise No(f"{name} is there twice.")
        if row.get("direction", Direction.HIGHER) not in Direction.values:
            raise No(f"For {name}, say whether higher or lower is better.")
        target, margin = real(row.get("target"), "A target"), real(row.get("better_than_baseline_by"), "A margin")
        if (target is None) == (margin is None):
            raise No(f"{name} needs a target, or a margin over the baseline; one of the two.")
        if margin is not None and margin < 0:
            raise No("A margin over the baseline is zero or more.")
        baseline = real(row.get("baseline"), "A baseline")
        asked = {
            "name": name,
            "direction": row.get("direction") or Direction.HIGHER,
            "target": target,
            "margin": margin,
            "baseline": baseline,
        }
        rows.append(asked | asked_besides(name, row))
    if len(rows) > 20:
        raise No("A card has at most 20 metrics.")
    return rows


def asked_besides(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """How a metric's runs are judged; what is not said stays as it was."""
    found: dict[str, Any] = {}
    if (aggregation := row.get("aggregation")) is not None:
        if aggregation not in Aggregation.values:
            raise No(f"Of {name} the last step counts, or the best.")
        found["aggregation"] = aggregation
    if row.get("guardrail") is not None:
        found["guardrail"] = row["guardrail"] in (True, "yes", "on")
    if (least := row.get("least_runs")) not in (None, ""):
        if not str(least).isdecimal() or not 1 <= int(least) <= 1000:
            raise No(f"{name} asks for 1 to 1,000 runs.")
        found["least_runs"] = int(least)
    if (data := row.get("data")) is not None:
        found["data"] = " ".join(str(data).replace("\x00", "").split())
        if len(found["data"]) > 250:
            raise No("The data has at most 250 characters.")
    return found


def deliverables(team: Team, value: Any) -> list[dict[str, Any]]:
    """Rows of {text, done, struck_reason?}; a string is an open one."""
    rows: list[dict[str, Any]] = []
    for row in value or []:
        one = {"text": row} if isinstance(row, str) else dict(row)
        words = " ".join(str(one.get("text") or "").replace("\x00", "").split())
        reason = " ".join(str(one.get("struck_reason") or "").replace("\x00", "").split())
        if not words:
            raise No("A deliverable says what is delivered.")
        if len(words) > 200 or len(reason) > 200:
            raise No("A deliverable and its reason are at most 200 characters each.")
        if one.get("done") and reason:
            raise No(f"“{words}” is either done or struck, not both.")
        rows.append({"text": words, "done": bool(one.get("done")), "struck_reason": reason})
    if len(rows) > 50:
        raise No("A card has at most 50 deliverables.")
    return rows


def comparable(team: Team, value: Any) -> Any:
    """A finished development card of this team, by reference."""
    if not value:
        return None
    found = team.tasks.present().filter(ref=str(value), kind=Kind.DEVELOPMENT, stage=Stage.DONE).first()
    if found is None:
        raise No(f"{value} is not a finished development card of this team.")
    return found
