"""Models and their versions: names, natural order, what is refused, who may, what history keeps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsboard.errors import Forbidden, Stale
from dsboard.models import Activity
from handoffs.models import MLModel, Version
from handoffs.models.cleaning import folded, sort_key
from handoffs.stages import VersionStage
from tests.world import World, refuses

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="0123456789"), max_size=6)
NUMBERS = st.integers(0, 10**12)


@given(start=NAMES, rest=NAMES, numbers=st.tuples(NUMBERS, NUMBERS))
def test_versions_sort_by_their_numbers(start: str, rest: str, numbers: tuple[int, int]) -> None:
    keys = [sort_key(f"{start}{number}{rest}") for number in numbers]
    assert (keys[0] < keys[1], keys[0] == keys[1]) == (numbers[0] < numbers[1], numbers[0] == numbers[1])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_dotted_versions_sort_like_lists_of_numbers(one: list[int], other: list[int]) -> None:
    keys = [sort_key("v" + ".".join(map(str, numbers))) for numbers in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)


@given(st.text(max_size=40))
def test_no_name_is_too_long_to_sort(name: str) -> None:
    assert len(sort_key(name)) <= 255
    assert len(folded(name)) <= 120
    assert sort_key(name) == sort_key(name.casefold())


def test_v2_10_comes_after_v2_9(world: World, model: MLModel) -> None:
    for name in ("v2.10", "v2.9", "v10", "v2"):
        Version.add(model, world.mei, name=name)
    assert [version.name for version in model.versions.all()] == ["v1", "v2", "v2.9", "v2.10", "v10"]


def test_a_model_is_registered_with_its_first_version(world: World) -> None:
    owners = ["OMAR@example.org", "mei@example.org", "mei@example.org"]
    links = [{"label": "Board", "url": "https://example.org/rec"}]
    model = MLModel.register(
        world.team, world.mei, name=" Fraud  rings ", purpose="Find them.", owners=owners, links=links, version="2026-05"
    )
    assert (model.name, model.slug, model.purpose, model.links) == ("Fraud rings", "fraud-rings", "Find them.", links)
    assert model.owner_emails() == ["mei@example.org", "omar@example.org"]
    version = model.versions.get()
    assert (version.name, version.stage, version.starts_at, version.created_by) == (
        "2026-05",
        VersionStage.PROBLEM_DEFINITION,
        VersionStage.PROBLEM_DEFINITION,
        world.mei.user,
    )
    told = [(line.subject_ref, line.verb, line.after) for line in Activity.objects.within(world.team).order_by("pk")]
    assert told[-2:] == [("Fraud rings", "registered", "Fraud rings"), ("Fraud rings 2026-05", "added", "problem-definition")]


def test_slugs_are_told_apart_and_stay_when_the_name_changes(world: World) -> None:
    slugs = [MLModel.register(world.team, world.mei, name=name).slug for name in ("Ranker", "Ranker!", "ranker?", "推荐", "!!")]
    assert slugs == ["ranker", "ranker-2", "ranker-3", "model", "model-2"]
    assert MLModel.register(world.other, world.ivo, name="Ranker").slug == "ranker"
    model = MLModel.objects.within(world.team).get(slug="ranker")
    model.change(world.omar, name="Second ranker")
    assert (model.slug, model.key) == ("ranker", "second ranker")


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"name": " "}, "name", "A model needs a name."),
        ({"name": "x" * 101}, "name", "Keep this under 100 characters; it has 101."),
        (
            {"name": "RECOMMENDATION"},
            "name",
            "There is a model Recommendation already. Add a version to it, or choose another name.",
        ),
        ({"owners": ["ivo@example.org"]}, "owners", "Nobody with the address ivo@example.org is in this team."),
        ({"owners": ["vera@example.org"]}, "owners", "Vera Lind is a viewer here. Models are owned by members and leads."),
        ({"links": [{"label": "", "url": "javascript:alert(1)"}]}, "links", "A link starts with https:// or http:// and has no spaces."),
        ({"version": "a/b"}, "version", "A version's name has a letter or a digit, and no slash, as it stands in addresses."),
        ({"version": ".."}, "version", "A version's name has a letter or a digit, and no slash, as it stands in addresses."),
        ({"starts_at": "soon"}, "starts_at", None),
        (
            {"starts_at": "deployment"},
            "starts_at",
            "A version starts at Model Development at the latest. Deployment is entered through its gate.",
        ),
        ({"checksum": "md5:1"}, "checksum", "A checksum is sha256: and 64 hexadecimal digits."),
        ({"metrics": {"AUC": float("nan")}}, "metrics", "AUC is no number."),
        ({"metrics": {"AUC": True}}, "metrics", "AUC is no number."),
        ({"metrics": {"AUC": 10**400}}, "metrics", "AUC is no number."),
    ],
)
def test_what_a_model_can_not_be(world: World, model: MLModel, said: dict[str, Any], field: str, sentence: str | None) -> None:
    sentence = sentence or ("A version starts at one of problem-definition, data-exploration, model-experimentation, model-development.")
    with refuses(sentence, fields={field}):
        MLModel.register(world.team, world.mei, **({"name": "Second"} | said))


def test_version_names_are_told_apart_whatever_their_case(world: World, model: MLModel) -> None:
    Version.add(model, world.mei, name="Straße")
    for name in ("V1", "STRASSE"):
        with refuses(f"Recommendation has a version {'v1' if name == 'V1' else 'Straße'} already.", fields={"version"}):
            Version.add(model, world.mei, name=name)
    with refuses("Recommendation has a version v1 already.", fields={"version"}):
        model.versions.get(name="Straße").change(world.mei, name="V1")


def test_a_version_is_changed_field_by_field(world: World, version: Version) -> None:
    task, digest = world.experiment(), "sha256:" + "a" * 64
    said: dict[str, Any] = {"artifact": "s3://models/rec/1", "checksum": digest.upper(), "metrics": {"AUC": 0.9}, "origin": task}
    assert version.change(world.omar, name="v1.1", **said) == ["name", "artifact", "checksum", "metrics", "origin"]
    version.refresh_from_db()
    assert (version.name, version.key, version.checksum, version.origin) == ("v1.1", "v1.1", digest, task)
    assert version.change(world.omar, artifact="s3://models/rec/1") == []
    told = {line.field: (line.before, line.after) for line in Activity.objects.of(version).filter(verb="changed")}
    assert told["origin"] == (None, task.ref)
    assert told["metrics"] == ({}, {"AUC": 0.9})


def test_an_origin_is_a_card_of_the_team(world: World, version: Version) -> None:
    theirs = world.development(by=world.ivo)
    with refuses("That card belongs to another team.", fields={"origin"}):
        version.change(world.mei, origin=theirs)


def test_a_stale_save_is_refused_only_in_the_same_field(world: World, model: MLModel, version: Version) -> None:
    version.change(world.omar, artifact="a")
    assert version.change(world.mei, edition=1, metrics={"AUC": 0.9}) == ["metrics"]
    with refuses("Omar changed Recommendation v1 first. Your change was not saved.", kind=Stale):
        version.change(world.mei, edition=1, artifact="b")
    model.change(world.omar, purpose="A.")
    assert model.change(world.mei, version=1, owners=["mei@example.org"]) == ["owners"]
    with refuses("Omar changed Recommendation first. Your change was not saved.", kind=Stale):
        model.change(world.mei, version=1, purpose="B.")


def test_viewers_and_strangers_change_nothing(world: World, model: MLModel, version: Version) -> None:
    viewer = "You can read everything here. To change models, ask a lead to make you a member."
    for by, sentence in ((world.vera, viewer), (world.ivo, "That belongs to another team.")):
        for verb in (
            lambda by: MLModel.register(world.team, by, name="Mine"),
            lambda by: model.change(by, name="Mine"),
            lambda by: Version.add(model, by, name="mine"),
            lambda by: version.change(by, name="mine"),
            lambda by: version.advance("data-exploration", by),
            lambda by: version.go_back("problem-definition", by, reason="Mine."),
        ):
            with refuses(sentence, kind=Forbidden):
                verb(by)


def test_the_reference_is_short_and_keeps_the_version(world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Recommendation of what to show next", version="v2.3")
    assert model.versions.get().ref == "Recommendation of what to v2.3"
    assert model.ref == "Recommendation of what to show"
    assert Version(model=model, name="x" * 40).ref == "x" * 29


def test_rows_are_reached_within_a_team(world: World, model: MLModel) -> None:
    theirs = MLModel.register(world.other, world.ivo, name="Theirs")
    assert list(MLModel.objects.within(world.team)) == [model]
    assert list(Version.objects.within(world.other)) == list(theirs.versions.all())
