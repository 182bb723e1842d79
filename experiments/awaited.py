"""What waits for a person on the floors above: My work shows it, and does not know what it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from dsboard.floors import modules
from dsboard.models import Membership, User


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: its name, how it stands, how far it is, and where it is done."""

    team_id: int
    title: str
    text: str
    figure: str
    url: str


@dataclass(frozen=True)
class Section:
    """A list on My work. `noun` counts its rows in the first sentence, `key` names it in addresses and ids."""

    key: str
    title: str
    noun: str
    icon: str
    hint: str
    rows: list[Waiting]

    def of_team(self, team_id: int | None) -> int:
        """How many of its rows are of one team."""
        return sum(row.team_id == team_id for row in self.rows)


def sections(user: User, places: Mapping[int, Membership]) -> list[Section]:
    """What the modules called `waiting` of the floors above have for this person; `places` are memberships by team."""
    return [module.section(user, places) for module in modules("waiting")] if places else []
