"""What the board knows of a version, for the draft of its model card."""

from experiments.models import Decision, Finding, Task
from handoffs.model_card.writing import Known, as_of, draft, export
from handoffs.models import CardEdition, Version


def drafted(version: Version) -> str:
    """A card from purpose, hypothesis, metrics, findings and decision; for one that retrains, from the card of the version before."""
    if version.retrains and (earlier := CardEdition.newest(version.retrains)):
        return as_of(earlier.text, str(version.retrains), str(version), version.metrics)
    return draft(known(version))


def exported(version: Version, card: CardEdition | None) -> str:
    """The newest edition, or the draft, in the layout of others."""
    text = card.text if card else drafted(version)
    return export(text, str(version), version.metrics)


def known(version: Version) -> Known:
    """Six queries at most."""
    task: Task | None = version.origin if version.origin and not version.origin.deleted_at else None
    finding: Finding | None = task.finding if task else None
    decision: Decision | None = task.decision if task else None
    results = list(finding.results.all()) if finding else []
    return Known(
        name=version.model.name,
        version=version.name,
        purpose=version.model.purpose,
        owners=[owner.name for owner in version.model.owners.order_by("name")],
        origin=task.ref if task else "",
        hypothesis=task.statement if task else "",
        goals=[f"- {metric.name}: target {metric.goal}" for metric in task.metrics.all()] if task else [],
        results=[f"- {one.metric_name} {one.number}, target {one.goal}, {one.source}" for one in results],
        tried=finding.tried if finding else "",
        learned=finding.learned if finding else "",
        next=finding.next if finding else "",
        decision=decision.why if decision else "",
        run=version.origin_run,
        artifact=version.artifact,
        checksum=version.checksum,
        metrics=version.metrics,
    )
