"""One CurbLR regulation -> rules: activity, priority, users, times, limits, fees (CurbLR 1.0 and 1.1).

Readings, where the specification leaves two: what it calls `no parking`, `no standing`, `no stopping` or `no loading`
forbids parking, and so does `standing` for everybody; `loading` for everybody is reserved for Loading. What is of a
category that the manifest does not list is heard last if everybody may park, else first. What must be paid has a price
nobody knows where no fee is stated, and so has whatever users, activities or fees we do not know; a ban on users we do
not know is one for everybody. Times no card can say (see `regulations`), and limits that cannot be read, make a rule
unclear. Dates with a year are over if they end before the feed was made; others are unclear, since cards know no years.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from onstreet.datasets.curblr_times import time_spans
from onstreet.datasets.feed_values import as_list, objects
from onstreet.datasets.fees import MOST_MIN, MOST_TIERS, is_amount, is_duration, ladder
from onstreet.datasets.regulations import (
    FREE,
    UNKNOWN,
    Charges,
    Effect,
    Problem,
    Rule,
    Told,
    UnclearError,
    When,
    both,
)
from onstreet.datasets.user_classes import Member, for_users
from ratecards.model import Limits
from ratecards.money import minor_digits
from ratecards.words import REASONS

Json = dict[str, Any]

_EFFECTS = {
    "no parking": Effect.FORBIDS, "no standing": Effect.FORBIDS, "no stopping": Effect.FORBIDS,
    "no loading": Effect.FORBIDS, "standing": Effect.PARKS, "loading": Effect.LOADS, "parking": Effect.PARKS,
}  # fmt: skip
_REASONS = {
    "construction zone": "Construction", "snow emergency zone": "Snow Emergency", "tow-away zone": "Tow Away",
    "special event": "Event", "game day": "Event",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feed:
    """What the manifest says of all regulations: categories in their order, when the feed was made, its currency."""

    hierarchy: tuple[str, ...]
    made_on: date | None
    currency: str


def plain(stated: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON with the keys of its objects in lower case and without underscores: feeds spell them in many ways."""
    if isinstance(stated, dict):
        return {str(key).lower().replace("_", ""): plain(value) for key, value in stated.items()}
    return [plain(each) for each in stated] if isinstance(stated, list) else stated


def rules_of(regulation: object, feed: Feed) -> Told:
    """The rules of one regulation, its keys as `plain` has them."""
    told = Told([], [], [])
    try:
        if not (isinstance(regulation, dict) and isinstance(regulation.get("rule"), dict)):
            raise UnclearError("rule", regulation, "a regulation is an object with a rule")
        told.rules += list(_rules(regulation, feed, told.problems))
    except UnclearError as error:
        hint = "the price of this kerb stays unknown"
        told.problems.append(Problem(error.field, error.value, error.reason, hint))
        told.unclear.append(f"{_said(regulation)}, {error.reason}")
    return told


def _said(regulation: object) -> str:
    """What an unclear rule is about, on one line."""
    rule = regulation.get("rule") if isinstance(regulation, dict) else None
    said = str(rule.get("activity", "a rule")) if isinstance(rule, dict) else "a rule"
    return " ".join(said.split())[:40]


def _rules(regulation: Json, feed: Feed, problems: list[Problem]) -> Iterator[Rule]:
    rule = regulation["rule"]
    whens = time_spans(objects(regulation.get("timespans"), "timeSpans"), feed.made_on)
    if not whens:
        problems.append(Problem("effectiveDates", _dates(regulation), "over before the feed was made: left out"))
        return
    activity = " ".join(str(rule.get("activity", "")).lower().replace("_", " ").split())
    members = _members(regulation, problems)
    effect = _effect(activity, members, problems)
    is_open = effect is Effect.PARKS and members is None
    rank = _rank(regulation, is_open, feed, problems)
    if effect is Effect.FORBIDS:
        yield from for_users(Rule(rank, effect, whens, reason=_reason(rule)), members, problems)
        return
    stated = Rule(rank, effect, whens, charges=UNKNOWN, limits=_limits(rule))
    for each in _priced(stated, regulation, feed, problems) if activity in _EFFECTS else [stated]:
        if each.users is not None and members is not None:
            raise UnclearError("rates", regulation.get("payment"), "rates for some of the users it is for")
        yield from for_users(each, members, problems)


def _effect(activity: str, members: list[Member] | None, problems: list[Problem]) -> Effect:
    if activity == "standing" and members is None:
        return Effect.FORBIDS
    if activity in _EFFECTS:
        return _EFFECTS[activity]
    effect = Effect.FORBIDS if activity.startswith("no ") else Effect.PARKS
    reason = "a known activity is " + ", ".join(sorted(_EFFECTS))
    problems.append(Problem("activity", activity, reason, "a ban" if effect is Effect.FORBIDS else "no price"))
    return effect


def _dates(regulation: Json) -> object:
    return [span.get("effectivedates") for span in objects(regulation.get("timespans"), "timeSpans")]


def _rank(regulation: Json, is_open: bool, feed: Feed, problems: list[Problem]) -> int:
    rule = regulation["rule"]
    category = rule.get("prioritycategory")
    number = rule.get("priority", regulation.get("priority"))
    if category is None and not feed.hierarchy:
        is_number = isinstance(number, int) and not isinstance(number, bool)
        if number is not None and not is_number:
            raise UnclearError("priority", number, "a priority is a whole number")
        # The specification's level for everything else.
        return number if isinstance(number, int) else 4
    name = str(category).strip().lower()
    if name in feed.hierarchy:
        return feed.hierarchy.index(name)
    hint = f"heard {'last' if is_open else 'first'}"
    problems.append(Problem("priorityCategory", category, "not in the manifest's priorityHierarchy", hint))
    return len(feed.hierarchy) if is_open else -1


def _reason(rule: Json) -> str | None:
    for field in ("reason", "prioritycategory"):
        said = str(rule.get(field, "")).strip().lower()
        if said in REASONS or said in _REASONS:
            return REASONS.get(said) or _REASONS[said]
    return None


def _limits(rule: Json) -> Limits | None:
    stay, wait = (_minutes(rule.get(key), field) for key, field in (("maxstay", "maxStay"), ("noreturn", "noReturn")))
    return Limits(stay, None, wait) if stay or wait else None


def _minutes(value: Any, field: str) -> int | None:  # noqa: ANN401 - JSON
    if value is None:
        return None
    if not is_duration(value):
        raise UnclearError(field, value, f"a limit is whole minutes from 1 to {MOST_MIN}")
    return int(value)


def _members(stated: Json, problems: list[Problem]) -> list[Member] | None:
    """Class and subclass of each user it is for; None where one of its classes says nothing and means everybody."""
    classes = objects(stated.get("userclasses"), "userClasses")
    if not all(any(value not in (None, [], "") for value in each.values()) for each in classes) or not classes:
        return None
    return [member for each in classes for member in _class_members(each, problems)]


def _class_members(stated: Json, problems: list[Problem]) -> Iterator[Member]:
    classes, subclasses = (
        [str(each) for each in as_list(stated.get(keys[0]) or stated.get(keys[1]) or "")]
        for keys in (("classes", "class"), ("subclasses", "subclass"))
    )
    if any(value for key, value in stated.items() if key not in ("classes", "class", "subclasses", "subclass")):
        problems.append(Problem("userClasses", stated, "cards know no sizes and weights of vehicles"))
        yield None
        return
    yield from ((each, sub) for each in classes for sub in subclasses)


def _priced(rule: Rule, regulation: Json, feed: Feed, problems: list[Problem]) -> Iterator[Rule]:
    """The rule with its fees: one for each rate and its times and users, and what is left without one."""
    stated = regulation["rule"]
    payment = regulation.get("payment") or {}
    if not isinstance(payment, dict):
        problems.append(Problem("payment", payment, "must be an object"))
        payment = {"unread": payment}
    rates = [each for each in objects(payment.get("rates"), "rates") if each.get("fees") or each.get("durations")]
    details = {key: value for key, value in payment.items() if key != "rates" and value}
    must_pay = stated.get("payment") is True or bool(details) or "paid" in str(stated.get("prioritycategory")).lower()
    if not rates:
        yield replace(rule, charges=UNKNOWN if must_pay else FREE)
        return
    for rate in rates:
        whens = _rate_times(rule.whens, rate, feed)
        if whens:
            priced = replace(rule, whens=whens, charges=_ladder(rate, feed, problems))
            yield from for_users(priced, _members(rate, problems), problems)
    if all(rate.get("timespans") or rate.get("userclasses") for rate in rates):
        yield replace(rule, charges=UNKNOWN, is_fallback=True)


def _rate_times(whens: tuple[When, ...], rate: Json, feed: Feed) -> tuple[When, ...]:
    return both(whens, time_spans(objects(rate.get("timespans"), "timeSpans"), feed.made_on) or ())


def _ladder(rate: Json, feed: Feed, problems: list[Problem]) -> Charges:
    """Fees of consecutive periods, the last of which repeats: $1 and $2 of 60 minutes each are $1, $3, $5 ..."""
    fees, durations = (as_list(rate.get(key)) for key in ("fees", "durations"))
    if not fees or len(fees) != len(durations) or len(fees) > MOST_TIERS:
        problems.append(Problem("rates", rate, "as many fees as durations are expected", "price unknown"))
        return UNKNOWN
    digits = minor_digits(feed.currency)
    if not all(is_amount(fee, digits) for fee in fees) or not all(is_duration(each) for each in durations):
        reason = f"fees are amounts of {feed.currency}, durations whole minutes"
        problems.append(Problem("rates", rate, reason, "price unknown"))
        return UNKNOWN
    return ladder(
        [(int(minutes), Decimal(str(fee))) for fee, minutes in zip(fees, durations, strict=True)], feed.currency
    )
