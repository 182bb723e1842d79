"""Both sides at the table: shorthands that take a handoff to where a test begins."""

from dsboard.roles import Side
from handoffs.models import Handoff, Line
from tests.world import World


def line(handoff: Handoff, slug: str) -> Line:
    """A line as the database has it now."""
    return Line.objects.select_related("handoff__version__model__team", "owner").get(handoff=handoff, slug=slug)


def shown(slug: str) -> str:
    """Evidence that no check fails: formats are elsewhere, for the rest a sentence does."""
    return "https://wiki.example.org/formats" if slug == "input-output-formats" else "We looked."


def provide_all(world: World, handoff: Handoff) -> None:
    """Mei gives the lines of data science and what is shared, Omar those of engineering."""
    for one in handoff.read_lines():
        line(handoff, one.slug).put("provided", world.omar if one.term.side == Side.ENGINEERING else world.mei, evidence=shown(one.slug))


def offered(world: World, handoff: Handoff) -> None:
    """Everything is on the table; data science has offered it."""
    if handoff.state == "draft" and handoff.revision == 1:
        provide_all(world, handoff)
    handoff.offer(world.mei)


def agree(world: World, one: Line) -> None:
    """Every side that is asked says yes to a line."""
    for side in one.term.verifiers:
        line(one.handoff, one.slug).verify(world.mei if side == Side.SCIENCE else world.omar)


def everything_verified(world: World, handoff: Handoff) -> None:
    """Offered and verified line by line, so that both can sign."""
    offered(world, handoff)
    for one in handoff.read_lines():
        agree(world, one)
    handoff.refresh_from_db()
