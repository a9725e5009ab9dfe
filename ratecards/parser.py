"""Text of a card -> Card. The grammar is in grammar.lark; this file only builds values and words errors."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput

from ratecards.errors import RateCardError
from ratecards.model import (
    LAST,
    Card,
    DayRange,
    Days,
    Line,
    Outcome,
    Scope,
    Term,
    TermKind,
    User,
    Window,
)
from ratecards.money import Money, minor_digits

MAX_LINE_CHARS = 400
MAX_LINES = 200
MAX_TERM_MIN = 31 * 24 * 60

_WEEKDAYS = {name: number for number, name in enumerate("Mon Tue Wed Thu Fri Sat Sun".split(), 1)}

# What an error calls a terminal.
_SPOKEN = {
    "NO_PARKING": "No Parking", "SEE_METER": "See Meter", "FREE": "Free", "_EACH": "Each", "_ADDL": "Add'l",
    "_HOUR": "Hour", "_MIN": "Min", "_MAX": "Max", "_PARKING": "Parking", "_EVERY": "Every", "LAST": "Last",
    "ONLY": "Only", "DAY": "a day (Mon)", "ORDINAL": "an ordinal (2nd)", "CLOCK12": "a time (9am)",
    "CLOCK24": "a time (09:00)", "NUMBER": "a number", "MONEY": "a price ($1.50)",
    "REASON": "a reason (Street Cleaning)", "USER": "a user (Residential Permit)",
    "NAMED_USER": "a named permit (Zone A Permit)", "_COLON": "':'", "_SEMICOLON": "';'", "LPAR": "'('",
    "RPAR": "')'", "_BAR": "'|'", "_AMP": "'&'", "_DASH": "'-'", "<END-OF-FILE>": "the end of the line",
}  # fmt: skip

_VOCABULARY = (
    *_WEEKDAYS, "Free", "Each", "Hour", "Hours", "Min", "Max", "Parking", "Every", "Last", "Only",
)  # fmt: skip


def parse(lines: Iterable[str]) -> Card:
    """Read the lines of a card (S2).

    Raises RateCardError for the first bad line; its `errors` holds one error for every bad line.
    """
    card, errors = read(lines)
    if errors:
        errors[0].errors = errors
        raise errors[0]
    return card


def read(lines: Iterable[str]) -> tuple[Card, tuple[RateCardError, ...]]:
    """Read what can be read: a card that keeps the texts of its bad lines, and their errors (S1.3)."""
    good, unread, errors = [], [], []
    for number, text in enumerate(lines, 1):
        try:
            good.append(_within_limits(text, number))
        except RateCardError as error:
            unread.append(text)
            errors.append(error)
    return _interned(Card(tuple(good), tuple(unread))), tuple(errors)


@lru_cache(maxsize=65_536)
def parse_line(text: str) -> Line:
    """Read one line of a card; raises RateCardError."""
    try:
        # The transformer rides along the parse, so the parser hands out the finished value.
        return _grammar().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as fault:
        raise _explained(text, fault) from None
    except _RefusalError as refusal:
        raise RateCardError(text, refusal.span, (), refusal.hint) from None


def _within_limits(text: str, number: int) -> Line:
    if number > MAX_LINES:
        raise RateCardError(text, (0, len(text)), (), f"a card has at most {MAX_LINES} lines")
    if len(text) > MAX_LINE_CHARS:
        raise RateCardError(text, (MAX_LINE_CHARS, len(text)), (), f"a line has at most {MAX_LINE_CHARS} characters")
    return parse_line(text)


@lru_cache(maxsize=65_536)
def _interned(card: Card) -> Card:
    return card


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("ratecards").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", transformer=_LineBuilder(), maybe_placeholders=True)


def _explained(text: str, fault: UnexpectedInput) -> RateCardError:
    """Turn lark's complaint into one that a person can act on."""
    token = getattr(fault, "token", None)
    start = len(text) if token is not None and token.type == "$END" else int(fault.pos_in_stream or 0)
    word = re.match(r"[\w'$€£¥.]+|\S|$", text[start:])
    end = start + (word.end() if word else 0)
    wanted: set[str] = getattr(fault, "allowed", None) or getattr(fault, "expected", None) or set()
    spoken = tuple(words for name, words in _SPOKEN.items() if name in wanted)
    return RateCardError(text, (start, end), spoken, _hint(text[start:end]))


def _hint(word: str) -> str:
    """The nearest word of the language, where one is near."""
    near = difflib.get_close_matches(word.capitalize(), _VOCABULARY, n=1)
    return f"did you mean {near[0]}?" if near and near[0] != word else ""


class _RefusalError(Exception):
    """Text that has the right form and makes no sense; parse_line adds the line to it."""

    def __init__(self, span: tuple[int, int], hint: str) -> None:
        super().__init__(hint)
        self.span, self.hint = span, hint


def _span(first: Token, last: Token | None = None) -> tuple[int, int]:
    return first.start_pos or 0, (last or first).end_pos or 0


@dataclass(frozen=True, slots=True)
class _Limit:
    minutes: int


@dataclass(frozen=True, slots=True)
class _Reason:
    word: str


_Clause = Days | tuple[Window, ...] | User | _Limit | _Reason


@dataclass(slots=True)
class _Clauses:
    """The clauses of a line, sorted by what they say; `span` is where their parentheses stand."""

    span: tuple[int, int] = (0, 0)
    days: Days | None = None
    hours: tuple[Window, ...] | None = None
    user: User | None = None
    limit: _Limit | None = None
    reason: _Reason | None = None

    def add(self, clause: _Clause) -> None:
        kind = _KINDS[type(clause)]
        if getattr(self, kind) is not None:
            raise _RefusalError(self.span, f"{kind} can be stated once in a line")
        setattr(self, kind, clause)


_KINDS = {Days: "days", tuple: "hours", User: "user", _Limit: "limit", _Reason: "reason"}


@v_args(inline=True)
class _LineBuilder(Transformer[Token, Line]):
    """One method a grammar rule, each building the value the rule stands for."""

    def bare(self, outcome: Token) -> Line:
        return Line(Scope(), Outcome(outcome))

    def termed(self, term: Term, clauses: _Clauses | None, outcome: Token) -> Line:
        return _line(clauses, None, outcome, term)

    def limited(self, limit_min: int, clauses: _Clauses | None) -> Line:
        return _line(clauses, _Limit(limit_min), None)

    def scoped(self, front: _Clause, clauses: _Clauses | None, outcome: Token) -> Line:
        return _line(clauses, front, outcome)

    def each(self, minutes: int) -> Term:
        return Term(TermKind.EACH, minutes)

    def added(self, minutes: int) -> Term:
        return Term(TermKind.ADDED, minutes)

    def tier(self, minutes: int) -> Term:
        return Term(TermKind.TIER, minutes)

    def hour(self) -> int:
        return 60

    def hours_long(self, number: Token) -> int:
        return _minutes(number, 60)

    def minutes_long(self, number: Token) -> int:
        return _minutes(number, 1)

    def scope(self, opening: Token, clauses: tuple[_Clause, ...], closing: Token) -> _Clauses:
        parts = _Clauses(_span(opening, closing))
        for clause in clauses:
            parts.add(clause)
        return parts

    def clauses(self, *clauses: _Clause) -> tuple[_Clause, ...]:
        return clauses

    def days(self, *ranges: DayRange) -> Days:
        return Days(ranges)

    def nth_days(self, days: DayRange, *nth: int) -> Days:
        return Days((days,), nth)

    def day_range(self, first: Token, last: Token | None) -> DayRange:
        return DayRange(_WEEKDAYS[first], _WEEKDAYS[last or first])

    def nth(self, word: Token) -> int:
        return LAST if word.type == "LAST" else int(word[0])

    def hours(self, *windows: Window) -> tuple[Window, ...]:
        return windows

    def window(self, start: Token, end: Token) -> Window:
        return Window(_minute_of_day(start), _minute_of_day(end), 12 if start.type == "CLOCK12" else 24)

    def limit(self, minutes: int) -> _Limit:
        return _Limit(minutes)

    def user(self, name: Token, only: Token | None) -> User:
        return User(str(name), only is not None)

    def reason(self, word: Token) -> _Reason:
        return _Reason(str(word))


def _line(clauses: _Clauses | None, front: _Clause | None, outcome: Token | None, term: Term | None = None) -> Line:
    parts = clauses or _Clauses()
    if front is not None:
        parts.add(front)
    if parts.reason and outcome is not None and outcome.type != "NO_PARKING":
        raise _RefusalError(_span(outcome), "a reason takes No Parking")
    return Line(
        Scope(parts.days, parts.hours or (), parts.user),
        None if outcome is None else _outcome(outcome),
        term,
        parts.limit.minutes if parts.limit else None,
        parts.reason.word if parts.reason else None,
    )


def _outcome(token: Token) -> Money | Outcome:
    if token.type != "MONEY":
        return Outcome(token)
    unit, number = (token[:1], token[1:]) if not token[0].isalpha() else (token[:3], token[4:])
    _, point, decimals = number.partition(".")
    if point and len(decimals) != minor_digits(unit):
        raise _RefusalError(_span(token), f"{unit} has {minor_digits(unit)} decimals: write all of them or none")
    return Money(Decimal(number), unit)


def _minutes(number: Token, unit_min: int) -> int:
    minutes = Decimal(number) * unit_min
    if minutes != int(minutes) or not 0 < minutes <= MAX_TERM_MIN:
        raise _RefusalError(_span(number), f"a duration is whole minutes, from 1 minute to {MAX_TERM_MIN // 1440} days")
    return int(minutes)


def _minute_of_day(token: Token) -> int:
    hour, _, minute = token.removesuffix("am").removesuffix("pm").partition(":")
    if token.type == "CLOCK12":
        return (int(hour) % 12 + (12 if token.endswith("pm") else 0)) * 60 + int(minute or 0)
    return int(hour) * 60 + int(minute)
