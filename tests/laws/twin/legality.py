"""Whether a stay may be made (S5.1)."""

from collections.abc import Iterator

from twin.rules import Rule, TariffKey
from twin.visit import Clock, Visit

# What kind of limit, how long, and for which times and users.
LimitKey = tuple[str, int, TariffKey]
Clocks = dict[LimitKey, Clock]


def refusal(visit: Visit, stay_min: int) -> tuple[int, Rule | None]:
    """The first minute of a stay that is surely forbidden, or its end, and the line that forbids it."""
    clocks: Clocks = {}
    before: set[LimitKey] = set()
    disc_start = disc_started(visit)
    for minute in range(stay_min):
        governor = visit.governor(minute)
        if governor and visit.closes(governor):
            return minute, governor
        limits = limits_at(visit, governor, minute)
        now = {key for rule in limits for key in limit_keys(rule)}
        for clock in [clocks.setdefault(key, Clock(0, minute)) for key in now]:
            if visit.restarts(clock.last, minute):
                clock.count = 0
        meet(clocks, before, now)
        discs = {clocks[key] for key in now if key[0] == "disc"}
        for clock in {clocks[key] for key in now}:
            clock.count += clock not in discs or minute >= disc_start
            clock.last = minute
        for rule in limits:
            if any(clocks[key].count > key[1] for key in limit_keys(rule)):
                return minute, rule
        before = now
    return stay_min, None


def disc_started(visit: Visit) -> int:
    """The minute of the stay a parking disc is set to: the arrival rounded up to the next half hour."""
    return next(minute for minute in range(2 * 60) if visit.wall(minute)[1] % 30 == 0)


def limit_keys(rule: Rule) -> Iterator[LimitKey]:
    """The limits a line states, each with the tariff it is for."""
    limits = rule.line.limits
    if limits and limits.stay_min:
        yield "stay", limits.stay_min, rule.key
    if limits and limits.disc_min:
        yield "disc", limits.disc_min, rule.key


def limits_at(visit: Visit, governor: Rule | None, minute: int) -> list[Rule]:
    """The lines whose limit binds: all that cover the minute, only users' where a users' line governs (S3.6)."""
    theirs = governor is not None and governor.user is not None
    covering = (rule for rule in visit.covering(minute) if rule.mine and any(limit_keys(rule)))
    return [rule for rule in covering if rule.user or not theirs]


def meet(clocks: Clocks, before: set[LimitKey], now: set[LimitKey]) -> None:
    """Give tariffs with the same limit one clock where one follows the other, or both bind at once."""
    for key in now:
        for other in before | now:
            kept, gone = clocks[other], clocks[key]
            if other[:2] == key[:2] and kept is not gone:
                kept.count += gone.count
                clocks.update({each: kept for each, clock in clocks.items() if clock is gone})
