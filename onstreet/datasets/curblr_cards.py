"""A card -> CurbLR regulations that promise no more than it does, and what of it they cannot carry.

Whether they do is not taken on trust: they are read back, and the card that comes out is compared with the first on
every kind of date (`ratecards.comparison`). Where it promises more, it is tried again without any price, so that what
is allowed is still told; where even that would promise more there are no regulations. Nothing is lost without a word:
caps and offers, whose absence makes a stay dearer, a parking disc, and each price that is left unknown are named.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from onstreet.datasets.card_rules import RESERVED, charges_of, rules_of_card
from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.curblr_times import span_of
from onstreet.datasets.fees import periods
from onstreet.datasets.regulation_cards import card_of
from onstreet.datasets.regulations import FREE, UNKNOWN, Effect, Rule, UnclearError
from onstreet.datasets.user_classes import class_of
from ratecards import Card, format_line, read
from ratecards.comparison import Likeness, likeness
from ratecards.model import BilledBy, Line, Outcome, ResetsAt
from ratecards.precedence import Part, part_of
from ratecards.scopes import special_days, times

Json = dict[str, Any]

_OPEN_RANKS = 24
# What stands above overrides what stands below; lines of a card that overlap take different ones.
HIERARCHY = ("no parking", "restricted parking", *(f"parking {number}" for number in range(1, _OPEN_RANKS + 1)))

_LEFT_OUT = "CurbLR has no words for this: left out"
_DEARER = "CurbLR has no caps, offers and free beginnings: left out, so that some stays come out dearer"
_DISC = "CurbLR has no parking discs: their time counts from arrival"
_UNKNOWN = "CurbLR has no such price: it is unknown"
_ALL_UNKNOWN = "CurbLR has no words for this: all prices of the card are unknown"
_STRICTER = "read from CurbLR it forbids more, or leaves prices unknown"
_ABSENT = "CurbLR cannot say this card: the segment is left out"


class Carried(NamedTuple):
    """The regulations of a card, None where it cannot be carried at all, and what is lost: a text and why."""

    regulations: tuple[Json, ...] | None
    losses: tuple[tuple[str, str], ...]


class _UnsayableError(ValueError):
    """Something that CurbLR has no words for."""


@lru_cache(maxsize=65_536)
def regulations_of(lines: tuple[str, ...], currency: str) -> Carried:
    """What CurbLR can say of a card at a place with this currency."""
    card, text = read(lines).card, "; ".join(lines)
    losses = list(_losses(card, currency))
    is_known = not any(reason is _ALL_UNKNOWN for _, reason in losses)
    if not card.is_in(currency):
        card = _without_prices(card)
    for priced_in in (currency, "") if is_known else ("",):
        regulations = _said(card, priced_in)
        found = _compared(regulations, card, currency)
        if regulations is not None and found is not Likeness.UNLIKE:
            if is_known and not priced_in:
                losses = [(text, _ALL_UNKNOWN), *(each for each in losses if each[1] in (_LEFT_OUT, _DISC))]
            if found is Likeness.NO_MORE and all(reason is _LEFT_OUT for _, reason in losses):
                losses.append((text, _STRICTER))
            return Carried(regulations, tuple(losses))
    return Carried(None, ((text, _ABSENT),))


def _without_prices(card: Card) -> Card:
    """What a card says where its amounts are in no money of the place: nothing is priced, free hours neither (S4.5)."""
    lines = (
        replace(line, outcome=Outcome.SEE_METER, term=None)
        if part_of(line) is Part.GOVERNS and line.outcome is not Outcome.NO_PARKING
        else line
        for line in card.lines
    )
    return Card(tuple(lines), card.unread)


def _losses(card: Card, currency: str) -> Iterator[tuple[str, str]]:
    """What of a card no regulation says, line by line."""
    if not card.is_in(currency):
        yield "; ".join(map(format_line, card.lines)), _ALL_UNKNOWN
    tariffs: dict[tuple[object, ...], list[Line]] = {}
    for line in card.lines:
        reason = _why_not_said(line)
        if reason:
            yield format_line(line), reason
        elif part_of(line) is Part.GOVERNS and line.outcome is not Outcome.NO_PARKING:
            tariffs.setdefault((times(line.scope), line.scope.user and line.scope.user.key), []).append(line)
        if line.limits and line.limits.disc_min and part_of(line) is Part.GOVERNS:
            yield format_line(line), _DISC
    for group in tariffs.values():
        if charges_of(group, currency) == UNKNOWN and group[0].outcome is not Outcome.SEE_METER:
            yield "; ".join(map(format_line, group)), _UNKNOWN


def _why_not_said(line: Line) -> str | None:
    part = part_of(line)
    if part in (Part.FEE, Part.UNWEIGHED) or isinstance(line.statement, BilledBy | ResetsAt):
        return _ALL_UNKNOWN
    if part is Part.FIRST:
        return _DEARER if line.outcome is Outcome.FREE else _ALL_UNKNOWN
    if part is Part.OFFER:
        return _ALL_UNKNOWN if special_days([line.scope]) else _DEARER
    return {Part.CAP: _DEARER, Part.KEPT: _LEFT_OUT}.get(part)


def _said(card: Card, currency: str) -> tuple[Json, ...] | None:
    """The rules of a card as regulations, without prices if there is no currency; None where words fail."""
    if card.unread:
        return None
    try:
        return tuple(_regulation(rule, currency) for rule in rules_of_card(card, currency))
    except (UnclearError, _UnsayableError):
        return None


def _compared(regulations: tuple[Json, ...] | None, card: Card, currency: str) -> Likeness:
    """How the card that is read from regulations stands to the first one."""
    if not regulations:
        return Likeness.UNLIKE
    told = [rules_of(plain(each), Feed(HIERARCHY, None, currency)) for each in regulations]
    rules = tuple(dict.fromkeys(rule for each in told for rule in each.rules))
    unclear = tuple(sentence for each in told for sentence in each.unclear)
    return likeness(read(card_of(rules, unclear)).card, card)


def _regulation(rule: Rule, currency: str) -> Json:
    if rule.rank >= len(HIERARCHY):
        raise _UnsayableError
    stated: Json = {"rule": _rule(rule)}
    if rule.users and not _is_loading(rule):
        stated["userClasses"] = list(map(_user_class, rule.users))
    spans = list(map(span_of, rule.whens))
    if all(spans):
        stated["timeSpans"] = spans
    steps = periods(rule.charges, currency) if rule.charges not in (FREE, UNKNOWN) else None
    if steps and rule.effect is not Effect.FORBIDS:
        fees, durations = [_number(fee) for _, fee in steps], [minutes for minutes, _ in steps]
        stated["payment"] = {"rates": [{"fees": fees, "durations": durations}]}
    return stated


def _rule(rule: Rule) -> Json:
    forbids = rule.effect is Effect.FORBIDS
    activity = "no parking" if forbids else "loading" if _is_loading(rule) else "parking"
    stated: Json = {"activity": activity, "priorityCategory": HIERARCHY[rule.rank]}
    if rule.reason:
        stated["reason"] = rule.reason.lower()
    if rule.limits and rule.limits.stay_min:
        stated["maxStay"] = rule.limits.stay_min
    if rule.limits and rule.limits.no_return_min:
        stated["noReturn"] = rule.limits.no_return_min
    if not forbids and rule.charges != FREE:
        stated["payment"] = True
    return stated


def _is_loading(rule: Rule) -> bool:
    """Time that is reserved for loading is what the standard calls so; beside others those who load are users."""
    return rule.users == ("Loading",) and rule.rank == RESERVED


def _user_class(name: str) -> Json:
    found = class_of(name)
    if found is None:
        raise _UnsayableError
    return {"classes": [found[0]], **({"subclasses": [found[1]]} if found[1] else {})}


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
