"""For every piece of kerb the card says at each half hour what the feed's regulations say together."""

from datetime import date, timedelta

from conftest import examples
from curblr_reading import by_the_card, by_the_feed, half_hours
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.regulation_cards import card_of

HIERARCHY = ["first", "second", "third", "last"]
FEED = Feed(tuple(HIERARCHY), date(2026, 1, 1), "USD")
# A week, the ends of seasons, fifth and last Tuesdays, holidays and the days around them.
DATES = [date(2026, 8, 10) + timedelta(days=n) for n in range(7)]
DATES += [date(2026, *day) for day in [(1, 1), (1, 2), (3, 31), (4, 1), (6, 9), (6, 30), (7, 3), (11, 15), (12, 1)]]
NOWS = half_hours(DATES)

FRIDAY_NIGHTS = {
    "rule": {"activity": "no parking", "priorityCategory": "first"},
    "timeSpans": [{"daysOfWeek": {"days": ["fr"]}, "timesOfDay": [{"from": "22:00", "to": "06:00"}]}],
}
ALL_ELSE = {"rule": {"activity": "parking", "priorityCategory": "last"}}

ranges = st.sampled_from([[], [{"from": "04-01", "to": "11-30"}], [{"from": "11-15", "to": "03-31"}]])
times = st.sampled_from(
    [[]]
    + [[{"from": first, "to": last}] for first, last in
       [("08:00", "19:00"), ("22:00", "06:00"), ("19:00", "23:59"), ("00:00", "08:00"), ("12:30", "13:00")]]
    + [[{"from": "00:00", "to": "08:00"}, {"from": "19:00", "to": "23:59"}]]
)  # fmt: skip
weekdays = st.sampled_from([[], ["mo", "tu", "we", "th", "fr"], ["Tu"], ["sa", "su"], ["su", "mo", "tu"], ["fr"]])
nths = st.sampled_from([[], [], [], ["2nd", "4th"], ["last"], ["5th"]])
periods = st.sampled_from([[], [], *([{"name": "holidays", "apply": f"{how} during"}] for how in ("except", "only"))])


@st.composite
def spans(draw):
    span = {"effectiveDates": draw(ranges), "timesOfDay": draw(times), "designatedPeriods": draw(periods)}
    days = {"days": draw(weekdays), "occurrencesInMonth": draw(nths)}
    return {key: value for key, value in {**span, "daysOfWeek": days}.items() if value}


@st.composite
def regulations(draw):
    activities = ["parking", "parking", "no parking", "no standing", "standing", "loading"]
    rule = {"activity": draw(st.sampled_from(activities)), "priorityCategory": draw(st.sampled_from(HIERARCHY))}
    if draw(st.booleans()):
        rule["maxStay"] = draw(st.sampled_from([30, 120]))
    if draw(st.booleans()):
        rule["payment"] = True
    users = draw(st.sampled_from([[], [], [{}], [{"classes": ["taxi"]}], [{"classes": ["handicap", "bus"]}]]))
    rates = draw(st.sampled_from([[{}], [{"fees": [0.5], "durations": [15]}], [{"fees": [2], "durations": [60]}]]))
    stated = {"rule": rule, "timeSpans": draw(st.lists(spans(), max_size=2)), "userClasses": users}
    return {**stated, "payment": {"rates": rates}}


def card(stated: list[dict]) -> tuple[str, ...]:
    told = [rules_of(plain(each), FEED) for each in stated]
    rules = tuple(dict.fromkeys(rule for each in told for rule in each.rules))
    return card_of(rules, tuple(sentence for each in told for sentence in each.unclear))


@settings(deadline=None, max_examples=examples(25))
@example([FRIDAY_NIGHTS, ALL_ELSE])
@given(st.lists(regulations(), min_size=1, max_size=4))
def test_a_card_says_what_the_regulations_say(stated):
    lines = card(stated)
    unclear = [line for line in lines if line.startswith("Unclear: ")]
    is_clear = not unclear
    event(f"unclear {' '.join(unclear[0].split()[1:3])}" if unclear else "clear")
    for driver in ("", "taxi", "handicap", "loading"):
        for now in NOWS:
            said = by_the_card(lines, now, driver)
            if is_clear:
                assert said == by_the_feed(stated, HIERARCHY, now, driver), (now, driver, lines)
            else:
                assert said[0] in ("unread", "closed"), (now, driver, lines)
