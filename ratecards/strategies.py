"""Hypothesis strategies that generate any card of the language, for those who test what reads, prints or prices cards.

    >>> from hypothesis import given
    >>> from ratecards import strategies
    >>> @given(strategies.cards())
    ... def test_my_engine(card): ...

Needs hypothesis, which the package itself does not.
"""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ratecards import words
from ratecards.hints import nearest_user
from ratecards.model import (
    DAY_MIN,
    LAST,
    MONTH_DAYS,
    BilledBy,
    Card,
    Conditions,
    DayRange,
    Days,
    Limits,
    Line,
    Note,
    Outcome,
    ResetsAt,
    Scope,
    Season,
    SpecialDay,
    Term,
    TermKind,
    Time,
    User,
    Window,
    YearDay,
)
from ratecards.money import UNITS, Money, MoneyRange, minor_digits

MAX_MIN = 31 * DAY_MIN
_PRICED_ONLY = (
    TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX, TermKind.MIN, TermKind.PLUS, TermKind.MONTHLY,
)  # fmt: skip
_LONG = (TermKind.EACH, TermKind.TIER, TermKind.ADDED, TermKind.FIRST, TermKind.PERIOD_MAX)

_minutes = st.sampled_from([15, 30, 60, 90, 120, 240, 540, DAY_MIN]) | st.integers(1, MAX_MIN)
_of_day = st.integers(0, 95).map(lambda quarter: quarter * 15) | st.integers(0, DAY_MIN - 1)
_clocks = st.sampled_from([12, 24])
_times = st.builds(Time, _of_day, _clocks)


def money() -> SearchStrategy[Money]:
    """An amount in any sign or currency, with all of its decimals or none."""
    whole = st.integers(0, 10**6) | st.integers(0, 20)
    return st.builds(_amount, whole, st.sampled_from(UNITS), st.integers(0, 999))


def _amount(whole: int, unit: str, fraction: int) -> Money:
    digits = minor_digits(unit)
    return Money(Decimal(whole) + Decimal(fraction % 10**digits).scaleb(-digits), unit)


def _money_range(low: Money, more: int) -> MoneyRange:
    return MoneyRange(low, Money(low.amount + more, low.unit))


def windows() -> SearchStrategy[Window]:
    """Hours of a day in either clock, over midnight too."""
    return st.builds(Window, _of_day, _of_day, _clocks)


def seasons() -> SearchStrategy[Season]:
    """A part of the year by months or days, over the year's end too."""
    months = st.builds(YearDay, st.integers(1, 12), st.none())
    dates = st.integers(1, 12).flatmap(lambda m: st.builds(YearDay, st.just(m), st.integers(1, MONTH_DAYS[m - 1])))
    return st.builds(Season, months | dates, months | dates)


def users() -> SearchStrategy[User]:
    """A user of the closed list, or a named permit or label."""
    name = st.lists(st.from_regex(r"[A-Z][A-Za-z0-9]{0,7}", fullmatch=True), min_size=1, max_size=3).map(" ".join)
    named = st.builds("{} {}".format, name, st.sampled_from(["Permit", "Label"]))
    named = named.map(words.user).filter(lambda each: not (nearest_user(each) or words.why_no_name(each)))
    return st.builds(User, st.sampled_from(sorted(words.USERS.values())) | named, st.booleans())


def days() -> SearchStrategy[Days]:
    """Weekdays, special days, occurrences in the month, exceptions."""
    weekdays = st.builds(DayRange, st.integers(1, 7), st.integers(1, 7))
    special = st.sampled_from(SpecialDay)
    exceptions = st.lists(special, max_size=2).map(tuple)
    nth = st.lists(st.sampled_from([1, 2, 3, 4, 5, LAST]), max_size=3).map(tuple)
    lists = st.lists(weekdays | special, min_size=1, max_size=4).map(tuple)
    return st.builds(Days, lists, exceptions=exceptions) | st.builds(Days, st.tuples(weekdays), nth, exceptions)


def scopes() -> SearchStrategy[Scope]:
    """When and for whom a line holds."""
    hours = st.lists(windows(), max_size=3).map(tuple)
    return st.builds(Scope, st.none() | days(), hours, st.none() | seasons(), st.none() | users())


def limits() -> SearchStrategy[Limits]:
    """At least one bound on a stay."""
    bound = st.none() | _minutes
    return st.builds(Limits, bound, bound, bound).filter(lambda each: each != Limits())


def conditions() -> SearchStrategy[Conditions]:
    """At least one condition of an offer."""
    stated = st.builds(Conditions, st.none() | _times, st.none() | windows(), st.none() | _times, st.booleans())
    return stated.filter(lambda each: each != Conditions() and not (each.in_after and each.in_window))


def terms() -> SearchStrategy[Term]:
    """Anything a price can be for."""
    short = [kind for kind in TermKind if kind not in (*_LONG, TermKind.NTH_HOUR)]
    return (
        st.builds(Term, st.sampled_from(_LONG), _minutes)
        | st.builds(Term, st.just(TermKind.NTH_HOUR), st.integers(1, 99).map(lambda nth: 60 * nth))
        | st.builds(Term, st.sampled_from(short))
    )


def statements() -> SearchStrategy[Line]:
    """A line about all prices of its card: billing, reset, note."""
    letters = st.characters(exclude_categories=["C", "Zl", "Zp"])
    said = st.text(letters, min_size=1, max_size=60).map(lambda text: " ".join(text.split()))
    said = said.filter(lambda text: text and text.isprintable())
    notes = st.builds(Note, said | st.just(words.SUPERSEDE))
    billing = st.builds(BilledBy, st.integers(1, MAX_MIN))
    stated = notes | billing | st.builds(ResetsAt, _times)
    return st.builds(Line, statement=stated)


@st.composite
def lines(draw: DrawFn) -> Line:
    """Any line of the language."""
    if draw(st.integers(0, 9)) == 0:
        return draw(statements())
    kind = draw(st.sampled_from(["rule", "rule", "term", "term", "limit"]))
    term = draw(terms()) if kind == "term" else None
    reason = draw(st.none() | st.sampled_from(sorted(words.REASONS.values()))) if kind == "rule" else None
    if term and term.kind not in _PRICED_ONLY and draw(st.integers(0, 9)) == 0:
        reason = words.EVENT
    outcome = None if kind == "limit" else draw(_outcomes(term, reason))
    stated = draw(limits()) if kind == "limit" else draw(st.none() | limits())
    return Line(draw(scopes()), outcome, term, draw(st.none() | conditions()), stated, reason)


def _outcomes(term: Term | None, reason: str | None) -> SearchStrategy[Money | MoneyRange | Outcome]:
    event_rates = st.builds(_money_range, money(), st.integers(1, 100)) | money()
    if term:
        if reason:
            return event_rates
        return money() if term.kind in _PRICED_ONLY else money() | st.just(Outcome.FREE)
    if reason:
        banned = st.just(Outcome.NO_PARKING)
        return banned | event_rates if reason == words.EVENT else banned
    return money() | st.sampled_from(Outcome)


def cards(max_lines: int = 6) -> SearchStrategy[Card]:
    """Any card of the language, empty ones too."""
    return st.lists(lines(), max_size=max_lines).map(lambda each: Card(tuple(each)))
