"""What the checks of one line are told: everything is read before, so that no check asks for more."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class StoredFile:
    """A file that the board keeps: its name, its SHA-256 in hexadecimal, and the start of what is in it.

    `unread` is the sentence why it could not be read; the content is then empty.
    """

    name: str
    sha256: str
    size: int
    content: bytes
    unread: str = ""


@dataclass(frozen=True)
class Goal:
    """A success metric of the experiment that a version comes from; `is_met` None where it can't be judged."""

    name: str
    goal: str
    is_met: bool | None


@dataclass(frozen=True)
class Facts:
    """A line with its version. `kind` and `words` are its evidence, `given_at` when it was given, `built_at` the last change of what was
    built; `before` is what the previous version gave for the same line, `champion` the metrics of the version in production."""

    slug: str
    now: datetime
    kind: str = ""
    words: str = ""
    given_at: datetime | None = None
    built_at: datetime | None = None
    file: StoredFile | None = None
    artifact: str = ""
    checksum: str = ""
    card: str = ""
    card_at: datetime | None = None
    before: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    champion: dict[str, float] = field(default_factory=dict)
    champion_name: str = ""
    directions: dict[str, str] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()

    @property
    def text(self) -> str:
        """What the evidence says itself: its words, or those of its file."""
        if self.file is not None:
            return self.file.content.decode("utf-8", errors="replace")
        return self.words if self.kind == "text" else ""
