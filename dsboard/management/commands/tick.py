"""Every due job once, without a worker: for cron, and for tests."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dsboard.celery import app


class Command(BaseCommand):
    help = "Run each job of the schedule once in this process and exit."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them all, even after one that failed; exit code 1 names the ones that did."""
        app.loader.import_default_modules()
        failed = []
        for entry in app.conf.beat_schedule.values():
            try:
                app.tasks[entry["task"]](*entry.get("args", ()))
            except Exception as error:  # One job's failure must not keep the others from running.
                failed.append(f"{entry['task']} ({error!r})")
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")
        self.stdout.write(f"{len(app.conf.beat_schedule)} jobs ran.")
