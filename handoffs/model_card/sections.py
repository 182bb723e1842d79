"""The sections of a card by what they are about, whatever their heading is called and in whatever language."""

import re
import unicodedata
from dataclasses import dataclass

from markdown_it import MarkdownIt

#: about what a section is: words that its heading has, folded; longest habits of English, German, French, Spanish,
#: Portuguese, Italian, Dutch, Polish, Turkish, Russian, Chinese, Japanese, Korean
HEADINGS = {
    "limitations": (
        "limitation", "bias", "risk", "caveat", "known issue", "out-of-scope", "out of scope", "weakness",
        "shortcoming", "failure", "einschrankung", "grenzen", "risiken", "schwachen", "limite", "biais",
        "risque", "limitacion", "sesgo", "riesgo", "limitac", "limitaz", "vies", "beperking", "begrens",
        "begrans", "begrænsn", "risiko", "rajoit", "ograniczen", "sinirlama", "sinirlilik", "ограничен", "риск",
        "局限", "限制", "偏差", "制限", "制約", "限界", "한계",
    ),
    "performance": (
        "performance", "evaluation", "eval result", "result", "metric", "benchmark", "accuracy", "score",
        "validation", "leistung", "ergebnis", "bewertung", "auswertung", "gute", "resultat", "resultad",
        "rendimiento", "evaluacion", "desempenho", "avaliac", "risultat", "prestazion", "valutazion",
        "prestatie", "wynik", "sonuc", "basarim", "performans", "результат", "качеств", "оценка", "метрик",
        "性能", "评估", "结果", "指标", "評価", "精度", "성능", "평가",
    ),
    "use": (
        "intended use", "use", "usage", "application", "verwendung", "einsatz", "nutzung", "utilisation",
        "usage prevu", "uso", "gebruik", "zastosowan", "kullanim", "назначен", "использован", "применен", "用途",
        "使用", "용도",
    ),
    "data": (
        "training data", "dataset", "data", "training", "corpus", "daten", "donnees", "datos", "dados", "dati",
        "gegevens", "dane", "veri", "данны", "数据", "データ", "데이터",
    ),
}  # fmt: skip
#: a word of the heading begins like this; scripts without spaces are looked through
KNOWN = {
    name: re.compile("|".join(rf"(?<![a-z]){re.escape(one)}" if one.isascii() else re.escape(one) for one in known))
    for name, known in HEADINGS.items()
}
LABELS = {"limitations": "Limitations", "performance": "Performance", "use": "Intended use", "data": "Training data"}
#: blocks only: what stands within a line is not looked at
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it, sections of a lower level too; `words` is Markdown from line `under` on."""

    heading: str
    level: int
    words: str
    under: int


def folded(words: str) -> str:
    """Lower case without accents or marks: Einschränkungen and einschrankungen are one."""
    spread = unicodedata.normalize("NFKD", words.casefold())
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).split())


def sections(body: str) -> list[Section]:
    """Every heading of the Markdown; one inside a block of code is none."""
    lines = body.split("\n")
    tokens = PARSER.parse(body)
    heads = [
        (int(token.tag[1]), token.map[0], token.map[1], tokens[place + 1].content)
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.map and token.level == 0
    ]
    found = []
    for place, (level, _, under, heading) in enumerate(heads):
        end = next((start for other, start, _, _ in heads[place + 1 :] if other <= level), len(lines))
        found.append(Section(heading, level, "\n".join(lines[under:end]).strip(), under))
    return found


def about(heading: str) -> list[str]:
    """What a heading is about: none, one, or several ("Limitations and evaluation")."""
    words = folded(heading)
    return [name for name, known in KNOWN.items() if known.search(words)]


def of_kind(body: str, name: str) -> list[Section]:
    """The sections about one thing; the title of the whole card is none of them."""
    found = sections(body)
    first = found[0] if found and found[0].level == 1 else None
    return [one for one in found if name in about(one.heading) and one is not first]
