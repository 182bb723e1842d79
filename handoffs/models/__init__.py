"""The nouns of floor 2: the model, its versions, how their criteria were answered and how they passed, the handoff, the deployment."""

from handoffs.models.alarm import Alarm
from handoffs.models.answer import Answer
from handoffs.models.card import CardEdition
from handoffs.models.creation import Creation
from handoffs.models.deployment import Deployment
from handoffs.models.evidence_file import EvidenceFile
from handoffs.models.handoff import Handoff
from handoffs.models.line import Line
from handoffs.models.ml_model import MLModel
from handoffs.models.passage import Passage
from handoffs.models.registry import RegistryLink, RegistryVersion
from handoffs.models.retraining import Retraining, RetrainingPlan
from handoffs.models.series import Point, Series
from handoffs.models.signature import Signature
from handoffs.models.verification import Verification
from handoffs.models.version import Version

__all__ = [
    "Alarm",
    "Answer",
    "CardEdition",
    "Creation",
    "Deployment",
    "EvidenceFile",
    "Handoff",
    "Line",
    "MLModel",
    "Passage",
    "Point",
    "RegistryLink",
    "RegistryVersion",
    "Retraining",
    "RetrainingPlan",
    "Series",
    "Signature",
    "Verification",
    "Version",
]
