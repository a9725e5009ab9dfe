"""lint: what a careful reader doubts about a card, its lines here, and its hours, prices and supplied rates beside it.

>>> from ratecards import lint, parse
>>> lint(parse(["Each Hour (Mon-Sat; 9am-6pm): $1", "Mon-Sat (6pm-9am): Free"]))[0].message
'no line covers Sun'
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from ratecards.coverage import days_named, hours_named
from ratecards.findings import Finding, listed, numbers, said
from ratecards.formatter import duration
from ratecards.governance import Governance, competes, years_of
from ratecards.linting_hours import gaps, night_windows, overlaps, reserved_twice, shadowed
from ratecards.linting_prices import bounds, follows_min, limits, tiers
from ratecards.linting_structured import Supplied, disagreements
from ratecards.model import Card, DayRange, Line, Note, Outcome, TermKind
from ratecards.money import Money, MoneyRange, symbol
from ratecards.scopes import times

Relation = Callable[[Governance, int, int], bool]


def lint(card: Card, structured: Sequence[Supplied] | None = None) -> list[Finding]:
    """What is doubtful about a card and, where a feed supplies them, about its structured rates; by line number.

    Line numbers count the lines that could be read. Findings are exact for ordinary dates (S3.2); the clock changes of
    daylight saving time are left aside. Raises nothing.
    """
    years = years_of(card)
    ordinary = years[None]
    alike = [*_duplicates(ordinary), *_contradictions(ordinary)]
    told = {max(finding.line_numbers) for finding in alike}
    findings = [
        *gaps(card, years),
        *_mixed_currency(card.lines),
        *alike,
        *_stated_twice(card.lines),
        *_limits_on_bans(card.lines),
        *overlaps(ordinary),
        *(finding for finding in shadowed(years) if finding.line_numbers[0] not in told),
        *reserved_twice(ordinary),
        *night_windows(ordinary),
        *tiers(ordinary),
        *bounds(ordinary),
        *limits(ordinary),
        *(disagreements(card, structured) if structured is not None else ()),
    ]
    return sorted(findings, key=lambda finding: finding.line_numbers)


def _duplicates(governance: Governance) -> Iterator[Finding]:
    """Lines that say again what an earlier one says, in other words perhaps, with a limit fewer or more."""
    for first, second in _first_pairs(governance, _repeats):
        yield Finding(
            "duplicate",
            numbers([first, second]),
            f"line {second + 1} repeats line {first + 1}",
            "remove one of them",
        )


def _repeats(governance: Governance, first: int, second: int) -> bool:
    one, other = governance.lines[first], governance.lines[second]
    parts = [
        (line.statement, times(line.scope), line.scope.user, line.term, line.outcome, line.conditions, line.reason)
        for line in (one, other)
    ]
    is_same_limit = one.limits == other.limits or (one.outcome is not None and None in (one.limits, other.limits))
    return parts[0] == parts[1] and is_same_limit and _is_same_step(governance, first, second)


def _is_same_step(governance: Governance, first: int, second: int) -> bool:
    """Whether two lines speak of the same step: add-ons do where they follow the same tier."""
    kinds = [line.kind for line in (governance.lines[first], governance.lines[second])]
    is_step = governance.lines[first].term == governance.lines[second].term or kinds == [TermKind.EACH, TermKind.EACH]
    if kinds != [TermKind.ADDED, TermKind.ADDED]:
        return is_step
    return follows_min(governance, first) == follows_min(governance, second)


def _contradictions(governance: Governance) -> Iterator[Finding]:
    """Lines of one scope that cannot both hold: a ban and a price, two prices for one thing, two limits."""
    lines = governance.lines
    for first, second in _first_pairs(governance, _cannot_both_hold):
        one, other = lines[first], lines[second]
        where = "" if one.statement else " for the same hours"
        rules = ""
        if Outcome.NO_PARKING in (one.outcome, other.outcome):
            rules = "; until then No Parking holds"
        elif competes(one):
            rules = f"; until then line {first + 1} rules"
        yield Finding(
            "contradiction",
            numbers([first, second]),
            f"line {first + 1} says {said(one)} and line {second + 1} says {said(other)}{where}",
            f"keep one of them{rules}",
        )
    for first, second in _first_pairs(governance, _limit_differently):
        yield Finding(
            "contradiction",
            numbers([first, second]),
            f"line {first + 1} allows {duration(lines[first].limit_min or 0)} and line {second + 1} allows "
            f"{duration(lines[second].limit_min or 0)} for the same hours",
            "keep one of them; until then the shorter binds",
        )


def _first_pairs(governance: Governance, holds: Relation) -> Iterator[tuple[int, int]]:
    """For each line the first earlier one that it has a relation with."""
    for second in range(len(governance.lines)):
        for first in [first for first in range(second) if holds(governance, first, second)][:1]:
            yield first, second


def _cannot_both_hold(governance: Governance, first: int, second: int) -> bool:
    one, other = governance.lines[first], governance.lines[second]
    if one.statement or other.statement:
        is_same_kind = type(one.statement) is type(other.statement) and not isinstance(one.statement, Note)
        return is_same_kind and one.statement != other.statement
    if not _is_same_scope(one, other) or None in (one.outcome, other.outcome):
        return False
    if (one.term, one.outcome) == (other.term, other.outcome):
        return False
    bans = [each.outcome is Outcome.NO_PARKING for each in (one, other)]
    is_flat = competes(one) and None in (one.term, other.term)
    return any(bans) or is_flat or _is_same_step(governance, first, second)


def _limit_differently(governance: Governance, first: int, second: int) -> bool:
    one, other = governance.lines[first], governance.lines[second]
    stays = [each.limit_min for each in (one, other) if competes(each) and each.outcome is not Outcome.NO_PARKING]
    return _is_same_scope(one, other) and len(stays) == 2 and None not in stays and stays[0] != stays[1]


def _is_same_scope(one: Line, other: Line) -> bool:
    """Whether two lines speak of the same hours, drivers and conditions, both as rules or both as offers."""
    keys = [
        (times(line.scope), line.scope.user and line.scope.user.key, line.conditions, competes(line))
        for line in (one, other)
    ]
    return keys[0] == keys[1] and not (one.term == other.term and one.term and one.term.kind is TermKind.PLUS)


def _mixed_currency(lines: Sequence[Line]) -> Iterator[Finding]:
    first_with: dict[str, int] = {}
    for i, line in enumerate(lines):
        money = line.outcome.low if isinstance(line.outcome, MoneyRange) else line.outcome
        if isinstance(money, Money):
            first_with.setdefault(money.unit, i)
    units = list(first_with)
    if any(one not in (other, symbol(other)) and other != symbol(one) for one, other in combinations(units, 2)):
        yield Finding(
            "currency-mixed",
            numbers(first_with.values()),
            f"prices are in {listed(units)}",
            "write all prices in one currency: a card that mixes them has no price",
        )


def _stated_twice(lines: Sequence[Line]) -> Iterator[Finding]:
    for i, line in enumerate(lines):
        for what in _twice(line):
            yield Finding("stated-twice", (i + 1,), f"line {i + 1} names {what} twice", "name it once")


def _twice(line: Line) -> Iterator[str]:
    ranges = line.scope.days.ranges if line.scope.days else ()
    days = Counter(day for each in ranges if isinstance(each, DayRange) for day in each.weekdays())
    if doubled := [day for day, count in days.items() if count > 1]:
        yield days_named(doubled)
    yield from (each.value for each, count in Counter(ranges).items() if count > 1 and not isinstance(each, DayRange))
    spans = [(span, window) for window in line.scope.hours for span in window.spans()]
    for (one, a), (other, b) in combinations(spans, 2):
        common = max(one[0], other[0]), min(one[1], other[1])
        if common[0] < common[1]:
            yield hours_named([common], a.clock or b.clock).strip()


def _limits_on_bans(lines: Sequence[Line]) -> Iterator[Finding]:
    for i, line in enumerate(lines):
        if line.outcome is Outcome.NO_PARKING and line.limits:
            yield Finding(
                "limit-on-ban", (i + 1,), f"line {i + 1} bans parking and limits it as well", "leave the limit out"
            )
