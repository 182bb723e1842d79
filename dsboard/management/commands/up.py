"""The whole board in one process: migrate, print the way in, serve, run the jobs."""

import argparse
import sys
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from dsboard.models import SignInLink, User
from dsboard.serving import folder, server
from dsboard.serving.jobs import Jobs

HOST = "127.0.0.1"
DEMO_LEAD = "lead@demo.example"


def port(text: str) -> int:
    """A port number from the command line."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port: a number from 1 to 65535.")
    return int(text)


class Command(BaseCommand):
    help = "Set up, migrate, and run the board with its jobs in this process."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port, default=8000)
        parser.add_argument("--data", metavar="DIR", help="where the database, key, attachments and mail are kept (default: ./data)")
        parser.add_argument("--demo", action="store_true", help="fill a demo team and print a link for its lead")

    def handle(self, *args: Any, port: int, demo: bool, **options: Any) -> None:
        """Refuse what can't work with one sentence and exit code 2; otherwise run until SIGTERM or Ctrl-C."""
        try:
            listener = server.listen(HOST, port)
        except server.Taken as taken:
            self.refuse(str(taken))
        with folder.held(settings.DATA_DIR):
            self.refuse_a_newer_database()
            call_command("migrate", verbosity=0, interactive=False)
            if demo:
                call_command("demo")
        settings.LOCAL_URL = f"http://{HOST}:{port}"
        self.say_where(settings.PUBLIC_URL or settings.LOCAL_URL, demo)
        # The jobs' threads have connections of their own; this one would stay open unused.
        connection.close()
        jobs = Jobs()
        jobs.start()
        server.serve(listener, leaving=jobs.leave)
        jobs.stop()

    def refuse_a_newer_database(self) -> None:
        """A database that a later dsboard has migrated may lack what this code reads."""
        loader = MigrationLoader(connection)
        unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
        newer = [f"{app}.{name}" for app, name in unknown if app in loader.migrated_apps]
        if newer:
            self.refuse(f"This database was made by a newer dsboard ({newer[0]}). Update the code, or choose another folder with --data.")

    def say_where(self, address: str, demo: bool) -> None:
        """Print the address and the way in: a link for the demo's lead, the first-run page, or how to get a link."""
        lead = User.objects.filter(email=DEMO_LEAD, is_active=True).first() if demo else None
        self.stdout.write(f"dsboard runs at {address}/ - Ctrl-C stops it.")
        if lead or not User.objects.exists():
            self.stdout.write(f"Sign in, once and within an hour: {address}{reverse('one-time-link', args=[SignInLink.issue(lead)])}")
        else:
            self.stdout.write("For a new sign-in link: ./dev manage signin_link EMAIL")
        self.stdout.flush()

    def refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)
