"""Blocks -> a CurbLR feed, a feature for each segment whose card it can carry, and a list of what it cannot.

Features lie along the line of their block, from one metre of it to another; the id of the block stands in the place of
the SharedStreets reference, so that what is read back has the same blocks. What is read back begins where the first
segment of a block begins, and ends with its last one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from re import fullmatch
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely import LineString

from onstreet.datasets.curblr_cards import HIERARCHY, Carried, regulations_of
from onstreet.datasets.findings import Finding
from onstreet.datasets.streets import NEAR_M
from onstreet.datasets.table_columns import Batches
from onstreet.geometry import length_m, points_of
from onstreet.kerbs import parts_between
from onstreet.model import BlockRow, SegmentRow, Side
from ratecards import Place

Json = dict[str, Any]
Lost = Callable[[Finding], object]

# A tenth of a millimetre: cutting a line and putting it together again changes the digits behind.
_DECIMALS, _NO_BEND = 9, 1e-9

_NO_REFERENCE = "not a SharedStreets reference: it stands in the place of one"
_NO_LINE = "a street has a line only where it has segments"
_NO_SEGMENTS = "a block of which no segment can be told is left out"
_NO_ADDRESS = "a street has one name, and no addresses"
_ONE_OPERATOR = "a feed has one authority, that of the first block"
_NO_ALIAS = "a street has no other name than its reference"
_DERIVED = "is derived from the line when it is read"
_NO_FIELD = "CurbLR has no such field"
_NO_PAYMENT = "how one pays is told with what has to be paid, and nothing is told that has"
_TOO_SHORT = f"a stretch is longer than {NEAR_M} m: left out"
_OVERLAPS = "what is told of one stretch of kerb counts together, so of two segments that overlap the later is left out"


class Feed(NamedTuple):
    """What is said of all features: their place, the key of the data source that reads them, when they are written."""

    place: Place
    source: str
    made_on: date


class _Told(NamedTuple):
    """A segment, what CurbLR says of it, and where it ends on the block's line."""

    row: SegmentRow
    carried: Carried
    end_m: float


def write(path: Path, batches: Batches, feed: Feed, label: str, lost: Lost) -> tuple[int, int]:
    """Write a feed, and say how many blocks and segments are in it.

    `lost` is told what of each block it cannot carry, under a label and the number of the block.
    """
    operator, number, between = "", 0, b"\n"
    blocks = segments = 0
    with path.open("wb") as file:
        for rows, _ in batches:
            if not number:
                operator = rows[0].operator
                file.write(_head(feed, operator))
            for row in rows:
                number += 1
                features = list(_features(row, _Report(label, number, row, lost), feed, operator))
                blocks, segments = blocks + bool(features), segments + len(features)
                for feature in features:
                    file.write(between + orjson.dumps(feature))
                    between = b",\n"
        file.write((b"" if number else _head(feed, operator)) + b"\n]}\n")
    return blocks, segments


def _head(feed: Feed, operator: str) -> bytes:
    manifest: Json = {
        "createdDate": feed.made_on.isoformat(),
        "lastUpdatedDate": feed.made_on.isoformat(),
        "priorityHierarchy": HIERARCHY,
        "curblrVersion": "1.1.0",
        "timeZone": feed.place.zone,
        "currency": feed.place.currency,
    }
    if operator:
        manifest["authority"] = {"name": operator}
    return b'{"manifest":' + orjson.dumps(manifest) + b',"type":"FeatureCollection","features":['


class _Report:
    """Says of one block what is lost."""

    def __init__(self, label: str, number: int, row: BlockRow, lost: Lost) -> None:
        self._label, self._number, self._id, self._lost = label, number, row.block_id, lost

    def __call__(self, field: str, value: object, reason: str, segment: str = "") -> None:
        where = f"segment {segment}" if segment else f"block {self._id}"
        self._lost(Finding(self._label, self._number, field, f"{where}: {value}", reason))


def _features(row: BlockRow, lost: _Report, feed: Feed, operator: str) -> Iterator[Json]:
    told = list(_told(row, lost))
    _report_block(row, told, lost, feed, operator)
    if not told:
        return
    starts, ends = (np.array(each) for each in zip(*((each.row.start_m, each.end_m) for each in told), strict=True))
    whole: NDArray[np.object_] = np.array([row.line], dtype=object)
    lines = parts_between(whole, np.zeros(len(told), dtype=np.int64), starts, ends)
    for each, line in zip(told, lines, strict=True):
        yield _feature(row, each, line)


def _told(row: BlockRow, lost: _Report) -> Iterator[_Told]:
    """The segments that can be told, side by side as a feed needs them."""
    length = length_m(row.line)
    taken: dict[Side, list[tuple[float, float]]] = {side: [] for side in Side}
    for segment in row.segments:
        name, end_m = segment.segment_id, min(segment.end_m, length)
        carried = regulations_of(segment.rate_cards, row.place.currency)
        for text, reason in carried.losses:
            lost("rateCards", text, reason, name)
        if end_m - segment.start_m <= NEAR_M:
            lost("start_m", f"{segment.start_m}-{end_m}", _TOO_SHORT, name)
        elif any(min(end_m, last) - max(segment.start_m, first) > NEAR_M for first, last in taken[segment.side]):
            lost("start_m", f"{segment.start_m}-{end_m}", _OVERLAPS, name)
        elif carried.regulations is not None:
            taken[segment.side].append((segment.start_m, end_m))
            yield _Told(segment, carried, end_m)


def _feature(row: BlockRow, told: _Told, line: LineString) -> Json:
    segment = told.row
    location: Json = {
        "shstRefId": row.block_id,
        "sideOfStreet": segment.side.value.lower(),
        "shstLocationStart": round(float(segment.start_m), 3),
        "shstLocationEnd": round(float(told.end_m), 3),
        "assetType": "sign",
        "objectId": segment.segment_id,
    }
    if row.name:
        location["streetName"] = row.name
    if segment.spaces_total is not None:
        location["baysCount"] = segment.spaces_total
    # Adding nothing makes 0 of -0.
    points = [
        [round(value, _DECIMALS) + 0.0 for value in point] for point in points_of(shapely.simplify(line, _NO_BEND))
    ]
    geometry = {"type": "LineString", "coordinates": points}
    regulations = [_payable(each, row, segment) for each in told.carried.regulations or ()]
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"location": location, "regulations": regulations},
    }


def _payable(regulation: Json, row: BlockRow, segment: SegmentRow) -> Json:
    """A regulation with how one pays, where there is something to be paid."""
    if not regulation["rule"].get("payment"):
        return regulation
    ways = {"forms": list(row.payment_types), "deviceIds": list(segment.payment_ids)}
    stated = {key: value for key, value in ways.items() if value}
    return {**regulation, "payment": {**regulation.get("payment", {}), **stated}} if stated else regulation


def _is_paid(told: _Told) -> bool:
    return any(each["rule"].get("payment") for each in told.carried.regulations or ())


def _report_block(row: BlockRow, told: Sequence[_Told], lost: _Report, feed: Feed, operator: str) -> None:
    if not told:
        lost("segments", f"{len(row.segments)} segments", _NO_SEGMENTS)
        return
    if not fullmatch("[0-9a-f]{32}", row.block_id):
        lost("blockID", row.block_id, _NO_REFERENCE)
    if not _is_covered((each.row.start_m, each.end_m) for each in told) or _beyond(row, told):
        lost("geojson", f"{length_m(row.line):.1f} m", _NO_LINE)
    fields: list[tuple[str, object, str]] = [
        ("address", row.address if row.address != row.name else "", _NO_ADDRESS),
        ("operator", row.operator if row.operator != operator else "", _ONE_OPERATOR),
        ("alias", "|".join(row.alias) if row.alias != (feed.source, row.block_id) else "", _NO_ALIAS),
        ("polyline", row.polyline, _DERIVED),
        ("photoThumbs", ", ".join(row.photo_thumbs), _NO_FIELD),
        ("probability", "a profile" if row.profile else "", _NO_FIELD),
        ("pmtTypes", "" if any(map(_is_paid, told)) else ", ".join(row.payment_types), _NO_PAYMENT),
    ]
    for field, value, reason in fields:
        if value:
            lost(field, value, reason)
    for each in told:
        _report_segment(row, each, lost)


def _report_segment(row: BlockRow, told: _Told, lost: _Report) -> None:
    segment = told.row
    name = segment.segment_id
    for field, text in (("polyline", segment.polyline), ("polyline6", segment.polyline6)):
        if text:
            lost(field, text, _DERIVED, name)
    if segment.payment_ids and not _is_paid(told):
        lost("paymentIDs", ", ".join(segment.payment_ids), _NO_PAYMENT, name)


def _beyond(row: BlockRow, told: Sequence[_Told]) -> bool:
    """Whether the line goes on before the first of some segments, or behind the last one."""
    first, last = min(each.row.start_m for each in told), max(each.end_m for each in told)
    return first > NEAR_M or length_m(row.line) - last > NEAR_M


def _is_covered(spans: Iterable[tuple[float, float]]) -> bool:
    """Whether there is no gap between the first and the last of some spans."""
    reached: float | None = None
    for start, end in sorted(spans):
        if reached is not None and start - reached > NEAR_M:
            return False
        reached = max(end, reached or end)
    return True
