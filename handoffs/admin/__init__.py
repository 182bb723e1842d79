"""The administration of models and handoffs: to find and to read; everything is done on the board, by its members."""

from handoffs.admin.handoffs import HandoffAdmin
from handoffs.admin.models import DeploymentAdmin, MLModelAdmin, VersionAdmin
from handoffs.admin.monitoring import AlarmAdmin, RegistryLinkAdmin, RetrainingPlanAdmin, SeriesAdmin

__all__ = [
    "AlarmAdmin",
    "DeploymentAdmin",
    "HandoffAdmin",
    "MLModelAdmin",
    "RegistryLinkAdmin",
    "RetrainingPlanAdmin",
    "SeriesAdmin",
    "VersionAdmin",
]
