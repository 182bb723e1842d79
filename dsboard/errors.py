"""Saying no: sentences that a person can act on, raised by models, shown by one middleware or the API."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError


class Refusal(Exception):
    """A rule says no (422). `fields` maps the name of each field at fault to its own sentence."""

    status = 422
    title = "Refused"
    headers: Mapping[str, str] = {}

    def __init__(self, sentence: str, *, fields: Mapping[str, str] | None = None, way: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields = dict(fields or {})
        #: the address name of the form that would get there ("findings", "decision"), for a page to open
        self.way = way

    @classmethod
    def of(cls, fields: Mapping[str, str], *, way: str = "") -> "Refusal":
        """One refusal from the sentences of several fields."""
        return cls(" ".join(fields.values()), fields=fields, way=way)

    @classmethod
    def unclean(cls, error: ValidationError) -> "Refusal":
        """What a model's own validation found wrong, field by field."""
        if not hasattr(error, "error_dict"):
            return cls(" ".join(error.messages))
        return cls.of({name: " ".join(messages) for name, messages in error.message_dict.items()})


class Forbidden(Refusal):
    """The person's role or the team's policy says no (403)."""

    status = 403
    title = "Not allowed"


class Stale(Refusal):
    """Somebody changed the same thing first (409). `current` is what it is now, `since` the line of history that came first."""

    status = 409
    title = "Changed by somebody else"

    def __init__(self, sentence: str, *, current: Any = None, fields: Mapping[str, str] | None = None, since: Any = None) -> None:
        super().__init__(sentence, fields=fields)
        self.current, self.since = current, since


class TooMany(Refusal):
    """Too many tries from one place or for one address (429). `headers` says when to come back."""

    status = 429
    title = "Too many tries"

    def __init__(self, sentence: str, *, seconds: int) -> None:
        super().__init__(sentence)
        self.headers = {"Retry-After": str(seconds)}


class Unreachable(Refusal):
    """Something that the board stands on does not answer (503). `headers` says when to come back."""

    status = 503
    title = "Not reachable"

    def __init__(self, sentence: str, *, seconds: int) -> None:
        super().__init__(sentence)
        self.headers = {"Retry-After": str(seconds)}
