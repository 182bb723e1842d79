"""Cleaning what was typed for a model or a version: a value to keep, or a Refusal that names the field."""

import re
import unicodedata
from collections.abc import Iterable
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from django.utils.text import slugify

from dsboard.errors import Refusal
from dsboard.models import Membership, Team, User
from dsboard.roles import Role

LONGEST_MODEL, LONGEST_VERSION, LONGEST_SLUG, LONGEST_KEY = 100, 40, 60, 255
LONGEST_TEXT, LONGEST_LINE = 10_000, 500
MOST_METRICS, MOST_LINKS, MOST_OWNERS = 50, 20, 20
#: pages of a team's models stand where a model's own page does
PAGES = ("new", "today")
CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}")


def line(field: str, value: Any, longest: int = LONGEST_LINE, needed: str = "") -> str:
    """One line without spaces at its ends; `needed` is the sentence for an empty one."""
    return kept(field, " ".join(unicodedata.normalize("NFC", str(value or "")).replace("\x00", "").split()), longest, needed)


def text(field: str, value: Any, longest: int = LONGEST_TEXT, needed: str = "") -> str:
    """Several lines; `needed` is the sentence for an empty one."""
    return kept(field, str(value or "").replace("\x00", "").replace("\r\n", "\n").strip(), longest, needed)


def kept(field: str, words: str, longest: int, needed: str) -> str:
    if needed and not words:
        raise Refusal.of({field: needed})
    if len(words) > longest:
        raise Refusal.of({field: f"Keep this under {longest} characters; it has {len(words)}."})
    return words


def folded(name: str) -> str:
    """A name as it is told apart: without regard to case."""
    return unicodedata.normalize("NFC", name.casefold())


def model_name(value: Any) -> str:
    """The name of a model."""
    return line("name", value, LONGEST_MODEL, needed="A model needs a name.")


def version_name(value: Any, field: str = "version") -> str:
    """The name of a version, which stands in addresses: v2.3, 2026-05, "May, second try"."""
    name = line(field, value, LONGEST_VERSION, needed="A version needs a name, such as v1.")
    if not all(char.isprintable() and char not in "/\\" for char in name) or not any(char.isalnum() for char in name):
        raise Refusal.of({field: "A version's name has a letter or a digit, and no slash, as it stands in addresses."})
    return name


def sort_key(name: str) -> str:
    """A text whose plain order is the natural order of names: v2.9 before v2.10.

    A number is written with its length before it, so that longer ones are later. All is in hexadecimal, which every
    database collates alike; PostgreSQL's own locales would leave dots out.
    """
    parts = re.split(r"([0-9]+)", folded(name))
    written = [f"{len(part.lstrip('0')):02}{part.lstrip('0')}" if part.isascii() and part.isdigit() else part for part in parts]
    return "".join(written).encode().hex()[:LONGEST_KEY]


def free_slug(name: str, taken: Iterable[str]) -> str:
    """The name as it stands in addresses, with a number where another model has it already."""
    slug, others = slugify(name)[:LONGEST_SLUG].strip("-") or "model", {*taken, *PAGES}
    number, found = 1, slug
    while found in others:
        number += 1
        found = f"{slug}-{number}"
    return found


def checksum(value: Any) -> str:
    """sha256: and 64 hexadecimal digits, or empty."""
    words = str(value or "").strip().lower()
    if words and not CHECKSUM.fullmatch(words):
        raise Refusal.of({"checksum": "A checksum is sha256: and 64 hexadecimal digits."})
    return words


def metrics(value: Any) -> dict[str, float]:
    """Numbers by name."""
    if not isinstance(value or {}, dict):
        raise Refusal.of({"metrics": "Send metrics as numbers by name."})
    found: dict[str, float] = {}
    for name, number in (value or {}).items():
        word = line("metrics", name, 60, needed="Each metric has a name.")
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(as_float(number)):
            raise Refusal.of({"metrics": f"{word} is no number."})
        found[word] = number
    if len(found) > MOST_METRICS:
        raise Refusal.of({"metrics": f"A version has at most {MOST_METRICS} metrics."})
    return found


def as_float(number: float) -> float:
    """Whole numbers too large for a float are infinite."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def is_web_address(value: str) -> bool:
    """An http or https address with a host, and nothing in it that ends an attribute."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\x00-\x1f\"'<>\\]", value)
    except ValueError:
        return False


def links(value: Any) -> list[dict[str, str]]:
    """Addresses with what they lead to; only http and https."""
    found = []
    for link in value or []:
        url = line("links", link.get("url"), 2000, needed="A link needs an address.")
        if not is_web_address(url):
            raise Refusal.of({"links": "A link starts with https:// or http:// and has no spaces."})
        found.append({"label": line("links", link.get("label"), 100) or url[:100], "url": url})
    if len(found) > MOST_LINKS:
        raise Refusal.of({"links": f"A model has at most {MOST_LINKS} links."})
    return found


def owners(team: Team, emails: Iterable[str]) -> list[User]:
    """Members and leads of the team, by address."""
    asked = list(dict.fromkeys(str(email).replace("\x00", "").strip().lower() for email in emails))
    if len(asked) > MOST_OWNERS:
        raise Refusal.of({"owners": f"A model has at most {MOST_OWNERS} owners."})
    rows = Membership.objects.within(team).select_related("user").filter(user__email__in=asked, user__is_active=True)
    members = {member.user.email: member for member in rows}
    for email in asked:
        if email not in members:
            raise Refusal.of({"owners": f"Nobody with the address {email} is in this team."})
        if members[email].role == Role.VIEWER:
            raise Refusal.of({"owners": f"{members[email].user.name} is a viewer here. Models are owned by members and leads."})
    return [members[email].user for email in asked]
