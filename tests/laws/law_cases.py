"""Cases for the laws of prices: a card, an entry where days and clocks are odd, stays, a place and permits."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from law_cards import cards
from twin import Diary, Place

from ratecards import Card

# The zones, and the wall clock about which each of them changes it; Santiago does so at midnight.
CLOCK_CHANGES = {
    "Europe/Amsterdam": ["2026-03-29T02:00", "2026-10-25T03:00"],
    "America/New_York": ["2026-03-08T02:00", "2026-11-01T02:00"],
    "Australia/Lord_Howe": ["2026-04-05T02:00", "2026-10-04T02:00"],
    "America/Los_Angeles": ["2026-03-08T02:00", "2026-11-01T02:00"],
    "America/Santiago": ["2026-09-06T00:00", "2026-04-05T00:00"],
}
# The leap day, the year's end, and holidays of the countries below, some of them moved from a weekend.
ODD_DAYS = [
    "2028-02-29",
    "2027-01-01",
    "2026-07-04",
    "2026-04-27",
    "2026-12-26",
    "2026-10-05",
    "2026-03-31",
    "2028-01-01",
]
COUNTRIES = [("US", ""), ("US", "CA"), ("NL", ""), ("AU", "NSW"), ("AU", ""), ("", "")]
CURRENCIES = ["USD"] * 12 + ["CAD", "AUD", "EUR"]
HOLDERS = [(), ("residential",), ("residential", "disabled"), ("disabled",)]


class Case(NamedTuple):
    """A card, an entry, stays, a place and permits."""

    card: Card
    entry: datetime
    stays: list[int]
    place: Place
    holder: frozenset[str]


def entries(zone: str) -> SearchStrategy[datetime]:
    """An entry on any day of some years, about a change of the zone's clock, or about an odd day."""
    any_time = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31))
    hours = st.integers(0, 3 * 365 * 24 - 1).map(lambda hour: datetime(2026, 1, 1) + timedelta(hours=hour))
    moments = st.sampled_from([*CLOCK_CHANGES[zone], *ODD_DAYS]).map(datetime.fromisoformat)
    changes = st.sampled_from(CLOCK_CHANGES[zone]).map(datetime.fromisoformat)
    about = st.builds(lambda moment, minutes: moment + timedelta(minutes=minutes), moments, st.integers(-2000, 1500))
    close = st.builds(lambda moment, minutes: moment + timedelta(minutes=minutes), changes, st.integers(-300, 200))
    return (hours | any_time | about | about | close).map(lambda each: each.replace(second=0, microsecond=0))


def lengths() -> SearchStrategy[list[SearchStrategy[int]]]:
    """Stays of a minute to a few hours, a day or two, seldom a week or a fortnight; half hours and a minute more."""
    halves = st.builds(lambda half, over: half * 30 + over, st.integers(1, 48), st.integers(0, 1))
    short = st.integers(1, 600) | halves
    day = st.integers(1, 2880) | st.integers(600, 1500)
    return st.sampled_from([short] * 12 + [day] * 8 + [st.integers(1, 5 * 1440), st.integers(1, 14 * 1440)])


@st.composite
def diaries(draw: DrawFn, near: date) -> Diary | None:
    """A calendar of some days about a date, whole ones or hours, known for some days or years; or none."""
    if draw(st.integers(0, 3)) == 3:
        return None
    spans = st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), min_size=2, max_size=4, unique=True)
    hours = spans.map(sorted).map(lambda cuts: tuple(zip(cuts[::2], cuts[1::2], strict=False)))
    minutes = st.just(((0, 1440),)) | hours
    offsets = draw(st.dictionaries(st.integers(-1, 4), minutes, max_size=4))
    before, after = draw(st.sampled_from([(400, 400), (400, 400), (1, 2), (0, 0)]))
    first, last = near - timedelta(days=before), near + timedelta(days=after)
    days = {near + timedelta(days=n): each for n, each in offsets.items()}
    return Diary(first, last, {day: each for day, each in days.items() if first <= day <= last})


@st.composite
def cases(draw: DrawFn, stays: int = 6) -> Case:
    """Several stays from one entry on one card."""
    zone = draw(st.sampled_from(sorted(CLOCK_CHANGES)))
    entry = draw(entries(zone))
    near = entry.date()
    country, subdivision = draw(st.sampled_from(COUNTRIES))
    currency = draw(st.sampled_from(CURRENCIES))
    place = Place(zone, currency, country, subdivision, draw(diaries(near)), draw(diaries(near)))
    length = draw(lengths())
    stated = draw(st.lists(length, min_size=3, max_size=stays))
    holder = frozenset(draw(st.sampled_from(HOLDERS)))
    return Case(draw(cards(entry)), entry, stated, place, holder)
