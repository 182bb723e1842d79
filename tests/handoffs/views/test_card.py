"""The model card of a version: drafted, written beside its preview, imported, exported; each edition is kept, on pages and over the API."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.errors import Forbidden, Refusal, Stale
from dsboard.models import Activity
from handoffs.card_draft import drafted
from handoffs.model_card.reading import LONGEST, plain
from handoffs.models import CardEdition, Handoff, MLModel, Version
from tests.caller import Caller
from tests.world import World, every_row

CARD = "/t/FRAUD/models/recommendation/versions/v1/card/"
API = "/teams/FRAUD/models/recommendation/versions/v1/card"
CARDS = Path(__file__).parent.parent / "cards"
WHOLE = (CARDS / "whole.md").read_text()


@pytest.fixture
def version(model: MLModel) -> Version:
    return model.versions.get()


class TestEditions:
    def test_are_kept_and_the_newest_counts(self, world: World, version: Version) -> None:
        CardEdition.write(version, world.mei, "# One\n")
        CardEdition.write(version, world.omar, "# Two\r\n")
        newest = CardEdition.newest(version)
        assert newest and (newest.number, newest.text, newest.by) == (2, "# Two\n", world.omar.user)
        assert [(row.verb, row.after) for row in Activity.objects.of(version) if row.verb == "carded"] == [("carded", 1), ("carded", 2)]

    def test_the_same_words_make_none(self, world: World, version: Version) -> None:
        assert CardEdition.write(version, world.mei, "# One") == CardEdition.write(version, world.omar, "# One")

    @pytest.mark.parametrize("words", ["", " \n", "\ufeff", "x" * (LONGEST + 1), "é" * (LONGEST // 2 + 1)])
    def test_nothing_and_too_much_are_refused(self, world: World, version: Version, words: str) -> None:
        with pytest.raises(Refusal) as said:
            CardEdition.write(version, world.mei, words)
        assert list(said.value.fields) == ["text"]
        assert not CardEdition.objects.exists()

    def test_what_was_not_seen_is_not_written_over(self, world: World, version: Version) -> None:
        CardEdition.write(version, world.mei, "# One", seen=0)
        with pytest.raises(Stale):
            CardEdition.write(version, world.omar, "# Mine", seen=0)

    def test_are_not_for_viewers_nor_other_teams(self, world: World, version: Version) -> None:
        for who in (world.vera, world.ivo):
            with pytest.raises(Forbidden):
                CardEdition.write(version, who, "# One")

    def test_become_stale_when_what_was_built_changes(self, world: World, version: Version) -> None:
        made = CardEdition.write(version, world.mei, WHOLE)
        assert [one.state for one in made.verdicts] == ["verified"]
        version.change(world.mei, artifact="s3://models/1")
        assert [one.state for one in made.verdicts] == ["stale"]


class TestPages:
    def test_before_the_first_offer_a_draft(self, world: World, version: Version, as_: Any) -> None:
        assert "No card yet." in as_(world.vera).get(CARD).content.decode()
        form = as_(world.mei).get(f"{CARD}edit/").content.decode()
        assert "# Recommendation v1" in form and "What to show next." in form
        assert "Limitations is a placeholder." in form

    def test_a_draft_knows_the_experiment_it_comes_from(self, world: World, version: Version, as_: Any) -> None:
        task = world.in_analysis()
        version.change(world.mei, origin=task)
        form = as_(world.mei).get(f"{CARD}edit/").content.decode()
        assert "The encoder is enough." in form and "macro-F1 0.93" in form

    def test_writing_keeps_an_edition_and_shows_it(self, world: World, version: Version, as_: Any) -> None:
        answer = as_(world.mei).post(f"{CARD}edit/", {"text": WHOLE, "seen": 0})
        assert (answer.status_code, answer.url) == (302, CARD)
        page = as_(world.vera).get(CARD).content.decode()
        assert "Edition 1" in page and "Performance and limitations are said." in page and page.count("<h1") == 1
        assert "Edition 1," in as_(world.vera).get(version.get_absolute_url()).content.decode()

    def test_earlier_editions_are_read_and_edited_from(self, world: World, version: Version, as_: Any) -> None:
        for words in ("# One", "# Two"):
            CardEdition.write(version, world.mei, words)
        assert "One</h3>" in as_(world.vera).get(f"{CARD}?edition=1").content.decode()
        assert "# One</textarea>" in as_(world.mei).get(f"{CARD}edit/?edition=1").content.decode()
        for wrong in ("3", "x", "²", "9" * 30):
            assert as_(world.vera).get(f"{CARD}?edition={wrong}").status_code == 404

    def test_a_second_tab_keeps_what_was_typed(self, world: World, version: Version, as_: Any) -> None:
        CardEdition.write(version, world.omar, "# Theirs")
        answer = as_(world.mei).post(f"{CARD}edit/", {"text": "# Mine", "seen": 0})
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "# Mine</textarea>" in page and "Somebody wrote another edition" in page
        # It has been said; the next try is the edition after theirs, and both are kept.
        assert '<input type="hidden" name="seen" value="1"' in page
        assert as_(world.mei).post(f"{CARD}edit/", {"text": "# Mine", "seen": 1}).status_code == 302
        assert [one.text for one in CardEdition.objects.filter(version=version)] == ["# Mine", "# Theirs"]

    def test_a_file_is_imported_in_place_of_the_text(self, world: World, version: Version, as_: Any) -> None:
        for name in ("latin-1", "crlf", "broken-yaml"):
            raw = (CARDS / f"{name}.md").read_bytes()
            upload = SimpleUploadedFile("../../README.md", raw, content_type="text/html")
            assert as_(world.mei).post(f"{CARD}edit/", {"text": "# Typed", "file": upload}).status_code == 302
            newest = CardEdition.newest(version)
            assert newest and newest.text == plain(raw)
        upload = SimpleUploadedFile("README.md", b"x" * (LONGEST + 1))
        assert as_(world.mei).post(f"{CARD}edit/", {"text": "", "file": upload}).status_code == 422

    def test_a_preview_without_script_keeps_nothing(self, world: World, version: Version, as_: Any) -> None:
        page = as_(world.mei).post(f"{CARD}edit/", {"text": "# Mine", "seen": 0, "show": "1"}).content.decode()
        assert "# Mine</textarea>" in page and "Mine</h3>" in page
        assert not CardEdition.objects.exists()

    def test_a_preview_beside_the_text_is_safe(self, world: World, version: Version, as_: Any) -> None:
        words = (CARDS / "hostile.md").read_text()
        page = as_(world.mei).post(f"{CARD}preview/", {"text": words}).content.decode()
        assert "<script" not in page and "<img" not in page and 'href="javascript' not in page
        assert "three countries" in page

    def test_an_export_is_a_download_with_a_model_index(self, world: World, version: Version, as_: Any) -> None:
        version.change(world.mei, metrics={"AUC": 0.93})
        CardEdition.write(version, world.mei, "# One\n")
        answer = as_(world.vera).get(f"{CARD}export/")
        assert answer["Content-Disposition"] == 'attachment; filename="recommendation-card.md"'
        assert answer.content.decode().startswith("---\nmodel-index:\n- name: Recommendation v1\n")

    def test_a_retrained_version_starts_from_the_card_before_it(self, world: World, version: Version, as_: Any) -> None:
        CardEdition.write(version, world.mei, "# Of v1\n")
        Version.add(version.model, world.mei, name="v2", retrains=version)
        assert "# Of v1" in as_(world.mei).get(f"{CARD.replace('/v1/', '/v2/')}edit/").content.decode()

    def test_its_draft_brings_no_numbers_of_the_version_before(self, world: World, version: Version, as_: Any) -> None:
        version.change(world.mei, metrics={"AUC": 0.93})
        CardEdition.write(
            version,
            world.mei,
            "---\nlicense: mit\nmodel-index:\n- name: old\n  results: []\ntags: [a]\n---\n# Of v1\n\n## Results\n\nAUC 0.93\n",
        )
        after = Version.add(version.model, world.mei, name="v2", retrains=version, metrics={"AUC": 0.95})
        draft = drafted(after)
        assert draft.startswith("---\nlicense: mit\ntags: [a]\nmodel-index:\n- name: Recommendation v2\n")
        assert "value: 0.95" in draft and "old" not in draft
        asked = "[More Information Needed] What follows is of Recommendation v1."
        assert f"## Results\n\n{asked}\n\nAUC 0.93" in draft

    def test_an_edition_says_how_it_came_about(self, world: World, version: Version, as_: Any) -> None:
        mei = as_(world.mei)
        mei.post(f"{CARD}edit/", {"text": drafted(version), "seen": 0})
        mei.post(f"{CARD}edit/", {"text": "# Mine", "seen": 1})
        mei.post(f"{CARD}edit/", {"text": "", "seen": 2, "file": SimpleUploadedFile("README.md", b"# Theirs")})
        Caller(world.mei)("PUT", API, {"text": "# Sent"})
        assert [one.source for one in CardEdition.objects.filter(version=version)] == ["api", "file", "page", "draft"]
        page = as_(world.vera).get(CARD).content.decode()
        for words in ("through the API", "from a file", "written here", "kept as the board drafted it"):
            assert words in page
        told = [entry.facts["source"] for entry in Activity.objects.of(version) if entry.verb == "carded"]
        assert told == ["draft", "page", "file", "api"]

    def test_what_an_edition_changed_is_shown_line_by_line(self, world: World, version: Version, as_: Any) -> None:
        CardEdition.write(version, world.mei, "# One\n\nSame\n\n<b>Old</b>\n")
        CardEdition.write(version, world.mei, "# One\n\nSame\n\n<i>New</i>\n")
        assert 'href="?edition=2&amp;since=1"' in as_(world.vera).get(CARD).content.decode()
        page = as_(world.vera).get(f"{CARD}?edition=2&since=1").content.decode()
        assert "Edition 1 to 2" in page
        assert (
            '<span class="vh">Gone: </span>&lt;b&gt;Old&lt;/b&gt;' in page and '<span class="vh">New: </span>&lt;i&gt;New&lt;/i&gt;' in page
        )
        assert "Both say the same." in as_(world.vera).get(f"{CARD}?edition=2&since=2").content.decode()
        for wrong in ("3", "x", "-1", ""):
            assert as_(world.vera).get(f"{CARD}?edition=2&since={wrong}").status_code == 404

    def test_every_edition_can_be_reached_and_a_page_has_as_many_queries(
        self, world: World, version: Version, as_: Any, django_assert_num_queries: Any
    ) -> None:
        CardEdition.write(version, world.mei, "# 0")
        vera = as_(world.vera)
        with CaptureQueriesContext(connection) as few:
            vera.get(CARD)
        for place in range(1, 25):
            CardEdition.write(version, world.mei, f"# {place}")
        with django_assert_num_queries(len(few)):
            first = vera.get(CARD).content.decode()
        assert "?edition=6" in first and 'href="?edition=5"' not in first and "Page 1 of 2" in first
        last = vera.get(f"{CARD}?page=2").content.decode()
        assert 'href="?edition=1"' in last and "The newest" not in last

    def test_viewers_read_and_outsiders_find_nothing(self, world: World, version: Version, as_: Any) -> None:
        assert as_(world.vera).get(f"{CARD}edit/").status_code == 403
        assert as_(world.vera).post(f"{CARD}edit/", {"text": "# Mine"}).status_code == 403
        for rest in ("", "edit/", "export/"):
            assert as_(world.ivo).get(f"{CARD}{rest}").status_code == 404
        assert as_(world.ivo).post(f"{CARD}preview/", {"text": "x"}).status_code == 404

    def test_the_handoffs_document_names_the_edition(self, world: World, version: Version, as_: Any) -> None:
        CardEdition.write(version, world.mei, "# One\n")
        handoff = Handoff.start(version, world.mei)
        assert "Model card: edition 1, " in as_(world.vera).get(f"{handoff.get_absolute_url()}export/md/").content.decode()


class TestApi:
    def test_writes_and_tells_the_newest(self, world: World, version: Version) -> None:
        mei = Caller(world.mei)
        assert mei.get(API).status_code == 404
        told = mei("PUT", API, {"text": WHOLE, "edition": 0}).json()
        assert (told["edition"], told["by"], [row["state"] for row in told["checks"]]) == (1, "mei@example.org", ["verified"])
        assert mei.get(API).json() == told

    def test_tells_every_edition_and_any_of_them(self, world: World, version: Version) -> None:
        mei = Caller(world.mei)
        for text in ("# One", "# Two"):
            mei("PUT", API, {"text": text})
        told = mei.get(f"{API}/editions").json()
        assert [(one["edition"], one["source"]) for one in told["items"]] == [(2, "api"), (1, "api")] and told["count"] == 2
        assert mei.get(f"{API}?edition=1").json()["text"] == "# One"
        assert mei.get(f"{API}?edition=3").status_code == 404 and mei.get(f"{API}?edition=0").status_code == 422
        assert Caller(world.ivo).get(f"{API}/editions").status_code == 404

    def test_refuses_and_changes_nothing(self, world: World, version: Version) -> None:
        mei, vera, ivo = Caller(world.mei), Caller(world.vera), Caller(world.ivo)
        mei("PUT", API, {"text": "# One"})
        before = every_row()
        for caller, sent, status in [
            (mei, {"text": " "}, 422),
            (mei, {"text": "x" * (LONGEST + 1)}, 422),
            (mei, {"text": "# Two", "edition": 0}, 409),
            (mei, {"text": "# Two", "by": "me"}, 422),
            (vera, {"text": "# Two"}, 403),
            (ivo, {"text": "# Two"}, 404),
        ]:
            assert caller("PUT", API, sent).status_code == status, sent
        assert ivo.get(API).status_code == 404
        assert {name: rows for name, rows in every_row().items() if name.startswith("handoffs")} == {
            name: rows for name, rows in before.items() if name.startswith("handoffs")
        }
