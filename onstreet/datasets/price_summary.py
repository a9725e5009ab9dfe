"""What a city asks of a matrix of prices: the mean price by hour of the week, the share of it that is free, and whether
a proposed card brings in as much as the present one.

Every segment counts with its spaces, or as one where nobody counted them, and every entry as a stay on each of them:
this compares tariffs, it does not foretell how many will park. Hours are those of the wall clock at each card's place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from onstreet.datasets.matrix import rates_beside
from onstreet.datasets.source import SourceError

HOURS = 168
_BATCH = 1 << 18
# 1970-01-01 was a Thursday.
_MONDAY = 3 * 24

Floats = NDArray[np.float64]


@dataclass(eq=False)
class Summary:
    """Stays of one length, paid in one currency, counted in spaces.

    `priced` are the stays whose price is known by the hour of the week from Monday 00:00, `paid` what they cost. Where
    a card is proposed `before` and `after` are what stays cost that have a price under both the card it replaces and
    itself; `left_out` are the others that may be made under one of the two.
    """

    currency: str
    duration_min: int
    priced: Floats = field(default_factory=lambda: np.zeros(HOURS))
    paid: Floats = field(default_factory=lambda: np.zeros(HOURS))
    stays: float = 0
    free: float = 0
    forbidden: float = 0
    before: float = 0
    after: float = 0
    left_out: float = 0
    compares: bool = False

    @property
    def means(self) -> list[float | None]:
        """The mean price of each hour of the week; None where no stay has one."""
        pairs = zip(self.paid.tolist(), self.priced.tolist(), strict=True)
        return [paid / priced if priced else None for paid, priced in pairs]

    @property
    def shares(self) -> dict[str, float]:
        """The shares of all stays that are free, paid, forbidden, and of an unknown price."""
        priced = float(self.priced.sum())
        counts = {
            "free": self.free,
            "paid": priced - self.free,
            "not allowed": self.forbidden,
            "unknown": self.stays - priced - self.forbidden,
        }
        return {name: count / self.stays if self.stays else 0 for name, count in counts.items()}


class _Rates(NamedTuple):
    """What each rate counts for, its currency, and whether another card is proposed for it."""

    weight: Floats
    currency: NDArray[np.str_]
    is_replaced: NDArray[np.bool_]


def summaries(path: Path) -> list[Summary]:
    """The summaries of a matrix by currency and duration; raises SourceError where it is none."""
    found: dict[tuple[str, int], Summary] = {}
    try:
        rates = _rates(rates_beside(path))
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for currency, duration_min, rows in _groups(batch, rates.currency):
                    summary = found.setdefault((currency, duration_min), Summary(currency, duration_min))
                    _add(summary, rows, rates)
    except (pa.ArrowException, KeyError) as error:
        raise SourceError(f"{path}: not a matrix of prices: {error}") from None
    return [found[key] for key in sorted(found)]


def _rates(path: Path) -> _Rates:
    table = pq.read_table(path)
    currency = np.array(table["currency"].to_pylist(), dtype=np.str_)
    is_proposed = "proposedCards" in table.schema.names
    replaced = table["proposedCards"].is_valid().to_numpy() if is_proposed else np.zeros(len(table), dtype=np.bool_)
    return _Rates(table["weight"].to_numpy().astype(np.float64), currency, replaced)


def _groups(batch: pa.RecordBatch, currencies: NDArray[np.str_]) -> Iterator[tuple[str, int, pa.RecordBatch]]:
    """The rows of each currency and duration."""
    currency = currencies[batch["rate"].to_numpy()]
    duration = batch["duration_min"].to_numpy()
    for name in np.unique(currency).tolist():
        for duration_min in np.unique(duration).tolist():
            chosen = (currency == name) & (duration == duration_min)
            if chosen.any():
                yield name, duration_min, batch.filter(pa.array(chosen))


def _add(summary: Summary, rows: pa.RecordBatch, rates: _Rates) -> None:
    rate = rows["rate"].to_numpy()
    weight = rates.weight[rate]
    cost = _numbers(rows["cost"])
    is_priced = ~np.isnan(cost)
    hours = rows["entry"].to_numpy().astype("datetime64[h]").astype(np.int64)
    hour = (hours + _MONDAY)[is_priced] % HOURS
    summary.priced += np.bincount(hour, weight[is_priced], HOURS)
    summary.paid += np.bincount(hour, (weight * cost)[is_priced], HOURS)
    summary.stays += weight.sum()
    summary.free += weight[cost == 0].sum()
    summary.forbidden += weight[_numbers(rows["legal"]) == 0].sum()
    if "proposed_cost" in rows.schema.names:
        _compare(summary, rows, np.where(rates.is_replaced, rates.weight, 0)[rate], cost)


def _compare(summary: Summary, rows: pa.RecordBatch, weight: Floats, cost: Floats) -> None:
    summary.compares = True
    proposed = _numbers(rows["proposed_cost"])
    both = ~np.isnan(cost) & ~np.isnan(proposed)
    may = (_numbers(rows["legal"]) != 0) | (_numbers(rows["proposed_legal"]) != 0)
    summary.before += (weight * cost)[both].sum()
    summary.after += (weight * proposed)[both].sum()
    summary.left_out += weight[may & ~both].sum()


def _numbers(values: pa.Array) -> Floats:
    """Numbers or truths as doubles, with no number for null."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
