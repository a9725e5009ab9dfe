"""Values of a row -> words of a card: days, hours, limits, money; and templates that name them.

`{column}` must be there, `{column?}` may be empty, and then its clause is left out of the line.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ratecards import RateCardError
from ratecards.formatter import duration, format_line, window
from ratecards.model import DAY_MIN, Window
from ratecards.parser import read_line

PLACEHOLDER = re.compile(r"\{([^{}?]+)(\??)\}")
# Tables of databases put a day of the year 1 in front of times.
_CLOCK = re.compile(r"(?:0001-01-01[T ])?([0-9]{1,2})(?::?([0-9]{2}))?(?::[0-9]{2})? ?([ap]m?)?", re.IGNORECASE)
_WHOLE = re.compile(r"([0-9]{1,6})(?:\.0+)?")
_MOST_PAID = 1_000_000
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")


class UnreadableError(ValueError):
    """A value that cannot be read: the column, what stands there, why not."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason


def columns_of(*templates: str) -> list[str]:
    """The columns and values that templates name."""
    return [name for template in templates for name, _ in PLACEHOLDER.findall(template)]


def filled(template: str, row: Mapping[str, str]) -> str:
    """A template with the values of a row; raises UnreadableError where one that must be there is empty."""

    def shown(match: re.Match[str]) -> str:
        value = row[match[1]]
        if not value and not match[2]:
            raise UnreadableError(match[1], value, "nothing stands there")
        return value

    return PLACEHOLDER.sub(shown, template)


def named(template: str, row: Mapping[str, str]) -> str:
    """A name from a template; nothing where there is no template, or a value that must be there is empty."""
    try:
        return filled(template, row).strip()
    except UnreadableError:
        return ""


def filled_line(template: str, row: Mapping[str, str]) -> str:
    """A line of a card from its template, empty clauses left out; raises UnreadableError and RateCardError."""
    text = filled(template, row)
    text = re.sub(r"; *(?=[;)])|(?<=\(); *", "", text)
    text = re.sub(r" ?\( *\)", "", text)
    line, _ = read_line(text)
    return format_line(line)


def read_value(stated: Mapping[str, Any], row: Mapping[str, str]) -> str:
    """A value as a recipe wants it read from the columns of a row; raises UnreadableError."""
    columns = [stated["from"]] if isinstance(stated["from"], str) else list(stated["from"])
    values = [row[column] for column in columns]
    if "map" in stated:
        values = [_mapped(column, value, stated["map"]) for column, value in zip(columns, values, strict=True)]
    if stated["read"] == "weeks":
        return _weeks(columns, values)
    if not any(values):
        return ""
    try:
        return _READERS[stated["read"]](values, stated)
    except (ValueError, IndexError, InvalidOperation) as error:
        shown = str(error) if isinstance(error, ValueError) and str(error) else f"no {stated['read']}"
        raise UnreadableError(" and ".join(columns), ", ".join(values), shown) from None


def _mapped(column: str, value: str, known: Mapping[str, str]) -> str:
    if value not in known:
        raise UnreadableError(column, value, f"not one of {', '.join(map(repr, known))}")
    return known[value]


def _day_range(values: list[str], stated: Mapping[str, Any]) -> str:
    """`Mon-Fri` from the first and the last day; one day of both the same."""
    first, last = values
    return _days([first if first == last else f"{first}-{last}"], stated)


def _days(values: list[str], stated: Mapping[str, Any]) -> str:
    """`Mon-Fri`, `Tue`, as the language reads days in all its lenient spellings."""
    try:
        line, _ = read_line(f"{' | '.join(filter(None, values))}: No Parking")
    except RateCardError:
        raise ValueError("no days of the week") from None
    if line.scope.days is None or line.scope.hours or line.scope.user:
        raise ValueError("no days of the week")
    return format_line(line).removesuffix(": No Parking")


def _hours(values: list[str], stated: Mapping[str, Any]) -> str:
    """`9am-6pm` from two columns, or from one with a dash; nothing for a whole day."""
    first, _, last = values[0].partition("-") if len(values) == 1 else (values[0], "", values[1])
    unit = stated.get("unit", "clock")
    start, end = (_minute(text.strip(), unit) for text in (first, last))
    if stated.get("last_is_included"):
        end += 1
    # A minute before midnight is how tables without a 24:00 end a day.
    end = DAY_MIN if end == DAY_MIN - 1 else end
    if not (0 <= start < DAY_MIN and 0 <= end <= DAY_MIN):
        raise ValueError("not within a day")
    if start == end:
        raise ValueError("begin and end are the same: all day, or never?")
    return "" if (start, end) == (0, DAY_MIN) else window(Window(start, end % DAY_MIN, 12))


def _minute(text: str, unit: str) -> int:
    """A time of day as minutes since midnight."""
    if unit == "minute":
        return _whole(text)
    if unit == "hour":
        return _whole(text) * 60
    if unit == "hhmm":
        hours, minutes = divmod(_whole(text), 100)
        return hours * 60 + _below(minutes, 60)
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no time of day")
    hour, minute = int(match[1]), _below(int(match[2] or 0), 60)
    if match[3]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{text!r} is no time of a 12-hour clock")
        hour = hour % 12 + 12 * (match[3][0].lower() == "p")
    elif not match[2]:
        raise ValueError(f"{text!r} says neither minutes nor am or pm")
    return _below(hour, 25) * 60 + minute


def _whole(text: str) -> int:
    """A whole number, also one that a table writes as 480.0."""
    match = _WHOLE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no whole number")
    return int(match[1])


def _below(value: int, end: int) -> int:
    if not 0 <= value < end:
        raise ValueError(f"{value} is too large")
    return value


def _limit(values: list[str], stated: Mapping[str, Any]) -> str:
    """`2 Hour Max` from hours or minutes; nothing for 0."""
    minutes = Decimal(values[0]) * (60 if stated.get("unit") == "hour" else 1)
    if minutes != int(minutes) or minutes < 0:
        raise ValueError("no whole minutes")
    return f"{duration(int(minutes), is_counted=False)} Max" if minutes else ""


def _money(values: list[str], stated: Mapping[str, Any]) -> str:
    """An amount without its currency, two decimals or none; free is not for a price to say."""
    amount = Decimal(values[0].lstrip("$€£ "))
    if not amount.is_finite() or not 0 < amount < _MOST_PAID:
        raise ValueError("no price above 0")
    if amount != round(amount, 2):
        raise ValueError("a price of parts of a cent")
    return str(int(amount)) if amount == int(amount) else f"{amount:.2f}"


def _weeks(columns: list[str], values: list[str]) -> str:
    """` Every 1st & 3rd` from five flags, one for each week of a month; nothing where all are set."""
    for column, value in zip(columns, values, strict=True):
        if value not in ("0", "1"):
            raise UnreadableError(column, value, "not 0 or 1")
    ordinals = [name for name, value in zip(_ORDINALS, values, strict=True) if value == "1"]
    if not ordinals:
        raise UnreadableError(" and ".join(columns), ", ".join(values), "in no week of the month")
    return "" if len(ordinals) == len(_ORDINALS) else f" Every {' & '.join(ordinals)}"


def _text(values: list[str], stated: Mapping[str, Any]) -> str:
    return " ".join(filter(None, values))


_READERS = {"day_range": _day_range, "days": _days, "hours": _hours, "limit": _limit, "money": _money, "text": _text}
