"""Overlay: pieces one can draw on paper, and laws of all of them."""

import math
from itertools import pairwise

import numpy as np
import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from onstreet.datasets.fitting.layers import Layer, Pieces, overlay

NAN = float("nan")
Span = tuple[int, bool, float, float, int]


def layer(spans: list[Span]) -> Layer:
    line, is_left, start_m, end_m, rule = zip(*spans, strict=True) if spans else [()] * 5
    ints = [np.array(column, dtype=np.int64) for column in (line, rule)]
    floats = [np.array(column, dtype=float) for column in (start_m, end_m)]
    return Layer(ints[0], np.array(is_left, dtype=bool), *floats, ints[1])


def drawn(*layers: str, length_m: float = 100.7) -> str:
    """The pieces of layers written as `A 10-20  B 20-30`, on the left of one line, as `A.b 10-20`."""
    stated = []
    for text in layers:
        words = text.split()
        pairs = zip(words[::2], words[1::2], strict=True)
        stated.append(layer([(0, True, *map(float, ends.split("-")), ord(name)) for name, ends in pairs]))
    pieces = overlay(np.array([length_m]), stated)
    names = [".".join(chr(rule) for _, rule in rules) for rules in pieces.sets]
    columns = zip(pieces.set_of, pieces.start_m, pieces.end_m, strict=True)
    return "  ".join(f"{names[number]} {start_m}-{end_m}" for number, start_m, end_m in columns)


OVERLAYS = [
    ([], ""),
    ([""], ""),
    (["A 10-20"], "A 10-20"),
    # Cut at every end, the rules of a layer first.
    (["A 10-50", "b 30-80"], "A 10-30  A.b 30-50  b 50-80"),
    (["A 10-50", "b 10-50"], "A.b 10-50"),
    (["A 10-50", "b 0-80", "z 20-30"], "b 0-10  A.b 10-20  A.b.z 20-30  A.b 30-50  b 50-80"),
    # Two of one layer both hold.
    (["A 10-50  B 40-60"], "A 10-40  A.B 40-50  B 50-60"),
    (["A 10-50  A 40-60"], "A 10-60"),
    # Joined over breaks of less than 25 m, not over another rule.
    (["A 10-20  A 44-60"], "A 10-60"),
    (["A 10-20  A 45-60"], "A 10-20  A 45-60"),
    (["A 10-20  B 20-30  A 30-40"], "A 10-20  B 20-30  A 30-40"),
    (["A 10-20  B 30-40"], "A 10-20  B 30-40"),
    # Whole metres within the line.
    (["A 10.4-20.5  B 20.5-30.4"], "A 10-21  B 21-30"),
    (["A 90-100.7"], "A 90-100"),
    # A short piece goes where it shares most, if that loses no rule.
    (["A 10-50", "b 48-90"], "A 10-50  b 50-90"),
    (["A 10-50  B 50-90", "c 10-52"], "A.c 10-52  B 52-90"),
    (["A 10-50  B 50-52  C 52-90"], "A 10-50  B 50-52  C 52-90"),
    (["A 10-50  B 50-90", "c 50-52"], "A 10-50  B.c 50-52  B 52-90"),
    (["A 10-50  A 51-90  B 50-51"], "A 10-50  B 50-51  A 51-90"),
    (["A 10-12"], "A 10-12"),
    # A span that rounds to nothing still holds somewhere.
    (["A 10.1-10.2"], "A 10-11"),
    (["A 100.6-100.7"], "A 99-100"),
    (["A 20-10"], "A 10-20"),
    (["A nan-20"], ""),
]


@pytest.mark.parametrize("layers, expected", OVERLAYS)
def test_pieces_are_those_one_draws(layers, expected):
    assert drawn(*layers) == expected


def test_spans_are_cut_off_where_their_line_ends():
    pieces = overlay(
        np.array([100.7, 0.4]), [layer([(0, True, -5, 300, 1), (1, False, 0, 0.4, 1), (-1, True, 0, 9, 1)])]
    )
    assert pieces.line.tolist() == [0, 1]
    assert pieces.is_left.tolist() == [True, False]
    assert pieces.start_m.tolist() == [0, 0]
    assert pieces.end_m.tolist() == [100, 1]


def test_spots_know_their_piece():
    pieces = overlay(np.full(2, 100.0), [layer([(0, True, 10, 50, 7), (0, True, 50, 60, 8), (1, False, 90, 100, 7)])])
    spots = [(0, True, 10, 0), (0, True, 50, 1), (0, True, 49.9, 0), (0, True, 60, 1), (0, True, 63, 1),
             (0, True, 64, -1), (0, True, 7, 0), (0, True, 6, -1), (0, False, 20, -1), (1, False, 100.7, 2),
             (1, False, 500, -1), (1, True, 95, -1), (-1, True, 20, -1), (0, True, NAN, -1)]  # fmt: skip
    line, is_left, offset_m, expected = (np.array(column) for column in zip(*spots, strict=True))
    assert pieces.at(line, is_left, offset_m).tolist() == expected.tolist()
    assert (overlay(np.full(2, 100.0), []).at(line, is_left, offset_m) == -1).all()


def span_lists(step: float) -> st.SearchStrategy[list[list[Span]]]:
    ends = st.integers(0, int(120 / step)).map(lambda steps: steps * step)
    spans = st.tuples(st.integers(0, 1), st.booleans(), ends, ends, st.integers(0, 2))
    return st.lists(st.lists(spans, max_size=8), max_size=3)


LAW = settings(max_examples=examples(200), deadline=None)


def pieces_of(spans: list[list[Span]], length_m: float = 120) -> Pieces:
    return overlay(np.full(2, length_m), [layer(each) for each in spans])


def rows(pieces: Pieces) -> list[tuple]:
    """Line, side, start, end and rules of every piece."""
    columns = (pieces.line, pieces.is_left, pieces.start_m, pieces.end_m)
    places = zip(*(column.tolist() for column in columns), strict=True)
    return [(*place, pieces.sets[number]) for place, number in zip(places, pieces.set_of, strict=True)]


@LAW
@given(span_lists(0.3), st.sampled_from([120.0, 119.6, 60.2]))
def test_pieces_tile_within_their_lines_and_lose_no_rule(spans, length_m):
    found = rows(pieces_of(spans, length_m))
    assert found == sorted(found)
    for (*side, _, end_m, rules), (*next_side, next_m, _, next_rules) in pairwise(found):
        assert side != next_side or end_m <= next_m
        assert (side, rules) != (next_side, next_rules) or next_m - end_m >= 25
    assert all(0 <= start_m < end_m <= math.floor(length_m) for _, _, start_m, end_m, _ in found)
    kept = {(line, is_left, rule) for line, is_left, *_, rules in found for rule in rules}
    assert kept == {(*span[:2], (i, span[4])) for i, each in enumerate(spans) for span in each}


@LAW
@given(span_lists(3))
def test_exactly_the_rules_given_hold_at_every_metre(spans):
    found = rows(pieces_of(spans))
    stated = [(i, *span) for i, each in enumerate(spans) for span in each if span[2] != span[3]]
    if len(stated) < sum(map(len, spans)):
        return
    for line, is_left, at_m in np.ndindex(2, 2, 120):
        given_here = {
            (i, rule)
            for i, where, side, *ends, rule in stated
            if (where, side) == (line, is_left) and min(ends) < at_m + 0.5 < max(ends)
        }
        held = [
            (end_m - start_m, set(rules))
            for where, side, start_m, end_m, rules in found
            if (where, side) == (line, is_left) and start_m < at_m + 0.5 < end_m
        ]
        # Between pieces that were joined nothing was given.
        assert held == [] or len(held) == 1
        assert (held[0][1] if held else set()) == given_here or (held and not given_here)


@LAW
@given(span_lists(0.3), st.randoms(use_true_random=False))
def test_the_order_of_the_spans_makes_no_difference(spans, random):
    shuffled = [random.sample(each, len(each)) for each in spans]
    assert rows(pieces_of(shuffled)) == rows(pieces_of(spans))


@LAW
@given(span_lists(1))
def test_reversed_lines_have_mirrored_pieces(spans):
    # A span of no length holds at the metre after it, whichever way the line runs.
    spans = [[span for span in each if span[2] != span[3]] for each in spans]
    back = [[(line, not is_left, 120 - end, 120 - start, rule) for line, is_left, start, end, rule in each]
            for each in spans]  # fmt: skip
    mirrored = [(line, not is_left, 120 - end_m, 120 - start_m, rules)
                for line, is_left, start_m, end_m, rules in rows(pieces_of(back))]  # fmt: skip
    assert sorted(mirrored) == rows(pieces_of(spans))
