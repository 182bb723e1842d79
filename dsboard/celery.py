"""The Celery application. Messages carry no facts: every task is a sweep that takes nothing and reads rows."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsboard.settings")
app = Celery("dsboard")
app.config_from_object(settings.CELERY)
app.autodiscover_tasks()
