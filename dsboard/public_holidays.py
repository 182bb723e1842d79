"""The public holidays of countries, from the `holidays` library; its updates never reach a calendar by themselves."""

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from dsboard.later import Later

if TYPE_CHECKING:
    import holidays
else:
    holidays = Later("holidays")

LANGUAGE = "en_US"


@lru_cache(1)
def countries() -> dict[str, str]:
    """The name of each country by its two letters, in the order of names."""
    named = {codes[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", codes[0]) for codes in holidays.registry.COUNTRIES.values()}
    return dict(sorted(named.items(), key=lambda one: one[1]))


@lru_cache(300)
def regions(country: str) -> dict[str, str]:
    """The regions of a country that have holidays of their own, by code; none for a country without."""
    if country not in countries():
        return {}
    one = holidays.country_holidays(country)
    names: dict[str, str] = {}
    for name, code in one.subdivisions_aliases.items():
        names.setdefault(code, name)
    return {code: names.get(code, code) for code in one.subdivisions}


def of(country: str, region: str, year: int) -> dict[date, str]:
    """The days of one year that are off, each with its name in English where the library has it."""
    known = holidays.country_holidays(country, subdiv=region or None)
    language = LANGUAGE if LANGUAGE in known.supported_languages else None
    return dict(holidays.country_holidays(country, subdiv=region or None, years=year, language=language))
