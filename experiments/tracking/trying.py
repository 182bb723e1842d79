"""Trying a tracking server at once, for whoever just typed its address."""

import time
from dataclasses import dataclass

from dsboard.errors import Refusal
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.models import Tracker
from experiments.tracking.mlflow import Mlflow, NotRead, OutOfTime

#: seconds for all of it, as somebody waits
SECONDS = 8.0
MOST = 1000


@dataclass(frozen=True)
class Found:
    """What answered: its version, how many experiments may be read (at most MOST are counted), and milliseconds for one answer."""

    version: str
    experiments: int
    milliseconds: int

    @property
    def sentence(self) -> str:
        many = f"{MOST} or more" if self.experiments >= MOST else str(self.experiments)
        word = "experiment" if self.experiments == 1 else "experiments"
        version = "" if self.version == "unknown" else f" {self.version}"
        return f"MLflow{version} answers in {self.milliseconds} ms and shows {many} {word}."


def try_out(tracker: Tracker, by: Membership) -> Found:
    """Ask it for its experiments. Raises Refusal with what is in the way."""
    by.must(Act.TRACKERS, tracker.team_id)
    client = Mlflow(tracker, seconds=SECONDS, one=SECONDS - 2)
    try:
        began = time.monotonic()
        count = len(client.experiments(MOST))
        took = time.monotonic() - began
        return Found(client.version(), count, round(took * 1000))
    except NotRead as error:
        raise Refusal(error.sentence) from error
    except OutOfTime as error:
        raise Refusal(f"{tracker.host} is too slow: it did not answer within {SECONDS:.0f} seconds.") from error
