"""Notices of a handoff: a side hears what waits for it; written in the transaction of what they tell of."""

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from dsboard.kinds import Kind
from dsboard.models import Membership, Notice
from dsboard.roles import Act, Side
from handoffs.contract import other
from handoffs.stages import LineState

if TYPE_CHECKING:
    from handoffs.models.handoff import Handoff
    from handoffs.models.line import Line


def line_given(line: "Line", by: Membership) -> None:
    """Something new to look at: whoever verifies it hears of it, unless the handoff is not laid before them yet."""
    withdraw(line)
    handoff = line.handoff
    if line.state not in (LineState.PROVIDED, LineState.NOT_NEEDED) or not handoff.is_before_both:
        return
    asked = [side for side in line.term.verifiers if side not in line.yes]
    added = brief(line) if line.state == LineState.PROVIDED else f"says it is not needed: {line.reason}"
    tell(
        handoff,
        people(handoff, asked, by),
        kind=Kind.HANDOFF_VERIFY,
        key=f"line:{line.pk}:{line.version}",
        about=about(line),
        title=f"Your side: verify {line.term.label}",
        text=f"{by.user.first_name} {added}",
        action="Verify",
        by=by,
        at=f"#{line.slug}",
    )


def line_returned(line: "Line", by: Membership) -> None:
    """Whoever gave it and whoever owns it hear why it came back."""
    withdraw(line)
    rows = Membership.objects.within(line.handoff.version.model.team).select_related("user")
    tell(
        line.handoff,
        rows.filter(user__in={line.provided_by_id, line.owner_id} - {by.user_id, None}),
        kind=Kind.HANDOFF_RETURNED,
        key=f"line:{line.pk}:{line.version}",
        about=about(line),
        title=f"Returned: {line.term.label}",
        text=line.reason,
        action="Open",
        by=by,
        at=f"#{line.slug}",
    )


def line_verified(line: "Line", by: Membership) -> None:
    """Nobody needs to look at it any more; with the last one, both sides hear that they can sign."""
    if not line.is_settled:
        return
    withdraw(line)
    handoff = line.handoff
    if all(one.is_settled for one in handoff.read_lines()):
        tell(
            handoff,
            people(handoff, list(Side), by),
            kind=Kind.HANDOFF_SIGN,
            key=f"sign:{handoff.pk}:{handoff.edition}",
            title=f"Your side: sign {handoff.version}",
            text="Every line is verified or agreed not to be needed.",
            action="Sign",
            by=by,
        )


def line_failed(line: "Line", reason: str) -> None:
    """Both sides hear, once for each reason, that what was verified fails a check now."""
    digest = sha256(reason.encode()).hexdigest()[:12]
    tell(
        line.handoff,
        people(line.handoff, list(Side)),
        kind=Kind.HANDOFF_FAILED,
        key=f"failed:{line.pk}:{line.version}:{digest}",
        about=about(line),
        title=f"Fails a check now: {line.term.label}",
        text=reason,
        action="Look",
        at=f"#{line.slug}",
    )


def offered(handoff: "Handoff", by: Membership) -> None:
    """The other side hears that it is its turn."""
    side = other(handoff.offered_side)
    count = sum(side in line.term.verifiers and line.is_on_the_table and side not in line.yes for line in handoff.read_lines())
    waits = f"{count} {'line waits' if count == 1 else 'lines wait'}" if count else "Nothing waits yet"
    tell(
        handoff,
        people(handoff, [side], by),
        kind=Kind.HANDOFF_VERIFY,
        key=f"offered:{handoff.pk}:{handoff.edition}",
        title=f"Your side: verify {handoff.version}",
        text=f"{by.user.first_name} offered the handoff. {waits} for {side.label.lower()}.",
        action="Open",
        by=by,
    )


def given_back(handoff: "Handoff", by: Membership) -> None:
    """The side that offered it hears why it came back."""
    tell(
        handoff,
        people(handoff, [handoff.offered_side], by),
        kind=Kind.HANDOFF_RETURNED,
        key=f"returned:{handoff.pk}:{handoff.edition}",
        title=f"Returned: {handoff.version}",
        text=handoff.reason,
        action="Open",
        by=by,
    )


def accepted(handoff: "Handoff", by: Membership) -> None:
    """Both sides hear that both have signed."""
    tell(
        handoff,
        people(handoff, list(Side), by),
        kind=Kind.HANDOFF_ACCEPTED,
        key=f"accepted:{handoff.pk}",
        title=f"Both sides signed: {handoff.version}",
        text="The gate into Deployment is open to it.",
        action="Open",
        by=by,
    )


# ── what these stand on ──


def about(line: "Line") -> str:
    return f"line:{line.pk}"


def withdraw(line: "Line") -> None:
    """What was said of the line before is no longer true."""
    Notice.objects.withdraw(about(line))


def people(handoff: "Handoff", sides: Iterable[str], by: Membership | None = None) -> list[Membership]:
    """Who works on these sides, but for the one who did it."""
    rows = Membership.objects.within(handoff.version.model.team).filter(side__in=list(sides), user__is_active=True)
    return [one for one in rows.exclude(pk=by.pk if by else None).select_related("user") if one.may(Act.HANDOFFS)]


def brief(line: "Line") -> str:
    """What was added, as short as a notice holds it."""
    if line.evidence is None:
        return "provided it."
    value = str(line.evidence.get("name") or line.evidence["value"])
    return f"added {value if len(value) <= 200 else value[:199] + '…'}"


def tell(
    handoff: "Handoff",
    people: Iterable[Membership],
    *,
    kind: Kind,
    key: str,
    title: str,
    text: str,
    action: str,
    by: Membership | None = None,
    about: str = "",
    at: str = "",
) -> None:
    """One notice for each of these people."""
    url = f"{handoff.get_absolute_url()}{at}"
    Notice.objects.post_all(
        Notice.of(
            team_id=handoff.team_id,
            user_id=one.user_id,
            by_id=by.user_id if by else None,
            kind=kind,
            key=f"handoff:{key}",
            about=about,
            title=title,
            text=text,
            why=f"you work on {Side(one.side).label.lower()} here",
            url=url,
            actions=[(action, url)],
        )
        for one in people
    )
