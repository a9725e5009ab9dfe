"""Text -> Card: what each production becomes, and how a line that cannot be read is explained."""

from decimal import Decimal

import pytest

from ratecards import RateCardError, parse, read
from ratecards.model import LAST, DayRange, Days, Line, Outcome, Scope, Term, TermKind, User, Window
from ratecards.money import Money
from ratecards.parser import MAX_LINE_CHARS, MAX_LINES, parse_line

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
        Scope(days((MON, FRI)), hours((8, 18)), User("Zone A Permit", True)), FREE
    ),
    "Disabled Only: Free": Line(Scope(user=User("Disabled", True)), FREE),
    "Bus: Free": Line(Scope(user=User("Bus")), FREE),
    "Each Hour: $1": Line(Scope(), usd("1"), Term(EACH, 60)),
    "Each 15 Min (Mon-Sat; 8:30am-6pm; 2 Hour Max): $0.50": Line(
        Scope(days((MON, SAT)), hours((8.5, 18))), usd("0.50"), Term(EACH, 15), limit_min=120
    ),
    "6.5 Hours: $27": Line(Scope(), usd("27"), Term(TIER, 390)),
    "15 Min (Mon-Sat): Free": Line(Scope(days((MON, SAT))), FREE, Term(TIER, 15)),
    "Each Add'l 30 Min: $2": Line(Scope(), usd("2"), Term(ADDED, 30)),
    "Each 24 Hours: KWD 0.250": Line(Scope(), Money(Decimal("0.250"), "KWD"), Term(EACH, 1440)),
    "2 Hour Parking (Mon-Fri; 8am-6pm)": Line(Scope(days((MON, FRI)), hours((8, 18))), None, limit_min=120),
    "30 Min Parking": Line(Scope(), None, limit_min=30),
}  # fmt: skip


@pytest.mark.parametrize("text", LINES)
def test_line_becomes_value(text):
    assert parse_line(text) == LINES[text]


# The column, then a part of the one-line message.
REJECTED = [
    ("", 1, "cannot read the end of the line, expected No Parking"),
    ("Mon-Sat (9am-6pm: Free", 17, "cannot read ':', expected ';' or ')'"),
    ("Mon: Fre", 6, "did you mean Free?"),
    ("Eech Hour: $1", 1, "did you mean Each?"),
    ("Mon-Sat (25pm-9am): Free", 12, "cannot read 'pm', expected Hour or Min"),
    ("Monthly (Mon): Free", 1, "cannot read 'Monthly'"),
    ("No Parking today", 12, "expected the end of the line"),
    ("Each Hour: $1.5", 12, "$ has 2 decimals"),
    ("Each Hour: ¥1.50", 12, "¥ has 0 decimals"),
    ("Each Hour: $1.234", 12, "$ has 2 decimals"),
    ("Each Hour: $1.50.50", 12, "cannot read '$1.50.50'"),
    ("0 Hours: $1", 1, "whole minutes"),
    ("0.33 Hours: $1", 1, "whole minutes"),
    ("800 Hours: $1", 1, "31 days"),
    ("Mon (9am-10am; 10am-11am): Free", 5, "hours can be stated once in a line"),
    ("2 Hour Parking (3 Hour Max)", 16, "limit can be stated once in a line"),
    ("Each Hour (Mon; Street Cleaning): $1", 35, "a reason takes No Parking"),
    ("Construction: Free", 15, "a reason takes No Parking"),
    ("9am-18:00: Free", 5, "expected a time (9am)"),
    ("Fri Every 6th: Free", 11, "expected Last or an ordinal (2nd)"),
    ("\x00", 1, "cannot read '\\x00'"),
    ("Ｍon: Free", 1, "cannot read"),
    ("Each Hour: $١", 12, "cannot read"),
    ("(" * 60, 1, "cannot read '('"),
]


@pytest.mark.parametrize("text, column, message", REJECTED)
def test_rejected_line_says_where_and_what(text, column, message):
    with pytest.raises(RateCardError) as caught:
        parse_line(text)
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
    card, errors = read(["Mon: Fre", "Sun: Free"])
    assert card.unread == ("Mon: Fre",)
    assert [line.outcome for line in card.lines] == [Outcome.FREE]
    assert len(errors) == 1


def test_long_texts_and_cards_are_refused():
    _, [error] = read(["x" * (MAX_LINE_CHARS + 1)])
    assert f"at most {MAX_LINE_CHARS} characters" in error.message
    card, errors = read(["Sun: Free"] * (MAX_LINES + 2))
    assert (len(card.lines), len(card.unread), len(errors)) == (MAX_LINES, 2, 2)


def test_equal_cards_are_one_object():
    assert parse(["Sun: Free"]) is parse(["Sun: Free"])
