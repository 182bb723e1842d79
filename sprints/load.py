"""Who carried how much: planned days beside the days that each person could give. By name; no ranking, no velocity of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsboard.models import User
from experiments.my_work import number as in_letters
from sprints.models.figures import Loaded

#: per cent above which a cell is marked, and marked with a sign
OVER, FAR_OVER = 100, 110
#: below this a cell is quiet
LIGHT = 85
#: how many sprints in a row make a sentence
IN_A_ROW = 2


@dataclass(frozen=True)
class Cell:
    """One person in one sprint, in days."""

    planned: float = 0.0
    capacity: float = 0.0

    @property
    def per_cent(self) -> int | None:
        """Of what the person could give; None for somebody who could give nothing."""
        return round(self.planned * 100 / self.capacity) if self.capacity else None

    @property
    def is_over(self) -> bool:
        return self.planned > self.capacity if self.per_cent is None else self.per_cent > OVER

    @property
    def level(self) -> str:
        """How the cell is tinted; the number says the same."""
        if self.per_cent is None:
            return "h3" if self.planned else "h0"
        return "h3" if self.per_cent > FAR_OVER else "h2" if self.per_cent > OVER else "h1" if self.per_cent >= LIGHT else "h0"

    @property
    def words(self) -> str:
        """118▲; days for somebody who had no time; a dash for nothing."""
        if self.per_cent is None:
            return f"{self.planned:.1f} d▲" if self.planned else "–"
        return f"{self.per_cent}{'▲' if self.level == 'h3' else ''}"


@dataclass(frozen=True)
class Person:
    name: str
    user: User | None
    cells: list[Cell]

    @property
    def mean(self) -> Cell:
        """All planned days beside all days that there were."""
        return Cell(sum(cell.planned for cell in self.cells), sum(cell.capacity for cell in self.cells))

    @property
    def over_for(self) -> int:
        """For how many sprints in a row, up to the last one."""
        count = 0
        for cell in reversed(self.cells):
            if not cell.is_over:
                break
            count += 1
        return count


class Load:
    """People by name, with a cell for each sprint, the oldest first."""

    def __init__(self, sprints: Sequence[tuple[int, Iterable[Loaded]]], users: dict[int, User]) -> None:
        self.numbers = [number for number, _ in sprints]
        found: dict[int, tuple[str, dict[int, Cell]]] = {}
        for number, rows in sprints:
            for row in rows:
                found.setdefault(row.person, (row.name, {}))[1][number] = Cell(row.planned, row.capacity)
        people = [
            Person(users[pk].name if pk in users else name, users.get(pk), [cells.get(number, Cell()) for number in self.numbers])
            for pk, (name, cells) in found.items()
        ]
        self.people = sorted(people, key=lambda person: person.name)

    @property
    def sentences(self) -> list[str]:
        """Lena Fischer has been over capacity for four sprints."""
        return [
            f"{person.name} has been over capacity for {in_letters(person.over_for)} sprints."
            for person in self.people
            if person.over_for >= IN_A_ROW
        ]
