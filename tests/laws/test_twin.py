"""Prices and legality by a second route: the engine says what a minute-by-minute twin says (S4.6)."""

import os
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import twin
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ratecards import Card, Line, Place, format_card, parse, price, price_stays
from ratecards.model import (
    LAST,
    DayRange,
    Days,
    Limits,
    Outcome,
    Scope,
    Season,
    Term,
    TermKind,
    User,
    Window,
    YearDay,
)
from ratecards.money import Money

MANY = settings(
    max_examples=int(os.environ.get("ONSTREET_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# The zones, and the wall clock about which each of them changes it in 2026.
CLOCK_CHANGES = {
    "Europe/Amsterdam": ["2026-03-29T02:00", "2026-10-25T03:00"],
    "America/New_York": ["2026-03-08T02:00", "2026-11-01T02:00"],
    "Australia/Lord_Howe": ["2026-04-05T02:00", "2026-10-04T02:00"],
    "America/Los_Angeles": ["2026-03-08T02:00", "2026-11-01T02:00"],
}
Case = tuple[Card, datetime, list[int], Place, frozenset[str]]

WEEKDAYS = [(1, 5), (1, 7), (6, 7), (1, 1), (4, 2), (2, 7)]
DAYS = [
    None,
    None,
    *(Days((DayRange(*each),)) for each in WEEKDAYS),
    Days((DayRange(1, 2), DayRange(4, 6))),
    *(Days((DayRange(1, 7),), nth) for nth in ((1, 3), (2, 4), (5,), (LAST,), (5, LAST))),
]
SEASONS = [
    None,
    None,
    None,
    Season(YearDay(11, 15), YearDay(3, 31)),
    Season(YearDay(3), YearDay(10, 24)),
    Season(YearDay(10, 4), YearDay(4, 4)),
    Season(YearDay(4, 1), YearDay(3, 31)),
]
USERS = [None] * 4 + [User(name, only) for name in ("Residential Permit", "Disabled") for only in (True, False)]
LENGTHS = st.sampled_from([60, 30, 120, 15, 90, 20, 45, 7, 240, 1, 1440])
AMOUNTS = st.sampled_from("1 2 3 0.50 5 0 0.07 1.99 0.33 10".split()).map(lambda text: Money(Decimal(text), "$"))
PRICES = st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, st.just(Outcome.FREE))
ELSEWHERE = ["Mon-Sun: Free", "Each Hour: $1", "Mon-Sun: $9", "See Meter", "2 Hour Parking"]


@st.composite
def scope_pools(draw: DrawFn) -> list[Scope]:
    """A few scopes whose hours begin and end at the same few times, so that they overlap, adjoin and repeat."""
    quarters = st.integers(0, 23).map(lambda hour: hour * 60) | st.integers(0, 95).map(lambda quarter: quarter * 15)
    cuts = draw(st.lists(quarters | st.integers(0, 1439), min_size=2, max_size=4, unique=True))
    ends = st.sampled_from(cuts)
    windows = st.builds(Window, ends, ends, st.just(12)).filter(lambda each: each.start_min != each.end_min)
    hours = st.lists(windows, min_size=1, max_size=2) | st.lists(windows, max_size=2)
    days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=2))
    seasons = draw(st.lists(st.sampled_from(SEASONS), min_size=1, max_size=2))
    scope = st.builds(Scope, st.sampled_from(days), hours.map(tuple), st.sampled_from(seasons))
    return draw(st.lists(scope, min_size=1, max_size=4))


def limits(lengths: list[int]) -> SearchStrategy[Limits | None]:
    """A stay limit of one of these lengths, or none."""
    return st.none() | st.sampled_from(lengths).map(Limits)


@st.composite
def tariffs(draw: DrawFn, pool: list[Scope], lengths: list[int]) -> list[Line]:
    """Lines of one scope: a unit, a ladder, a flat price, a ban or a limit."""
    scope, user = draw(st.sampled_from(pool)), draw(st.sampled_from(USERS))
    scope = Scope(scope.days, scope.hours, scope.season, user)
    kind = draw(st.sampled_from(["unit", "unit", "ladder", "ladder", "flat", "flat", "ban", "limit"]))
    if kind == "limit":
        return [Line(scope, limits=Limits(draw(st.sampled_from(lengths))))]
    if kind == "ban":
        return [Line(scope, Outcome.NO_PARKING)]
    if kind == "flat":
        return [Line(scope, draw(PRICES), limits=draw(limits(lengths)))]
    kinds = (
        st.just(TermKind.EACH) if kind == "unit" else st.sampled_from([TermKind.TIER, TermKind.ADDED, TermKind.EACH])
    )
    rungs = st.builds(Line, st.just(scope), PRICES, st.builds(Term, kinds, LENGTHS), limits=limits(lengths))
    return draw(st.lists(rungs, min_size=1, max_size=1 if kind == "unit" else 4))


@st.composite
def cards(draw: DrawFn) -> Card:
    """A card of one to six lines that get in each other's way; often a last one covers what is left."""
    pool = draw(scope_pools())
    lengths = draw(st.lists(st.sampled_from([60, 120, 90, 240, 600]), min_size=1, max_size=2))
    groups = draw(st.lists(tariffs(pool, lengths), min_size=1, max_size=5))
    elsewhere = draw(st.none() | st.sampled_from(ELSEWHERE))
    lines = [line for group in groups for line in group][: 5 if elsewhere else 6]
    return Card((*lines, *(parse([elsewhere]).lines if elsewhere else ())))


@st.composite
def cases(draw: DrawFn, stays: int = 3) -> Case:
    """A card, an entry on any day of 2026 or about a clock change, stays of a minute to five days, a place, permits."""
    zone = draw(st.sampled_from(sorted(CLOCK_CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CLOCK_CHANGES[zone])))
    about = st.integers(-3000, 300).map(lambda minutes: change + timedelta(minutes=minutes))
    hours = st.integers(0, 365 * 24 - 1).map(lambda hour: datetime(2026, 1, 1) + timedelta(hours=hour))
    entry = draw(hours | st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)) | about).replace(
        second=0, microsecond=0
    )
    halves = st.builds(lambda half, over: half * 30 + over, st.integers(1, 48), st.integers(0, 1))
    length = st.integers(1, 600) | halves | st.integers(1, 1500) | st.integers(1, 5 * 1440)
    holder = frozenset(draw(st.sampled_from([(), ("residential",), ("residential", "disabled")])))
    return draw(cards()), entry, draw(st.lists(length, min_size=1, max_size=stays)), Place(zone, "USD"), holder


@MANY
@given(cases())
def test_the_engine_says_what_its_twin_says(case: Case) -> None:
    card, entry, stays, place, holder = case
    note("\n".join(format_card(card)))
    quotes = [price(card, entry, stay_min, place, holder) for stay_min in stays]
    judged = [twin.Verdict(bool(quote.legal), quote.cost, quote.refused_by) for quote in quotes]
    assert judged == twin.price(card, entry, stays, place.zone, holder)
    assert price_stays(card, entry, stays, place, holder) == quotes


@MANY
@given(cases(stays=12))
def test_a_longer_stay_never_costs_less(case: Case) -> None:
    card, entry, stays, place, holder = case
    note("\n".join(format_card(card)))
    quotes = price_stays(card, entry, sorted(stays), place, holder)
    assert all(quote.cost is None or quote.cost >= 0 for quote in quotes)
    for shorter, longer in pairwise(quotes):
        assert shorter.legal or longer == shorter
        assert shorter.cost is not None or longer.cost is None
        assert shorter.cost is None or longer.cost is None or shorter.cost <= longer.cost
