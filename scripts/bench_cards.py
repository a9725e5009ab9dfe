#!/usr/bin/env python
"""What bench.py measures of cards: reading, printing, holding, compiling and pricing them."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, product
from random import Random
from statistics import median
from typing import TypeVar

from bench_engine import Row, timed

from ratecards import Card, Place, format_card, outlook, parse, price, price_many
from ratecards.instants import instant
from ratecards.parser import read, read_line
from ratecards.timeline import Timeline, compile_card

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()

PLACE = Place("America/Los_Angeles", "USD", "US", "CA")
WEEK_FROM, WEEK_TO = (instant(datetime(2026, 6, day), PLACE.zone) for day in (8, 15))
STREETS = [
    ["Each Hour (Mon-Tue | Thu-Sat; 9am-6pm; 9 Hour Max): {p}", "1 Hour (Wed; 9am-10am): {p}",
     "Wed (10am-12pm; Street Cleaning): No Parking", "Each Hour (Wed; 12pm-6pm; 6 Hour Max): {p}",
     "Mon-Sat (6pm-9am): Free", "Sun: Free"],
    ["30 Min (Mon-Sat; 8am-6pm; 4 Hour Max): {p}", "1 Hour (Mon-Sat; 8am-6pm): $9", "2 Hours (Mon-Sat; 8am-6pm): $20",
     "Each Add'l 30 Min (Mon-Sat; 8am-6pm): $4", "Mon-Sat (6pm-8am): Free", "Sun | Holidays: Free"],
    ["Each Hour (Mon-Sat; 7am-11am): {p}", "Each Hour (Mon-Sat; 11am-3pm): $9", "Each Hour (Mon-Sat; 3pm-6pm): {p}",
     "Mon-Fri (4pm-6pm; Tow Away): No Parking", "Mon-Sat (6pm-7am): Free", "Sun: Free", "Plus: $0.35"],
    ["Mon-Fri (8am-6pm; Zone A Permit Only): Free", "2 Hour Parking (Sat; 8am-6pm)", "Mon-Sat (6pm-8am): Free",
     "Sun: Free", "Tue Every 1st & 3rd (8am-10am; Street Cleaning): No Parking", "Holidays: {p}"],
    ["Each 15 Min (Mon-Sat; 09:00-19:00): {p}", "Mon-Sat (19:00-09:00): Free", "Sun: Free", "Holidays: Free",
     "Daily Max: $25", "First 15 Min: Free", "Evening (In After 17:00): $9"],
]  # fmt: skip

T = TypeVar("T")


def measure_cards(count: int) -> Iterator[Row]:
    """Each piece of work on so many lines or cards."""
    for work in (
        read_new_lines, read_known_lines, print_cards, hold_cards,
        compile_cards, quote_a_day, quote_a_week, explain_a_day, look_ahead, price_cards,
    ):  # fmt: skip
        yield work(count)


def read_new_lines(count: int) -> Row:
    """Lines that were never seen before, canonical ones of eight productions."""
    fresh = list(islice(_lines("$"), count))
    read_line("Sun: Free")
    return "lines read, all distinct", _per_second(read_line, fresh), "lines/s"


def read_known_lines(count: int) -> Row:
    """The same lines once more: interned, so only looked up."""
    known = list(islice(_lines("$"), min(count, 5_000)))
    for line in known:
        read_line(line)
    return "lines read, seen before", _per_second(read_line, known * 40), "lines/s"


def print_cards(count: int) -> Row:
    """Canonical text of one-line cards."""
    cards = [parse([line]) for line in islice(_lines("$"), count)]
    return "cards printed", _per_second(format_card, cards), "cards/s"


def hold_cards(count: int) -> Row:
    """Memory a card of six distinct lines holds once it is interned, its lines and their caches included."""
    lines = list(islice(_lines("€"), 6 * (count // 6)))
    cards = [lines[at : at + 6] for at in range(0, len(lines), 6)]
    gc.collect()
    tracemalloc.start()
    held = [read(card).card for card in cards]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return "memory of an interned card of 6 lines", size / len(held), "bytes"


def compile_cards(count: int) -> Row:
    """Cards of six to eight lines, each laid out for a week of its place."""

    def compiled(card: Card) -> object:
        return list(Timeline(card).spans(PLACE, WEEK_FROM, WEEK_TO))

    seconds = median(timed(partial(compiled, card)) for card in _cards(count // 40))
    return "card compiled and laid out for a week", seconds * 1e6, "us, median"


def quote_a_day(count: int) -> Row:
    """Stays of up to eight hours on compiled cards, any time in a week."""
    return "quote of up to 8 hours", _quoted(count, range(15, 481, 15), price), "us, median"


def quote_a_week(count: int) -> Row:
    """Stays of seven days on compiled cards that allow them: with holidays, a daily cap, an offer and free minutes."""
    return "quote of 7 days", _quoted(count, [7 * 1440], price, STREETS[4:]), "us, median"


def explain_a_day(count: int) -> Row:
    """Stays of up to eight hours with their receipts."""

    def explained(card: Card, entry: datetime, stay_min: int, place: Place) -> object:
        return price(card, entry, stay_min, place).explanation

    return "quote of up to 8 hours with its receipt", _quoted(count, range(15, 481, 15), explained), "us, median"


def look_ahead(count: int) -> Row:
    """Until when, free until, becomes free at."""

    def ahead(card: Card, entry: datetime, _: int, place: Place) -> object:
        return outlook(card, entry, place)

    return "outlook over 14 days", _quoted(count // 4, [1], ahead), "us, median"


def price_cards(count: int) -> Row:
    """A thousand compiled cards x 24 entries of a day x 4 durations."""
    cards = _cards(1000)
    for card in cards:
        compile_card(card)
    entries = [datetime(2026, 6, 11, hour, 7) for hour in range(24)]
    seconds = timed(lambda: price_many(cards, entries, [30, 60, 120, 480], PLACE))
    return "1,000 cards x 24 entries x 4 durations", seconds * 1000, "ms"


def _quoted(
    count: int, stays_min: Sequence[int], work: Callable[..., object], streets: Sequence[list[str]] = STREETS
) -> float:
    """Median microseconds of a piece of work on compiled cards, from arrivals drawn from a week."""
    draw = Random(7)
    cards = _cards(50, streets)
    asked = [
        (draw.choice(cards), datetime(2026, 6, 8) + timedelta(minutes=draw.randrange(7 * 1440)), draw.choice(stays_min))
        for _ in range(count // 4)
    ]
    for card, entry, stay_min in asked:
        work(card, entry, stay_min, PLACE)
    gc.collect()
    return median(timed(partial(work, *each, PLACE)) for each in asked) * 1e6


def _cards(count: int, streets: Sequence[list[str]] = STREETS) -> list[Card]:
    """Distinct cards of a city: meters with a sweeping ban, ladders, peaks, residents, caps and holidays."""
    return [
        parse(
            [line.format(p=f"${1 + number % 7}.{number // 7 % 100:02}") for line in streets[number % len(streets)]]
            + [f"Note: {number}"]
        )
        for number in range(count)
    ]


def _per_second(work: Callable[[T], object], items: list[T]) -> float:
    start = time.perf_counter()
    for item in items:
        work(item)
    return len(items) / (time.perf_counter() - start)


def _lines(sign: str) -> Iterable[str]:
    """Distinct canonical lines, without end for practical purposes."""
    for cents, hour, (first, last) in product(range(25, 4000, 5), range(5, 12), product(WEEKDAYS, WEEKDAYS[3:])):
        price = f"{sign}{cents // 100}.{cents % 100:02}" if cents % 100 else f"{sign}{cents // 100}"
        days = f"{first}-{last}" if first != last else first
        yield f"Each Hour ({days}; {hour}am-6pm; 2 Hour Max): {price}"
        yield f"Each 15 Min ({days} | Holidays; {hour:02}:30-18:00): {price}"
        yield f"{days} Except Holidays ({hour}am-10pm; Nov 15-Mar 31; Zone {cents} Permit Only): Free"
        yield f"Early Bird (In {hour}am-12pm; Out By 6pm): {price}"
        yield f"{first} Every 2nd & 4th ({hour}:{cents % 60:02}am-2pm; Street Cleaning): No Parking"
