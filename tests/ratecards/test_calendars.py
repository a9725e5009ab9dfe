"""Instants and wall clocks: clock changes, nth weekdays (S3.2, S3.5, S7.4)."""

from datetime import UTC, date, datetime

import pytest

from ratecards.calendars import nth_in_month, weekday
from ratecards.instants import instant, is_zone, utc_offset_s, wall_spans
from ratecards.model import LAST

EPOCH_DAY = date(1970, 1, 1).toordinal()


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_DAY


def utc(text: str) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC), "UTC")


# A wall-clock time in a zone, and the instant in UTC.
INSTANTS = [
    ("2026-06-14T03:00", "America/Los_Angeles", "2026-06-14T10:00"),
    ("2026-12-14T03:00", "America/Los_Angeles", "2026-12-14T11:00"),
    ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:30"),  # does not exist: 03:30 EDT
    ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),  # exists twice: the first, EDT
    ("2026-03-29T02:15", "Europe/Amsterdam", "2026-03-29T01:15"),  # does not exist: 03:15 CEST
    ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45"),  # exists twice, half an hour apart
    ("2026-06-14T03:00", "Asia/Kathmandu", "2026-06-13T21:15"),
]


@pytest.mark.parametrize("local, zone, expected", INSTANTS)
def test_wall_clock_to_instant(local, zone, expected):
    assert instant(datetime.fromisoformat(local), zone) == utc(expected)


def test_a_moment_with_its_own_zone_keeps_it():
    moment = datetime(2026, 6, 14, 10, 0, 59, tzinfo=UTC)
    assert instant(moment, "Asia/Tokyo") == utc("2026-06-14T10:00")


OFFSETS = [
    ("2026-06-14T10:00", "America/Los_Angeles", -25_200),
    ("2026-12-14T10:00", "America/Los_Angeles", -28_800),
    ("2026-03-08T09:59", "America/Los_Angeles", -28_800),
    ("2026-03-08T10:00", "America/Los_Angeles", -25_200),
    ("2026-01-01T00:00", "Asia/Kathmandu", 20_700),
]


@pytest.mark.parametrize("at, zone, seconds", OFFSETS)
def test_utc_offset(at, zone, seconds):
    assert utc_offset_s(utc(at), zone) == seconds


def test_wall_spans_break_at_midnight_and_clock_change():
    """The night of 8 March 2026 in New York: Saturday, then the hours before and after the gap."""
    start, end = utc("2026-03-08T03:00"), utc("2026-03-08T12:00")
    spans = list(wall_spans("America/New_York", start, end))
    assert [(span.start - start, span.end - start, span.offset_min, span.day) for span in spans] == [
        (0, 120, -300, day("2026-03-07")),
        (120, 240, -300, day("2026-03-08")),
        (240, 540, -240, day("2026-03-08")),
    ]


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_wall_spans_tile_the_year(zone):
    start, end = utc("2026-01-01T00:00"), utc("2027-01-01T00:00")
    spans = list(wall_spans(zone, start, end))
    assert [span.start for span in spans] == [start] + [span.end for span in spans[:-1]]
    assert spans[-1].end == end
    for span in spans:
        first, last = span.start - span.midnight, span.end - span.midnight
        assert 0 <= first < last <= 1440
        assert span.offset_min * 60 == utc_offset_s(span.start, zone) == utc_offset_s(span.end - 1, zone)


NTH = [
    ("2026-06-02", (1,)),
    ("2026-06-09", (2,)),
    ("2026-06-23", (4,)),
    ("2026-06-30", (5, LAST)),
    ("2026-02-24", (4, LAST)),
    ("2024-02-29", (5, LAST)),
    ("2026-12-31", (5, LAST)),
]


@pytest.mark.parametrize("text, expected", NTH)
def test_nth_weekday_of_the_month(text, expected):
    assert nth_in_month(day(text)) == expected


def test_weekday_is_iso():
    for text in ("1970-01-01", "2026-06-14", "2024-02-29"):
        assert weekday(day(text)) == date.fromisoformat(text).isoweekday()


@pytest.mark.parametrize(
    "name, known", [("Europe/Amsterdam", True), ("Mars/Base", False), ("../etc", False), ("", False)]
)
def test_is_zone(name, known):
    assert is_zone(name) is known
