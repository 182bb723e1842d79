"""Questions whose SQL is written once.

Django writes the SQL of a query anew whenever it is asked. For the page of one row that is a third of the page's time, more than
the database takes to answer, and the text comes out the same each time.
"""

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

Values = ParamSpec("Values")
Row = TypeVar("Row")
#: values that no row has, and every column of their kind takes: each in its place, they show where the real ones go
STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda place: -(2**31) + 1 + place,
    str: lambda place: f"\0{place}",
    datetime: lambda place: datetime(1900, 1, 1 + place, tzinfo=UTC),
}


def prepared(question: Callable[Values, "QuerySet[Any, Row]"]) -> Callable[Values, list[Row]]:
    """Make a function from values to a queryset one from values to its rows.

    Each value is annotated `int`, `str` or `datetime` and goes to the database as it is. A list or None would need other SQL for
    other values: a question that takes one, or does something with a value on the way, raises TypeError when it is first asked.
    """
    kept: dict[str, Written] = {}

    @wraps(question)
    def ask(*args: Values.args, **kwargs: Values.kwargs) -> list[Row]:
        if connection.vendor not in kept:
            kept[connection.vendor] = Written(question)
        return kept[connection.vendor].rows(*args, **kwargs)

    return ask


class Written:
    """One question in the words of one database."""

    def __init__(self, question: Callable[..., "QuerySet[Any, Any]"]) -> None:
        parameters = signature(question).parameters
        self.names = list(parameters)
        if not {one.annotation for one in parameters.values()} <= STAND_INS.keys():
            raise TypeError(f"{question.__name__} takes other values than numbers, texts and moments.")
        stand_ins = [STAND_INS[one.annotation](place) for place, one in enumerate(parameters.values())]
        self.queryset = question(*stand_ins)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        self.sql, params = self.compiler.as_sql()
        stand_ins = [as_parameter(one) for one in stand_ins]
        #: for each parameter the place of its value among the arguments, or the parameter itself
        self.holes = [(stand_ins.index(one), None) if one in stand_ins else (None, one) for one in params]
        if lost := {name for place, name in enumerate(self.names) if (place, None) not in self.holes}:
            raise TypeError(f"The SQL of {question.__name__} does not take {', '.join(sorted(lost))} as it is.")
        self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select[: self.compiler.col_count]])
        self.holds = self.queryset.query.select_for_update and connection.features.has_select_for_update

    def rows(self, *args: Any, **kwargs: Any) -> list[Any]:
        if self.holds and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are held in a transaction only.")
        values = [*args, *(kwargs[name] for name in self.names[len(args) :])]
        params = tuple(fixed if place is None else as_parameter(values[place]) for place, fixed in self.holes)
        compiler: Any = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (self.sql, params)
        compiler.get_converters = lambda _: self.converters
        # All that Django does with rows it does as ever; only its writer of SQL is one that has written already.
        asked = self.queryset.all()
        query: Any = asked.query
        query.get_compiler = lambda *_, **__: compiler
        return list(asked)


def as_parameter(value: Any) -> Any:
    """The value as this database takes it; a member of an enumeration is its text."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return str(value) if isinstance(value, str) else value
