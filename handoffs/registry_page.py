"""What a tracking server's registry has of a model, beside the versions and cards here."""

from dataclasses import dataclass

from experiments.models import Run
from handoffs.models import MLModel, RegistryLink, RegistryVersion, Version


@dataclass(frozen=True)
class Registered:
    """One version of the registry: `version` is the one of that name here, `run` the run that made it where a card has it."""

    told: RegistryVersion
    version: Version | None
    run: Run | None


def registered(model: MLModel) -> list[tuple[RegistryLink, list[Registered]]]:
    """Each link with its versions, the newest first; four queries at most."""
    links = list(model.registry_links.select_related("tracker").prefetch_related("versions"))
    if not links:
        return []
    here = {one.key: one for one in model.versions.all()}
    ids = {version.run_id for link in links for version in link.versions.all() if version.run_id}
    rows = Run.objects.within(model.team).filter(external_id__in=ids, task__deleted_at=None).select_related("task__team")
    runs = {run.external_id: run for run in rows}
    found = []
    for link in links:
        link.model = model
        versions = sorted(link.versions.all(), key=lambda one: (len(one.number), one.number), reverse=True)
        rows_of = []
        for one in versions:
            one.link = link
            rows_of.append(Registered(one, here.get(one.number) or here.get(f"v{one.number}"), runs.get(one.run_id)))
        found.append((link, rows_of))
    for version in here.values():
        version.model = model
    return found
