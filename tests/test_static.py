"""Rules about style sheets and scripts: the layers hold, old browsers are served, and behaviour knows no word of the domain."""

import gzip
import re
from pathlib import Path

import django_htmx
import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage

from dsboard.static_files import HashedFiles

STATIC = Path(__file__).resolve().parent.parent / "static"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
MODULES = sorted((STATIC / "js").glob("*.js"))
WORDS = ("task", "stage", "experiment", "hypothesis", "finding", "decision", "outcome", "sprint", "model", "owner", "metric")


def test_every_token_of_two_themes_has_its_light_value_for_old_browsers() -> None:
    tokens = re.findall(r"(--[a-z0-9-]+):\s*light-dark\(((?:[^()]|\([^()]*\))+?),\s", (STATIC / "css/tokens.css").read_text())
    fallback = dict(re.findall(r"(--[a-z0-9-]+): (.+);", (STATIC / "css/fallback.css").read_text()))
    assert tokens
    assert fallback == {name: " ".join(value.split()) for name, value in tokens}


def test_the_one_sheet_names_every_other() -> None:
    app = STATIC / "css/app.css"
    named = re.findall(r'@import url\("([^"]+)"\)', app.read_text())
    assert sorted(named) == sorted(str(sheet.relative_to(app.parent)) for sheet in SHEETS if sheet != app)


@pytest.mark.parametrize("sheet", [one for one in SHEETS if one.name != "app.css"], ids=lambda one: one.name)
def test_every_rule_is_in_a_layer(sheet: Path) -> None:
    """A rule outside of all layers would win over every layer."""
    depth, outside = 0, []
    for line in re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL).splitlines():
        if depth == 0 and line.strip() and not line.startswith(("@layer", "@supports", "}")):
            outside.append(line)
        depth += line.count("{") - line.count("}")
    assert outside == []
    assert "!important" not in sheet.read_text()


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.name)
def test_behaviour_knows_attributes_and_no_word_of_the_domain(module: Path) -> None:
    found = [word for word in WORDS if re.search(rf"\b{word}", module.read_text(), re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("path", [*SHEETS, *MODULES], ids=lambda one: one.name)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) < (200 if path.suffix == ".css" else 150)


@pytest.fixture
def collected(tmp_path: Path) -> HashedFiles:
    """The files as an image stores them."""
    source, target = StaticFilesStorage(location=STATIC, base_url="/static/"), HashedFiles(location=tmp_path, base_url="/static/")
    paths = {str(path.relative_to(STATIC)): (source, str(path.relative_to(STATIC))) for path in [*SHEETS, *MODULES]}
    for name in paths:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    failed = [result for _, _, result in target.post_process(paths) if isinstance(result, Exception)]
    assert failed == []
    return target


def stored(files: HashedFiles, name: str) -> str:
    return Path(files.path(files.stored_name(name))).read_text()


def test_modules_are_imported_by_their_hashed_names(collected: HashedFiles) -> None:
    """An image serves hashed names; a module that asked for a plain one would get what an old page left in the browser."""
    hashed = stored(collected, "js/app.js")
    assert re.search(r'import"\./drag\.[0-9a-f]{12}\.js"', hashed)
    assert not re.search(r'import"\./drag\.js"', hashed)


def test_an_image_serves_one_sheet_with_every_other_in_its_order(collected: HashedFiles) -> None:
    sheet = stored(collected, "css/app.css")
    assert "@import" not in sheet
    named = re.findall(r'@import url\("([^"]+)"\)', (STATIC / "css/app.css").read_text())
    starts = [sheet.index((STATIC / "css" / name).read_text()) for name in named]
    assert starts == sorted(starts)
    assert sheet.index("@layer tokens, reset") < starts[0]


def test_a_first_load_is_small(collected: HashedFiles) -> None:
    """Scripts and styles of every page together, compressed: at most 68 KB, a fifth of what Kanboard sends."""
    own = [collected.path(collected.stored_name("css/app.css")), *(collected.path(f"js/{one.name}") for one in MODULES)]
    theirs = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-4.min.js"
    assert sum(len(gzip.compress(Path(one).read_bytes(), 9)) for one in (*own, theirs)) <= 68_000
