"""The tables of a report: how much kerb is covered, which cards there are, what is wrong, where the spaces are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.findings import Finding as DataFinding
from onstreet.datasets.report.kerbs import STATES, Blocks, Kerbs, Verdict
from ratecards import Finding, lint, read

# How much of each table is printed: what is left out is counted.
CARDS, FOLDED_CARDS = 20, 180
BLOCKS, EXAMPLES = 20, 3
_CROWDS = (0, 1, 5, 10, 20, 40, 80)


class Amount(NamedTuple):
    """Some of the kerb: metres, segments, spaces, and its share of all metres."""

    name: str
    metres: float
    segments: int
    spaces: int
    share: float


class CardRow(NamedTuple):
    """A card as it is printed, how much kerb has it, and what is doubtful about it."""

    lines: tuple[str, ...]
    amount: Amount
    faults: tuple[str, ...]
    findings: tuple[Finding, ...]


class FindingKind(NamedTuple):
    """Findings that say the same of different rows: file, field, reason, how many, and some of them."""

    file: str
    field: str
    reason: str
    rows: int
    examples: tuple[DataFinding, ...]


class BlockRow(NamedTuple):
    """A block with its spaces."""

    name: str
    address: str
    block_id: str
    segments: int
    spaces: int


class Crowd(NamedTuple):
    """How many blocks have so many spaces, and their share of the largest such number."""

    name: str
    blocks: int
    share: float


def coverage(kerbs: Kerbs, found: Sequence[Verdict]) -> list[Amount]:
    """How much kerb has rules, counted spaces and a known price, all of it first."""
    is_read = [bool(each.rate.lines) for each in found]
    is_whole = [not each.card.unread for each in found]
    hours = [each.week["unknown"] for each in found]
    tests: list[tuple[str, Callable[[int], bool]]] = [
        ("all kerbs", lambda rate: True),
        ("with rules", lambda rate: is_read[rate]),
        ("without rules", lambda rate: not is_read[rate]),
        ("with a line nobody can read", lambda rate: not is_whole[rate]),
        ("known at every hour of the week", lambda rate: hours[rate] == 0),
        ("unknown at some hours", lambda rate: 0 < hours[rate] < 1),
        ("unknown at every hour", lambda rate: hours[rate] == 1),
    ]
    rows = [amount(kerbs, name, np.array([holds(rate) for rate in kerbs.rate.tolist()])) for name, holds in tests]
    return [*rows, amount(kerbs, "with counted spaces", kerbs.spaces >= 0)]


def states(kerbs: Kerbs, found: Sequence[Verdict]) -> list[Amount]:
    """How much kerb is of each state for the stay."""
    state = np.array([STATES.index(each.state) for each in found])[kerbs.rate]
    return [amount(kerbs, name, state == number) for number, name in enumerate(STATES)]


def week_shares(kerbs: Kerbs, found: Sequence[Verdict]) -> dict[str, float]:
    """The share of all hours of the week at all metres of kerb that is of each state."""
    metres = kerbs.metres_by_rate(len(found))
    total = max(float(metres.sum()), 1e-9)
    sums = {name: float(metres @ np.array([each.week[name] for each in found])) / total for name in STATES}
    return {name: share for name, share in sums.items() if share}


def cards(kerbs: Kerbs, found: Sequence[Verdict]) -> Iterator[CardRow]:
    """Each card with what is doubtful about it, the one with most segments first, whatever places it stands at."""
    rates_of: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, each in enumerate(found):
        rates_of[each.rate.lines].append(number)
    segments = np.bincount(kerbs.rate, minlength=len(found))
    ranked = sorted(rates_of.items(), key=lambda pair: (-segments[pair[1]].sum(), pair[0]))
    for lines, rates in ranked[: CARDS + FOLDED_CARDS]:
        reading = read(lines)
        theirs = amount(kerbs, "", np.isin(kerbs.rate, rates))
        yield CardRow(lines, theirs, tuple(each.message for each in reading.errors), tuple(lint(reading.card)))


def kinds(findings: Iterable[DataFinding]) -> list[FindingKind]:
    """Findings by file, field and reason, the commonest first."""
    by_kind: dict[tuple[str, str, str], list[DataFinding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.file, finding.field, finding.reason].append(finding)
    ranked = sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [FindingKind(*kind, len(several), tuple(several[:EXAMPLES])) for kind, several in ranked]


def fullest_blocks(kerbs: Kerbs, blocks: Blocks) -> list[BlockRow]:
    """The blocks with most spaces."""
    spaces = np.bincount(kerbs.block, kerbs.counted, len(blocks.ids)).astype(int)
    segments = np.bincount(kerbs.block, minlength=len(blocks.ids))
    first = np.lexsort([np.arange(len(spaces)), -spaces])[:BLOCKS]
    return [
        BlockRow(blocks.names[row], blocks.addresses[row], blocks.ids[row], int(segments[row]), int(spaces[row]))
        for row in first.tolist()
        if spaces[row]
    ]


def crowds(kerbs: Kerbs, blocks: Blocks) -> list[Crowd]:
    """How many blocks have none, one to four, five to nine spaces and so on."""
    spaces = np.bincount(kerbs.block, kerbs.counted, len(blocks.ids)).astype(int)
    step = np.searchsorted(_CROWDS, spaces, "right") - 1
    counts = Counter(step.tolist())
    names = ["none", *(f"{low}–{high - 1}" for low, high in pairwise(_CROWDS[1:])), f"{_CROWDS[-1]} and more"]
    most = max(counts.values(), default=1)
    return [Crowd(name, counts[number], counts[number] / most) for number, name in enumerate(names)]


def amount(kerbs: Kerbs, name: str, chosen: NDArray[np.bool_]) -> Amount:
    """How much kerb some of the segments are."""
    metres = float(kerbs.metres[chosen].sum())
    share = metres / max(float(kerbs.metres.sum()), 1e-9)
    return Amount(name, metres, int(chosen.sum()), int(kerbs.counted[chosen].sum()), share)
