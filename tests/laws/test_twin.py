"""Prices and legality by a second route: the engine says what a minute-by-minute twin says (S4.6).

Each example compares several stays: `ONSTREET_EXAMPLES=25000` compares over 100,000 of them. `--hypothesis-seed=2` and
the like look for others in further processes.
"""

from datetime import date
from itertools import pairwise

import twin
from conftest import examples
from hypothesis import HealthCheck, given, note, settings
from law_cases import Case, cases

from ratecards import Place, format_card, price, price_stays
from ratecards.calendars import Calendar

MANY = settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
EPOCH = date(1970, 1, 1)


def calendar(diary: twin.Diary | None) -> Calendar | None:
    """The same days as the engine takes them."""
    if diary is None:
        return None
    known = range((diary.first - EPOCH).days, (diary.last - EPOCH).days + 1)
    return Calendar(known, {(day - EPOCH).days: minutes for day, minutes in diary.days.items()})


def engine_place(place: twin.Place) -> Place:
    """The same place as the engine takes it."""
    days = calendar(place.school_days), calendar(place.event_days)
    return Place(place.zone, place.currency, place.country, place.subdivision, *days)


@MANY
@given(cases())
def test_the_engine_says_what_its_twin_says(case: Case) -> None:
    card, entry, stays, place, holder = case
    note("\n".join(format_card(card)))
    quotes = [price(card, entry, stay_min, engine_place(place), holder) for stay_min in stays]
    judged = [twin.Verdict(quote.legal, quote.cost, quote.refused_by) for quote in quotes]
    assert judged == twin.price(card, entry, stays, place, holder)
    assert price_stays(card, entry, stays, engine_place(place), holder) == quotes


@MANY
@given(cases(stays=12))
def test_a_longer_stay_never_costs_less(case: Case) -> None:
    card, entry, stays, place, holder = case
    note("\n".join(format_card(card)))
    quotes = price_stays(card, entry, sorted(stays), engine_place(place), holder)
    assert all(quote.cost is None or quote.cost >= 0 for quote in quotes)
    for shorter, longer in pairwise(quotes):
        assert shorter.legal is not False or longer == shorter
        assert shorter.legal or not longer.legal
        assert shorter.cost is not None or longer.cost is None
        assert shorter.cost is None or longer.cost is None or shorter.cost <= longer.cost
