"""Laws of prices and of what else is said of a stay: receipts, curves, outlooks, order, batches (S4.6, S5.5)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conftest import examples
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from law_cases import Case, cases
from test_twin import engine_place

from ratecards import (
    Card,
    cheapest_start,
    cost_curve,
    format_card,
    outlook,
    price,
    price_many,
    price_stays,
    week,
)
from ratecards.model import DAY_MIN, TermKind
from ratecards.precedence import rules_of
from ratecards.steady import steady
from ratecards.visits import Asked, Visit

MANY = settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@MANY
@given(cases())
def test_a_receipt_adds_up_to_the_cost(case: Case) -> None:
    card, entry, stays, twin_place, holder = case
    note("\n".join(format_card(card)))
    for stay_min, quote in zip(stays, price_stays(card, entry, stays, engine_place(twin_place), holder), strict=True):
        items = quote.explanation
        timed = [item for item in items if item.minutes]
        assert sum(item.minutes for item in timed) == stay_min
        assert all(after.start == before.end for before, after in pairwise(timed))
        assert [item.amount is None for item in items] == sorted(item.amount is None for item in items)
        if quote.cost is not None:
            assert sum(item.amount for item in items) == quote.cost == items[-1].total
            assert all(item.amount >= 0 for item in items)
        if quote.refused_by is not None:
            assert items[-1].line is quote.refused_by


@MANY
@given(cases(), st.lists(st.integers(1, 3000), max_size=20))
def test_a_curve_has_every_price_and_each_step_changes_it(case: Case, lengths: list[int]) -> None:
    card, entry, stays, twin_place, holder = case
    note("\n".join(format_card(card)))
    place, longest = engine_place(twin_place), min(max(stays), 4000)
    steps = cost_curve(card, entry, longest, place, holder)
    assert steps[0].stay_min == 1
    assert all(before.quote != after.quote for before, after in pairwise(steps))
    asked = sorted({length for length in (*lengths, *stays, longest) if length <= longest})
    asked += [step.stay_min - 1 for step in steps[1:40]]
    for stay_min, quote in zip(asked, price_stays(card, entry, asked, place, holder), strict=True):
        assert quote == [step.quote for step in steps if step.stay_min <= stay_min][-1]


@MANY
@given(cases())
def test_an_outlook_is_what_the_quotes_say(case: Case) -> None:
    card, entry, _, twin_place, holder = case
    note("\n".join(format_card(card)))
    place = engine_place(twin_place)
    ahead = outlook(card, entry, place, holder)
    first = price(card, entry, 1, place, holder)
    assert (ahead.until is None) == (first.legal is not True)
    assert (ahead.free_until is None) == (first.cost != 0)
    begun = first.explanation[0].start
    if ahead.until:
        legal_min = elapsed_min(begun, ahead.until)
        last, beyond = price_stays(card, entry, [legal_min, legal_min + 1], place, holder)
        assert last.legal
        assert beyond.refused_by == ahead.until_line or legal_min == 14 * 1440
        assert not beyond.legal or legal_min == 14 * 1440
    if ahead.free_until:
        free_min = elapsed_min(begun, ahead.free_until)
        last, beyond = price_stays(card, entry, [free_min, free_min + 1], place, holder)
        assert last.cost == 0
        assert beyond.cost != 0 or free_min == 14 * 1440
    if ahead.becomes_free_at:
        [span] = [
            each
            for each in week(card, ahead.becomes_free_at.date(), place, holder)
            if each.start.timestamp() <= ahead.becomes_free_at.timestamp() < each.end.timestamp()
        ]
        assert span.kind == "free"


def elapsed_min(start: datetime, end: datetime) -> int:
    """Python subtracts datetimes of one zone by the clock on the wall."""
    return round(end.timestamp() - start.timestamp()) // 60


@MANY
@given(cases(), st.integers(0, 90))
def test_the_cheapest_start_is_no_dearer_than_any(case: Case, window_min: int) -> None:
    card, entry, stays, twin_place, holder = case
    note("\n".join(format_card(card)))
    place, stay_min = engine_place(twin_place), min(stays[0], 600)
    begun = price(card, entry, 1, place, holder).explanation[0].start
    every = [begun.astimezone(UTC) + timedelta(minutes=minute) for minute in range(window_min + 1)]
    costs = [price(card, each, stay_min, place, holder).cost for each in every]
    best = cheapest_start(card, stay_min, every[0], every[-1], place, holder)
    known = [cost for cost in costs if cost is not None]
    assert (best is None) == (not known)
    if best:
        assert best[1].cost == min(known)


@MANY
@given(cases(), st.integers(0), st.integers(1, 3 * DAY_MIN))
def test_entries_said_to_be_steady_have_the_same_quotes(case: Case, other: int, longest: int) -> None:
    card, entry, stays, twin_place, holder = case
    note("\n".join(format_card(card)))
    place, stays = engine_place(twin_place), [min(stay_min, longest) for stay_min in stays]
    visit = Visit(Asked(card, entry, place, holder), max(stays))
    start, end = steady(visit, stays)
    assert start <= visit.start < end
    for at in {start, end - 1, start + other % (end - start)}:
        moment = datetime.fromtimestamp(60 * at, UTC)
        assert price_stays(card, moment, stays, place, holder) == price_stays(card, entry, stays, place, holder)


@MANY
@given(st.lists(cases(), min_size=1, max_size=3))
def test_a_batch_is_what_is_priced_one_by_one(several: list[Case]) -> None:
    cards = [case.card for case in several] + [several[0].card]
    entries, place, stays = [case.entry for case in several], engine_place(several[0].place), several[0].stays
    assert price_many(cards, entries, stays, place) == [
        [[price(card, entry, stay_min, place) for stay_min in stays] for entry in entries] for card in cards
    ]


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_lines_matters_only_where_it_is_said_to(case: Case, random) -> None:
    """Lines of one share of the year keep their order (S3.3), and so do statements and what an add-on follows."""
    card, entry, stays, twin_place, holder = case
    kinds = {line.term.kind for line in card.lines if line.term}
    assume(not kinds >= {TermKind.FIRST, TermKind.ADDED})
    note("\n".join(format_card(card)))
    groups: dict[object, list] = {}
    for rule in rules_of(card):
        groups.setdefault("statement" if rule.line.statement else rule.share, []).append(rule.line)
    shuffled = [key for key, lines in groups.items() for _ in lines]
    random.shuffle(shuffled)
    other = Card(tuple(groups[key].pop(0) for key in shuffled), card.unread)
    place = engine_place(twin_place)
    ours, theirs = (price_stays(each, entry, stays, place, holder) for each in (card, other))
    assert [(quote.legal, quote.cost) for quote in ours] == [(quote.legal, quote.cost) for quote in theirs]
