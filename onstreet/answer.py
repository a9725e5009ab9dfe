"""Blocks x entry x durations -> what changes with the question: open or closed, prices and why, chance of a space."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from onstreet.model import Blocks, bits_of
from onstreet.occupancy.profile import hour_of_week, probability
from onstreet.query import Page, Query
from onstreet.verdicts import Cards, Stays, Verdict, Verdicts, judge_all
from ratecards import Place
from ratecards.calendars import weekday as weekday_of
from ratecards.instants import instant, utc_offset_s
from ratecards.model import DAY_MIN

# Fields that need to know how likely a space is.
_CHANCE = {"probability", "bucket"}


class Answer(NamedTuple):
    """The blocks of a page with the values that depend on the question, block by block; `verdicts` segment by segment.

    `kept` says which segments are answered, None all of them; `distances_m` is None where the query has no point.
    """

    blocks: Blocks
    verdicts: Verdicts
    kept: list[bool] | None
    distances_m: list[int] | None
    offsets_s: list[int]
    chances: list[int | None]


class _Clock(NamedTuple):
    """The wall clock of a place at an entry: its hour of the week, and how far ahead of UTC it is (S7.4)."""

    hour_of_week: int
    offset_s: int


def answer(page: Page, query: Query, now: datetime) -> Answer:
    """What to say of each block of a page, for the query's entry or else `now`."""
    fields = frozenset(query.fields.block + query.fields.segment)
    stays = Stays(query.entry or now, query.durations_min, query.permits, fields)
    blocks = page.blocks
    wanted = bits_of(query.restrictions)
    kept = ((blocks.amenities & wanted) == wanted).tolist() if wanted else None
    verdicts = judge_blocks(blocks, stays)
    clocks = [_clock(place, stays.entry) for place in blocks.places]
    chances = None if _CHANCE.isdisjoint(fields) else _chances(blocks, verdicts, kept, clocks)
    return Answer(
        blocks,
        verdicts,
        kept,
        None if page.distances_m is None else page.distances_m.round().astype(np.int64).tolist(),
        [clocks[place].offset_s for place in blocks.place_of],
        chances or [None] * len(page.rows),
    )


def judge_blocks(blocks: Blocks, stays: Stays) -> Verdicts:
    """What the card of each segment says, where it stands."""
    numbers = blocks.card_of.astype(np.int64)
    if len(blocks.places) == 1:
        return judge_all(Cards(blocks.book, blocks.card, numbers), blocks.places[0], stays)
    verdicts = np.empty(len(numbers), dtype=np.object_)
    place_of = np.repeat(blocks.place_of, blocks.segment_counts)
    for number, place in enumerate(blocks.places):
        is_here = place_of == number
        verdicts[is_here] = list(judge_all(Cards(blocks.book, blocks.card, numbers[is_here]), place, stays))
    return Verdicts.of(verdicts.tolist())


def _clock(place: Place, entry: datetime) -> _Clock:
    at = instant(entry, place.zone)
    offset_s = utc_offset_s(at, place.zone)
    day, minute = divmod(at + offset_s // 60, DAY_MIN)
    return _Clock(hour_of_week(weekday_of(day), minute), offset_s)


def _chances(blocks: Blocks, verdicts: Verdicts, kept: list[bool] | None, clocks: Sequence[_Clock]) -> list[int | None]:
    """The chance of a space in each block; None where it has no profile, or nobody may park (S6.5)."""
    closed = verdicts.each(_is_closed)
    if kept is not None:
        closed = [each or not shown for each, shown in zip(closed, kept, strict=True)]
    hours = [clock.hour_of_week for clock in clocks]
    chances: list[int | None] = []
    first = 0
    for place, profile, count in zip(blocks.place_of, blocks.profiles, blocks.segment_counts, strict=True):
        last = first + count
        chances.append(probability(profile, hours[place]) if profile and False in closed[first:last] else None)
        first = last
    return chances


def _is_closed(verdict: Verdict) -> bool:
    return verdict.is_open is False
