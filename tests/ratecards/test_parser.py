"""Text -> Card: what each production becomes, and how a line that cannot be read is explained."""

from decimal import Decimal

import pytest

from ratecards import RateCardError, parse, read
from ratecards.model import (
    LAST,
    BilledBy,
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
from ratecards.money import Money, MoneyRange
from ratecards.parser import MAX_LINE_CHARS, MAX_LINES

FREE, NO_PARKING = Outcome.FREE, Outcome.NO_PARKING
MON, TUE, WED, THU, FRI, SAT, SUN = range(1, 8)


def days(*ranges: tuple[int, int], nth: tuple[int, ...] = ()) -> Days:
    return Days(tuple(DayRange(*each) for each in ranges), nth)


def hours(*windows: tuple[int, int], clock: int = 12) -> tuple[Window, ...]:
    return tuple(Window(round(start * 60), round(end * 60), clock) for start, end in windows)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "$")


EACH, TIER, ADDED = TermKind.EACH, TermKind.TIER, TermKind.ADDED
LINES = {
    "No Parking": Line(Scope(), NO_PARKING),
    "See Meter": Line(Scope(), Outcome.SEE_METER),
    "Bus Stop: No Parking": Line(Scope(), NO_PARKING, reason="Bus Stop"),
    "Sun: Free": Line(Scope(days((SUN, SUN))), FREE),
    "Mon-Sat (6pm-9am): Free": Line(Scope(days((MON, SAT)), hours((18, 9))), FREE),
    "2am-7am: Free": Line(Scope(hours=hours((2, 7))), FREE),
    "12am-12pm: Free": Line(Scope(hours=hours((0, 12))), FREE),
    "Thu-Tue (09:30-18:00): €2": Line(
        Scope(days((THU, TUE)), hours((9.5, 18), clock=24)), Money(Decimal(2), "€")
    ),
    "Mon | Wed-Sat: EUR 2.50": Line(Scope(days((MON, MON), (WED, SAT))), Money(Decimal("2.50"), "EUR")),
    "Wed (7am-9am; Street Cleaning): No Parking": Line(
        Scope(days((WED, WED)), hours((7, 9))), NO_PARKING, reason="Street Cleaning"
    ),
    "Tue Every 2nd & 4th (8am-10am): No Parking": Line(
        Scope(days((TUE, TUE), nth=(2, 4)), hours((8, 10))), NO_PARKING
    ),
    "Fri Every Last: Free": Line(Scope(days((FRI, FRI), nth=(LAST,))), FREE),
    "Mon-Fri (7am-9am & 4pm-6:30pm; Tow Away): No Parking": Line(
        Scope(days((MON, FRI)), hours((7, 9), (16, 18.5))), NO_PARKING, reason="Tow Away"
    ),
    "Mon-Fri (8am-6pm; Zone A Permit Only): Free": Line(
        Scope(days((MON, FRI)), hours((8, 18)), user=User("Zone A Permit", True)), FREE
    ),
    "Disabled Only: Free": Line(Scope(user=User("Disabled", True)), FREE),
    "Bus: Free": Line(Scope(user=User("Bus")), FREE),
    "Each Hour: $1": Line(Scope(), usd("1"), Term(EACH, 60)),
    "Each 15 Min (Mon-Sat; 8:30am-6pm; 2 Hour Max): $0.50": Line(
        Scope(days((MON, SAT)), hours((8.5, 18))), usd("0.50"), Term(EACH, 15), limits=Limits(120)
    ),
    "6.5 Hours: $27": Line(Scope(), usd("27"), Term(TIER, 390)),
    "15 Min (Mon-Sat): Free": Line(Scope(days((MON, SAT))), FREE, Term(TIER, 15)),
    "Each Add'l 30 Min: $2": Line(Scope(), usd("2"), Term(ADDED, 30)),
    "Each 24 Hours: KWD 0.250": Line(Scope(), Money(Decimal("0.250"), "KWD"), Term(EACH, 1440)),
    "Each Add'l Hour (Nov 15-Mar 31): 20 kr": Line(
        Scope(season=Season(YearDay(11, 15), YearDay(3, 31))), Money(Decimal(20), "kr"), Term(ADDED, 60)
    ),
    "Sun | Holidays: Free": Line(Scope(Days((DayRange(SUN, SUN), SpecialDay.HOLIDAYS))), FREE),
    "Mon-Fri Except Holidays & School Days (Aug): Free": Line(
        Scope(
            Days((DayRange(MON, FRI),), exceptions=(SpecialDay.HOLIDAYS, SpecialDay.SCHOOL_DAYS)),
            season=Season(YearDay(8), YearDay(8)),
        ),
        FREE,
    ),
    "3rd Hour: $3": Line(Scope(), usd("3"), Term(TermKind.NTH_HOUR, 180)),
    "First 15 Min: Free": Line(Scope(), FREE, Term(TermKind.FIRST, 15)),
    "Each Day: €50": Line(Scope(), Money(Decimal(50), "€"), Term(TermKind.EACH_DAY)),
    "Daily Max (Sat): $6": Line(Scope(days((SAT, SAT))), usd("6"), Term(TermKind.DAILY_MAX)),
    "4 Hour Max: $10": Line(Scope(), usd("10"), Term(TermKind.PERIOD_MAX, 240)),
    "Min: $1": Line(Scope(), usd("1"), Term(TermKind.MIN)),
    "Plus: $2": Line(Scope(), usd("2"), Term(TermKind.PLUS)),
    "Monthly: $160": Line(Scope(), usd("160"), Term(TermKind.MONTHLY)),
    "Max (With Validation): $12": Line(
        Scope(), usd("12"), Term(TermKind.MAX), conditions=Conditions(validated=True)
    ),
    "Early Bird (In 5am-9am; Out By 6pm): $15": Line(
        Scope(), usd("15"), Term(TermKind.EARLY_BIRD), Conditions(None, Window(300, 540, 12), Time(1080, 12))
    ),
    "Evening (In After 17:00): $3": Line(
        Scope(), usd("3"), Term(TermKind.EVENING), Conditions(in_after=Time(1020, 24))
    ),
    "Event: $20-$40": Line(Scope(), MoneyRange(usd("20"), usd("40")), reason="Event"),
    "1 Hour Disc (Mon; No Return 2 Hours)": Line(
        Scope(days((MON, MON))), limits=Limits(disc_min=60, no_return_min=120)
    ),
    "Billed By 5 Minutes": Line(statement=BilledBy(5)),
    "Rates Reset At 4am": Line(statement=ResetsAt(Time(240, 12))),
    "Note: pay the man: he is in the hut": Line(statement=Note("pay the man: he is in the hut")),
    "Event Rates Supersede Other Rates": Line(statement=Note("Event Rates Supersede Other Rates")),
    "2 Hour Parking (Mon-Fri; 8am-6pm)": Line(Scope(days((MON, FRI)), hours((8, 18))), None, limits=Limits(120)),
    "30 Min Parking": Line(Scope(), None, limits=Limits(30)),
}  # fmt: skip


@pytest.mark.parametrize("text", LINES)
def test_line_becomes_value(text):
    assert parse([text], strict=True).lines == (LINES[text],)


# The column, then a part of the one-line message.
REJECTED = [
    ("", 1, "cannot read the end of the line, expected No Parking"),
    ("Mon-Sat (9am-6pm: Free", 17, "cannot read ':', expected ';' or ')'"),
    ("Mon: Fre", 6, "did you mean Free?"),
    ("Eech Hour: $1", 1, "did you mean Each?"),
    ("Thrusday: Free", 1, "did you mean Thu?"),
    ("Mon-Sat (25pm-9am): Free", 10, "cannot read '25pm' (times are 1am to 12pm, or 00:00 to 23:59)"),
    ("Wed (8am-10am; Street Cleening): No Parking", 16, "did you mean Street Cleaning?"),
    ("Mon (Residental Permit Only): Free", 6, "did you mean Residential Permit?"),
    ("Monthly: Free", 10, "cannot read 'Free', expected a price"),
    ("No Parking today", 12, "expected '(' or the end of the line"),
    ("Each Hour: $1.5", 12, "$ has 2 decimals"),
    ("Each Hour: ¥1.50", 12, "¥ has no decimals"),
    ("Each Hour: $1.234", 12, "$ has 2 decimals"),
    ("Each Hour: $1,000", 12, "thousands without a mark"),
    ("Each Hour: $1.50.50", 12, "cannot read '$1.50.50'"),
    ("Each Hour: XYZ 3", 12, "XYZ is no currency"),
    ("0 Hours: $1", 1, "whole minutes"),
    ("0.33 Hours: $1", 1, "whole minutes"),
    ("800 Hours: $1", 1, "31 days"),
    ("Mon (9am-10am; 10am-11am): Free", 5, "hours can be stated once in a line"),
    ("2 Hour Parking (3 Hour Max)", 16, "the limit can be stated once in a line"),
    ("Mon (2 Hours): Free", 5, "a duration in parentheses is a limit: 2 Hour Max"),
    ("Each Hour (Mon; Street Cleaning): $1", 35, "a reason takes No Parking"),
    ("Construction: Free", 15, "a reason takes No Parking"),
    ("Event: Free", 8, "an event takes No Parking or its price"),
    ("Mon: $2-$3", 6, "only an event is priced from one amount to another"),
    ("9am-18:00: Free", 1, "one clock for both"),
    ("Fri Every 6th: Free", 11, "a weekday at most 5 times"),
    ("Mon (Feb 30): Free", 10, "Feb has days 1 to 29"),
    ("Note:", 1, "a note says something"),
    ("\x00", 1, "cannot read '\\x00'"),
    ("Ｍon: Free", 1, "cannot read"),
    ("Each Hour: $١", 12, "cannot read"),
    ("(" * 60, 1, "cannot read '('"),
]


@pytest.mark.parametrize("text, column, message", REJECTED)
def test_rejected_line_says_where_and_what(text, column, message):
    with pytest.raises(RateCardError) as caught:
        parse([text])
    assert caught.value.column == column
    assert message in caught.value.message


def test_error_draws_under_the_fault():
    with pytest.raises(RateCardError) as caught:
        parse(["Sun: Free", "Mon (9am-10am; 10am-11am): Free"])
    assert str(caught.value).splitlines()[1:] == [
        "    Mon (9am-10am; 10am-11am): Free",
        "        ~~~~~~~~~~~~~~~~~~~~^",
    ]


def test_one_bad_line_does_not_hide_another():
    with pytest.raises(RateCardError) as caught:
        parse(["Mon: Fre", "Sun: Free", "Each Hour: $1.5"])
    assert [error.source for error in caught.value.errors] == ["Mon: Fre", "Each Hour: $1.5"]


def test_an_unreadable_line_is_kept_and_never_becomes_free():
    card, errors, _ = read(["Mon: Fre", "Sun: Free"])
    assert card.unread == ("Mon: Fre",)
    assert [line.outcome for line in card.lines] == [Outcome.FREE]
    assert len(errors) == 1


def test_long_texts_and_cards_are_refused():
    _, [error], _ = read(["x" * (MAX_LINE_CHARS + 1)])
    assert f"at most {MAX_LINE_CHARS} characters" in error.message
    card, errors, _ = read(["Sun: Free"] * (MAX_LINES + 2))
    assert (len(card.lines), len(card.unread), len(errors)) == (MAX_LINES, 2, 2)


def test_equal_cards_are_one_object():
    assert parse(["Sun: Free"]) is parse(["Sun: Free"])


# A text, and what is said of it.
NOTICES = [
    (
        "mon-sat (9AM-6pm): free",
        ["1: read 'mon-sat' as 'Mon-Sat'", "11: read 'AM' as 'am'", "20: read 'free' as 'Free'"],
    ),
    ("Mon to Fri: Free", ["4: read ' to ' as '-'"]),
    ("Each Hour (M, W, F): $1", ["12: read 'M, W, F' as 'Mon | Wed | Fri'"]),
    ("Mon-Fri (24 Hours): Free", ["8: left out ' (24 Hours)'"]),
    ("$1/hr", ["1: added 'Each Hour: '", "3: left out '/hr'"]),
    ("Each  Hour: $1", ["5: read blanks anew"]),
    # The same words in another order are one notice.
    ("No Parking (Wed; 7am-9am)", ["1: read 'No Parking (Wed; 7am-9am)' as 'Wed (7am-9am): No Parking'"]),
    ("Each Hour: 2 EUR", ["1: read 'Each Hour: 2 EUR' as 'Each Hour: EUR 2'"]),
]


@pytest.mark.parametrize("text, said", NOTICES)
def test_notices_say_what_was_read_as_what(text, said):
    assert [notice.message for notice in read([text]).notices] == [f"column {each}" for each in said]


def test_strict_mode_says_what_to_write():
    with pytest.raises(RateCardError) as caught:
        parse(["mon: free"], strict=True)
    assert [error.message for error in caught.value.errors] == [
        "column 1: cannot read 'mon' (write 'Mon')",
        "column 6: cannot read 'free' (write 'Free')",
    ]
