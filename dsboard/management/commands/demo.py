"""`./dev manage demo`: fill a team with believable content."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Fill a demo team, and a second small one so that access can be tried. No passwords: use signin_link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", default="DEMO", metavar="KEY", help="the key of the team (default: DEMO)")
        parser.add_argument("--size", type=int, default=0, metavar="N", help="add finished cards until the team has N, for load tests")

    def handle(self, *args: Any, team: str, size: int, **options: Any) -> None:
        """Once is enough: the second time it says so."""
        key = team.upper()
        if size < 0:
            raise CommandError("The size is a number of cards.")
        try:
            made = import_string("dsboard.demo.fill")(key)
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        self.stdout.write(f"Filled the team {key}. Its lead is lead@demo.example." if made else f"The team {key} is there already.")
        if size:
            added = import_string("dsboard.demo.grow")(key, size)
            self.stdout.write(f"Added {added} finished cards." if added else f"{key} has {size} cards or more already.")
