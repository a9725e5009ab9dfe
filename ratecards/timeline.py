"""Card -> for each kind of day, sorted spans with what governs and what applies there besides (S3.1-S3.6).

A kind of day is what the lines cover of it: two dates on which all lines cover the same have the same spans.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, takewhile
from math import lcm
from operator import attrgetter
from typing import NamedTuple

from ratecards.calendars import Place, SpecialDays
from ratecards.instants import wall_spans
from ratecards.ladders import Ladder, ladder_of
from ratecards.model import DAY_MIN, BilledBy, Card, Line, Outcome, ResetsAt, TermKind
from ratecards.money import Money
from ratecards.precedence import Holder, Part, Rule, governing, is_shared, rules_of
from ratecards.scopes import Cover, is_in

# Spans of instants are laid out and kept by the week.
_WEEK_MIN = 7 * DAY_MIN
_WEEKS_KEPT = 8
# A sign with more is none, and a timeline takes memory by its windows.
_MOST_WINDOWS_KEPT = 40


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """Lines of one scope, priced together (S4.1); `ladder` is None where they leave the price unknown.

    Its prices are in ticks, whole parts of the currency unit that all of the card's prices are multiples of.
    """

    lines: tuple[Line, ...]
    ladder: Ladder | None


class Limit(NamedTuple):
    """The longest stay that a line allows where it binds; with `is_disc` counted from the half hour (S5.1)."""

    minutes: int
    is_disc: bool
    group: int
    line: Line


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What governs a minute, a tariff or the rule that closes it or neither (S3.4), and what applies besides (S3.6).

    `is_unsure` where a line that nobody can weigh may change the price, `may_refuse` where it may forbid the stay;
    `ladder` is the tariff's, None where the price is unknown.
    """

    tariff: Tariff | None = None
    closed_by: Rule | None = None
    limits: tuple[Limit, ...] = ()
    caps: tuple[Rule, ...] = ()
    firsts: tuple[Rule, ...] = ()
    fees: tuple[Rule, ...] = ()
    is_unsure: bool = False
    may_refuse: bool = False
    ladder: Ladder | None = None


class Span(NamedTuple):
    """Half-open minutes of one state."""

    start: int
    end: int
    state: State


def compile_card(card: Card, holder: Holder = frozenset()) -> "Timeline":
    """The timeline of a card for a driver who holds these permits (S5.3); those of ordinary cards are kept."""
    return _compiled(card, holder) if card.windows <= _MOST_WINDOWS_KEPT else Timeline(card, holder)


@lru_cache(maxsize=4096)
def _compiled(card: Card, holder: Holder) -> "Timeline":
    return Timeline(card, holder)


class Timeline:
    """What governs each minute of any day, for one card and one driver."""

    def __init__(self, card: Card, holder: Holder = frozenset()) -> None:
        rules = rules_of(card, holder)
        statements = [line.statement for line in card.lines]
        self.reset_min = next((each.time.minute for each in statements if isinstance(each, ResetsAt)), 0)
        self.billed_min = next((each.step_min for each in statements if isinstance(each, BilledBy)), 0)
        self.offers = [rule for rule in rules if rule.part is Part.OFFER and rule.is_theirs]
        self._rules = [rule for rule in rules if rule.part not in (Part.OFFER, Part.KEPT) and rule.speaks]
        self._is_unread = bool(card.unread)
        # Lines of one scope have the same number: the same times and users.
        numbers: dict[tuple[object, ...], int] = {}
        self._scopes = {rule: numbers.setdefault((rule.times, rule.key), len(numbers)) for rule in self._rules}
        groups: dict[int, list[Rule]] = {}
        for rule in self._rules:
            if rule.part is Part.GOVERNS:
                groups.setdefault(self._scopes[rule], []).append(rule)
        ladders = {number: self._ladder(group) for number, group in groups.items()}
        # How many ticks make a unit of the currency.
        self.ticks = lcm(
            *(ladder.denominator for ladder in ladders.values() if ladder),
            *(Fraction(money.amount).denominator for line in card.lines for money in line.amounts),
        )
        # The price of each line of the card; 0 for Free.
        self.amounts = [
            int(Fraction(line.outcome.amount) * self.ticks) if isinstance(line.outcome, Money) else 0
            for line in card.lines
        ]
        self._tariffs = {
            number: Tariff(tuple(rule.line for rule in groups[number]), ladder and ladder.in_ticks(self.ticks))
            for number, ladder in ladders.items()
        }
        self._states: dict[tuple[object, ...], State] = {}
        self._kinds: dict[tuple[Cover, ...], tuple[Span, ...]] = {}
        self._weeks: dict[tuple[Place, int], tuple[Span, ...]] = {}
        self.longest_unit_min = max(
            (ladder.unit.minutes for ladder in ladders.values() if ladder and ladder.unit), default=0
        )
        self.has_fees = any(rule.part is Part.FEE for rule in self._rules)

    def day(self, day: int, place: SpecialDays | None = None) -> tuple[Span, ...]:
        """The spans of one date, 0 to 1440 minutes of its wall clock; `day` counts from 1970-01-01.

        Without a place no calendar is known.
        """
        covers = tuple(rule.reach.on(day, place) for rule in self._rules)
        if covers not in self._kinds:
            self._kinds[covers] = tuple(_merged(self._cut(covers)))
        return self._kinds[covers]

    def spans(self, place: Place, start: int, end: int) -> Iterator[Span]:
        """What governs the instants from the span that has `start` to the one that has the minute before `end`."""
        return _merged(self._in_weeks(place, start, end))

    def _in_weeks(self, place: Place, start: int, end: int) -> Iterator[Span]:
        """The same, cut where a week as it is kept ends."""
        for week in range(start // _WEEK_MIN, (end - 1) // _WEEK_MIN + 1):
            spans = self._week(place, week)
            begin = max(bisect_right(spans, start, key=attrgetter("start")) - 1, 0)
            yield from takewhile(lambda span: span.start < end, spans[begin:])

    def _week(self, place: Place, week: int) -> tuple[Span, ...]:
        spans = self._weeks.get((place, week))
        if spans is None:
            spans = tuple(_merged(self._instants(place, week * _WEEK_MIN, (week + 1) * _WEEK_MIN)))
            if len(self._weeks) >= _WEEKS_KEPT:
                self._weeks.clear()
            self._weeks[place, week] = spans
        return spans

    def _instants(self, place: Place, start: int, end: int) -> Iterator[Span]:
        day: int | None = None
        for wall in wall_spans(place.zone, start, end):
            if wall.day != day:
                day, spans = wall.day, self.day(wall.day, place)
            for span in spans:
                first = max(wall.start, wall.midnight + span.start)
                last = min(wall.end, wall.midnight + span.end)
                if first < last:
                    yield Span(first, last, span.state)

    def _cut(self, covers: Sequence[Cover]) -> Iterator[Span]:
        there = [(rule, cover) for rule, cover in zip(self._rules, covers, strict=True) if any(cover)]
        edges = {edge for _, cover in there for minutes in cover for span in minutes for edge in span}
        for start, end in pairwise(sorted(edges | {0, DAY_MIN})):
            here = [rule for rule, cover in there if is_in(start, cover.covered)]
            special = {rule for rule, cover in there if is_in(start, cover.special)}
            doubted = [
                rule
                for rule, cover in there
                if is_in(start, cover.covered if rule.part is Part.UNWEIGHED else cover.unsure)
            ]
            yield Span(start, end, self._state(here, special, doubted))

    def _state(self, rules: Sequence[Rule], special: set[Rule], doubted: Sequence[Rule]) -> State:
        """The state of minutes that these rules cover, and those in doubt may; the same object for the same state."""
        ruling, closes = governing([rule for rule in rules if rule.part is Part.GOVERNS], special)
        theirs = [rule for rule in rules if rule.is_theirs]
        # A limit for everybody does not bind those whose own line governs.
        binding = [rule for rule in theirs if rule.is_for_users or not (ruling and ruling.is_for_users)]
        limits = () if closes else tuple(
            Limit(minutes, is_disc, self._scopes[rule], rule.line)
            for rule in binding
            if rule.part is not Part.UNWEIGHED
            for minutes, is_disc in _limits(rule)
        )  # fmt: skip
        caps = [rule for rule in theirs if rule.part is Part.CAP]
        tariff = self._tariffs[self._scopes[ruling]] if ruling and not closes else None
        state = State(
            tariff,
            ruling if closes else None,
            limits,
            tuple(cap for cap in caps if cap.is_scoped or not _is_replaced(cap, caps)),
            tuple(sorted((rule for rule in theirs if rule.part is Part.FIRST), key=lambda rule: rule.share)),
            tuple(rule for rule in theirs if rule.part is Part.FEE),
            self._is_unread or bool(doubted),
            self._is_unread or any(_could_refuse(rule, doubted) for rule in doubted),
            tariff.ladder if tariff else None,
        )
        key = tuple(getattr(state, each) for each in State.__slots__)
        return self._states.setdefault(key, state)

    def _ladder(self, group: Sequence[Rule]) -> Ladder | None:
        lines = [rule.line for rule in group]
        priced = [line for line in lines if line.outcome not in (None, Outcome.NO_PARKING)]
        firsts = [rule.number for rule in self._rules if rule.part is Part.FIRST and rule.is_theirs]
        added = [rule.number for rule in group if rule.line.kind is TermKind.ADDED]
        return ladder_of(priced or lines, self.billed_min, bool(firsts and added) and firsts[0] < added[0])


def _could_refuse(rule: Rule, doubted: Sequence[Rule]) -> bool:
    """Whether a line would forbid the driver's stay or cut it short where it and the others in doubt hold."""
    if rule.is_reserved and not rule.is_ban:
        return not is_shared(rule, doubted)
    return rule.is_ban or bool(_limits(rule))


def _limits(rule: Rule) -> tuple[tuple[int, bool], ...]:
    """The limits a rule states: minutes, and whether a parking disc shows them."""
    limits = rule.line.limits
    if limits is None or rule.is_ban:
        return ()
    stated = ((limits.stay_min, False), (limits.disc_min, True))
    return tuple((minutes, is_disc) for minutes, is_disc in stated if minutes)


def _is_replaced(cap: Rule, caps: Sequence[Rule]) -> bool:
    """Whether a scoped cap of its kind takes the place of an unscoped one (S4.2)."""
    return any(each.is_scoped and each.line.kind is cap.line.kind for each in caps)


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last is not None and last.state is span.state and last.end == span.start:
            last = Span(last.start, span.end, span.state)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
