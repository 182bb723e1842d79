"""What holds for any input: order, metrics, sizes, words, markdown, search; and for any sequence of verbs on a card."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dsboard.errors import Refusal, Stale
from dsboard.models import Activity, Team, User
from experiments import markdown, search
from experiments.models import Comment, Finding, Metric, Task, outcomes
from experiments.models.cleaning import No
from experiments.models.extension import extend
from experiments.models.fields import CLEANERS
from experiments.models.moves import undo
from experiments.models.order import make_room
from experiments.models.pauses import pause, resume
from experiments.models.time_box import length_in_words
from experiments.stages import POINTS, Kind, Lane, Stage
from handoffs.productionize import productionize
from tests.world import World, found_world, order_of

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
TEAM = Team(key="FRAUD", hours_per_day=Decimal(8))


# ── metrics, sizes, lengths ──


@given(target=NUMBERS, value=NUMBERS)
def test_higher_and_lower_are_mirror_images(target: float, value: float) -> None:
    higher, lower = Metric(direction="higher", target=target), Metric(direction="lower", target=-target)
    assert higher.met(value) == lower.met(-value)
    assert higher.met(target) is True


@given(target=NUMBERS, value=NUMBERS, more=st.floats(0, 1e6))
def test_a_better_value_is_never_less_met(target: float, value: float, more: float) -> None:
    metric = Metric(direction="higher", target=target)
    assert not metric.met(value) or metric.met(value + more)


@given(baseline=st.floats(-1e6, 1e6), margin=st.floats(0, 1e6), direction=st.sampled_from(["higher", "lower"]))
def test_a_margin_is_met_at_the_bar_that_people_read(baseline: float, margin: float, direction: str) -> None:
    metric = Metric(direction=direction, margin=margin, baseline=baseline)
    assert metric.bar is not None
    assert metric.met(metric.bar) is True
    assert metric.met(None) is None
    assert Metric(direction=direction, margin=margin).met(metric.bar) is None


@given(st.one_of(NUMBERS, st.integers(), st.text(max_size=12), st.decimals(), st.sampled_from(POINTS)))
def test_story_points_are_of_the_scale_or_refused(value: Any) -> None:
    try:
        kept = CLEANERS["points"].clean(TEAM, value)
    except No as no:
        assert str(no).endswith(".")
    else:
        assert kept is None or kept in POINTS


@given(st.one_of(NUMBERS, st.integers(), st.text(max_size=12), st.decimals(), st.decimals("0.01", "80", places=2)))
def test_a_time_box_fits_its_column_or_is_refused(value: Any) -> None:
    try:
        kept = CLEANERS["hours"].clean(TEAM, value)
    except No as no:
        assert str(no).endswith(".")
    else:
        assert kept is None or (0 < kept <= 80 and kept == kept.quantize(Decimal("0.01")))


@given(st.decimals("0.01", "240", places=2), st.decimals("1", "24", places=2))
def test_a_length_in_words_says_all_of_it(hours: Decimal, hours_per_day: Decimal) -> None:
    words = length_in_words(hours, hours_per_day)
    units = {"w": 5 * hours_per_day, "d": hours_per_day, "h": Decimal(1)}
    parts = re.findall(r"(\d+(?:\.\d+)?)([wdh])", words)
    assert " ".join(number + unit for number, unit in parts) == words
    assert sum(Decimal(number) * units[unit] for number, unit in parts) == hours


@given(st.lists(st.text(max_size=50), max_size=30))
def test_labels_are_kept_once_in_order_or_refused(names: list[str]) -> None:
    try:
        kept = CLEANERS["labels"].clean(TEAM, names)
    except No:
        return
    lowered = [name.lower() for name in kept]
    assert lowered == sorted(set(lowered))
    assert all(name == name.strip() and "\x00" not in name and 0 < len(name) <= 40 for name in kept)
    assert CLEANERS["labels"].clean(TEAM, kept) == kept


@pytest.mark.parametrize("name", ["title", "description", "question", "success", "serves", "done_note"])
@given(value=st.text(max_size=300))
def test_cleaning_a_text_twice_is_cleaning_it_once(name: str, value: str) -> None:
    try:
        kept = CLEANERS[name].clean(TEAM, value)
    except No:
        return
    assert CLEANERS[name].clean(TEAM, kept) == kept
    assert "\x00" not in kept


# ── markdown ──

NASTY = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt&colon;alert(1))",
        "![a](data:text/html,x)",
        "<a href='javascript:x'>",
        "@mei",
        "@<b>",
        "FRAUD-1",
        "#FRAUD-2",
        "`@mei FRAUD-1`",
        "[FRAUD-1](https://example.org)",
        "- [x] done",
        "| a | b |\n|---|---|\n| <svg/onload=x> | y |",
        "```js\nx()\n```",
        "&lt;script&gt;",
        "<!--",
        "]]>",
        "\\",
    ]
)
WORDS = st.lists(st.one_of(st.text(max_size=20), NASTY), max_size=8).map("\n".join)


class Harmless(HTMLParser):
    """Fails on anything that could act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in markdown.TAGS
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("style", "src", "id", "name")
            if name == "href":
                assert re.match(r"(https?:|mailto:|/|#|[^:]*$)", value or "", re.IGNORECASE), value


MEI = User(pk=1, email="mei@example.org", name="Mei <i>Tanaka</i>")


@given(WORDS)
def test_markdown_never_acts(text: str) -> None:
    html = markdown.render(text, TEAM, [MEI])
    Harmless().feed(html)
    assert markdown.CLEANER.clean(html) == html


@given(st.text(max_size=500))
def test_any_text_is_markdown(text: str) -> None:
    assert isinstance(markdown.render(text, TEAM, [MEI]), str)
    assert set(markdown.mentioned(text, [MEI])) <= {MEI}


# ── what needs a database ──


class TestOnRows(TestCase):
    """Each example rolls back what it wrote."""

    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = found_world()

    @FEW
    @given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 8), st.booleans()), max_size=40), st.sampled_from([1, 2, 3, 2**20]))
    def test_order_is_that_of_a_list(self, steps: list[tuple[int, int, bool]], gap: int) -> None:
        """Whatever the moves and however small the gaps, the lane is the list that people see."""
        tasks = [self.world.maintenance() for _ in range(8)]
        for number, task in enumerate(tasks):
            Task.objects.filter(pk=task.pk).update(rank=10_000_000 + number * gap)
        model = [task.ref for task in tasks]
        for which, spot, by_upper in steps:
            task = Task.objects.get(pk=tasks[which].pk)
            model.remove(task.ref)
            spot = min(spot, len(model))
            before, after = (model[spot - 1] if spot else ""), (model[spot] if spot < len(model) else "")
            model.insert(spot, task.ref)
            # One neighbour is enough to say where.
            before, after = (before, "") if by_upper and before else ("", after) if not by_upper and after else (before, after)
            task.move_to(Stage.READY, self.world.mei, before=before, after=after)
            assert order_of(self.world.team, Lane.READY) == model

    @FEW
    @given(st.integers(1, 120), st.integers(0, 119))
    def test_making_room_keeps_the_order(self, cards: int, at: int) -> None:
        at = min(at, cards - 1)
        first = self.world.maintenance()
        extra = [Task(team=first.team, number=1000 + i, ref=f"FRAUD-{1000 + i}", kind=first.kind, stage=first.stage) for i in range(cards)]
        for number, task in enumerate(extra):
            task.lane, task.bucket, task.title, task.rank = first.lane, first.bucket, "Dense", 5_000 + number
        Task.objects.bulk_create(extra)
        before = [ref for ref in order_of(self.world.team, Lane.READY) if ref != first.ref]
        above = extra[at]
        rank = make_room(first, Lane.READY, above.rank or 0)
        after = [ref for ref in order_of(self.world.team, Lane.READY) if ref != first.ref]
        assert before == after
        Task.objects.filter(pk=first.pk).update(rank=rank)
        lane = order_of(self.world.team, Lane.READY)
        assert lane[lane.index(above.ref) + 1] == first.ref

    @FEW
    @given(st.text(max_size=60))
    def test_no_search_breaks(self, text: str) -> None:
        tasks = Task.objects.within(self.world.team)
        list(search.matching(tasks, text))
        search.similar(self.world.team, text)

    @FEW
    @given(st.lists(st.text("bcdfghjklmnpqrstvwxz", min_size=4, max_size=9), min_size=1, max_size=5, unique=True))
    def test_a_card_is_found_by_any_of_its_words_and_by_the_start_of_the_last(self, words: list[str]) -> None:
        task = self.world.maintenance(title=" ".join(words))
        assert task in search.found(self.world.team, " ".join(reversed(words)))
        assert task in search.found(self.world.team, words[0].upper())
        assert task in search.found(self.world.team, words[-1][:3])
        assert task not in search.found(self.world.other, words[0])

    @FEW
    @given(st.data())
    def test_any_verbs_in_any_order_change_with_history_or_refuse(self, data: st.DataObject) -> None:
        """No error but a refusal; each change has a line of history and a new version; the end of the history is the card."""
        kind = data.draw(st.sampled_from(Kind.values))
        task = getattr(self.world, kind)()
        self.world.maintenance()
        for _ in range(data.draw(st.integers(1, 12))):
            by = data.draw(st.sampled_from([self.world.lead, self.world.mei, self.world.omar]))
            verb = data.draw(st.sampled_from(sorted(VERBS)))
            task = Task.objects.get(pk=task.pk)
            version, lines = task.version, Activity.objects.of(task).count()
            try:
                VERBS[verb](task, by, data.draw)
            except (Refusal, Stale) as refusal:
                assert refusal.sentence.endswith((".", "?"))
                assert Task.objects.get(pk=task.pk).version == version
                assert Activity.objects.of(task).count() == lines
                continue
            now = Task.objects.get(pk=task.pk)
            assert (now.version > version) == (Activity.objects.of(task).count() > lines)
            self.consistent(now)

    def consistent(self, task: Task) -> None:
        moved = Activity.objects.of(task).filter(field="stage").last()
        assert moved is None or moved.after == task.stage or Activity.objects.of(task).filter(field="kind").exists()
        assert (task.rank is None) == task.is_off_boards
        assert (task.stage == Stage.DECISION) == (task.decision is not None)
        assert (task.ended_at is not None) == (task.lane == Lane.DONE or task.dropped_at is not None)
        if task.box and task.stage in (Stage.ACTIVE, Stage.ANALYSIS):
            # A card that came back from the bin, or lost its owner, stands still in Active until somebody lets it run on.
            assert task.box.state in (("running", "paused") if task.stage == Stage.ACTIVE else ("closed",))


def undo_something(task: Task, by: Any, draw: Any) -> None:
    moves = list(Activity.objects.of(task).filter(verb__in=["moved", "reordered", "undid"]))
    if not moves:
        raise Refusal("There is nothing to undo.")
    undo(task, draw(st.sampled_from(moves)), by)


def report(task: Task, by: Any, draw: Any) -> None:
    rows = [
        {"metric": m.name, "value": draw(st.sampled_from([0.5, 0.95, None])), "note": draw(st.sampled_from(["", "Crashed."]))}
        for m in task.metrics.all()
    ]
    Finding.report(task, by, tried="This.", learned="That.", results=rows, verdict=draw(st.sampled_from(["", "supported", "refuted"])))


EDITS: list[dict[str, Any]] = [
    {"title": "Another"},
    {"title": ""},
    {"success": ""},
    {"metrics": []},
    {"hours": 16},
    {"hours": None},
    {"points": None},
    {"points": 3},
    {"deliverables": [{"text": "An endpoint", "done": True}]},
    {"deliverables": []},
    {"done_note": "Done."},
    {"serves": ""},
    {"confidence": "firm"},
    {"confidence": "firm", "requirements_clear": True, "technology_known": True},
    {"requirements_clear": False},
    {"kind": "research"},
    {"kind": "experiment"},
    {"kind": "development"},
    {"kind": "maintenance"},
    {"owner": "omar@example.org"},
    {"owner": None},
    {"labels": ["nlp"]},
]
VERBS: dict[str, Any] = {
    "move": lambda task, by, draw: task.move_to(draw(st.sampled_from(Stage.values)), by),
    "walk": lambda task, by, draw: task.move_to(draw(st.sampled_from(task.stages)), by, before=draw(st.sampled_from(["", "FRAUD-2"]))),
    "edit": lambda task, by, draw: task.change(by, **draw(st.sampled_from(EDITS))),
    "report": report,
    "drop": lambda task, by, draw: task.drop(by, "No need."),
    "delete": lambda task, by, draw: task.delete_to_bin(by),
    "restore": lambda task, by, draw: task.restore(by),
    "comment": lambda task, by, draw: Comment.write(task, by, "Hello."),
    "pause": lambda task, by, draw: pause(task, by, reason=draw(st.sampled_from(["", "Labels."]))),
    "resume": lambda task, by, draw: resume(task, by),
    "extend": lambda task, by, draw: extend(
        task, by, hours=draw(st.sampled_from([0, 1, 100])), reason=draw(st.sampled_from(["", "More."]))
    ),
    "undo": undo_something,
    "abandon": lambda task, by, draw: outcomes.abandon(task, by, why="Enough."),
    "more": lambda task, by, draw: outcomes.more_research(task, by, why="More.", question="And then?", hours=8),
    "productionize": lambda task, by, draw: productionize(task, by, why="It works.", override_reason=draw(st.sampled_from(["", "Still."]))),
    "reverse": lambda task, by, draw: outcomes.reverse(task, by, reason="A leak."),
}
