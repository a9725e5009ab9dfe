"""What the map shows of a tile for one stay: kerb segments, below them blocks, below these cells of many blocks."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

import numpy as np
import orjson
import shapely

from onstreet.answer import judge_blocks
from onstreet.geometry import Floats, Lines, decode_all
from onstreet.model import Blocks
from onstreet.overview import BUFFER, EXTENT, Overview, Tile, thinned
from onstreet.query import Store
from onstreet.verdicts import Stays, Verdict
from ratecards import Quote
from ratecards.legality import Reason
from ratecards.money import minor_digits, symbol

# Kerb segments from this zoom on, blocks from the next; below them cells.
SEGMENTS_FROM, BLOCKS_FROM = 14, 10
MOST_FEATURES = 2_000
# Blocks whose segments are looked through for the longest; of more every second, fourth ... in the data.
MOST_BLOCKS = 4_000
# Where a class of prices ends, in a currency with cents; the last one has no end.
PRICE_BREAKS = (1, 2, 4, 8)
# From the best a driver can find to the worst.
STATES = ("free", "paid", "unknown", "permit", "closed")

Properties = dict[str, str | int | float]


class Layer(NamedTuple):
    """Features of one kind: their name, shapes in units of the tile, and what is known of each."""

    name: str
    shapes: Lines
    properties: list[Properties]


class Price(NamedTuple):
    """What a stay costs at a kerb in a currency (ISO 4217), and one of STATES."""

    state: str
    cost: Decimal | None
    currency: str


def layers_of(store: Store, overview: Callable[[], Overview], tile: Tile, stays: Stays) -> list[Layer]:
    """What a tile shows for the first of some stays; raises TooManyBlocksError, ReplacedError."""
    if tile.z >= SEGMENTS_FROM:
        return _kerbs(store, tile, stays)
    return [(_blocks if tile.z >= BLOCKS_FROM else _cells)(store, overview(), tile, stays)]


def price_class(cost: Decimal, currency: str) -> int:
    """Which class of prices a cost is in, 0 for nothing, 1 up to the first break, and so on."""
    return 0 if cost == 0 else 1 + sum(cost > price_unit(currency) * each for each in PRICE_BREAKS)


def price_unit(currency: str) -> int:
    """What the breaks are multiplied by: 1, or 100 for a currency without cents."""
    return (100, 10, 1)[min(2, minor_digits(currency))]


def _kerbs(store: Store, tile: Tile, stays: Stays) -> list[Layer]:
    """Kerb segments and the streets between them; of too many segments the longest."""
    rows = thinned(store.in_region(tile.box())[0], MOST_BLOCKS)
    blocks = store.blocks(rows)
    named = _read(blocks.fields.joined(("blockID", "name")))
    streets = _streets(tile, store.lines(rows), [each["name"] for each in named])
    return [streets, _segments(tile, blocks, named, stays, MOST_FEATURES - len(streets.shapes))]


def _streets(tile: Tile, lines: Lines, names: Sequence[str]) -> Layer:
    """The lines of all blocks of a name as one; of too many names those with the longest lines."""
    known, of_name = np.unique(np.array(names, dtype=object), return_inverse=True)
    lines = _local(tile, lines)
    order = np.argsort(of_name, kind="stable")
    merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=of_name[order]))
    longest = np.argsort(-shapely.length(merged), kind="stable")[: MOST_FEATURES // 4]
    return _clipped("streets", merged[longest], [{"name": name} for name in known[longest]])


def _segments(tile: Tile, blocks: Blocks, named: Sequence[dict[str, str]], stays: Stays, most: int) -> Layer:
    owners = np.repeat(np.arange(len(named)), np.diff(blocks.segment_from))
    own = _read(blocks.segment_fields.joined(("segmentID", "side", "polyline6")))
    lines = _local(tile, decode_all([each["polyline6"] for each in own], 6))
    longest = (
        np.sort(np.argsort(-shapely.length(lines), kind="stable")[:most]) if len(own) > most else np.arange(len(own))
    )
    prices = _prices(blocks, stays)
    properties: list[Properties] = []
    for number in longest.tolist():
        segment, block = own[number], named[owners[number]]
        properties.append(
            {
                "segment_id": segment["segmentID"],
                "block_id": block["blockID"],
                "name": block["name"],
                "side": segment["side"],
                **_said(prices[number]),
            }
        )
    return _clipped("segments", lines[longest], properties)


def _blocks(store: Store, overview: Overview, tile: Tile, stays: Stays) -> Layer:
    """Blocks with the best state, the cheapest and the typical price of their segments."""
    rows = overview.near(tile, MOST_FEATURES)
    blocks = store.blocks(rows)
    named = _read(blocks.fields.joined(("blockID", "name")))
    prices = _by_block(blocks, stays)
    properties = [
        {"block_id": each["blockID"], "name": each["name"], **_summary(own)}
        for each, own in zip(named, prices, strict=True)
    ]
    return _clipped("blocks", _local(tile, store.lines(rows)), properties)


def _cells(store: Store, overview: Overview, tile: Tile, stays: Stays) -> Layer:
    """Cells with the number of their blocks, and what a sample of these, evenly spread, says of their prices."""
    codes, middles = tile.cells()
    ends = overview.counts_before(codes)
    counts = np.diff(ends)
    filled = np.flatnonzero(counts)
    each = MOST_FEATURES // max(1, len(filled))
    samples = [
        np.linspace(ends[cell], ends[cell + 1], min(each, counts[cell]), endpoint=False).astype(int) for cell in filled
    ]
    rows = overview.rows[np.concatenate([np.empty(0, int), *samples])]
    prices = iter(_by_block(store.blocks(rows), stays))
    properties: list[Properties] = []
    for cell, sample in zip(filled, samples, strict=True):
        own = [price for _ in sample for price in next(prices)]
        properties.append({"blocks": int(counts[cell]), "sampled": len(sample), **_mean(own)})
    return Layer("cells", shapely.points(middles[filled]), properties)


def _prices(blocks: Blocks, stays: Stays) -> list[Price]:
    """What the card of each segment of some blocks says of the first stay."""
    places = np.repeat(blocks.place_of, np.diff(blocks.segment_from)).tolist()
    verdicts = judge_blocks(blocks, stays)
    return [_price(verdict, blocks.places[place].currency) for verdict, place in zip(verdicts, places, strict=True)]


def _price(verdict: Verdict, currency: str) -> Price:
    quote = verdict.quotes[0]
    return Price(_state(quote), quote.cost, currency)


def _state(quote: Quote) -> str:
    if quote.legal is False:
        return "permit" if quote.reason is Reason.RESERVED else "closed"
    if quote.cost is None:
        return "unknown"
    return "paid" if quote.cost else "free"


def _said(price: Price) -> Properties:
    """A price as properties; one that is not known or not allowed has neither cost nor class."""
    said: Properties = {"state": price.state, "currency": symbol(price.currency)}
    if price.cost is not None:
        said |= {"cost": float(price.cost), **_class(price.cost, price.currency)}
    return said


def _class(cost: Decimal, currency: str) -> Properties:
    return {"class": price_class(cost, currency), "unit": price_unit(currency)}


def _by_block(blocks: Blocks, stays: Stays) -> list[list[Price]]:
    """What the segments of each block say."""
    prices = _prices(blocks, stays)
    return [prices[first:last] for first, last in pairwise(blocks.segment_from)]


def _summary(prices: Sequence[Price]) -> Properties:
    """The best state of some segments of a block, with the cheapest and the median of their known prices."""
    best = min(prices, key=lambda price: (STATES.index(price.state), price.cost or 0), default=None)
    if best is None:
        return {"state": "unknown", "segments": 0}
    known = [price.cost for price in prices if price.cost is not None]
    typical: Properties = {"typical": float(median_low(known))} if known else {}
    return {**_said(best), "segments": len(prices), **typical}


def _mean(prices: Sequence[Price]) -> Properties:
    """The mean of the known prices, unless they are in several currencies, and the shares of all states."""
    shares = {f"{state}_share": sum(price.state == state for price in prices) for state in STATES}
    said: Properties = {name: round(count / max(1, len(prices)), 3) for name, count in shares.items()}
    known = [price for price in prices if price.cost is not None]
    currencies = {price.currency for price in known}
    if len(currencies) != 1:
        return {**said, "state": max(STATES, key=lambda state: shares[f"{state}_share"])}
    [currency] = currencies
    mean = sum((price.cost for price in known if price.cost), Decimal()) / len(known)
    state = "paid" if mean else "free"
    return said | {
        "state": state,
        "mean_cost": round(float(mean), 2),
        "currency": symbol(currency),
        **_class(mean, currency),
    }


def _local(tile: Tile, lines: Lines) -> Lines:
    """Lines in whole units of a tile."""

    def local(degrees: Floats) -> Floats:
        return np.round(tile.local(degrees))

    return np.asarray(shapely.transform(lines, local))


def _clipped(name: str, lines: Lines, properties: list[Properties]) -> Layer:
    """Lines in units of a tile as far as they lie in it or its buffer."""
    shapes = shapely.clip_by_rect(lines, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    kept = ~shapely.is_empty(shapes)
    return Layer(name, shapes[kept], [each for each, shown in zip(properties, kept, strict=True) if shown])


def _read(fields: Sequence[bytes | memoryview]) -> list[dict[str, str]]:
    """Fields that stand ready to be formatted as JSON, read at one go."""
    return orjson.loads((b"[{" + b"},{".join(fields) + b"}]") % ()) if fields else []
