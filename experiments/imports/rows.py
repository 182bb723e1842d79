"""One row of a file as one card: what its cells mean, and the verbs that make it."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from dsboard.errors import Refusal
from dsboard.models import Membership, Team, User
from dsboard.roles import Role
from experiments import rules
from experiments.imports import words
from experiments.imports.cells import READERS, labels_of
from experiments.imports.columns import NEXT
from experiments.models import Task
from experiments.models.cleaning import No
from experiments.models.fields import fields_of
from experiments.models.time_box import hours_in_words
from experiments.stages import Kind, Stage, Work, stages_of


@dataclass
class Row:
    """What the plan says about one line: `will` is create, skip or refuse; `notes` say what could not be taken over."""

    line: int
    title: str
    will: str = "create"
    kind: str = ""
    stage: str = ""
    ref: str = ""
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return Kind(self.kind).label if self.kind else ""

    @property
    def stage_label(self) -> str:
        return Stage(self.stage).label if self.stage else ""

    def refuse(self, refusal: Refusal) -> None:
        """Keep the sentence: the one of the field at fault, by its name, or the refusal's own."""
        named = [f"{name.replace('_', ' ').capitalize()}: {sentence}" for name, sentence in refusal.fields.items()]
        self.will, self.problem = "refuse", " ".join(named) or refusal.sentence


@dataclass(frozen=True)
class People:
    """Who can be given cards: the team's members, by address, name and the part before the @. Nobody else is looked up."""

    by_word: dict[str, User]

    @classmethod
    def of(cls, team: Team) -> "People":
        members = Membership.objects.within(team).filter(user__is_active=True).exclude(role=Role.VIEWER).select_related("user")
        found: dict[str, list[User]] = {}
        for user in (member.user for member in members):
            for word in {user.email, user.name.lower(), user.email.partition("@")[0]}:
                found.setdefault(word, []).append(user)
        return cls({word: users[0] for word, users in found.items() if len(users) == 1})

    def named(self, cell: str) -> User | None:
        """By "mei@example.org", "Mei Tanaka", "mei" or "Mei Tanaka <mei@example.org>"."""
        inner = re.search(r"<([^>]+)>", cell)
        return self.by_word.get(" ".join((inner[1] if inner else cell).lower().split()))


#: every field of any kind: what this kind does not have is refused by its rule and not lost
FORWARDED = {name for kind in Kind for name in fields_of(kind)} - {"title", "description"}
#: fields that take one word of a few, and other ways to write them
CHOSEN: dict[str, dict[str, str]] = {
    "bucket": {},
    "confidence": {},
    "work": {"data pipeline": Work.PIPELINE, "bug fix": Work.BUG},
}


def create(row: Row, cells: dict[str, str], by: Membership, people: People) -> Task:
    """Make the card of a row through the verbs, so that every rule of the board is asked. Raises Refusal."""
    try:
        row.kind = kind = words.kind_of(cells)
    except No as no:
        raise Refusal.of({"kind": str(no)}) from no
    key = cells.get("key", "").strip()
    if len(key) > 100:
        raise Refusal.of({"key": "A key is at most 100 characters."})
    fields = values(row, kind, cells, by, people)
    task = Task.plan(by.team, kind=kind, by=by, external_id=key, **fields)
    row.ref = task.ref
    advance(row, task, cells, by)
    if "drop_reason" in cells:
        task.drop(by, cells["drop_reason"])
        row.notes.append("Dropped, with its reason.")
    return task


def values(row: Row, kind: Kind, cells: dict[str, str], by: Membership, people: People) -> dict[str, Any]:
    """The fields of the card by the names of the API; what the kind refuses is left in, so that its rule can say so."""
    wrong: dict[str, str] = {}
    fields: dict[str, Any] = {"title": cells.get("title", ""), "description": described(cells)}
    cells = sized(kind, translated(row, kind, cells), by.team)
    for name in FORWARDED & set(cells):
        try:
            fields[name] = READERS[name](cells[name]) if name in READERS else cells[name]
        except No as no:
            wrong[name] = str(no)
    if wrong:
        raise Refusal.of(wrong)
    for name in ("owner", "decider"):
        if name in fields:
            fields[name] = person(row, name, cells[name], people)
    if "comparable_to" in fields:
        fields["comparable_to"] = comparable(row, cells["comparable_to"].strip(), by.team)
    for name in set(CHOSEN) & set(fields):
        word = words.said(fields[name])
        fields[name] = CHOSEN[name].get(word, word)
    return fields


def translated(row: Row, kind: Kind, cells: dict[str, str]) -> dict[str, str]:
    """What other trackers know and this board calls something else, per kind; where our own column is filled, that one counts."""
    found = dict(cells)
    if kind == Kind.MAINTENANCE:
        found.setdefault("work", words.WORKS.get(words.said(cells.get("kind", "")), ""))
        if "components" in cells:
            found.setdefault("serves", cells["components"].split("\n")[0])
    elif "components" in cells:
        found["labels"] = "\n".join(filter(None, [*labels_of(cells.get("labels", "")), *cells["components"].split("\n"), ""])) + "\n"
    if "acceptance" in cells:
        if kind == Kind.MAINTENANCE:
            row.notes.append("Without its acceptance criteria: maintenance says what was done at the end.")
        else:
            found.setdefault("deliverables" if kind == Kind.DEVELOPMENT else "success", cells["acceptance"])
    return found


def sized(kind: Kind, cells: dict[str, str], team: Team) -> dict[str, Any]:
    """The cells with their sizes as numbers: "2d" of a box, "3.0" points, an estimate in seconds."""
    found: dict[str, Any] = dict(cells)
    if "points" in cells:
        found["points"] = words.points_of(cells["points"])
    if "hours" in cells:
        found["hours"] = hours_in_words(cells["hours"], team.hours_per_day)
    elif kind.is_boxed and "estimate" in cells:
        found["hours"] = words.seconds_as_hours(cells["estimate"])
    return found


def person(row: Row, name: str, cell: str, people: People) -> str:
    """The address of a member; somebody who is not one is left out, and the row says so."""
    user = people.named(cell)
    if user is None:
        row.notes.append(f"{name.capitalize()} left out: {cell.strip()[:60]} is not a member here.")
        return ""
    return user.email


def comparable(row: Row, ref: str, team: Team) -> str:
    """The card that a firm estimate was compared with, also where it has another reference here."""
    found = Task.objects.within(team).present().filter(Q(ref=ref) | Q(external_id=ref), stage=Stage.DONE).first()
    if found is None:
        row.notes.append(f"Without the comparable card {ref[:30]}: it is not a finished card here.")
        return ""
    return str(found.ref)


def described(cells: dict[str, str]) -> str:
    """The description, and below it what has no field here, marked as imported: nobody is made to say what they did not."""
    told = [cells.get("description", "").strip()]
    if "reporter" in cells or "comments" in cells:
        told.append(" ".join(filter(None, [imported_from(cells), reported_by(cells)])))
    if "comments" in cells:
        told.append("Imported comments:\n\n" + "\n\n".join(quoted(comment) for comment in cells["comments"].split(NEXT)))
    return "\n\n".join(filter(None, told))


def imported_from(cells: dict[str, str]) -> str:
    return f"Imported from {cells['key'].strip()}." if "key" in cells else "Imported."


def reported_by(cells: dict[str, str]) -> str:
    when = f" on {words.date_of(cells['created'])}" if "created" in cells else ""
    return f"Reported by {' '.join(cells['reporter'].split())}{when}." if "reporter" in cells else ""


def quoted(comment: str) -> str:
    """A comment of Jira, "12/Mar/26 3:04 PM;author;text", as a quotation."""
    parts = comment.split(";", 2)
    text = parts[-1] if len(parts) == 3 else comment
    head = f"**{words.date_of(parts[0])}**\n" if len(parts) == 3 else ""
    return "\n".join(f"> {line}" for line in (head + text.strip()).splitlines())


def advance(row: Row, task: Task, cells: dict[str, str], by: Membership) -> None:
    """Move the new card as far towards the stage that the row names as the rules allow, and say what kept it."""
    wanted = words.stage_of(Kind(task.kind), cells)
    row.stage = task.stage
    if wanted is None:
        if cells.get("stage", "").strip():
            row.notes.append(f"“{cells['stage'].strip()[:40]}” is not a stage here, so it starts in {row.stage_label}.")
        return
    reach = stages_of(task.kind)[: stages_of(task.kind).index(wanted) + 1]
    allowed = [stage for stage in reach if stage != Stage.DECISION and not rules.missing(task, stage)]
    target = allowed[-1] if allowed else reach[0]
    owned = task.owner_id
    if target != task.stage:
        task.move_to(target, by)
    row.stage = target
    if target != wanted:
        asked = rules.missing(task, reach[reach.index(target) + 1])
        row.notes.append(
            f"In {row.stage_label}, not in {wanted.label}: {next(iter(asked.values()), 'a card enters Decision by a decision.')}"
        )
    if task.owner_id != owned:
        row.notes.append("You become its owner.")
