"""Spaces to spans: runs one can draw on paper, and laws of all of them."""

import numpy as np
import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from onstreet.datasets.fitting.runs import Runs, runs

LENGTH_M = 200.0


def row(spaces: str, length_m: float = LENGTH_M) -> Runs:
    """The runs of spaces written as `A 10  B 16.2`, on the left of one line."""
    words = spaces.split()
    rules, offsets = np.array([ord(word) for word in words[::2]], dtype=int), np.array(words[1::2], dtype=float)
    return runs(np.array([length_m]), 0 * rules, rules > 0, offsets, rules)


def written(found: Runs) -> str:
    """Runs as `A 6.9-13.1 x1`."""
    columns = zip(found.rule.tolist(), found.start_m, found.end_m, found.spaces, strict=True)
    return "  ".join(f"{chr(rule)} {start_m:.4g}-{end_m:.4g} x{spaces}" for rule, start_m, end_m, spaces in columns)


ROWS = [
    ("", ""),
    # Half a space beyond the first and the last.
    ("A 50", "A 46.9-53.1 x1"),
    ("A 50  A 56", "A 47-59 x2"),
    ("A 62.4  A 50  A 56.2", "A 46.9-65.5 x3"),
    # Motorcycles stand closer than cars.
    ("A 50  A 51.4  A 52.8", "A 49.3-53.5 x3"),
    # A post with two meters, and posts of two with two spaces between them.
    ("A 50  A 50", "A 43.8-56.2 x2"),
    ("A 50  A 50  A 62.4  A 62.4", "A 43.8-68.6 x4"),
    # Breaks of less than 25 m do not divide a rule.
    ("A 50  A 81.1", "A 46.9-84.2 x2"),
    ("A 50  A 81.3", "A 46.9-53.1 x1  A 78.2-84.4 x1"),
    # Another rule is met half way, a break wider than a space is not filled.
    ("A 50  B 56.2", "A 46.9-53.1 x1  B 53.1-59.3 x1"),
    ("A 50  B 54", "A 46.9-52 x1  B 52-57.1 x1"),
    ("A 50  B 62.2", "A 46.9-56.1 x1  B 56.1-65.3 x1"),
    ("A 50  B 62.6", "A 46.9-53.1 x1  B 59.5-65.7 x1"),
    ("A 50  B 56.2  A 62.4", "A 46.9-53.1 x1  B 53.1-59.3 x1  A 59.3-65.5 x1"),
    # Rules on one spot stand beside their like and have two metres at least.
    ("A 43.8  A 50  B 50  B 56.2", "A 41.2-50 x2  B 50-58.8 x2"),
    ("B 43.8  A 50  B 50  A 56.2", "B 41.2-50 x2  A 50-58.8 x2"),
    ("A 50  B 50  C 50", "A 44.9-49 x1  B 49-51 x1  C 51-55.1 x1"),
    # Clipped to the line.
    ("A 1", "A 0-4.1 x1"),
    ("A 0", "A 0-3.1 x1"),
    ("A 300", "A 196.9-200 x1"),
    ("A 200  B 200  C 200", "A 191.9-196 x1  B 196-198 x1  C 198-200 x1"),
    # No place, no run.
    ("A nan  A 50", "A 46.9-53.1 x1"),
]


@pytest.mark.parametrize("spaces, expected", ROWS)
def test_runs_are_those_one_draws(spaces, expected):
    assert written(row(spaces)) == expected


def test_rules_share_a_line_that_is_too_short_for_them():
    assert written(row("A 1  B 1  C 1", 3)) == "A 0-1 x1  B 1-2 x1  C 2-3 x1"


def test_sides_and_lines_are_apart_and_each_space_knows_its_run():
    found = runs(
        np.array([100.0, 80.0]),
        np.array([1, 0, 0, -1, 0, 1]),
        np.array([True, True, False, True, True, True]),
        np.array([20.0, 20, 20, 20, 26, 70]),
        np.array([7, 7, 7, 7, 7, 7]),
    )
    assert found.line.tolist() == [0, 0, 1, 1]
    assert found.is_left.tolist() == [False, True, True, True]
    assert found.start_m.tolist() == pytest.approx([16.9, 17, 16.9, 66.9])
    assert found.spaces.tolist() == [1, 2, 1, 1]
    assert found.run_of.tolist() == [2, 1, 0, -1, 1, 3]


spaces = st.lists(
    st.tuples(st.integers(0, 2), st.booleans(), st.integers(-20, 1240), st.integers(1, 3)), min_size=1, max_size=25
)
lengths = st.lists(st.sampled_from([3.0, 12.0, 60.0, 120.5]), min_size=3, max_size=3)
LAW = settings(max_examples=examples(200), deadline=None)


def runs_of(lengths_m, drawn) -> Runs:
    line, is_left, tenths, rule = (np.array(column) for column in zip(*drawn, strict=True))
    return runs(np.array(lengths_m), line, is_left, tenths / 10, rule)


def table(found: Runs) -> np.ndarray:
    columns = (found.line, found.is_left, found.start_m, found.end_m, found.rule, found.spaces)
    return np.column_stack(columns).astype(float)


@LAW
@given(lengths, spaces)
def test_runs_lie_on_their_lines_without_overlaps_and_keep_every_space(lengths_m, drawn):
    found = runs_of(lengths_m, drawn)
    assert (found.start_m >= 0).all()
    assert (found.end_m <= np.array(lengths_m)[found.line] + 1e-9).all()
    assert (found.end_m - found.start_m > 0.05).all()
    is_same_side = (np.diff(found.line) == 0) & (np.diff(found.is_left.astype(int)) == 0)
    assert (found.start_m[1:] >= found.end_m[:-1] - 1e-9)[is_same_side].all()
    assert np.bincount(found.run_of, minlength=len(found.line)).tolist() == found.spaces.tolist()
    for (line, is_left, _, rule), run in zip(drawn, found.run_of, strict=True):
        assert (found.line[run], found.is_left[run], found.rule[run]) == (line, is_left, rule)
    assert (found.start_m[found.run_of] <= found.at_m + 1e-9).all()
    assert (found.at_m <= found.end_m[found.run_of] + 1e-9).all()


@LAW
@given(lengths, spaces)
def test_a_space_lies_in_its_run_unless_other_rules_share_its_spot(lengths_m, drawn):
    found = runs_of(lengths_m, drawn)
    for (line, is_left, tenths, rule), run in zip(drawn, found.run_of, strict=True):
        at_m = min(max(tenths / 10, 0), lengths_m[line])
        near = [other for other in drawn if other[:2] == (line, is_left) and other[3] != rule]
        if all(abs(min(other[2] / 10, lengths_m[line]) - at_m) > 50 for other in near):
            moved_m = 1 if near else 0
            assert found.start_m[run] - moved_m - 1e-9 <= at_m <= found.end_m[run] + moved_m + 1e-9


@LAW
@given(lengths, spaces, st.randoms(use_true_random=False))
def test_the_order_of_the_spaces_makes_no_difference(lengths_m, drawn, random):
    order = list(range(len(drawn)))
    random.shuffle(order)
    straight, shuffled = runs_of(lengths_m, drawn), runs_of(lengths_m, [drawn[i] for i in order])
    assert table(shuffled) == pytest.approx(table(straight))
    same = [(straight.run_of[i], shuffled.run_of[j]) for j, i in enumerate(order)]
    stacked = {spot for i, spot in enumerate(drawn) if any(spot[:3] == other[:3] for other in drawn[:i])}
    assert all(a == b for (a, b), i in zip(same, order, strict=True) if drawn[i] not in stacked)


@LAW
@given(lengths, st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(1, 600), st.integers(1, 3)),
                         min_size=1, max_size=25, unique_by=lambda space: space[:3]))  # fmt: skip
def test_a_reversed_line_swaps_sides_and_mirrors_runs(lengths_m, drawn):
    lengths_m = [max(length_m, 60.0) for length_m in lengths_m]
    back = [(line, not is_left, round(lengths_m[line] * 10) - tenths, rule) for line, is_left, tenths, rule in drawn]
    there, mirrored = table(runs_of(lengths_m, drawn)), table(runs_of(lengths_m, back))
    mirrored[:, 1] = 1 - mirrored[:, 1]
    mirrored[:, 2:4] = np.array(lengths_m)[mirrored[:, 0].astype(int), None] - mirrored[:, [3, 2]]
    assert mirrored[np.lexsort(mirrored[:, [2, 1, 0]].T)] == pytest.approx(there, abs=1e-6)
