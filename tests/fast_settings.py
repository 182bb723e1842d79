"""dsboard's own settings for processes that tests kill: the same sweeps, twice a second, and a lease that ends while one watches."""

from dsboard.settings import *  # noqa: F403
from dsboard.settings import CELERY

for entry in CELERY["beat_schedule"].values():
    if entry["schedule"] < 60:
        entry |= {"schedule": 0.5, "options": {"expires": 2}}
MAIL_LEASE = 4
