"""Safe markdown: rendered and cleaned when it is written, with @mentions of the team's members and links to its cards."""

import re
from collections.abc import Iterable
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

from dsboard.errors import Refusal
from dsboard.models import Team, User

LONGEST = 64 * 1024
MENTIONS_AT_MOST = 50
#: @name.surname, @name or @address, as the composer completes them; a word character before it makes it an address
MENTION = re.compile(r"(?<![\w@./-])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)")
CARD = re.compile(r"(?<![\w/#-])#?([A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8})\b")

TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "input", "label", "li", "ol", "p",
    "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "input": {"type", "checked", "disabled"},
    "li": {"class"},
    "ul": {"class"},
    "ol": {"start"},
    "code": {"class"},
    "span": {"class"},
}
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
    allowed_classes=None,
)


def handle(user: User) -> str:
    """How a person is mentioned: the part of the address before the @."""
    return user.email.partition("@")[0].lower()


def by_name(members: Iterable[User]) -> dict[str, User]:
    """The members under every name that mentions them: address, the part before its @, first name; the first one keeps a shared name."""
    names: dict[str, User] = {}
    for user in members:
        names.setdefault(handle(user), user)
        names[user.email] = user
        names.setdefault(user.first_name.lower(), user)
    return names


def too_long(text: str, what: str) -> None:
    """Refuse a text that would cost too much to render."""
    if len(text.encode()) > LONGEST:
        raise Refusal(f"{what} is longer than 64 KB. Keep the long part elsewhere and link to it.")


def mentioned(text: str, members: Iterable[User]) -> list[User]:
    """The members that `text` mentions, at most fifty; a name that is nobody's here stays plain text."""
    names = by_name(members)
    found: dict[int, User] = {}
    for match in MENTION.finditer(text):
        user_found = names.get(match.group(1).lower().rstrip("."))
        if user_found:
            found.setdefault(user_found.pk, user_found)
        if len(found) >= MENTIONS_AT_MOST:
            break
    return list(found.values())


def render(text: str, team: Team, members: Iterable[User] = ()) -> str:
    """HTML of `text`: markdown without raw HTML, then cleaned against an allow list; links carry rel."""
    names = by_name(members)
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.use(tasklists_plugin, label=True)

    def link_words(state: StateCore) -> None:
        for block in state.tokens:
            if block.type == "inline" and block.children:
                block.children = list(linked(block.children, team, names))

    parser.core.ruler.push("team_words", link_words)
    return CLEANER.clean(parser.render(text))


def linked(tokens: list[Token], team: Team, names: dict[str, User]) -> Iterable[Token]:
    """Turn @name and this team's references into links, in text only: never inside a link or code."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type != "text" or depth:
            yield token
            continue
        fresh = Token("html_inline", "", 0)
        fresh.content = CARD.sub(lambda m: card_link(m, team), MENTION.sub(lambda m: mention_link(m, names), escape(token.content)))
        yield fresh


def mention_link(match: re.Match[str], names: dict[str, User]) -> str:
    user = names.get(match.group(1).lower().rstrip("."))
    return f'<span class="at">@{escape(user.first_name)}</span>' if user else match.group(0)


def card_link(match: re.Match[str], team: Team) -> str:
    """Only this team's own references become links; whether the card exists is not told."""
    ref = match.group(1)
    return f'<a href="/c/{ref}/">{match.group(0)}</a>' if ref.startswith(f"{team.key}-") else match.group(0)
