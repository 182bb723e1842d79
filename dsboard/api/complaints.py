"""The problems as the document declares them, and what ninja and its schemas complain of in our words."""

from collections.abc import Callable
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from dsboard.api.problems import problem, refused
from dsboard.errors import Refusal


class FieldError(BaseModel):
    """One field at fault, with its own sentence; `metrics.0.name` is inside a list."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `detail` is a sentence that a person can act on."""

    title: str = Field(examples=["Refused"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Name at least one deliverable before work starts."])


class RefusedProblem(Problem):
    """A rule's refusal or bad input, field by field. `way` names the act that would get there."""

    errors: list[FieldError]
    way: Literal["findings", "decision", "reversal", "extension"] | None = None


class StaleProblem(Problem):
    """Somebody changed the same thing first; `current` is what it is now."""

    current: dict[str, Any] | None


def unclean(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    """The body or the query does not fit its schema."""
    found: dict[str, str] = {}
    for error in invalid.errors:
        name = name_of(error["loc"])
        found.setdefault(name, sentence_of(error, name))
    errors = [{"field": name, "message": sentence} for name, sentence in found.items()]
    return problem(422, " ".join(found.values()), title=Refusal.title, errors=errors, way=None)


def name_of(place: tuple[Any, ...]) -> str:
    """`metrics.0.name` from where the schema found the error."""
    # A body's first two steps are "body" and the name of the parameter; the query has no parameter of its own.
    parts = [str(part) for part in (place[2:] if place[0] == "body" else place[1:])]
    # Which of two shapes a body was taken for is no field.
    return ".".join(part for part in parts if not part.startswith("~")) or "body"


def choices(error: dict[str, Any], name: str) -> str:
    return f"{name} is one of {error['ctx']['expected']}."


def plain(bound: float) -> float:
    """A bound without an empty decimal: 100, 0.5."""
    return int(bound) if bound == int(bound) else bound


WORDS: dict[str, Callable[[dict[str, Any], str], str]] = {
    "missing": lambda error, name: "Send a JSON object." if name == "body" else f"{name} is needed.",
    "extra_forbidden": lambda error, name: f"There is no field {name} here.",
    "literal_error": choices,
    "string_too_long": lambda error, name: f"{name} is at most {error['ctx']['max_length']} characters.",
    "string_too_short": lambda error, name: f"{name} can't be empty.",
    "string_pattern_mismatch": lambda error, name: f"{name} has a null character in it. Leave it out.",
    "greater_than_equal": lambda error, name: f"{name} is at least {plain(error['ctx']['ge'])}.",
    "less_than_equal": lambda error, name: f"{name} is at most {plain(error['ctx']['le'])}.",
    "too_long": lambda error, name: f"{name} has at most {error['ctx']['max_length']} items.",
    "string_type": lambda error, name: f"{name} is a text.",
    "int_type": lambda error, name: f"{name} is a whole number.",
    "int_parsing": lambda error, name: f"{name} is a whole number.",
    "int_parsing_size": lambda error, name: f"{name} is too large a number.",
    "float_type": lambda error, name: f"{name} is a number.",
    "finite_number": lambda error, name: f"{name} is a finite number.",
    "bool_type": lambda error, name: f"{name} is true or false.",
    "date_type": lambda error, name: f"{name} is a date such as 2026-03-09.",
    "list_type": lambda error, name: f"{name} is a list.",
    "dict_type": lambda error, name: f"{name} is an object.",
    "model_type": lambda error, name: "Send a JSON object." if name == "body" else f"{name} is an object.",
    "model_attributes_type": lambda error, name: "Send a JSON object." if name == "body" else f"{name} is an object.",
}


def sentence_of(error: dict[str, Any], name: str) -> str:
    """A schema's complaint in plain words."""
    say = WORDS.get(error["type"])
    return say(error, name) if say else f"{name}: {error['msg']}."


def nothing_here(request: HttpRequest, missing: Http404) -> HttpResponse:
    """Unknown, in the bin, or another team's: one answer, so that nothing can be learnt from it."""
    return problem(404)


def said_no(request: HttpRequest, error: HttpError) -> HttpResponse:
    """No token, or a body that can't be read; the reader's own refusal says why."""
    if isinstance(error.__cause__, Refusal):
        return refused(request, error.__cause__)
    headers = [("WWW-Authenticate", "Bearer")] if error.status_code == 401 else []
    return problem(error.status_code, headers=headers)
