"""A message as it leaves, in the words of each receiver: what people typed stays text there, whatever it looks like."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models

#: NUL and its like, halves of characters, and marks that turn the direction of what follows
UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
#: what Mattermost reads as markup, and what a backslash takes away again
MARKUP = re.compile(r"[\\`*_{}\[\]()#+\-.!~|]")
#: looks like nothing, and keeps what stands on either side of it apart
GAP = "\u200b"


class Format(models.TextChoices):
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams, by a workflow"
    MATTERMOST = "mattermost", "Mattermost"
    JSON = "json", "JSON, for a service of your own"


@dataclass(frozen=True)
class Message:
    """`team` is the key, `url` a full address, `at` RFC 3339 in UTC, `delivery` the same for every try."""

    event: str
    team: str
    title: str
    text: str
    url: str
    at: str
    delivery: str

    def body(self, form: str) -> bytes:
        """The bytes to send."""
        ways: dict[str, Callable[[Message], dict[str, Any]]] = {"slack": slack, "teams": teams, "mattermost": mattermost, "json": asdict}
        return json.dumps(ways[form](self)).encode()

    def lines(self) -> list[str]:
        """Title, text and address, a line each, none empty or indented."""
        return list(filter(None, (line.strip() for line in (self.title, *self.text.splitlines(), self.url))))


def plain(text: str) -> str:
    """What is kept of a text: without characters that nobody sees and that databases refuse."""
    return UNPRINTED.sub("", text.replace("\r\n", "\n")).strip()


def facts_of(title: str, text: str, url: str) -> dict[str, str]:
    """What a delivery keeps: a title of one line, a text that is no novel, and a path of this server."""
    return {"title": " ".join(plain(title).split())[:300], "text": plain(text)[:2000], "url": url}


def entities(text: str) -> str:
    """Text in which Slack and Mattermost find no link, no <!channel> and nobody to call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", f"@{GAP}")


def slack(message: Message) -> dict[str, Any]:
    """Plain text: no markup, and no previews of the links that somebody typed."""
    return {"text": "\n".join(map(entities, message.lines())), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def mattermost(message: Message) -> dict[str, Any]:
    """Mattermost always reads Markdown, where a title could hold a picture or a link under false words."""
    *typed, address = message.lines()
    said = [entities(MARKUP.sub(r"\\\g<0>", line)).replace("://", f":{GAP}//") for line in typed]
    return {"text": "\n".join([*said, entities(address)])}


def teams(message: Message) -> dict[str, Any]:
    """An Adaptive Card of text runs, which are shown as they are; a TextBlock would read Markdown."""
    runs = [{"type": "TextRun", "text": message.title, "weight": "Bolder"}, {"type": "TextRun", "text": message.text}]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": [run]} for run in map(harmless, runs) if run["text"]],
        "actions": [{"type": "Action.OpenUrl", "title": "Open in dsboard", "url": message.url}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}],
    }


def harmless(run: dict[str, str]) -> dict[str, str]:
    """Without what a card replaces in any text: {{DATE(…)}}, ${name}, and <at>name</at>."""
    broken = run["text"].replace("{", f"{{{GAP}").replace("<at>", f"<{GAP}at>")
    return {**run, "text": broken}
