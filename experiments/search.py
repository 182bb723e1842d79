"""Search over the cards of a team: every word, by the index of the database; and the most similar, by any word."""

import re
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from dsboard.models import Team
from experiments.models import Task

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*", re.UNICODE)
WORDS_AT_MOST = 24
#: words that say nothing about a question; PostgreSQL drops its own list by itself
COMMON = frozenset(
    "a an and are as at be by can do does for from has have how if in is it its of on or than that the their this to was we what when "
    "which will with would".split()
)


def words_of(text: str) -> list[str]:
    """The words of a query in order, without repeats, at most 24."""
    return list(dict.fromkeys(match.group().lower() for match in WORD.finditer(text[:2000])))[:WORDS_AT_MOST]


PHRASE = "phraseto_tsquery('english', %s)"
MATCHING_POSTGRESQL = "SELECT task_id FROM experiments_searchentry WHERE document @@ ({} || to_tsquery('english', %s)))"


def matching(tasks: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The tasks that hold every word of `text`; the last word may be the start of one. Scope `tasks` to a team first."""
    words = words_of(text)
    if not words:
        return tasks.none() if text.strip() else tasks
    if connection.vendor == "sqlite":
        query = " AND ".join([*map(quoted, words[:-1]), f"{quoted(words[-1])}*"])
        hits = RawSQL("SELECT rowid FROM experiments_search_fts WHERE experiments_search_fts MATCH %s", [query])
    else:
        # A word is read as the document was: GPT-2 is kept as gpt and -2, side by side, and only so found again.
        phrases = " && ".join([*[PHRASE] * (len(words) - 1), f"({PHRASE}"])
        begun = " <-> ".join(parts(words[-1:])) + ":*"
        hits = RawSQL(MATCHING_POSTGRESQL.format(phrases), [*words, begun])  # noqa: S611 - the text is in the parameters only
    return tasks.filter(pk__in=hits)


#: the team's own best hits with their score, best first; the index knows no teams, so the entry beside it does
NEAREST_SQLITE = """SELECT entry.task_id, bm25(experiments_search_fts) AS score FROM experiments_search_fts
    JOIN experiments_searchentry entry ON entry.task_id = experiments_search_fts.rowid
    WHERE experiments_search_fts MATCH %s AND entry.team_id = %s ORDER BY score LIMIT %s"""
NEAREST_POSTGRESQL = """SELECT task_id, ts_rank(document, query) AS score
    FROM experiments_searchentry, to_tsquery('english', %s) query
    WHERE document @@ query AND team_id = %s ORDER BY score DESC, task_id DESC LIMIT %s"""


def similar(team: Team, text: str, most: int = 5) -> list[Task]:
    """The team's cards with findings that are most like `text`, best first: any shared word counts, rare ones more."""
    words = [word for word in words_of(text) if word not in COMMON]
    pieces = parts(words)
    if not pieces:
        return []
    sqlite = connection.vendor == "sqlite"
    query = " OR ".join(map(quoted, words)) if sqlite else " | ".join(pieces)
    with connection.cursor() as cursor:
        cursor.execute(NEAREST_SQLITE if sqlite else NEAREST_POSTGRESQL, [query, team.pk, most * 40])
        nearness = {pk: place for place, (pk, _) in enumerate(cursor.fetchall())}
    told = Task.objects.within(team).present().filter(pk__in=nearness, findings__isnull=False).distinct()
    return sorted(told, key=lambda task: nearness[task.pk])[:most]


def quoted(word: str) -> str:
    """A word as an FTS5 string: the syntax of the query language has no power in it."""
    return '"' + word.replace('"', '""') + '"'


def parts(words: list[str]) -> list[str]:
    """Words for to_tsquery: letters and digits only, so that no operator gets through."""
    return [piece for word in words for piece in re.findall(r"[^\W_]+", word)]


def found(team: Team, text: str) -> QuerySet[Task]:
    """All present cards of the team that match, newest first; a full reference finds its card."""
    tasks = Task.objects.within(team).present()
    return matching(tasks, text).order_by("-updated_at", "-pk")
