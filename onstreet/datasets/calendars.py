"""School and event calendars of a data set: dates, dates with hours, or an iCalendar file -> Calendar (S3.2)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ratecards import Calendar
from ratecards.calendars import Minutes
from ratecards.model import DAY_MIN

_KEYS = {"path", "dates", "from", "to"}


def read_calendar(stated: object, folder: Path, zone: str) -> Calendar:
    """The calendar that a source.json states; raises ValueError saying what is wrong with it.

    A list of dates; an object of dates with their hours; the name of an iCalendar file; or an object with `dates` or
    `path`, and `from` and `to` for the dates that it knows about, without which these are whole years.
    """
    if isinstance(stated, dict) and _KEYS.issuperset(stated):
        first, last = (_date(stated[key]) if key in stated else None for key in ("from", "to"))
        listed, path = stated.get("dates"), stated.get("path")
    else:
        first, last, listed, path = None, None, stated, None
        if isinstance(stated, str):
            listed, path = None, stated
    if (listed is None) == (path is None):
        raise ValueError("a calendar has either 'dates' or the 'path' of an iCalendar file")
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
    if text == "24:00":
        return DAY_MIN
    try:
        at = time.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"a time of day is HH:MM, not {text!r}") from None
    return at.hour * 60 + at.minute


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"a date is yyyy-mm-dd, not {text!r}") from None


def _read_ical(path: Path, zone: str, first: date | None, last: date | None) -> Calendar:
    # Two libraries that few data sets need.
    import icalendar
    import recurring_ical_events

    if not path.is_file():
        raise ValueError(f"no file {path.name}")
    try:
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path.name} is no iCalendar file: {error}") from None
    events: list[Any] = list(calendar.walk("VEVENT"))
    if last is None and any(_recurs_for_ever(event) for event in events):
        raise ValueError(f"{path.name} has an event that recurs without end: say until when with 'to'")
    starts = [_day(event.start) for event in events]
    first = first or (date(min(starts).year, 1, 1) if starts else None)
    if first is None:
        raise ValueError(f"{path.name} has no event: say with 'from' and 'to' which dates have none")
    # An event without an end of its recurrence is refused above, so a century holds all that is left.
    until = last or first.replace(year=first.year + 100)
    found = recurring_ical_events.of(calendar).between(first, until + timedelta(days=1))
    return Calendar.of_hours(_by_date(found, ZoneInfo(zone)), first, last)


def _recurs_for_ever(event: dict[str, Any]) -> bool:
    rule = event.get("RRULE")
    rules = rule if isinstance(rule, list) else [rule] if rule else []
    return any("UNTIL" not in each and "COUNT" not in each for each in rules)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _by_date(events: Iterable[Any], zone: ZoneInfo) -> dict[date, Minutes]:
    found: dict[date, list[tuple[int, int]]] = {}
    for event in events:
        for day, start, end in _days_of(event.start, event.end, zone):
            found.setdefault(day, []).append((start, end))
    return {day: tuple(sorted(spans)) for day, spans in found.items()}


def _days_of(start: date | datetime, end: date | datetime, zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    """The dates an event touches in the zone, with its minutes on each; a date without a time is a whole one."""
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        for number in range(max((_day(end) - _day(start)).days, 1)):
            yield _day(start) + timedelta(days=number), 0, DAY_MIN
        return
    begin, stop = (each.astimezone(zone) if each.tzinfo else each.replace(tzinfo=zone) for each in (start, end))
    last = stop.hour * 60 + stop.minute + bool(stop.second)
    for number in range((stop.date() - begin.date()).days + 1):
        first_min = begin.hour * 60 + begin.minute if number == 0 else 0
        last_min = last if begin.date() + timedelta(days=number) == stop.date() else DAY_MIN
        if first_min < last_min:
            yield begin.date() + timedelta(days=number), first_min, last_min
