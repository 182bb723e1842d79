"""Reading the runs of linked cards from a tracking server: what is new, what has ended, what we have as running; once a day all of it.

A page of runs is one transaction, and how far it went is written after it: whoever is stopped in between reads a page again, which
changes nothing. Cards are not moved and nobody's edit gets stale.
"""

import hashlib
import json
import logging
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils.encoding import force_str

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.floors import modules
from experiments.models import Run, RunLink, RunMetric, Task, Tracker, standing
from experiments.models.metric import folded
from experiments.models.run_cleaning import MOST_POINTS, RunStatus
from experiments.tracking import told
from experiments.tracking.mlflow import OF_A_LINK, Mlflow, NotRead, OutOfTime

#: seconds of one sweep, over all servers
BUDGET = 40.0
#: how often everything is read, so that what was changed behind its dates comes too
FULL = timedelta(days=1)
#: histories fetched for a card at one reading
HISTORIES = 50
#: tags worth keeping of those that MLflow sets by itself
KEPT_TAGS = {"mlflow.user", "mlflow.source.name", "mlflow.source.git.commit", "mlflow.source.git.branch", "mlflow.parentRunId"}
MOST_TAGS, MOST_EXPERIMENTS = 100, 1000
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
log = logging.getLogger(__name__)

Keep = Callable[[list[dict[str, Any]]], None]


def sweep(leaving: Callable[[], bool] = lambda: False, budget: float = BUDGET) -> int:
    """Read the servers that are due, one after the other; returns how many. One query when none is."""
    until, count = time.monotonic() + budget, 0
    while time.monotonic() < until and not leaving():
        tracker = Tracker.due().first()
        if tracker is None:
            break
        if tracker.take():
            sync(tracker)
            count += 1
    return count


def sync(tracker: Tracker, client: Mlflow | None = None) -> None:
    """One reading of a server that was taken; what comes of it is on its row and on those of its links."""
    client = client or Mlflow(tracker)
    rows = tracker.links.filter(task__deleted_at=None, task__ended_at=None).select_related("task__team", "task__time_box")
    try:
        for link in rows.order_by(F("synced_at").asc(nulls_first=True), "pk"):
            sync_link(client, link)
        trouble = by_tag(client, tracker) if tracker.by_tag else None
        for floor in modules("tracked"):
            floor.sync(client, tracker)
    except OutOfTime:
        tracker.went_well(unfinished=True)
    except (AttributeError, KeyError, TypeError, ValueError):
        # Whatever it is, it must not keep the other servers from being read.
        log.exception("%s answered in a way that nobody foresaw", tracker.host)
        tracker.went_wrong("not-mlflow", f"{tracker.host} answers in a way that is not MLflow's.")
    except IntegrityError:
        # Runs can't be kept for a server that was removed while it was read.
        if Tracker.objects.filter(pk=tracker.pk).exists():
            raise
    except NotRead as error:
        tracker.went_wrong(error.why, error.sentence, error.wait)
        for link in rows.filter(synced_at__lt=clock.now() - standing.STALE):
            standing.judge_again(link.task)
    else:
        tracker.went_well(trouble=trouble)


def sync_link(client: Mlflow, link: RunLink) -> None:
    """The runs of one link; trouble that is its own stays on it."""
    task, now = link.task, clock.now()

    def keep(runs: list[dict[str, Any]]) -> None:
        keep_runs(client.tracker, task, runs)

    outcome: dict[str, Any] = {"synced_at": now, "trouble": "", "said": ""}
    try:
        if link.experiment:
            link.number = client.experiment(link.experiment)
            read(client, link, [link.number], [link.filter], keep)
        else:
            found = [run for one in link.chosen if (run := client.run(one))]
            keep(found)
            if missing := sorted(set(link.chosen) - {run["info"].get("run_id") for run in found}):
                outcome |= {"trouble": "experiment", "said": f"MLflow has no run {', '.join(missing)[:300]}."}
        running(client, task, keep)
        histories(client, task)
    except NotRead as error:
        if error.why not in OF_A_LINK:
            raise
        outcome = {"trouble": error.why, "said": error.sentence[:400]}
    except Refusal as refusal:
        outcome = {"trouble": "large", "said": refusal.sentence[:400]}
    RunLink.objects.filter(pk=link.pk).update(number=link.number, **outcome)
    if link.synced_at and link.synced_at < now - standing.STALE and not outcome["trouble"]:
        standing.judge_again(task)


def by_tag(client: Mlflow, tracker: Tracker) -> NotRead | None:
    """The runs of all experiments that name a card of the team with the tag dsboard.card: one search for all cards.

    Returns trouble with this search alone, such as a refusal of its filter.
    """
    team = tracker.team
    numbers = [str(one.get("experiment_id")) for one in client.experiments(MOST_EXPERIMENTS)]
    if not numbers:
        return None

    def keep(runs: list[dict[str, Any]]) -> None:
        named: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for run in runs:
            named[str(told.pairs((run.get("data") or {}).get("tags")).get(told.CARD, "")).strip().upper()].append(run)
        tasks = Task.objects.within(team).present().filter(ref__in=named, ended_at=None)
        for task in tasks.select_related("team", "time_box"):
            try:
                keep_runs(tracker, task, named[task.ref])
            except Refusal:
                # The card is full; its own links say so.
                continue

    try:
        read(client, tracker, numbers, [f"tags.`{told.CARD}` LIKE '{team.key}-%'"], keep)
        for task in Task.objects.within(team).present().filter(ended_at=None, run_links=None, runs__tracker=tracker).distinct():
            running(client, task, keep)
            histories(client, task)
    except NotRead as error:
        if error.why not in OF_A_LINK:
            raise
        return error
    return None


def read(client: Mlflow, place: RunLink | Tracker, numbers: list[str], clauses: list[str], keep: Keep) -> None:
    """The runs that began or ended since this place was read; all of them the first time and once a day.

    The last ones are read again each time, as others may have begun in the same millisecond.
    """
    now = clock.now()
    if place.full_at is None or now - place.full_at > FULL:
        place.begun = place.ended = 0
        place.full_at = now
        write(place)
    fresh = place.begun == 0
    latest = place.ended
    for runs in client.search(numbers, [*clauses, f"attributes.start_time >= {place.begun}" if place.begun else ""]):
        keep(runs)
        place.begun = max([place.begun, *(when(run, "start_time") for run in runs)])
        latest = max([latest, *(when(run, "end_time") for run in runs)])
        note_progress(client.tracker, len(runs))
        if fresh:
            place.ended = latest
        write(place)
    if not fresh:
        for runs in client.search(numbers, [*clauses, f"attributes.end_time >= {place.ended}"], "attributes.end_time ASC"):
            keep(runs)
            place.ended = max([place.ended, *(when(run, "end_time") for run in runs)])
            write(place)


def running(client: Mlflow, task: Task, keep: Keep) -> None:
    """What we have as running, whenever it began."""
    rows = Run.objects.filter(task=task, tracker=client.tracker, status=RunStatus.RUNNING).order_by("-pk")
    keep([run for one in rows.values_list("external_id", flat=True)[:HISTORIES] if (run := client.run(one))])


def histories(client: Mlflow, task: Task) -> None:
    """The steps of the card's own metrics, of the newest runs first."""
    goals = list(task.metrics.all())
    rows = RunMetric.objects.filter(run__task=task, run__tracker=client.tracker, whole=False, key__in=[folded(goal.name) for goal in goals])
    for metric in rows.select_related("run").order_by("-run__pk")[:HISTORIES]:
        points = told.points(client.history(metric.run.external_id, metric.name, 10 * MOST_POINTS)).get(metric.name, [])
        # Where the server has none of them, the one that is here is all there is.
        metric.take_history(thinned([(step, value) for step, value in points]))
    if any(goal.aggregation != "last" for goal in goals):
        standing.judge_again(task)


def thinned(points: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """At most MOST_POINTS of them, evenly, the last one always among them."""
    rows = sorted(dict(points).items())
    every = -(-len(rows) // MOST_POINTS)
    return rows[-1::-every][::-1] if rows else []


# ── what a run says ──


def keep_runs(tracker: Tracker, task: Task, runs: Iterable[dict[str, Any]]) -> int:
    found = {str(run["info"].get("run_id") or run["info"].get("run_uuid") or ""): run for run in runs}
    return Run.keep_all(task, tracker, {one: said_of(tracker, run) for one, run in found.items() if RUN_ID.fullmatch(one)})


def said_of(tracker: Tracker, run: dict[str, Any]) -> dict[str, Any]:
    """What Run.tell takes, from a run as MLflow tells it, and a digest by which a change is known."""
    info, data = run["info"], run.get("data") or {}
    tags = told.pairs(data.get("tags"))
    shown = told.tagged({key: value for key, value in tags.items() if not key.startswith("mlflow.") or key in KEPT_TAGS})
    begun, ended = told.instant(info.get("start_time")), told.instant(info.get("end_time"))
    said: dict[str, Any] = {
        "name": str(info.get("run_name") or tags.get(told.NAME) or "")[:250].replace("\x00", ""),
        "status": told.STATUS.get(str(info.get("status")), RunStatus.FAILED),
        "started_at": begun,
        # A clock over there that went backwards must not cost the run.
        "ended_at": ended if ended and (begun is None or ended >= begun) else None,
        "url": f"{tracker.url}/#/experiments/{info.get('experiment_id')}/runs/{info.get('run_id')}"[:1000],
        "params": dict(list(told.pairs(data.get("params")).items())[:500]),
        "dataset": told.dataset(run.get("inputs")),
        "notes": str(tags.get(told.NOTE) or "")[:20_000].replace("\x00", ""),
        "extra": dict(list(shown.get("extra", {}).items())[:MOST_TAGS]),
    }
    metrics = told.points(data.get("metrics"))
    said["digest"] = hashlib.sha256(force_str(json.dumps([said, metrics], sort_keys=True, default=str)).encode()).hexdigest()
    return said | {"metrics": {name[:250]: points for name, points in list(metrics.items())[:500]}}


def when(run: dict[str, Any], name: str) -> int:
    """Milliseconds since 1970; 0 where it is not said."""
    value = str(run["info"].get(name) or 0)
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else 0


def write(place: RunLink | Tracker) -> None:
    # A link or a server that was taken away meanwhile has no row any more.
    type(place).objects.filter(pk=place.pk).update(begun=place.begun, ended=place.ended, full_at=place.full_at)


def note_progress(tracker: Tracker, count: int) -> None:
    tracker.read += count
    Tracker.objects.filter(pk=tracker.pk).update(read=tracker.read)
