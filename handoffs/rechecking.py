"""Looking again at what was verified, after its version, its model card or the version in production changed."""

from handoffs.checks.check import failed
from handoffs.models import Deployment, Handoff, Line, Version, telling
from handoffs.models.line_checks import checks_of
from handoffs.stages import FROZEN, HandoffState, LineState

BATCH = 50
#: the lines of which software can say that they are wrong
LOOKED_AT = ("trained-model-artifact", "model-card", "input-output-formats", "performance-benchmarks")


def sweep() -> int:
    """Look at the handoffs of up to 50 changed versions; returns how many versions. One query when nothing changed."""
    changed = list(Version.objects.filter(recheck=True).select_related("model__team")[:BATCH])
    for version in changed:
        # First the mark: a change in between sets it again, and is looked at again.
        Version.objects.filter(pk=version.pk).update(recheck=False)
        for handoff in concerned(version):
            tell_of_failed(handoff)
    return len(changed)


def concerned(version: Version) -> list[Handoff]:
    """The handoffs of the model whose lines a change can touch: the open ones, and what was accepted of versions that serve."""
    rows = Handoff.objects.filter(version__model=version.model_id).select_related("version__model__team")
    serving = Deployment.objects.live().filter(model=version.model_id).values("version")
    accepted = rows.filter(state=HandoffState.ACCEPTED, version__in=serving).order_by("version", "-revision")
    newest = {one.version_id: one for one in reversed(accepted)}
    return [*rows.exclude(state__in=FROZEN), *newest.values()]


def tell_of_failed(handoff: Handoff) -> None:
    """Both sides hear of a verified line that fails now; not of one that was verified in spite of a failed check."""
    rows = Line.objects.filter(handoff=handoff, slug__in=LOOKED_AT, state=LineState.VERIFIED).prefetch_related("verifications")
    lines = [line for line in rows if not any(yes.despite for yes in line.yes.values())]
    found = checks_of(handoff.version, lines)
    for line in lines:
        line.handoff = handoff
        if bad := failed(found.get(line.slug, [])):
            telling.line_failed(line, bad[0].reason)
        else:
            # A letter about a failure that is mended meanwhile stays here.
            telling.withdraw(line)
