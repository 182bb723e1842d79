"""History of versions and handoffs, in words for their pages."""

from dataclasses import dataclass

from dsboard.models import Activity
from handoffs.checklists import BY_SLUG as CRITERIA
from handoffs.contract import BY_SLUG as TERMS
from handoffs.stages import AnswerState, LineState, VersionStage


@dataclass(frozen=True)
class Told:
    """One line: who did what, and why."""

    item: Activity

    @property
    def who(self) -> str:
        return self.item.actor.first_name if self.item.actor else "The board"

    @property
    def why(self) -> str:
        return str(self.item.facts.get("reason") or self.item.facts.get("override_reason") or "")


class VersionLine(Told):
    """What happened to a version."""

    @property
    def did(self) -> str:
        facts, after, before = self.item.facts, str(self.item.after), str(self.item.before)
        match self.item.verb:
            case "added":
                came = f" to retrain {facts['retrains']}" if facts.get("retrains") else ""
                return f"added it{came} at {VersionStage(after).label}"
            case "answered":
                return f"answered {CRITERIA[self.item.field].label}: {AnswerState(after).label.lower()}"
            case "advanced":
                with_open = f", with {len(facts['exceptions'])} open" if facts.get("exceptions") else ""
                return f"passed the gate from {VersionStage(before).label} to {VersionStage(after).label}{with_open}"
            case "went_back":
                return f"took it back to {VersionStage(after).label}"
            case "deployed":
                return f"deployed it to {after}, {facts.get('mode', '')}"
            case "filed":
                return f"added the file {after}"
            case "unfiled":
                return f"removed the file {before}"
            case "carded":
                how = {"file": " from a file", "api": " through the API", "draft": " as drafted"}.get(facts.get("source", ""), "")
                return f"wrote edition {after} of the model card{how}"
            case "retired":
                return f"retired it in {before}"
            case "watched":
                return f"began to watch {after}"
            case "unwatched":
                return f"watches {before} no more"
            case "alarmed":
                return f"raised an alarm of {self.item.field}: {after.rstrip('.')}"
            case "judged_alarm":
                return f"judged an alarm of {facts.get('metric', '')}: {after}"
            case "planned":
                return f"planned {', '.join(self.item.after or [])}"
            case "alias_moved":
                moved = (
                    f"from {before} to {after}"
                    if self.item.before and self.item.after
                    else f"to {after}"
                    if self.item.after
                    else f"off {before}"
                )
                return f"saw the alias {self.item.field} move {moved} in the registry"
            case "changed" if self.item.field.startswith("series_"):
                return f"changed how {facts.get('metric', '')} is watched: {self.item.field.removeprefix('series_').replace('_', ' ')}"
            case _:
                return f"changed {self.item.field_label}"


class HandoffLine(Told):
    """What happened to a handoff."""

    @property
    def did(self) -> str:
        item = self.item
        label = TERMS[item.field].label if item.field in TERMS else ""
        match item.verb:
            case "started":
                return "started it" if item.facts.get("revision", 1) == 1 else f"opened revision {item.facts['revision']}"
            case "line":
                return {
                    LineState.PROVIDED: f"provided {label}",
                    LineState.RETURNED: f"returned {label}",
                    LineState.BLOCKED: f"said that {label} is blocked",
                    LineState.NOT_NEEDED: f"said that {label} is not needed",
                }.get(LineState(str(item.after)), f"took {label} back")
            case "line_owner":
                return f"gave {label} to {item.after}" if item.after else f"left {label} without an owner"
            case "verified":
                done = f"agreed that {label} is not needed" if item.after == LineState.NOT_NEEDED else f"verified {label}"
                return f"{done} all the same" if item.facts.get("reason") else done
            case "planned":
                return f"planned {', '.join(item.after or [])}"
            case verb:
                return WORDS.get(verb, f"changed {item.field_label}")


WORDS = {
    "offered": "offered it",
    "reviewed": "began the review",
    "handed_back": "returned it",
    "withdrew": "withdrew it",
    "accepted": "accepted it with the second signature",
    "signed": "signed it",
}
