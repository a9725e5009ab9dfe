"""Two cards side by side: the same, never more than promised, or neither."""

import pytest

from ratecards import parse
from ratecards.comparison import Likeness, likeness

SAME, NO_MORE, UNLIKE = Likeness.SAME, Likeness.NO_MORE, Likeness.UNLIKE
# What is made of a card, the card itself, and how the first stands to the second.
CASES = [
    (["Free"], ["Free"], SAME),
    (["Mon-Sat (09:00-18:00): Free", "Sun: No Parking", "Free"], ["Sun: No Parking", "Mon-Sun: Free"], SAME),
    (["Each Hour (9am-6pm): $1"], ["Each 60 Min (09:00-18:00): $1"], SAME),
    (["1 Hour: $2", "Each Add'l Hour: $3"], ["1st Hour: $2", "2nd Hour: $3"], SAME),
    # what is forbidden
    (["No Parking"], ["Free"], NO_MORE),
    (["Free"], ["No Parking"], UNLIKE),
    (["Free"], ["Tue Every Last (10am-12pm): No Parking", "Free"], UNLIKE),
    (["Free"], ["Feb 29: No Parking", "Free"], UNLIKE),
    (["Free"], ["Mon-Sun Except Holidays: Free", "Holidays: No Parking"], UNLIKE),
    (["Free"], ["Zone A Permit Only: Free"], UNLIKE),
    (["Zone A Permit Only: Free"], ["Free"], NO_MORE),
    # limits: of one length, and at least wherever they hold
    (["2 Hour Parking"], ["Mon (2 Hour Max): Free", "Free"], NO_MORE),
    (["Mon (2 Hour Max): Free", "Free"], ["2 Hour Parking"], UNLIKE),
    (["1 Hour Parking"], ["2 Hour Parking"], UNLIKE),
    (["1 Hour Parking"], ["1 Hour Disc"], NO_MORE),
    (["1 Hour Disc"], ["1 Hour Parking"], UNLIKE),
    # one clock in the place of two, and two in the place of one
    (["9am-12pm & 1pm-6pm (2 Hour Max): Free", "Free"],
     ["9am-12pm (2 Hour Max): Free", "1pm-6pm (2 Hour Max): Free", "Free"], NO_MORE),
    (["9am-12pm (2 Hour Max): Free", "1pm-6pm (2 Hour Max): Free", "Free"],
     ["9am-12pm & 1pm-6pm (2 Hour Max): Free", "Free"], UNLIKE),
    (["Each Hour (Mon): $1", "Each Hour (Tue-Sun): $1"], ["Each Hour: $1"], UNLIKE),
    (["Each Hour: $1"], ["Each Hour (Mon): $1", "Each Hour (Tue-Sun): $1"], UNLIKE),
    # prices
    (["Each Hour: $2"], ["Each Hour: $1"], UNLIKE),
    (["See Meter"], ["Each Hour: $1"], NO_MORE),
    (["Each Hour: $1"], ["See Meter"], UNLIKE),
    (["Free"], ["See Meter"], UNLIKE),
    (["Each Hour: $1"], ["Each Hour: $1", "Daily Max: $8"], NO_MORE),
    (["Each Hour: $1", "Daily Max: $8"], ["Each Hour: $1"], UNLIKE),
    (["Each Hour: $1"], ["Each Hour: $1", "Plus: $2"], UNLIKE),
    (["See Meter"], ["Each Hour: $1", "Plus: $2"], NO_MORE),
    (["Each Hour: $1"], ["Each Hour: $1", "Early Bird (In 5am-9am; Out By 6pm): $3"], NO_MORE),
    (["Each Hour: $1"], ["Each Hour: $1", "Early Bird (Holidays; In 5am-9am): $3"], UNLIKE),
    # a tier and a unit differ where the clock gets behind the tier, or a unit reaches into another
    (["Each Hour (9am-10am): $1"], ["1 Hour (9am-10am): $1"], SAME),
    (["Each Hour (12am-1am): $1"], ["1 Hour (12am-1am): $1"], UNLIKE),
    (["1 Hour (9am-12pm): $1", "Each Add'l Hour (9am-12pm): $2"], ["1 Hour (9am-12pm): $1"], UNLIKE),
    (["Each Hour (9am-10am): $1", "Each Hour (10am-6pm): $3"],
     ["1 Hour (9am-10am): $1", "Each Hour (10am-6pm): $3"], UNLIKE),
    # a unit that reaches into time of unknown price is charged whole, and might have been charged more
    (["Each Hour (9am-10am): $1", "10am-6pm: See Meter"],
     ["Each Hour (9am-10am): $1", "Each Hour (10am-6pm): $3"], UNLIKE),
    (["Free"], ["Free", "Rates Reset At 4am"], NO_MORE),
]  # fmt: skip


@pytest.mark.parametrize("made, stated, expected", CASES)
def test_how_one_card_stands_to_another(made, stated, expected):
    assert likeness(parse(made), parse(stated)) is expected


def test_a_line_nobody_can_read_may_forbid():
    assert likeness(parse(["Free"]), parse(["Free"]).__class__(parse(["Free"]).lines, ("Pakring",))) is UNLIKE
