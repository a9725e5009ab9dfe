"""A snapshot, its findings and its sources -> all that a report says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from onstreet.datasets.findings import Finding
from onstreet.datasets.matrix import Rates, Stays, write_matrix
from onstreet.datasets.price_summary import Summary, summaries
from onstreet.datasets.report import tables
from onstreet.datasets.report.classes import PriceClass, price_classes
from onstreet.datasets.report.drawing import Drawing, draw
from onstreet.datasets.report.kerbs import Kerbs, Stay, Verdict, read_blocks, read_kerbs, verdicts
from onstreet.datasets.report.origins import Origin
from onstreet.datasets.source import SourceError
from onstreet.snapshot import current
from ratecards.money import symbol
from ratecards.outlook import monday_of

# Below what a stay pays for lies what it may not or cannot know: drawn first, so that prices are on top.
_DRAWN_FIRST = ("unknown", "closed", "reserved", "limit", "free")


@dataclass(frozen=True, slots=True)
class Map:
    """The kerbs that share a zone and a currency, drawn in the colours of a stay's price."""

    zone: str
    currency: str
    drawing: Drawing
    classes: tuple[PriceClass, ...]
    amounts: dict[str, tables.Amount]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report says."""

    title: str
    made: datetime
    stay: Stay
    blocks: int
    segments: int
    spaces: int
    cards: int
    maps: tuple[Map, ...]
    coverage: list[tables.Amount]
    states: list[tables.Amount]
    week: dict[str, float]
    prices: list[Summary]
    card_rows: list[tables.CardRow]
    finding_kinds: list[tables.FindingKind]
    findings: int | None
    fullest: list[tables.BlockRow]
    crowds: list[tables.Crowd]
    origins: Sequence[Origin]


def gather(
    folder: Path, title: str, stay: Stay, findings: Sequence[Finding] | None, origins: Sequence[Origin], made: datetime
) -> Facts:
    """What a folder of snapshots comes to for a stay and the week around it; raises SourceError.

    Findings are None where nobody knows which there were.
    """
    rates = Rates(folder, {})
    place = current(folder) or folder
    blocks = read_blocks(place)
    kerbs = read_kerbs(place, rates, blocks)
    if not len(kerbs.rate):
        raise SourceError(f"{folder}: it has no segment to report on")
    found = verdicts(rates.rates, stay)
    return Facts(
        title=title,
        made=made,
        stay=stay,
        blocks=len(blocks.ids),
        segments=len(kerbs.rate),
        spaces=int(kerbs.counted.sum()),
        cards=len({each.rate.lines for each in found}),
        maps=tuple(_maps(kerbs, found)),
        coverage=tables.coverage(kerbs, found),
        states=tables.states(kerbs, found),
        week=tables.week_shares(kerbs, found),
        prices=_prices(rates, stay),
        card_rows=list(tables.cards(kerbs, found)),
        finding_kinds=tables.kinds(findings or ()),
        findings=None if findings is None else len(findings),
        fullest=tables.fullest_blocks(kerbs, blocks),
        crowds=tables.crowds(kerbs, blocks),
        origins=origins,
    )


def _prices(rates: Rates, stay: Stay) -> list[Summary]:
    """The mean price of the stay for each hour of its week."""
    monday = monday_of(stay.entry)
    first = datetime(monday.year, monday.month, monday.day)
    week = Stays(first, first + timedelta(days=7), 60, (stay.minutes,))
    with TemporaryDirectory(prefix="onstreet-") as scratch:
        path = Path(scratch) / "week.parquet"
        write_matrix(rates, week, path, map)
        return summaries(path)


def _maps(kerbs: Kerbs, found: Sequence[Verdict]) -> list[Map]:
    places = [(each.rate.place.zone, each.rate.place.currency) for each in found]
    number_of = {place: number for number, place in enumerate(dict.fromkeys(places))}
    place = np.array([number_of[each] for each in places])[kerbs.rate]
    return [_map(kerbs.only(place == number), found, *where) for where, number in number_of.items()]


def _map(kerbs: Kerbs, found: Sequence[Verdict], zone: str, currency: str) -> Map:
    metres = kerbs.metres_by_rate(len(found)).tolist()
    classes = price_classes((each.cost, own) for each, own in zip(found, metres, strict=True) if each.cost and own)
    names = [*_DRAWN_FIRST, *(f"paid-{number}" for number in range(len(classes)))]
    class_of = np.array([names.index(_class(each, classes)) if metres[n] else 0 for n, each in enumerate(found)])
    each_class = class_of[kerbs.rate]
    amounts = {name: tables.amount(kerbs, name, each_class == number) for number, name in enumerate(names)}
    return Map(zone, symbol(currency), draw(kerbs.lines, each_class, names), tuple(classes), amounts)


def _class(verdict: Verdict, classes: Sequence[PriceClass]) -> str:
    if verdict.state != "paid" or verdict.cost is None:
        return verdict.state
    return next(f"paid-{number}" for number, each in enumerate(classes) if verdict.cost <= each.high)
