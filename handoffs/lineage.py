"""Everything that belongs to one model as one line in time: cards, decisions, versions, handoffs, deployments, upkeep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from dsboard.models import Team
from dsboard.prepared import prepared
from experiments.models import Decision, Task
from experiments.models.link import Rel, TaskLink
from experiments.stages import Kind
from handoffs.models import Creation, Deployment, Handoff, Line, MLModel, Version, cleaning

#: how many entries one page shows, the newest
MOST = 60


@dataclass(frozen=True)
class Entry:
    """One thing that happened: when, the icon and the name of its kind, what it is, and where."""

    at: datetime
    icon: str
    kind: str
    label: str
    url: str
    ref: str = ""


def lineage(model: MLModel) -> list[Entry]:
    """The newest entries, the oldest of them first; seven queries, however much there is."""
    versions = list(Version.objects.filter(model=model).select_related("origin"))
    for version in versions:
        version.model = model
    origins = {version.origin_id: version.origin for version in versions if version.origin and not version.origin.deleted_at}
    found = [Entry(one.created_at, "model", "Version", one.name, one.get_absolute_url()) for one in versions]
    found += [of_card(task) for task in origins.values()]
    decisions = Decision.objects.filter(task__in=origins, standing=True).select_related("task__team")
    for made in decisions:
        found.append(
            Entry(made.at, "c-decision", "Decision", f"{made.get_outcome_display()} {made.task.ref}", made.task.get_absolute_url())
        )
    found += [of_card(task) for task in made_of(model, origins)]
    handoffs = Handoff.objects.filter(version__model=model).select_related("version")
    for handoff in handoffs:
        handoff.version.model = model
        words = f"{handoff.version.name}, {handoff.get_state_display().lower()}"
        found.append(Entry(handoff.created_at, "handoff", "Handoff", words, handoff.get_absolute_url()))
    for one in Deployment.objects.filter(model=model).select_related("version"):
        one.version.model = model
        where = f"{one.version.name} in {one.get_environment_display().lower()}{'' if one.is_live else ', retired'}"
        found.append(Entry(one.live_from, "ship", "Deployment", where, one.version.get_absolute_url()))
    return sorted(found, key=lambda entry: entry.at)[-MOST:]


def made_of(model: MLModel, origins: Mapping[int | None, Task]) -> list[Task]:
    """The cards that decisions on its experiments and lines of its handoffs made, and the upkeep that names it."""
    by_decision = TaskLink.objects.filter(rel=Rel.ORIGIN, other__in=origins).values("task")
    by_line = Line.objects.filter(handoff__version__model=model, task__isnull=False).values("task")
    rows = Task.objects.within(model.team).present().filter(Q(pk__in=by_decision) | Q(pk__in=by_line) | upkeep_of(model))
    return list(rows.exclude(pk__in=origins).select_related("team"))


def upkeep_of(model: MLModel) -> Q:
    """Maintenance that serves the model, named by its slug or its name."""
    return Q(kind=Kind.MAINTENANCE) & (Q(serves__iexact=model.slug) | Q(serves__iexact=model.name))


def upkeep(model: MLModel) -> list[Task]:
    """The open maintenance cards of a model, in the order of the board."""
    return list(
        Task.objects.open().filter(upkeep_of(model), team=model.team).select_related("team", "owner").order_by("lane", "rank")[:MOST]
    )


def of_card(task: Task) -> Entry:
    return Entry(task.created_at, task.kind, str(task.get_kind_display()), f"{task.ref} {task.title}", task.get_absolute_url(), task.ref)


def model_of(task: Task) -> MLModel | None:
    """The model that a card belongs to: as the experiment of a version, as what was made of it, or as upkeep. Two queries at most."""
    if task.kind == Kind.MAINTENANCE:
        words = " ".join(task.serves.split())
        found = served_by(task.team_id, words.lower(), cleaning.folded(words)) if words else []
    elif task.kind == Kind.DEVELOPMENT:
        found = that_decided(task.team_id, task.pk) or that_asked(task.team_id, task.pk)
    else:
        found = that_came_of(task.team_id, task.pk)
    if not found:
        return None
    found[0].team = task.team
    return found[0]


@prepared
def served_by(team: int, slug: str, key: str) -> QuerySet[MLModel]:
    """The model that upkeep names."""
    return models_of(team).filter(Q(slug=slug) | Q(key=key))[:1]


@prepared
def that_decided(team: int, task: int) -> QuerySet[MLModel]:
    """The model whose creation, by a decision, made the card."""
    return models_of(team).filter(pk__in=Creation.objects.filter(decision__links__task=task).values("model"))[:1]


@prepared
def that_asked(team: int, task: int) -> QuerySet[MLModel]:
    """The model that a line of whose contract asks for the card."""
    return models_of(team).filter(pk__in=Line.objects.filter(task=task).values("handoff__version__model"))[:1]


@prepared
def that_came_of(team: int, task: int) -> QuerySet[MLModel]:
    """The model with a version that the experiment made."""
    return models_of(team).filter(pk__in=Version.objects.filter(origin=task).order_by().values("model"))[:1]


def models_of(team: int) -> QuerySet[MLModel]:
    return MLModel.objects.within(Team(pk=team)).order_by("pk")
