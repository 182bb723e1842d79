"""What models do when a person leaves a team: they keep their other owners; what was answered and signed keeps the name."""

from dsboard.models import Activity, Membership
from handoffs.models import MLModel


def leave(membership: Membership, by: Membership) -> None:
    """The person owns no model of the team any more. Inside the transaction of the departure, with the team held."""
    for model in MLModel.objects.within(membership.team).filter(owners=membership.user_id):
        before = model.owner_emails()
        model.owners.remove(membership.user_id)
        model.version += 1
        model.save(update_fields=["version"])
        Activity.record(model, "changed", by, field="owners", before=before, after=model.owner_emails())
