"""The transformer beside grammar.lark: one method a rule, each building the value the rule stands for."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from lark import Token, Transformer, v_args

from ratecards import words
from ratecards.hints import nearest_user
from ratecards.model import (
    DAY_MIN,
    LAST,
    MONTH_DAYS,
    BilledBy,
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
from ratecards.money import Money, MoneyRange, read_money

MAX_TERM_MIN = 31 * DAY_MIN


class RefusalError(Exception):
    """Text that has the right form and makes no sense; the parser adds the line to it."""

    def __init__(self, span: tuple[int, int], hint: str) -> None:
        super().__init__(hint)
        self.span, self.hint = span, hint


def _span(first: Token, last: Token | None = None) -> tuple[int, int]:
    return first.start_pos or 0, (last or first).end_pos or 0


class _Clause(NamedTuple):
    """One clause of a scope: which part of a line it states, and its value."""

    part: str
    value: object


@dataclass(slots=True)
class _Parts:
    """What the clauses of a line state; `span` is where their parentheses stand."""

    span: tuple[int, int] = (0, 0)
    days: Days | None = None
    hours: tuple[Window, ...] | None = None
    season: Season | None = None
    user: User | None = None
    in_after: Time | None = None
    in_window: Window | None = None
    out_by: Time | None = None
    validated: bool | None = None
    stay_min: int | None = None
    disc_min: int | None = None
    no_return_min: int | None = None
    reason: str | None = None

    def add(self, clause: _Clause) -> None:
        if clause == _Clause("all_day_min", DAY_MIN):
            return
        if clause.part == "all_day_min":
            raise RefusalError(self.span, "a duration in parentheses is a limit: 2 Hour Max")
        if getattr(self, clause.part) is not None:
            raise RefusalError(self.span, f"{words.PARTS[clause.part]} can be stated once in a line")
        setattr(self, clause.part, clause.value)

    def scope(self) -> Scope:
        return Scope(self.days, self.hours or (), self.season, self.user)

    def conditions(self) -> Conditions | None:
        stated = Conditions(self.in_after, self.in_window, self.out_by, bool(self.validated))
        return stated if stated != Conditions() else None

    def limits(self) -> Limits | None:
        stated = Limits(self.stay_min, self.disc_min, self.no_return_min)
        return stated if stated != Limits() else None


class _Stated(NamedTuple):
    """An outcome and the tokens that state it."""

    value: Money | MoneyRange | Outcome
    span: tuple[int, int]


@v_args(inline=True)
class LineBuilder(Transformer[Token, Line]):
    """Builds the Line of a text while it is parsed; raises RefusalError."""

    def bare(self, outcome: _Stated, parts: _Parts | None) -> Line:
        return _line(parts, outcome)

    def headed(self, front: _Clause, parts: _Parts | None, outcome: _Stated) -> Line:
        return _line(parts, outcome, front=front)

    def termed(self, term: Term, parts: _Parts | None, outcome: _Stated | Token) -> Line:
        return _line(parts, _free(outcome) if isinstance(outcome, Token) else outcome, term)

    def period_max(self, minutes: int, parts: _Parts | None, price: _Stated | None) -> Line:
        if price is None:
            return _line(parts, None, front=_Clause("stay_min", minutes))
        return _line(parts, price, Term(TermKind.PERIOD_MAX, minutes))

    def stay_limit(self, minutes: int, parts: _Parts | None) -> Line:
        return _line(parts, None, front=_Clause("stay_min", minutes))

    def disc_limit(self, minutes: int, parts: _Parts | None) -> Line:
        return _line(parts, None, front=_Clause("disc_min", minutes))

    def no_return_limit(self, minutes: int, parts: _Parts | None) -> Line:
        return _line(parts, None, front=_Clause("no_return_min", minutes))

    def per_unit(self, price: _Stated, minutes: int, parts: _Parts | None) -> Line:
        return _line(parts, price, Term(TermKind.EACH, minutes))

    def headed_per_unit(self, front: _Clause, parts: _Parts | None, price: _Stated, minutes: int) -> Line:
        return _line(parts, price, Term(TermKind.EACH, minutes), front)

    def start(self, statement: BilledBy | ResetsAt | Note) -> Line:
        return Line(statement=statement)

    def note(self, text: Token) -> Note:
        said = " ".join(text.partition(":")[2].split())
        if not said or not said.isprintable():
            raise RefusalError(_span(text), "a note says something, in letters that can be printed")
        return Note(said)

    def supersede(self, _: Token) -> Note:
        return Note(words.SUPERSEDE)

    def billed_by(self, number: Token | None) -> BilledBy:
        return BilledBy(_minutes(number, 1) if number else 1)

    def resets_at(self, time: "_Time") -> ResetsAt:
        return ResetsAt(Time(time.minute, abs(time.clock)))

    def each(self, minutes: int) -> Term:
        return Term(TermKind.EACH, minutes)

    def added(self, minutes: int) -> Term:
        return Term(TermKind.ADDED, minutes)

    def each_day(self) -> Term:
        return Term(TermKind.EACH_DAY)

    def tier(self, minutes: int) -> Term:
        return Term(TermKind.TIER, minutes)

    def nth_hour(self, ordinal: Token) -> Term:
        return Term(TermKind.NTH_HOUR, 60 * _number(ordinal))

    def first_hour(self) -> Term:
        return Term(TermKind.NTH_HOUR, 60)

    def first(self, minutes: int) -> Term:
        return Term(TermKind.FIRST, minutes)

    def offer(self, name: Token) -> Term:
        return Term(TermKind(words.plain(name)))

    def max(self) -> Term:
        return Term(TermKind.MAX)

    def min(self) -> Term:
        return Term(TermKind.MIN)

    def named_bound(self, name: Token) -> Term:
        return Term(TermKind(words.plain(name)))

    def hour(self) -> int:
        return 60

    def hours_long(self, number: Token) -> int:
        return _minutes(number, 60)

    def minutes_long(self, number: Token) -> int:
        return _minutes(number, 1)

    def price(self, low: Token, high: Token | None) -> _Stated:
        value = _money(low) if high is None else MoneyRange(_money(low), _money(high))
        return _Stated(value, _span(low, high))

    def word(self, token: Token) -> _Stated:
        return _Stated(Outcome(words.plain(token)), _span(token))

    def scope(self, opening: Token, clauses: tuple[_Clause, ...], closing: Token) -> _Parts:
        parts = _Parts(_span(opening, closing))
        for clause in clauses:
            parts.add(clause)
        return parts

    def clauses(self, *clauses: _Clause) -> tuple[_Clause, ...]:
        return clauses

    def days(self, days: Days, *exceptions: SpecialDay | None) -> _Clause:
        return _Clause("days", replace(days, exceptions=tuple(each for each in exceptions if each)))

    def day_list(self, *ranges: DayRange | SpecialDay) -> Days:
        return Days(ranges)

    def nth_days(self, days: DayRange, *nth: int) -> Days:
        return Days((days,), nth)

    def nth_before(self, *nth_and_days: int | DayRange) -> Days:
        *nth, days = nth_and_days
        return Days((days,), tuple(nth))  # type: ignore[arg-type]

    def day_range(self, first: Token, last: Token | None) -> DayRange:
        return DayRange(words.weekday(first), words.weekday(last or first))

    def special(self, name: Token) -> SpecialDay:
        return SpecialDay(words.plain(name).removesuffix("s") + "s")

    def nth(self, word: Token) -> int:
        if word.type == "LAST":
            return LAST
        number = _number(word)
        if number > 5:
            raise RefusalError(_span(word), "a month has a weekday at most 5 times")
        return number

    def hours(self, *windows: Window) -> _Clause:
        return _Clause("hours", windows)

    def window(self, start: "_Time", end: "_Time") -> Window:
        if {start.clock, end.clock} == {12, 24}:
            raise RefusalError((start.span[0], end.span[1]), "one clock for both: 9am-6pm or 09:00-18:00")
        return Window(start.minute, end.minute, _clock([start.clock, end.clock], [start.clock, end.clock]))

    def time(self, token: Token) -> "_Time":
        return _Time(*words.time(token), _span(token))

    def season(self, first: YearDay, last: YearDay | None) -> _Clause:
        return _Clause("season", Season(first, last or first))

    def year_day(self, month: Token, day: Token | None) -> YearDay:
        number = words.month(month)
        if day and not (day.isdigit() and 1 <= int(day) <= MONTH_DAYS[number - 1]):
            raise RefusalError(_span(day), f"{month} has days 1 to {MONTH_DAYS[number - 1]}")
        return YearDay(number, int(day) if day else None)

    def in_after(self, time: "_Time") -> _Clause:
        return _Clause("in_after", Time(time.minute, time.clock))

    def in_window(self, window: Window) -> _Clause:
        return _Clause("in_window", window)

    def out_by(self, time: "_Time") -> _Clause:
        return _Clause("out_by", Time(time.minute, time.clock))

    def validated(self, _: Token) -> _Clause:
        return _Clause("validated", True)

    def all_day(self, minutes: int) -> _Clause:
        return _Clause("all_day_min", minutes)

    def stay_clause(self, minutes: int) -> _Clause:
        return _Clause("stay_min", minutes)

    def disc_clause(self, minutes: int) -> _Clause:
        return _Clause("disc_min", minutes)

    def no_return_clause(self, minutes: int) -> _Clause:
        return _Clause("no_return_min", minutes)

    def no_return(self, minutes: int) -> int:
        return minutes

    def user(self, name: Token, only: Token | None) -> _Clause:
        printed = words.user(name)
        if hint := words.why_no_name(printed):
            raise RefusalError(_span(name), hint)
        if meant := nearest_user(printed):
            raise RefusalError(_span(name), f"did you mean {meant}?")
        return _Clause("user", User(printed, only is not None))

    def reason(self, word: Token) -> _Clause:
        return _Clause("reason", words.REASONS[words.plain(word).lower()])


class _Time(NamedTuple):
    """A time read so far: a negative `clock` is what Noon, Midnight, 24:00 take where the line shows no other."""

    minute: int
    clock: int
    span: tuple[int, int]


def _clock(shown: list[int], taken: list[int]) -> int:
    """The clock of a line: the first one shown that is sure, else the default of a time that fits either."""
    return next((clock for clock in shown if clock > 0), min(taken, default=-12))


def _in_one_clock(parts: _Parts) -> None:
    """Give the times that fit either clock the one the rest of the line is written in (S2.3)."""
    stated = (*(parts.hours or ()), parts.in_window, parts.in_after, parts.out_by)
    shown = [each.clock for each in stated if each]
    clock = abs(_clock(shown, shown))
    if parts.hours:
        parts.hours = tuple(replace(each, clock=each.clock if each.clock > 0 else clock) for each in parts.hours)
    if parts.in_window and parts.in_window.clock < 0:
        parts.in_window = replace(parts.in_window, clock=clock)
    if parts.in_after and parts.in_after.clock < 0:
        parts.in_after = parts.in_after._replace(clock=clock)
    if parts.out_by and parts.out_by.clock < 0:
        parts.out_by = parts.out_by._replace(clock=clock)


def _line(
    parts: _Parts | None, outcome: _Stated | None, term: Term | None = None, front: _Clause | None = None
) -> Line:
    parts = parts or _Parts()
    if front is not None:
        parts.add(front)
    _require_sense(parts, outcome)
    _in_one_clock(parts)
    value = outcome.value if outcome else None
    return Line(parts.scope(), value, term, parts.conditions(), parts.limits(), parts.reason)


def _require_sense(parts: _Parts, outcome: _Stated | None) -> None:
    reason = parts.reason
    if parts.in_after and parts.in_window:
        raise RefusalError(parts.span, "the entry time can be stated once in a line")
    if outcome is None:
        if reason:
            raise RefusalError(parts.span, "a limit has no reason; a ban does")
        return
    if isinstance(outcome.value, MoneyRange) and not outcome.value.is_rising:
        raise RefusalError(outcome.span, "a range of prices rises, in one currency")
    if reason == words.EVENT and outcome.value in (Outcome.FREE, Outcome.SEE_METER):
        raise RefusalError(outcome.span, "an event takes No Parking or its price")
    if reason not in (None, words.EVENT) and outcome.value is not Outcome.NO_PARKING:
        raise RefusalError(outcome.span, "a reason takes No Parking")
    if reason is None and isinstance(outcome.value, MoneyRange):
        raise RefusalError(outcome.span, "only an event is priced from one amount to another")


def _free(token: Token) -> _Stated:
    return _Stated(Outcome.FREE, _span(token))


def _money(token: Token) -> Money:
    try:
        return read_money(token)
    except ValueError as error:
        raise RefusalError(_span(token), str(error)) from None


def _number(ordinal: Token) -> int:
    number = int(ordinal[:-2])
    if ordinal.lower() != words.ordinal(number):
        raise RefusalError(_span(ordinal), f"did you mean {words.ordinal(number)}?")
    return number


def _minutes(number: Token, unit_min: int) -> int:
    minutes = Decimal(number) * unit_min
    if minutes != int(minutes) or not 0 < minutes <= MAX_TERM_MIN:
        raise RefusalError(_span(number), f"a duration is whole minutes, from 1 minute to {MAX_TERM_MIN // 1440} days")
    return int(minutes)
