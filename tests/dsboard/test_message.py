"""A message in the words of each receiver: whatever a title looks like, it stays a title there."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsboard.models.message import GAP, Format, Message, facts_of

HOSTILE = {
    "a call to everybody": "<!channel> <!here> <!everyone> @channel @here @all",
    "a call to one person": "<@U024BE7LH> <@U024BE7LH|bob> @bob",
    "a link under false words": "<https://evil.example/|Sign in again> [Sign in again](https://evil.example/)",
    "a picture that tells who looks": "![x](https://evil.example/pixel.png)",
    "markup": "*bold* _it_ ~gone~ `code` ``` # head\n> said\n- one\n1. two",
    "html": "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt;",
    "a card within the card": '"}],"actions":[{"type":"Action.OpenUrl","url":"https://evil.example"}],"x":[{"y":"',
    "what a card replaces": "{{DATE(2026-01-01T00:00:00Z)}} ${secret} <at>Everybody</at>",
    "a text that runs backwards": "safe\u202etxt.exe\u2066",
    "characters that nobody sees": "a\x00b\x07c\x1bd\ud800e",
    "an escaped escape": "\\*bold\\* \\<!channel>",
    "a table": "| a | b |\n|---|---|\n| c | d |",
}


def said(form: str, title: str, text: str = "BERT vs GPT comparison") -> Any:
    facts = facts_of(title, text, "/c/FRAUD-1")
    message = Message(
        event="findings",
        team="FRAUD",
        title=facts["title"],
        text=facts["text"],
        url="https://board.example/c/FRAUD-1",
        at="2026-03-10T09:00:00Z",
        delivery="0b5e",
    )
    return json.loads(message.body(form))


def test_slack() -> None:
    assert said("slack", "Findings are in: F1 > 0.9 & falling", "Mei learned:\nThe encoder is enough.") == {
        "text": "Findings are in: F1 &gt; 0.9 &amp; falling\nMei learned:\nThe encoder is enough.\nhttps://board.example/c/FRAUD-1",
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_mattermost() -> None:
    assert said("mattermost", "F1 > 0.9 for *BERT*", "") == {
        "text": "F1 &gt; 0\\.9 for \\*BERT\\*\nhttps://board.example/c/FRAUD-1",
    }


def test_teams() -> None:
    made = said("teams", "Findings are in", "The encoder is enough.")
    assert (made["type"], made["attachments"][0]["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card = made["attachments"][0]["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"] == [
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "Findings are in", "weight": "Bolder"}]},
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "The encoder is enough."}]},
    ]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open in dsboard", "url": "https://board.example/c/FRAUD-1"}]


def test_json() -> None:
    assert said("json", "F1 > 0.9 & <falling>", "Said @mei.") == {
        "event": "findings",
        "team": "FRAUD",
        "title": "F1 > 0.9 & <falling>",
        "text": "Said @mei.",
        "url": "https://board.example/c/FRAUD-1",
        "at": "2026-03-10T09:00:00Z",
        "delivery": "0b5e",
    }


def unescaped(text: str) -> str:
    """What is left for Mattermost to read as markup: a letter stands for everything that follows a backslash."""
    return re.sub(r"\\.", "x", text)


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("where", ["title", "text"])
def test_nothing_that_is_typed_calls_anybody_links_or_draws(title: str, where: str) -> None:
    typed = (title, "") if where == "title" else ("Findings", title)
    for form in ("slack", "mattermost"):
        *lines, address = said(form, *typed)["text"].split("\n")
        text = "\n".join(lines)
        assert address == "https://board.example/c/FRAUD-1"
        assert "<" not in text and ">" not in text
        assert "@" not in text.replace(f"@{GAP}", "")
    bare = unescaped(text)
    assert not set("*_~`[]()#!|") & set(bare)
    assert "://" not in bare
    assert not any(line.startswith((" ", "\t", "-", "+")) for line in bare.splitlines())


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_card_for_teams_has_the_same_parts_whatever_it_says(title: str) -> None:
    card = said("teams", title, title)["attachments"][0]["content"]
    assert [block["type"] for block in card["body"]] == ["RichTextBlock"] * 2
    assert [list(block) for block in card["body"]] == [["type", "inlines"]] * 2
    assert [run["type"] for block in card["body"] for run in block["inlines"]] == ["TextRun"] * 2
    assert [action["url"] for action in card["actions"]] == ["https://board.example/c/FRAUD-1"]
    for block in card["body"]:
        assert "{{" not in block["inlines"][0]["text"] and "${" not in block["inlines"][0]["text"].replace(f"{{{GAP}", "")
        assert "<at>" not in block["inlines"][0]["text"]


@given(st.text(), st.text(), st.sampled_from(Format.values))
def test_whatever_is_typed_becomes_one_message_with_one_address(title: str, text: str, form: str) -> None:
    made = said(form, title, text)
    assert json.dumps(made, ensure_ascii=False).encode().count(b"https://board.example/c/FRAUD-1") == 1


def test_what_is_kept_is_short_of_one_line_and_without_what_a_database_refuses() -> None:
    facts = facts_of("a\r\nb\x00\ud800 \u202ec" + "d" * 400, "one\r\ntwo\x07\n" + "e" * 3000, "/c/FRAUD-1")
    assert facts["title"] == ("a b c" + "d" * 400)[:300]
    assert facts["text"] == ("one\ntwo\n" + "e" * 3000)[:2000]
    assert facts["url"] == "/c/FRAUD-1"
