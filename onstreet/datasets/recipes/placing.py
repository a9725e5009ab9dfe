"""Rows of a layer -> where they are: line, side and metres along it; whatever stands nowhere is a finding."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas
import shapely

from onstreet.datasets.findings import Finding
from onstreet.datasets.fitting.places import LEFT, UNKNOWN, Fit, Ints, Sides, by_compass, by_parity, fit
from onstreet.datasets.fitting.runs import Bools
from onstreet.datasets.fitting.spans import along
from onstreet.datasets.recipes.network import Network, faces_of, offsets_m, streets
from onstreet.datasets.recipes.recipe import Layer, Recipe
from onstreet.datasets.recipes.tables import ROW
from onstreet.datasets.recipes.values import named
from onstreet.datasets.source import SourceError
from onstreet.geometry import Floats
from onstreet.kerbs import KERB_OFFSET_M, beside

NO_SIDE = "nothing tells on which side of its line"
_NUMBER = r"([0-9]+)"
# Spans end where streets meet, lines in the middle of the junction.
_WHOLE = 0.8


class Placed(NamedTuple):
    """Where rows are: line (-1 for nowhere), side, and from where to where, for points twice the same."""

    line: Ints
    is_left: Bools
    start_m: Floats
    end_m: Floats


def place(
    recipe: Recipe, layer: Layer, network: Network | None, frame: pandas.DataFrame, findings: list[Finding]
) -> tuple[Network, Placed]:
    """The rows of a layer on the lines of a network, or on lines made of them where there is none yet."""
    if layer.kind == "points":
        return _points(recipe, layer, network, frame, findings)
    if layer.kind == "offsets":
        return _offsets(layer, network, frame, findings)
    return _spans(layer, network, frame, findings)


def _offsets(
    layer: Layer, network: Network | None, frame: pandas.DataFrame, findings: list[Finding]
) -> tuple[Network, Placed]:
    """Rows at stated offsets, on the line they name, or without lines on those that their own geometries make."""
    is_made = network is None
    if network is None:
        network, starts, ends, line = streets(layer, frame, findings)
    else:
        starts, ends = offsets_m(layer, frame)
        wanted = _wanted(layer, network, frame, findings)
        line = np.where(starts < ends, -1 if wanted is None else wanted, -1)
    label, where = layer.table.label, frame[layer.offsets["start"]]
    side = _stated_side(layer, network, frame, line, (starts + ends) / 2)
    if not is_made:
        _report(findings, label, frame, where, line < 0, "no line of this id, or no offsets in order")
    _report(findings, label, frame, where, (line >= 0) & (side == UNKNOWN), NO_SIDE)
    if is_made:
        # What is drawn is the kerb: the line runs 4 m from it, on the other side of what lies on it.
        counts = np.bincount(line[line >= 0], side[line >= 0], minlength=len(network.ids))
        network = replace(network, lines=beside(network.lines, -np.sign(counts) * KERB_OFFSET_M))
    return network, Placed(np.where(side == UNKNOWN, -1, line), side == LEFT, starts, ends)


def _spans(
    layer: Layer, network: Network | None, frame: pandas.DataFrame, findings: list[Finding]
) -> tuple[Network, Placed]:
    """Rows drawn as lines beside or on the line they speak of: the nearest one that runs the same way."""
    if network is None:
        raise SourceError(f"{layer.table.path}: spans need lines to lie along: state [lines]")
    shapes = shapely.line_merge(frame.geometry.to_numpy())
    found = along(network.lines, shapes, _wanted(layer, network, frame, findings), layer.within_m)
    side = _stated_side(layer, network, frame, found.line, (found.start_m + found.end_m) / 2)
    side = np.where(found.line < 0, UNKNOWN, found.side if not layer.side else side)
    label, where = layer.table.label, shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=6)
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    _report(findings, label, frame, [""] * len(frame), ~is_line, "the geometry is not one line")
    _report(
        findings, label, frame, where, is_line & (found.line < 0), f"no line runs along it within {layer.within_m:g} m"
    )
    _report(findings, label, frame, where, found.covered < _WHOLE, "a part of it lies beyond the line's end")
    _report(findings, label, frame, where, (found.line >= 0) & (side == UNKNOWN), NO_SIDE)
    return network, Placed(np.where(side == UNKNOWN, -1, found.line), side == LEFT, found.start_m, found.end_m)


def _points(
    recipe: Recipe, layer: Layer, network: Network | None, frame: pandas.DataFrame, findings: list[Finding]
) -> tuple[Network, Placed]:
    places = frame.geometry.to_numpy()
    points = np.column_stack([shapely.get_x(places), shapely.get_y(places)])
    if network is None:
        if recipe.faces is None:
            raise SourceError(f"{recipe.path}: points need lines to stand on: state [lines], or [faces] to make them")
        network, made = faces_of(recipe.faces, frame, points)
        found = fit(network.lines, points, made.face_of, np.inf)
        found = replace(found, line=made.face_of, side=made.side)
    else:
        found = fit(network.lines, points, _wanted(layer, network, frame, findings), layer.within_m)
    return network, _sided(layer, network, frame, found, findings)


def _wanted(layer: Layer, network: Network, frame: pandas.DataFrame, findings: list[Finding]) -> Ints | None:
    """The lines that rows name; -1 for a row that names none, or one that is not there."""
    if not layer.line:
        return None
    number_of = {each: number for number, each in reversed(list(enumerate(network.ids)))}
    names = [named(layer.line, row) for row in frame.to_dict("records")]
    wanted = np.array([number_of.get(name, -1) for name in names], dtype=np.int64)
    for at in np.flatnonzero((wanted < 0) & (np.array(names) != "")):
        reason = "no line has this id: the nearest is taken"
        findings.append(Finding(layer.table.label, int(frame[ROW].iloc[at]), layer.line, names[at], reason))
    return wanted


def _sided(layer: Layer, network: Network, frame: pandas.DataFrame, found: Fit, findings: list[Finding]) -> Placed:
    """Points with the side that the recipe asks for, or else the side they stand on."""
    side = np.where(found.line >= 0, _stated_side(layer, network, frame, found.line, found.offset_m), UNKNOWN)
    side = np.where(side == UNKNOWN, found.side, side)
    label, where = layer.table.label, shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=6)
    is_there = ~shapely.is_empty(frame.geometry.to_numpy()) & np.isfinite(shapely.get_x(frame.geometry.to_numpy()))
    _report(findings, label, frame, [""] * len(frame), ~is_there, "it has no coordinates")
    _report(findings, label, frame, where, is_there & (found.line < 0), "no line that it could stand on")
    _report(findings, label, frame, where, (found.line >= 0) & (side == UNKNOWN), NO_SIDE)
    line = np.where(side == UNKNOWN, -1, found.line)
    return Placed(line, side == LEFT, found.offset_m, found.offset_m)


def _stated_side(layer: Layer, network: Network, frame: pandas.DataFrame, line: Ints, offset_m: Floats) -> Sides:
    if "compass" in layer.side:
        return by_compass(network.lines, line, offset_m, frame[layer.side["compass"]].to_numpy(dtype=str))
    if "parity" in layer.side:
        if network.left is None or network.right is None:
            raise SourceError(
                f"{layer.table.path}: a side by parity needs house numbers: state 'left' and 'right' in [lines]"
            )
        numbers = pandas.to_numeric(frame[layer.side["parity"]].str.extract(_NUMBER)[0], errors="coerce").to_numpy(
            float
        )
        return by_parity(numbers, network.left[line], network.right[line])
    return np.zeros(len(line), dtype=np.int8)


def _report(
    findings: list[Finding], label: str, frame: pandas.DataFrame, values: Iterable[str], where: Bools, reason: str
) -> None:
    for row, value, is_there in zip(frame[ROW], values, where, strict=True):
        if is_there:
            findings.append(Finding(label, int(row), "place", value, reason))
