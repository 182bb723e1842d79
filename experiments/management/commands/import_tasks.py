"""Import cards from a CSV file: says what every row would do, and does it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dsboard.errors import Refusal
from dsboard.models import Membership, Team
from dsboard.roles import Role
from experiments.imports.plan import Plan, counted, imported, planned
from experiments.imports.rows import Row


class Command(BaseCommand):
    help = "Import cards from a CSV file, of another tracker or exported here. Nothing is imported while a row is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, metavar="KEY")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, import nothing")
        parser.add_argument("--good-rows", action="store_true", help="import the good rows and leave the refused ones out")
        parser.add_argument("--by", metavar="EMAIL", help="who imports; the team's first lead when not said")

    def handle(self, *args: Any, **options: Any) -> None:
        by = importer(options["team"], options["by"])
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}.") from error
        try:
            plan = planned(by, content)
            self.tell(plan)
            if plan.refused and not options["good_rows"]:
                raise CommandError("Nothing was imported. Correct the refused rows, or say --good-rows to leave them out.")
            if options["dry_run"]:
                self.stdout.write("Nothing was imported: this was a dry run.")
                return
            done = imported(by, content, good_rows=options["good_rows"])
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"Imported {counted(len(done.to_create))}.")

    def tell(self, plan: Plan) -> None:
        """The plan, a line a row."""
        for row in plan.rows:
            self.stdout.write(f"line {row.line}: {told(row)}")
        if plan.unknown:
            self.stdout.write(f"Columns without a place here: {', '.join(plan.unknown)}.")
        self.stdout.write(plan.in_words())


def told(row: Row) -> str:
    """What becomes of a row, in a line."""
    if row.will == "create":
        return " ".join([f"create {row.kind_label.lower()} “{row.title}” in {row.stage_label}.", *row.notes])
    return f"{'skipped' if row.will == 'skip' else 'refused'}: {row.problem}"


def importer(key: str, email: str | None) -> Membership:
    """The member who imports: the one named, or the team's first lead."""
    team = Team.objects.filter(key=key.upper()).first()
    if team is None:
        raise CommandError(f"There is no team {key.upper()}.")
    members = Membership.objects.within(team).filter(user__is_active=True).select_related("user", "team")
    found = members.filter(user__email=email.strip().lower()) if email else members.filter(role=Role.LEAD).order_by("pk")
    member = found.first()
    if member is None:
        raise CommandError(f"{email or 'A lead'} is not in the team {team.key}.")
    return member
