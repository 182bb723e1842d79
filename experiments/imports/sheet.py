"""A sheet of text cells: reading a CSV file as people really export it, and writing one that no spreadsheet runs."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dsboard.errors import Refusal

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 100
DELIMITERS = (",", ";", "\t")
#: a spreadsheet takes a cell that begins with one of these for a formula; the wide forms count in East Asian versions
RUNS = "=+\\-@\t\r\n＝＋－＠"
ARMED = re.compile(rf"'*[{RUNS}]")
DISARMED = re.compile(rf"'+[{RUNS}]")


def harmless(text: str) -> str:
    """A cell that is text in every spreadsheet: one quote before what would run; `plain` takes it off again."""
    return f"'{text}" if ARMED.match(text) else text


def plain(text: str) -> str:
    """A cell as it was before `harmless`."""
    return text[1:] if DISARMED.match(text) else text


def written(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a CSV file, every cell harmless; the byte order mark tells spreadsheets that it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield codecs.BOM_UTF8.decode()
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


@dataclass(frozen=True)
class Line:
    """One row: the line of the file where it begins, its cells, and why it can't be read if it can't."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """A header, which may repeat a name, and the rows below it."""

    header: tuple[str, ...]
    lines: tuple[Line, ...] = field(repr=False)

    @classmethod
    def read(cls, content: bytes) -> "Sheet":
        """The rows of a CSV file: with or without byte order mark, split by comma, semicolon or tab, cells of many lines.

        Raises Refusal, with the line, for a file that is too large, has no rows, or whose quotes don't close.
        """
        if len(content) > MOST_BYTES:
            raise Refusal(f"The file is {len(content) / 1024 / 1024:.1f} MB; {MOST_BYTES // 1024 // 1024} MB is the most. Split it in two.")
        text = decoded(content).replace("\x00", "")
        records = list(records_of(text, delimiter_of(text)))
        if not records:
            raise Refusal("The file is empty. Its first line names the columns, like Title, Kind, Hours.")
        header = tuple(plain(cell).strip() for cell in records[0].cells)
        if len(header) > MOST_COLUMNS:
            raise Refusal(f"The file has {len(header)} columns; {MOST_COLUMNS} is the most. Export fewer fields.")
        if len(records) - 1 > MOST_ROWS:
            raise Refusal(f"The file has {len(records) - 1:,} rows; {MOST_ROWS:,} is the most. Split it in two.")
        return cls(header, tuple(fitted(record, len(header)) for record in records[1:]))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by its mark, else UTF-8, else what Windows writes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """The mark that the header holds most often outside of quotes; a comma when it holds none."""
    header = re.sub(r'"[^"]*"', "", text[:100_000]).lstrip().partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def records_of(text: str, delimiter: str) -> Iterator[Line]:
    """Every row that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begins, tuple(cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            raise Refusal(f"Line {begins}: a cell is longer than 128,000 characters. Shorten it.") from error
        raise Refusal(
            f"Line {begins}: a quote is never closed, or stands in the middle of a cell. Write a quote in a cell twice."
        ) from error


def fitted(record: Line, width: int) -> Line:
    """The row cut or filled to the header; cells beyond the header that hold something are a problem of that row."""
    cells = tuple(plain(cell) for cell in record.cells)
    if any(cell.strip() for cell in cells[width:]):
        return Line(record.number, cells[:width], f"This line has {len(cells)} cells, but the header names {width}.")
    return Line(record.number, (*cells[:width], *[""] * (width - len(cells))))
