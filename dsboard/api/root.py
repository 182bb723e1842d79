"""The API object at /api/v1, composed by name, and its OpenAPI document."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.security import HttpBearer

from dsboard.api.complaints import Problem, RefusedProblem, StaleProblem, nothing_here, said_no, unclean
from dsboard.api.problems import PROBLEM, problem, refused
from dsboard.api.reading import json_of
from dsboard.api.tokens import holder
from dsboard.errors import Refusal
from dsboard.models import ApiToken

#: what every operation may answer beside its success
ALWAYS = {400: "Malformed", 401: "No valid token", 403: "Not allowed for this scope or role", 404: "Not in the token's team",
          413: "Body over 1 MB", 422: "Refused", 429: "Too many tries"}  # fmt: skip
#: what one with a body may answer besides
WITH_BODY = {415: "Not JSON"}
SHAPES: dict[int, type[Problem]] = {409: StaleProblem, 422: RefusedProblem}


#: the document by the start of its addresses
DRAWN: dict[str, OpenAPISchema] = {}


class Token(HttpBearer):
    """Only tokens open the API: a session cookie would need a guard against forged forms."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Find the living token, then ask its scope and its owner's role; None for an unknown one."""
        return holder(request, token)


class StrictParser(Parser):
    """Bodies are JSON and nothing else."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json_of(request)


class BoardApi(NinjaAPI):
    """NinjaAPI whose document declares every problem that an operation can answer."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        """The document, drawn once: it takes half a second and anybody may ask for it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in DRAWN:
            DRAWN[prefix] = self.draw(prefix)
        return DRAWN[prefix]

    def draw(self, prefix: str) -> OpenAPISchema:
        """The document with every problem declared."""
        document = super().get_openapi_schema(path_prefix=prefix)
        shapes: list[type[Problem]] = [Problem, *SHAPES.values()]
        for shape in shapes:
            described = shape.model_json_schema(ref_template="#/components/schemas/{model}")
            document["components"]["schemas"].update(described.pop("$defs", {}))
            document["components"]["schemas"][shape.__name__] = described
        for operations in document["paths"].values():
            for operation in operations.values():
                declare_problems(operation)
        return document


def declare_problems(operation: dict[str, Any]) -> None:
    """Add the problems to one operation."""
    answers = operation["responses"]
    said = {status: answer["description"] for status, answer in answers.items() if status >= 400}
    for status, description in (ALWAYS | (WITH_BODY if "requestBody" in operation else {}) | said).items():
        shape = SHAPES.get(status, Problem)
        answers[status] = {
            "description": description,
            "content": {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}},
        }
    answers[401]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    answers[429]["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """No such address."""
    return problem(404)


api = BoardApi(
    title="dsboard",
    version="1",
    description="The board's HTTP API. Make a token in your settings; it acts as you, within one team.",
    urls_namespace="api",
    docs_url=None,
    auth=Token(),
    parser=StrictParser(),
)
api.exception_handler(Refusal)(refused)
api.exception_handler(ValidationError)(unclean)
api.exception_handler(Http404)(nothing_here)
api.exception_handler(HttpError)(said_no)
api.add_router("", "dsboard.api.notices.router")
# By name: this floor composes the others and imports none of them.
api.add_router("", "experiments.api.router")
api.add_router("", "sprints.api.router")
api.add_router("", "handoffs.api.router")

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", nowhere),  # before the document's own root, which answers with a page
    # Its own patterns only: the name that they share is given where this is mounted.
    path("v1/", include(api.urls[0])),
    re_path("", nowhere),
]
