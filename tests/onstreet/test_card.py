"""`POST /card`: what a card says and what is wrong with it."""

import json

import pytest

from ratecards import lint, parse, structured_rates, to_json
from ratecards.locales import LOCALES

STREET = [
    "Each Hour (Mon-Sat; 9am-6pm; 4 Hour Max): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free",
    "Wed (7am-9am; Street Cleaning): No Parking",
]  # fmt: skip
WHERE = {"entry_time": "2026-06-11T10:00", "zone": "America/Los_Angeles", "country": "US", "subdivision": "CA"}


def post(client, card, **stated):
    answer = client.post("/card", json={"rateCards": card} | WHERE | stated)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_good_card_is_said_in_every_form(client):
    answer = post(client, STREET)
    card = parse(STREET)
    assert answer["rateCards"] == STREET
    assert (answer["errors"], answer["notices"], answer["unknownDays"]) == ([], [], [])
    assert answer["structuredRates"] == structured_rates(card)
    assert answer["rates"] == to_json(card)
    assert answer["findings"] == [
        {"code": each.code, "lines": list(each.line_numbers), "message": each.message, "hint": each.hint}
        for each in lint(card)
    ]


@pytest.mark.parametrize("locale", [None, "de"])
def test_the_week_is_that_of_a_segment_with_this_card(client, published, locale):
    asked = "/blocks?id=46502752&entry_time=2026-06-11T10:00&outputfields=rateCards,week"
    served = client.get(f"{asked}&locale={locale}" if locale else asked).json["result"][0]["segments"]
    for stated, segment in zip(published["segments"], served, strict=True):
        answer = post(client, stated["rateCards"], locale=locale)
        assert answer["week"] == segment["week"]
        assert answer["rateCards"] == segment["rateCards"]


def test_all_faults_have_their_place_and_a_hint(client):
    answer = post(client, ["Sun: Free", "Mon (9am-6pm): Fre", "Mon (9am", "Mondy: Free"])
    assert [(each["line"], each["column"], each["end"], each["text"]) for each in answer["errors"]] == [
        (2, 16, 19, "Mon (9am-6pm): Fre"), (3, 9, 9, "Mon (9am"), (4, 1, 6, "Mondy: Free"),
    ]  # fmt: skip
    assert answer["errors"][0]["hint"] == "did you mean Free?"
    assert "'-'" in answer["errors"][1]["expected"]
    assert answer["errors"][2]["message"] == "column 1: cannot read 'Mondy' (did you mean Mon?)"
    assert answer["rateCards"] == ["Sun: Free", "Mon (9am-6pm): Fre", "Mon (9am", "Mondy: Free"]


def test_what_cannot_be_read_leaves_all_but_bans_unknown(client):
    answer = post(client, ["Mon: No Parking", "Tue: Free", "Wed: Fre"])
    assert {(span["state"], span["hourPrice"]) for span in answer["week"]} == {("closed", None), ("unknown", None)}
    assert answer["rates"]["unread"] == ["Wed: Fre"]
    assert len(answer["structuredRates"]) == 2


def test_relaxed_spellings_are_notices_and_faults_where_that_is_asked(client):
    card = ["mon thru sat (9am-6pm): $1/hr", "Sun: Free"]
    lenient, strict = post(client, card), post(client, card, strict=True)
    assert lenient["rateCards"] == ["Each Hour (Mon-Sat; 9am-6pm): $1", "Sun: Free"]
    assert (lenient["errors"], {each["line"] for each in lenient["notices"]}) == ([], {1})
    assert all(card[0][each["column"] - 1 : each["end"] - 1] in card[0] for each in lenient["notices"])
    assert (strict["notices"], {each["line"] for each in strict["errors"]}) == ([], {1})
    assert len(strict["errors"]) == len(lenient["notices"])
    assert strict["rates"]["unread"] == [card[0]]


def test_a_text_is_its_lines_and_blank_ones_count(client):
    text = "\n Sun: Free\n\r\n1 Hour: $5\nMon: Fre\n\n2 Hours: $3\n"
    answer = post(client, text)
    assert answer["rateCards"] == ["Sun: Free", "1 Hour: $5", "Mon: Fre", "2 Hours: $3"]
    assert [each["line"] for each in answer["errors"]] == [5]
    [finding] = [each for each in answer["findings"] if each["code"] == "falling-tier"]
    assert finding["lines"] == [4, 7]
    assert finding["message"].startswith("a longer stay costs less: line 4 says 1 Hour: $5, line 7 says 2 Hours: $3")


@pytest.mark.parametrize("card", ["", "\n\n", []])
def test_nothing_is_known_of_no_card(client, card):
    answer = post(client, card)
    assert (answer["rateCards"], answer["errors"]) == ([], [])
    assert [span["state"] for span in answer["week"]] == ["unknown"]


DAYS = ["Each Hour: $1", "Holidays: Free", "School Days (7am-9am): No Parking"]


@pytest.mark.parametrize("where, unknown", [
    ({}, ["School Days"]),
    ({"country": None, "subdivision": None}, ["Holidays", "School Days"]),
])  # fmt: skip
def test_days_of_which_nobody_knows_a_calendar_are_named(client, where, unknown):
    assert post(client, DAYS, **where)["unknownDays"] == unknown


def test_holidays_are_in_the_week(client):
    [free] = [span for span in post(client, DAYS[:2], entry_time="2026-07-01T10:00")["week"] if span["state"] == "free"]
    assert (free["start"], free["end"]) == ("2026-07-03T00:00:00-07:00", "2026-07-05T00:00:00-07:00")


def test_permits_open_reserved_hours(client):
    card = ["Mon-Sun (Zone A Permit Only): Free"]
    assert [span["state"] for span in post(client, card)["week"]] == ["reserved"]
    assert [span["state"] for span in post(client, card, permits=["zone a"])["week"]] == ["free"]


@pytest.mark.parametrize("locale", LOCALES)
def test_cards_are_printed_in_every_locale(client, locale):
    answer = post(client, STREET, locale=locale)
    assert len(answer["rateCards"]) == len(STREET)
    assert {span["rateCard"] for span in answer["week"]} == set(answer["rateCards"])


def test_a_card_of_more_hours_than_a_sign_has_is_not_doubted(client):
    many = [f"Each Hour (Mon; 12:{minute:02}am-11pm): $1" for minute in range(10, 51)]
    assert post(client, many)["findings"] is None
    assert post(client, many[:40])["findings"]


BAD = [
    ({"rateCards": None}, "rateCards", "'rateCards' must be a list of at most 50 lines, or one text of them"),
    ({"rateCards": 7}, "rateCards", "'rateCards' must be a list"),
    ({"rateCards": ["x"] * 201}, "rateCards", "'rateCards' must be a list of at most 50 lines"),
    ({"rateCards": "\n" * 201}, "rateCards", "'rateCards' must be a list of at most 50 lines"),
    ({"duration": 60}, "duration", "unknown field 'duration'"),
    ({"strict": "yes"}, "strict", "'strict' must be true or false, not 'yes'"),
    ({"locale": "xx"}, "locale", "'locale' must be one of en-US"),
    ({"entry_time": "noon"}, "entry_time", "'entry_time' must be yyyy-mm-ddTHH:MM"),
    ({"zone": "Paris"}, "zone", "'zone' must be an IANA time zone"),
    ({"country": None}, "subdivision", "'subdivision' needs a 'country'"),
    ({"currency": "$"}, "currency", "'currency' must be an ISO 4217 code"),
]


@pytest.mark.parametrize("changes, param, message", BAD)
def test_what_cannot_be_used_is_named(client, changes, param, message):
    answer = client.post("/card", json={"rateCards": STREET} | WHERE | changes)
    assert answer.status_code == 400
    assert answer.json["error"]["param"] == param
    assert answer.json["error"]["message"].startswith(message)


def test_a_body_without_a_card_is_said(client):
    assert client.post("/card", json={}).json["error"]["message"].startswith("'rateCards', the list")
    assert client.post("/card", data="x", content_type="text/plain").status_code == 415
    assert client.post("/card?zone=UTC", json={"rateCards": []}).json["error"]["param"] == "zone"


def test_the_answer_is_as_the_contract_says(client):
    from jsonschema import Draft202012Validator

    from onstreet.api.openapi import document

    schema = {"components": document()["components"], "$ref": "#/components/schemas/Card"}
    for card in (
        STREET,
        DAYS,
        "mon: free\nMon: Fre",
        [],
        [f"Each Hour (Mon; 12:{m}am-11pm): $1" for m in range(10, 55)],
    ):
        answer = post(client, card)
        assert [
            error.message for error in Draft202012Validator(schema).iter_errors(json.loads(json.dumps(answer)))
        ] == []
