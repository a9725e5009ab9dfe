"""Block rows -> a store ready to serve: cards read, amenities and lines derived, unchanging JSON encoded."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from onstreet.datasets import recorded
from onstreet.datasets.findings import Finding
from onstreet.datasets.source import find_data_sets
from onstreet.geometry import encode, kerb_line
from onstreet.model import Amenity, Block, BlockRow, Segment, SegmentRow, Side
from onstreet.stores.memory import MemoryStore
from onstreet.wire.blocks import encode_block, encode_segment
from ratecards import Card, Line, read, structured_rates
from ratecards.model import Outcome
from ratecards.scopes import share_of_year, special_days
from ratecards.structured import Rate, is_rate, rate_of, restriction


def open_data(paths: Iterable[Path]) -> tuple[MemoryStore, list[Finding]]:
    """A store of all data sets at these folders, and all that was wrong with them; raises SourceError."""
    findings: list[Finding] = []
    rows: dict[str, BlockRow] = {}
    aliases: set[tuple[str, str]] = set()
    for data_set in find_data_sets(paths):
        for file in data_set.files:
            for number, row in recorded.load(file, data_set.place):
                if isinstance(row, Finding):
                    findings.append(row)
                elif row.block_id in rows:
                    findings.append(Finding(file.label, number, "blockID", row.block_id, "this block is there already"))
                else:
                    if row.alias in aliases:
                        reason = "another block has this alias, and answers to it"
                        findings.append(Finding(file.label, number, "alias", row.alias[1], reason))
                    findings += _card_findings(row, file.label, number)
                    aliases.add(row.alias)
                    rows[row.block_id] = row
    return MemoryStore([publish(row) for row in rows.values()]), findings


def publish(row: BlockRow) -> Block:
    """A block as it is served."""
    segments = tuple(_segment(row, segment) for segment in row.segments)
    amenities = dict.fromkeys(amenity for segment in segments for amenity in segment.amenities)
    fields = encode_block(row, row.polyline or encode(row.line), amenities)
    return Block(row.block_id, row.alias, row.place, row.line, segments, row.profile, fields)


@lru_cache(maxsize=65_536)
def amenities_of(card: Card) -> tuple[Amenity, ...]:
    """What a segment with this card offers (S6.2)."""
    amounts = [rate_of(line) for line in card.lines if is_rate(line)]
    restrictions = {restriction(line.scope.user) for line in card.lines if line.scope.user}
    offered = {
        Amenity.FREE: any(amount == 0 for amount in amounts),
        Amenity.METERED: any(amount > 0 for amount in amounts),
        Amenity.OVERNIGHT: not any(_is_closed_for_good(line) for line in card.lines),
        Amenity.RESIDENTIAL: "R" in restrictions,
        Amenity.COMMERCIAL: "C" in restrictions,
    }
    return tuple(amenity for amenity, is_there in offered.items() if is_there)


@lru_cache(maxsize=65_536)
def _rates(card: Card) -> list[Rate]:
    return structured_rates(card)


def _is_closed_for_good(line: Line) -> bool:
    return line.outcome is Outcome.NO_PARKING and share_of_year(line.scope) == 1


def _segment(block: BlockRow, row: SegmentRow) -> Segment:
    card = read(row.rate_cards).card
    amenities = amenities_of(card)
    fields = encode_segment(row, _kerb(block, row), _rates(card), amenities)
    return Segment(card, amenities, fields)


def _kerb(block: BlockRow, row: SegmentRow) -> tuple[str, str]:
    """A segment's polylines with 5 and 6 decimals: its own where the data set has them, else derived (S6.3)."""
    if row.polyline and row.polyline6:
        return row.polyline, row.polyline6
    kerb = kerb_line(block.line, row.start_m, row.end_m, is_left=row.side is Side.LEFT)
    return row.polyline or encode(kerb), row.polyline6 or encode(kerb, 6)


def _card_findings(row: BlockRow, file: str, number: int) -> Iterator[Finding]:
    for segment in row.segments:
        where = f"segment {segment.segment_id}"
        card, errors, _ = read(segment.rate_cards)
        if not segment.rate_cards:
            yield Finding(file, number, "rateCards", where, "no card: its price is unknown")
        if not card.is_in(row.place.currency):
            yield Finding(file, number, "rateCards", where, f"a price is not in {row.place.currency}: it stays unknown")
        for special in special_days(line.scope for line in card.lines):
            if not row.place.knows(special):
                reason = f"no calendar of {special.value} is known here: what the card says of them stays unknown"
                yield Finding(file, number, "rateCards", where, reason)
        for error in errors:
            yield Finding(file, number, "rateCards", error.source, error.message)
