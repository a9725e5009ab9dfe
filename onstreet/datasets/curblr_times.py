"""CurbLR time spans -> when they hold, and back.

Clauses of a span must all hold; of several spans one (CurbLR TimeSpans).
A span no clause restricts holds always. Days of the month that make whole weeks are those weeks of the month. A span
that ended before the feed was made holds never; without a date of the feed none has ended.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from onstreet.datasets.feed_values import as_list, objects
from onstreet.datasets.regulations import (
    ALWAYS,
    WEEK,
    UnclearError,
    When,
    YearDays,
    special_day,
    start_anchored,
    weeks_of,
    window,
    year_days,
)
from onstreet.datasets.scope_words import runs_of
from ratecards.calendars import WHOLE_DAY
from ratecards.model import LAST, MONTH_DAYS, SpecialDay

Json = dict[str, Any]

_DAYS = {name: number for number, name in enumerate("mo tu we th fr sa su".split(), 1)}
_OCCURRENCES = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": LAST}
_CLAUSES = {
    "effectivedates", "daysofweek", "daysofmonth", "timesofday", "timeofday", "designatedperiods", "designatedperiod",
}  # fmt: skip
_YEARLY = re.compile(r"(\d\d)-?(\d\d)")


def time_spans(stated: list[Json], made_on: date | None) -> tuple[When, ...]:
    """When some spans hold, keys in lower case; nothing where all are over. Raises UnclearError."""
    if not stated:
        return ALWAYS
    return tuple(when for span in stated for when in _span(span, made_on))


def span_of(when: When) -> Json:
    """The span that holds when this does; an empty one holds always."""
    span: Json = {}
    if when.weekdays != WEEK or when.nth:
        days: Json = {"days": [name for name, number in _DAYS.items() if number in when.weekdays]}
        nths = [name for name, number in _OCCURRENCES.items() if number in when.nth]
        span["daysOfWeek"] = days | ({"occurrencesInMonth": nths} if nths else {})
    if when.minutes != WHOLE_DAY:
        span["timesOfDay"] = [{"from": _clock(start), "to": _clock(end)} for start, end in when.minutes]
    periods = [(when.only, "only during")] if when.only else []
    periods += [(word, "except during") for word in SpecialDay if word in when.excepts]
    if periods:
        span["designatedPeriods"] = [{"name": word.value.lower(), "apply": apply} for word, apply in periods if word]
    if when.dates is not None:
        span["effectiveDates"] = [{"from": _text(run[0]), "to": _text(run[-1])} for run in runs_of(when.dates)]
    return span


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _text(day: tuple[int, int]) -> str:
    return f"{day[0]:02}-{day[1]:02}"


def _span(span: Json, made_on: date | None) -> Iterator[When]:
    for key, value in span.items():
        if key not in _CLAUSES and value:
            raise UnclearError("timeSpans", key, "a clause that is not in the specification")
    weekdays, nth = _days(span)
    only, excepts = _periods(span)
    windows = [
        window(each.get("from"), each.get("to", each.get("until")))
        for each in objects(span.get("timesofday", span.get("timeofday")), "timesOfDay")
    ]
    for dates in _date_ranges(span, made_on):
        day = When(weekdays, nth=nth, dates=dates, only=only, excepts=excepts)
        if windows:
            yield from start_anchored(day, windows)
        else:
            yield day


def _days(span: Json) -> tuple[frozenset[int], frozenset[int]]:
    stated = span.get("daysofweek") or {}
    stated = {"days": stated} if isinstance(stated, list) else stated
    if not isinstance(stated, dict):
        raise UnclearError("daysOfWeek", stated, "must be an object with days")
    weekdays = frozenset(_named(str(name)[:2], _DAYS, "daysOfWeek", name) for name in as_list(stated.get("days")))
    nth = frozenset(
        _named(str(name), _OCCURRENCES, "occurrencesInMonth", name)
        for name in as_list(stated.get("occurrencesinmonth"))
    )
    of_month = span.get("daysofmonth") or ()
    if of_month:
        if nth or not isinstance(of_month, list) or not all(str(day).isdigit() for day in of_month):
            raise UnclearError("daysOfMonth", of_month, "single days of the month")
        nth = weeks_of([int(day) for day in of_month])
    return weekdays or WEEK, frozenset() if nth >= {1, 2, 3, 4, 5} else nth


def _named(name: str, known: dict[str, int], field: str, stated: object) -> int:
    if name.strip().lower() not in known:
        raise UnclearError(field, stated, f"known are {', '.join(known)}")
    return known[name.strip().lower()]


def _periods(span: Json) -> tuple[SpecialDay | None, frozenset[SpecialDay]]:
    only: list[SpecialDay] = []
    excepts: list[SpecialDay] = []
    for each in objects(span.get("designatedperiods", span.get("designatedperiod")), "designatedPeriods"):
        word = special_day(each.get("name"))
        apply = str(each.get("apply", "")).lower().replace("_", " ").strip()
        if apply not in ("only during", "except during"):
            raise UnclearError("designatedPeriods", apply, "applies only during or except during")
        (only if apply == "only during" else excepts).append(word)
    if len(set(only)) > 1:
        raise UnclearError("designatedPeriods", only, "several periods at once")
    return (only[0] if only else None), frozenset(excepts)


def _date_ranges(span: Json, made_on: date | None) -> Iterator[YearDays | None]:
    """The days of the year of each range that is not over, None for all of them."""
    ranges = objects(span.get("effectivedates"), "effectiveDates")
    if not ranges:
        yield None
    for each in ranges:
        first, last = each.get("from"), each.get("to", each.get("until"))
        yearly = [_YEARLY.fullmatch(str(text)) for text in (first, last)]
        if yearly[0] and yearly[1]:
            yield year_days(_year_day(yearly[0]), _year_day(yearly[1]))
            continue
        end = _date(last) if last is not None else None
        start = _date(first) if first is not None else None
        if end and made_on and end < made_on:
            continue
        if end or (start and (made_on is None or start > made_on)):
            raise UnclearError("effectiveDates", f"{first} to {last}", "only in some years")
        yield None


def _year_day(match: re.Match[str]) -> tuple[int, int]:
    month, day = int(match[1]), int(match[2])
    if not (1 <= month <= 12 and 1 <= day <= MONTH_DAYS[month - 1]):
        raise UnclearError("effectiveDates", match[0], "a day of the year is MM-DD")
    return month, day


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        raise UnclearError("effectiveDates", text, "a date is YYYY-MM-DD or MM-DD") from None
