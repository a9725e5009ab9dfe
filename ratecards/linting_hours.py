"""Findings about hours: those no line covers, those two lines claim, lines that rule none, ambiguous nights."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache

from ratecards.coverage import Cell, Slot, days_named, hours_named
from ratecards.findings import Finding, listed, numbered, numbers
from ratecards.formatter import format_line
from ratecards.governance import NOBODY, Governance, Years, competes, is_theirs, names_special_days
from ratecards.model import Card, DayRange, Days, Line, Outcome, Scope, Window
from ratecards.precedence import Holder

_GAP_HINT = "what holds then is unknown, and so is the price of a stay that touches it: add a line that says it"


def gaps(card: Card, years: Years) -> Iterator[Finding]:
    """Hours for which no line says what holds; none while a line is unread, for it may be the one."""
    if card.unread:
        return
    ordinary = _uncovered(years[None])
    for special, governance in years.items():
        by_users: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
        for cell, users in _uncovered(governance).items():
            if special is None or cell not in ordinary:
                by_users[users].append(cell)
        on = f" on {special.value}" if special else ""
        for users, cells in by_users.items():
            others = f", except for {listed(users)}" if users else ""
            for hours in governance.coverage.named(cells):
                yield Finding("gap", (), f"no line covers {hours}{on}{others}", _GAP_HINT)


def overlaps(governance: Governance) -> Iterator[Finding]:
    """Hours of two lines that say different things, where the sign does not show which one rules.

    It shows that where one bans, where one is reserved, where one lies within the other, where one names special days
    or a date; and limits bind beside any line. What is left is two lines that cross: the one with the smaller share of
    the year rules, or the earlier one.
    """
    found: dict[tuple[int, int], set[Cell]] = defaultdict(set)
    for there, cells in governance.patches.items():
        for holder in governance.holders:
            ruler, closes = governance.ruling(there, holder)
            if ruler is not None and not closes:
                for rival in _rivals(governance, ruler, there):
                    found[ruler, rival].update(cells)
    for (ruler, rival), where in found.items():
        first, second = (governance.shares[governance.lines[i]] for i in (ruler, rival))
        yield Finding(
            "overlap",
            numbers([*governance.tariffs[ruler], *governance.tariffs[rival]]),
            f"{numbered([ruler, rival])} both cover {listed(governance.coverage.named(where))}, where line {ruler + 1} "
            f"rules because it {'comes first' if first == second else 'covers less of the year'}",
            "take these hours out of one of them",
        )


def shadowed(years: Years) -> Iterator[Finding]:
    """Lines that rule no hour of any date for any driver, because others overrule them in all of theirs."""
    ordinary = years[None]
    for i, line in enumerate(ordinary.lines):
        if not competes(line) or _is_special(line.scope):
            continue
        patches = [(each, there) for each in years.values() for there in each.patches if i in there]
        if any(_has_effect(governance, i, there) for governance, there in patches):
            continue
        rulers = {_overruling(ordinary, i, there) for there in ordinary.patches if i in there} - {i}
        rule = f"{numbered(rulers)} rule{'s' if len(rulers) == 1 else ''} all of its hours"
        reason = rule if rulers else "no date is one of its days"
        hint = "remove it, or say where the others do not apply"
        yield Finding("shadowed", (i + 1,), f"line {i + 1} never applies: {reason}", hint)


def reserved_twice(governance: Governance) -> Iterator[Finding]:
    """Hours that two lines reserve for different users, so that neither are let in by the other's."""
    found: dict[tuple[int, ...], list[Cell]] = defaultdict(list)
    for there, cells in governance.patches.items():
        closers = {i: user for i in governance.heard(there) if (user := governance.lines[i].scope.user)}
        keys = {user.key for user in closers.values()}
        is_banned = any(governance.lines[i].outcome is Outcome.NO_PARKING for i in governance.heard(there))
        if len(keys) > 1 and not is_banned and all(governance.ruling(there, frozenset({key}))[1] for key in keys):
            found[tuple(closers)] += cells
    for indices, where in found.items():
        users = [user.name for i in indices if (user := governance.lines[i].scope.user)]
        yield Finding(
            "reserved-twice",
            numbers(indices),
            f"{numbered(indices)} reserve {listed(governance.coverage.named(where))} for "
            f"{listed(list(dict.fromkeys(users)))}: who is not all of these may not park",
            "give them the same days and hours if each may park, else take these hours out of one",
        )


def night_windows(governance: Governance) -> Iterator[Finding]:
    """Windows past midnight on part of the week, where reading them until the next morning would change something.

    A card settles the reading itself where all hours in question have a line only if read by calendar days (S3.1).
    """
    lines = governance.lines
    nightly = {i: night for i, line in enumerate(lines) if competes(line) and (night := _night(line.scope))}
    changed = _changes(governance, nightly)
    for i, night in nightly.items():
        alone = _changes(governance, {i: night})
        by_calendar, until_morning = ([governance.ruling(each[way])[0] for each in alone.values()] for way in (0, 1))
        is_settled = None in until_morning and None not in by_calendar
        if changed.keys() & alone.keys() and not is_settled:
            yield _night_finding(i, lines[i].scope, night)


def _uncovered(governance: Governance) -> dict[Cell, tuple[str, ...]]:
    """The cells without a line for everybody, and the users that have one there."""
    without: dict[Cell, tuple[str, ...]] = {}
    for there, cells in governance.patches.items():
        if not governance.heard(there):
            lines = [governance.lines[i] for i in sorted(there) if competes(governance.lines[i])]
            names = tuple(dict.fromkeys(line.scope.user.name for line in lines if line.scope.user))
            without |= dict.fromkeys(cells, names)
    return without


def _rivals(governance: Governance, ruler: int, there: frozenset[int]) -> Iterator[int]:
    """The first lines of the other tariffs there that cross the ruler's and say something else to the same drivers."""
    lines, tariffs = governance.lines, governance.tariffs
    for i in filter(tariffs.__contains__, there):
        if tariffs[i] == tariffs[ruler] or tariffs[i][0] != i or lines[i].outcome in (None, Outcome.NO_PARKING):
            continue
        is_nested = governance.contains(i, ruler) or governance.contains(ruler, i)
        is_obvious = is_nested or _is_special(lines[i].scope) or _is_special(lines[ruler].scope)
        is_same_user = _key(lines[i]) == _key(lines[ruler])
        if is_same_user and not is_obvious and governance.says(tariffs[i]) != governance.says(tariffs[ruler]):
            yield i


def _key(line: Line) -> str | None:
    return line.scope.user.key if line.scope.user else None


def _is_special(scope: Scope) -> bool:
    """Whether a scope names special days or a date, which beat lines that don't (S3.3)."""
    is_date = scope.season is not None and scope.season.first == scope.season.last and scope.season.first.day
    return names_special_days(scope) or bool(is_date)


def _has_effect(governance: Governance, i: int, there: frozenset[int]) -> bool:
    """Whether a line decides anything, for any driver, where these lines are."""
    line = governance.lines[i]
    bans = [j for j in governance.heard(there) if governance.lines[j].outcome is Outcome.NO_PARKING]
    if line.outcome is Outcome.NO_PARKING:
        return all(j in governance.tariffs[i] or _adds_reason(line, governance.lines[j]) for j in bans)
    if bans or (line.scope.user and line.scope.user.only):
        return not bans
    rulings = [governance.ruling(there, holder) for holder in governance.holders if is_theirs(line, holder)]
    return any(not closes and (ruler in governance.tariffs[i] or line.outcome is None) for ruler, closes in rulings)


def _adds_reason(ban: Line, other: Line) -> bool:
    return ban.reason is not None and ban.reason != other.reason


def _overruling(governance: Governance, i: int, there: frozenset[int]) -> int:
    """The line that rules in place of another where these are."""
    line = governance.lines[i]
    holder: Holder = frozenset({line.scope.user.key}) if line.scope.user else NOBODY
    ruler, _ = governance.ruling(there - {i}, holder)
    return i if ruler is None else ruler


def _night(scope: Scope) -> Window | None:
    """The first window past midnight of a scope on part of the week."""
    days = scope.days or Days((DayRange(1, 7),))
    is_part = (days.nth or len(days.weekdays()) < 7) and not names_special_days(scope)
    return next((each for each in scope.hours if is_part and 0 < each.end_min <= each.start_min), None)


def _changes(
    governance: Governance, nightly: dict[int, Window]
) -> dict[tuple[object, ...], tuple[frozenset[int], frozenset[int]]]:
    """Morning cells where lines read until the next morning say something else; the lines there in both readings."""
    coverage = governance.coverage
    nights = coverage.nights if nightly else set()
    effect: Callable[[frozenset[int]], list[object]] = cache(lambda there: _effect(governance, there))
    changes: dict[tuple[object, ...], tuple[frozenset[int], frozenset[int]]] = {}
    for slot in coverage.slots:
        moved = {i for i, night in nightly.items() if _is_morning(governance.lines[i].scope, night, slot)}
        for before, kind in nights if moved else ():
            by_calendar = coverage.there(kind, slot)
            until_morning = (by_calendar - moved) | (coverage.active(before) & moved)
            if effect(by_calendar) != effect(until_morning):
                changes[before, kind, slot] = by_calendar, until_morning
    return changes


def _is_morning(scope: Scope, night: Window, slot: Slot) -> bool:
    """Whether a slot lies in the hours after midnight of a night window, and in no other window of the line."""
    others = [span for window in scope.hours if window is not night for span in window.spans()]
    return slot[1] <= night.end_min and not any(start <= slot[0] < end for start, end in others)


def _effect(governance: Governance, there: frozenset[int]) -> list[object]:
    """What the lines say to each driver, for comparison."""
    effects: list[object] = []
    for holder in governance.holders:
        ruler, closes = governance.ruling(there, holder)
        limits = {governance.lines[i].limits for i in governance.heard(there, holder)}
        effects.append(closes if ruler is None or closes else (governance.says(governance.tariffs[ruler]), limits))
    return effects


def _night_finding(i: int, scope: Scope, night: Window) -> Finding:
    days = scope.days.weekdays() if scope.days else frozenset()
    evening, morning = (hours_named([span], night.clock).strip() for span in reversed(night.spans()))
    if scope.days and scope.days.nth:
        named = format_line(Line(Scope(scope.days), Outcome.FREE)).partition(":")[0]
        means = f"line {i + 1} covers {morning} and {evening} of {named}, not the mornings after"
        return Finding("night-window", (i + 1,), means, "no line can say the mornings after: note it if they are meant")
    shifted = frozenset(day % 7 + 1 for day in days)
    means = (
        f"line {i + 1} covers {morning} and {evening} of each day: {days_named(days - shifted)} {morning} is in it, "
        f"{days_named(shifted - days)} {morning} is not"
    )
    wanted = f"{days_named(days)} ({evening}) and {days_named(shifted)} ({morning})"
    return Finding("night-window", (i + 1,), means, f"if each night until its morning is meant, write {wanted}")
