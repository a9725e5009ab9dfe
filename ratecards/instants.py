"""Instants and what clocks show at them: elapsed minutes on one side, local dates and times on the other (S3.5).

Instants are whole minutes since 1970-01-01T00:00Z; days and local minutes count from 1970-01-01T00:00 on the clock.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ratecards.model import DAY_MIN

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


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
    return (moment - _EPOCH) // _MINUTE if moment.tzinfo else _shown(moment, zone)


# Naive times are equal whichever `fold` they have, and all mean the first of two. Many ask about the same minutes.
@lru_cache(maxsize=16_384)
def _shown(moment: datetime, zone: str) -> int:
    return (moment.replace(tzinfo=_zone(zone), fold=0) - _EPOCH) // _MINUTE


def local_datetime(at: int, zone: str) -> datetime:
    """An instant as a datetime of the zone."""
    return (_EPOCH + timedelta(minutes=at)).astimezone(_zone(zone))


def local_min(at: int, zone: str) -> int:
    """Minutes on the zone's wall clock since 1970-01-01T00:00 of its own."""
    return at + offset_min(at, zone)


@lru_cache(maxsize=65_536)
def at_wall(local: int, zone: str) -> int:
    """The instant at which the zone's clock shows a local minute; skipped and doubled ones as for `instant`."""
    return instant(_LOCAL_EPOCH + timedelta(minutes=local), zone)


def next_at(at: int, minute: int, zone: str) -> int:
    """The first instant after `at` that shows this minute of the day."""
    day = local_min(at, zone) // DAY_MIN
    return next(shown for n in range(-1, 3) if (shown := at_wall((day + n) * DAY_MIN + minute, zone)) > at)


def last_at(at: int, minute: int, zone: str) -> int:
    """The last instant up to `at`, itself included, that shows this minute of the day."""
    day = local_min(at, zone) // DAY_MIN
    return next(shown for n in range(1, -3, -1) if (shown := at_wall((day + n) * DAY_MIN + minute, zone)) <= at)


def offset_min(at: int, zone: str) -> int:
    """Minutes the zone's clock is ahead of UTC at an instant, DST applied."""
    for span in _utc_day_spans(zone, at // DAY_MIN):
        if at < span.end:
            return span.offset_min
    raise AssertionError("the spans of a day cover it")


def utc_offset_s(at: int, zone: str) -> int:
    """Seconds the zone's clock is ahead of UTC at an instant, DST applied (S7.4)."""
    return offset_min(at, zone) * 60


def wall_spans(zone: str, start: int, end: int) -> Iterator[WallSpan]:
    """Cut the instants start to end where the local date or the zone's offset changes."""
    for utc_day in range(start // DAY_MIN, (end - 1) // DAY_MIN + 1):
        for span in _utc_day_spans(zone, utc_day):
            if span.end > start and span.start < end:
                yield span._replace(start=max(span.start, start), end=min(span.end, end))


def is_zone(name: str) -> bool:
    """Whether a name is an IANA time zone."""
    try:
        _zone(name)
    except (KeyError, OSError, TypeError, ValueError):
        return False
    return True


@lru_cache(maxsize=16_384)
def _utc_day_spans(zone: str, utc_day: int) -> tuple[WallSpan, ...]:
    start, end = utc_day * DAY_MIN, (utc_day + 1) * DAY_MIN
    change = _change(zone, start, end)
    pieces = [(start, change), (change, end)] if change else [(start, end)]
    return tuple(span for piece in pieces for span in _split_at_midnight(zone, *piece))


def _split_at_midnight(zone: str, start: int, end: int) -> Iterator[WallSpan]:
    ahead = _offset_min(start, zone)
    while start < end:
        day = (start + ahead) // DAY_MIN
        stop = min(end, (day + 1) * DAY_MIN - ahead)
        yield WallSpan(start, stop, ahead, day)
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
    return 0 if offset is None else offset // _MINUTE


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
