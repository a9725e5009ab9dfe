"""CurbLR feeds -> block rows: one block for each SharedStreets reference, cut where a regulation begins or ends.

What several features say of one stretch of a side goes into one card (see `regimes` for what overrides what). A feature
whose offsets run backwards is read forwards; one without a usable geometry still rules its stretch of a street whose
line others give. Reported is both. Segments are named by the objectId of a feature that is not cut, else by their
reference, side and start in decimetres.
"""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.feed_values import finding, spaces_of, text_of
from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import line_points
from onstreet.datasets.regulation_cards import card_of
from onstreet.datasets.regulations import Told
from onstreet.datasets.source import SourceFile
from onstreet.datasets.streets import NEAR_M, Course, Piece, Street, course, pieces, street_of
from onstreet.model import BlockRow, SegmentRow, Side
from ratecards import Place
from ratecards.instants import is_zone
from ratecards.money import is_currency

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Feature:
    """A stretch of one side of a street with what is said of it."""

    row: int
    side: Side
    start_m: float
    end_m: float
    course: Course | None
    told: Told
    spaces: int | None
    object_id: str
    street_name: str
    payment_types: tuple[str, ...]
    payment_ids: tuple[str, ...]


def load(file: SourceFile, place: Place) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The blocks of a feed and findings, both numbered by features from 1."""
    try:
        feed = orjson.loads(file.path.read_bytes())
    except orjson.JSONDecodeError as error:
        feed = error
    if not (isinstance(feed, dict) and isinstance(feed.get("features"), list)):
        hint = 'it holds {"manifest": ..., "features": [...]}'
        yield 1, finding(file, 1, "features", feed, "not a CurbLR feed", hint)
        return
    manifest = plain(feed.get("manifest"))
    manifest = manifest if isinstance(manifest, dict) else {}
    yield from ((1, each) for each in _manifest_findings(file, manifest, place))
    said = Feed(_hierarchy(manifest), _made_on(manifest), _currency(manifest, place))
    streets: dict[str, list[_Feature]] = {}
    for row, stated in enumerate(feed["features"], 1):
        findings: list[Finding] = []
        ref, feature = _feature(file, row, stated, said, findings)
        yield from ((row, each) for each in findings)
        if feature:
            streets.setdefault(ref, []).append(feature)
    authority = manifest.get("authority")
    operator = text_of(authority, "name") if isinstance(authority, dict) else ""
    for ref, features in streets.items():
        yield from (
            (each.row, each) if isinstance(each, Finding) else (features[0].row, each)
            for each in _block(file, ref, features, place, operator)
        )


def _manifest_findings(file: SourceFile, manifest: Json, place: Place) -> Iterator[Finding]:
    zone, currency = manifest.get("timezone"), manifest.get("currency")
    if zone is not None and zone != place.zone:
        hint = "its times are read in the data set's zone" if is_zone(str(zone)) else "an IANA time zone is expected"
        yield finding(file, 1, "manifest.timeZone", zone, f"the data set is in {place.zone}", hint)
    if currency is not None and not (isinstance(currency, str) and is_currency(currency)):
        yield finding(file, 1, "manifest.currency", currency, f"no ISO 4217 code: read as {place.currency}")


def _hierarchy(manifest: Json) -> tuple[str, ...]:
    stated = manifest.get("priorityhierarchy")
    return tuple(str(each).strip().lower() for each in stated) if isinstance(stated, list) else ()


def _made_on(manifest: Json) -> date | None:
    for key in ("lastupdateddate", "createddate"):
        try:
            return date.fromisoformat(str(manifest.get(key))[:10])
        except ValueError:
            continue
    return None


def _currency(manifest: Json, place: Place) -> str:
    stated = manifest.get("currency")
    return stated if isinstance(stated, str) and is_currency(stated) else place.currency


def _feature(
    file: SourceFile, row: int, stated: object, feed: Feed, findings: list[Finding]
) -> tuple[str, _Feature | None]:
    """A feature and the reference of its street; without a place on a street there is none."""

    def found(field: str, value: object, reason: str, hint: str = "") -> None:
        findings.append(finding(file, row, field, value, reason, hint))

    said: Any = plain(stated)
    properties: Any = said.get("properties") if isinstance(said, dict) else None
    location = properties.get("location") if isinstance(properties, dict) else None
    if not (isinstance(properties, dict) and isinstance(location, dict)):
        found("location", stated, "a feature has properties with a location")
        return "", None
    ref, side = text_of(location, "shstrefid"), text_of(location, "sideofstreet").upper()
    start: Any = location.get("shstlocationstart", location.get("shstlocationst"))
    end: Any = location.get("shstlocationend")
    if not ref or "|" in ref:
        found("shstRefId", ref, "must be a text without '|'")
        return "", None
    if side not in Side.__members__:
        found("sideOfStreet", side.lower(), "must be left or right")
        return "", None
    if not (_is_metre(start) and _is_metre(end)):
        found("shstLocationStart", f"{start}-{end}", "start and end must be metres along the street")
        return "", None
    if abs(end - start) <= NEAR_M:
        found("shstLocationStart", f"{start}-{end}", f"a stretch is longer than {NEAR_M} m", "left out")
        return "", None
    geometry = None
    try:
        geometry = course(min(start, end), max(start, end), line_points(said.get("geometry")))
    except ValueError as error:
        found("geometry", said.get("geometry"), f"not a line: {error}")
    if start > end:
        found("shstLocationStart", f"{start}-{end}", "the start lies behind the end", "read the other way round")
    regulations = properties.get("regulations")
    told = _told(regulations if isinstance(regulations, list) else [regulations], feed, found)
    types, ids = _payment(regulations)
    spaces = spaces_of(location, "bayscount")
    name = text_of(location, "streetname")
    return ref, _Feature(
        row, Side(side), min(start, end), max(start, end), geometry, told, spaces, text_of(location, "objectid"),
        name, types, ids,
    )  # fmt: skip


def _told(regulations: list[object], feed: Feed, found: Any) -> Told:  # noqa: ANN401 - reports a finding
    told = Told([], [], [])
    for each in regulations:
        one = rules_of(each, feed)
        told.rules += one.rules
        told.unclear += one.unclear
        for problem in one.problems:
            found(*problem)
    return told


def _payment(regulations: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How and with which devices one pays."""
    stated = (
        [each.get("payment") for each in regulations if isinstance(each, dict)] if isinstance(regulations, list) else []
    )
    payments = [each for each in stated if isinstance(each, dict)]
    types = [text for each in payments for text in _texts(each.get("forms"))]
    ids = [text for each in payments for key in ("deviceids", "deviceid") for text in _texts(each.get(key))]
    return tuple(dict.fromkeys(types)), tuple(dict.fromkeys(ids))


def _block(
    file: SourceFile, ref: str, features: list[_Feature], place: Place, operator: str
) -> Iterator[BlockRow | Finding]:
    lined = [feature for feature in features if feature.course]
    if not lined:
        yield finding(file, features[0].row, "geometry", ref, "no feature of this street has a line", "left out")
        return
    street, misfits = street_of([feature.course for feature in lined if feature.course])
    for number in misfits:
        reason = "leads away from the other lines of its street"
        yield finding(file, lined[number].row, "geometry", ref, reason, "the line of the others is used")
    segments: list[SegmentRow] = []
    ids = Counter(feature.object_id for feature in features)
    for side in Side:
        for piece in pieces((each.start_m, each.end_m, each) for each in features if each.side is side):
            segment = _segment(ref, street, piece, {each for each, count in ids.items() if count == 1})
            if segment is None:
                row, span = piece.there[0].row, f"{piece.start_m}-{piece.end_m}"
                yield finding(file, row, "shstLocationStart", span, "beyond the line of the street", "left out")
            else:
                segments.append(segment)
    name = next((feature.street_name for feature in features if feature.street_name), "")
    types = tuple(dict.fromkeys(text for feature in features for text in feature.payment_types))
    yield BlockRow(
        ref, (file.source, ref), street.line, tuple(segments), place,
        name=name, address=name, operator=operator, payment_types=types, profile=file.profile,
    )  # fmt: skip


def _segment(ref: str, street: Street, piece: Piece[_Feature], ids: Container[str]) -> SegmentRow | None:
    """A piece of a side with the card of all that is said of it; None where the line does not reach."""
    start_m, end_m, there = piece
    first, last = street.place(start_m), street.place(end_m)
    if not first < last:
        return None
    rules = tuple(dict.fromkeys(rule for feature in there for rule in feature.told.rules))
    unclear = tuple(dict.fromkeys(sentence for feature in there for sentence in feature.told.unclear))
    whole = [each for each in there if max(abs(each.start_m - start_m), abs(each.end_m - end_m)) <= NEAR_M]
    spaces = {each.spaces for each in whole if each.spaces is not None}
    names = [each.object_id for each in whole if each.object_id and each.object_id in ids]
    return SegmentRow(
        names[0] if names else f"{ref}-{there[0].side.value.lower()}-{round(start_m * 10)}",
        there[0].side,
        first,
        last,
        card_of(rules, unclear),
        spaces_total=spaces.pop() if len(spaces) == 1 else None,
        payment_ids=tuple(dict.fromkeys(text for feature in there for text in feature.payment_ids)),
    )


def _is_metre(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1_000_000


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [str(each) for each in found if isinstance(each, str | int) and not isinstance(each, bool)]
