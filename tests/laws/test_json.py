"""Laws of the JSON forms: nothing is lost, and what we write is what the schemas say (S6.1)."""

import contextlib
import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ratecards import CardJsonError, format_card, from_json, parse, strategies, structured_rates, to_json
from ratecards.jsonform import schema
from ratecards.parser import MAX_LINE_CHARS

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CARD, STRUCTURED = (Draft202012Validator(schema(name)) for name in ("card", "structured"))
printable = strategies.cards().filter(lambda card: all(len(line) <= MAX_LINE_CHARS for line in format_card(card)))


def test_the_schemas_are_schemas():
    for name in ("card", "structured"):
        Draft202012Validator.check_schema(schema(name))


@LAW
@given(printable)
def test_json_round_trip(card):
    stated = to_json(card)
    CARD.validate(stated)
    assert from_json(json.loads(json.dumps(stated))) == card


@LAW
@given(strategies.cards())
def test_structured_rates_keep_their_schema(card):
    STRUCTURED.validate(json.loads(json.dumps(structured_rates(card))))


def test_the_published_rates_keep_the_schema(published):
    for segment in published["segments"]:
        STRUCTURED.validate(segment["structuredRates"])


def test_an_example_to_check_by_eye():
    [line] = to_json(parse(["Each 15 Min (Mon-Fri Except Holidays; 8:30am-6pm; 2 Hour Max): $0.50"]))["lines"]
    assert line == {
        "term": {"kind": "Each", "minutes": 15},
        "days": [{"first": "Mon", "last": "Fri"}],
        "except": ["Holidays"],
        "hours": [{"start": "08:30", "end": "18:00", "clock": 12}],
        "stay_min": 120,
        "outcome": {"amount": "0.5", "unit": "$"},
    }


WRONG = [
    ({}, "lines"),
    ({"lines": 3}, "not a card"),
    ({"lines": [{"rate": 1}]}, "line 1: unknown key 'rate'"),
    ({"lines": [{"outcome": "Cheap"}]}, "line 1: ValueError: 'Cheap'"),
    ({"lines": [{"outcome": {"amount": "x", "unit": "$"}}]}, "line 1: InvalidOperation"),
    ({"lines": [{"outcome": "Free", "days": [{"first": "Mo", "last": "Tue"}]}]}, "line 1: ValueError"),
    ({"lines": [{"outcome": "Free", "stay_min": -5}]}, "none of the language|not a card"),
    ({"lines": [{"outcome": "Free", "reason": "Bus Stop"}]}, "not a card"),
    ({"lines": [], "unread": [3]}, "none of the language"),
]


@pytest.mark.parametrize("stated, message", WRONG)
def test_what_is_no_card_is_refused(stated, message):
    with pytest.raises(CardJsonError, match=message):
        from_json(stated)


@LAW
@given(printable, st.data())
def test_no_json_does_harm(card, data):
    """One value of a card's JSON is replaced by any other."""
    stated = copy.deepcopy(to_json(card))
    inner = stated
    while isinstance(inner, dict | list) and inner:
        key = data.draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
        if not isinstance(inner[key], dict | list) or not inner[key] or data.draw(st.booleans()):
            inner[key] = data.draw(
                st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
            )
            break
        inner = inner[key]
    with contextlib.suppress(CardJsonError):
        from_json(stated)
