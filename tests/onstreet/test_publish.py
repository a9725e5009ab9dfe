"""What a segment offers (S6.2)."""

import pytest

from onstreet.datasets.publish import amenities_of
from ratecards import parse

FREE, METERED, OVERNIGHT, RESIDENTIAL, COMMERCIAL = range(1, 6)
CARDS = [
    ("No Parking", []),
    ("Mon-Sun: No Parking", []),
    ("12am-12am: No Parking", []),
    ("Mon-Fri | Sat-Sun: No Parking", []),
    ("Bus Stop: No Parking", []),
    ("Sun: No Parking", [OVERNIGHT]),
    ("Tue Every 2nd: No Parking", [OVERNIGHT]),
    ("See Meter", [OVERNIGHT]),
    ("Mon-Sun: Free", [FREE, OVERNIGHT]),
    ("2 Hour Parking (Mon-Fri; 8am-6pm)", [FREE, OVERNIGHT]),
    ("Each Hour: $1", [METERED, OVERNIGHT]),
    ("Each Hour: $0", [FREE, OVERNIGHT]),
    ("Mon (8am-6pm; Zone A Permit Only): Free", [FREE, OVERNIGHT, RESIDENTIAL]),
    ("Commercial Vehicle Only: Free", [FREE, OVERNIGHT, COMMERCIAL]),
    ("Each Hour (Loading Only): $1", [METERED, OVERNIGHT, COMMERCIAL]),
    ("Disabled Only: Free", [FREE, OVERNIGHT]),
]


@pytest.mark.parametrize("line, amenities", CARDS)
def test_amenities(line, amenities):
    assert list(amenities_of(parse([line]))) == amenities
