"""A snapshot's tables -> its kerbs as arrays, and what each card at a place says: at one entry, and over a week."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from onstreet.datasets.matrix import Rate, Rates
from onstreet.geometry import Floats, Lines
from ratecards import Card, Place, Quote, price_stays, read, week
from ratecards.legality import Reason
from ratecards.outlook import monday_of

Ints = NDArray[np.int64]

# What a stay may find at a kerb, and what the hours of a week may be.
STATES = ("free", "paid", "limit", "reserved", "closed", "unknown")
_REFUSED = {Reason.CLOSED: "closed", Reason.RESERVED: "reserved", Reason.LIMIT: "limit"}


class Stay(NamedTuple):
    """The stay a report is about: a wall-clock entry at each kerb, and minutes."""

    entry: datetime
    minutes: int


@dataclass(frozen=True, slots=True, eq=False)
class Kerbs:
    """All segments of a snapshot in their order: lines of degrees, metres, spaces (-1 is not counted), rate, block."""

    lines: Lines
    metres: Floats
    spaces: Ints
    rate: Ints
    block: Ints

    @property
    def counted(self) -> Ints:
        """The spaces of each, none where nobody counted them."""
        return np.maximum(self.spaces, 0)

    def metres_by_rate(self, rates: int) -> Floats:
        """The metres of each of so many rates."""
        return np.asarray(np.bincount(self.rate, self.metres, rates), dtype=np.float64)

    def only(self, chosen: NDArray[np.bool_]) -> "Kerbs":
        """Some of them."""
        return Kerbs(*(getattr(self, each.name)[chosen] for each in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The ids, names and addresses of all blocks."""

    ids: Sequence[str]
    names: Sequence[str]
    addresses: Sequence[str]


class Verdict(NamedTuple):
    """What a card says: the state a stay finds and its cost, and the share of the week that is of each state."""

    rate: Rate
    card: Card
    state: str
    cost: Decimal | None
    week: dict[str, float]


def read_blocks(place: Path) -> Blocks:
    """The blocks of a snapshot at its place on disk."""
    table = pq.read_table(place / "blocks.parquet", columns=["blockID", "name", "address"])
    return Blocks(*(table[name].to_pylist() for name in ("blockID", "name", "address")))


def read_kerbs(place: Path, rates: Rates, blocks: Blocks) -> Kerbs:
    """The segments of a snapshot at its place on disk."""
    table = pq.read_table(place / "segments.parquet", columns=["geometry", "start_m", "end_m", "spacesTotal"])
    rated = pa.Table.from_batches(rates.segments())
    row_of = {block_id: row for row, block_id in enumerate(blocks.ids)}
    return Kerbs(
        shapely.from_wkb(table["geometry"].to_numpy()),
        table["end_m"].to_numpy() - table["start_m"].to_numpy(),
        table["spacesTotal"].fill_null(-1).to_numpy().astype(np.int64),
        rated["rate"].to_numpy().astype(np.int64),
        np.array([row_of[each] for each in rated["blockID"].to_pylist()], dtype=np.int64),
    )


def verdicts(rates: Sequence[Rate], stay: Stay) -> list[Verdict]:
    """What each card at its place says of a stay and of the week it lies in."""
    return [_verdict(rate, stay) for rate in rates]


def _verdict(rate: Rate, stay: Stay) -> Verdict:
    card = read(rate.lines).card
    [quote] = price_stays(card, stay.entry, [stay.minutes], rate.place)
    return Verdict(rate, card, _state(quote), quote.cost, _week_shares(card, rate.place, stay.entry))


def _state(quote: Quote) -> str:
    if quote.legal is False and quote.reason:
        return _REFUSED[quote.reason]
    if quote.cost is None:
        return "unknown"
    return "paid" if quote.cost else "free"


def _week_shares(card: Card, place: Place, entry: datetime) -> dict[str, float]:
    seconds = dict.fromkeys(STATES, 0.0)
    for span in week(card, monday_of(entry), place):
        seconds[span.kind] += span.end.timestamp() - span.start.timestamp()
    total = sum(seconds.values())
    return {state: each / total for state, each in seconds.items()}
