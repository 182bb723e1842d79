"""What an edition changed: both texts can be had back from it, and long runs of the same text are left out."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from handoffs.model_card import difference as module
from handoffs.model_card.difference import Row, difference

TEXT = st.lists(st.sampled_from(["a", "b", "", "## Limitations", " "]), max_size=30)


def test_the_same_text_has_no_difference() -> None:
    assert difference("a\nb", "a\nb\n") == []


def test_a_changed_line_stands_between_its_neighbours() -> None:
    before = "\n".join("0123456789")
    assert difference(before, before.replace("5", "five")) == [
        Row("gap", "3 lines the same"), Row("same", "3"), Row("same", "4"), Row("gone", "5"), Row("new", "five"),
        Row("same", "6"), Row("same", "7"), Row("gap", "2 lines the same"),
    ]  # fmt: skip


def test_the_first_edition_beside_nothing_is_all_new() -> None:
    assert difference("", "# One") == [Row("new", "# One")]


def test_one_line_left_out_is_one_line() -> None:
    assert difference("a\nb\nc\nd", "a\nb\nc\nD")[0] == Row("gap", "1 line the same")


@settings(max_examples=300)
@given(TEXT, TEXT)
def test_both_texts_can_be_had_back(before: list[str], after: list[str]) -> None:
    rows = whole("\n".join(before), "\n".join(after))
    assert [row.text for row in rows if row.kind in ("same", "gone")] == "\n".join(before).splitlines()
    assert [row.text for row in rows if row.kind in ("same", "new")] == "\n".join(after).splitlines()


def whole(before: str, after: str) -> list[Row]:
    """The difference with everything around it."""
    around, module.AROUND = module.AROUND, 1000
    try:
        return difference(before, after) or [Row("same", line) for line in before.splitlines()]
    finally:
        module.AROUND = around


def test_two_long_cards_without_a_line_in_common_take_no_time() -> None:
    before, after = "\n" * 65_000 + "x", "\n".join("ab" * 16_000)
    began = time.process_time()
    rows = difference(before, after)
    assert len(rows) > 90_000
    # Far from the minutes that comparing each with each takes.
    assert time.process_time() - began < 20
