"""The administration of models and handoffs: to find and to read; everything is done on the board, by its members."""

from handoffs.admin.handoffs import HandoffAdmin
from handoffs.admin.models import DeploymentAdmin, MLModelAdmin, VersionAdmin

__all__ = ["DeploymentAdmin", "HandoffAdmin", "MLModelAdmin", "VersionAdmin"]
