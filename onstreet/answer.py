"""Blocks x entry x durations -> what changes with the question: open or closed, prices and why, chance of a space."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from onstreet.model import Blocks
from onstreet.occupancy.profile import hour_of_week, probability
from onstreet.query import Page, Query
from onstreet.verdicts import Cards, Stays, Verdict, Verdicts, judge_all
from ratecards.calendars import weekday as weekday_of
from ratecards.instants import instant, utc_offset_s
from ratecards.model import DAY_MIN

# Fields that need to know how likely a space is.
_CHANCE = {"probability", "bucket"}


class Answer(NamedTuple):
    """The blocks of a page with the values that depend on the question, block by block; `verdicts` segment by segment.

    `distances_m` is None where the query has no point; `offsets_s` are those of each place from UTC.
    """

    blocks: Blocks
    verdicts: Verdicts
    distances_m: list[int] | None
    offsets_s: Mapping[int, int]
    chances: list[int | None]


class _Clock(NamedTuple):
    """The wall clock of a place at an entry: its hour of the week, and how far ahead of UTC it is (S7.4)."""

    hour_of_week: int
    offset_s: int


def answer(page: Page, query: Query, now: datetime) -> Answer:
    """What to say of each block of a page, for the query's entry or else `now`."""
    fields = query.fields.names
    stays = Stays(query.entry or now, query.durations_min, query.permits, fields)
    blocks = page.blocks
    verdicts = judge_blocks(blocks, stays)
    clocks = {place: _clock(blocks.places[place].zone, stays.entry) for place in set(blocks.place_of)}
    chances = None if _CHANCE.isdisjoint(fields) else _chances(blocks, verdicts, clocks)
    return Answer(
        blocks,
        verdicts,
        None if page.distances_m is None else page.distances_m.round().astype(np.int64).tolist(),
        {place: clock.offset_s for place, clock in clocks.items()},
        chances or [None] * len(page.rows),
    )


def judge_blocks(blocks: Blocks, stays: Stays) -> Verdicts:
    """What the card of each segment says, where it stands."""
    numbers = blocks.card_of.astype(np.int64)
    places = set(blocks.place_of)
    if len(places) == 1:
        return judge_all(Cards(blocks.book, blocks.card, numbers), blocks.places[places.pop()], stays)
    verdicts = np.empty(len(numbers), dtype=np.object_)
    place_of = np.repeat(blocks.place_of, np.diff(blocks.segment_from))
    for place in places:
        is_here = place_of == place
        cards = Cards(blocks.book, blocks.card, numbers[is_here])
        verdicts[is_here] = list(judge_all(cards, blocks.places[place], stays))
    return Verdicts.of(verdicts.tolist())


# Many ask about the same minutes.
@lru_cache(maxsize=16_384)
def _clock(zone: str, entry: datetime) -> _Clock:
    at = instant(entry, zone)
    offset_s = utc_offset_s(at, zone)
    day, minute = divmod(at + offset_s // 60, DAY_MIN)
    return _Clock(hour_of_week(weekday_of(day), minute), offset_s)


def _chances(blocks: Blocks, verdicts: Verdicts, clocks: Mapping[int, _Clock]) -> list[int | None]:
    """The chance of a space in each block; None where it has no profile, or nobody may park (S6.5)."""
    closed = verdicts.each(_is_closed)
    profiles = {number: blocks.profiles[number] for number in set(blocks.profile_of)}
    chances = {
        place: {number: probability(each, clock.hour_of_week) if each else None for number, each in profiles.items()}
        for place, clock in clocks.items()
    }
    firsts, lasts = blocks.segment_from[:-1], blocks.segment_from[1:]
    # Of most blocks the first segment tells it.
    return [
        chances[place][profile] if first < last and not (closed[first] and False not in closed[first:last]) else None
        for place, profile, first, last in zip(blocks.place_of, blocks.profile_of, firsts, lasts, strict=True)
    ]


def _is_closed(verdict: Verdict) -> bool:
    return verdict.is_open is False
