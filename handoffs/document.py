"""A handoff as one document: Markdown for people, JSON for programs; what evidence says is data and stays so."""

import re
from typing import Any

from dsboard.roles import Side
from handoffs.checks.check import Check
from handoffs.models import CardEdition, Handoff, Line, Signature, Verification
from handoffs.models.evidence import shown
from handoffs.models.line_checks import checks_of

PARTS = ((Side.SCIENCE, "Data Science delivers"), (Side.ENGINEERING, "Engineering provides"), (None, "Shared responsibilities"))
#: what Markdown would read as its own
MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def escaped(words: Any) -> str:
    """On one line, with nothing that Markdown or HTML would act on."""
    return MARKS.sub(r"\\\1", " ".join(str(words).split()))


def markdown(handoff: Handoff) -> str:
    """The contract with its signatures; void ones too, as signed for an earlier version."""
    lines, signatures = handoff.read_lines(), list(handoff.signatures.select_related("by"))
    parts = [f"# {escaped(handoff)}", "", f"State: {handoff.get_state_display()}"]
    checks = checks_of(handoff.version, lines)
    if handoff.reason:
        parts.append(f"Reason: {escaped(handoff.reason)}")
    if card := CardEdition.newest(handoff.version):
        parts.append(f"Model card: edition {card.number}, {card.at:%Y-%m-%d}")
    for side, title in PARTS:
        parts += ["", f"## {title}", "", "| line | state | evidence | checks | owner | verified by |", "|---|---|---|---|---|---|"]
        parts += [row(line, checks.get(line.slug, [])) for line in lines if line.term.side == side]
    parts += ["", "## Signatures", ""]
    parts += [f"- {signed(one)}" for one in signatures] or ["Nobody has signed yet."]
    return "\n".join(parts) + "\n"


def row(line: Line, checks: list[Check]) -> str:
    evidence = escaped(shown(line.evidence))
    told = f"{evidence} ({escaped(line.reason)})" if line.reason else evidence
    said = ", ".join(
        f"{escaped(one.by or 'somebody')} ({Side(one.side).label}, {one.at:%Y-%m-%d}{despite(one)})" for one in line.yes.values()
    )
    found = " ".join(f"{one.state}: {escaped(one.reason)}" for one in checks)
    owner = escaped(line.owner.name) if line.owner else ""
    return f"| {line.term.label} | {line.get_state_display()} | {told} | {found} | {owner} | {said} |"


def despite(one: Verification) -> str:
    """Why a side said yes although a check had failed."""
    return f", all the same: {escaped(one.despite)}" if one.despite else ""


def signed(one: Signature) -> str:
    name = escaped(one.by.name) if one.by else "Somebody"
    void = "" if one.is_valid else f"; signed for an earlier version: {escaped(one.void_reason)}"
    return f"{Side(one.side).label}: {name}, {one.at:%Y-%m-%d %H:%M} UTC{void}"


def as_json(handoff: Handoff) -> dict[str, Any]:
    """Everything of the contract, with what each signature stands on."""
    lines = handoff.read_lines()
    checks = checks_of(handoff.version, lines)
    return {
        "model": handoff.version.model.slug,
        "version": handoff.version.name,
        "revision": handoff.revision,
        "state": handoff.state,
        "reason": handoff.reason,
        "accepted_at": handoff.accepted_at,
        "artifact": handoff.version.artifact,
        "checksum": handoff.version.checksum,
        "card": card.number if (card := CardEdition.newest(handoff.version)) else None,
        "lines": [told(line, checks.get(line.slug, [])) for line in lines],
        "signatures": [
            {
                "side": one.side,
                "by": one.by.email if one.by else None,
                "at": one.at,
                "valid": one.is_valid,
                "void": one.void_reason,
                "signed": one.signed,
            }
            for one in handoff.signatures.select_related("by")
        ],
    }


def told(line: Line, checks: list[Check]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "slug": line.slug,
        "label": line.term.label,
        "side": line.term.side,
        "state": line.state,
        "settled": line.is_settled,
    }
    facts |= {"owner": line.owner.email if line.owner else None, "evidence": line.evidence, "reason": line.reason, "due_on": line.due_on}
    said = [{"side": one.side, "by": one.by.email if one.by else None, "at": one.at, "despite": one.despite} for one in line.yes.values()]
    return facts | {"verified": said, "checks": [vars(one) for one in checks]}
