"""What this floor reads from a tracking server while it is read: registered models, and metrics of models in operation.

An alias list of a version is always empty in MLflow's own answers, so aliases are taken from the model; the run of a version may be
told two hops further on.
"""

from typing import Any

from dsboard.errors import Refusal
from experiments.models import Tracker
from experiments.tracking import told
from experiments.tracking.mlflow import OF_A_LINK, Mlflow, NotRead
from experiments.tracking.sync import when
from handoffs.models import RegistryLink, Series

#: hops from a version to the run that made it: a copied version, its logged model, the run
HOPS = 3
MODEL, VERSION = "dsboard.model", "dsboard.version"


def sync(client: Mlflow, tracker: Tracker) -> None:
    """Read every link of the server; trouble that is a link's own stays on it. Raises NotRead for the server's. One query without links."""
    links = list(tracker.registry_links.select_related("model__team", "tracker"))
    if not links:
        return
    aliases = {str(one.get("name")): aliases_of(one) for one in client.registered_models()}
    for link in links:
        if link.name not in aliases:
            RegistryLink.objects.filter(pk=link.pk).update(said=f"{tracker.name} has no registered model “{link.name[:80]}”.")
            continue
        try:
            link.take([version_of(client, one, aliases[link.name]) for one in client.model_versions(link.name)])
            tell_metrics(client, link)
        except NotRead as error:
            if error.why not in OF_A_LINK:
                raise
            RegistryLink.objects.filter(pk=link.pk).update(said=error.sentence[:400])
        except Refusal as refusal:
            RegistryLink.objects.filter(pk=link.pk).update(said=refusal.sentence[:400])


def aliases_of(model: dict[str, Any]) -> dict[str, list[str]]:
    """{version: aliases} of a registered model."""
    found: dict[str, list[str]] = {}
    for one in model.get("aliases") or []:
        if isinstance(one, dict) and one.get("alias"):
            found.setdefault(str(one.get("version")), []).append(str(one["alias"])[:100])
    return found


def version_of(client: Mlflow, one: dict[str, Any], aliases: dict[str, list[str]]) -> dict[str, Any]:
    number = str(one.get("version"))[:40]
    run_id = str(one.get("run_id") or "") or origin(client, str(one.get("source") or ""))
    return {
        "number": number,
        "aliases": sorted(aliases.get(number, [])),
        "status": str(one.get("status") or "")[:40],
        "run_id": run_id[:64],
        "incomplete": not run_id,
    }


def origin(client: Mlflow, source: str) -> str:
    """The run behind `models:/m-…` or `models:/name/1`; empty where it can't be followed."""
    for _ in range(HOPS):
        kind, _, rest = source.partition(":/")
        if kind != "models" or not rest:
            return ""
        try:
            if rest.startswith("m-"):
                found = client.logged_model(rest)
                return str(found.get("source_run_id") or "")
            name, _, number = rest.rpartition("/")
            copied = client.model_version(name, number)
        except NotRead as error:
            if error.why not in OF_A_LINK:
                raise
            return ""
        if copied.get("run_id"):
            return str(copied["run_id"])
        source = str(copied.get("source") or "")
    return ""


# ── metrics in operation ──


def tell_metrics(client: Mlflow, link: RegistryLink) -> None:
    """The metrics of runs tagged with the model's slug become values of it in operation, at the moment when each run ended."""
    by = link.model.acting_for(link.by)
    if by is None:
        return
    numbers = [str(one.get("experiment_id")) for one in client.experiments()]
    clauses = [f"tags.`{MODEL}` = '{link.model.slug}'", f"attributes.end_time > {link.read_until}"]
    for runs in client.search(numbers, clauses, "attributes.end_time ASC") if numbers else ():
        rows = [row for run in runs for row in values_of(run)]
        for begin in range(0, len(rows), 1000):
            Series.tell_all(link.model, by, rows[begin : begin + 1000])
        link.read_until = max([link.read_until, *(when(run, "end_time") for run in runs)])
        RegistryLink.objects.filter(pk=link.pk).update(read_until=link.read_until)


def values_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The last value of each metric that is a number."""
    data, at = run.get("data") or {}, told.instant(run["info"].get("end_time"))
    version = told.pairs(data.get("tags")).get(VERSION, "")
    rows = []
    for name, points in told.points(data.get("metrics")).items():
        value = points[-1][1]
        if isinstance(value, int | float) and len(name) <= 60:
            rows.append({"name": name, "value": float(value), "at": at, "version": str(version)[:60]})
    return rows
