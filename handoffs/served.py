"""What maintenance can serve: the models of a team, by name."""

from dsboard.models import Team
from handoffs.models import MLModel

MOST = 200


def names(team: Team) -> list[str]:
    """Suggestions for the field of a maintenance card; a pipeline is typed."""
    return list(MLModel.objects.within(team).order_by("key").values_list("name", flat=True)[:MOST])
