"""Cards of few lines that get in each other's way, with every construct of the language, for the laws of prices."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ratecards import Card, Line, parse
from ratecards.model import (
    LAST,
    BilledBy,
    Conditions,
    DayRange,
    Days,
    Limits,
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
from ratecards.money import Money

HOLIDAYS, SCHOOL_DAYS, EVENT_DAYS = SpecialDay
WEEKDAYS = [(1, 5), (1, 7), (6, 7), (1, 1), (4, 2), (2, 7)]
DAYS = [
    None,
    *(Days((DayRange(*each),)) for each in WEEKDAYS),
    Days((DayRange(1, 2), DayRange(4, 6))),
    *(Days((DayRange(1, 7),), nth) for nth in ((1, 3), (2, 4), (5,), (LAST,), (5, LAST))),
]
SPECIAL_DAYS = [
    *(Days((word,)) for word in SpecialDay),
    *(Days((DayRange(1, 5),), exceptions=(word,)) for word in SpecialDay),
    Days((DayRange(6, 7), HOLIDAYS)),
    Days((DayRange(1, 5), EVENT_DAYS)),
    Days((SCHOOL_DAYS, EVENT_DAYS)),
    Days((DayRange(1, 7),), exceptions=(HOLIDAYS, EVENT_DAYS)),
    Days((DayRange(1, 7),), (1, LAST), (HOLIDAYS,)),
    Days((SCHOOL_DAYS,), exceptions=(HOLIDAYS,)),
    Days((DayRange(1, 5), HOLIDAYS), exceptions=(EVENT_DAYS,)),
]
SEASONS = [
    None,
    None,
    None,
    Season(YearDay(11, 15), YearDay(3, 31)),
    Season(YearDay(3), YearDay(10, 24)),
    Season(YearDay(10, 4), YearDay(4, 4)),
    Season(YearDay(4, 1), YearDay(3, 31)),
    Season(YearDay(2), YearDay(2)),
    Season(YearDay(12, 31), YearDay(1, 1)),
]
USERS = [None] * 6 + [User(name, only) for name in ("Residential Permit", "Disabled") for only in (True, False)]
LENGTHS = st.sampled_from([60, 30, 120, 15, 90, 20, 45, 7, 240, 1, 1440])
AMOUNTS = st.sampled_from("1 2 3 0.50 5 0 0.07 1.99 0.33 10".split()).map(lambda text: Money(Decimal(text), "$"))
PRICES = st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, st.just(Outcome.FREE))
ELSEWHERE = [
    "Each Hour: $1",
    "Mon-Sun: Free",
    "Mon-Sun: $9",
    "1st Hour: $2",
    "Each Day: $4",
    "See Meter",
    "2 Hour Parking",
]
# The terms of a tariff's lines in their order, a number for an nth hour; and what may stand behind them.
TERMS = {
    "unit": [[TermKind.EACH]],
    "day": [[TermKind.EACH_DAY]],
    "ladder": [
        [TermKind.TIER],
        [TermKind.TIER, TermKind.ADDED],
        [TermKind.TIER, TermKind.TIER],
        [TermKind.TIER, TermKind.ADDED, TermKind.TIER],
        [TermKind.EACH],
        [TermKind.ADDED],
    ],
    "hours": [[1], [1, 2], [1, TermKind.ADDED], [1, 2, 3], [1, TermKind.ADDED, 4], [TermKind.TIER, 2], [3, 1, 2]],
}
MORE_TERMS = [TermKind.TIER, TermKind.EACH, TermKind.ADDED, 1, 2, 3]
RESETS = [240, 600, 0, 150, 1410, 30]
STEPS = [1, 5, 15, 60, 7]
OFFERS = [
    None,
    Term(TermKind.EVENING),
    Term(TermKind.EARLY_BIRD),
    Term(TermKind.MAX),
    Term(TermKind.DAILY_MAX),
    *(Term(kind, minutes) for kind in (TermKind.TIER, TermKind.EACH, TermKind.PERIOD_MAX) for minutes in (120, 720)),
    Term(TermKind.TIER, 2880),
]
# Lines of which nothing is known, or nothing is priced.
ODD_LINES = [
    "Monthly (2 Hour Max): $160",
    "Event: $20-$40",
    "Event (Mon-Sun; Residential Permit Only): $20",
    "Max (With Validation): $0.50",
    "Evening: $0.25",
    "No Return 1 Hour (Residential Permit Only)",
    "Note: ask at the kiosk",
    "See Meter (12pm-1pm; Out By 6pm)",
    "Each Day (Sat; In After 5pm): $1",
    "Plus (Tue; In 5pm-6pm): $1",
    "Wed (In After 5pm; Disabled): No Parking",
]


class Pool:
    """What the lines of one card are drawn from: a few scopes and lengths, so that lines overlap, adjoin and repeat."""

    def __init__(self, draw: DrawFn, entry: datetime) -> None:
        of_day = entry.hour * 60 + entry.minute
        soon = st.integers(-12, 48).map(lambda quarter: (of_day + quarter * 15) // 15 * 15 % 1440)
        cuts = st.one_of(st.integers(0, 23).map(lambda hour: hour * 60), soon, soon, st.integers(0, 1439))
        self.of_day = st.sampled_from(draw(st.lists(cuts, min_size=2, max_size=4, unique=True)))
        windows = st.builds(Window, self.of_day, self.of_day, st.just(12))
        self.windows = windows.filter(lambda each: each.start_min != each.end_min)
        hours = st.lists(self.windows, min_size=1, max_size=2) | st.lists(self.windows, max_size=2)
        every = st.none() | st.sampled_from(DAYS) | st.sampled_from(SPECIAL_DAYS)
        days = draw(st.lists(every, min_size=1, max_size=2))
        dates = [entry.date() + timedelta(days=n) for n in range(3)]
        season = st.sampled_from(SEASONS) | st.sampled_from(dates).map(one_day)
        seasons = draw(
            st.lists(st.sampled_from([0, 0, 1]).flatmap([st.none(), season].__getitem__), min_size=1, max_size=2)
        )
        scope = st.builds(Scope, st.sampled_from(days), hours.map(tuple), st.sampled_from(seasons))
        self.scopes = st.sampled_from(draw(st.lists(scope, min_size=1, max_size=4)))
        lengths = draw(st.lists(st.sampled_from([60, 120, 90, 240, 600]), min_size=1, max_size=2))
        stay = st.sampled_from(lengths).map(Limits)
        disc = st.sampled_from(lengths).map(lambda length: Limits(disc_min=length))
        self.bounds = st.one_of(stay, stay, disc, st.builds(Limits, st.sampled_from(lengths), st.sampled_from(lengths)))
        self.limits = st.sampled_from([0] * 9 + [1]).flatmap([st.none(), self.bounds].__getitem__)


def one_day(day: date) -> Season:
    """A season of one date."""
    return Season(YearDay(day.month, day.day), YearDay(day.month, day.day))


def for_users(scope: Scope, user: User | None) -> Scope:
    """A scope with other users."""
    return Scope(scope.days, scope.hours, scope.season, user)


@st.composite
def tariffs(draw: DrawFn, pool: Pool) -> list[Line]:
    """Lines of one scope: a unit, a ladder, hours, a flat price, one for each day, a ban or a limit."""
    scope = for_users(draw(pool.scopes), draw(st.sampled_from(USERS)))
    kind = draw(st.sampled_from("unit unit ladder ladder hours hours flat flat day ban limit".split()))
    if kind == "limit":
        return [Line(scope, limits=draw(pool.bounds))]
    if kind == "ban":
        return [Line(scope, Outcome.NO_PARKING)]
    if kind == "flat":
        return [Line(scope, draw(PRICES), limits=draw(pool.limits))]
    terms = draw(st.sampled_from(TERMS[kind]))
    if kind in ("ladder", "hours"):
        terms = [*terms, *draw(st.lists(st.sampled_from(MORE_TERMS), max_size=2))]
    return [Line(scope, draw(PRICES), draw(term(each)), limits=draw(pool.limits)) for each in terms]


def term(kind: TermKind | int) -> SearchStrategy[Term]:
    """What a price is for, of this kind, or the nth hour."""
    if isinstance(kind, int):
        return st.just(Term(TermKind.NTH_HOUR, 60 * kind))
    if kind in (TermKind.MAX, TermKind.DAILY_MAX, TermKind.MIN, TermKind.PLUS, TermKind.EACH_DAY):
        return st.just(Term(kind))
    return LENGTHS.map(lambda minutes: Term(kind, minutes))


@st.composite
def extras(draw: DrawFn, pool: Pool) -> list[Line]:
    """A cap, a least price, a surcharge, a deduction; for the whole card or within a scope."""
    bounds = [TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX, TermKind.MIN, TermKind.PLUS]
    kind = draw(st.sampled_from([TermKind.FIRST, *bounds]))
    scope = for_users(draw(st.just(Scope()) | pool.scopes), draw(st.sampled_from(USERS)))
    amount = draw(PRICES if kind is TermKind.FIRST else AMOUNTS)
    return [Line(scope, amount, draw(term(kind)), limits=draw(pool.limits))]


@st.composite
def offers(draw: DrawFn, pool: Pool) -> list[Line]:
    """An offer by entry, exit or hours."""
    scope = for_users(draw(st.just(Scope()) | pool.scopes), draw(st.sampled_from(USERS)))
    time = pool.of_day.map(lambda minute: Time(minute, 12))
    entry = draw(st.sampled_from(["in_after", "in_window", "none"]))
    conditions = Conditions(
        draw(time) if entry == "in_after" else None,
        draw(pool.windows) if entry == "in_window" else None,
        draw(time if entry == "none" else st.none() | time),
    )
    named = draw(st.sampled_from(OFFERS))
    is_bare = scope.hours and named and named.kind in (TermKind.EVENING, TermKind.EARLY_BIRD) and draw(st.booleans())
    price = AMOUNTS if named and named.kind in (TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX) else PRICES
    return [Line(scope, draw(price), named, None if is_bare else conditions, draw(pool.limits))]


def statements(pool: Pool) -> SearchStrategy[list[Line]]:
    """How clocks are rounded, when days begin, or a line that is read and not priced."""
    billing = st.sampled_from(STEPS).map(lambda step: Line(statement=BilledBy(step)))
    reset = (st.sampled_from(RESETS) | pool.of_day).map(lambda minute: Line(statement=ResetsAt(Time(minute, 12))))
    odd = st.sampled_from(ODD_LINES).map(lambda text: parse([text]).lines[0])
    return st.one_of(billing, reset, odd).map(lambda line: [line])


@st.composite
def cards(draw: DrawFn, entry: datetime) -> Card:
    """A card of a few tariffs with what adds to them; mostly a last line covers what is left."""
    pool = Pool(draw, entry)
    groups = draw(st.lists(tariffs(pool), min_size=1, max_size=3))
    groups += draw(st.lists(extras(pool), max_size=3))
    groups += draw(st.lists(offers(pool), max_size=draw(st.sampled_from([0, 0, 2]))))
    groups += draw(st.lists(statements(pool), max_size=draw(st.sampled_from([0, 2]))))
    lines = [line for group in draw(st.permutations(groups)) for line in group]
    elsewhere = draw(st.sampled_from([*ELSEWHERE, *ELSEWHERE, None]))
    unread = draw(st.sampled_from([()] * 30 + [("Pakring",)]))
    return Card((*lines, *(parse([elsewhere]).lines if elsewhere else ())), unread)
