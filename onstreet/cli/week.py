"""The week of a card as a picture for a terminal: a row a day, a column each half hour, a letter for each price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

import click

from ratecards import Card, Line, Place, WeekSpan, week
from ratecards.calendars import Minutes
from ratecards.model import DAY_MIN, SpecialDay
from ratecards.money import Money, currency_of, symbol

if TYPE_CHECKING:
    from ratecards.locales import Speech

# A Monday of a week in which nothing is special.
ORDINARY_MONDAY = date(2026, 6, 1)

_COLUMN_MIN = 30
_COLUMNS = DAY_MIN // _COLUMN_MIN
_MARKS = {"free": "·", "closed": "x", "reserved": "r", "unknown": "?"}
_LETTERS = "".join(each for each in ascii_lowercase + ascii_uppercase if each not in _MARKS.values())
# Of several kinds within half an hour the picture has the one a driver must not miss.
_STRICTEST = ("closed", "reserved", "unknown", "paid", "free")
_COLOURS = {"free": "green", "closed": "red", "reserved": "magenta", "unknown": "bright_black", "paid": "yellow"}


@dataclass(frozen=True, slots=True)
class OrdinaryPlace(Place):
    """A place without special days: what a card says of them does not hold, instead of being unknown."""

    def minutes_of(self, special: SpecialDay, day: int) -> Minutes | None:
        """None of a date's minutes are special."""
        return ()


@dataclass(frozen=True, slots=True)
class WeekAsked:
    """A week from a Monday on, whether its dates matter, whose holidays hold in it, and what to say it in."""

    monday: date
    is_dated: bool = False
    country: str = ""
    subdivision: str = ""
    locale: str | None = None

    def place(self, card: Card) -> Place:
        """Where a card is looked at, by the clock of UTC."""
        kind = Place if self.country else OrdinaryPlace
        return kind("UTC", currency_of(card.units), self.country, self.subdivision)

    def speech(self) -> "Speech":
        """What says it."""
        # Babel comes with it, and most commands print no locale.
        from ratecards.locales import nearest, speech

        return speech(nearest(self.locale or "en-US"))

    def day_names(self) -> list[str]:
        """The short names of its days, of one width, with their dates if these matter."""
        said = self.speech()
        names = said.weekdays()
        if self.is_dated:
            dates = [said.day_of_month(self.monday + timedelta(days=number)) for number in range(7)]
            names = [f"{name} {day}" for name, day in zip(names, dates, strict=True)]
        return [name.ljust(max(map(len, names))) for name in names]


class _Kind(NamedTuple):
    """What hours of a week have in common."""

    name: str
    hour_price: Decimal | None


def picture(card: Card, which: WeekAsked) -> Iterator[str]:
    """The rows of the picture and its legend, with the numbers of the lines that say so.

    Of half an hour in which several kinds follow each other the strictest is drawn, and a last row says so.
    """
    place, said, monday = which.place(card), which.speech(), which.monday
    spans = week(card, monday, place)
    marks = dict(_marked({_kind(span) for span in spans}))
    columns = _columns(spans, monday)
    names = which.day_names()
    yield " " * (len(names[0]) + 2) + "".join(f"{hour:<6}" for hour in range(0, 24, 3)) + "24"
    for number, name in enumerate(names):
        row = columns[number * _COLUMNS : (number + 1) * _COLUMNS]
        yield f"{click.style(name, bold=True)}  " + "".join(_drawn(row, marks))
    for kind, mark in marks.items():
        lines = [span.line for span in spans if _kind(span) == kind]
        price = None if kind.hour_price is None else Money(kind.hour_price, symbol(place.currency))
        yield f"{_coloured(mark, kind)}  {said.kind(kind.name, price)}{_numbers(card, lines)}"
    if any(_is_cut(span, monday) for span in spans):
        yield "A half hour in which several follow each other shows the strictest."


def _kind(span: WeekSpan) -> _Kind:
    return _Kind(span.kind, span.hour_price)


def _marked(kinds: set[_Kind]) -> Iterator[tuple[_Kind, str]]:
    """Each kind with its mark, the prices from the lowest on."""
    paid = sorted((kind for kind in kinds if kind.name == "paid"), key=lambda kind: kind.hour_price or 0)
    yield from ((kind, _MARKS[name]) for name in ("free",) for kind in kinds if kind.name == name)
    yield from ((kind, _LETTERS[number % len(_LETTERS)]) for number, kind in enumerate(paid))
    yield from ((kind, _MARKS[name]) for name in _STRICTEST[:3] for kind in kinds if kind.name == name)


def _columns(spans: Sequence[WeekSpan], monday: date) -> list[_Kind]:
    """The strictest kind of each half hour of the week."""
    found: list[_Kind | None] = [None] * (7 * _COLUMNS)
    for span in spans:
        start, end = _minutes(span, monday)
        for column in range(start // _COLUMN_MIN, -(-end // _COLUMN_MIN)):
            found[column] = max(filter(None, (found[column], _kind(span))), key=_strictness)
    return [kind or _Kind("unknown", None) for kind in found]


def _strictness(kind: _Kind) -> tuple[int, Decimal]:
    return -_STRICTEST.index(kind.name), kind.hour_price or Decimal(0)


def _minutes(span: WeekSpan, monday: date) -> tuple[int, int]:
    """Start and end of a span in minutes of the week."""
    starts = [
        (moment.date() - monday).days * DAY_MIN + moment.hour * 60 + moment.minute for moment in (span.start, span.end)
    ]
    return starts[0], starts[1]


def _is_cut(span: WeekSpan, monday: date) -> bool:
    return any(minute % _COLUMN_MIN for minute in _minutes(span, monday))


def _drawn(row: Sequence[_Kind], marks: dict[_Kind, str]) -> Iterator[str]:
    """The marks of a day, those of one kind coloured in one go."""
    first = 0
    for column in range(1, len(row) + 1):
        if column == len(row) or row[column] != row[first]:
            yield _coloured(marks[row[first]] * (column - first), row[first])
            first = column


def _coloured(text: str, kind: _Kind) -> str:
    return click.style(text, fg=_COLOURS[kind.name], reverse=kind.name not in ("free", "unknown"))


def _numbers(card: Card, lines: Sequence[Line | None]) -> str:
    """The numbers of the lines that say something, in parentheses."""
    numbers = sorted({card.lines.index(line) + 1 for line in lines if line})
    return f" ({', '.join(map(str, numbers))})" if numbers else ""
