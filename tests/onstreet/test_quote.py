"""`POST /quote` and `onstreet quote`: stays on any card, without a data set."""

import json
from itertools import pairwise

import pytest
from click.testing import CliRunner

from onstreet.cli import main

CARD = ["Each Hour (Mon-Sat; 9am-6pm; 4 Hour Max): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free", "Holidays: Free"]
ASKED = {
    "rateCards": CARD, "entry_time": "2026-03-05T16:30", "duration": [60, 120], "zone": "America/Los_Angeles",
    "country": "US", "subdivision": "CA", "permits": [], "currency": "USD",
}  # fmt: skip


def post(client, **changes):
    body = {name: value for name, value in (ASKED | changes).items() if value is not None}
    return client.post("/quote", json=body)


def test_a_card_is_answered_with_a_segment_object(client):
    answer = post(client).json
    assert list(answer) == [
        "isOpen", "calculatedRates", "structuredRates", "until", "untilReason", "freeUntil", "becomesFreeAt",
        "explanation",
    ]  # fmt: skip
    assert answer["isOpen"] is True
    assert [rate["rate_cost"] for rate in answer["calculatedRates"]] == [2, 4]
    # 4 paid minutes of 240 are used by 18:00 on Thursday; Friday begins anew at nine.
    assert answer["until"] == "2026-03-06T13:00:00-08:00"
    assert answer["untilReason"] == CARD[0]
    assert answer["freeUntil"] is None
    assert answer["becomesFreeAt"] == "2026-03-05T18:00:00-08:00"
    receipt = answer["explanation"][1]
    assert receipt["quoted_duration"] == "2:00:00"
    assert [(item["rateCard"], item["minutes"], item["units"], item["amount"]) for item in receipt["items"]] == [
        (CARD[0], 90, 2, 4), (CARD[1], 30, None, 0),
    ]  # fmt: skip


def test_all_but_the_card_may_be_left_out(client):
    answer = client.post("/quote", json={"rateCards": ["Each Hour: €3"]}).json
    # The client's clock stands still; UTC, an hour, and the currency of the card.
    assert [(rate["rate_cost"], rate["quoted_duration"]) for rate in answer["calculatedRates"]] == [(3, "1:00:00")]


def test_holidays_are_those_of_the_country(client):
    thanksgiving = {"entry_time": "2026-11-26T10:00", "duration": 60}
    assert post(client, **thanksgiving).json["calculatedRates"][0]["rate_cost"] == 0
    assert post(client, **thanksgiving, country="NL", subdivision=None).json["calculatedRates"][0]["rate_cost"] == 2
    assert post(client, **thanksgiving, country=None, subdivision=None).json["calculatedRates"] is None


def test_permits_open_reserved_time(client):
    card = ["Mon-Sun (Zone A Permit Only): Free"]
    assert post(client, rateCards=card).json["calculatedRates"] == []
    assert post(client, rateCards=card, permits=["Zone A Permit"]).json["calculatedRates"][0]["rate_cost"] == 0


def test_a_stay_that_may_not_be_made_says_why(client):
    receipt = post(client, duration=[1440]).json["explanation"][0]
    assert (receipt["isLegal"], receipt["reason"], receipt["refusedBy"]) == (False, "limit", CARD[0])
    assert receipt["items"][-1]["rateCard"] == CARD[0]
    assert receipt["items"][-1]["amount"] is None


def test_a_bad_card_is_answered_with_line_column_and_hint(client):
    answer = post(client, rateCards=["Sun: Free", "Mon (9am-6pm): Fre", "Mondy: Free"])
    assert answer.status_code == 422
    error = answer.json["error"]
    assert (error["code"], error["param"]) == ("unprocessable", "rateCards")
    assert error["message"].startswith("line 2, column 16: cannot read 'Fre'")
    assert [(each["line"], each["column"]) for each in error["details"]] == [(2, 16), (3, 1)]
    assert "Free" in error["details"][0]["hint"]


BAD = [
    ({"rateCards": None}, "rateCards", "'rateCards', the list of the card's lines, is missing"),
    ({"rateCards": "Sun: Free"}, "rateCards", "'rateCards' must be a list of at most 50 lines, not 'Sun: Free'"),
    ({"rateCards": [7]}, "rateCards", "'rateCards' must be a list"),
    ({"rateCard": []}, "rateCard", "unknown field 'rateCard' (did you mean 'rateCards'?)"),
    ({"entry_time": "10:00"}, "entry_time", "'entry_time' must be yyyy-mm-ddTHH:MM"),
    ({"duration": 0}, "duration", "'duration' must be whole minutes from 1 to 44640"),
    ({"duration": [60.5]}, "duration", "'duration' must be whole minutes"),
    ({"duration": [True]}, "duration", "'duration' must be whole minutes"),
    ({"duration": []}, "duration", "'duration' must be whole minutes"),
    ({"duration": [1] * 25}, "duration", "'duration' must be whole minutes"),
    ({"zone": "Mars/Olympus"}, "zone", "'zone' must be an IANA time zone such as Europe/Amsterdam, not 'Mars/Olympus'"),
    ({"country": "X" * 61}, "country", "'country' must be an ISO 3166-1 code such as US, not 'XXX"),
    ({"country": "XX"}, "country", "'country': no holidays are known of a country 'XX'"),
    ({"subdivision": "ZZ"}, "subdivision", "'subdivision': no holidays are known of US-'ZZ'"),
    ({"country": None}, "subdivision", "'subdivision' needs a 'country'"),
    ({"permits": "residential"}, "permits", "'permits' must be a list of names of permits"),
    ({"permits": ["?"]}, "permits", "'permits' must be a list of names of permits, at most 50, not ['?']"),
    ({"permits": ["a,b"]}, "permits", "'permits' must be a list of names of permits"),
    ({"entry_time": 10}, "entry_time", "'entry_time' must be yyyy-mm-ddTHH:MM, with Z for UTC, not 10"),
    ({"country": 1}, "country", "'country' must be an ISO 3166-1 code such as US, not 1"),
    ({"currency": "$"}, "currency", "'currency' must be an ISO 4217 code such as USD, not '$'"),
]


@pytest.mark.parametrize("changes, param, message", BAD)
def test_what_cannot_be_used_is_named(client, changes, param, message):
    answer = post(client, **changes)
    assert answer.status_code == 400
    assert answer.json["error"]["param"] == param
    assert answer.json["error"]["message"].startswith(message)


# What is changed; where in the body it is wrong, and words about it.
PLACES = [
    ({"rateCards": ["Sun: Free", 7]}, [("rateCards.1", "7 is not of type 'string'")]),
    ({"duration": [60, 0]}, [("duration.1", "0 is less than the minimum of 1")]),
    ({"permits": ["zone a", "?", 3]}, [("permits.1", "'?' does not match"), ("permits.2", "3 is not of type")]),
    ({"zone": 7}, [("zone", "7 is not of type 'string', 'null'")]),
]


@pytest.mark.parametrize("changes, places", PLACES)
def test_the_place_of_a_fault_is_named(client, changes, places):
    details = post(client, **changes).json["error"]["details"]
    assert [each["place"] for each in details] == [place for place, _ in places]
    assert all(each["message"].startswith(said) for each, (_, said) in zip(details, places, strict=True))


def test_a_whole_number_may_have_a_point(client):
    assert post(client, duration=60.0).json == post(client, duration=60).json


@pytest.mark.parametrize("body, kind, status", [
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"rateCards=1", "application/x-www-form-urlencoded", 415),
    (b'{"rateCards": ["' + b"x" * 70_000 + b'"]}', "application/json", 413),
    (b'{"rateCards": ["Sun: Free"], "rateCards": []}', "application/json", 400),
])  # fmt: skip
def test_a_body_that_is_no_question(client, body, kind, status):
    answer = client.post("/quote", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.json["error"]["request_id"]


def test_receipts_that_nobody_could_read_are_refused(client):
    """A tariff for every quarter of an hour, on 24 stays of a month."""
    quarters = [f"{hour:02}:{minute:02}" for hour in range(6, 18) for minute in (0, 15, 30, 45)]
    card = [f"Each 1 Min ({start}-{end}): $1" for start, end in pairwise(quarters)]
    answer = post(client, rateCards=card, duration=[44_640] * 24)
    assert (answer.status_code, answer.json["error"]["param"]) == (400, "duration")
    assert answer.json["error"]["message"] == (
        "the receipts have more than 10,000 items; ask about fewer or shorter stays"
    )
    assert len(post(client, rateCards=card, duration=[44_640]).json["explanation"][0]["items"]) > 400
    outcome = run(*card, "--duration", "|".join(["44640"] * 24), "--json")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1)


def run(*arguments: str):
    return CliRunner().invoke(main, ["quote", *arguments])


WHERE = ["--entry", "2026-03-05T16:30", "--zone", "America/Los_Angeles"]


def test_the_command_prints_prices_and_receipts():
    outcome = run(*CARD[:3], "Max: $3", *WHERE, "--duration", "60|120|1440", "--explain")
    assert outcome.output.splitlines() == [
        "   1:00:00  $2",
        f"            Thu 05 Mar 16:30-17:30             $2.00  1 x {CARD[0]}",
        "   2:00:00  $3",
        f"            Thu 05 Mar 16:30-18:00             $3.00  2 x {CARD[0]}, at most Max: $3",
        "            Thu 05 Mar 18:00-18:30             $0.00  Mon-Sat (6pm-9am): Free",
        f"  24:00:00  not allowed (limit): {CARD[0]}",
        f"            Thu 05 Mar 16:30-18:00             $3.00  2 x {CARD[0]}, at most Max: $3",
        "            Thu 05 Mar 18:00-Fri 06 Mar 09:00  $0.00  Mon-Sat (6pm-9am): Free",
        f"            Fri 06 Mar 09:00-13:00             $0.00  4 x {CARD[0]}, at most Max: $3",
        f"            Fri 06 Mar 13:00-16:30                 ?  {CARD[0]}",
    ]


def test_the_command_and_the_resource_answer_the_same(client):
    outcome = run(*CARD, *WHERE, "--duration", "60|120", "--country", "US", "--subdivision", "CA", "--json")
    assert json.loads(outcome.output) == post(client).json


@pytest.mark.parametrize("arguments, said", [
    (["Sun: Fre"], "column 6: cannot read 'Fre'"),
    (["Sun: Free", "--entry", "noon"], "Error: --entry must be yyyy-mm-ddTHH:MM"),
    (["Sun: Free", "--duration", "60,120"], "Error: --duration must be whole minutes"),
    (["Sun: Free", "--zone", "Paris"], "Error: --zone must be an IANA time zone"),
])  # fmt: skip
def test_the_command_says_what_is_wrong(arguments, said):
    outcome = run(*arguments)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(said)


def test_help_has_an_example():
    assert "Example: onstreet quote 'Each Hour" in run("--help").output
