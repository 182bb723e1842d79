"""What importing a file would do, row by row, before anything is written; and doing it."""

from dataclasses import dataclass, field

from django.db import transaction

from dsboard.errors import Refusal
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.imports.columns import Columns
from experiments.imports.rows import People, Row, create
from experiments.imports.sheet import Line, Sheet
from experiments.models import Task


@dataclass
class Plan:
    """Every row of a file in order with what becomes of it, and the columns that mean nothing here."""

    rows: list[Row] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def to_create(self) -> list[Row]:
        return [row for row in self.rows if row.will == "create"]

    @property
    def skipped(self) -> list[Row]:
        return [row for row in self.rows if row.will == "skip"]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.will == "refuse"]

    def in_words(self) -> str:
        """How many of each, as a sentence."""
        parts = [f"{counted(len(self.to_create))} to create"]
        parts += [f"{len(self.skipped)} skipped"] if self.skipped else []
        parts += [f"{len(self.refused)} refused"] if self.refused else []
        return ", ".join(parts) + "."


def counted(cards: int) -> str:
    """ "1 card", "2,000 cards"."""
    return f"{cards:,} {'card' if cards == 1 else 'cards'}"


def planned(by: Membership, content: bytes) -> Plan:
    """Try every row for real and take it back again: what the plan says is what the verbs say, and nothing is written.

    Raises Forbidden for a viewer, Refusal for a file that can't be read at all.
    """
    by.must(Act.IMPORT)
    return walked(by, Sheet.read(content), keep=False)


@transaction.atomic
def imported(by: Membership, content: bytes, *, good_rows: bool) -> Plan:
    """Import the file in one transaction. Refused rows are left out if `good_rows` is set, else nothing is imported."""
    by.must(Act.IMPORT)
    by.team.lock()
    plan = walked(by, Sheet.read(content), keep=True)
    if plan.refused and not good_rows:
        raise Refusal(f"{refusals(plan)}, so nothing was imported. Correct the file, or import the good rows only.")
    return plan


def refusals(plan: Plan) -> str:
    first = ", ".join(f"line {row.line}" for row in plan.refused[:5]) + (", …" if len(plan.refused) > 5 else "")
    return f"{len(plan.refused):,} {'row is' if len(plan.refused) == 1 else 'rows are'} refused ({first})"


def walked(by: Membership, sheet: Sheet, *, keep: bool) -> Plan:
    """Every row in a transaction of its own, kept or taken back."""
    columns = Columns.of(sheet)
    here = {key for pair in Task.objects.within(by.team).values_list("ref", "external_id") for key in pair if key}
    plan, people = Plan(unknown=columns.unknown), People.of(by.team)
    for line in sheet.lines:
        cells = columns.cells(line)
        row = Row(line.number, " ".join(cells.get("title", "").split())[:200])
        plan.rows.append(row)
        key = cells.get("key", "").strip()
        if key and key in here:
            row.will, row.problem = "skip", f"{key} is here already."
            continue
        attempt(row, line, cells, by, people, keep=keep)
        if row.will == "create":
            here.add(key)
    return plan


def attempt(row: Row, line: Line, cells: dict[str, str], by: Membership, people: People, *, keep: bool) -> None:
    """One row: never half of it."""
    try:
        with transaction.atomic():
            if line.problem:
                raise Refusal(line.problem)
            create(row, cells, by, people)
            if not keep:
                transaction.set_rollback(True)
    except Refusal as refusal:
        row.refuse(refusal)
