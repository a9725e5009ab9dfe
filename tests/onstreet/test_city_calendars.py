"""Holidays, school days and event days of a data set (S3.2)."""

import json
from datetime import date

import pytest

from onstreet.datasets.calendars import read_calendar
from onstreet.datasets.publish import open_data
from onstreet.datasets.source import SourceError, read_source
from ratecards.calendars import day_number

ZONE = "Europe/Amsterdam"
ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//city//events//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260401
DTEND;VALUE=DATE:20260403
SUMMARY:Fair
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTAMP:20260101T000000Z
DTSTART:20260410T180000Z
DTEND:20260411T003000Z
SUMMARY:Match
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Amsterdam:20260601T190000
DTEND;TZID=Europe/Amsterdam:20260601T220000
RRULE:FREQ=WEEKLY;{end}
EXDATE;TZID=Europe/Amsterdam:20260608T190000
SUMMARY:Concert
END:VEVENT
END:VCALENDAR
"""


def minutes(calendar, day: str) -> str:
    found = calendar.minutes_of(day_number(date.fromisoformat(day)))
    if found is None:
        return "unknown"
    return " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in found)


LISTED = {"2026-09-01": [], "2026-09-02": [["17:00", "23:30"], ["08:00", "10:00"]]}
STATED = [
    (["2026-09-01"], "2026-09-01", "00:00-24:00"),
    (["2026-09-01"], "2026-09-02", ""),
    (["2026-09-01"], "2027-01-01", "unknown"),
    (LISTED, "2026-09-02", "08:00-10:00 17:00-23:30"),
    ({"dates": LISTED, "from": "2026-09-01", "to": "2026-09-10"}, "2026-08-31", "unknown"),
    ({"dates": LISTED, "from": "2026-09-01", "to": "2026-09-10"}, "2026-09-10", ""),
    ({"dates": [], "from": "2026-01-01", "to": "2026-12-31"}, "2026-05-05", ""),
    ("events.ics", "2026-04-01", "00:00-24:00"),
    ("events.ics", "2026-04-02", "00:00-24:00"),
    ("events.ics", "2026-04-03", ""),
    # Six to half past midnight in UTC is two hours later on the clocks of Amsterdam in April.
    ("events.ics", "2026-04-10", "20:00-24:00"),
    ("events.ics", "2026-04-11", "00:00-02:30"),
    ("events.ics", "2026-06-01", "19:00-22:00"),
    ("events.ics", "2026-06-08", ""),
    ("events.ics", "2026-06-15", "19:00-22:00"),
    ("events.ics", "2026-06-29", ""),
    ("events.ics", "2027-01-01", "unknown"),
    ({"path": "endless.ics", "to": "2027-12-31"}, "2027-06-07", "19:00-22:00"),
]  # fmt: skip


EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:9
DTSTAMP:20260101T000000Z
{lines}
END:VEVENT
END:VCALENDAR
"""
YEAR = {"path": "one.ics", "from": "2026-09-01", "to": "2027-06-30"}
ONE = [
    # Evening in Los Angeles is the next day in UTC, morning in Sydney the day before.
    ("America/Los_Angeles", "DTSTART:20270701T020000Z\nDTEND:20270701T050000Z", "2027-06-30", "19:00-22:00"),
    ("Australia/Sydney", "DTSTART:20260831T220000Z\nDTEND:20260831T230000Z", "2026-09-01", "08:00-09:00"),
    # An hour that is shown twice, and one that was called off.
    ("America/Los_Angeles", "DTSTART:20261101T083000Z\nDTEND:20261101T094500Z", "2026-11-01", "01:00-02:00"),
    (ZONE, "STATUS:CANCELLED\nDTSTART:20261005T170000Z\nDTEND:20261005T200000Z", "2026-10-05", ""),
    (ZONE, "DTSTART;VALUE=DATE:20261005", "2026-10-05", "00:00-24:00"),
    (ZONE, "DTSTART:20261005T170000Z\nDURATION:PT90M", "2026-10-05", "19:00-20:30"),
]


@pytest.mark.parametrize("zone, lines, day, expected", ONE)
def test_an_event_on_the_clocks_of_the_place(tmp_path, zone, lines, day, expected):
    (tmp_path / "one.ics").write_text(EVENT.format(lines=lines))
    assert minutes(read_calendar(YEAR, tmp_path, zone), day) == expected


REFUSED = [
    ("DTSTART:20261005T170000Z", "has no end"),
    (
        "DTSTART;TZID=Mars/Phobos:20261005T170000\nDTEND;TZID=Mars/Phobos:20261005T180000",
        "a time zone that nobody knows",
    ),
    ("DTSTART;VALUE=DATE:00010101", "one.ics cannot be read as iCalendar"),
]


@pytest.mark.parametrize("lines, reason", REFUSED)
def test_an_event_nobody_can_place_is_refused(tmp_path, lines, reason):
    (tmp_path / "one.ics").write_text(EVENT.format(lines=lines))
    with pytest.raises(ValueError, match=reason):
        read_calendar("one.ics", tmp_path, ZONE)


@pytest.mark.parametrize("stated, day, expected", STATED)
def test_a_calendar(tmp_path, stated, day, expected):
    (tmp_path / "events.ics").write_text(ICAL.format(end="UNTIL=20260622T235900Z"))
    (tmp_path / "endless.ics").write_text(ICAL.format(end="INTERVAL=1"))
    assert minutes(read_calendar(stated, tmp_path, ZONE), day) == expected


WRONG = [
    ({"zone": ZONE, "country": "XX"}, "'country': no holidays are known of a country 'XX'"),
    ({"country": "US", "subdivision": "XX"}, "'country': no holidays are known of US-'XX'"),
    ({"subdivision": "CA"}, "'subdivision' needs a 'country'"),
    ({"schoolDays": 7}, "'schoolDays': 'dates' must be a list of dates, or an object with the hours of each"),
    ({"schoolDays": []}, "'schoolDays': a calendar without dates needs a first and a last day"),
    ({"schoolDays": {}}, "'schoolDays': a calendar has either 'dates' or the 'path'"),
    ({"schoolDays": ["yesterday"]}, "'schoolDays': a date is yyyy-mm-dd, not 'yesterday'"),
    ({"eventDays": {"2026-09-01": ["17:00"]}}, "'eventDays': hours of a date are pairs"),
    ({"eventDays": {"2026-09-01": [["17:00", "25:00"]]}}, "'eventDays': a time of day is HH:MM, not '25:00'"),
    ({"eventDays": {"2026-09-01": [["17:00", "03:00"]]}}, "'eventDays': hours of a date end after they start"),
    ({"eventDays": {"2026-09-01": [["17:00+02:00", "18:00"]]}}, "'eventDays': a time of day is HH:MM"),
    ({"eventDays": {"dates": [], "form": 1}}, "'eventDays': unknown key 'form'; known are dates, from, path, to"),
    ({"eventDays": {"dates": [], "from": "2026-02-01", "to": "2026-01-01"}}, "it begins on 2026-02-01, after its end"),
    ({"files": {}}, "a JSON object with a list of 'files' is expected"),
    ({"eventDays": "none.ics"}, "'eventDays': no file none.ics"),
    ({"eventDays": "blocks.jsonl"}, "'eventDays': blocks.jsonl cannot be read as iCalendar"),
    (
        {"eventDays": "endless.ics"},
        "'eventDays': endless.ics cannot be read as iCalendar: an event recurs without end: say until when",
    ),
]


@pytest.mark.parametrize("stated, message", WRONG)
def test_a_calendar_that_cannot_be_read_says_why(tmp_path, stated, message):
    (tmp_path / "endless.ics").write_text(ICAL.format(end="INTERVAL=1"))
    city(tmp_path, "Sun: Free", **stated)
    with pytest.raises(SourceError) as caught:
        read_source(tmp_path)
    assert message in str(caught.value)


def city(folder, line: str, **stated) -> None:
    segment = {"segmentID": "1-1", "side": "LEFT", "start": 0, "end": 50, "rateCards": [line]}
    block = {"blockID": "1", "geojson": {"coordinates": [[4.9, 52.37], [4.901, 52.37]]}, "segments": [segment]}
    (folder / "blocks.jsonl").write_text(json.dumps(block))
    source = {
        "name": "x", "zone": ZONE, "currency": "EUR", "files": [{"path": "blocks.jsonl", "source": "x"}],
    } | stated  # fmt: skip
    (folder / "source.json").write_text(json.dumps(source))


@pytest.mark.parametrize("line, stated, lacking", [
    ("Holidays: Free", {}, "Holidays"),
    ("Holidays: Free", {"country": "NL"}, None),
    ("Mon-Fri Except Holidays: Free", {}, "Holidays"),
    ("School Days: No Parking", {"country": "NL"}, "School Days"),
    ("Event Days: €5", {"eventDays": ["2026-04-27"]}, None),
])  # fmt: skip
def test_a_card_of_days_that_nobody_knows_is_a_finding(tmp_path, line, stated, lacking):
    city(tmp_path, line, **stated)
    _, findings = open_data([tmp_path])
    told = f"no calendar of {lacking} is known here: what the card says of them stays unknown"
    assert [each.reason for each in findings] == ([told] if lacking else [])
