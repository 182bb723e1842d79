"""Many people at once: threads that go at the same moment, and what each of them met."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

PEOPLE = 8


def at_once(work: Callable[[int], Any], people: int = PEOPLE) -> list[Any]:
    """Let that many threads go at the same moment; what each returned, or the exception that it met."""
    answers: list[Any] = [None] * people
    gate = threading.Barrier(people)

    def one(place: int) -> None:
        try:
            gate.wait(20)
            answers[place] = work(place)
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    # The pool has a place for each of the eight; this thread's own connection would be one too many.
    connection.close()
    threads = [threading.Thread(target=one, args=(place,)) for place in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def kinds(answers: list[Any]) -> Counter[str]:
    """How many answers of each type."""
    return Counter(type(answer).__name__ for answer in answers)
