"""The nouns of handoffs: the model, its versions, how their criteria were answered, how they passed, where they are deployed."""

from handoffs.models.answer import Answer
from handoffs.models.deployment import Deployment
from handoffs.models.ml_model import MLModel
from handoffs.models.passage import Passage
from handoffs.models.version import Version

__all__ = ["Answer", "Deployment", "MLModel", "Passage", "Version"]
