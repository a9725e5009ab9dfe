"""Card -> structuredRates: the published shape, and what goes beyond the published lines (S6.1)."""

import json

import pytest

from ratecards import parse, read, structured_rates


def test_the_published_segments(published):
    for segment in published["segments"]:
        assert structured_rates(parse(segment["rateCards"])) == segment["structuredRates"]


def test_keys_stand_in_the_published_order(published):
    for segment in published["segments"]:
        for rate, known in zip(structured_rates(parse(segment["rateCards"])), segment["structuredRates"], strict=True):
            assert list(rate) == list(known)


# A card, its lines parted by slashes, and its rates as JSON objects.
CARDS = [
    ("See Meter", ""),
    ("Mon-Sun: Free", '{"rate": 0, "dow_end": 7, "repeats": true, "dow_start": 1, "increment": 1440}'),
    ("Each 15 Min: $0.50", '{"rate": 0.5, "repeats": true, "increment": 15}'),
    ("24 Hours: $30", '{"rate": 30}'),
    ("6.5 Hours: $27", '{"rate": 27, "increment": 390}'),
    ("Mon-Sun (6pm-11pm): $5", '{"rate": 5, "dow_end": 7, "time_in": "18:00-23:00", "dow_start": 1}'),
    ("Mon-Sun: $5", '{"rate": 5, "dow_end": 7, "repeats": true, "dow_start": 1, "increment": 1440}'),
    ("2 Hour Parking (Mon-Fri; 8am-6pm)",
     '{"max": 120, "rate": 0, "dow_end": 5, "time_in": "08:00-18:00", "dow_start": 1}'),
    ("Tue Every 2nd & 4th (8am-10am; Street Cleaning): No Parking",
     '{"rate": -1, "dow_end": 2, "time_in": "08:00-10:00", "dow_start": 2, "alternates": [2, 4]}'),
    ("Tue Every Last: No Parking",
     '{"rate": -1, "dow_end": 2, "repeats": true, "dow_start": 2, "increment": 1440, "alternates": [-1]}'),
    # A bar without a limit splits and changes nothing else; each further range is read after all other lines.
    ("Each Hour (Mon | Wed | Fri): $1 / Sun: Free",
     '{"rate": 1, "dow_end": 1, "repeats": true, "dow_start": 1, "increment": 60},'
     '{"rate": 0, "dow_end": 7, "repeats": true, "dow_start": 7, "increment": 1440},'
     '{"rate": 1, "dow_end": 3, "repeats": true, "dow_start": 3, "increment": 60},'
     '{"rate": 1, "dow_end": 5, "repeats": true, "dow_start": 5, "increment": 60}'),
    # Two windows are two objects.
    ("Mon-Fri (7am-9am & 4pm-6pm): No Parking",
     '{"rate": -1, "dow_end": 5, "time_in": "07:00-09:00", "dow_start": 1},'
     '{"rate": -1, "dow_end": 5, "time_in": "16:00-18:00", "dow_start": 1}'),
    # An add-on goes on from the tier before it up to the next longer one.
    ("1 Hour: $5 / Each Add'l 30 Min: $2 / 6.5 Hours: $27",
     '{"rate": 5, "increment": 60},'
     '{"max": 390, "rate": 2, "repeats": true, "increment": 30, "additional": 60},'
     '{"rate": 27, "increment": 390}'),
    # Who may use it.
    ("Mon (8am-6pm; Zone A Permit Only): Free",
     '{"rate": 0, "dow_end": 1, "repeats": true, "time_in": "08:00-18:00", "dow_start": 1, "increment": 600,'
     ' "restriction": "R"}'),
    ("Each Hour (4 Hour Max; EV Charging Only): $2",
     '{"max": 240, "rate": 2, "repeats": true, "increment": 60, "restriction": "ev charging"}'),
    ("Commercial Vehicle Only: Free", '{"rate": 0, "repeats": true, "increment": 1440, "restriction": "C"}'),
]  # fmt: skip


@pytest.mark.parametrize("lines, rates", CARDS)
def test_structured(lines, rates):
    lines = lines.split(" / ")
    assert structured_rates(parse(lines)) == json.loads(f"[{rates}]")


def test_unread_lines_give_no_rate():
    card, *_ = read(["Mon: Fre", "Sun: Free"])
    assert len(structured_rates(card)) == 1
