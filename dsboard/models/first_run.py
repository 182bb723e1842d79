"""The first run: one link, one person, one team; closed for good once anybody is here."""

from django.core.exceptions import ValidationError
from django.db import transaction

from dsboard.errors import Forbidden, Refusal
from dsboard.models.sign_in_link import SignInLink
from dsboard.models.team import Team
from dsboard.models.user import User


def is_open() -> bool:
    """True until the first person is here."""
    return not User.objects.exists()


@transaction.atomic
def begin(*, email: str, name: str, team: str, key: str = "", time_zone: str = "UTC", password: str = "") -> User:
    """Make the first person, who administers this server, and the first team, which that person leads."""
    # Two pages may be open: whoever holds the links' rows first makes the person, the other finds the door closed.
    list(SignInLink.objects.select_for_update().filter(user=None))
    if not is_open():
        raise Forbidden("Somebody has set this server up already. Ask them to add you.")
    try:
        user = User.objects.create_superuser(email, name)
    except ValidationError as error:
        raise Refusal.unclean(error) from error
    if password:
        try:
            user.choose_password(password)
        except Refusal as refusal:
            raise Refusal.of({"password": refusal.sentence}) from refusal
    try:
        Team.found(key=key or proposed_key(team), name=team, lead=user, time_zone=time_zone)
    except ValidationError as error:
        sentences = Refusal.unclean(error).fields
        raise Refusal.of({"team" if name == "name" else name: sentence for name, sentence in sentences.items()}) from error
    SignInLink.objects.filter(user=None).delete()
    return user


def proposed_key(team: str) -> str:
    """The key when none was typed: AML of "Applied ML", FRAUD of "Fraud"."""
    words = [word for word in ("".join(c for c in part if c.isascii() and c.isalnum()) for part in team.split()) if word]
    if len(words) == 1:
        return words[0][:5].upper()
    # A short word in capitals is an abbreviation already and comes whole.
    return "".join(word if word.isupper() and len(word) <= 3 else word[0] for word in words)[:6].upper()
