"""A person who signs in by email address."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


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
    joined_at = models.DateTimeField(auto_now_add=True)

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
