"""What this floor deletes for good when the bins are emptied."""

from handoffs.models import EvidenceFile


def empty() -> None:
    """Files of evidence that were removed over 30 days ago."""
    EvidenceFile.objects.purge()
