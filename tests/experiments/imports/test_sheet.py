"""A CSV file as people really export it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsboard.errors import Refusal
from experiments.imports.sheet import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Sheet, harmless, plain, written


def read(text: str) -> Sheet:
    return Sheet.read(text.encode())


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_found_by_itself(mark: str) -> None:
    sheet = read(mark.join(["Title", "Notes, and; more"]).replace("Notes, and; more", '"Notes, and; more"') + "\n" + mark.join(["A", "B"]))
    assert sheet.header == ("Title", "Notes, and; more")
    assert sheet.lines[0].cells == ("A", "B")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    assert Sheet.read("Title\nChurn café".encode(encoding)).lines[0].cells == ("Churn café",)


def test_lines_are_counted_where_a_row_begins() -> None:
    sheet = read('Title,Text\r\nA,"one\r\ntwo\r\nthree"\r\n\r\nB,x\r\n')
    assert [(line.number, line.cells) for line in sheet.lines] == [(2, ("A", "one\r\ntwo\r\nthree")), (6, ("B", "x"))]


def test_a_row_that_is_too_long_is_a_problem_of_its_own() -> None:
    sheet = read("Title,Kind\nA,research,what is this\nB,research,,\nC")
    assert [line.problem for line in sheet.lines] == ["This line has 3 cells, but the header names 2.", "", ""]
    assert sheet.lines[2].cells == ("C", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Its first line names the columns, like Title, Kind, Hours."),
        (
            b'Title\n"never closed\nB\n',
            "Line 2: a quote is never closed, or stands in the middle of a cell. Write a quote in a cell twice.",
        ),
        (b'Title\nA\n"B" C\n', "Line 3: a quote is never closed, or stands in the middle of a cell. Write a quote in a cell twice."),
        (b"T" * (MOST_BYTES + 1), "The file is 5.0 MB; 5 MB is the most. Split it in two."),
        (b"," * MOST_COLUMNS + b"\n", "The file is empty. Its first line names the columns, like Title, Kind, Hours."),
        (b"T," * MOST_COLUMNS + b"T\n", "The file has 101 columns; 100 is the most. Export fewer fields."),
        (b"T\n" + b"a\n" * (MOST_ROWS + 1), "The file has 5,001 rows; 5,000 is the most. Split it in two."),
        (b"T\n" + b"a" * 200_000, "Line 2: a cell is longer than 128,000 characters. Shorten it."),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_line(content: bytes, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        Sheet.read(content)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_would_run_is_made_text_and_comes_back_as_it_was(start: str) -> None:
    cell = f'{start}HYPERLINK("http://evil.example")'
    assert harmless(cell) == "'" + cell
    assert plain(harmless(cell)) == cell
    assert harmless("a = b") == "a = b"


@given(st.text())
def test_harmless_is_always_reversible_and_never_runs(cell: str) -> None:
    assert plain(harmless(cell)) == cell
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=4))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    content = "".join(written([("Title", "Text"), *rows])).encode()
    assert [list(line.cells) for line in Sheet.read(content).lines] == [row for row in rows if any(harmless(cell).strip() for cell in row)]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    try:
        sheet = Sheet.read(content)
    except Refusal:
        return
    assert all(len(line.cells) == len(sheet.header) or line.problem for line in sheet.lines)


@given(st.text(alphabet="a,;\"\n\r\t'=", max_size=80))
def test_no_text_of_marks_breaks_the_reading(text: str) -> None:
    try:
        Sheet.read(text.encode())
    except Refusal as refusal:
        assert refusal.sentence.endswith(".")


def test_a_spreadsheet_sees_utf_8() -> None:
    content = "".join(written([("Title",), ("café",)])).encode()
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [["Title"], ["café"]]
