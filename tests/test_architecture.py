"""Rules about the code itself: templates that the Content-Security-Policy would silently break, and thin views."""

import ast
import re
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dsboard", "experiments", "sprints", "handoffs")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted(
    path for name in PACKAGES for path in (ROOT / name).rglob("templates/**/*.html")
)
VIEWS = sorted(path for name in PACKAGES for path in (ROOT / name / "views").rglob("*.py"))
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))

#: what script-src 'self' and style-src 'self' refuse without a word, and what would evaluate text
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "hx-live": re.compile(r"\bhx-live\b", re.IGNORECASE),
    "a js: value": re.compile(r"hx-(?:vals|headers|vars)\s*=\s*[\"'](?:js|javascript):", re.IGNORECASE),
    "a trigger filter": re.compile(r"hx-trigger\s*=\s*\"[^\"]*\[", re.IGNORECASE),
    "a javascript: address": re.compile(r"(?:href|action|src)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
    "an address on another host": re.compile(r"<(?:script|link|img|use)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "a mark that switches escaping off": re.compile(r"\{%\s*autoescape\s+off"),
}


def written(path: Path) -> str:
    """A template without its tags, whose words look like attributes: `{% if one == other %}`."""
    return re.sub(r"\{[%{](?!\s*autoescape).*?[%}]\}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_no_template_holds_what_the_policy_refuses(what: str, pattern: re.Pattern[str]) -> None:
    """Mail is no page: it has no style sheet and no policy, so its looks stand in it."""
    pages = [path for path in TEMPLATES if what != "an inline style" or path.parent.name != "mail"]
    found = [f"{path.relative_to(ROOT)}: {what}: {match.group()[:80]}" for path in pages for match in pattern.finditer(written(path))]
    assert found == []


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("an inline style", '<p class="a" style="color:red">'),
        ("an inline script", "<script>alert(1)</script>"),
        ("an event handler", '<a href="#" onclick="go()">'),
        ("a trigger filter", "<input hx-trigger=\"keyup[key=='x']\">"),
        ("a js: value", "<a hx-vals='js:{a: 1}'>"),
        ("an address on another host", '<script src="https://cdn.example/x.js">'),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, sample: str) -> None:
    assert FORBIDDEN[what].search(sample)


@pytest.mark.parametrize(
    "harmless",
    [
        '<script type="module" src="/static/js/board.js"></script>',
        '<p data-style="x" class="on">',
        '<use href="#i-plus"/>',
        '<a href="https://example.org">',
    ],
)
def test_the_patterns_leave_the_harmless_alone(harmless: str) -> None:
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(harmless)] == []


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_views_stay_thin() -> None:
    """Load, clean, call one verb, answer: more than 25 lines means that a rule has slipped into a view."""
    long = [
        f"{path.relative_to(ROOT)}: {function.name} has {function.end_lineno - function.lineno + 1} lines"
        for path in VIEWS
        for function in functions(path)
        if function.end_lineno and function.end_lineno - function.lineno + 1 > 25
    ]
    assert long == []


def test_rows_are_reached_within_a_team() -> None:
    """A bare objects.get(pk=...) in a view is how a neighbour's card is read; every row comes through within(team)."""
    bare = re.compile(r"(?<!User)\.objects\.(?:get|filter)\((?:pk|id|number|ref)\b|get_object_or_404\(\s*[A-Z]\w*\s*,")
    found = [f"{path.relative_to(ROOT)}: {match.group()}" for path in VIEWS for match in bare.finditer(path.read_text())]
    assert found == []


def test_no_signals_and_no_pickle() -> None:
    """What must happen, a verb says; and nothing that comes from outside is ever unpickled."""
    modules = re.compile(r"^\s*(?:from|import)\s+(?:django\.dispatch|django\.db\.models\.signals|pickle|marshal|shelve)\b", re.MULTILINE)
    found = [str(path.relative_to(ROOT)) for path in SOURCES if modules.search(path.read_text())]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    """One sentence a module; migrations and empty packages need none."""
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "migrations" not in path.parts and path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_the_floors_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The import contracts of pyproject.toml: dsboard below experiments below handoffs, and the order inside each."""
    monkeypatch.chdir(ROOT)
    code = cli.lint_imports(no_cache=True, no_logo=True)
    assert code == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out
