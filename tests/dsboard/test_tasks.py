"""The sweeps, the schedule that names them, and tick, which runs them all."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from dsboard import tasks
from dsboard.celery import app
from dsboard.models import JobRun, SignInLink, User

pytestmark = pytest.mark.django_db


def test_the_sweep_drops_links_that_are_over_for_a_day_and_keeps_the_others() -> None:
    mei, now = User.objects.create_user("mei@example.org", "Mei"), timezone.now()
    soon, day, old = now + timedelta(minutes=30), now - timedelta(hours=23), now - timedelta(hours=25)
    ages = {"fresh": (soon, None), "used today": (soon, day), "used": (old, old), "ended today": (day, None), "ended": (old, None)}
    for name, (expires, used) in ages.items():
        SignInLink.objects.create(user=mei, digest=name, expires_at=expires, used_at=used)
    tasks.sweep()
    assert set(SignInLink.objects.values_list("digest", flat=True)) == {"fresh", "used today", "ended today"}


def test_the_sweep_drops_ended_sessions_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    now = timezone.now()
    for number in range(3):
        Session.objects.create(session_key=f"ended{number}", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="running", session_data="", expire_date=now + timedelta(minutes=1))
    tasks.sweep()
    assert Session.objects.count() == 2
    tasks.sweep()
    assert [session.session_key for session in Session.objects.all()] == ["running"]


def test_every_job_of_the_schedule_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY["beat_schedule"].values()} <= set(app.tasks)


def test_tick_runs_every_job_once() -> None:
    output = StringIO()
    call_command("tick", stdout=output)
    assert output.getvalue() == f"{len(settings.CELERY['beat_schedule'])} jobs ran.\n"
    assert JobRun.last() is not None


def test_tick_goes_on_after_a_failure_and_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.conf.beat_schedule, "broken", {"task": "no.such"})
    with pytest.raises(CommandError, match=r"no\.such"):
        call_command("tick")
    assert JobRun.objects.filter(name="dsboard.sweep").exists()
