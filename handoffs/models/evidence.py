"""Evidence for a criterion: a link, a file, a run, a card of the team, a number or a sentence."""

import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from dsboard.errors import Refusal
from dsboard.models import Team
from experiments.models import Task
from handoffs.models.cleaning import as_float, is_web_address, line, text
from handoffs.stages import EvidenceType

if TYPE_CHECKING:
    from handoffs.models.version import Version

REF = re.compile(r"[A-Za-z][A-Za-z0-9]{1,9}-[1-9][0-9]{0,8}")
NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?")
FILE_KEY = re.compile(r"f-[\w-]{10,38}")
LONGEST_EVIDENCE = 10_000
FIELD = "evidence"


def cleaned(version: "Version", value: Any) -> dict[str, Any] | None:
    """`{type, value}` to keep, or None when nothing was given.

    A plain text is a link when it is a web address, a file when it is the key of one of the model, a card when it is the
    reference of one of the team, a number when it is nothing else, else a sentence.
    """
    if value in (None, "", {}):
        return None
    team = version.model.team
    kept = named_file(version, value)
    if kept is not None:
        return kept
    if isinstance(value, str):
        return from_text(team, value)
    if isinstance(value, dict) and set(value) == {"type", "value", "name"} and value["type"] == EvidenceType.FILE:
        value = {"type": value["type"], "value": value["value"]}
    if not isinstance(value, dict) or set(value) != {"type", "value"} or value["type"] not in EvidenceType.values:
        raise Refusal.of({FIELD: f"Evidence has a type ({', '.join(EvidenceType.values)}) and a value."})
    if value["type"] == EvidenceType.FILE:
        raise Refusal.of({FIELD: "There is no such file with this model. Upload it first, and name its key."})
    return {"type": value["type"], "value": value_of(team, value["type"], value["value"])}


def named_file(version: "Version", value: Any) -> dict[str, Any] | None:
    """The file of the model that a key names, given as a text or as evidence."""
    key = value["value"] if isinstance(value, dict) and value.get("type") == EvidenceType.FILE and "value" in value else value
    if not isinstance(key, str) or not FILE_KEY.fullmatch(key.strip()):
        return None
    rows = version.model.versions.filter(files__key=key.strip(), files__removed_at=None)
    name = rows.values_list("files__name", flat=True).first()
    return {"type": EvidenceType.FILE.value, "value": key.strip(), "name": name} if name else None


def shown(evidence: dict[str, Any] | None) -> str:
    """Evidence as people read it: a file by its name."""
    return str(evidence.get("name") or evidence["value"]) if evidence else ""


def from_text(team: Team, words: str) -> dict[str, Any] | None:
    """What a plain text is evidence of."""
    words = text(FIELD, words, LONGEST_EVIDENCE)
    if not words:
        return None
    if is_web_address(words):
        return {"type": EvidenceType.LINK.value, "value": words}
    if card_named(team, words):
        return {"type": EvidenceType.TASK.value, "value": words.upper()}
    if NUMBER.fullmatch(words):
        return {"type": EvidenceType.NUMBER.value, "value": float(words)}
    return {"type": EvidenceType.TEXT.value, "value": words}


def value_of(team: Team, kind: str, value: Any) -> Any:
    """The value that fits the type; raises Refusal."""
    if kind == EvidenceType.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(as_float(value)):
            raise Refusal.of({FIELD: "This evidence is a number, such as 0.93."})
        return value
    if not isinstance(value, str):
        raise Refusal.of({FIELD: f"The value of a {kind} is a text."})
    if kind == EvidenceType.TEXT:
        return text(FIELD, value, LONGEST_EVIDENCE, needed="Say in a sentence what shows it.")
    words = line(FIELD, value, LONGEST_EVIDENCE, needed="Evidence needs a value.")
    if kind == EvidenceType.LINK and not is_web_address(words):
        raise Refusal.of({FIELD: "A link starts with https:// or http:// and has no spaces."})
    if kind == EvidenceType.TASK:
        if not card_named(team, words):
            raise Refusal.of({FIELD: f"There is no card {words} in this team."})
        return words.upper()
    return words


def card_named(team: Team, words: str) -> bool:
    """Whether this is the reference of a card of the team; those of other teams do not exist here."""
    return bool(REF.fullmatch(words)) and Task.objects.within(team).present().filter(ref=words.upper()).exists()
