"""Reading a body: JSON and nothing else, and only such JSON as a database can keep."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest

from dsboard.errors import Refusal

#: a body may have one megabyte
LARGEST = 1024 * 1024
#: an upload twenty, and what multipart puts around it
LARGEST_UPLOAD = 21 * 1024 * 1024


class Malformed(Refusal):
    """Not JSON (400)."""

    status = 400
    title = "Malformed JSON"


class NotJson(Refusal):
    """Another media type (415)."""

    status = 415
    title = "Unsupported media type"


class TooLarge(Refusal):
    """A body over one megabyte (413)."""

    status = 413
    title = "Too large"


def json_of(request: HttpRequest) -> Any:
    """The body as RFC 8259 has it: Python's own reader also takes NaN and Infinity, and halves of characters. Raises Refusal."""
    if request.content_type != "application/json":
        raise NotJson("Send JSON: Content-Type: application/json.")
    try:
        found = json.loads(request.body, parse_constant=refuse_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Malformed("A text in the body holds half a character.") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error
    return found


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
