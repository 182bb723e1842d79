"""Every table of the review and the reports as rows of text, for CSV files: days with a point, per cent as whole numbers."""

from collections.abc import Callable, Iterator
from statistics import median

from django.utils import timezone

from sprints.adherence import LABELS
from sprints.allocation import BUCKETS
from sprints.reports import Ended, Experiments, tasks_of
from sprints.review import Review
from sprints.review_rows import SeatRow
from sprints.sprint_review import SprintReview

Rows = Iterator[tuple[object, ...]]


def days(value: float | None) -> str:
    """Days with two decimals, without empty ones: 2.5; nothing for none."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


# ── over several sprints ──


def allocation(review: Review) -> Rows:
    per = [f"{when}_{bucket}" for when in ("planned", "actual") for bucket in BUCKETS]
    yield (
        "sprint",
        "starts_on",
        "ends_on",
        "state",
        *(f"{one}_%" for one in per),
        *(f"{one}_days" for one in per),
        "guideline",
        "out_of_band",
    )
    for row in review.rows:
        shares = [(found or {}).get(b, "") for found in (row.planned_shares, row.actual_shares) for b in BUCKETS]
        spent = [days(found.get(b, 0.0)) for found in (row.figures.planned, row.figures.actual) for b in BUCKETS]
        sprint = row.sprint
        yield (sprint.number, sprint.starts_on, sprint.ends_on, sprint.state, *shares, *spent, sprint.guideline, "; ".join(row.out_of_band))


def changes(review: Review) -> Rows:
    yield ("sprint", "added", "added_days", "taken_out", "taken_out_days", "carried_over", "cards", "points_finished", "box_days_outside")
    for row in review.rows:
        kept = row.figures
        scope = (kept.added.seats, days(kept.added.days), kept.removed.seats, days(kept.removed.days))
        yield (row.sprint.number, *scope, kept.carried, kept.seats, days(kept.velocity), days(kept.unplanned))


def flow(review: Review) -> Rows:
    outcomes = [value for value, _, _ in review.funnel.outcomes]
    yield ("sprint", "proposed", "started", "reported", "decided", *outcomes, "median_days_to_decision")
    for row in review.rows:
        yield (row.sprint.number, *row.flow, *(row.figures.outcomes.get(value, 0) for value in outcomes), days(row.wait))


def adherence(review: Review) -> Rows:
    yield ("ended", "boxes", "median_used_days", "median_original_days", "median_days_late")
    for row in review.adherence.rows:
        medians = [days(median(getattr(box, name) for box in row.boxes)) if row.boxes else "" for name in ("used", "original", "late")]
        yield (row.label, row.count, *medians)


def load(review: Review) -> Rows:
    yield ("person", "sprint", "planned_days", "capacity_days", "load_%")
    for person in review.load.people:
        for number, cell in zip(review.load.numbers, person.cells, strict=True):
            yield (person.name, number, days(cell.planned), days(cell.capacity), "" if cell.per_cent is None else cell.per_cent)


def time_boxes(review: Review) -> Rows:
    yield ("sprint", "card", "title", "owner", "original_days", "used_days", "extensions", "ended", "days_late")
    for one in ended_boxes(review):
        title, owner = (one.task.title, one.task.owner or "") if one.task else ("", "")
        box = one.box
        yield (one.number, box.ref, title, owner, days(box.original), days(box.used), box.extensions, one.label, days(box.late))


def experiments(review: Review) -> Rows:
    yield ("card", "kind", "title", "owner", "stage", "verdict", "outcome", "started_on", "decided_on", "days_to_decision")
    report = experiments_of(review)
    for one in report.read(list(report.cards())):
        task = one.task
        dates = [f"{moment:%Y-%m-%d}" if moment else "" for moment in (task.started_at, task.decided_at)]
        yield (
            task.ref,
            task.kind,
            task.title,
            task.owner or "",
            task.stage,
            task.last_verdict or "",
            one.outcome,
            *dates,
            days(one.waited),
        )


# ── of one sprint ──


def buckets(review: SprintReview) -> Rows:
    yield ("bucket", "planned_days", "planned_%", "actual_days", "actual_%", "guideline_%", "against_the_guideline")
    for row in review.buckets:
        planned, actual = days(float(row.planned.days)), days(float(row.actual.days))
        yield (row.label, planned, blank(row.planned_share), actual, blank(row.actual_share), row.actual.guide, row.against)


def cards(review: SprintReview) -> Rows:
    yield from (card_row(row) for row in (None, *review.rows))


def carried(review: SprintReview) -> Rows:
    yield from (card_row(row) for row in (None, *review.carried))


def card_row(row: SeatRow | None) -> tuple[object, ...]:
    """A card of a sprint; the header for none."""
    if row is None:
        return ("card", "kind", "title", "owner", "bucket", "planned_days", "actual_days", "ended", "outcome", "carried_over_times")
    task, planned = row.task, days(float(row.seat.days or 0))
    known = (task.ref, task.kind, task.title, row.owner or "", row.seat.bucket)
    return (*known, planned, days(float(row.days)), row.end_words, row.outcome, task.carried)


def scope(review: SprintReview) -> Rows:
    yield ("at", "who", "what", "card", "title", "days")
    for one in review.changes:
        yield (
            timezone.localtime(one.at).isoformat(timespec="minutes"),
            one.by or "",
            one.words,
            one.task.ref,
            one.task.title,
            days(float(abs(one.days))),
        )


def load_of_sprint(review: SprintReview) -> Rows:
    yield ("person", "planned_days", "capacity_days", "load_%")
    for person in review.load.people:
        cell = person.mean
        yield (person.name, days(cell.planned), days(cell.capacity), blank(cell.per_cent))


def boxes_of_sprint(review: SprintReview) -> Rows:
    yield ("card", "title", "owner", "box", "used_in_the_sprint_days", "clock", "outcome")
    for one in review.boxes:
        task = one.row.task
        length = days(float(task.box.hours) / float(review.team.hours_per_day))
        yield (task.ref, task.title, task.owner or "", length, days(float(one.used)), one.clock.words, one.row.outcome)


def burndown(review: SprintReview) -> Rows:
    yield ("day", "committed_days_left", "even_pace")
    if review.sprint.is_running:
        for day, left, even in review.burned.rows:
            yield (day, days(left), days(even))


def blank(value: int | None) -> object:
    return "" if value is None else value


# ── what the pages show of them ──

OF_TEAM: dict[str, Callable[[Review], Rows]] = {
    "allocation": allocation,
    "changes": changes,
    "flow": flow,
    "adherence": adherence,
    "load": load,
    "time-boxes": time_boxes,
    "experiments": experiments,
}
OF_SPRINT: dict[str, Callable[[SprintReview], Rows]] = {
    "buckets": buckets,
    "cards": cards,
    "carried": carried,
    "scope": scope,
    "people": load_of_sprint,
    "boxes": boxes_of_sprint,
    "burndown": burndown,
}


def ended_boxes(review: Review) -> list[Ended]:
    """The boxes that ended in these sprints, the latest first."""
    tasks = tasks_of(review.team, [box.ref for _, box in review.boxes])
    return [Ended(number, box, LABELS[box.kept], tasks.get(box.ref)) for number, box in reversed(review.boxes)]


def experiments_of(review: Review) -> Experiments:
    """From the start of the first of these sprints on, to the end of the last where earlier ones are shown; all while there are none."""
    if not review.rows:
        return Experiments(review.team, None, None)
    until = review.rows[0].sprint.closed_at if review.first else None
    return Experiments(review.team, review.rows[-1].sprint.started_at, until)
