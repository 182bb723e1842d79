"""A card as text taken apart: YAML between two fences, and Markdown. Whatever was written can be read; nothing of it is lost."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

LONGEST = 64 * 1024
#: the head of the longest of 25,109 public cards is far below this
LONGEST_HEAD = 32 * 1024
DEEPEST = 20
#: as written; more than any number has, and far from what Python refuses to write in decimals
LONGEST_INTEGER = 400
FENCE, ENDS = re.compile(r"---[ \t]*$"), re.compile(r"(---|\.\.\.)[ \t]*$")


class NoAliases(yaml.SafeLoader):
    """Plain data only: no aliases, a few lines of which can stand for more than memory holds; twenty levels deep at most."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("Aliases are not read.")
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.YAMLError("It is nested too deeply.")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_yaml_int(self, node: Any) -> int:
        """Thousands of hexadecimal digits can be read and then not be shown: no integer is that long."""
        if len(node.value) > LONGEST_INTEGER:
            raise yaml.YAMLError("A number is too long.")
        return int(super().construct_yaml_int(node))


NoAliases.add_constructor("tag:yaml.org,2002:int", NoAliases.construct_yaml_int)


@dataclass(frozen=True)
class Card:
    """`head` is the YAML as it was written, None without one; `facts` what it says, empty where `trouble` names what is wrong."""

    head: str | None
    body: str
    facts: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @property
    def text(self) -> str:
        """The card as it is kept: read again it is the same."""
        return self.body if self.head is None else f"---\n{self.head}---\n{self.body}"


def plain(words: str | bytes) -> str:
    """Text with one kind of line end; a byte order mark, NUL, and bytes of another encoding do no harm."""
    text = decoded(words) if isinstance(words, bytes) else words.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def decoded(words: bytes) -> str:
    """UTF-8, or what older editors of western Europe write."""
    try:
        return words.decode("utf-8-sig")
    except UnicodeDecodeError:
        return words.decode("cp1252", errors="replace")


def read(words: str | bytes) -> Card:
    """Take a card apart; never raises."""
    text = plain(words)
    first, _, rest = text.partition("\n")
    if not FENCE.fullmatch(first):
        return Card(None, text)
    lines = rest.split("\n")
    end = next((place for place, line in enumerate(lines) if ENDS.fullmatch(line)), None)
    if end and not lines[0].strip():
        # A ruler over the first heading, not the fence of a head.
        return Card(None, text)
    if end is None:
        return Card(None, text, trouble="The front matter begins with --- and has no second one.")
    head = "".join(f"{line}\n" for line in lines[:end])
    facts, trouble = parsed(head)
    return Card(head, "\n".join(lines[end + 1 :]), facts, trouble)


def parsed(head: str) -> tuple[dict[str, Any], str]:
    """What YAML says, or a sentence about where it can't be read."""
    if len(head) > LONGEST_HEAD:
        return {}, "The front matter is longer than 32 KB."
    try:
        facts = yaml.load(head, NoAliases)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 2}" if error.problem_mark else ""
        tab = " A tab stands where YAML wants spaces." if "\t" in head else ""
        return {}, f"The front matter is no YAML{line}.{tab}"
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, AttributeError, TypeError):
        return {}, "The front matter is no YAML that can be read."
    if facts is None:
        return {}, ""
    if not isinstance(facts, dict):
        return {}, "The front matter is no list of names and values."
    return {str(name): value for name, value in facts.items()}, ""
