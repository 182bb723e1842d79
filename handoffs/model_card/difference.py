"""What one edition of a card says differently than another, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

#: lines of the same text around a change
AROUND = 2
#: comparing takes as long as the lines of both multiplied; beyond it, what stands between the first and the last change counts as one
MOST = 1_000_000


@dataclass(frozen=True)
class Row:
    """A line that is "gone", "new" or the "same"; "gap" stands for lines that are left out, `text` says how many."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[Row]:
    """The changed lines with two lines around them; empty when nothing differs."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return []
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    shortest = min(len(old), len(new)) - head
    tail = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old[: -shortest - 1 : -1], new[: -shortest - 1 : -1], strict=False))
    )
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    rows = [*[Row("same", line) for line in old[:head]], *compared(left, right), *[Row("same", line) for line in old[len(old) - tail :]]]
    return shortened(rows)


def compared(left: list[str], right: list[str]) -> list[Row]:
    """Both sides woven together; what was written before stands before what came for it."""
    if len(left) * len(right) > MOST:
        return [*[Row("gone", line) for line in left], *[Row("new", line) for line in right]]
    rows: list[Row] = []
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            rows += [Row("same", line) for line in left[a:b]]
        else:
            rows += [*[Row("gone", line) for line in left[a:b]], *[Row("new", line) for line in right[c:d]]]
    return rows


def shortened(rows: list[Row]) -> list[Row]:
    """Runs of the same text are cut down to what stands next to a change."""
    changed = [place for place, row in enumerate(rows) if row.kind != "same"]
    near = {place for one in changed for place in range(one - AROUND, one + AROUND + 1)}
    found: list[Row] = []
    left_out = 0
    for place, row in enumerate(rows):
        if place in near:
            if left_out:
                found.append(gap(left_out))
            found.append(row)
            left_out = 0
        else:
            left_out += 1
    return [*found, gap(left_out)] if left_out else found


def gap(count: int) -> Row:
    return Row("gap", f"{count} {'line' if count == 1 else 'lines'} the same")
