"""CDS curb zones and policies -> blocks of one segment, and the cards of policies, one case a line."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from onstreet.api import create_app
from onstreet.datasets.cds import load
from onstreet.datasets.cds_rules import Served, rules_of
from onstreet.datasets.findings import Finding
from onstreet.datasets.publish import open_data
from onstreet.datasets.regulation_cards import card_of
from onstreet.datasets.source import SourceError, SourceFile, read_source
from onstreet.geometry import length_m
from ratecards import Place, parse, price

ZONES = Path(__file__).parent / "data" / "zones.cds.json"
HERE = Place("America/Los_Angeles", "USD", "US", "CA")
NOW_MS = 1_767_225_600_000  # 2026-01-01
SERVED = Served(NOW_MS, "USD")


def loaded(path: Path, policies: Path | None = None):
    rows = list(load(SourceFile(path, "city", None, "cds", policies), HERE))
    blocks = {row.block_id: row for _, row in rows if not isinstance(row, Finding)}
    return blocks, [row for _, row in rows if isinstance(row, Finding)]


CARDS_OF_ZONES = {
    "z-meter": (
        "Each Hour (Mon-Fri Except Holidays; 10:00-18:00; 2 Hour Max): $2",
        "Each Hour (Sat Except Holidays; 09:00-18:00; 2 Hour Max): $2",
        "Free",
        "Mon-Fri (07:00-10:00; 30 Min Max; Commercial Vehicle Only): Free",
    ),
    "z-night": ("Fri-Sat (22:00-00:00): No Parking", "Sat-Sun (00:00-04:00): No Parking", "Free"),
    "z-lost": ("Free", "Unclear: a policy nobody has"),
}


def test_each_zone_is_a_block_of_one_segment():
    blocks, _ = loaded(ZONES)
    assert {key: block.segments[0].rate_cards for key, block in blocks.items()} == CARDS_OF_ZONES
    meter = blocks["z-meter"]
    [segment] = meter.segments
    assert (meter.alias, meter.name, meter.address) == (
        ("city", "z-meter"),
        "Meter row",
        "Main Street, 1st Street to 2nd Street",
    )
    assert (segment.segment_id, segment.spaces_total, segment.payment_ids) == ("z-meter", 6, ("1407",))
    assert segment.end_m == pytest.approx(50.1, abs=0.1)


# A zone north of the equator road and one south of it: their lines lie between them, and run west and east.
@pytest.mark.parametrize("zone, goes_east, lat", [("z-meter", False, 0.00005), ("z-night", True, -0.00005)])
def test_a_zone_lies_four_metres_to_the_right_of_its_line(zone, goes_east, lat):
    line = loaded(ZONES)[0][zone].line
    (first, at), (last, _) = line.coords
    assert (last > first) is goes_east
    assert abs(lat - at) == pytest.approx(4 / 110_574, rel=1e-3)
    assert abs(at) < abs(lat)


def test_the_long_side_of_an_outline_is_its_line():
    line = loaded(ZONES)[0]["z-lost"].line
    assert length_m(line) == pytest.approx(0.0003 * 110_574, rel=1e-3)
    assert line.coords[0][0] == pytest.approx(line.coords[1][0])


def test_what_cannot_be_used_is_reported():
    _, findings = loaded(ZONES)
    assert [(each.row, each.field) for each in findings] == [
        (3, "curb_policy_ids"), (4, "end_date"), (5, "geometry"),
    ]  # fmt: skip
    assert "no such policy" in str(findings[0])


def test_policies_may_stand_in_a_file_of_their_own(tmp_path):
    answer = json.loads(ZONES.read_text())
    policies = {"data": {"policies": answer["data"].pop("policies")}}
    (tmp_path / "zones.json").write_text(json.dumps(answer))
    (tmp_path / "policies.json").write_text(json.dumps(policies))
    alone, findings = loaded(tmp_path / "zones.json")
    assert findings[0].reason == "no policies: all prices stay unknown"
    assert alone["z-meter"].segments[0].rate_cards == ("Unclear: a policy nobody has",)
    stated = {"path": "zones.json", "source": "city", "format": "cds", "policies": "policies.json"}
    source = {"name": "City", "zone": HERE.zone, "currency": "USD", "country": "US", "files": [stated]}
    (tmp_path / "source.json").write_text(json.dumps(source))
    store, _ = open_data([tmp_path])
    client = create_app(stores=lambda: store).test_client()
    [block] = client.get("/blocks?id=z-meter&entry_time=2026-08-10T12:00&duration=60").json["result"]
    assert block["segments"][0]["calculatedRates"][0]["rate_cost"] == 2
    stated["policies"] = "none.json"
    (tmp_path / "source.json").write_text(json.dumps(source))
    with pytest.raises(SourceError, match=r"no file none\.json"):
        read_source(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"data": {"zones": 3}}'])
def test_a_broken_answer_is_one_finding(tmp_path, text):
    (tmp_path / "zones.json").write_text(text)
    blocks, [finding] = loaded(tmp_path / "zones.json")
    assert not blocks
    assert finding.reason == "no answer of a Curbs API"


def card(*rules: dict, spans: list | None = None, **more: object) -> list[str]:
    policy = {"priority": 1, "rules": list(rules), "time_spans": spans or [], **more}
    told = rules_of(policy, SERVED)
    return list(card_of(tuple(told.rules), tuple(told.unclear)))


def parking(*rates: dict, **more: object) -> dict:
    return {"activity": "parking", "rate": list(rates), **more}


def per(unit: str, cents: int, **more: object) -> dict:
    return {"rate": cents, "rate_unit": unit, **more}


BAN = {"activity": "no parking"}
CARDS = [
    (card(parking()), ["Free"]),
    (card(BAN), ["No Parking"]),
    (card({"activity": "travel"}), ["No Parking"]),
    (card({"activity": "no travel"}), []),
    (card({"activity": "unloading"}), ["Loading Only: Free"]),
    (card({"activity": "stopping", "max_stay": 5}), ["Passenger Loading Only (5 Min Max): Free"]),
    (card({"activity": "hovering"}), ["See Meter"]),
    (card({"activity": "no hovering"}), ["No Parking"]),
    (card({"activity": "parking", "user_classes": ["taxi"]}), ["Taxi Only: Free"]),
    (card({"activity": "parking", "user_classes": ["electric", "bus"]}), ["Electric Bus Permit Only: See Meter"]),
    (card({**BAN, "user_classes": ["truck"]}, parking()), ["Commercial Vehicle: No Parking", "Free"]),
    (card({**BAN, "user_classes": ["scooter"]}), ["No Parking"]),
    (card(parking(max_stay=1, max_stay_unit="day")), ["Free (24 Hour Max)"]),
    (card(parking(no_return=2, no_return_unit="hour", max_stay=90)), ["Free (1.5 Hour Max; No Return 2 Hours)"]),
    (card(parking(per("hour", 200))), ["Each Hour: $2"]),
    (card(parking(per("minute", 5, increment_duration=15))), ["Each 15 Min: $0.75"]),
    (card(parking(per("day", 1200))), ["Each 24 Hours: $12"]),
    (card(parking(per("month", 9000))), ["See Meter"]),
    (card(parking(per("hour", 100, end_duration=1), per("hour", 200, start_duration=1))),
     ["1 Hour: $1", "Each Add'l Hour: $2"]),
    (card(parking(per("hour", 100, end_duration=2), per("hour", 300, start_duration=2))),
     ["1 Hour: $1", "2 Hours: $2", "Each Add'l Hour: $3"]),
    (card(parking(per("hour", 100, end_duration=1), per("hour", 200, start_duration=2))), ["See Meter"]),
    (card(parking(per("hour", 100, end_duration=2))), ["See Meter"]),
    (card(parking(per("hour", 100, end_duration=2), max_stay=120)), ["Each Hour (2 Hour Max): $1"]),
    (card(parking(per("hour", 150, increment_amount=25))), ["Each Hour: $1.50"]),
    (card(parking(per("hour", 160, increment_amount=25))), ["See Meter"]),
    (card(BAN, spans=[{"days_of_week": ["fri"], "time_of_day_start": "22:00", "time_of_day_end": "02:00"}]),
     ["Fri (22:00-00:00): No Parking", "Sat (00:00-02:00): No Parking"]),
    (card(BAN, spans=[{"time_of_day_start": "18:00"}]), ["18:00-00:00: No Parking"]),
    (card(BAN, spans=[{"days_of_week": ["mon"], "days_of_month": [8, 9, 10, 11, 12, 13, 14]}]),
     ["Mon Every 2nd: No Parking"]),
    (card(BAN, spans=[{"months": [12, 1, 2]}]), ["Dec-Feb: No Parking"]),
    (card(BAN, spans=[{"designated_period": "school days"}]), ["School Days: No Parking"]),
    (card(parking(), spans=[{"designated_period": "holidays", "designated_period_except": True}]),
     ["Mon-Sun Except Holidays: Free"]),
    (card(BAN, spans=[{"end_date": NOW_MS - 1}]), []),
    (card(BAN, spans=[{"start_date": NOW_MS - 1}]), ["No Parking"]),
    (card(BAN, spans=[{"end_date": NOW_MS + 86_400_000}]), ["Unclear: a policy, only for some time"]),
    (card(BAN, spans=[{"designated_period": "snow emergency"}]), ["Unclear: a policy, no calendar says when that is"]),
    (card(BAN, spans=[{"days_of_month": [15]}]), ["Unclear: a policy, single days of the month"]),
    (card(BAN, spans=[{"tide": "high"}]), ["Unclear: a policy, a clause that is not in the specification"]),
    (card(BAN, priority="high"), ["Unclear: a policy, a priority is a whole number"]),
    (card(BAN, data_source_operator_id=["x"]), ["Unclear: a policy, for the vehicles of some operators alone"]),
    (card(), ["Unclear: a policy, a policy has rules"]),
    (card(parking(max_stay="long"))[0][:8], "Unclear:"),
]  # fmt: skip


@pytest.mark.parametrize("found, expected", CARDS)
def test_the_card_of_a_policy(found, expected):
    assert found == expected


@pytest.mark.parametrize("minutes, cost", [(60, "1"), (61, "2"), (120, "2"), (121, "5"), (240, "8")])
def test_rates_follow_one_another(minutes, cost):
    lines = card(parking(per("hour", 100, end_duration=2), per("hour", 300, start_duration=2)))
    assert price(parse(lines), datetime(2026, 8, 10, 9), minutes, place=HERE).cost == int(cost)


ANSWER = json.loads(ZONES.read_text())
PLACES = [
    (name, number, key) for name, listed in ANSWER["data"].items() for number, each in enumerate(listed) for key in each
]
PLACES += [("policies", number, "rules", 0, key) for number in range(4) for key in ("activity", "rate", "user_classes")]
PLACES += [("policies", 0, "time_spans", 0, key) for key in ANSWER["data"]["policies"][0]["time_spans"][0]]
PLACES += [("policies", 0, "rules", 0, "rate", 0, key) for key in ("rate", "rate_unit", "start_duration")]
ODD = [None, True, -1, 2.5, 10**30, "", "x|y", [], [None], [[]], {}, {"a": []}, [{"rate": "x"}], [{"activity": 3}]]


@pytest.mark.parametrize("value", ODD, ids=str)
def test_whatever_stands_in_a_field_stops_nothing(tmp_path, value):
    for path in PLACES:
        answer = json.loads(ZONES.read_text())
        inner = answer["data"]
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        answer["data"]["zones"].append({**ANSWER["data"]["zones"][0], "curb_zone_id": "other"})
        (tmp_path / "zones.json").write_text(json.dumps(answer))
        assert "other" in loaded(tmp_path / "zones.json")[0], path
