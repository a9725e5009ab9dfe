"""Opening hours of OpenStreetMap: several rules together cover the minutes that a reading of their own says."""

from hypothesis import given
from hypothesis import strategies as st

from onstreet.datasets.dialects import RateCardError, translate
from ratecards.model import DAY_MIN, WEEK_MIN

DAYS = "Mo Tu We Th Fr Sa Su".split()
HALF_HOURS = st.integers(0, 47).map(lambda count: 30 * count)
WINDOWS = st.tuples(HALF_HOURS, HALF_HOURS).filter(lambda ends: ends[0] != ends[1])
RULES = st.tuples(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), st.lists(WINDOWS, min_size=1, max_size=2))


def written(days, windows):
    """`Mo,We 08:00-10:00,22:00-06:00`."""
    hours = (f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}" for start, end in windows)
    return f"{','.join(DAYS[day] for day in sorted(days))} {','.join(hours)}"


def meant(rules):
    """The minutes of the week: a day belongs to the last rule that names it, and to it alone."""
    owner = {day: windows for days, windows in rules for day in days}
    begun = [(day * DAY_MIN + start, (end - start) % DAY_MIN) for day, each in owner.items() for start, end in each]
    return {minute % WEEK_MIN for start, length in begun for minute in range(start, start + length)}


def covered(card):
    """The minutes of the week in which a line of the card holds."""
    return {
        (day - 1) * DAY_MIN + minute
        for scope in (line.scope for line in card.lines)
        for day in scope.days.weekdays()
        for window in scope.hours
        for span in window.spans()
        for minute in range(*span)
    }


REFUSALS = ("leaves nothing of a rule before", "a night into a day of another rule")


@given(st.lists(RULES, min_size=1, max_size=3))
def test_rules_cover_what_each_day_s_last_one_says(rules):
    text = f"restriction:conditional=no_parking @ ({'; '.join(written(*rule) for rule in rules)})"
    try:
        minutes = covered(translate("osm", text))
    except RateCardError as refusal:
        if len(rules) == 1 or refusal.hint not in REFUSALS:
            raise
    else:
        assert minutes == meant(rules)
