"""Recipe -> block rows: tables are read, cards translated, rows placed on lines and laid over each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas

from onstreet.datasets.findings import Finding
from onstreet.datasets.fitting import layers as overlays
from onstreet.datasets.fitting.layers import Pieces, overlay
from onstreet.datasets.fitting.places import Ints
from onstreet.datasets.fitting.runs import Bools, runs
from onstreet.datasets.publish import is_closed_for_good, stated_rows
from onstreet.datasets.recipes.cards import Lines, stated_cards
from onstreet.datasets.recipes.network import Network, read_lines
from onstreet.datasets.recipes.placing import Placed, place
from onstreet.datasets.recipes.recipe import Layer, Recipe
from onstreet.datasets.recipes.tables import ROW, need, read_table
from onstreet.datasets.recipes.values import columns_of, named
from onstreet.datasets.source import Loaded, Stated
from onstreet.geometry import Floats
from onstreet.model import BlockRow, SegmentRow, Side
from ratecards import read

# Columns beside those of the file.
LINES, RULE = "__lines__", "__rule__"


@dataclass(frozen=True, slots=True, eq=False)
class _Spaces:
    """Spaces of a layer: where each is, how many it counts for, and how it is paid for."""

    line: Ints
    is_left: Bools
    offset_m: Floats
    count: Ints
    payment_id: list[str]


class _Rules:
    """The different cards that rows state, each with its number."""

    def __init__(self) -> None:
        self.lines: list[Lines] = []
        self._numbers: dict[Lines, int] = {}

    def number(self, lines: Lines) -> int:
        """The number of a card."""
        if lines not in self._numbers:
            self._numbers[lines] = len(self.lines)
            self.lines.append(lines)
        return self._numbers[lines]


def load(recipe: Recipe, progress: Callable[[str], object] = lambda step: None) -> Loaded:
    """The blocks of a city on the recipe's day, and a finding for every row that cannot be used; raises SourceError.

    `progress` is told of each step before it begins.
    """
    findings: list[Finding] = []
    stated = list(stated_rows(recipe.files, recipe.place))
    read = len(stated)
    network = read_lines(recipe.lines, recipe.on, findings) if recipe.lines else None
    rules, placed, spaces = _Rules(), [], []
    for layer in recipe.layers:
        progress(f"reading {layer.table.label}")
        frame = read_table(layer.table, recipe.on, findings)
        read += len(frame)
        need(frame, layer.table, _columns(recipe, layer))
        frame = _together(layer, frame, stated_cards(layer, frame, findings), findings)
        progress(f"placing {len(frame):,} rows of {layer.table.label}")
        network, spots = place(recipe, layer, network, frame, findings)
        frame[RULE] = [rules.number(lines) for lines in frame.pop(LINES)]
        spans, spots = _layer(layer, network, frame, spots)
        placed.append(spans)
        if layer.is_counted:
            spaces.append(_spaces(layer, frame, spots, findings))
    progress("laying out kerbs")
    if network is not None and placed:
        pieces = overlay(network.lengths_m, placed)
        stated += [
            Stated(recipe.path.name, number, row) for number, row in _blocks(recipe, network, pieces, rules, spaces)
        ]
    stated += [Stated(finding.file, finding.row, finding) for finding in findings]
    return Loaded(recipe.name, stated, read, recipe.sources)


def _columns(recipe: Recipe, layer: Layer) -> list[str]:
    """The columns that say where the rows of a layer are, and what they are called."""
    faces = recipe.faces
    of_faces = (faces.street, faces.name, faces.number, faces.compass) if faces and layer.kind == "points" else ()
    offsets = [layer.offsets[end] for end in ("start", "end") if layer.offsets]
    counted = [layer.spaces] if layer.spaces else []
    named = columns_of(layer.line, layer.payment_id, layer.together, *of_faces)
    return [*named, *offsets, *layer.side.values(), *counted]


def _together(
    layer: Layer, frame: pandas.DataFrame, cards: Sequence[Lines], findings: list[Finding]
) -> pandas.DataFrame:
    """The rows that state a rule; those that speak of one space are one row, with all their lines in order."""
    frame = frame.assign(**{LINES: list(cards)})
    frame = frame[frame[LINES].map(bool).astype(bool)]
    if (layer.together or layer.table.join) and len(frame):
        key = frame[ROW]
        if not layer.together:
            for row in key[key.duplicated()].unique():
                reason = "several rows of the other table are for it: what all of them say holds"
                findings.append(Finding(layer.table.label, int(row), "join", "", reason))
        else:
            key = pandas.Series([named(layer.together, row) for row in frame.to_dict("records")], index=frame.index)
        lines = frame.groupby(key, sort=False)[LINES].agg(lambda several: tuple(dict.fromkeys(sum(several, ()))))
        frame = frame[~key.duplicated()].assign(**{LINES: key[~key.duplicated()].map(lines)})
    return frame.reset_index(drop=True)


def _layer(layer: Layer, network: Network, frame: pandas.DataFrame, spots: Placed) -> tuple[overlays.Layer, Placed]:
    """The spans of a layer, runs of points of one rule or as they are stated; and where in them the rows are."""
    rule = frame[RULE].to_numpy(dtype=np.int64)
    if layer.kind != "points":
        return overlays.Layer(spots.line, spots.is_left, spots.start_m, spots.end_m, rule), spots
    found = runs(network.lengths_m, spots.line, spots.is_left, spots.start_m, rule, layer.space_m)
    # Points on one spot are moved apart: each counts where its own rule is.
    spots = spots._replace(start_m=found.at_m, end_m=found.at_m)
    return overlays.Layer(found.line, found.is_left, found.start_m, found.end_m, found.rule), spots


def _spaces(layer: Layer, frame: pandas.DataFrame, spots: Placed, findings: list[Finding]) -> _Spaces:
    count = np.ones(len(frame), dtype=np.int64)
    if layer.spaces:
        stated = pandas.to_numeric(frame[layer.spaces], errors="coerce")
        is_count = (stated >= 0) & (stated % 1 == 0)
        for row, value in frame.loc[~is_count, [ROW, layer.spaces]].itertuples(index=False):
            reason = "not a number of spaces: counted as one"
            findings.append(Finding(layer.table.label, int(row), layer.spaces, value, reason))
        count = stated.where(is_count, 1).to_numpy(dtype=np.int64)
    rows = frame.to_dict("records")
    ids = [named(layer.payment_id, row) for row in rows]
    return _Spaces(spots.line, spots.is_left, (spots.start_m + spots.end_m) / 2, count, ids)


def _blocks(
    recipe: Recipe, network: Network, pieces: Pieces, rules: _Rules, spaces: Sequence[_Spaces]
) -> Iterator[tuple[int, BlockRow]]:
    """A block for each line that has pieces, with those of both sides as segments."""
    if not len(pieces.line):
        return
    cards = [_card(rules, numbers) for numbers in pieces.sets]
    is_closed = [any(map(is_closed_for_good, read(card).card.lines)) for card in cards]
    counts, ids = _counted(pieces, spaces)
    firsts = np.flatnonzero(np.diff(pieces.line, prepend=-1))
    for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), len(pieces.line)], strict=True):
        line = int(pieces.line[first])
        name = network.ids[line]
        block_id = f"{recipe.source}-{name}".replace("|", "/")
        segments = []
        for piece in range(first, last):
            card = int(pieces.set_of[piece])
            side = Side.LEFT if pieces.is_left[piece] else Side.RIGHT
            start_m, end_m = int(pieces.start_m[piece]), int(pieces.end_m[piece])
            segments.append(
                SegmentRow(
                    f"{block_id}-{side.value[0]}{start_m}",
                    side,
                    start_m,
                    end_m,
                    cards[card],
                    0 if is_closed[card] else counts[piece],
                    ids[piece],
                )
            )
        yield (
            line + 1,
            BlockRow(
                block_id,
                (recipe.source, name),
                network.lines[line],
                tuple(segments),
                recipe.place,
                network.names[line],
                network.addresses[line],
            ),
        )


def _card(rules: _Rules, numbers: Sequence[overlays.Rule]) -> Lines:
    """The lines of all the rules that hold together, each once."""
    return tuple(dict.fromkeys(line for _, number in numbers for line in rules.lines[number]))


def _counted(pieces: Pieces, spaces: Sequence[_Spaces]) -> tuple[list[int | None], list[tuple[str, ...]]]:
    """How many spaces lie in each piece, None where none was counted, and how they are paid for, each way once."""
    counts = np.zeros(len(pieces.line), dtype=np.int64)
    is_counted = np.zeros(len(pieces.line), dtype=bool)
    ids: list[dict[str, None]] = [{} for _ in range(len(pieces.line))]
    for layer in spaces:
        piece = pieces.at(layer.line, layer.is_left, layer.offset_m)
        np.add.at(counts, piece[piece >= 0], layer.count[piece >= 0])
        is_counted[piece[piece >= 0]] = True
        for number, payment_id in zip(piece.tolist(), layer.payment_id, strict=True):
            if number >= 0 and payment_id:
                ids[number][payment_id] = None
    known = zip(counts.tolist(), is_counted, strict=True)
    return [count if is_known else None for count, is_known in known], [tuple(each) for each in ids]
