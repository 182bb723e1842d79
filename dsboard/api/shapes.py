"""What bodies and lists have in common: unknown fields refused, {items, count}, limit and offset."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from dsboard.models import User

#: PostgreSQL keeps no null characters
NO_NULL = r"^[^\x00]*$"
Email = Annotated[str, StringConstraints(max_length=254, pattern=NO_NULL)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NULL)]
Query = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NULL)]
#: the counter for stale writes
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Pk = Annotated[int, Path(..., ge=1, le=2**31 - 1, description="The number of a row, as its list tells it.")]
Number = Annotated[float, Field(allow_inf_nan=False)]


def iso(sent: Any) -> date:
    """A date as the document has it: a number or an instant, which Python would read as one too, is none."""
    try:
        if isinstance(sent, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", sent):
            return date.fromisoformat(sent)
    except ValueError:
        pass
    raise PydanticCustomError("date_type", "not a date")


Day = Annotated[date, BeforeValidator(iso)]


def instant(sent: Any) -> datetime | None:
    """An instant with its offset: "2026-03-10T09:12:00Z"; without one nobody knows when it was.

    In UTC from here on: PostgreSQL takes no offset of 16 hours or more, which ISO 8601 allows.
    """
    try:
        if sent is None:
            return None
        if isinstance(sent, str) and "T" in sent and (found := datetime.fromisoformat(sent)).utcoffset() is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise PydanticCustomError("instant", "not an instant with its offset, such as 2026-03-10T09:12:00Z")


Instant = Annotated[datetime, BeforeValidator(instant)]

Item = TypeVar("Item")


class Sent(BaseModel):
    """A body: a field that is not known is refused, and "5" is not 5."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Nothing(Sent):
    """An empty object."""


class Listed(BaseModel, Generic[Item]):
    """A page of a list; `count` is how many there are in all."""

    items: list[Item]
    count: int


class Page(BaseModel):
    """Which part of a list."""

    limit: int = Field(default=50, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=2**31 - 1)


def listed(request: ApiRequest, asked: Page, rows: QuerySet[Any] | Sequence[Any], show: Callable[[Any], Any]) -> dict[str, Any]:
    """One page of `rows`, each as `show` tells it; a query field that is not known is refused."""
    unknown = [name for name in request.GET if name not in type(asked).model_fields]
    if unknown:
        raise Refusal.of({name.replace("\x00", ""): f"There is no field {name} here." for name in unknown})
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    return {"items": [show(row) for row in rows[asked.offset : asked.offset + asked.limit]], "count": count}


def address(person: User | None) -> str | None:
    """How the API names a person."""
    return person.email if person else None
