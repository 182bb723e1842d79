"""Text that stands where text should be: "More information needed", TODO, an empty list, the template's own question."""

import re

from handoffs.model_card.sections import folded

ENOUGH = 120
PHRASES = (
    # What the Hub's own template says of every model, word by word.
    "users (both direct and downstream) should be made aware of the risks, biases and limitations of the model",
    "more information needed for further recommendations",
    "more information needed", "more info needed", "needs more information", "information needed", "to be added", "to be completed",
    "to be determined", "to be filled", "to be written", "to be done", "coming soon", "work in progress", "fill in", "fill this in",
    "insert here", "placeholder", "lorem ipsum", "add text here", "write here", "your text here", "not available yet", "see above",
    "a completer", "a remplir", "a venir", "plus d'informations necessaires", "noch offen", "wird erganzt", "ausstehend", "folgt",
    "mehr informationen benotigt", "por completar", "por definir", "proximamente", "mas informacion necesaria", "a preencher",
    "da completare", "nog in te vullen", "do uzupelnienia", "需要更多信息", "待补充", "待定", "暂无", "要追記", "未定", "準備中",
)  # fmt: skip
#: on their own they say nothing either
WORDS = re.compile(r"\b(todo|tbd|tba|tbc|wip|fixme|xxx+|n/?a|none|unknown|aucun|keine|nessuno)\b")
#: headings and whole lines that only ask: what templates come with; looked for within a line, so that long texts cost little
ASKED = re.compile(r"^#+ [^\n]*$|^[ \t>_*]*(?:what|how|who|why|which|describe)\b[^\n]*\?[ \t_*]*$", re.MULTILINE | re.IGNORECASE)
MARKUP = re.compile(r"[\[\]()*_`#>|~:.\-–—!?,;\"'…\s]+")
WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]")


def without_comments(words: str) -> str:
    """The text around HTML comments; one without an end is text."""
    parts, at = [], 0
    while (start := words.find("<!--", at)) >= 0 and (end := words.find("-->", start + 4)) >= 0:
        parts.append(words[at:start])
        at = end + 3
    return " ".join([*parts, words[at:]])


def left(words: str) -> str:
    """What is said once placeholders, comments and the template's questions are taken out."""
    text = folded(ASKED.sub(" ", without_comments(words)))
    for phrase in PHRASES:
        text = text.replace(phrase, " ")
    return WORDS.sub(" ", text).strip()


def weight(words: str) -> int:
    """How many characters are said; one of Chinese, Japanese or Korean says what three of Latin script do."""
    kept = MARKUP.sub("", left(words))
    return len(kept) + 2 * len(WIDE.findall(kept))


def is_placeholder(words: str) -> bool:
    """Nothing is said here yet: next to no words, and no number."""
    return weight(words) < 12 and not re.search(r"\d", left(words))


def is_enough(words: str) -> bool:
    """As much as a section needs that somebody decides by: 120 characters, spaces and marks included."""
    text = left(words)
    return len(text) + 2 * len(WIDE.findall(text)) >= ENOUGH
