"""What governs a minute: calendar days and windows (S3.1), nth weekdays (S3.2), overlap (S3.3), gaps (S3.4)."""

from datetime import date

import pytest

from ratecards import Calendar, Place, parse
from ratecards.scopes import day_spans, share_of_year
from ratecards.timeline import compile_card

EPOCH_DAY = date(1970, 1, 1).toordinal()
# June 2026: Mon 1st, 8th, 15th, 22nd, 29th.
MON, TUE, WED, THU, FRI, SAT, SUN = (f"2026-06-{number:02}" for number in range(8, 15))


def ruled(lines: list[str], day: str, holder: str = "", place: Place | None = None) -> str:
    """The day in a line: `0-9 line 2; 9-18 closed by line 1; 18-24 nothing`, lines counted from 1."""
    card = parse(lines)
    holders = frozenset(filter(None, holder.split(",")))
    spans = compile_card(card, holders).day(date.fromisoformat(day).toordinal() - EPOCH_DAY, place)
    assert [span.start for span in spans] + [1440] == [0] + [span.end for span in spans]

    def words(span):
        if span.state.closed_by:
            return f"closed by line {span.state.closed_by.number + 1}"
        return f"line {card.lines.index(span.state.tariff.lines[0]) + 1}" if span.state.tariff else "nothing"

    return "; ".join(f"{span.start / 60:g}-{span.end / 60:g} {words(span)}" for span in spans)


DAYS = [
    # A window past midnight is the early and the late hours of each of its calendar days (S3.1).
    (["Mon-Sat (6pm-9am): Free"], MON, "0-9 line 1; 9-18 nothing; 18-24 line 1"),
    (["Mon-Sat (6pm-9am): Free"], SUN, "0-24 nothing"),
    (["Wed (9am-7am): Free"], WED, "0-7 line 1; 7-9 nothing; 9-24 line 1"),
    (["Wed (9am-9am): Free"], WED, "0-24 line 1"),
    (["9am-12am: Free"], WED, "0-9 nothing; 9-24 line 1"),
    # Day ranges wrap over the week's end.
    (["Sat-Mon: Free", "Tue-Fri: No Parking"], SUN, "0-24 line 1"),
    (["Sat-Mon: Free", "Tue-Fri: No Parking"], FRI, "0-24 closed by line 2"),
    # Several windows in one line.
    (["Mon-Fri (7am-9am & 4pm-6pm): No Parking", "Mon-Sun: Free"], THU,
     "0-7 line 2; 7-9 closed by line 1; 9-16 line 2; 16-18 closed by line 1; 18-24 line 2"),
    # nth weekdays count in the month; the rest of the month the line is silent (S3.2).
    (["Tue Every 2nd & 4th: No Parking", "Mon-Sun: Free"], "2026-06-09", "0-24 closed by line 1"),
    (["Tue Every 2nd & 4th: No Parking", "Mon-Sun: Free"], "2026-06-16", "0-24 line 2"),
    (["Tue Every Last: No Parking", "Mon-Sun: Free"], "2026-06-30", "0-24 closed by line 1"),
    (["Tue Every Last: No Parking", "Mon-Sun: Free"], "2026-06-23", "0-24 line 2"),
    # Seasons include both ends and may wrap the year.
    (["Mon (Jun 8-Jun 9): No Parking", "Mon-Sun: Free"], MON, "0-24 closed by line 1"),
    (["Mon (Jun 9-Jun 30): No Parking", "Mon-Sun: Free"], MON, "0-24 line 2"),
    (["Mon-Sun (Nov-Mar 1): No Parking", "Mon-Sun: Free"], "2026-03-01", "0-24 closed by line 1"),
    (["Mon-Sun (Nov-Mar 1): No Parking", "Mon-Sun: Free"], "2026-03-02", "0-24 line 2"),
    (["Mon-Sun (Feb): No Parking", "Mon-Sun: Free"], "2028-02-29", "0-24 closed by line 1"),
    (["Each Hour (Mon-Fri): $1", "Each Hour (Mon-Fri; Jun-Aug): $2"], MON, "0-24 line 2"),
    (["Each Hour (Mon-Fri): $1", "Each Hour (Mon-Fri; Jul-Aug): $2"], MON, "0-24 line 1"),
    # No Parking beats everything, narrower lines and earlier ones too (S3.3).
    (["Each Hour (Mon; 9am-10am): $1", "Mon: No Parking"], MON, "0-24 closed by line 2"),
    # The smaller share of the year wins, then the earlier line.
    (["Each Hour (Mon-Fri): $1", "Each Hour (Mon-Fri; 9am-5pm): $2"], MON, "0-9 line 1; 9-17 line 2; 17-24 line 1"),
    (["Each Hour (Mon-Fri; 9am-5pm): $1", "Each Hour (Mon; 8am-4pm): $2"], MON,
     "0-8 nothing; 8-16 line 2; 16-17 line 1; 17-24 nothing"),
    (["Each Hour (Mon-Fri; 9am-5pm): $1", "Each Hour (Mon-Fri; 8am-4pm): $2"], MON,
     "0-8 nothing; 8-9 line 2; 9-17 line 1; 17-24 nothing"),
    # See Meter is a rule like any other; a bare limit is Free only where nothing else is.
    (["See Meter", "Sun: Free"], SUN, "0-24 line 2"),
    (["2 Hour Parking (Mon-Fri; 8am-6pm)", "Mon-Fri (12pm-6pm): Free"], MON,
     "0-8 nothing; 8-12 line 1; 12-18 line 2; 18-24 nothing"),
]  # fmt: skip


@pytest.mark.parametrize("lines, day, expected", DAYS)
def test_day(lines, day, expected):
    assert ruled(lines, day) == expected


PERMIT = "Mon-Fri (8am-6pm; Residential Permit Only): Free"
METER = "Each Hour (Mon-Fri; 8am-6pm): $1"
HOLDERS = [
    # Reserved time is closed to others, and theirs for those it names (S3.3, S5.3).
    ([PERMIT, "Mon-Fri (6pm-8am): Free"], "", "0-8 line 2; 8-18 closed by line 1; 18-24 line 2"),
    ([PERMIT, "Mon-Fri (6pm-8am): Free"], "residential", "0-8 line 2; 8-18 line 1; 18-24 line 2"),
    ([PERMIT], "disabled", "0-8 nothing; 8-18 closed by line 1; 18-24 nothing"),
    # Narrower general lines are closed with it.
    ([PERMIT, "Each Hour (Mon; 9am-10am): $1"], "", "0-8 nothing; 8-18 closed by line 1; 18-24 nothing"),
    # A general line with the same days and hours: then the other is the holders' price, however it is written.
    ([PERMIT, METER], "", "0-8 nothing; 8-18 line 2; 18-24 nothing"),
    ([PERMIT, METER], "residential", "0-8 nothing; 8-18 line 1; 18-24 nothing"),
    ([PERMIT, "Each Hour (Mon-Tue | Wed-Fri; 8am-12pm & 12pm-6pm): $1"], "",
     "0-8 nothing; 8-18 line 2; 18-24 nothing"),
    # Without Only the line exists for them alone.
    (["Mon-Fri: Free", "Mon-Fri (8am-6pm; Disabled): Free"], "", "0-24 line 1"),
    (["Mon-Fri: Free", "Mon-Fri (8am-6pm; Disabled): Free"], "disabled", "0-8 line 1; 8-18 line 2; 18-24 line 1"),
    # Theirs beats everybody's, wider as it may be.
    (["Each Hour (Mon; 9am-10am): $1", "Mon-Fri (Disabled): Free"], "disabled", "0-24 line 2"),
    # Two kinds of users share one sign when their days and hours are the same; a narrower sign keeps the others out.
    (["Mon (Taxi Only): Free", "Mon (Bus Only): Free"], "bus", "0-24 line 2"),
    (["Mon (Taxi Only): Free", "Mon (9am-10am; Bus Only): Free"], "taxi",
     "0-9 line 1; 9-10 closed by line 2; 10-24 line 1"),
    # A line for other users without Only does not open reserved time.
    (["Mon (Residential Permit Only): Free", "Mon (Disabled): Free"], "disabled", "0-24 closed by line 1"),
    # Of several bans the narrowest is named.
    (["No Parking", "Mon-Fri (Street Cleaning): No Parking"], "", "0-24 closed by line 2"),
    (["Mon (Zone A Permit Only): Free"], "zone a", "0-24 line 1"),
    (["Mon (Commercial Vehicle Only): Free"], "commercial", "0-24 line 1"),
    (["Mon (ECO Label Only): Free"], "eco", "0-24 line 1"),
]  # fmt: skip


@pytest.mark.parametrize("lines, holder, expected", HOLDERS)
def test_holders(lines, holder, expected):
    assert ruled(lines, MON, holder) == expected


# Monday 8 June is a school day with a match from five to eleven in the evening, Friday the 19th a holiday.
TOWN = Place(
    "America/Los_Angeles", "USD", "US", "CA",
    Calendar.of([date(2026, 6, 8)]), Calendar.of_hours({date(2026, 6, 8): ((1020, 1380),)}),
)  # fmt: skip
HOLIDAY = "2026-06-19"
PAID = "Each Hour (Mon-Fri; 9am-6pm): $1"
SPECIAL = [
    # A line that names the date beats one that does not, narrower ones too, and only in its own hours.
    ([PAID, "Holidays: Free"], HOLIDAY, "", "0-24 line 2"),
    ([PAID, "Holidays: Free"], MON, "", "0-9 nothing; 9-18 line 1; 18-24 nothing"),
    (["Fri (9am-10am): $1", "Mon-Fri | Holidays: $2"], HOLIDAY, "", "0-24 line 2"),
    (["Fri (9am-10am): $1", "Mon-Fri | Holidays: $2"], "2026-06-12", "", "0-9 line 2; 9-10 line 1; 10-24 line 2"),
    ([PAID, "Holidays (10am-2pm): Free"], HOLIDAY, "",
     "0-9 nothing; 9-10 line 1; 10-14 line 2; 14-18 line 1; 18-24 nothing"),
    (["Jun 19: Free", "Fri (9am-10am): $1"], HOLIDAY, "", "0-24 line 1"),
    # Of two special lines the narrower; lines that do not name the date treat it as its weekday.
    (["Holidays: Free", "Holidays (10am-2pm): $1"], HOLIDAY, "", "0-10 line 1; 10-14 line 2; 14-24 line 1"),
    ([PAID], HOLIDAY, "", "0-9 nothing; 9-18 line 1; 18-24 nothing"),
    # No Parking wins unless it excepts the date; so does reserved time; users' lines come before special ones.
    (["Fri: No Parking", "Holidays: Free"], HOLIDAY, "", "0-24 closed by line 1"),
    (["Fri Except Holidays: No Parking", "Holidays: Free"], HOLIDAY, "", "0-24 line 2"),
    (["Fri (Taxi Only): Free", "Holidays: Free"], HOLIDAY, "", "0-24 closed by line 1"),
    (["Fri (Disabled): Free", "Holidays: $1"], HOLIDAY, "disabled", "0-24 line 1"),
    (["Fri (Disabled): Free", "Holidays: $1"], HOLIDAY, "", "0-24 line 2"),
    # Events may have hours, and school days none.
    ([PAID, "Event Days: $20"], MON, "", "0-9 nothing; 9-17 line 1; 17-23 line 2; 23-24 nothing"),
    ([PAID, "Event Days (6pm-8pm): $20"], MON, "", "0-9 nothing; 9-18 line 1; 18-20 line 2; 20-24 nothing"),
    (["Mon Except Event Days: $1"], MON, "", "0-17 line 1; 17-23 nothing; 23-24 line 1"),
    (["School Days (7am-9am): No Parking", "Mon-Sun: Free"], MON, "", "0-7 line 2; 7-9 closed by line 1; 9-24 line 2"),
    (["School Days (7am-9am): No Parking", "Mon-Sun: Free"], TUE, "", "0-24 line 2"),
]  # fmt: skip


@pytest.mark.parametrize("lines, day, holder, expected", SPECIAL)
def test_special_days(lines, day, holder, expected):
    assert ruled(lines, day, holder, TOWN) == expected


SHARES = [
    ("Holidays: Free", "1/7"),  # a special word counts as a day of the week
    ("Mon-Fri | Holidays Except Event Days: Free", "6/7"),
    ("Mon-Sun: Free", "1"),
    ("Mon: Free", "1/7"),
    ("Mon-Fri (9am-5pm): Free", "5/21"),
    ("6pm-6am: Free", "1/2"),
    ("Mon-Sun (Aug): Free", "31/366"),
    ("Mon (Dec 31-Jan 1): Free", "1/1281"),  # 1/7 x 2/366
    ("Mon Every 2nd & 4th: Free", "6/91"),  # 1/7 x 2 x 12/52
]


@pytest.mark.parametrize("line, share", SHARES)
def test_nominal_share_of_the_year(line, share):
    assert str(share_of_year(parse([line]).lines[0].scope)) == share


def test_overlapping_windows_count_once():
    [line] = parse(["Mon (9am-12pm & 11am-2pm & 2pm-3pm): Free"]).lines
    assert day_spans(line.scope) == ((540, 900),)


def test_days_of_one_kind_are_worked_out_once():
    timeline = compile_card(parse(["Tue Every 2nd & 4th: No Parking", "Mon-Sat (9am-6pm): Free"]))
    days = [timeline.day(day) for day in range(20_000, 20_366)]
    # No line, the second line, both lines.
    assert len({id(spans) for spans in days}) == 3
