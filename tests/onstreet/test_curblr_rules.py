"""CurbLR regulations -> the lines of a card, one case a line, and what is reported of them."""

from datetime import date, datetime

import pytest

from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.regulation_cards import card_of
from ratecards import Place, parse, price, read

FEED = Feed(("ban", "temporary", "reserved", "paid", "free"), date(2020, 7, 30), "USD")
HERE = Place("America/Los_Angeles", "USD", "US", "OR")


def a(activity: str, category: str = "", *spans: dict, users: object = (), rates: object = (), **rule: object) -> dict:
    """A regulation; without a category the one that fits its activity."""
    category = category or ("ban" if activity.startswith("no ") else "free")
    stated = {"rule": {"activity": activity, "priorityCategory": category, **rule}, "timeSpans": list(spans)}
    return {**stated, "userClasses": list(users), "payment": {"rates": list(rates)}}


def on(days: str = "", hours: str = "", **clauses: object) -> dict:
    """A time span: days as "mo tu", hours as "08:00-19:00 20:00-21:00"."""
    times = [dict(zip(("from", "to"), each.split("-"), strict=True)) for each in hours.split()]
    return {"daysOfWeek": {"days": days.split()}, "timesOfDay": times, **clauses}


def nth(days: str, occurrences: str, hours: str, **clauses: object) -> dict:
    named = {"days": days.split(), "occurrencesInMonth": occurrences.split()}
    return {**on("", hours, **clauses), "daysOfWeek": named}


def dates(first: str, last: str) -> list[dict]:
    return [{"from": first, "to": last}]


def period(name: str, apply: str = "only during") -> list[dict]:
    return [{"name": name, "apply": apply}]


def only(*classes: str, **more: object) -> list[dict]:
    return [{"classes": list(classes), **more}]


def fees(**rate: object) -> dict:
    return rate


QUARTER = [fees(fees=[0.5], durations=[15])]
SA = "mo tu we th fr sa"
NO_HOLIDAYS = {"designatedPeriods": period("holidays", "except during")}

CARDS = [
    # activities
    ([a("parking")], ["Free"]),
    ([a("parking", maxStay=120)], ["Free (2 Hour Max)"]),
    ([a("parking", maxStay=120, noReturn=30)], ["Free (2 Hour Max; No Return 30 Min)"]),
    ([a("no parking")], ["No Parking"]),
    ([a("no standing")], ["No Parking"]),
    ([a("no stopping")], ["No Parking"]),
    ([a("no loading")], ["No Parking"]),
    ([a("No_Parking")], ["No Parking"]),
    ([a("standing")], ["No Parking"]),
    ([a("standing", users=only("taxi"))], ["Taxi Only: Free"]),
    ([a("loading", maxStay=30)], ["Loading Only (30 Min Max): Free"]),
    ([a("loading", users=only("passenger"), maxStay=3)], ["Passenger Loading Only (3 Min Max): Free"]),
    ([a("loading", users=only("truck", subclasses=["commercial"]))], ["Commercial Vehicle Only: Free"]),
    ([a("no parking", reason="street cleaning")], ["Street Cleaning: No Parking"]),
    ([a("no parking", reason="tow-away zone")], ["Tow Away: No Parking"]),
    # users
    ([a("parking", users=[{}])], ["Free"]),
    ([a("parking", users=only("handicap"), maxStay=180)], ["Disabled Only (3 Hour Max): Free"]),
    ([a("parking", users=only("permit", subclasses=["zone 4", "F"]))],
     ["Zone 4 Permit Only: Free", "Zone F Permit Only: Free"]),
    ([a("no parking", users=only("truck")), a("parking")], ["Commercial Vehicle: No Parking", "Free"]),
    ([a("parking", users=only("permit", subclasses=["zone 5"])), a("parking", maxStay=120)],
     ["Zone 5 Permit: Free", "Free (2 Hour Max)"]),
    ([a("parking", "reserved", users=only("handicap")), a("parking", "paid", rates=QUARTER)], ["Disabled Only: Free"]),
    # prices
    ([a("parking", "paid", payment=True)], ["See Meter"]),
    ([a("parking", "paid")], ["See Meter"]),
    ([a("parking", rates=QUARTER)], ["Each 15 Min: $0.50"]),
    ([a("parking", rates=[fees(fees=[1, 2], durations=[60, 60])])], ["1 Hour: $1", "Each Add'l Hour: $2"]),
    ([a("parking", maxStay=35, rates=[fees(fees=[0.05, 0.1, 0.25, 0.5], durations=[5, 5, 10, 15])])],
     ["5 Min (35 Min Max): $0.05", "10 Min: $0.15", "20 Min: $0.40", "Each Add'l 15 Min: $0.50"]),
    ([a("parking", rates=[fees(fees=[0, 1], durations=[15, 60])])], ["15 Min: Free", "Each Add'l Hour: $1"]),
    ([a("parking", rates=[fees(fees=[0], durations=[60])])], ["Free"]),
    ([a("parking", "paid", rates=[{"fees": [4], "durations": [60], "timeSpans": [on("", "17:00-22:00")]}, *QUARTER])],
     ["Each 15 Min (22:00-17:00): $0.50", "17:00-22:00: See Meter"]),
    ([a("parking", "paid", rates=[{"fees": [4], "durations": [60], "timeSpans": [on("", "17:00-22:00")]}])],
     ["Each Hour (17:00-22:00): $4", "22:00-17:00: See Meter"]),
    # times
    ([a("parking", "", on(SA, "00:00-08:00 19:00-23:59"))], ["Mon-Sat (19:00-08:00): Free"]),
    ([a("no parking", "", on("fr", "22:00-06:00"))],
     ["Fri (22:00-00:00): No Parking", "Sat (00:00-06:00): No Parking"]),
    ([a("no parking", "", on("", "22:00-06:00"))], ["22:00-06:00: No Parking"]),
    ([a("no parking", "", on("su", "20:00-23:59"))], ["Sun (20:00-00:00): No Parking"]),
    ([a("no parking", "", nth("we", "2nd 4th", "06:00-08:00", effectiveDates=dates("04-01", "11-30")))],
     ["Wed Every 2nd & 4th (06:00-08:00; Apr-Nov): No Parking"]),
    ([a("no parking", "", nth("mo we", "last", "06:00-08:00"))],
     ["Mon Every Last (06:00-08:00): No Parking", "Wed Every Last (06:00-08:00): No Parking"]),
    ([a("no parking", "", on("mo", daysOfMonth=["8", "9", "10", "11", "12", "13", "14"]))],
     ["Mon Every 2nd: No Parking"]),
    ([a("no parking", "", on(effectiveDates=[*dates("12-01", "12-31"), *dates("01-01", "03-31")]))],
     ["Dec: No Parking", "Jan-Mar: No Parking"]),
    ([a("no parking", "", on("fr", "22:00-06:00", effectiveDates=dates("11-15", "12-31")))],
     ["Fri (22:00-00:00; Nov 15-Dec 31): No Parking", "Sat (00:00-06:00; Nov 16-Jan 1): No Parking"]),
    ([a("no parking", "", on("", "07:00-16:00", designatedPeriods=period("school days")))],
     ["School Days (07:00-16:00): No Parking"]),
    ([a("no parking", "", on(designatedPeriods=period("game day")))], ["Event Days: No Parking"]),
    ([a("parking", "paid", on(SA, "08:00-19:00", **NO_HOLIDAYS), rates=QUARTER)],
     ["Each 15 Min (Mon-Sat Except Holidays; 08:00-19:00): $0.50"]),
    ([a("parking", "", on(designated_period={"name": "holidays", "apply": "only_during"}))], ["Holidays: Free"]),
    # what overrides what
    ([a("no parking", "ban", on("tu", "10:00-12:00")), a("parking")], ["Tue (10:00-12:00): No Parking", "Free"]),
    ([a("parking", "temporary", on("tu", "10:00-11:00")), a("no parking", "reserved", on("tu", "10:00-12:00"))],
     ["Tue (11:00-12:00): No Parking", "Tue (10:00-11:00): Free"]),
    ([a("loading", "reserved", on(SA, "07:00-11:00")), a("parking", "paid", on(SA, "08:00-19:00"), rates=QUARTER)],
     ["Each 15 Min (Mon-Sat; 11:00-19:00): $0.50", "Mon-Sat (07:00-11:00; Loading Only): Free"]),
    ([a("parking", "free", maxStay=60), a("no parking", "free")], ["No Parking"]),
    ([a("parking", "free", maxStay=60), a("parking", "free", rates=QUARTER)], ["See Meter (1 Hour Max)"]),
    ([a("no parking", "", nth("tu", "last", "10:00-12:00")),
      a("parking", "paid", on(SA, "08:00-19:00"), rates=QUARTER)],
     ["Tue Every Last (10:00-12:00): No Parking", "Each 15 Min (Mon-Sat; 08:00-19:00): $0.50"]),
    # over before the feed was made
    ([a("no parking", "ban", on(effectiveDates=dates("2019-10-31", "2020-02-27"))), a("parking")], ["Free"]),
    ([a("no parking", "ban", on(effectiveDates=[{"from": "2019-10-31"}]))], ["No Parking"]),
]  # fmt: skip


def told(stated: list[dict], feed: Feed = FEED):
    return [rules_of(plain(each), feed) for each in stated]


def card(stated: list[dict], feed: Feed = FEED) -> list[str]:
    of_all = told(stated, feed)
    rules = tuple(rule for each in of_all for rule in each.rules)
    return list(card_of(rules, tuple(sentence for each in of_all for sentence in each.unclear)))


@pytest.mark.parametrize("stated, lines", CARDS)
def test_the_card_of_regulations(stated, lines):
    assert card(stated) == lines
    assert parse(lines, strict=True)


FOUND = [
    # an unknown activity or user: no price, a ban stays a ban
    (a("queueing"), "activity", "no price", ["See Meter"]),
    (a("no queueing"), "activity", "a ban", ["No Parking"]),
    (a("parking", users=only("hotel_guest")), "userClasses", "price unknown", ["Hotel Guest Permit Only: See Meter"]),
    (a("loading", users=only("commercial", "musician")), "userClasses", "price unknown",
     ["Commercial Vehicle Only: Free", "Musician Permit Only: See Meter"]),
    (a("parking", users=only("transit", subclasses=["streetcar"])), "userClasses", "price unknown",
     ["Streetcar Permit Only: See Meter"]),
    (a("parking", users=only("permit")), "userClasses", "closed to them", ["No Parking"]),
    (a("parking", users=[{"maxHeight": 6}]), "userClasses", "closed to them", ["No Parking"]),
    (a("no parking", users=only("Kardashians")), "userClasses", "for everybody", ["No Parking"]),
    (a("no parking", users=only("electric")), "userClasses", "for everybody", ["No Parking"]),
    # fees that make no ladder
    (a("parking", rates=[fees(fees=[1, 2], durations=[60])]), "rates", "as many fees", ["See Meter"]),
    (a("parking", rates=[fees(fees=[0.125], durations=[15])]), "rates", "amounts of USD", ["See Meter"]),
    (a("parking", rates=[fees(fees=["1"], durations=[60])]), "rates", "amounts of USD", ["See Meter"]),
    (a("parking", rates=[fees(fees=[1], durations=[0])]), "rates", "whole minutes", ["See Meter"]),
    # priorities
    (a("no parking", "unlisted"), "priorityCategory", "heard first", ["No Parking"]),
    (a("parking", "unlisted"), "priorityCategory", "heard last", ["Free"]),
    (a("standing", "unlisted"), "priorityCategory", "heard first", ["No Parking"]),
    (a("loading", "unlisted"), "priorityCategory", "heard first", ["Loading Only: Free"]),
    # over
    (a("parking", "", on(effectiveDates=dates("2019-11-25", "2019-11-26"))), "effectiveDates", "left out", []),
]  # fmt: skip


@pytest.mark.parametrize("stated, field, reason, lines", FOUND)
def test_what_is_not_known_is_reported_and_never_free(stated, field, reason, lines):
    problem = told([stated])[0].problems[-1]
    assert problem.field == field
    assert reason in f"{problem.reason} {problem.hint}"
    assert card([stated]) == lines


UNCLEAR = [
    (a("no parking", "", on(designatedPeriods=period("snow emergency"))), "no calendar says when that is"),
    (a("no parking", "", on(daysOfMonth=["odd"])), "single days of the month"),
    (a("no parking", "", on(daysOfMonth=["15"])), "single days of the month"),
    (a("no parking", "", on(effectiveDates=dates("2020-06-01", "2020-12-31"))), "only in some years"),
    (a("no parking", "", nth("tu", "2nd", "22:00-06:00")), "morning after"),
    (a("no parking", "", on("fr", "22:00-06:00", **NO_HOLIDAYS)), "morning after"),
    (a("no parking", "", on("", "9am-17:00")), "HH:MM"),
    (a("no parking", "", on("", "09:00-09:00")), "ends when it starts"),
    (a("no parking", "", on("mi")), "known are mo, tu"),
    (a("no parking", "", on(moonPhase="full")), "not in the specification"),
    (a("parking", maxStay="long"), "whole minutes"),
    (a("parking", maxStay=0), "whole minutes"),
    ({}, "an object with a rule"),
    (None, "an object with a rule"),
]


@pytest.mark.parametrize("stated, reason", UNCLEAR)
def test_a_rule_no_card_can_say_leaves_the_whole_price_unknown(stated, reason):
    [problem] = told([stated])[0].problems
    assert reason in problem.reason
    lines = card([stated, a("parking")])
    assert lines[0] == "Free"
    assert lines[1].startswith("Unclear: ")
    quote = price(read(lines).card, datetime(2026, 8, 10, 12), 60, place=HERE)
    assert (quote.cost, quote.legal) == (None, None)


STAYS = [(5, "0.05"), (6, "0.15"), (10, "0.15"), (11, "0.40"), (20, "0.40"), (35, "0.90"), (36, "1.40"), (50, "1.40")]


@pytest.mark.parametrize("minutes, cost", STAYS)
def test_periods_add_up_and_the_last_repeats(minutes, cost):
    lines = card([a("parking", rates=[fees(fees=[0.05, 0.1, 0.25, 0.5], durations=[5, 5, 10, 15])])])
    assert str(price(parse(lines), datetime(2026, 8, 10, 12), minutes, place=HERE).cost) == cost


OLD = Feed((), None, "USD")


def test_older_feeds_have_priorities_from_one_to_four():
    ban = {"rule": {"activity": "no parking", "priority": 3}}
    event = {"rule": {"activity": "parking"}, "priority": 2, "timeSpans": [on("sa")]}
    assert card([ban, event], OLD) == ["Sun-Fri: No Parking", "Sat: Free"]


def test_without_any_priority_a_ban_wins():
    assert card([{"rule": {"activity": "parking"}}, {"rule": {"activity": "no parking"}}], OLD) == ["No Parking"]
