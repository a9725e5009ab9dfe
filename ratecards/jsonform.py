"""Card <-> JSON in full: everything a card says, and back without loss. Its schema is schemas/card.schema.json."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from ratecards import words
from ratecards.formatter import clock, format_card
from ratecards.model import (
    BilledBy,
    Card,
    Conditions,
    DayRange,
    Days,
    Limits,
    Line,
    Note,
    Outcome,
    ResetsAt,
    Scope,
    Season,
    SpecialDay,
    Term,
    TermKind,
    Time,
    User,
    Window,
    YearDay,
)
from ratecards.money import Money, MoneyRange

Json = dict[str, Any]


class CardJsonError(ValueError):
    """JSON that is no card of the language: which line of it, and what is wrong."""


def to_json(card: Card) -> Json:
    """A card as JSON values, absent parts left out; times are HH:MM beside the clock they are printed in."""
    return {"lines": [dict(_line(line)) for line in card.lines], "unread": list(card.unread)}


def from_json(stated: Json) -> Card:
    """The card of JSON values; raises CardJsonError where they are no card of the language."""
    from ratecards.parser import parse

    try:
        lines = tuple(_read(f"line {number}", line) for number, line in enumerate(stated["lines"], 1))
        unread = tuple(stated.get("unread", ()))
        card = Card(lines, unread)
        # What the language cannot print and read back is no card, whatever its parts look like.
        if parse(format_card(Card(lines))).lines != lines or not all(isinstance(text, str) for text in unread):
            raise CardJsonError("the lines are none of the language")
    except CardJsonError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise CardJsonError(f"not a card: {error}") from None
    return card


@cache
def schema(name: str) -> Json:
    """The JSON schema (2020-12) called `card` or `structured`."""
    text = files("ratecards").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def _line(line: Line) -> Iterator[tuple[str, object]]:
    if isinstance(line.statement, Note):
        yield "note", line.statement.text
    elif isinstance(line.statement, BilledBy):
        yield "billed_by_min", line.statement.step_min
    elif isinstance(line.statement, ResetsAt):
        yield "resets_at", _time(line.statement.time)
    if line.term:
        yield "term", {"kind": line.term.kind.value} | ({"minutes": line.term.minutes} if line.term.minutes else {})
    yield from _scope(line.scope)
    yield from _conditions(line.conditions or Conditions())
    for name in ("stay_min", "disc_min", "no_return_min"):
        if line.limits and getattr(line.limits, name) is not None:
            yield name, getattr(line.limits, name)
    if line.reason:
        yield "reason", line.reason
    if line.outcome is not None:
        yield "outcome", _outcome(line.outcome)


def _scope(scope: Scope) -> Iterator[tuple[str, object]]:
    if scope.days:
        yield "days", [_day_item(each) for each in scope.days.ranges]
        if scope.days.nth:
            yield "nth", list(scope.days.nth)
        if scope.days.exceptions:
            yield "except", [each.value for each in scope.days.exceptions]
    if scope.hours:
        yield "hours", [_window(each) for each in scope.hours]
    if scope.season:
        yield "season", [_year_day(scope.season.first), _year_day(scope.season.last)]
    if scope.user:
        yield "user", {"name": scope.user.name, "only": scope.user.only}


def _conditions(conditions: Conditions) -> Iterator[tuple[str, object]]:
    if conditions.in_after:
        yield "in_after", _time(conditions.in_after)
    if conditions.in_window:
        yield "in_window", _window(conditions.in_window)
    if conditions.out_by:
        yield "out_by", _time(conditions.out_by)
    if conditions.validated:
        yield "with_validation", True


def _day_item(item: DayRange | SpecialDay) -> object:
    if isinstance(item, SpecialDay):
        return item.value
    return {"first": words.WEEKDAYS[item.first - 1], "last": words.WEEKDAYS[item.last - 1]}


def _window(window: Window) -> Json:
    return {"start": clock(window.start_min, 24), "end": clock(window.end_min, 24), "clock": window.clock}


def _time(time: Time) -> Json:
    return {"time": clock(time.minute, 24), "clock": time.clock}


def _year_day(day: YearDay) -> Json:
    return {"month": day.month} | ({} if day.day is None else {"day": day.day})


def _outcome(outcome: Money | MoneyRange | Outcome) -> object:
    if isinstance(outcome, Outcome):
        return outcome.value
    if isinstance(outcome, MoneyRange):
        return {"low": _outcome(outcome.low), "high": _outcome(outcome.high)}
    # A string, since binary floats cannot hold a cent.
    return {"amount": f"{outcome.amount:f}", "unit": outcome.unit}


_KEYS = frozenset(
    "note billed_by_min resets_at term days nth except hours season user in_after in_window out_by with_validation "
    "stay_min disc_min no_return_min reason outcome".split()
)


def _read(where: str, stated: Json) -> Line:
    unknown = sorted(set(stated) - _KEYS)
    if unknown:
        raise CardJsonError(f"{where}: unknown key {unknown[0]!r}")
    try:
        conditions, limits = _read_conditions(stated), _read_limits(stated)
        return Line(
            _read_scope(stated),
            _read_outcome(stated["outcome"]) if "outcome" in stated else None,
            _read_term(stated["term"]) if "term" in stated else None,
            conditions if conditions != Conditions() else None,
            limits if limits != Limits() else None,
            stated.get("reason"),
            _read_statement(stated),
        )
    except (AttributeError, IndexError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise CardJsonError(f"{where}: {type(error).__name__}: {error}") from None


def _read_statement(stated: Json) -> BilledBy | ResetsAt | Note | None:
    if "note" in stated:
        return Note(stated["note"])
    if "billed_by_min" in stated:
        return BilledBy(stated["billed_by_min"])
    return ResetsAt(_read_time(stated["resets_at"])) if "resets_at" in stated else None


def _read_term(stated: Json) -> Term:
    return Term(TermKind(stated["kind"]), stated.get("minutes", 0))


def _read_scope(stated: Json) -> Scope:
    days = None
    if "days" in stated:
        exceptions = tuple(SpecialDay(each) for each in stated.get("except", ()))
        days = Days(tuple(map(_read_day_item, stated["days"])), tuple(stated.get("nth", ())), exceptions)
    season = Season(*map(_read_year_day, stated["season"])) if "season" in stated else None
    user = User(stated["user"]["name"], stated["user"]["only"]) if "user" in stated else None
    return Scope(days, tuple(map(_read_window, stated.get("hours", ()))), season, user)


def _read_conditions(stated: Json) -> Conditions:
    return Conditions(
        _read_time(stated["in_after"]) if "in_after" in stated else None,
        _read_window(stated["in_window"]) if "in_window" in stated else None,
        _read_time(stated["out_by"]) if "out_by" in stated else None,
        stated.get("with_validation", False),
    )


def _read_limits(stated: Json) -> Limits:
    return Limits(stated.get("stay_min"), stated.get("disc_min"), stated.get("no_return_min"))


def _read_day_item(stated: str | Json) -> DayRange | SpecialDay:
    if isinstance(stated, str):
        return SpecialDay(stated)
    return DayRange(1 + words.WEEKDAYS.index(stated["first"]), 1 + words.WEEKDAYS.index(stated["last"]))


def _read_window(stated: Json) -> Window:
    return Window(_minute(stated["start"]), _minute(stated["end"]), stated["clock"])


def _read_time(stated: Json) -> Time:
    return Time(_minute(stated["time"]), stated["clock"])


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _read_year_day(stated: Json) -> YearDay:
    return YearDay(stated["month"], stated.get("day"))


def _read_outcome(stated: str | Json) -> Money | MoneyRange | Outcome:
    if isinstance(stated, str):
        return Outcome(stated)
    return (
        MoneyRange(_read_money(stated["low"]), _read_money(stated["high"])) if "low" in stated else _read_money(stated)
    )


def _read_money(stated: Json) -> Money:
    return Money(Decimal(stated["amount"]), stated["unit"])
