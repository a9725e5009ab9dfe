"""Entry x stay -> Quote: prices across tariffs and days (S4), legality and limits (S5), unknown prices (S3.4)."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from ratecards import Calendar, Place, parse, price, price_many, price_stays, read
from ratecards.timeline import compile_card

LA = Place("America/Los_Angeles", "USD")

PUBLISHED = [
    "Each Hour (Mon-Tue | Thu-Sat; 9am-6pm; 9 Hour Max): $1",
    "1 Hour (Wed; 9am-10am): $1",
    "Wed (10am-12pm): No Parking",
    "Each Hour (Wed; 12pm-6pm; 6 Hour Max): $1",
    "Mon-Sat (6pm-9am): Free",
    "Sun: Free",
]
RESIDENTS = ["Mon-Tue | Thu-Sun (7am-2am; Residential Permit Only): Free", "2am-7am: Free"]
PEAK = ["Each Hour (Mon-Sat; 10am-11am): $4", "Each Hour (Mon-Sat; 11am-3pm): $6", "Each Hour (Mon-Sat; 3pm-6pm): $4"]
LUNCH = [
    "Each Hour (Mon-Fri; 09:00-12:00 & 14:00-18:00): $2",
    "Mon-Fri (12:00-14:00): Free",
    "Mon-Fri (18:00-09:00): Free",
]
TWO_HOURS = ["2 Hour Parking (Mon-Fri; 8am-6pm)", "Mon-Fri (6pm-8am): Free", "Sat-Sun: Free"]
SPLIT_LIMIT = [
    "Each Hour (Mon; 9am-12pm; 2 Hour Max): $1",
    "Each Hour (Mon; 12pm-6pm; 2 Hour Max): $2",
    "Mon (6pm-9am): Free",
]
NIGHT_FLAT = ["Mon-Sun (6pm-8am): $5", "Mon-Sun (8am-6pm): Free"]
# Card, entry (2026: 8 June is a Monday), stay in minutes -> cost, `no` where the stay is not legal, `?` unknown.
QUOTES = [
    (PUBLISHED, "06-11T10:00", "60: 1; 120: 2; 480: 8; 720: 8; 1440: 9"),
    (PUBLISHED, "06-09T17:00", "60: 1; 1440: no"),
    (PUBLISHED, "06-10T10:30", "60: no"),
    (PUBLISHED, "06-10T09:00", "60: 1; 61: no"),
    (PUBLISHED, "06-14T03:00", "60: 0; 1440: 0; 1860: 1"),
    (RESIDENTS, "06-14T10:00", "60: no"),
    (RESIDENTS, "06-14T03:00", "60: 0; 240: 0; 241: no"),
    # A unit is priced when it starts by the minutes it would cover: $5 from 10:30 to at most 11:30.
    (PEAK, "06-11T10:30", "1: 5; 60: 5; 61: 11; 120: 11"),
    (PEAK, "06-11T10:15", "60: 4.50; 61: 10.50"),
    (PEAK, "06-11T14:30", "60: 5; 61: 9; 270: ?"),
    # Something else than Each follows: the unit is charged whole.
    (PUBLISHED, "06-11T17:30", "1: 1; 60: 1"),
    # A break pauses the clock: half an hour of the second hour is left at two o'clock.
    (LUNCH, "06-08T10:30", "90: 4; 210: 4; 240: 4; 241: 6"),
    # ... and starts it anew after midnight.
    (LUNCH, "06-08T17:30", "30: 2; 930: 2; 931: 4"),
    # A tariff that governs without a break runs on through midnight; a break by day does not start it anew.
    (NIGHT_FLAT, "06-08T20:00", "60: 5; 720: 5; 1321: 5; 2040: 5; 2041: 10"),
    (["Each 6 Hours: $3"], "06-08T22:00", "360: 3; 361: 6"),
    # Limits count the minutes their scope governs, and restart after a night.
    (TWO_HOURS, "06-08T10:00", "120: 0; 121: no"),
    (TWO_HOURS, "06-08T17:00", "60: 0; 1020: 0; 1021: no"),
    (TWO_HOURS, "06-12T17:00", "3900: 0; 3901: no"),
    # Adjoining tariffs with one limit share its clock.
    (SPLIT_LIMIT, "06-08T11:00", "120: 3; 121: no"),
    # ... also where both have run before they meet, where one is stated alone, and beside a smaller one.
    (["2 Hour Parking (9am-11am & 12pm-6pm)", "Each Hour (12pm-6pm): $1", "11am-12pm: Free"],
     "06-08T09:00", "180: 0; 181: no"),
    (["2 Hour Parking (12pm-3pm)", "2 Hour Parking (9am-11am & 12pm-6pm)", "Mon-Sun: Free"],
     "06-08T09:00", "180: 0; 181: no"),
    (["Each Hour (9am-12pm; 2 Hour Max): $1", "4 Hour Parking (9am-12pm)", "Each Hour (12pm-6pm; 4 Hour Max): $2"],
     "06-08T10:00", "240: 6; 241: no"),
    (["Each Hour (9am-12pm): $1", "4 Hour Parking (9am-12pm)", "Each Hour (12pm-6pm; 4 Hour Max): $2"],
     "06-08T10:00", "240: 6; 241: no"),
    (["Each Hour (8am-9am & 12pm-1pm; 6 Hour Max): $1", "Each Hour (9am-10am & 1pm-2pm; 6 Hour Max): $2",
      "Each Hour (11am-12pm; 6 Hour Max): $3", "10am-11am: Free"], "06-08T08:00", "360: 9"),
    # A limit counts the minutes its scope covers, governed by it or not.
    (["Each Hour (9am-6pm; 2 Hour Max): $1", "12pm-1pm: Free"], "06-08T11:00", "120: 1; 121: no"),
    # A tariff left inside a unit that was paid by shares begins one of its own when it governs again.
    (["Each Hour (10am-11am & 11:30am-1pm): $4", "Each Hour (11am-11:30am): $6"], "06-08T10:30", "60: 5; 61: 9"),
    # A users' ban without Only is theirs alone.
    (["Oversize: No Parking", "Each Hour: $1"], "06-08T10:00", "60: 1"),
    # The same dates, however they are counted.
    (["Mon Every 5th & Last: $1", "Mon Every Last (Disabled Only): $2"], "06-29T09:00", "60: 1"),
    # A season of the whole year is no season.
    (["1 Hour (Jan-Dec): $2", "Each Add'l Hour: $1"], "06-08T10:00", "60: 2; 61: 3; 180: 4"),
    (["Mon (9am-6pm; Apr 1-Mar 31; Taxi Only): Free", "Mon (9am-6pm): $3"], "06-08T10:00", "60: 3"),
    # The stay cannot be priced where a minute of it has no line, See Meter, or another currency.
    (["Each Hour (Mon; 9am-6pm): $1"], "06-08T17:00", "60: 1; 61: ?"),
    (["See Meter"], "06-08T17:00", "60: ?"),
    (["Each Hour: €1"], "06-08T17:00", "60: ?"),
    ([], "06-08T17:00", "60: ?"),
    # A stay of two weeks.
    (["Each Hour (Mon-Sat; 9am-6pm): $1", "Mon-Sat (6pm-9am): Free", "Sun: Free"], "06-08T09:00", "20160: 108"),
]  # fmt: skip


def check(lines, entry, prices, place):
    for pair in prices.split("; "):
        stay_min, expected = pair.split(": ")
        quote = price(parse(lines), datetime.fromisoformat(f"2026-{entry}"), int(stay_min), place)
        assert (quote.legal is not False) == (expected != "no"), pair
        assert quote.cost == (None if expected in ("no", "?") else Decimal(expected)), pair


@pytest.mark.parametrize("lines, entry, prices", QUOTES)
def test_quote(lines, entry, prices):
    check(lines, entry, prices, LA)


@pytest.mark.parametrize("lines, entry, prices", QUOTES)
def test_stays_priced_together_cost_what_they_cost_alone(lines, entry, prices):
    stays = [int(pair.split(": ")[0]) for pair in prices.split("; ")][::-1]
    arrival = datetime.fromisoformat(f"2026-{entry}")
    alone = [price(parse(lines), arrival, stay_min, LA) for stay_min in stays]
    assert price_stays(parse(lines), arrival, stays, LA) == alone


def test_a_refusal_names_its_line():
    card = parse(PUBLISHED)
    assert price(card, datetime(2026, 6, 9, 17), 1440, LA).refused_by == card.lines[2]
    limited = parse(TWO_HOURS)
    assert price(limited, datetime(2026, 6, 8, 10), 121, LA).refused_by == limited.lines[0]


def test_a_holder_is_let_in():
    entry = datetime(2026, 6, 14, 10)
    assert price(parse(RESIDENTS), entry, 60, LA, frozenset({"residential"})).cost == 0


@pytest.mark.parametrize("stay_min", [121, 180, 300])
def test_of_several_limits_the_first_to_run_out_is_named(stay_min):
    card = parse(["Each Hour (9am-6pm; 4 Hour Max): $1", "2 Hour Parking (8am-8pm)"])
    assert price(card, datetime(2026, 6, 8, 9), stay_min, LA).refused_by == card.lines[1]


def test_a_limit_for_everybody_does_not_bind_those_with_a_line_of_their_own():
    card = parse(["2 Hour Parking (Mon-Fri; 8am-6pm)", "Mon-Fri (8am-6pm; Residential Permit): Free"])
    assert price(card, datetime(2026, 6, 8, 9), 180, LA).legal is False
    assert price(card, datetime(2026, 6, 8, 9), 180, LA, frozenset({"residential"})).legal is True


def test_an_unread_line_leaves_legality_unknown_unless_a_readable_one_closes_the_stay():
    card, *_ = read(["Mon: Fre", "Tue: No Parking", "Mon-Sun: Free"])
    assert price(card, datetime(2026, 6, 8, 10), 60, LA).legal is None
    assert price(card, datetime(2026, 6, 9, 10), 60, LA).legal is False


HOUR2 = ["Each Hour (Mon-Sat; 9am-6pm): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free"]
US = Place("America/Los_Angeles", "USD", "US", "CA")
TERM = Calendar.of([date(2026, 6, 8), date(2026, 6, 9)])
GAME = Calendar.of_hours({date(2026, 6, 10): ((1020, 1440),), date(2026, 6, 11): ((0, 60),)})
TOWN = Place("America/Los_Angeles", "USD", "US", "CA", TERM, GAME)
# As above, at a place with holidays (of the first days of July 2026 Friday the 3rd), school and event days.
WHOLE_LANGUAGE = [
    # Special days rule their dates; No Parking wins unless it excepts them (S3.2, S3.3).
    (["Each Hour (Mon-Fri; 9am-6pm): $2", "Holidays: Free"], "07-02T10:00", "60: 2"),
    (["Each Hour (Mon-Fri; 9am-6pm): $2", "Holidays: Free"], "07-03T10:00", "60: 0"),
    (["Mon-Fri (9am-6pm): No Parking", "Holidays: Free"], "07-03T10:00", "60: no"),
    (["Mon-Fri Except Holidays (9am-6pm): No Parking", "Holidays: Free"], "07-03T10:00", "60: 0"),
    (["Mon-Fri Except Holidays (9am-6pm): No Parking", "Mon-Sun: $1"], "07-02T08:00", "60: 1; 61: no"),
    (["Mon-Fri | Holidays (9am-6pm): $5", "Fri (9am-10am): Free"], "07-03T09:30", "30: 5"),
    (["Mon-Fri | Holidays (9am-6pm): $5", "Fri (9am-10am): Free"], "07-10T09:30", "30: 0"),
    (["School Days (7am-9am): No Parking", "Mon-Sun: Free"], "06-09T06:00", "60: 0; 61: no"),
    (["School Days (7am-9am): No Parking", "Mon-Sun: Free"], "06-10T06:00", "180: 0"),
    (["Event Days: $20", "Each Hour: $2"], "06-10T16:00", "60: 2; 61: 22; 540: 22; 541: 24"),
    (["Event Days (6pm-8pm): $20", "Each Hour: $2"], "06-10T17:00", "60: 2; 61: 22; 181: 24"),
    (["Jun 10: Free", "Wed (9am-6pm): $2", "Mon-Sun: $1"], "06-10T10:00", "60: 0"),
    # Bounds (S4.2).
    ([*HOUR2, "Max: $5"], "06-08T09:00", "120: 4; 121: 5; 540: 5; 1500: 5"),
    ([*HOUR2, "Daily Max: $5"], "06-08T09:00", "540: 5; 1440: 5; 1441: 7; 2880: 10"),
    ([*HOUR2, "Max (12pm-6pm): $3"], "06-08T09:00", "180: 6; 181: 8; 240: 8; 241: 9; 540: 9"),
    (["Each Hour: $2", "Daily Max: $10", "Rates Reset At 2am"], "06-08T18:00", "240: 8; 480: 10; 600: 14"),
    (["Each Hour: $2", "4 Hour Max: $5"], "06-08T10:00", "180: 5; 240: 5; 241: 7; 480: 10; 481: 12"),
    (["Each Hour: $2", "Daily Max: $8", "Daily Max (Mon): $6"], "06-08T10:00", "240: 6; 840: 6; 900: 8; 1440: 14"),
    ([*HOUR2, "Min: $3"], "06-08T17:00", "60: 3; 900: 3; 961: 4"),
    ([*HOUR2, "Min: $3"], "06-14T10:00", "60: 0"),
    ([*HOUR2, "Plus: $0.35"], "06-08T10:00", "60: 2.35; 120: 4.35"),
    ([*HOUR2, "Plus: $0.35", "Min: $3"], "06-08T10:00", "60: 3.35"),
    ([*HOUR2, "Plus (Sat): $1"], "06-12T17:00", "60: 2; 900: 2; 961: 5"),
    # Hours of their own, the first minutes, calendar days.
    (["1st Hour: $2", "2nd Hour: $4", "3rd Hour: $10"], "06-08T10:00", "60: 2; 61: 6; 150: 16; 240: 26; 241: 36"),
    (["30 Min: $2", "1 Hour: $4", "2nd Hour: $4.50", "Each Add'l Hour: $3"], "06-08T10:00",
     "30: 2; 31: 4; 61: 8.50; 121: 11.50"),
    (["1st Hour: $2", "3rd Hour: $4"], "06-08T10:00", "60: 2; 61: ?"),
    (["1st Hour: Free", "Each Hour: $2"], "06-08T10:00", "60: 0; 61: 2; 121: 4"),
    (["1st Hour: $2", "2nd Hour: $3", "24 Hours: $10"], "06-08T10:00", "120: 5; 121: 8; 181: 10; 1440: 10; 1441: 12"),
    (["First 15 Min: Free", "Each Hour: $2"], "06-08T10:00", "15: 0; 16: 2; 75: 2; 76: 4"),
    (["First 15 Min: Free", *HOUR2], "06-08T08:50", "25: 0; 26: 2; 85: 2; 86: 4; 1465: 18; 1466: 20"),
    (["First 4 Hours: $1", "Each Add'l Hour: $2"], "06-08T10:00", "1: 1; 240: 1; 241: 3; 301: 5"),
    (["Each Day: $30"], "06-08T22:00", "120: 30; 121: 60; 1560: 60; 1561: 90"),
    (["Each Day (9am-6pm): $5", "6pm-9am: Free"], "06-08T17:00", "60: 5; 960: 5; 961: 10"),
    (["Each Day: $30", "Each Hour: $2"], "06-08T22:00", "60: ?"),
    # Offers for the whole stay (S4.3).
    (["Each Hour: $4", "Evening (In After 5pm): $6"], "06-08T16:00", "120: 8"),
    (["Each Hour: $4", "Evening (In After 5pm): $6"], "06-08T17:00", "60: 4; 120: 6; 1440: 6; 1441: 100"),
    (["Each Hour: $4", "Early Bird (In 6am-9am; Out By 6pm): $10"], "06-08T08:00", "120: 8; 600: 10; 601: 44"),
    (["Each Hour: $4", "Early Bird (In 6am-9am; Out By 6pm): $10"], "06-08T09:00", "180: 12"),
    (["Each Hour: $4", "12 Hours (Mon-Fri; In After 5pm): $20"], "06-08T17:00", "720: 20; 721: 52"),
    (["Each Hour: $4", "12 Hours (Mon-Fri; In After 5pm): $20"], "06-13T17:00", "720: 48"),
    (["Each Hour: $4", "Evening (6pm-2am): $6"], "06-08T19:00", "300: 6; 420: 6; 421: 32"),
    (["See Meter", "Evening (In After 5pm): $6"], "06-08T17:00", "60: 6; 1441: ?"),
    (["Each Hour: $4", "Evening (In After 5pm; Disabled): Free"], "06-08T17:00", "60: 4"),
    (["Each Hour: $4", "Max (With Validation): $2"], "06-08T17:00", "60: 4"),
    (["Each Hour: $4", "1st Hour (In After 5pm): $2"], "06-08T17:00", "60: ?"),
    # Billing by the minute or by steps, and when a day begins.
    (["Each Hour: $3", "Billed By Minute"], "06-08T10:00", "1: 0.05; 50: 2.50; 61: 3.05"),
    (["1 Hour: $2", "3 Hours: $5", "Billed By 30 Minutes"], "06-08T10:00",
     "1: 1; 30: 1; 31: 2; 90: 2.75; 180: 5; 181: 6"),
    (["Mon-Sat (8am-6pm): $5", "Billed By Minute"], "06-08T10:00", "1: 5"),
    ([*LUNCH, "Rates Reset At 1pm"], "06-08T10:30", "210: 4; 211: 6"),
    # A disc counts from the next half hour of the clock.
    (["1 Hour Disc (Mon-Fri; 9am-6pm)", "Mon-Fri (6pm-9am): Free"], "06-08T10:10", "80: 0; 81: no"),
    (["1 Hour Disc (Mon-Fri; 9am-6pm)", "Mon-Fri (6pm-9am): Free"], "06-08T10:30", "60: 0; 61: no"),
    (["1 Hour Disc (Mon-Fri; 9am-6pm)", "Mon-Fri (6pm-9am): Free"], "06-08T17:40", "20: 0; 980: 0; 981: no"),
]  # fmt: skip


@pytest.mark.parametrize("lines, entry, prices", WHOLE_LANGUAGE)
def test_quote_of_the_whole_language(lines, entry, prices):
    check(lines, entry, prices, TOWN)


# What is not known: nothing, the price, or whether one may stay either.
UNSURE = [
    ("Holidays: Free", LA, "06-08T10:00", "price"),
    ("Mon-Fri Except Holidays: Free", LA, "06-08T10:00", "price"),
    ("Mon-Fri Except Holidays: No Parking", LA, "06-08T10:00", "all"),
    ("Mon-Fri Except Holidays: Free", LA, "06-14T10:00", ""),  # a Sunday is none of its days, holiday or not
    ("Holidays (6pm-9pm): Free", LA, "06-08T10:00", ""),
    ("Holidays: Free", US, "06-08T10:00", ""),
    ("School Days: No Parking", US, "06-08T10:00", "all"),
    ("School Days (Residential Permit Only): Free", US, "06-08T10:00", "all"),
    ("2 Hour Parking (School Days)", US, "06-08T10:00", "all"),
    ("School Days: No Parking", TOWN, "06-10T10:00", ""),
    ("School Days (Residential Permit Only): No Parking", US, "06-08T10:00", "all"),
    ("School Days (Disabled): No Parking", US, "06-08T10:00", ""),
    ("No Parking (In After 5pm)", LA, "06-08T10:00", "all"),
    ("2 Hour Parking (With Validation)", LA, "06-08T10:00", "all"),
    ("Plus (In After 5pm): $1", LA, "06-08T10:00", "price"),
    ("Plus (9pm-10pm; In After 5pm): $1", LA, "06-08T10:00", ""),
]


@pytest.mark.parametrize("line, place, entry, unknown", UNSURE)
def test_what_cannot_be_weighed_is_unknown(line, place, entry, unknown):
    quote = price(parse(["Each Hour: $1", line]), datetime.fromisoformat(f"2026-{entry}"), 60, place)
    assert (quote.legal, quote.cost) == {"": (True, 1), "price": (True, None), "all": (None, None)}[unknown]
    assert price(parse(["No Parking", line]), datetime.fromisoformat(f"2026-{entry}"), 60, place).legal is False


def test_a_receipt_of_what_is_unknown_at_the_epoch_has_no_amounts():
    quote = price(parse(["Each Hour: $1", "Holidays: Free"]), datetime(1970, 1, 1), 60, Place("UTC", "USD"))
    assert [(item.amount, item.total) for item in quote.explanation] == [(None, None)]


def test_a_country_nobody_lists_is_an_error():
    with pytest.raises(ValueError, match="no holidays are known of a country 'XX'"):
        price(parse(["Holidays: Free"]), datetime(2026, 6, 8), 60, Place("UTC", "USD", "XX"))


KEPT = [
    "Monthly: $160", "Event: $20-$40", "Event: $20", "Note: pay here", "No Return 1 Hour",
    "Event Rates Supersede Other Rates",
]  # fmt: skip


@pytest.mark.parametrize("line", KEPT)
def test_what_is_kept_and_shown_changes_no_price(line):
    assert price(parse(["Each Hour: $1", line]), datetime(2026, 6, 8, 10), 60, LA).cost == 1


# Elapsed minutes on nights that are an hour shorter or longer; 2 a.m. to 5 a.m. costs $1 each hour.
SMALL_HOURS = ["Each Hour (2am-5am): $1", "5am-2am: Free"]
NIGHTS = [
    ("America/New_York", "2026-03-08T01:00", 240, 2),  # 01-02, 03-05: two paid hours, then two free
    ("America/New_York", "2026-03-08T02:30", 60, 1),  # does not exist: begins at 03:30
    ("America/New_York", "2026-11-01T00:00", 180, 0),  # 00-01, 01-02 twice: it is 2 o'clock now
    ("America/New_York", "2026-11-01T00:00", 181, 1),
    ("Australia/Lord_Howe", "2026-04-05T01:00", 90, 0),  # half an hour shown twice
    ("Australia/Lord_Howe", "2026-04-05T01:00", 91, 1),
    ("Europe/Amsterdam", "2026-10-25T02:00", 240, 4),  # 02-03 twice
]  # fmt: skip


@pytest.mark.parametrize("zone, entry, stay_min, cost", NIGHTS)
def test_clock_changes_count_elapsed_minutes(zone, entry, stay_min, cost):
    assert price(parse(SMALL_HOURS), datetime.fromisoformat(entry), stay_min, Place(zone, "USD")).cost == cost


def test_a_stay_has_a_length():
    for asked in ([0], [60, -1]):
        with pytest.raises(ValueError, match="at least 1 minute"):
            price_stays(parse(["Sun: Free"]), datetime(2026, 6, 14), asked, LA)
    assert price_stays(parse(["Sun: Free"]), datetime(2026, 6, 14), [], LA) == []


@pytest.mark.parametrize("name", ["zone a", "Zone A", "Zone A Permit", "ZONE A PERMIT"])
def test_a_permit_goes_by_the_name_on_the_sign(name):
    card = parse(["Mon-Sun (Zone A Permit Only): Free"])
    assert price(card, datetime(2026, 6, 8, 10), 60, LA, {name}).legal


def test_one_text_is_no_collection_of_permits():
    with pytest.raises(TypeError, match="a collection of names"):
        price(parse(["Mon-Sun (Zone A Permit Only): Free"]), datetime(2026, 6, 8, 10), 60, LA, "zone a")


# Early Bird is cheaper from the fourth hour on; without a country nobody knows whether it holds.
@pytest.mark.parametrize("place, stay_min, cost", [(US, 480, 15), (LA, 480, None), (LA, 180, 12), (LA, 900, 60)])
def test_an_offer_that_may_hold_leaves_a_dearer_price_open(place, stay_min, cost):
    card = parse(["Early Bird (Mon-Fri Except Holidays; In 5am-9am; Out By 6pm): $15", "Each Hour: $4"])
    assert price(card, datetime(2026, 6, 9, 8), stay_min, place).cost == cost


def test_a_card_that_would_take_for_ever_has_no_price():
    card = parse(["Each 1 Min: $1", "1 Min Max: $1", "2 Min Max: $1"])
    assert price(card, datetime(2026, 6, 8, 10), 600, LA).cost == 300
    assert price(card, datetime(2026, 6, 8, 10), 44_640, LA).cost is None


def test_a_sign_that_is_none_is_not_kept_in_memory():
    endless = [f"Each {n + 2} Min ({n % 11 + 1}:{n:02}am-11:59pm): $1" for n in range(41)]
    assert compile_card(parse(endless)) is not compile_card(parse(endless))
    assert compile_card(parse(PUBLISHED)) is compile_card(parse(PUBLISHED))


def test_many_prices_are_those_asked_for_one_by_one():
    cards = [parse(PUBLISHED), parse(LUNCH), parse(PUBLISHED)]
    entries = [datetime(2026, 6, 8, 10), datetime(2026, 6, 9, 17), datetime(2026, 6, 8, 10)]
    many = price_many(cards, entries, [60, 1440], LA)
    assert many == [[[price(card, entry, stay, LA) for stay in (60, 1440)] for entry in entries] for card in cards]
