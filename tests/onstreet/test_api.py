"""`/blocks` as a client sees it: the published example, prices, statuses, headers, errors."""

import json
from datetime import timedelta

import pytest
from conftest import NOW

from onstreet import index
from onstreet.api import blocks as api_blocks
from onstreet.api import create_app
from onstreet.query import run
from onstreet.wire import blocks
from onstreet.wire.blocks import BLOCK_FIELDS, SEGMENT_FIELDS
from ratecards import format_card, from_json

SEGMENTS = {"meter": "826357f3", "permit": "91819789", "closed": "f7326a5f"}


def segment(answer, name: str) -> dict:
    [found] = [each for each in answer.json["result"][0]["segments"] if each["segmentID"].startswith(SEGMENTS[name])]
    return found


def ask(client, **parameters):
    return client.get("/blocks", query_string={"id": "46502752", **parameters})


def test_the_published_example(client, published):
    answer = ask(client, entry_time="2026-06-14T03:00", duration="60")
    assert answer.status_code == 200
    [ours] = answer.json["result"]
    assert set(ours) == set(published)
    for name in set(published) - {"distance", "segments"}:
        assert ours[name] == published[name], name
    for mine, theirs in zip(ours["segments"], published["segments"], strict=True):
        for name in theirs | mine:
            assert mine[name] == theirs[name], (theirs["segmentID"], name)


def test_every_field_of_the_example_can_be_asked_for(published):
    assert set(BLOCK_FIELDS) == set(published)
    assert set(SEGMENT_FIELDS) == set(published["segments"][0])


# Entry, durations, permits; the segment, whether it is open, the costs.
VERDICTS = [
    ("2026-06-11T10:00", "60|120|480|720|1440", "", "meter", True, [1, 2, 8, 8, 9]),
    ("2026-06-09T17:00", "60|1440", "", "meter", True, [1]),
    ("2026-06-10T10:30", "60", "", "meter", False, []),
    ("2026-06-14T10:00", "60", "", "permit", False, []),
    ("2026-06-14T10:00", "60", "residential", "permit", True, [0]),
    ("2026-06-14T03:00", "60", "", "closed", False, []),
    ("2026-06-14T10:00Z", "60", "", "permit", True, [0]),
]


@pytest.mark.parametrize("entry, duration, permits, name, is_open, costs", VERDICTS)
def test_verdicts(client, entry, duration, permits, name, is_open, costs):
    parameters = {"entry_time": entry, "duration": duration} | ({"permits": permits} if permits else {})
    found = segment(ask(client, **parameters), name)
    assert found["isOpen"] is is_open
    assert [rate["rate_cost"] for rate in found["calculatedRates"]] == costs


def test_quotes_say_how_long_they_are_for(client):
    found = segment(ask(client, entry_time="2026-06-10T13:00", duration="5|90|1440|6000"), "meter")
    assert [rate["quoted_duration"] for rate in found["calculatedRates"]] == [
        "0:05:00",
        "1:30:00",
        "24:00:00",
        "100:00:00",
    ]
    assert {rate["rate_type"] for rate in found["calculatedRates"]} == {"B"}


def test_without_entry_and_duration_it_is_now_and_an_hour(client):
    [rate] = segment(ask(client), "meter")["calculatedRates"]
    assert rate == {"rate_cost": 1, "quoted_duration": "1:00:00", "rate_type": "B"}


def test_see_meter_is_open_at_an_unknown_price(client):
    answer = client.get("/blocks?box=34.1|-119,33.9|-118&limit=5000&duration=60|120")
    metered = [s for block in answer.json["result"] for s in block["segments"] if s["rateCards"] == ["See Meter"]]
    assert metered
    assert all(each["isOpen"] is True and each["calculatedRates"] is None for each in metered)


@pytest.mark.parametrize("entry, offset", [("2026-06-14T03:00", -25_200), ("2026-12-14T03:00", -28_800)])
def test_offset_follows_the_clock_change(client, entry, offset):
    assert ask(client, entry_time=entry).json["result"][0]["offset"] == offset


def test_literal_and_encoded_bars(client):
    texts = ["/blocks?id=46502752|900000001&duration=60|120", "/blocks?id=46502752%7C900000001&duration=60%7C120"]
    first, second = (client.get(text).json for text in texts)
    assert first == second
    assert len(first["result"]) == 2


def test_distance_is_whole_metres_from_the_point_or_the_centre(client):
    point = client.get("/blocks?point=34.019035|-118.487155&radius=300&sort=distance").json["result"]
    assert point[0]["blockID"] == "46502752"
    assert point[0]["distance"] == 0
    assert all(isinstance(block["distance"], int) and block["distance"] <= 300 for block in point)
    centre = client.get("/blocks?box=34.020035|-118.488155,34.018035|-118.486155&sort=distance").json["result"]
    assert centre[0]["blockID"] == "46502752"
    assert ask(client).json["result"][0]["distance"] is None


def test_probability_is_the_profile_of_the_hour(client):
    """The invented blocks have the profile of source.json, the published one its own number."""
    night, noon = (
        client.get(
            f"/blocks?id=46502752|900000001&entry_time=2026-06-11T{hour}:00&outputfields=probability,bucket"
        ).json
        for hour in ("02", "12")
    )
    assert [(b["probability"], b["bucket"]) for b in night["result"]] == [(53, 2), (88, 3)]
    assert [(b["probability"], b["bucket"]) for b in noon["result"]] == [(53, 2), (27, 1)]


def test_outputfields_choose(client):
    answer = ask(client, outputfields="name,isOpen", entry_time="2026-06-11T10:00")
    [block] = answer.json["result"]
    assert list(block) == ["blockID", "name", "segments"]
    assert {tuple(each) for each in block["segments"]} == {("segmentID", "isOpen")}
    assert [each["isOpen"] for each in block["segments"]] == [True, False, True, False]


def test_restrictions_keep_matching_segments_only(client):
    answer = ask(client, restrictions="1,4")
    assert [each["segmentID"][:8] for each in answer.json["result"][0]["segments"]] == [SEGMENTS["permit"]]
    empty = ask(client, restrictions="5")
    assert (empty.status_code, empty.json) == (200, {"result": []})


def test_a_cut_answer_links_to_the_next_page(client):
    seen, url = [], "/blocks?box=34.1|-119,33.9|-118&limit=20&outputfields=name&sort=distance"
    while url:
        answer = client.get(url)
        assert answer.headers["X-Total-Count"] == "71"
        seen += [block["blockID"] for block in answer.json["result"]]
        link = answer.headers.get("Link")
        assert link is None or link.endswith('>; rel="next"')
        url = link and link.removeprefix("<").removesuffix('>; rel="next"')
    assert len(seen) == len(set(seen)) == 71


def test_without_a_locale_cards_are_as_stored(client, published):
    stored = [each["rateCards"] for each in published["segments"]]
    assert [each["rateCards"] for each in ask(client).json["result"][0]["segments"]] == stored


@pytest.mark.parametrize("locale, text", [("de", "So: kostenlos"), ("fr_CA", "Dim. : gratuit"), ("en-US", "Sun: Free")])
def test_a_locale_prints_the_cards_and_nothing_else(client, locale, text):
    plain, printed = ask(client).json["result"][0], ask(client, locale=locale).json["result"][0]
    assert printed["segments"][0].pop("rateCards")[-1] == text
    for segments in (plain["segments"], printed["segments"]):
        for each in segments:
            each.pop("rateCards", None)
    assert printed == plain


def test_a_card_is_printed_once(client, monkeypatch):
    printed = []
    monkeypatch.setattr(blocks, "format_card", lambda card, locale: printed.append(card) or format_card(card, locale))
    blocks._printed.cache_clear()
    for _ in range(2):
        client.get("/blocks?box=34.1|-119,33.9|-118&limit=5000&locale=it&outputfields=rateCards")
    assert len(printed) == len(set(printed)) > 10
    assert blocks._printed.cache_info().maxsize


def test_a_locale_is_kept_on_the_next_page(client):
    answer = client.get("/blocks?box=34.1|-119,33.9|-118&limit=1&locale=nl_NL&outputfields=name")
    assert "locale=nl" in answer.headers["Link"]


# Path, status, code, parameter.
FAILURES = [
    ("/blocks", 400, "invalid_parameter", "id"),
    ("/blocks?id=46502752&radius=3", 400, "invalid_parameter", "radius"),
    ("/blocks?id=46502752&locale=pl", 400, "invalid_parameter", "locale"),
    ("/blocks?id=1|2", 404, "not_found", "id"),
    ("/blocks?alias=inrix|1", 404, "not_found", "alias"),
    ("/nowhere", 404, "not_found", None),
]


@pytest.mark.parametrize("path, status, code, param", FAILURES)
def test_failures_have_one_shape(client, path, status, code, param):
    answer = client.get(path)
    assert answer.status_code == status
    assert list(answer.json) == ["error"]
    error = answer.json["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"]
    assert error["request_id"] == answer.headers["X-Request-ID"]


def test_methods_that_are_not_there(client):
    answer = client.post("/blocks")
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_known_ids_are_answered_beside_unknown_ones(client):
    assert [block["blockID"] for block in ask(client, id="1|46502752|2").json["result"]] == ["46502752"]


def test_an_empty_region_is_an_empty_list(client):
    answer = client.get("/blocks?point=0|0&radius=100")
    assert (answer.status_code, answer.json) == (200, {"result": []})


def test_our_own_failures_are_json_and_tell_nothing(store, caplog):
    def broken():
        raise RuntimeError("the clock is broken")

    answer = create_app(stores=lambda: store, clock=broken).test_client().get("/blocks?id=46502752")
    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal_error"
    assert "clock" not in answer.text
    assert answer.json["error"]["request_id"] in caplog.text


def test_bodies_are_json_whatever_the_fields(client):
    for field in {*BLOCK_FIELDS, *SEGMENT_FIELDS}:
        answer = ask(client, outputfields=field)
        assert answer.mimetype == "application/json"
        assert json.loads(answer.data)["result"][0]["blockID"] == "46502752"


def test_what_lies_ahead_is_answered_by_name(client):
    """Tuesday half past five: free from six, swept on Wednesday at ten."""
    fields = "until,untilReason,freeUntil,becomesFreeAt"
    found = segment(ask(client, entry_time="2026-06-09T17:30", outputfields=fields), "meter")
    assert found == {
        "segmentID": found["segmentID"],
        "until": "2026-06-10T10:00:00-07:00",
        "untilReason": "Wed (10am-12pm): No Parking",
        "freeUntil": None,
        "becomesFreeAt": "2026-06-09T18:00:00-07:00",
    }
    sunday = segment(ask(client, entry_time="2026-06-14T10:00", outputfields=fields), "meter")
    assert sunday["freeUntil"] == "2026-06-15T09:00:00-07:00"
    assert sunday["becomesFreeAt"] is None
    closed = segment(ask(client, entry_time="2026-06-14T10:00", outputfields=fields), "permit")
    assert (closed["until"], closed["freeUntil"]) == (None, None)
    assert "Residential Permit Only" in closed["untilReason"]


def test_prices_are_explained_by_name(client):
    asked = {"entry_time": "2026-06-11T17:00", "duration": "60|1440", "outputfields": "explanation,calculatedRates"}
    found = segment(ask(client, **asked), "meter")
    for receipt, rate in zip(found["explanation"], found["calculatedRates"], strict=True):
        assert receipt["rate_cost"] == rate["rate_cost"] == sum(item["amount"] for item in receipt["items"])
    assert [
        (item["start"], item["end"], item["units"], item["total"]) for item in found["explanation"][1]["items"]
    ] == [
        ("2026-06-11T17:00:00-07:00", "2026-06-11T18:00:00-07:00", 1, 1),
        ("2026-06-11T18:00:00-07:00", "2026-06-12T09:00:00-07:00", None, 1),
        ("2026-06-12T09:00:00-07:00", "2026-06-12T17:00:00-07:00", 8, 9),
    ]
    german = segment(ask(client, **asked, locale="de"), "meter")["explanation"][0]["items"][0]["rateCard"]
    assert german.startswith("Je Stunde (Mo-Di")


def test_the_card_and_its_week_are_answered_by_name(client):
    found = segment(ask(client, entry_time="2026-06-11T10:00", outputfields="segments.rates,week,rateCards"), "meter")
    assert format_card(from_json(found["rates"])) == found["rateCards"]
    assert found["week"][0]["start"] == "2026-06-08T00:00:00-07:00"
    assert found["week"][-1]["end"] == "2026-06-15T00:00:00-07:00"
    assert [span["start"] for span in found["week"][1:]] == [span["end"] for span in found["week"][:-1]]
    wednesday = [span for span in found["week"] if span["start"] == "2026-06-10T10:00:00-07:00"]
    assert [(span["state"], span["hourPrice"], span["rateCard"]) for span in wednesday] == [
        ("closed", None, "Wed (10am-12pm): No Parking"),
    ]


def test_our_own_fields_come_only_by_name(client, published):
    everything = ask(client, outputfields="all").json["result"][0]["segments"][0]
    assert set(everything) == set(published["segments"][0])
    more = ask(client, outputfields="all,until").json["result"][0]["segments"][0]
    assert set(more) - set(everything) == {"until"}


def test_a_question_asked_before_is_not_answered_anew(client, monkeypatch):
    asked = []
    monkeypatch.setattr(api_blocks, "run", lambda *question: asked.append(question) or run(*question))
    same = {"box": "34.03|-118.5,34.01|-118.47", "entry_time": "2026-06-11T10:00", "duration": "60|120"}
    first, second = (client.get("/blocks", query_string=same) for _ in range(2))
    assert first.data == second.data
    assert first.headers["X-Total-Count"] == second.headers["X-Total-Count"] == "71"
    assert len(asked) == 1
    for other in ({"duration": "60"}, {"entry_time": "2026-06-11T10:01"}, {"outputfields": "name"}, {"limit": "1"}):
        client.get("/blocks", query_string=same | other)
    assert len(asked) == 5


def test_now_is_another_question_a_minute_later(store):
    now = NOW
    client = create_app(stores=lambda: store, clock=lambda: now).test_client()
    offsets = {"id": "46502752", "outputfields": "explanation"}
    starts = []
    for third in range(4):
        now = NOW + timedelta(seconds=20 * third)
        answer = client.get("/blocks", query_string=offsets)
        starts.append(segment(answer, "meter")["explanation"][0]["items"][0]["start"])
    assert [start[11:16] for start in starts] == ["10:00", "10:00", "10:00", "10:01"]


def test_what_is_found_at_a_path_is_found_for_its_method_alone(store):
    client = create_app(stores=lambda: store).test_client()
    for _ in range(3):
        assert client.get("/blocks?id=46502752").status_code == 200
        assert client.head("/blocks?id=46502752").data == b""
        assert client.post("/blocks?id=46502752").status_code == 405
        assert client.post("/quote", json={}).status_code == 400
        assert client.get("/quote").status_code == 405
        assert client.options("/quote").headers["Allow"] == "OPTIONS, POST"
        assert [client.get(f"/tiles/{z}/0/0.mvt").status_code for z in (0, 1, 40)] == [200, 200, 400]
        assert client.get("/blocks/").status_code == 404


@pytest.mark.parametrize(
    "region, param", [("box=34.1|-119,33.9|-118", "box"), ("point=34|-118.5&radius=50000", "radius")]
)
def test_a_region_of_too_many_blocks_is_refused(client, monkeypatch, region, param):
    monkeypatch.setattr(index, "MOST_CANDIDATES", 70)
    answer = client.get(f"/blocks?{region}")
    assert answer.status_code == 400
    error = answer.json["error"]
    assert (error["param"], error["message"]) == (param, "there are 71 blocks; ask about 70 at most at once")
    assert client.get("/blocks?box=34.0205|-118.489,34.0175|-118.485").status_code == 200
