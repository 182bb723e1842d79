"""Inputs and outputs: a JSON Schema with a sample that validates, or the signature of an MLmodel; and what breaks for callers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from dsboard.later import Later
from handoffs.checks.check import ATTESTED, FAILED, VERIFIED, Check
from handoffs.checks.facts import Facts
from handoffs.model_card.reading import NoAliases

if TYPE_CHECKING:
    import jsonschema
    import referencing
else:
    jsonschema, referencing = Later("jsonschema"), Later("referencing")

LARGEST = 256 * 1024
#: of a schema with its references written out, and of a sample: their product bounds what trying them costs
MOST_NODES, DEEPEST = 5_000, 40
PARTS = ("input", "output")
TYPES = {
    "boolean": "boolean", "integer": "integer", "long": "integer", "float": "number", "double": "number", "string": "string",
    "binary": "string", "datetime": "string", "object": "object", "array": "array",
}  # fmt: skip


@dataclass(frozen=True)
class Formats:
    """The schema of each part, and a sample where one was given; `trouble` says why there are none."""

    schemas: dict[str, Any]
    samples: dict[str, Any]
    source: str = "JSON Schema"
    trouble: str = ""


def read(text: str) -> Formats:
    """From JSON or YAML: {input, output, sample: {input, output}}, or an MLmodel file. Never raises."""
    if len(text) > LARGEST:
        return Formats({}, {}, trouble="It is longer than 256 KB.")
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, NoAliases)  # noqa: S506 (a SafeLoader)
    except (ValueError, yaml.YAMLError, RecursionError, OverflowError, AttributeError, TypeError) as error:
        line = getattr(error, "lineno", None) or (mark.line + 1 if (mark := getattr(error, "problem_mark", None)) else None)
        return Formats({}, {}, trouble=f"It is neither JSON nor YAML{f', see line {line}' if line else ''}.")
    if not isinstance(found, dict):
        return Formats({}, {}, trouble="It has no input and no output.")
    if isinstance(found.get("signature"), dict):
        return of_mlmodel(found["signature"])
    schemas = {part: found[part] for part in PARTS if isinstance(found.get(part), dict | bool)}
    sample = found.get("sample")
    samples = {part: sample[part] for part in PARTS if part in sample} if isinstance(sample, dict) else {}
    missing = [part for part in PARTS if part not in schemas]
    return Formats(schemas, samples, trouble=f"It says nothing of the {' and the '.join(missing)}." if missing else "")


def of_mlmodel(signature: dict[str, Any]) -> Formats:
    """The signature of an MLmodel as JSON Schema: columns become properties, tensors arrays."""
    schemas = {}
    for part in PARTS:
        try:
            rows = json.loads(signature.get(f"{part}s") or "[]")
        except (ValueError, TypeError, RecursionError):
            return Formats({}, {}, "MLmodel signature", trouble=f"The {part}s of the signature are no JSON.")
        schemas[part] = of_columns(rows if isinstance(rows, list) else [])
    if not any(schemas.values()):
        return Formats({}, {}, "MLmodel signature", trouble="The MLmodel has no signature.")
    return Formats(schemas, {}, "MLmodel signature")


def of_columns(rows: list[Any]) -> dict[str, Any]:
    """A schema for named columns; one tensor without a name is an array of numbers."""
    rows = [row for row in rows if isinstance(row, dict)]
    named = [row for row in rows if row.get("name")]
    if not named:
        return {"type": "array"} if rows else {}
    properties = {str(row["name"]): {"type": TYPES.get(str(row.get("type")), "array")} for row in named}
    asked = [str(row["name"]) for row in named if row.get("required", True) is not False]
    return {"type": "object", "properties": properties, "required": asked}


def formats(facts: Facts) -> Iterator[Check]:
    """Schemas that hold, samples that fit, and what a caller of the version before would trip over."""
    if not facts.text:
        yield Check("formats", ATTESTED, "The board reads schemas that are written here or kept as a file; this is elsewhere.")
        return
    found = read(facts.text)
    if found.trouble:
        yield Check("formats", FAILED, found.trouble)
        return
    for part, schema in found.schemas.items():
        yield from judged(part, schema, found)
    before = read(facts.before) if facts.before else None
    if before and not before.trouble:
        try:
            broken = [one for part in PARTS for one in breaks(inlined(before.schemas[part]), inlined(found.schemas[part]), part)]
        except Unfit:
            return
        if broken:
            yield Check("difference", FAILED, f"Callers of the version before break: {'; '.join(broken[:5])}.")
        else:
            yield Check("difference", VERIFIED, "Callers of the version before can go on as they are.")


def judged(part: str, schema: Any, found: Formats) -> Iterator[Check]:
    """A schema by itself, and with its sample."""
    try:
        whole = inlined(schema)
        jsonschema.Draft202012Validator.check_schema(whole)
    except Unfit as no:
        yield Check("schema", FAILED, f"The {part} {no}")
        return
    except jsonschema.SchemaError as error:
        yield Check("schema", FAILED, f"The {part} is no JSON Schema: {error.message[:200]}")
        return
    if found.source != "JSON Schema":
        yield Check("schema", VERIFIED, f"The {part}: its signature can be read.")
    elif part not in found.samples:
        yield Check("schema", FAILED, f"The {part} is a JSON Schema, but there is no sample to try it with.")
    elif has_patterns(whole):
        yield Check("schema", ATTESTED, f"The {part} has patterns. They can take for ever to try, so its sample is not tried.")
    elif size(found.samples[part]) > MOST_NODES:
        yield Check("schema", FAILED, f"The sample of the {part} is too long. A short one shows as much.")
    else:
        yield tried(part, whole, found.samples[part])


def tried(part: str, schema: Any, sample: Any) -> Check:
    """The first place where the sample does not fit."""
    errors = list(islice(jsonschema.Draft202012Validator(schema, registry=referencing.Registry()).iter_errors(sample), 20))
    if not errors:
        return Check("schema", VERIFIED, f"The {part}: the sample fits its schema.")
    first = min(errors, key=lambda error: [str(step) for step in error.absolute_path])
    where = "/".join(map(str, first.absolute_path)) or "the whole"
    return Check("schema", FAILED, f"The sample of the {part} does not fit, at {where}: {first.message[:200]}")


class Unfit(Exception):
    """A schema that is not tried, and why."""


def inlined(schema: Any) -> Any:
    """The schema with its own references written out; one to elsewhere, or without end, is Unfit. Bounds what trying it can cost."""
    count = 0

    def walk(node: Any, depth: int) -> Any:
        nonlocal count
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            raise Unfit("is too large, or refers to itself. Write out what a caller needs.")
        if isinstance(node, list):
            return [walk(one, depth + 1) for one in node]
        if not isinstance(node, dict):
            return node
        if any(name.startswith(("$dynamic", "$recursive")) for name in map(str, node)):
            raise Unfit("has dynamic references, which are not followed.")
        target = node.get("$ref")
        if isinstance(target, str):
            return walk(pointed(schema, target), depth + 1)
        return {str(name): walk(one, depth + 1) for name, one in node.items() if name not in ("$defs", "definitions")}

    return walk(schema, 0)


def pointed(schema: Any, target: str) -> Any:
    """What a reference within the schema means."""
    if not target.startswith("#/"):
        raise Unfit("refers to another place. References are not followed.")
    node = schema
    for step in target[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
        if node is None:
            raise Unfit(f"refers to {target[:60]}, which is not there.")
    return node


def has_patterns(schema: Any) -> bool:
    if isinstance(schema, list):
        return any(map(has_patterns, schema))
    if not isinstance(schema, dict):
        return False
    own = isinstance(schema.get("pattern"), str) or bool(schema.get("patternProperties"))
    return own or any(map(has_patterns, schema.values()))


def size(value: Any) -> int:
    """How many values a sample has."""
    if isinstance(value, dict):
        return 1 + sum(map(size, value.values()))
    return 1 + sum(map(size, value)) if isinstance(value, list) else 1


def breaks(old: Any, new: Any, part: str, at: str = "", depth: int = 0) -> list[str]:
    """What of the new schema a caller of the old one trips over: in an input what is asked anew, in an output what is gone."""
    if not isinstance(old, dict) or not isinstance(new, dict) or depth > 8:
        return []
    said = []
    if old.get("type") != new.get("type") and "type" in old and "type" in new and not widened(old["type"], new["type"], part):
        said.append(f"{at or f'the {part}'} was {shown(old['type'])} and is {shown(new['type'])}")
    was, now = mapping(old, "properties"), mapping(new, "properties")
    was_asked, asked = names(old), names(new)
    for name in sorted(was.keys() | now.keys()):
        path = f"{at}/{name}".lstrip("/")
        if name in was and name not in now:
            said.append(f"{path} is gone from the {part}")
        elif part == "input" and name in asked and name not in was_asked:
            said.append(f"{path} is required now")
        elif part == "output" and name in was_asked and name not in asked:
            said.append(f"{path} may be missing from the output now")
        elif name in was:
            said += breaks(was[name], now[name], part, path, depth + 1)
    return said + (breaks(old["items"], new["items"], part, f"{at}[]", depth + 1) if "items" in old and "items" in new else [])


def widened(old: Any, new: Any, part: str) -> bool:
    """An input may take more than before, an output give less: integers where any number was."""
    fewer, more = (kinds(old), kinds(new)) if part == "input" else (kinds(new), kinds(old))
    return fewer <= more | ({"integer"} if "number" in more else set())


def kinds(value: Any) -> set[str]:
    return {str(one) for one in value} if isinstance(value, list) else {str(value)}


def shown(value: Any) -> str:
    return " or ".join(sorted(kinds(value)))


def mapping(schema: dict[str, Any], name: str) -> dict[str, Any]:
    value = schema.get(name)
    return value if isinstance(value, dict) else {}


def names(schema: dict[str, Any]) -> set[str]:
    value = schema.get("required")
    return {str(one) for one in value} if isinstance(value, list) else set()
