"""Structured rates that a feed supplies, read as prices and held against those of the card (S1.1, S6.1).

They are read the plain way: `rate` buys `increment` minutes, again and again where it `repeats`, within the days and
hours of the object. Our own structured rates reproduce the published oddities, so they too may disagree with a card.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ratecards.calendars import Place
from ratecards.coverage import WEEK, Cell, Coverage, Kind
from ratecards.findings import Finding, listed, numbers
from ratecards.formatter import duration
from ratecards.governance import Governance
from ratecards.linting_hours import overlaps
from ratecards.model import DAY_MIN, LAST, Card, DayRange, Days, Limits, Line, Outcome, Scope, Term, TermKind, Window
from ratecards.money import Money
from ratecards.pricing import Quote, price
from ratecards.scopes import Reach, day_spans, times
from ratecards.structured import MONTH_MIN, structured_rates
from ratecards.timeline import Span, compile_card

Supplied = Mapping[str, Any]

_TIME_IN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_MULTIPLES = 12
_EPOCH = datetime(1970, 1, 1)


def disagreements(card: Card, supplied: Sequence[Supplied]) -> Iterator[Finding]:
    """Supplied rates that nobody can read, that the card has not, that it has and they lack, or that price otherwise.

    Prices are compared for drivers without a permit, on stays for which one window of the supplied rates has a price
    from arrival to leaving; not where the card has seasons or offers, of which structured rates cannot speak.
    """
    read: dict[int, Line] = {}
    unread: set[int] = set()
    for number, rate in enumerate(supplied, 1):
        try:
            line = _line(card, rate)
        except ValueError as fault:
            unread.add(number)
            hint = "the feed's answer is not in the published shape"
            yield Finding("structured-unread", (), f"supplied rate {number} cannot be read: {fault}", hint)
        else:
            read |= {number: line} if line else {}
    yield from _missing_and_extra(card, supplied, unread)
    is_spoken_of = all(line.scope.season is None and line.conditions is None for line in card.lines)
    if is_spoken_of and not card.unread:
        order = sorted(read, key=lambda number: _place(supplied, number))
        yield from _priced_otherwise(card, {number: read[number] for number in order})


def _missing_and_extra(card: Card, supplied: Sequence[Supplied], unread: set[int]) -> Iterator[Finding]:
    rest = [(number, rate) for number, rate in enumerate(supplied, 1) if number not in unread]
    for ours in structured_rates(card):
        found = next((each for each in rest if each[1] == ours), None)
        if found:
            rest.remove(found)
            continue
        stated_by = [i for i, line in enumerate(card.lines) if ours in structured_rates(Card((line,)))][:1]
        text = f"the supplied rates lack {json.dumps(ours)}"
        yield Finding(
            "structured-missing", numbers(stated_by), text, "the card says it: the feed's rates are incomplete"
        )
    for number, rate in () if card.unread else rest:
        text = f"supplied rate {number} is said by no line: {json.dumps(rate, default=str)}"
        yield Finding(
            "structured-extra", (), text, "the feed's rates go beyond its card, or a line of the card is lost"
        )


def _priced_otherwise(card: Card, read: dict[int, Line]) -> Iterator[Finding]:
    theirs = Card(tuple(read.values()))
    coverage = Coverage([line.scope for line in (*card.lines, *theirs.lines)])
    # Which of two crossing lines rules is our decision (S3.3), so a price in their hours proves nothing.
    doubtful = {card.lines[number - 1] for finding in overlaps(Governance(card)) for number in finding.line_numbers}
    found: dict[tuple[str, tuple[str, ...]], list[Cell]] = defaultdict(list)
    stated_by: dict[tuple[str, tuple[str, ...]], set[int]] = defaultdict(set)
    for day, kinds in _alike(coverage, (card, theirs)).items():
        for span in compile_card(theirs).day(day):
            ours = _ruling(card, day, span.start)
            ruling = _lines(span)
            if not ruling or doubtful.intersection(ours) or not _is_alone(theirs, day, span.start, span.end):
                continue
            if differences := tuple(_differences(card, theirs, day, span)):
                key = _rates_named([number for number, line in read.items() if line in ruling]), differences
                slots = [slot for slot in coverage.slots if span.start <= slot[0] < span.end]
                found[key] += [Cell(kind, slot) for kind in kinds for slot in slots]
                stated_by[key] |= {i for i, line in enumerate(card.lines) if line in ours}
    for key, cells in found.items():
        rates_named, differences = key
        hours = listed(coverage.named(cells))
        text = f"{rates_named} from the card on {hours}: {', '.join(differences)}"
        hint = "prices are taken from the card; ask the feed's owner which of the two is right"
        yield Finding("structured-disagrees", numbers(stated_by[key]), text, hint)


def _alike(coverage: Coverage, cards: tuple[Card, Card]) -> dict[int, list[Kind]]:
    """A date for all kinds of date on which the cards say the same, that day and the next."""
    found: dict[object, tuple[int, list[Kind]]] = {}
    for kind, day in coverage.kinds.items():
        said = tuple(compile_card(card).day(each) for card in cards for each in (day, day + 1))
        found.setdefault(said, (day, []))[1].append(kind)
    return dict(found.values())


def _is_alone(theirs: Card, day: int, start: int, end: int) -> bool:
    """Whether only one tariff of the supplied rates has a price there: which of two rules, they do not say."""
    priced = [line for line in theirs.lines if line.outcome not in (None, Outcome.NO_PARKING)]
    there = [line.scope for line in priced if Reach.of(line.scope).on(day, None).covered]
    return len({times(scope) for scope in there if any(a < end and start < b for a, b in day_spans(scope))}) <= 1


def _differences(card: Card, theirs: Card, day: int, span: Span) -> Iterator[str]:
    """Stays from the start of a span that the supplied rates price otherwise than the card, and both amounts."""
    units = [line.outcome.unit for line in card.lines if isinstance(line.outcome, Money)] or ["$"]
    place = Place("UTC", next((unit for unit in units if len(unit) == 3), units[0]))
    entry = _EPOCH + timedelta(days=day, minutes=span.start)
    tomorrow = compile_card(theirs).day(day + 1)[0]
    is_same = (span.state.tariff, span.state.closed_by) == (tomorrow.state.tariff, tomorrow.state.closed_by)
    goes_on = is_same and span.end == DAY_MIN and _is_alone(theirs, day + 1, 0, tomorrow.end)
    reach_min = span.end - span.start + (tomorrow.end if goes_on else 0)
    for stay_min in _durations([*_ruling(card, day, span.start), *_lines(span)], reach_min):
        ours, supplied = (price(each, entry, stay_min, place) for each in (card, theirs))
        if ours.refused_by and ours.refused_by.scope.user:
            return
        said = [_told(quote, units[0]) for quote in (supplied, ours)]
        if None not in said and said[0] != said[1]:
            yield f"{duration(stay_min)} {said[0]} (card: {said[1]})"


def _lines(span: Span) -> tuple[Line, ...]:
    if span.state.closed_by:
        return (span.state.closed_by.line,)
    return span.state.tariff.lines if span.state.tariff else ()


def _ruling(card: Card, day: int, minute: int) -> tuple[Line, ...]:
    return next(_lines(span) for span in compile_card(card).day(day) if span.start <= minute < span.end)


def _durations(lines: Sequence[Line], reach_min: int) -> list[int]:
    """Increments and limits of the lines and multiples of them, and the longest stay."""
    steps = {step for line in lines for step in (line.term and line.term.minutes, line.limit_min) if step}
    return sorted({reach_min} | {n * step for step in steps for n in range(1, _MULTIPLES + 1) if n * step < reach_min})


def _told(quote: Quote, unit: str) -> str | None:
    if quote.legal is False:
        return "no parking"
    return None if quote.cost is None else str(Money(quote.cost.normalize() + 0, unit))


def _rates_named(rates: Sequence[int]) -> str:
    if len(rates) == 1:
        return f"supplied rate {rates[0]} differs"
    return f"supplied rates {listed([str(number) for number in sorted(rates)])} differ"


def _place(supplied: Sequence[Supplied], number: int) -> tuple[int, bool]:
    """Where an object stands: an add-on behind the tier at whose end it begins, anything else where it is."""
    begins_min = supplied[number - 1].get("additional")
    ends = [
        (other, rate) for other, rate in enumerate(supplied, 1) if isinstance(rate, Mapping) and "increment" in rate
    ]
    tiers = [other for other, rate in ends if rate["increment"] == begins_min and not rate.get("repeats")]
    return (tiers or [number])[0], begins_min is not None


def _line(card: Card, rate: Supplied) -> Line | None:
    """The line a supplied object amounts to; None where its price is not for every driver or every stay.

    Raises ValueError saying what is wrong with it.
    """
    if not isinstance(rate, Mapping):
        raise ValueError("it is no object")
    amount = rate.get("rate")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not (amount == -1 or 0 <= amount < 10**9):
        raise ValueError(f"its rate is {amount!r}")
    increment, longest, additional = (_minutes(rate, name) for name in ("increment", "max", "additional"))
    scope = Scope(_days(rate), _hours(rate))
    if rate.get("restriction") or rate.get("time_out") or increment == MONTH_MIN:
        return None
    if amount == -1:
        return Line(scope, Outcome.NO_PARKING)
    limits = Limits(longest) if longest and not additional else None
    # Two shapes have two meanings: a free window with a limit, and 1440 minutes. The card knows which it is.
    twin = next((line for line in card.lines if rate in structured_rates(Card((line,)))), None)
    if twin and twin.outcome is None:
        return Line(scope, limits=limits)
    unit = next((line.outcome.unit for line in card.lines if isinstance(line.outcome, Money)), "$")
    outcome = Money(Decimal(str(amount)).normalize() + 0, unit) if amount else Outcome.FREE
    term = _term(rate, increment, additional)
    is_flat = term == Term(TermKind.EACH, DAY_MIN) and (twin is None or twin.term is None)
    return Line(scope, outcome, None if is_flat else term, limits=limits)


def _term(rate: Supplied, increment: int | None, additional: int | None) -> Term | None:
    repeats = bool(rate.get("repeats"))
    if additional and not increment:
        raise ValueError("it has additional without increment")
    if additional:
        return Term(TermKind.ADDED, increment or 0) if repeats else Term(TermKind.NTH_HOUR, additional + 60)
    if increment:
        is_free = rate["rate"] == 0 and repeats
        return None if is_free else Term(TermKind.EACH if repeats else TermKind.TIER, increment)
    return None if rate["rate"] == 0 or "time_in" in rate else Term(TermKind.TIER, DAY_MIN)


def _minutes(rate: Supplied, name: str) -> int | None:
    minutes = rate.get(name)
    if minutes is None or (isinstance(minutes, int) and not isinstance(minutes, bool) and 0 < minutes <= MONTH_MIN):
        return minutes
    raise ValueError(f"its {name} is {minutes!r}")


def _days(rate: Supplied) -> Days | None:
    first, last, nth = rate.get("dow_start"), rate.get("dow_end"), rate.get("alternates") or []
    if not isinstance(nth, list) or not all(each in (1, 2, 3, 4, 5, LAST) for each in nth):
        raise ValueError(f"its alternates are {nth!r}")
    if first is None and last is None and not nth:
        return None
    if first not in WEEK or last not in WEEK:
        raise ValueError(f"its days are {first!r} to {last!r}")
    return Days((DayRange(first, last),), tuple(nth))


def _hours(rate: Supplied) -> tuple[Window, ...]:
    if "time_in" not in rate:
        return ()
    match = _TIME_IN.fullmatch(str(rate["time_in"]))
    if not match:
        raise ValueError(f"its time_in is {rate['time_in']!r}")
    start, end = (60 * int(match[i]) + int(match[i + 1]) for i in (1, 3))
    return (Window(start, end, 24),)
