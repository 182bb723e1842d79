"""A person who signs in by email address."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.kinds import Topic
from dsboard.models.pulse import subject, tell
from dsboard.roles import Role


class Theme(models.TextChoices):
    SYSTEM = "system", "Like the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **extra: Any) -> "User":
        """A new person. Without a password only sign-in links work."""
        user = self.model(email=email.strip().lower(), name=name.strip(), **extra)
        user.set_password(password)
        user.full_clean()
        user.save()
        return user

    def create_superuser(self, email: str, name: str = "", password: str | None = None, **extra: Any) -> "User":
        """For `./dev manage createsuperuser`: staff with every permission of the admin."""
        return self.create_user(email, name or email.partition("@")[0], password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Addresses are compared without case; they are stored in lower case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True, error_messages={"unique": "Somebody with this email address is already here."})
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True, help_text="Off: this person can't sign in. History keeps the name.")
    is_staff = models.BooleanField("administrator", default=False, help_text="May open this administration.")
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField(default=True, help_text="Shortcuts of a single key, such as C for a new card.")
    mail_off = models.JSONField("mail switched off", default=list, blank=True, help_text="The topics that are not mailed.")
    digest = models.BooleanField("daily summary", default=False, help_text="One mail a day instead of several.")
    joined_at = models.DateTimeField(auto_now_add=True)
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_without_case"),
            models.CheckConstraint(condition=~models.Q(name=""), name="user_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email.strip().lower()
        # One line: a name stands in the subject of mails.
        self.name = " ".join(self.name.split())

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = self.name.split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.email

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def hue(self) -> int:
        """0 to 11: which of the twelve avatar colours; the same person has the same everywhere."""
        return (self.pk or 0) * 5 % 12

    def get_session_auth_hash(self) -> str:
        """What a session is checked against: another password, or sessions ended, and it is over."""
        return salted_hmac("dsboard.session", f"{self.sessions_ended}:{self.password}", algorithm="sha256").hexdigest()

    def change(self, *, name: str, theme: str, single_keys: bool) -> None:
        """One's own profile."""
        before, self.name, self.theme, self.single_keys = self.name, name, theme, single_keys
        self.clean()
        self.save(update_fields=["name", "theme", "single_keys"])
        if self.name != before:
            self.stir()

    def stir(self) -> None:
        """Who this is changed: the open pages of every team with this person look again."""
        for team_id in self.memberships.values_list("team_id", flat=True):
            tell(team_id, subject("membership", self.name))

    def choose_mail(self, *, topics: Collection[str], digest: bool) -> None:
        """Which topics are mailed, and whether once a day."""
        self.mail_off = [topic for topic in Topic.values if topic not in topics]
        self.digest = digest
        self.save(update_fields=["mail_off", "digest"])
        # What waits for tomorrow's summary is looked at again: it may go now, or not at all.
        self.notices.filter(mail="waiting").update(mail_due_at=clock.now())

    def stop_mail(self, topic: str) -> None:
        """No more mail of one topic; the inbox keeps it."""
        self.choose_mail(topics=set(Topic.values) - {*self.mail_off, topic}, digest=self.digest)

    def deactivate(self, by: "User") -> None:
        """Close the door: sessions and tokens stop with their next request. Nobody locks themselves out, and every team keeps a lead."""
        if by.pk == self.pk:
            raise Refusal("You can't deactivate yourself.")
        alone = [place.team.name for place in self.memberships.filter(role=Role.LEAD).select_related("team") if place.leads_alone()]
        if alone:
            raise Refusal(f"{self.name} is the only lead of {', '.join(alone)}. Make somebody else a lead first.")
        self.is_active = False
        self.save(update_fields=["is_active"])
        self.stir()

    def reactivate(self) -> None:
        """Open the door again."""
        self.is_active = True
        self.save(update_fields=["is_active"])
        self.stir()

    def end_sessions(self) -> None:
        """Sign this person out everywhere, at once."""
        User.objects.filter(pk=self.pk).update(sessions_ended=F("sessions_ended") + 1)
        self.refresh_from_db(fields=["sessions_ended"])

    def choose_password(self, new: str, *, current: str = "") -> None:
        """Take a new password; whoever has one shows that they know it. Ends every session."""
        if self.has_usable_password() and not self.check_password(current):
            raise Refusal.of({"current": "That is not your password now."})
        self.reset_password(new)

    def reset_password(self, new: str) -> None:
        """Take a new password from somebody who proved by other means who they are. Ends every session."""
        try:
            validate_password(new, self)
        except ValidationError as error:
            raise Refusal.of({"new": " ".join(error.messages)}) from error
        self.set_password(new)
        self.save(update_fields=["password"])
