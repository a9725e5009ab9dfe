"""The twin against prices worked out by hand: card, entry, stay in minutes, cost; 2026-06-10 is a Wednesday."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import twin

from ratecards import parse

WED = "2026-06-10T"
NEW_YORK = twin.Place("America/New_York", country="US")
EVENT = {date(2026, 6, 10): ((18 * 60, 22 * 60),)}
EVENTS = twin.Diary(date(2026, 1, 1), date(2026, 12, 31), EVENT)

COSTS = [
    # Units, tiers, add-ons.
    (["Each Hour: $2"], WED + "09:00", 61, "4"),  # two begun
    (["Each Hour (12am-11am): $4", "Each Hour (11am-12am): $6"], WED + "10:30", 60, "5"),  # 30 min at 4, 30 at 6
    (["1 Hour: $5", "Each Add'l 30 Min: $2", "6.5 Hours: $27"], WED + "09:00", 91, "9"),  # 5 + 2 + 2
    (["1 Hour: $5", "Each Add'l 30 Min: $2", "6.5 Hours: $27"], WED + "09:00", 391, "32"),  # 27, then 5 again
    (["15 Min: Free", "Each Hour: $2"], WED + "09:00", 16, "2"),  # all of it by the hour
    (["15 Min: Free"], WED + "09:00", 16, None),  # nobody knows
    (["Mon-Sun: $9"], WED + "09:00", 1441, "18"),  # 24 hours, and again
    # nth hours.
    (["1st Hour: $2", "2nd Hour: $3"], WED + "09:00", 181, "11"),  # 2 + 3 + 3 + 3
    (["1st Hour: $2", "2nd Hour: $3", "Each Add'l 30 Min: $1"], WED + "09:00", 181, "8"),  # 2 + 3 + 3 halves
    (["1st Hour: $2", "Each Add'l 30 Min: $1", "4th Hour: $3"], WED + "09:00", 240, "9"),  # 2 + 4 halves + 3
    (["1st Hour: $2", "Each Add'l 30 Min: $1", "4th Hour: $3"], WED + "09:00", 91, "4"),  # 2 + 2 halves
    (["1st Hour: $2", "Each Add'l 30 Min: $1", "4th Hour: $3"], WED + "09:00", 181, "9"),  # the hour has its price
    (["1st Hour: $2", "3rd Hour: $3"], WED + "09:00", 60, "2"),
    (["1st Hour: $2", "3rd Hour: $3"], WED + "09:00", 61, None),  # the second is nowhere
    (["2 Hours: $3", "3rd Hour: $2", "Each Hour: $1"], WED + "09:00", 240, "6"),  # 3 + 2 + 1
    (["1st Hour: $2", "4 Hours: $5"], WED + "09:00", 121, "5"),  # 2 + 2 + 2, at most 5
    (["1st Hour: Free"], WED + "09:00", 900, "0"),  # repeats
    (["1st Hour: Free", "Each Hour: $2"], WED + "09:00", 61, "2"),  # an nth hour prices its hour
    (["30 Min: $5", "1 Hour: $3", "2nd Hour: $2"], WED + "09:00", 61, "7"),  # the highest up to an hour, and 2
    # First.
    (["First 30 Min: Free", "Each Hour: $2"], WED + "09:00", 91, "4"),  # 61 minutes of the ladder
    (["First 4 Hours: $1", "Each Hour: $2"], WED + "09:00", 241, "3"),  # 1, then an hour
    (["First 4 Hours: $1", "Each Add'l Hour: $2"], WED + "09:00", 301, "5"),  # 1, then two begun
    (["First 4 Hours: $1", "Mon-Sun: Free"], WED + "09:00", 241, "0"),  # free is not deducted from
    (["First 30 Min (10am-12am): Free", "Each Hour: $2"], WED + "09:30", 120, "4"),  # 30 + 30 stood still + 60
    # Days.
    (["Each Day: $5"], WED + "23:00", 61, "10"),  # two dates
    (["Each Day: $5", "Rates Reset At 4am"], WED + "23:00", 61, "10"),  # whatever the reset
    (["Each Day: $5", "1 Hour: $1"], WED + "09:00", 30, None),
    # Breaks and resets.
    (["2 Hours (8am-12pm & 2pm-6pm): $3", "12pm-2pm: Free"], WED + "11:00", 240, "3"),  # lunch pauses the clock
    (["6am-8pm: $3", "8pm-6am: Free"], WED + "19:00", 720, "6"),  # midnight lies in the night
    (["6am-8pm: $3", "8pm-6am: Free", "Rates Reset At 10am"], WED + "19:00", 720, "3"),
    # Caps.
    (["Each Hour: $3", "Daily Max: $8"], WED + "20:00", 480, "16"),  # 8 by midnight of 12, and 8 of the other 12
    (["Each Hour: $3", "Daily Max: $8", "Rates Reset At 4am"], WED + "20:00", 480, "8"),
    (["Each Hour: $3", "Max: $8"], WED + "20:00", 2880, "8"),
    (["Each Hour: $3", "Max (8am-10am): $4"], WED + "08:00", 180, "7"),  # 4 of 6, then 3
    (["Each Hour: $3", "Max (8am-10am): $4", "Max: $2"], WED + "08:00", 240, "6"),  # 4, then 2 of 6
    (["Each Hour: $3", "4 Hour Max: $5"], WED + "08:00", 300, "8"),  # 5, then 3
    # Min and Plus.
    (["Each Hour: $1", "Min: $3", "Plus: $2"], WED + "09:00", 60, "5"),
    (["Each Hour: $1", "Min (6pm-8pm): $3"], WED + "09:00", 60, "1"),
    (["Mon-Sun: Free", "Min: $3", "Plus: $2"], WED + "09:00", 60, "0"),
    # Offers.
    (["Each Hour: $5", "Evening (In After 5pm): $3"], WED + "17:00", 300, "3"),
    (["Each Hour: $5", "Evening (In After 5pm): $3"], WED + "16:59", 300, "25"),
    (["Each Hour: $5", "Early Bird (In 5am-9am; Out By 6pm): $15"], WED + "08:59", 541, "15"),  # out at 18:00
    (["Each Hour: $5", "Early Bird (In 5am-9am; Out By 6pm): $15"], WED + "08:59", 542, "50"),  # ten begun
    (["Each Hour: $5", "Evening (6pm-2am): $4"], WED + "18:00", 480, "4"),  # on over midnight
    (["Each Hour: $5", "Evening (6pm-2am): $4"], WED + "18:00", 481, "45"),
    (["See Meter", "12 Hours (In After 5pm): $20"], WED + "18:00", 720, "20"),
    (["See Meter", "Max (With Validation): $12"], WED + "18:00", 720, None),
    (["Each Hour: $5", "Max (Out By 6am): $12", "Plus: $2"], WED + "18:00", 720, "14"),
    # Billed by.
    (["Each Hour: $3", "Billed By Minute"], WED + "09:00", 50, "2.5"),
    (["Each Hour: $3", "Billed By 15 Minutes"], WED + "09:00", 50, "3"),
    (["1 Hour: $2", "3 Hours: $4", "Billed By Minute"], WED + "09:00", 90, "2.5"),  # a quarter of the way from 2 to 4
    (["1 Hour: $5", "Each Add'l Hour: $2", "Billed By Minute"], WED + "09:00", 90, "6"),
    # Special days. 2026-07-03 is a Friday and a holiday in the United States.
    (["Each Hour: $1", "Holidays: $9"], "2026-07-03T09:00", 60, "9"),
    (["Each Hour: $1", "Holidays: $9"], WED + "09:00", 60, "1"),
    (["Each Hour: $1", "Mon-Fri Except Holidays: $9"], "2026-07-03T09:00", 60, "1"),
    (["Each Hour: $1", "Event Days: $9"], WED + "17:00", 120, "10"),  # the event begins at 18:00
    (["Each Hour: $1", "Sun (9am-10am): $3", "Jun 14: $7"], "2026-06-14T09:00", 60, "7"),  # a date beats hours
    (["Each Hour: $1", "School Days: $9"], WED + "09:00", 60, None),
    # Other places and clocks.
    (["Each Hour: $1"], "2026-03-08T01:00", 120, "2"),  # 2:00 is skipped
    (["Each Hour (12am-3am): $1", "3am-12am: Free"], "2026-03-08T01:00", 120, "1"),
]


@pytest.mark.parametrize("card, entry, stay_min, cost", COSTS)
def test_costs(card, entry, stay_min, cost):
    place = NEW_YORK._replace(event_days=EVENTS)
    [verdict] = twin.price(parse(card), datetime.fromisoformat(entry), [stay_min], place, frozenset())
    assert verdict.cost == (None if cost is None else Decimal(cost))


NO_COUNTRY = twin.Place("America/New_York")
LEGAL = [
    (["Each Hour (2 Hour Max): $1"], WED + "09:00", 120, NEW_YORK, True),
    (["Each Hour (2 Hour Max): $1"], WED + "09:00", 121, NEW_YORK, False),
    (["1 Hour Disc"], WED + "09:10", 80, NEW_YORK, True),  # counts from 9:30
    (["1 Hour Disc"], WED + "09:10", 81, NEW_YORK, False),
    (["1 Hour Disc (9am-6pm)", "6pm-9am: Free"], WED + "08:10", 110, NEW_YORK, True),
    (["Disabled Only: Free"], WED + "09:00", 60, NEW_YORK, False),
    (["Max (Disabled Only): $3", "Each Hour: $1"], WED + "09:00", 60, NEW_YORK, True),
    (["Holidays: No Parking"], "2026-07-03T09:00", 60, NEW_YORK, False),
    (["Holidays: No Parking"], "2026-07-03T09:00", 60, NO_COUNTRY, None),
    (["Holidays: No Parking", "Fri (9am-10am): No Parking"], "2026-07-03T08:00", 61, NO_COUNTRY, False),
    (["Mon-Fri Except Holidays (7am-9am): No Parking"], "2026-07-03T08:00", 60, NEW_YORK, True),
    (["Mon-Fri Except Holidays (7am-9am): No Parking"], "2026-07-04T08:00", 60, NO_COUNTRY, True),  # a Saturday
    (["Wed | Holidays (7am-9am; 2 Hour Max): Free"], WED + "08:00", 60, NO_COUNTRY, None),  # as what?
    (["Wed | Holidays (7am-9am): Free"], WED + "08:00", 60, NO_COUNTRY, True),  # whatever it costs
    (["Holidays (Disabled Only): Free"], WED + "08:00", 60, NO_COUNTRY, None),
    (["See Meter (In After 5pm)"], WED + "08:00", 60, NEW_YORK, True),
    (["See Meter (In After 5pm; 2 Hour Max)"], WED + "08:00", 60, NEW_YORK, None),
    (["No Return 1 Hour"], WED + "08:00", 60, NEW_YORK, True),
]


@pytest.mark.parametrize("card, entry, stay_min, place, legal", LEGAL)
def test_legality(card, entry, stay_min, place, legal):
    [verdict] = twin.price(parse(card), datetime.fromisoformat(entry), [stay_min], place, frozenset())
    assert verdict.legal is legal


def test_a_fortnight():
    card = parse(["Each Hour (Mon-Fri; 9am-6pm): $1", "Mon-Fri (6pm-9am): Free", "Sat-Sun: Free", "Daily Max: $5"])
    [verdict] = twin.price(card, datetime(2026, 6, 1), [14 * 1440], NEW_YORK, frozenset())
    assert verdict == (True, 50, None)  # ten days of nine hours, at most 5 each
