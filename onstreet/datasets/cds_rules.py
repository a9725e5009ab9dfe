"""One CDS policy -> rules: activity, priority, users, time spans, limits, rates (Curb Data Specification 1.0 and 1.1).

Readings, where the specification leaves two: whoever a rule is for matches all of its user classes. `travel` and what
begins with `no` forbid parking, except `no travel`, which says nothing about it; `loading` and `unloading` are reserved
for Loading, `stopping` for Passenger Loading. A rate without an increment is charged for each unit begun, never less
than what is paid. A night belongs to the day it starts on. Times with dates are over if they end before the feed
was made, in force if they began before it and do not end, else unclear.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from onstreet.datasets.feed_values import objects
from onstreet.datasets.fees import MOST_MIN, MOST_TIERS, ladder
from onstreet.datasets.regulations import (
    ALWAYS,
    FREE,
    UNKNOWN,
    WEEK,
    Charges,
    Effect,
    Problem,
    Rule,
    Told,
    UnclearError,
    When,
    YearDays,
    special_day,
    start_anchored,
    weeks_of,
    window,
    year_days,
)
from onstreet.datasets.user_classes import Member, for_users
from ratecards.model import MONTH_DAYS, Limits
from ratecards.money import minor_digits
from ratecards.words import WEEKDAYS

Json = dict[str, Any]

_EFFECTS = {
    "parking": Effect.PARKS, "loading": Effect.LOADS, "unloading": Effect.LOADS, "stopping": Effect.PARKS,
    "no parking": Effect.FORBIDS, "no loading": Effect.FORBIDS, "no unloading": Effect.FORBIDS,
    "no stopping": Effect.FORBIDS, "travel": Effect.FORBIDS,
}  # fmt: skip
_UNIT_MIN = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080}
_WEEKDAYS = {name.lower(): number for number, name in enumerate(WEEKDAYS, 1)}
_CLAUSES = {
    "start_date", "end_date", "days_of_week", "days_of_month", "months", "time_of_day_start", "time_of_day_end",
    "designated_period", "designated_period_except",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """What an answer of the API says of all of it: when it was made, in milliseconds since 1970, and its currency."""

    made_at: float | None
    currency: str


def rules_of(policy: object, served: Served) -> Told:
    """The rules of one policy."""
    told = Told([], [], [])
    try:
        if not isinstance(policy, dict):
            raise UnclearError("policies", policy, "a policy is an object")
        told.rules += list(_rules(policy, served, told.problems))
    except UnclearError as error:
        told.problems.append(Problem(error.field, error.value, error.reason, "the price of this kerb stays unknown"))
        told.unclear.append(f"a policy, {error.reason}")
    return told


def is_over(stated: Json, made_at: float | None) -> bool:
    """Whether something with an `end_date` ended before the answer was made; raises UnclearError for no timestamp."""
    end = _timestamp(stated, "end_date")
    return end is not None and made_at is not None and end <= made_at


def _rules(policy: Json, served: Served, problems: list[Problem]) -> Iterator[Rule]:
    priority = policy.get("priority")
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise UnclearError("priority", priority, "a priority is a whole number")
    if policy.get("data_source_operator_id"):
        reason = "for the vehicles of some operators alone"
        raise UnclearError("data_source_operator_id", policy["data_source_operator_id"], reason)
    spans = objects(policy.get("time_spans"), "time_spans")
    whens = tuple(when for span in spans for when in _span(span, served)) if spans else ALWAYS
    if not whens:
        problems.append(Problem("time_spans", spans, "over before the answer was made: left out"))
        return
    stated = objects(policy.get("rules"), "rules")
    if not stated:
        raise UnclearError("rules", policy.get("rules"), "a policy has rules")
    for each in stated:
        yield from _rule(each, Rule(priority, Effect.PARKS, whens), served, problems)


def _rule(stated: Json, rule: Rule, served: Served, problems: list[Problem]) -> Iterator[Rule]:
    activity = " ".join(str(stated.get("activity", "")).lower().replace("_", " ").split())
    if activity == "no travel":
        return
    effect = _EFFECTS.get(activity)
    members = _members(stated)
    if effect is None:
        effect = Effect.FORBIDS if activity.startswith("no ") else Effect.PARKS
        hint = "taken as a ban" if effect is Effect.FORBIDS else "no price"
        problems.append(Problem("activity", activity, f"known are {', '.join(sorted(_EFFECTS))}", hint))
        charges: Charges = UNKNOWN
    elif effect is Effect.FORBIDS:
        charges = FREE
    else:
        charges = _charges(stated, served, problems)
    limits = None if effect is Effect.FORBIDS else _limits(stated)
    rule = replace(rule, effect=effect, charges=charges, limits=limits)
    if activity == "stopping" and members is None:
        yield replace(rule, users=("Passenger Loading",))
    else:
        yield from for_users(rule, members, problems)


def _members(stated: Json) -> list[Member] | None:
    classes = stated.get("user_classes")
    if not classes:
        return None
    if not (isinstance(classes, list) and all(isinstance(each, str) for each in classes)):
        raise UnclearError("user_classes", classes, "must be a list of texts")
    return [(" ".join(dict.fromkeys(classes)), "")]


def _limits(stated: Json) -> Limits | None:
    stay, wait = (_minutes(stated, key) for key in ("max_stay", "no_return"))
    return Limits(stay, None, wait) if stay or wait else None


def _minutes(stated: Json, key: str) -> int | None:
    value, unit = stated.get(key), stated.get(f"{key}_unit", "minute")
    if value is None or (value == 0 and key == "no_return"):
        return None
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or unit not in _UNIT_MIN or not 0 < value * _UNIT_MIN[unit] <= MOST_MIN:
        raise UnclearError(key, f"{value} {unit}", f"a limit is 1 to {MOST_MIN} minutes, in {', '.join(_UNIT_MIN)}s")
    return int(value) * _UNIT_MIN[unit]


def _charges(stated: Json, served: Served, problems: list[Problem]) -> Charges:
    rates = objects(stated.get("rate"), "rate")
    if not rates:
        return FREE
    try:
        stages = sorted((_stage(each, served) for each in rates), key=lambda stage: stage[0])
        return ladder(list(_steps(stages, stated.get("max_stay") is not None)), served.currency)
    except UnclearError as error:
        problems.append(Problem(error.field, error.value, error.reason, "price unknown"))
        return UNKNOWN


def _stage(rate: Json, served: Served) -> tuple[int, int | None, int, Decimal]:
    """From which minute of the stay to which a rate holds, what it is charged for, in minutes, and how much."""
    unit = _UNIT_MIN.get(str(rate.get("rate_unit")))
    amount, count = rate.get("rate"), rate.get("increment_duration") or 1
    start, end = rate.get("start_duration") or 0, rate.get("end_duration")
    numbers = (amount, count, start, 0 if end is None else end)
    if unit is None or not all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in numbers):
        raise UnclearError("rate", rate, f"a rate is a whole number per {', '.join(_UNIT_MIN)}")
    if rate.get("rate_unit_period", "rolling") != "rolling":
        raise UnclearError("rate_unit_period", rate["rate_unit_period"], "only rolling units")
    price = int(amount or 0) * int(count)
    step = rate.get("increment_amount")
    if step and (not isinstance(step, int) or price % step):
        raise UnclearError("increment_amount", step, "not a part of the price of an increment")
    cents = Decimal(price).scaleb(-minor_digits(served.currency))
    if unit * count > MOST_MIN:
        raise UnclearError("increment_duration", count, "longer than a month")
    return start * unit, None if end is None else end * unit, unit * count, cents


def _steps(stages: list[tuple[int, int | None, int, Decimal]], is_limited: bool) -> Iterator[tuple[int, Decimal]]:
    """The consecutive periods of a ladder, the last of which repeats; raises UnclearError for gaps and overlaps."""
    at_min, count = 0, 0
    for number, (start, end, step, amount) in enumerate(stages, 1):
        is_last = number == len(stages)
        if start != at_min or (end is None and not is_last) or (end is not None and is_last and not is_limited):
            raise UnclearError("rate", f"from {start} to {end} minutes", "rates must follow one another to the end")
        if is_last:
            yield step, amount
            return
        steps, rest = divmod((end or 0) - start, step)
        count += steps
        if rest or steps < 1 or count >= MOST_TIERS:
            raise UnclearError("rate", f"{step} minutes up to {end}", "its increments do not fit its time")
        yield from [(step, amount)] * steps
        at_min = end or 0


def _span(span: Json, served: Served) -> Iterator[When]:
    for key, value in span.items():
        if key not in _CLAUSES and value:
            raise UnclearError("time_spans", key, "a clause that is not in the specification")
    if is_over(span, served.made_at):
        return
    start, end = _timestamp(span, "start_date"), _timestamp(span, "end_date")
    if end is not None or (start is not None and (served.made_at is None or start > served.made_at)):
        dates = [datetime.fromtimestamp(each / 1000, UTC).date() if each else None for each in (start, end)]
        raise UnclearError("start_date", f"{dates[0]} to {dates[1]}", "only for some time")
    day = _day(span)
    first, last = span.get("time_of_day_start"), span.get("time_of_day_end")
    if first is None and last is None:
        yield day
    else:
        yield from start_anchored(day, [window(first or "00:00", last or "24:00")])


def _day(span: Json) -> When:
    named = _list_of(span, "days_of_week", str)
    unknown = [each for each in named if each.lower() not in _WEEKDAYS]
    if unknown:
        raise UnclearError("days_of_week", unknown, f"known are {', '.join(_WEEKDAYS)}")
    weekdays = frozenset(_WEEKDAYS[each.lower()] for each in named) or WEEK
    nth = weeks_of(_list_of(span, "days_of_month", int)) if span.get("days_of_month") else frozenset()
    if not span.get("designated_period"):
        return When(weekdays, nth=nth, dates=_months(span))
    word = special_day(span["designated_period"])
    if span.get("designated_period_except"):
        return When(weekdays, nth=nth, dates=_months(span), excepts=frozenset({word}))
    return When(weekdays, nth=nth, dates=_months(span), only=word)


def _months(span: Json) -> YearDays | None:
    months = _list_of(span, "months", int)
    if not all(1 <= month <= 12 for month in months):
        raise UnclearError("months", months, "a month is 1 to 12")
    days = [year_days((month, 1), (month, MONTH_DAYS[month - 1])) for month in months]
    return frozenset().union(*days) if days else None


def _list_of(span: Json, key: str, kind: type) -> list[Any]:
    found = span.get(key) or []
    if not (isinstance(found, list) and all(type(each) is kind for each in found)):
        raise UnclearError(key, found, f"must be a list of {kind.__name__}")
    return found


def _timestamp(stated: Json, key: str) -> float | None:
    value = stated.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**14:
        raise UnclearError(key, value, "a timestamp is milliseconds since 1970")
    return value
