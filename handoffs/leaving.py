"""What models and handoffs do when a person leaves a team: a successor takes them on; what was answered and signed keeps the name."""

from django.db.models import QuerySet

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Role, Side
from handoffs.models import Handoff, Line, MLModel
from handoffs.stages import FROZEN


def left_behind(membership: Membership) -> list[tuple[str, list[tuple[str, str]]]]:
    """The models and the lines of open handoffs in this person's name: a heading, then words and address of each."""
    models = [(model.name, model.get_absolute_url()) for model in owned(membership)]
    lines = [(f"{line.term.label}, {line.handoff.version}", line.handoff.get_absolute_url()) for line in open_lines(membership)]
    return [part for part in ((counted(len(models), "model"), models), (counted(len(lines), "handoff line"), lines)) if part[1]]


def counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def owned(membership: Membership) -> list[MLModel]:
    found = list(MLModel.objects.within(membership.team).filter(owners=membership.user_id))
    for model in found:
        model.team = membership.team
    return found


def open_lines(membership: Membership) -> list[Line]:
    rows: QuerySet[Line] = Line.objects.within(membership.team).filter(owner_id=membership.user_id).exclude(handoff__state__in=FROZEN)
    return list(rows.select_related("handoff__version__model__team", "owner"))


def leave(membership: Membership, by: Membership, successor: Membership | None) -> None:
    """Models and open lines go to the successor or to nobody. Inside the transaction of the departure, with the team held."""
    keep_the_side(membership, by, successor)
    for model in owned(membership):
        before = model.owner_emails()
        model.owners.remove(membership.user_id)
        if successor and successor.role != Role.VIEWER:
            model.owners.add(successor.user_id)
        model.version += 1
        model.save(update_fields=["version"])
        Activity.record(model, "changed", by, field="owners", before=before, after=model.owner_emails())
    for line in open_lines(membership):
        fits = successor is not None and successor.role != Role.VIEWER and line.term.side in (None, successor.side)
        line.hand_to(successor.user if successor and fits else None, by)


def keep_the_side(membership: Membership, by: Membership, successor: Membership | None) -> None:
    """The last member of a side hands the side on while a handoff is open, or nobody could verify and sign it. Raises Refusal."""
    side = Side(membership.side)
    if membership.role == Role.VIEWER or others(membership, side) or not Handoff.objects.within(membership.team).open().exists():
        return
    if successor is None or successor.role == Role.VIEWER:
        last = f"{membership.user.name} is the last of {side.label.lower()} while a handoff is open."
        raise Refusal.of({"successor": f"{last} Choose who takes the side from now on."})
    if successor.side != side:
        if not others(successor, Side(successor.side)):
            last = f"{successor.user.name} is the last of {Side(successor.side).label.lower()}"
            raise Refusal.of({"successor": f"{last} and can't take the other side too. Add somebody first."})
        successor.change(by, side=side)


def others(membership: Membership, side: Side) -> bool:
    """Whether somebody else of the team works on this side."""
    rows = Membership.objects.within(membership.team).filter(side=side, user__is_active=True)
    return bool(rows.exclude(pk=membership.pk).exclude(role=Role.VIEWER).exists())
