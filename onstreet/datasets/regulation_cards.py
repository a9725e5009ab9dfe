"""Rules of a kerb -> the card that says in each minute what they say together.

Each regime is written in the words of a rule's own times where these hold no other regime's minutes, else in days and
hours cut to where it governs. Lines may run under a ban: No Parking wins there (S3.3). Where both fail, `Tuesday
holidays` have no words, a line may run under narrower ones that take precedence. What is left without words leaves the
card with an `Unclear` line, which nothing can read: the price of the kerb is then unknown, and that it is open
too, except where a readable ban closes it (S1.3).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from onstreet.datasets.findings import UNCLEAR
from onstreet.datasets.regimes import Grid, Mask, Regime, is_closed, regimes
from onstreet.datasets.regulations import Rule, When
from onstreet.datasets.scope_words import nth_words, scopes_in, scopes_of
from ratecards import format_line
from ratecards.calendars import Minutes
from ratecards.model import (
    Limits,
    Line,
    Outcome,
    Scope,
    SpecialDay,
)
from ratecards.scopes import joined, share_of_year


class _Written(NamedTuple):
    """A regime, the minutes it governs, and the scopes of its lines; None among them where words fail."""

    regime: Regime
    must: Mask
    scopes: list[Scope | None]


@lru_cache(maxsize=65_536)
def card_of(rules: tuple[Rule, ...], unclear: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The lines of a card that says what the rules say; `unclear` are sentences about rules that could not be read."""
    if not rules:
        return tuple(map(unread, unclear))
    grid = Grid([when for rule in rules for when in rule.whens])
    found = sorted(regimes(grid, rules).items(), key=lambda each: _order(each[0]))
    nobody = np.zeros(grid.shape, dtype=np.bool_)
    closed = np.logical_or.reduce([nobody, *(mask for regime, (mask, _) in found if is_closed(regime))])
    written: list[_Written] = []
    for regime, (must, there) in found:
        # The times of the rules that govern come before those of the ones they override.
        whens = [when for rule in sorted(there, key=lambda rule: rule.rank) for when in rule.whens]
        written.append(_Written(regime, must, list(_expressed(grid, must, closed, whens))))
    for number, (_, (_, there)) in enumerate(found):
        if None in written[number].scopes:
            whens = [when for rule in there for when in rule.whens]
            written[number] = _layered(grid, written[number], closed, whens, written[:number] + written[number + 1 :])
    lines = [
        _line(scope, line) for each in written for scope in each.scopes if scope is not None for line in each.regime
    ]
    lost = [f"when is {format_line(each.regime[0])}" for each in written if None in each.scopes]
    return (*lines, *map(unread, (*unclear, *lost)))


def unread(sentence: str) -> str:
    """A line of a card that tells people what could not be told to a machine."""
    return f"{UNCLEAR}{sentence}"


def _order(regime: Regime) -> tuple[bool, int, str]:
    """Bans first, then prices, then the rest."""
    outcome = regime[-1].outcome
    rest = {Outcome.SEE_METER: 1, Outcome.FREE: 2}.get(outcome, 0) if isinstance(outcome, Outcome) else 0
    return not is_closed(regime), rest, str(regime)


def _line(scope: Scope, line: Line) -> str:
    return format_line(replace(line, scope=replace(scope, user=line.scope.user)))


def _expressed(grid: Grid, must: Mask, closed: Mask, whens: Iterable[When]) -> Iterator[Scope | None]:
    """Scopes that hold all of some minutes and no others that anything but a ban governs; None where words fail."""
    left, used = must.copy(), np.zeros_like(must)
    for when in dict.fromkeys(whens):
        mask = grid.mask(when)
        if not (mask & left).any() or (mask & ~(must | closed)).any() or (mask & used & ~closed).any():
            continue
        scopes = list(scopes_of(when))
        if None not in scopes:
            yield from scopes
            left, used = left & ~mask, used | mask
    if left.any():
        # Weeks of the month and special days often need no words where a ban closes the gap between them.
        open_ended = [left, *(left.any(axis=axis, keepdims=True) & (left | closed) for axis in (1, 3))]
        cuts = [list(_cut(grid, minutes, order)) for minutes in open_ended for order in (0, 1)]
        yield from min((cut for cut in cuts if None not in cut), key=len, default=[None])


def _layered(grid: Grid, one: _Written, closed: Mask, whens: Iterable[When], others: Sequence[_Written]) -> _Written:
    """A regime in the words of a time that holds others, too, all of which take precedence over it there (S3.3)."""
    if any(line.scope.user for line in one.regime):
        return one
    for when in dict.fromkeys(whens):
        scopes = list(scopes_of(when))
        if None in scopes or when.only or (when.dates is not None and len(when.dates) == 1):
            continue
        share = min(share_of_year(scope) for scope in scopes if scope is not None)
        above = [each.must for each in others if _comes_first(each, one.regime[0].limits, share)]
        mask = grid.mask(when)
        if not (one.must & ~mask).any() and not (mask & ~np.logical_or.reduce([one.must, closed, *above])).any():
            return one._replace(scopes=scopes)
    return one


def _comes_first(other: _Written, limits: Limits | None, share: Fraction) -> bool:
    """Whether lines take precedence over those for everybody with this share of the year, and heed no such limit."""
    if None in other.scopes:
        return False
    if all(line.scope.user and line.scope.user.only for line in other.regime):
        return True
    # A limit applies wherever its own scope covers, whatever governs there (S3.6).
    general = next((line for line in other.regime if line.scope.user is None), None)
    is_narrower = all(scope is not None and share_of_year(scope) < share for scope in other.scopes)
    return general is not None and (limits is None or general.limits == limits) and is_narrower


def _cut(grid: Grid, left: Mask, order: int) -> Iterator[Scope | None]:
    """Just these minutes, date by date; with `order` 1 holidays and the like are taken apart from ordinary days."""
    left = left.copy()
    for only, excepts in _special_ways(grid.words, order):
        kinds = [_allows(dict(zip(grid.words, kind, strict=True)), only, excepts) for kind in grid.kinds]
        if not any(kinds):
            continue
        there: Mask = np.all(left[:, :, :, kinds], axis=3)
        if only:
            # A special day's word covers it on whatever weekday it falls.
            there = np.broadcast_to(np.all(there, axis=(0, 1)), there.shape)
        if there.any():
            left[:, :, :, kinds] &= ~there[:, :, :, None]
            yield from _dated(grid, there, only, excepts)
    if left.any():
        yield None


def _special_ways(
    words: Sequence[SpecialDay], order: int
) -> Iterator[tuple[SpecialDay | None, tuple[SpecialDay, ...]]]:
    ways: list[tuple[SpecialDay | None, tuple[SpecialDay, ...]]] = []
    for count in range(len(words) + 1):
        for excepts in combinations(words, count):
            ways.append((None, excepts))
            ways += [(only, excepts) for only in words if only not in excepts]
    plain, special = [way for way in ways if way[0] is None], [way for way in ways if way[0]]
    yield from (*plain, *special) if order == 0 else (*special, *plain)


def _allows(kind: dict[SpecialDay, bool], only: SpecialDay | None, excepts: tuple[SpecialDay, ...]) -> bool:
    return (only is None or kind[only]) and not any(kind[word] for word in excepts)


def _dated(grid: Grid, there: Mask, only: SpecialDay | None, excepts: tuple[SpecialDay, ...]) -> Iterator[Scope | None]:
    """Scopes of weekdays x occurrences x parts of the year x slots: alike days share a line."""
    alike: dict[tuple[Minutes, frozenset[int], int], set[int]] = defaultdict(set)
    for weekday in range(7):
        for part in range(there.shape[2]):
            by_minutes: dict[Minutes, set[int]] = defaultdict(set)
            for nth in range(there.shape[1]):
                spans = zip(grid.slots, there[weekday, nth, part], strict=True)
                by_minutes[joined(slot for slot, is_there in spans if is_there)].add(nth)
            for minutes, nths in by_minutes.items():
                if minutes:
                    alike[minutes, frozenset(nths), part].add(weekday + 1)
    seasons: dict[tuple[Minutes, frozenset[int], frozenset[int]], set[int]] = defaultdict(set)
    for (minutes, alike_nths, part), days in alike.items():
        seasons[minutes, alike_nths, frozenset(days)].add(part)
    for (minutes, alike_nths, weekdays), parts in seasons.items():
        words = nth_words(grid, alike_nths)
        dates = frozenset(day for part in parts for day in grid.parts[part])
        if words is None:
            yield None
        else:
            yield from scopes_in(weekdays, words, dates, only, excepts, minutes)
