"""What other trackers call things, in the words of this board: types, states, sizes, dates."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from experiments.models.cleaning import No
from experiments.stages import LANE_OF, Kind, Lane, Stage, Work, stages_of

KINDS: dict[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "spike": Kind.RESEARCH,
    "investigation": Kind.RESEARCH,
    "hypothesis": Kind.EXPERIMENT,
    **dict.fromkeys(("story", "user story", "task", "sub task", "subtask", "new feature", "feature", "technical task"), Kind.DEVELOPMENT),
    **dict.fromkeys(("bug", "defect", "improvement", "incident", "problem", "support", "service request", "retraining"), Kind.MAINTENANCE),
}
#: what kind of upkeep a type means, where it says so by itself
WORKS = {"bug": Work.BUG, "defect": Work.BUG, "incident": Work.BUG, "improvement": Work.IMPROVEMENT, "retraining": Work.RETRAINING}
LANES: dict[str, Lane] = {
    **{stage.value.replace("_", " "): lane for stage, lane in LANE_OF.items()},
    **dict.fromkeys(("to do", "todo", "open", "new", "backlog", "reopened", "selected for development", "planned"), Lane.READY),
    **dict.fromkeys(("doing", "in development", "started", "running"), Lane.IN_PROGRESS),
    **dict.fromkeys(("in review", "code review", "testing", "in testing", "qa", "in qa", "in analysis"), Lane.REVIEW),
    **dict.fromkeys(("closed", "resolved", "complete", "completed", "decided", "released"), Lane.DONE),
}
#: as Jira writes them, whatever the reader's language settings; then the ISO forms
DATES = (
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %I:%M %p",
    "%d/%b/%y %H:%M",
    "%d/%b/%y",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)


def said(cell: str) -> str:
    """A word as the tables above know it."""
    return " ".join(re.findall(r"[^\W_]+", cell.lower()))


def kind_of(cells: dict[str, str]) -> Kind:
    """The kind that a row names, or that its own fields show. Raises No for a type that is not one card here."""
    named = cells.get("kind", "")
    if said(named) in KINDS:
        return KINDS[said(named)]
    if named.strip():
        raise No(f"“{named.strip()[:40]}” is not a kind of card. Write research, experiment, development or maintenance.")
    for field, kind in (
        ("hypothesis", Kind.EXPERIMENT),
        ("question", Kind.RESEARCH),
        ("work", Kind.MAINTENANCE),
        ("done_note", Kind.MAINTENANCE),
    ):
        if field in cells:
            return kind
    return Kind.DEVELOPMENT


def stage_of(kind: Kind, cells: dict[str, str]) -> Stage | None:
    """The stage that a state means in the row of this kind, by the state or else by its category; None when neither is known."""
    for field in ("stage", "stage_group"):
        lane = LANES.get(said(cells.get(field, "")))
        if lane is not None:
            return next(stage for stage in stages_of(kind) if LANE_OF[stage] == lane)
    return None


def points_of(cell: str) -> Decimal | str:
    """ "3.0" and "0,5" as trackers write them; what is no number stays as it is, for the rule to refuse."""
    try:
        return Decimal(cell.strip().replace(",", "."))
    except InvalidOperation:
        return cell.strip()


def seconds_as_hours(cell: str) -> Decimal | str:
    """Jira writes estimates in seconds."""
    try:
        return (Decimal(cell.strip()) / 3600).quantize(Decimal("0.01"))
    except InvalidOperation:
        return cell.strip()


def date_of(cell: str) -> str:
    """A date as people read it, 12 March 2026; in a form that nobody here knows it stays as it was typed."""
    for form in DATES:
        try:
            # Only the day is kept, so a zone would say nothing.
            when = datetime.strptime(cell.strip(), form)  # noqa: DTZ007
        except ValueError:
            continue
        return f"{when.day} {when:%B %Y}"
    return cell.strip()[:40]
