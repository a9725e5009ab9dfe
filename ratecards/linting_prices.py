"""Findings about prices and limits: tiers no stay reaches or pays, caps below what they cap, limits that never bind."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from ratecards.findings import Finding, numbered, numbers, said
from ratecards.formatter import duration
from ratecards.governance import NOBODY, Governance, competes
from ratecards.ladders import LADDER_TERMS, Ladder, Price, ladder_of
from ratecards.model import DAY_MIN, BilledBy, Line, Outcome, ResetsAt, Scope, Term, TermKind
from ratecards.money import Money
from ratecards.precedence import CAPS
from ratecards.scopes import day_spans

_BOUNDS = (*CAPS, TermKind.MIN, TermKind.PLUS, TermKind.FIRST)


def tiers(governance: Governance) -> Iterator[Finding]:
    """Tiers that cost less than a shorter one, and steps of a ladder that no stay comes to."""
    for tariff in dict.fromkeys(governance.tariffs.values()):
        yield from _falling(governance, tariff)
        yield from _unreachable(governance, tariff)
        yield from _undercut(governance, tariff)
        yield from _add_ons(governance, tariff)


def bounds(governance: Governance) -> Iterator[Finding]:
    """Caps below the first price they cap or below a minimum beside them, and bounds where nothing is charged."""
    for i, line in enumerate(governance.lines):
        if line.kind in _BOUNDS and not line.conditions:
            yield from _cap_below_step(governance, i)
            yield from _max_below_min(governance, i)
            yield from _idle(governance, i)


def limits(governance: Governance) -> Iterator[Finding]:
    """Limits on a stay that never refuse one: their hours are over sooner, or a stricter limit holds in all of them."""
    for i, line in enumerate(governance.lines):
        if not competes(line) or line.limit_min is None or line.outcome is Outcome.NO_PARKING:
            continue
        sharing = [each for each in governance.lines if competes(each) and each.limit_min == line.limit_min]
        hours = _longest_day(governance, [each.scope for each in sharing])
        if hours is not None and line.limit_min > hours:
            yield Finding(
                "limit-beyond-hours",
                (i + 1,),
                f"line {i + 1} allows {duration(line.limit_min)}, but its hours are over after {duration(hours)} a day",
                "leave the limit out or shorten it",
            )
        for stricter_min, j in _bare_limits(governance, i)[:1]:
            if stricter_min < line.limit_min:
                yield Finding(
                    "unreachable-limit",
                    numbers([i, j]),
                    f"line {i + 1} allows {duration(line.limit_min)}, but line {j + 1} ends every stay there after "
                    f"{duration(stricter_min)}",
                    f"a limit binds in all of its own days and hours: take those of line {i + 1} out of them",
                )


def follows_min(governance: Governance, i: int) -> int | None:
    """Minutes of the tier that an add-on goes on from: the one before it in its tariff (S4.2)."""
    before = [governance.lines[j].term for j in governance.tariffs.get(i, ()) if j < i]
    ends = [term.minutes for term in before if term and term.kind in (TermKind.TIER, TermKind.NTH_HOUR)]
    return ends[-1] if ends else None


def _of_kind(governance: Governance, tariff: Iterable[int], kind: TermKind) -> list[tuple[int, int]]:
    """Minutes and index of a tariff's lines of one kind, the earlier of two with the same minutes, rising."""
    found: dict[int, int] = {}
    for i in tariff:
        term = governance.lines[i].term
        if term and term.kind is kind:
            found.setdefault(term.minutes, i)
    return sorted(found.items())


def _amount(line: Line) -> Fraction:
    return Fraction(line.outcome.amount) if isinstance(line.outcome, Money) else Fraction(0)


def _falling(governance: Governance, tariff: tuple[int, ...]) -> Iterator[Finding]:
    dearest: int | None = None
    for _, i in _of_kind(governance, tariff, TermKind.TIER):
        if dearest is not None and _amount(governance.lines[i]) < _amount(governance.lines[dearest]):
            yield Finding(
                "falling-tier",
                numbers([dearest, i]),
                f"a longer stay costs less: line {dearest + 1} says {said(governance.lines[dearest])}, "
                f"line {i + 1} says {said(governance.lines[i])}",
                "the price never falls as the stay grows, so the higher one is charged for both",
            )
        else:
            dearest = i


def _unreachable(governance: Governance, tariff: tuple[int, ...]) -> Iterator[Finding]:
    ends = _ends_of_stays(governance, tariff)
    for i, from_min in _steps(governance, tariff):
        for longest_min, reason in ends[:1]:
            if from_min >= longest_min:
                yield Finding(
                    "unreachable-tier",
                    (i + 1,),
                    f"line {i + 1} ({said(governance.lines[i])}) is never charged: it begins after "
                    f"{duration(from_min)}, and {reason}",
                    "remove it, or let stays be longer",
                )


def _undercut(governance: Governance, tariff: tuple[int, ...]) -> Iterator[Finding]:
    """Tiers that an add-on behind the tier before them never comes up to, so that its sum is charged instead (S4.2)."""
    add_ons = {follows_min(governance, i): i for i in reversed(tariff) if governance.lines[i].kind is TermKind.ADDED}
    highest = Fraction(0)
    for (minutes, i), (longer_min, longer) in pairwise(_of_kind(governance, tariff, TermKind.TIER)):
        highest = max(highest, _amount(governance.lines[i]))
        added = add_ons.get(minutes)
        if added is None:
            continue
        units = -((minutes - longer_min) // (governance.lines[added].term or Term(TermKind.ADDED, 1)).minutes)
        comes_to = _amount(governance.lines[i]) + units * _amount(governance.lines[added])
        if max(highest, comes_to) < _amount(governance.lines[longer]):
            yield Finding(
                "unreachable-tier",
                numbers([added, longer]),
                f"line {longer + 1} ({said(governance.lines[longer])}) is never charged: "
                f"line {i + 1} with line {added + 1} costs less",
                "check the amounts: the sum of a tier and its add-ons is charged until it exceeds the next tier",
            )


def _steps(governance: Governance, tariff: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Each line of a ladder, and the minute of the clock after which it is charged (S4.2)."""
    ladder = _of_kind(governance, tariff, TermKind.TIER)
    yield from zip((i for _, i in ladder), (0, *(minutes for minutes, _ in ladder)), strict=False)
    yield from ((i, minutes - 60) for minutes, i in _of_kind(governance, tariff, TermKind.NTH_HOUR))
    yield from ((i, follows_min(governance, i) or 0) for i in tariff if governance.lines[i].kind is TermKind.ADDED)
    priced = [minutes for minutes, i in ladder if _amount(governance.lines[i])] or [minutes for minutes, _ in ladder]
    yield from ((i, max(priced, default=0)) for _, i in _of_kind(governance, tariff, TermKind.EACH)[:1])


def _ends_of_stays(governance: Governance, tariff: tuple[int, ...]) -> list[tuple[int, str]]:
    """What ends every stay on a tariff, the earliest first: minutes, and the reason in words."""
    own = [(limit_min, i) for i in tariff if (limit_min := governance.lines[i].limit_min) is not None]
    ends = [
        (limit_min, f"line {j + 1} ends every stay after {duration(limit_min)}")
        for limit_min, j in (*own, *_bare_limits(governance, tariff[0]))
    ]
    hours = _longest_day(governance, [governance.lines[tariff[0]].scope])
    if hours is not None:
        ends.append((hours, f"its hours are over after {duration(hours)} a day"))
    return sorted(ends)


def _bare_limits(governance: Governance, i: int) -> list[tuple[int, int]]:
    """Minutes and index of lines that are but a limit and cover all hours of another and more, strictest first."""
    found = [
        (line.limit_min, j)
        for j, line in enumerate(governance.lines)
        if competes(line) and line.outcome is None and line.limit_min is not None and not line.scope.user
        and governance.contains(j, i) and not governance.contains(i, j)
    ]  # fmt: skip
    return sorted(found)


def _longest_day(governance: Governance, scopes: list[Scope]) -> int | None:
    """The minutes a clock of these scopes can count before it starts anew; None where it may run on (S4.1)."""
    covered = {minute for scope in scopes for span in day_spans(scope) for minute in range(*span)}
    statements = [line.statement for line in governance.lines if isinstance(line.statement, ResetsAt)]
    reset = statements[0].time.minute if statements else 0
    return None if {reset, (reset - 1) % DAY_MIN} <= covered else len(covered)


def _add_ons(governance: Governance, tariff: tuple[int, ...]) -> Iterator[Finding]:
    ladder = _of_kind(governance, tariff, TermKind.TIER)
    last_min = max(
        (minutes for minutes, i in ladder if _amount(governance.lines[i])), default=ladder[-1][0] if ladder else 0
    )
    for i in tariff:
        line = governance.lines[i]
        if line.kind is not TermKind.ADDED:
            continue
        after_min = follows_min(governance, i)
        if after_min is None and not any(each.kind is TermKind.FIRST for each in governance.lines[:i]):
            yield Finding(
                "addl-without-tier",
                (i + 1,),
                f"line {i + 1} ({said(line)}) follows no tier of the same days and hours, so its price is unknown",
                "put it behind the tier that it goes on from",
            )
        for _, each in _of_kind(governance, tariff, TermKind.EACH)[:1]:
            if after_min == last_min:
                yield Finding(
                    "addl-beside-each",
                    numbers([i, each]),
                    f"{numbered([i, each])} both say what follows {duration(last_min)}: the price is unknown",
                    "keep one of them",
                )


def _in_force(governance: Governance, i: int, there: frozenset[int]) -> bool:
    """Whether a bound holds where these lines are: it covers them, and no scoped one of its kind replaces it (S4.2)."""
    line = governance.lines[i]
    others = [governance.lines[j] for j in there if j != i and governance.lines[j].term == line.term]
    return i in there and (line.scope != Scope() or all(each.scope == Scope() for each in others))


def _rulers(governance: Governance, i: int) -> set[int | None]:
    """The lines that rule where a bound is in force, for the drivers it is for; None where none does."""
    user = governance.lines[i].scope.user
    holder = frozenset({user.key}) if user else NOBODY
    rulings = [governance.ruling(there, holder) for there in governance.patches if _in_force(governance, i, there)]
    return {ruler for ruler, closes in rulings if not closes}


def _first_price(governance: Governance, ruler: int) -> Price | None:
    """What the shortest stay on the ruler's tariff that costs anything pays; None where that is unknown."""
    lines = [governance.lines[i] for i in governance.tariffs[ruler]]
    ladder = _ladder(governance, governance.tariffs[ruler])
    step = ladder.first_price if ladder else None
    others = [_amount(line) for line in lines if line.kind is TermKind.EACH_DAY]
    return min((price for price in (step, *others) if price), default=None)


def _ladder(governance: Governance, tariff: tuple[int, ...]) -> Ladder | None:
    lines = [governance.lines[i] for i in tariff]
    on_ladder = [line for line in lines if line.outcome and line.kind in (None, *LADDER_TERMS)]
    return ladder_of(on_ladder) if on_ladder else None


def _cap_below_step(governance: Governance, i: int) -> Iterator[Finding]:
    cap = governance.lines[i]
    is_by_units = not any(isinstance(line.statement, BilledBy) for line in governance.lines)
    if cap.kind not in CAPS or not is_by_units:
        return
    tariffs = {governance.tariffs[ruler] for ruler in _rulers(governance, i) if ruler is not None}
    for tariff in sorted(tariffs):
        priced = [j for j in tariff if _amount(governance.lines[j]) and _unit(governance.lines[j]) == _unit(cap)]
        first = _first_price(governance, tariff[0])
        if priced and first and first > _amount(cap):
            yield Finding(
                "cap-below-step",
                numbers([i, *priced]),
                f"line {i + 1} ({said(cap)}) is below the first price of {numbered(priced)} "
                f"({said(governance.lines[priced[0]])}), so every stay pays the cap",
                "check the two amounts",
            )


def _max_below_min(governance: Governance, i: int) -> Iterator[Finding]:
    cap = governance.lines[i]
    for j, least in enumerate(governance.lines if cap.kind in CAPS else ()):
        is_pair = least.kind is TermKind.MIN and not least.conditions and _unit(cap) == _unit(least)
        if is_pair and _amount(cap) < _amount(least) and any(
            _in_force(governance, i, there) and _in_force(governance, j, there) for there in governance.patches
        ):  # fmt: skip
            yield Finding(
                "max-below-min",
                numbers([i, j]),
                f"line {i + 1} ({said(cap)}) is below line {j + 1} ({said(least)})",
                "check the two amounts",
            )


def _idle(governance: Governance, i: int) -> Iterator[Finding]:
    """A bound is idle where nothing it covers has a price, known or not, and no offer has one."""
    lines, rulers = governance.lines, _rulers(governance, i)
    is_charged = any(ruler is None or _may_cost(governance, ruler) for ruler in rulers)
    if (
        not is_charged
        and not any(line.conditions for line in lines)
        and any(i in there for there in governance.patches)
    ):
        yield Finding(
            "idle-bound", (i + 1,), f"line {i + 1} ({said(lines[i])}) covers no hour that is charged", "remove it"
        )


def _may_cost(governance: Governance, ruler: int) -> bool:
    lines = [governance.lines[j] for j in governance.tariffs[ruler]]
    return any(_amount(line) or line.outcome is Outcome.SEE_METER for line in lines)


def _unit(line: Line) -> str | None:
    return line.outcome.unit if isinstance(line.outcome, Money) else None
