"""A token of the HTTP API from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dsboard.models import ApiToken, Membership
from dsboard.models.api_token import Scope


class Command(BaseCommand):
    help = "Make an API token for a member of a team; the token is the last word printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", required=True, metavar="KEY")
        parser.add_argument("--scope", choices=Scope.values, default=Scope.WRITE)
        parser.add_argument("--name", default="Command line", help="what it is for, as its owner sees it in the settings")

    def handle(self, *args: Any, email: str, team: str, scope: str, name: str, **options: Any) -> None:
        """Print the token, this once; it never allows more than its owner's role."""
        members = Membership.objects.select_related("user", "team")
        member = members.filter(user__email=email.strip().lower(), user__is_active=True, team__key=team.strip().upper()).first()
        if member is None:
            raise CommandError(f"Nobody with the address {email} is in a team {team.upper()} and can sign in.")
        token = ApiToken.issue(member, scope=scope, name=name[:60])
        self.stdout.write(f"{scope} token for {member.user.email} in {member.team.key}: {token}")
