"""Curb zones and policies as the CDS Curbs API serves them -> block rows: one block with one segment for each zone.

A zone has one regulation along its whole extent, so nothing is cut. Its outline lies 4 m to the right of its block's
line, where the kerb of a segment is drawn (S6.3); the line runs so that the zone is on the `street_side` it states. The
policies stand in the same file, as `data.policies`, or in the one that source.json names as `policies`. Of a zone that
names a policy nobody has the price is unknown. Ids are the city's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from onstreet.datasets.cds_rules import Served, is_over, rules_of
from onstreet.datasets.feed_values import finding, spaces_of, text_of
from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import outline_points
from onstreet.datasets.regulation_cards import card_of
from onstreet.datasets.regulations import Told, UnclearError
from onstreet.datasets.source import SourceFile
from onstreet.geometry import length_m
from onstreet.kerbs import line_beside
from onstreet.model import BlockRow, SegmentRow, Side
from ratecards import Place
from ratecards.money import is_currency

Json = dict[str, Any]

_BEARINGS = {name: 45.0 * number for number, name in enumerate("N NE E SE S SW W NW".split())}


def load(file: SourceFile, place: Place) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The blocks of a file of zones and findings, numbered by zones from 1; findings of policies have the number 0."""
    answer = _answer(file.path)
    zones = _listed(answer, "zones")
    if zones is None:
        yield 1, finding(file, 1, "zones", answer, "no answer of a Curbs API", 'it holds {"data": {"zones": [...]}}')
        return
    policies = _listed(answer if file.policies is None else _answer(file.policies), "policies")
    if policies is None:
        hint = "as data.policies, or in the file source.json names as policies"
        yield 0, finding(file, 0, "policies", "", "no policies: all prices stay unknown", hint)
    served = Served(_made_at(answer), _currency(answer, place))
    told: dict[str, Told] = {}
    for policy in policies or []:
        policy_id = str(policy.get("curb_policy_id")) if isinstance(policy, dict) else ""
        told[policy_id] = rules_of(policy, served)
        for field, value, reason, hint in told[policy_id].problems:
            yield 0, finding(file, 0, field, f"policy {policy_id}: {value}", reason, hint)
    for row, zone in enumerate(zones, 1):
        for each in _zone(file, row, zone, place, told, served):
            yield row, each


def _answer(path: Path) -> Json:
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _listed(answer: Json, name: str) -> list[Any] | None:
    data = answer.get("data", answer)
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else None


def _made_at(answer: Json) -> float | None:
    made_at = answer.get("last_updated")
    return made_at if isinstance(made_at, int | float) and not isinstance(made_at, bool) else None


def _currency(answer: Json, place: Place) -> str:
    stated = answer.get("currency")
    return stated if isinstance(stated, str) and is_currency(stated) else place.currency


def _zone(
    file: SourceFile, row: int, zone: object, place: Place, told: dict[str, Told], served: Served
) -> Iterator[BlockRow | Finding]:
    if not isinstance(zone, dict):
        yield finding(file, row, "zones", zone, "a zone is an object")
        return
    zone_id = text_of(zone, "curb_zone_id")
    if not zone_id or "|" in zone_id:
        yield finding(file, row, "curb_zone_id", zone_id, "must be a text without '|'")
        return
    try:
        if is_over(zone, served.made_at):
            yield finding(file, row, "end_date", zone["end_date"], "over before the answer was made: left out")
            return
        line = line_beside(outline_points(zone.get("geometry")), _BEARINGS.get(text_of(zone, "street_side").upper()))
    except UnclearError as error:
        yield finding(file, row, error.field, error.value, error.reason)
        return
    except ValueError as error:
        yield finding(file, row, "geometry", zone.get("geometry"), f"not an outline: {error}")
        return
    ids = zone.get("curb_policy_ids")
    policies = [str(each) for each in ids] if isinstance(ids, list) else []
    if not isinstance(ids, list):
        yield finding(file, row, "curb_policy_ids", ids, "must be a list of ids")
    missing = [each for each in policies if each not in told]
    if missing:
        hint = "the price of this kerb stays unknown"
        yield finding(file, row, "curb_policy_ids", ", ".join(missing), "no such policy", hint)
    there = [told[each] for each in policies if each in told]
    unclear = [sentence for each in there for sentence in each.unclear] + ["a policy nobody has"] * bool(missing)
    card = card_of(tuple(rule for each in there for rule in each.rules), tuple(dict.fromkeys(unclear)))
    street, user_zone = text_of(zone, "street_name"), text_of(zone, "user_zone_id")
    spaces, payment_ids = spaces_of(zone, "num_spaces"), (user_zone,) if user_zone else ()
    segment = SegmentRow(zone_id, Side.RIGHT, 0.0, round(length_m(line), 1), card, spaces, payment_ids)
    name, address = text_of(zone, "name") or street, _address(zone, street)
    alias = (file.source, zone_id)
    yield BlockRow(zone_id, alias, line, (segment,), place, name=name, address=address, profile=file.profile)


def _address(zone: Json, street: str) -> str:
    crossings = [text_of(zone, f"cross_street_{end}_name") for end in ("start", "end")]
    return f"{street}, {crossings[0]} to {crossings[1]}" if street and all(crossings) else street
