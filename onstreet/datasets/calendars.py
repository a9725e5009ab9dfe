"""School and event calendars of a data set: dates, dates with hours, or an iCalendar file -> Calendar (S3.2)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ratecards import Calendar
from ratecards.calendars import Minutes, date_of
from ratecards.instants import instant, wall_spans
from ratecards.model import DAY_MIN
from ratecards.scopes import joined

_KEYS = {"path", "dates", "from", "to"}
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_CENTURY = timedelta(days=36_525)


def read_calendar(stated: object, folder: Path, zone: str) -> Calendar:
    """The calendar that a source.json states; raises ValueError saying what is wrong with it.

    A list of dates; an object of dates with their hours; the name of an iCalendar file; or an object with `dates` or
    `path`, and `from` and `to` for the dates that it knows about, without which these are whole years.
    """
    if isinstance(stated, dict) and not (stated and _KEYS.isdisjoint(stated)):
        for key in stated:
            if key not in _KEYS:
                raise ValueError(f"unknown key {key!r}; known are {', '.join(sorted(_KEYS))}")
        first, last = (_date(stated[key]) if key in stated else None for key in ("from", "to"))
        listed, path = stated.get("dates"), stated.get("path")
    else:
        first, last, listed, path = None, None, stated, None
        if isinstance(stated, str):
            listed, path = None, stated
    if (listed is None) == (path is None):
        raise ValueError("a calendar has either 'dates' or the 'path' of an iCalendar file")
    if first and last and first > last:
        raise ValueError(f"it begins on {first}, after its end on {last}")
    if path is not None:
        return _read_ical(folder / str(path), zone, first, last)
    return Calendar.of_hours(dict(_listed(listed)), first, last)


def _listed(dates: object) -> Iterator[tuple[date, Minutes]]:
    if isinstance(dates, list):
        yield from ((_date(each), ((0, DAY_MIN),)) for each in dates)
    elif isinstance(dates, Mapping):
        for each, hours in dates.items():
            yield _date(each), tuple(sorted(_hours(hours))) if hours else ((0, DAY_MIN),)
    else:
        raise ValueError("'dates' must be a list of dates, or an object with the hours of each")


def _hours(hours: object) -> Iterator[tuple[int, int]]:
    if not (isinstance(hours, list) and all(isinstance(each, list) and len(each) == 2 for each in hours)):
        raise ValueError(f'hours of a date are pairs such as [["17:00", "23:00"]], not {hours!r}')
    for start, end in hours:
        first, last = _minute(start), _minute(end)
        if first >= last:
            raise ValueError(f"hours of a date end after they start, at most at 24:00, unlike {start}-{end}")
        yield first, last


def _minute(text: object) -> int:
    match = _TIME.fullmatch(str(text))
    if not match:
        raise ValueError(f"a time of day is HH:MM, not {text!r}")
    return int(match[1]) * 60 + int(match[2]) if match[1] else DAY_MIN


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"a date is yyyy-mm-dd, not {text!r}") from None


def _read_ical(path: Path, zone: str, first: date | None, last: date | None) -> Calendar:
    if not path.is_file():
        raise ValueError(f"no file {path.name}")
    try:
        return _expanded(path, zone, first, last)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        # The libraries that read iCalendar fail in all of these ways on a file that is none.
        raise ValueError(f"{path.name} cannot be read as iCalendar: {error}") from None


def _expanded(path: Path, zone: str, first: date | None, last: date | None) -> Calendar:
    # Two libraries that few data sets need.
    import icalendar
    import recurring_ical_events

    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    events: list[Any] = list(calendar.walk("VEVENT"))
    for event in events:
        if isinstance(event.start, datetime) and not ("DTEND" in event or "DURATION" in event):
            raise ValueError(f"the event of {event.start} has no end")
        if _has_lost_zone(event):
            raise ValueError(f"the event of {event.start} is in a time zone that nobody knows")
    if last is None and any(_recurs_for_ever(event) for event in events):
        raise ValueError("an event recurs without end: say until when with 'to'")
    starts = [_day(event.start) for event in events]
    first = first or (date(min(starts).year, 1, 1) if starts else None)
    if first is None:
        raise ValueError("it has no event: say with 'from' and 'to' which dates have none")
    # An event without an end of its recurrence is refused above, so a century holds all that is left.
    until = last or first + _CENTURY
    # Times in other zones may fall on the neighbouring dates of this one.
    margin = timedelta(days=2)
    found = recurring_ical_events.of(calendar).between(first - margin, until + margin)
    return Calendar.of_hours(_by_date(found, zone, first, until), first, last)


def _recurs_for_ever(event: dict[str, Any]) -> bool:
    rule = event.get("RRULE")
    rules = rule if isinstance(rule, list) else [rule] if rule else []
    return any("UNTIL" not in each and "COUNT" not in each for each in rules)


def _has_lost_zone(event: Any) -> bool:  # noqa: ANN401 - an event of a library without types
    named = event["DTSTART"].params.get("TZID") if "DTSTART" in event else None
    return bool(named) and isinstance(event.start, datetime) and event.start.tzinfo is None


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _by_date(events: Iterable[Any], zone: str, first: date, last: date) -> dict[date, Minutes]:
    """The minutes of each date that some event which was not called off has in the zone."""
    found: dict[date, list[tuple[int, int]]] = {}
    for event in events:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        for day, start, end in _days_of(event.start, event.end, zone):
            if first <= day <= last:
                found.setdefault(day, []).append((start, end))
    return {day: joined(sorted(spans)) for day, spans in found.items()}


def _days_of(start: date | datetime, end: date | datetime, zone: str) -> Iterator[tuple[date, int, int]]:
    """The dates an event touches in the zone, with its minutes on each; a date without a time is a whole one."""
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        for number in range(max((_day(end) - _day(start)).days, 1)):
            yield _day(start) + timedelta(days=number), 0, DAY_MIN
        return
    # A minute that has begun counts whole.
    begin, stop = instant(start, zone), instant(end + timedelta(seconds=59), zone)
    for wall in wall_spans(zone, begin, stop) if begin < stop else ():
        yield date_of(wall.day), wall.start - wall.midnight, wall.end - wall.midnight
