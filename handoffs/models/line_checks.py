"""What the checks are told of a handoff's lines: seven queries for all fourteen, however many there are to look at."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity
from experiments.models import Finding, Metric
from handoffs.checks.check import Check
from handoffs.checks.facts import Facts, Goal, StoredFile
from handoffs.checks.lists import check
from handoffs.models.card import CardEdition
from handoffs.models.deployment import Deployment
from handoffs.models.evidence_file import find_file
from handoffs.models.handoff import Handoff
from handoffs.models.version import Version
from handoffs.stages import Environment, EvidenceType, HandoffState, LineState

if TYPE_CHECKING:
    from handoffs.models.line import Line

#: of a file, as much as a card or a schema may have
READ = 256 * 1024
FORMATS = "input-output-formats"
#: the lines whose file is read; of the others its digest says enough
READ_ONES = (FORMATS, "model-card")
BUILT = ("artifact", "checksum", "metrics")


def checks_of(version: Version, lines: "Iterable[Line]") -> dict[str, list[Check]]:
    """What is found of each line, by slug; lines that nobody gave have nothing."""
    given = [line for line in lines if line.evidence and line.state in (LineState.PROVIDED, LineState.VERIFIED)]
    if not given:
        return {}
    shared = known_of(version, {line.slug for line in given})
    return {line.slug: check(Facts(slug=line.slug, **shared, **said_of(line, version, shared))) for line in given}


def check_line(line: "Line") -> list[Check]:
    """What is found of one line."""
    return checks_of(line.handoff.version, [line]).get(line.slug, [])


def said_of(line: "Line", version: Version, shared: dict[str, Any]) -> dict[str, Any]:
    """What a line itself brings."""
    evidence = line.evidence or {}
    before = earlier_formats(version) if line.slug == FORMATS else ""
    return {
        "kind": str(evidence.get("type", "")),
        "words": str(evidence.get("value", "")),
        "given_at": line.provided_at,
        "file": stored(line, version) if evidence.get("type") == EvidenceType.FILE else None,
        "before": before,
    }


def known_of(version: Version, slugs: set[str]) -> dict[str, Any]:
    """What all lines of the version share."""
    edition = CardEdition.newest(version) if "model-card" in slugs else None
    champion = live_beside(version) if "performance-benchmarks" in slugs else None
    goals, directions = goals_of(version) if "performance-benchmarks" in slugs else ((), {})
    rows = Activity.objects.of(version).filter(verb="changed", field__in=BUILT)
    return {
        "now": clock.now(),
        "built_at": rows.order_by("-pk").values_list("at", flat=True).first(),
        "artifact": version.artifact,
        "checksum": version.checksum,
        "card": edition.text if edition else "",
        "card_at": edition.at if edition else None,
        "metrics": version.metrics,
        "champion": champion.metrics if champion else {},
        "champion_name": champion.name if champion else "",
        "directions": directions,
        "goals": goals,
    }


def live_beside(version: Version) -> Version | None:
    """Another version of the model that serves in production in full."""
    rows = Deployment.objects.live().filter(model_id=version.model_id, environment=Environment.PRODUCTION, mode="full")
    found = rows.exclude(version_id=version.pk).select_related("version").order_by("-pk").first()
    return found.version if found else None


def goals_of(version: Version) -> tuple[tuple[Goal, ...], dict[str, str]]:
    """The success metrics of the card that it comes from, judged by the version's own number, else by the findings."""
    if version.origin_id is None:
        return (), {}
    metrics = list(Metric.objects.filter(task_id=version.origin_id))
    finding = Finding.objects.filter(task_id=version.origin_id).prefetch_related("results").order_by("-pk").first()
    met = {result.metric_name: result.is_met for result in finding.results.all()} if finding else {}
    goals = [
        Goal(one.name, one.goal, one.met(version.metrics[one.name]) if one.name in version.metrics else met.get(one.name))
        for one in metrics
    ]
    return tuple(goals), {one.name: str(one.direction) for one in metrics}


def earlier_formats(version: Version) -> str:
    """The formats that the version before handed over: the one that it retrains, else the newest accepted of the model."""
    rows = Handoff.objects.filter(version__model_id=version.model_id, state=HandoffState.ACCEPTED).exclude(version_id=version.pk)
    if version.retrains_id:
        rows = rows.filter(version_id=version.retrains_id)
    found = rows.filter(lines__slug=FORMATS, lines__evidence__type="text").order_by("-accepted_at", "-pk")
    evidence = found.values_list("lines__evidence", flat=True).first()
    return str(evidence["value"]) if evidence else ""


def stored(line: "Line", version: Version) -> StoredFile | None:
    """The file that the evidence names, when the board keeps it."""
    found = find_file(version, (line.evidence or {}).get("value"))
    if found is None:
        return None
    try:
        content, unread = found.start(READ) if line.slug in READ_ONES else b"", ""
    except Refusal as refusal:
        content, unread = b"", refusal.sentence
    return StoredFile(found.name, found.sha256, found.size, content, unread)
