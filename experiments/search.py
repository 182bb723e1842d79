"""Search over the cards of a team: every word, by the index of the database; and the most similar, by any word."""

import re
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, FloatField, QuerySet
from django.db.models.expressions import RawSQL

from experiments.models import SearchEntry, Task

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


def matching(tasks: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The tasks that hold every word of `text`; the last word may be the start of one. Scope `tasks` to a team first."""
    words = words_of(text)
    if not words:
        return tasks.none() if text.strip() else tasks
    if connection.vendor == "sqlite":
        query = " AND ".join(quoted(word) for word in words[:-1]) + (" AND " if words[1:] else "") + quoted(words[-1]) + "*"
        hits = RawSQL("SELECT rowid FROM experiments_search_fts WHERE experiments_search_fts MATCH %s", [query])
        return tasks.filter(pk__in=hits)
    return tasks.filter(pk__in=SearchEntry.objects.filter(postgres_match(" & ".join(parts(words, " & ")) + ":*")).values("task_id"))


def similar(tasks: QuerySet[Any], text: str, most: int = 5) -> list[Any]:
    """The tasks most like `text`, best first: any shared word counts, rare ones more."""
    words = [word for word in words_of(text) if word not in COMMON]
    if not words:
        return []
    if connection.vendor == "sqlite":
        query = " OR ".join(quoted(word) for word in words)
        rank = RawSQL(
            "(SELECT bm25(experiments_search_fts) FROM experiments_search_fts WHERE experiments_search_fts MATCH %s "
            "AND rowid = experiments_task.id)",
            [query],
            output_field=FloatField(),
        )
        hits = RawSQL("SELECT rowid FROM experiments_search_fts WHERE experiments_search_fts MATCH %s ORDER BY rank LIMIT 200", [query])
        return list(tasks.filter(pk__in=hits).annotate(nearness=rank).order_by("nearness", "-pk")[:most])
    query = " | ".join(parts(words, " | "))
    entries = SearchEntry.objects.filter(postgres_match(query))
    score = RawSQL("ts_rank(experiments_searchentry.document, to_tsquery('english', %s))", [query], output_field=FloatField())
    return list(tasks.filter(search_entry__in=entries).annotate(nearness=score).order_by(F("nearness").desc(), "-pk")[:most])


def quoted(word: str) -> str:
    """A word as an FTS5 string: the syntax of the query language has no power in it."""
    return '"' + word.replace('"', '""') + '"'


def parts(words: list[str], between: str) -> list[str]:
    """Words for to_tsquery: letters and digits only, so that no operator gets through."""
    return [piece for word in words for piece in re.findall(r"[^\W_]+", word)]


def postgres_match(query: str) -> RawSQL:
    return RawSQL("experiments_searchentry.document @@ to_tsquery('english', %s)", [query], output_field=BooleanField())


def found(team: Any, text: str) -> QuerySet[Task]:
    """All present cards of the team that match, newest first; a full reference finds its card."""
    tasks = Task.objects.within(team).present()
    return matching(tasks, text).order_by("-updated_at", "-pk")
