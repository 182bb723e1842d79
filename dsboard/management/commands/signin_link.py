"""A way in for somebody without a password, or who forgot it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from dsboard import mail
from dsboard.models import SignInLink, User


class Command(BaseCommand):
    help = "Print one address: a sign-in link that works once, for one hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Print the address alone, so that a script can use it."""
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        if not user.is_active:
            raise CommandError(f"{user.name} can't sign in any more. An administrator can change that.")
        self.stdout.write(mail.address_of(reverse("one-time-link", args=[SignInLink.issue(user)])))
