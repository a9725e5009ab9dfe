"""Places and their clocks: which wall-clock minute of which date is shown at an instant (S3.2, S3.5).

Instants are whole minutes since 1970-01-01T00:00Z; local minutes count from 1970-01-01T00:00 on the wall clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ratecards.model import DAY_MIN, LAST, MONTH_DAYS, Season

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: its IANA time zone and its ISO 4217 currency."""

    zone: str
    currency: str


class WallSpan(NamedTuple):
    """Instants start to end (half-open) that fall on one local date and show the clock at `offset_min` from UTC."""

    start: int
    end: int
    offset_min: int
    day: int

    @property
    def midnight(self) -> int:
        """The instant at which this date's 00:00 would be shown under the same offset."""
        return self.day * DAY_MIN - self.offset_min


def instant(moment: datetime, zone: str) -> int:
    """The minute since 1970 of a moment; a naive one is wall-clock time in the zone.

    A wall-clock time that a clock change skips moves forward by the gap; one shown twice means the first (S3.5).
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=_zone(zone), fold=0)
    return int((aware.astimezone(UTC) - _EPOCH) // timedelta(minutes=1))


def utc_offset_s(at: int, zone: str) -> int:
    """Seconds the zone's clock is ahead of UTC at an instant, DST applied (S7.4)."""
    return _offset_min(at, zone) * 60


def wall_spans(zone: str, start: int, end: int) -> Iterator[WallSpan]:
    """Cut the instants start to end where the local date or the zone's offset changes."""
    for utc_day in range(start // DAY_MIN, (end - 1) // DAY_MIN + 1):
        for span in _utc_day_spans(zone, utc_day):
            if span.end > start and span.start < end:
                yield span._replace(start=max(span.start, start), end=min(span.end, end))


def weekday(day: int) -> int:
    """ISO weekday 1-7 of a day counted from 1970-01-01, a Thursday."""
    return (day + 3) % 7 + 1


@lru_cache(maxsize=4096)
def nth_in_month(day: int) -> tuple[int, ...]:
    """Which occurrence of its weekday in the month a day is, 1-5, and LAST where it is the last one too (S3.2)."""
    this = date.fromordinal(day + _EPOCH_DAY)
    nth = (this.day - 1) // 7 + 1
    is_last = (this + timedelta(days=7)).month != this.month
    return (nth, LAST) if is_last else (nth,)


@lru_cache(maxsize=4096)
def year_day(day: int) -> tuple[int, int]:
    """Month and day of the month of a day counted from 1970-01-01."""
    this = date.fromordinal(day + _EPOCH_DAY)
    return this.month, this.day


@lru_cache(maxsize=1024)
def season_days(season: Season) -> frozenset[tuple[int, int]]:
    """Months and days of the month of a season, both ends included, wrapping over the year's end (S3.2)."""
    first = (season.first.month, season.first.day or 1)
    last = (season.last.month, season.last.day or MONTH_DAYS[season.last.month - 1])
    year = [(month, day) for month, days in enumerate(MONTH_DAYS, 1) for day in range(1, days + 1)]
    if first <= last:
        return frozenset(each for each in year if first <= each <= last)
    return frozenset(each for each in year if each >= first or each <= last)


@lru_cache(maxsize=4096)
def _utc_day_spans(zone: str, utc_day: int) -> tuple[WallSpan, ...]:
    start, end = utc_day * DAY_MIN, (utc_day + 1) * DAY_MIN
    change = _change(zone, start, end)
    pieces = [(start, change), (change, end)] if change else [(start, end)]
    return tuple(span for piece in pieces for span in _split_at_midnight(zone, *piece))


def _split_at_midnight(zone: str, start: int, end: int) -> Iterator[WallSpan]:
    offset_min = _offset_min(start, zone)
    while start < end:
        day = (start + offset_min) // DAY_MIN
        stop = min(end, (day + 1) * DAY_MIN - offset_min)
        yield WallSpan(start, stop, offset_min, day)
        start = stop


def _change(zone: str, start: int, end: int) -> int | None:
    """The instant in [start, end) at which the zone's offset changes, found by halving; zones change once a day."""
    before = _offset_min(start, zone)
    if before == _offset_min(end - 1, zone):
        return None
    low, high = start, end - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_min(middle, zone) == before else (low, middle)
    return high


def _offset_min(at: int, zone: str) -> int:
    offset = (_EPOCH + timedelta(minutes=at)).astimezone(_zone(zone)).utcoffset()
    return 0 if offset is None else int(offset // timedelta(minutes=1))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether a name is an IANA time zone."""
    try:
        _zone(name)
    except (KeyError, OSError, TypeError, ValueError):
        return False
    return True
