"""A card -> rules that say the same to who reads regulations: the way back from `regulation_cards`.

Bans come first and reserved time second; of lines that overlap the one that governs (S3.3) is ranked above the other.
A line for users beside a general one stands at its rank wherever that holds; where nothing else does, beside a rule
whose price nobody knows (S3.4). What is no rule is not told here: caps, offers, fees and statements; nor is a price
that is no ladder of consecutive periods, which is unknown. Whether all of it came out right is for the reader to try.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce

import numpy as np

from onstreet.datasets.fees import periods
from onstreet.datasets.regimes import Grid, Mask
from onstreet.datasets.regulations import FREE, UNKNOWN, WEEK, Charges, Effect, Rule, When, both
from ratecards.calendars import season_days
from ratecards.model import DAY_MIN, Card, Limits, Line, Outcome, Scope, Term, TermKind
from ratecards.money import Money
from ratecards.precedence import Part, part_of
from ratecards.scopes import day_spans, share_of_year, special_words, times

BANNED, RESERVED, FIRST_OPEN = range(3)
_YEAR_DAYS = 366
_NIGHT_UNTIL, _NIGHT_FROM = 240, 1380


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Times that lines of one scope have: those of its weekdays, or of its special days, which are weighed apart."""

    lines: tuple[Line, ...]
    whens: tuple[When, ...]
    mask: Mask
    is_special: bool

    @property
    def weight(self) -> tuple[bool, bool, object]:
        """What is less governs: a limit alone is heard last (S3.3)."""
        return self.lines[0].outcome is None, not self.is_special, share_of_year(self.lines[0].scope)


def rules_of_card(card: Card, currency: str) -> list[Rule]:
    """The rules that its governing lines are, their prices in a currency, or unknown without one.

    Raises UnclearError where times cannot be said.
    """
    lines = [line for line in card.lines if part_of(line) is Part.GOVERNS]
    if not lines:
        return []
    whens = {line.scope: whens_of(line.scope) for line in lines}
    grid = Grid([when for pair in whens.values() for some in pair for when in some])
    bans = [line for line in lines if line.outcome is Outcome.NO_PARKING]
    found = [_stretches(group, whens[group[0].scope], grid) for group in _groups(lines, bans)]
    stretches = [stretch for some in found for stretch in some]
    general = [each for each in stretches if each.lines[0].scope.user is None]
    shared = [each for each in stretches if each not in general and _is_shared(each, general)]
    reserved = [each for each in stretches if _is_only(each) and each not in shared]
    beside = [each for each in stretches if each not in general and each not in reserved]
    rules = [_ban(line, whens[line.scope]) for line in bans]
    rules += [_rule(each, RESERVED, currency) for each in reserved]
    return [*rules, *(_open(general, beside, currency) if general or beside else ())]


def whens_of(scope: Scope) -> tuple[tuple[When, ...], tuple[When, ...]]:
    """The times of a scope on its weekdays, and on its special days."""
    days = scope.days
    season = season_days(scope.season) if scope.season else None
    dates = season if season is not None and len(season) < _YEAR_DAYS else None
    weekdays = days.weekdays() if days else WEEK
    excepts, words = frozenset(days.exceptions if days else ()), special_words(scope)
    stated = When(weekdays, day_spans(scope), frozenset(days.nth if days else ()), dates, None, excepts)
    special = [replace(stated, weekdays=WEEK, nth=frozenset(), only=word) for word in sorted(words, key=str)]
    return (stated,) if weekdays else (), tuple(special)


def _groups(lines: Sequence[Line], bans: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Lines but bans by their scope, as tariffs have them (S4.1)."""
    found: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        if line not in bans:
            found.setdefault((times(line.scope), line.scope.user and line.scope.user.key), []).append(line)
    return [tuple(group) for group in found.values()]


def _stretches(lines: tuple[Line, ...], whens: tuple[tuple[When, ...], tuple[When, ...]], grid: Grid) -> list[_Stretch]:
    # On the one date of its season a line is special, as on the days of a calendar (S3.2).
    is_dated = any(when.dates is not None and len(when.dates) == 1 for when in whens[0])
    parts = [(whens[0], is_dated), (whens[1], True)]
    return [_Stretch(lines, some, _mask(grid, some), special) for some, special in parts if some]


def _mask(grid: Grid, whens: Iterable[When]) -> Mask:
    return reduce(np.logical_or, map(grid.mask, whens))


def _is_only(stretch: _Stretch) -> bool:
    return any(line.scope.user is not None and line.scope.user.only for line in stretch.lines)


def _is_shared(stretch: _Stretch, general: Iterable[_Stretch]) -> bool:
    """Whether a general line of the same days and hours opens reserved time to all."""
    same = times(stretch.lines[0].scope)
    return any(each.lines[0].outcome is not None and times(each.lines[0].scope) == same for each in general)


def _ban(line: Line, whens: tuple[tuple[When, ...], tuple[When, ...]]) -> Rule:
    user = line.scope.user
    users = (user.name,) if user and not user.only else None
    return Rule(BANNED, Effect.FORBIDS, (*whens[0], *whens[1]), users, reason=line.reason)


def _open(general: Sequence[_Stretch], beside: Sequence[_Stretch], currency: str) -> Iterator[Rule]:
    """General lines by what governs, with those for users beside them."""
    ordered = sorted(general, key=lambda each: each.weight)
    ranks: dict[_Stretch, int] = {}
    governed = np.zeros_like(reduce(np.logical_or, (each.mask for each in (*general, *beside))))
    for each in ordered:
        above = [rank for other, rank in ranks.items() if (other.mask & each.mask).any()]
        if (each.mask & ~governed).any():
            # One rank is left above each for where another line's limit binds it.
            ranks[each] = max((rank + 2 for rank in above), default=FIRST_OPEN + 1)
            governed |= each.mask
    for each in general:
        losing = ordered[ordered.index(each) + 1 :]
        for rule in _limited(each, ranks[each], losing, currency) if each in ranks else ():
            yield rule
            for one in beside:
                whens = both(rule.whens, one.whens)
                if whens:
                    yield replace(_rule(one, rule.rank, currency), whens=whens)
    last = max(ranks.values(), default=FIRST_OPEN) + 2
    for one in beside:
        if (one.mask & ~governed).any():
            yield _rule(one, last, currency)
            yield Rule(last, Effect.PARKS, one.whens, charges=UNKNOWN)


def _limited(stretch: _Stretch, rank: int, losing: Sequence[_Stretch], currency: str) -> Iterator[Rule]:
    """A general line, with the limits that those it overrides bring where they hold too (S3.6)."""
    rule = _rule(stretch, rank, currency)
    for other in losing:
        limits = _limits(other.lines)
        if other.lines is stretch.lines or limits is None or not (other.mask & stretch.mask).any():
            continue
        if (stretch.mask & ~other.mask).any():
            whens = both(rule.whens, other.whens)
            yield replace(rule, rank=rank - 1, whens=whens, limits=_shorter(rule.limits, limits))
        else:
            rule = replace(rule, limits=_shorter(rule.limits, limits))
    yield rule


def _rule(stretch: _Stretch, rank: int, currency: str) -> Rule:
    user = stretch.lines[0].scope.user
    charges = charges_of(stretch.lines, currency)
    return Rule(rank, Effect.PARKS, stretch.whens, (user.name,) if user else None, charges, _limits(stretch.lines))


def charges_of(lines: Sequence[Line], currency: str) -> Charges:
    """What lines of one scope charge if consecutive periods say it, else unknown; all prices are without a currency."""
    priced = [line for line in lines if line.outcome is not None]
    if not priced or (priced[0].term is None and priced[0].outcome is Outcome.FREE):
        return FREE
    first = priced[0]
    if first.term is None and isinstance(first.outcome, Money):
        # A price without duration buys a day at most, and rules alone (S3.3).
        priced = [replace(first, term=Term(TermKind.TIER, DAY_MIN))]
    charges: Charges = tuple((line.term, line.outcome) for line in priced if isinstance(line.outcome, Money | Outcome))
    if len(charges) < len(priced) or not currency or any(outcome is Outcome.SEE_METER for _, outcome in charges):
        return UNKNOWN
    charges = _repeated(charges, lines[0].scope)
    return charges if charges and periods(charges, currency) else UNKNOWN


def _repeated(charges: Charges, scope: Scope) -> Charges:
    """Tiers that begin again behind the last, over and over as far as the hours of a day go.

    None where these are hours of the night, when a clock may run on into the next day or be set back.
    """
    tiers = [(term.minutes, outcome) for term, outcome in charges if term and term.kind is TermKind.TIER]
    if len(tiers) < len(charges):
        return charges
    spans = day_spans(scope)
    if spans[0][0] < _NIGHT_UNTIL or spans[-1][1] > _NIGHT_FROM:
        return ()
    (last_min, whole), turns = tiers[-1], -(-sum(end - start for start, end in spans) // tiers[-1][0])
    return tuple(
        (Term(TermKind.TIER, turn * last_min + minutes), _sum(turn, whole, outcome))
        for turn in range(turns)
        for minutes, outcome in tiers
    )


def _sum(turn: int, whole: Money | Outcome, more: Money | Outcome) -> Money | Outcome:
    """What so many turns of a ladder and a part of one come to."""
    found = [each for each in (*[whole] * turn, more) if isinstance(each, Money)]
    return Money(sum((each.amount for each in found), Decimal(0)), found[0].unit) if found else Outcome.FREE


def _limits(lines: Iterable[Line]) -> Limits | None:
    """The shortest stay and the longest wait that lines state; a disc's stay counts from arrival."""
    found: Limits | None = None
    for line in lines:
        if line.limits:
            stay_min = min((each for each in (line.limits.stay_min, line.limits.disc_min) if each), default=None)
            found = _shorter(found, Limits(stay_min, None, line.limits.no_return_min))
    return found


def _shorter(one: Limits | None, other: Limits) -> Limits:
    if one is None:
        return other
    stays = [each.stay_min for each in (one, other) if each.stay_min]
    waits = [each.no_return_min for each in (one, other) if each.no_return_min]
    return Limits(min(stays, default=None), None, max(waits, default=None))
