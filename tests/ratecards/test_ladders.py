"""What a ladder has charged at a minute of its clock (S4.2)."""

from fractions import Fraction

import pytest

from ratecards import parse
from ratecards.ladders import ladder_of


def charged(lines: list[str], clock_min: int) -> Fraction | None:
    """The price of a stay of so many minutes on one tariff."""
    ladder = ladder_of(parse(lines).lines)
    if ladder is None:
        return None
    if ladder.known_min is not None and clock_min > ladder.known_min:
        return None
    return Fraction(ladder.total(clock_min))


HOUR5 = ["1 Hour: $5", "Each Add'l 30 Min: $2"]
# The lines of one tariff, then `minutes: price` pairs; `?` is unknown.
LADDERS = [
    (["Each Hour: $1"], "1: 1; 60: 1; 61: 2; 120: 2; 600: 10; 601: 11"),
    (["Each 15 Min: $0.50"], "1: 0.50; 15: 0.50; 16: 1; 60: 2"),
    # A tier buys its time; between two the larger is paid; after the last the ladder starts again.
    (["1 Hour: $1"], "60: 1; 61: 2; 121: 3"),
    (["1 Hour: $1", "2 Hours: $3", "4 Hours: $8"], "60: 1; 61: 3; 120: 3; 121: 8; 240: 8; 241: 9; 301: 11; 481: 17"),
    (["4 Hours: $8", "1 Hour: $1"], "60: 1; 61: 8; 240: 8; 241: 9"),
    # With an add-on behind the smaller tier, at most the larger.
    (HOUR5, "60: 5; 61: 7; 90: 7; 91: 9; 120: 9; 600: 41"),
    ([*HOUR5, "6.5 Hours: $27", "24 Hours: $30"], "60: 5; 90: 7; 360: 25; 390: 27; 391: 30; 1440: 30; 1441: 35"),
    ([*HOUR5, "2 Hours: $6"], "61: 6; 120: 6; 121: 11"),
    # The highest point reached: a longer tier that costs less never lowers the price.
    (["1 Hour: $5", "2 Hours: $3"], "60: 5; 120: 5; 121: 10"),
    # A stay of just the larger tier's length pays that tier.
    (["1 Hour: $2", "Each Add'l Hour: $1", "3 Hours: $9"], "61: 3; 179: 4; 180: 9; 181: 11"),
    (["1 Min: Free", "Each Add'l Hour: Free", "2 Min: $1"], "1: 0; 2: 1; 3: 1; 4: 2"),
    (["1 Hour: $2", "Each Add'l Hour: $1", "3 Hours: $9", "Each Add'l Hour: Free"], "180: 9; 600: 9"),
    (["30 Min: $1", "2 Hours: $5", "30 Min: $3", "Each Add'l 30 Min: $1"], "31: 2; 61: 3; 120: 5"),
    # An nth hour has its price from its first minute on, whatever an add-on before it would come to.
    (["1st Hour: $2", "Each Add'l 30 Min: $1", "2nd Hour: $5"], "60: 2; 61: 7; 120: 7; 121: 12"),
    (["1st Hour: $2", "Each Add'l 30 Min: $1", "3rd Hour: $5"], "61: 3; 91: 4; 120: 4; 121: 9"),
    (["45 Min: Free", "90 Min: $2", "2nd Hour: Free"], "45: 0; 90: 2; 91: ?"),
    # Two lines that both claim what follows the last tier.
    (["1 Hour: $2", "Each Add'l Hour: $1", "Each Hour: $3"], "60: ?; 120: ?"),
    (["1 Hour: $2", "Each Add'l Hour: $1", "2 Hours: Free", "Each Hour: $3"], "60: ?; 61: ?"),
    (["1 Hour: $2", "2 Hours: Free", "Each Add'l Hour: $1", "Each Hour: $3"], "60: ?; 61: ?"),
    (["1 Hour: $2", "Each Add'l Hour: $1", "2 Hours: $5", "Each Hour: $3"], "61: 3; 120: 5; 121: 8"),
    # Of two tiers of one length, and of two Each lines, the earlier rules.
    (["1 Hour: $1", "1 Hour: $2"], "60: 1; 61: 2"),
    (["Each Hour: $1", "Each Hour: $2"], "61: 2"),
    # Each beside priced tiers goes on as add-on; beside free tiers only, a longer stay pays from zero.
    (["1 Hour: $3", "Each 30 Min: $1"], "60: 3; 61: 4; 90: 4; 91: 5"),
    (["15 Min: Free", "Each Hour: $2"], "15: 0; 16: 2; 60: 2; 61: 4"),
    (["90 Min: Free", "Each Hour: $2"], "90: 0; 91: 4; 120: 4; 121: 6"),
    (["1 Hour: Free", "Each Hour: $2"], "60: 0; 61: 4; 121: 6"),
    (["15 Min: Free", "30 Min: $1.50", "1 Hour: $3"], "7: 0; 16: 1.50; 28: 1.50; 40: 3; 60: 3"),
    (["30 Min: $2", "1 Hour: Free", "Each Hour: $1"], "30: 2; 31: 3; 90: 3; 91: 4"),
    # Beyond a free tier nothing is known.
    (["15 Min: Free"], "15: 0; 16: ?"),
    (["1 Hour: $2", "2 Hours: Free"], "60: 2; 120: 2; 121: ?"),
    (["1 Hour: $2", "Each Add'l Hour: Free"], "60: 2; 600: 2"),
    (["1 Hour: Free", "Each Add'l Hour: $3"], "60: 0; 61: 3; 121: 6"),
    (["Each Add'l Hour: $2"], "1: ?"),
    # Without a duration a price is flat for a day of the tariff's clock.
    (["Mon-Sun: $5"], "1: 5; 1440: 5; 1441: 10"),
    (["Mon-Sun: Free"], "1: 0; 40000: 0"),
    (["See Meter"], "1: ?"),
]  # fmt: skip


@pytest.mark.parametrize(
    "lines, prices", LADDERS, ids=lambda value: " + ".join(value) if isinstance(value, list) else ""
)
def test_ladder(lines, prices):
    for pair in prices.split("; "):
        minutes, expected = pair.split(": ")
        assert charged(lines, int(minutes)) == (None if expected == "?" else Fraction(expected)), pair
