"""Best value and best plateau on full grids and grids with holes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.walkforward.choice import choose, grid_of, plateau

SETS = [{"a": float(a), "b": float(b)} for a, b in itertools.product((5, 10, 20, 40), (1, 2, 3, 4))]


def test_neighbours_are_one_step_in_each_parameter():
    grid = grid_of(SETS)
    assert grid.names == ("a", "b")
    assert sorted(grid.neighbours[0][grid.neighbours[0] >= 0]) == [0, 1, 4, 5]
    assert sorted(grid.neighbours[5][grid.neighbours[5] >= 0]) == [0, 1, 2, 4, 5, 6, 8, 9, 10]


def test_a_plateau_beats_a_peak():
    values = np.zeros((16, 1))
    values[3] = 10.0  # alone in a corner
    values[[8, 9, 12, 13], 0] = 5.0
    grid = grid_of(SETS)
    assert choose(values, grid) == 3
    assert choose(values, grid, "plateau")[0] in (8, 9, 12, 13)


def test_sets_that_are_not_on_the_grid_do_not_count():
    sets = [s for s in SETS if s["a"] > 5 * s["b"]]
    grid = grid_of(sets)
    values = np.ones((len(sets), 2))
    assert np.allclose(plateau(values, grid), 1.0)


def test_a_neighbour_without_a_value_counts_as_the_worst():
    grid = grid_of(SETS[:3])
    values = np.array([[4.0], [np.nan], [1.0]])
    assert plateau(values, grid)[0, 0] == pytest.approx((4 + 1) / 2)
    assert np.isnan(plateau(values, grid)[1, 0])


def test_ties_go_to_the_fewest_steps_from_the_defaults_then_to_the_first():
    values = np.ones((16, 1))
    assert choose(values, grid_of(SETS, {"a": 10.0, "b": 2.0})) == 5
    values[5] = np.nan
    assert choose(values, grid_of(SETS, {"a": 10.0, "b": 2.0})) == 1
    assert choose(values * (1 + 1e-15 * np.arange(16))[:, None], grid_of(SETS, {"a": 10, "b": 2})) == 1


def test_nothing_to_choose():
    grid = grid_of(SETS)
    for rule in ("best", "plateau"):
        assert choose(np.full((16, 3), np.nan), grid, rule).tolist() == [-1, -1, -1]
    assert choose(np.zeros((1, 2)), grid_of([{"a": 1.0}]), "plateau").tolist() == [0, 0]
    assert choose(np.array([[np.inf], [1.0]]), grid_of(SETS[:2])).tolist() == [1]
    with pytest.raises(BadInput):
        grid_of([])
    with pytest.raises(BadInput, match="no way to choose"):
        choose(np.zeros((16, 1)), grid, "worst")


def test_order_of_the_sets_does_not_matter():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(16, 30))
    order = rng.permutation(16)
    shuffled = [SETS[k] for k in order]
    for rule in ("best", "plateau"):
        a = choose(values, grid_of(SETS), rule)
        b = choose(values[order], grid_of(shuffled), rule)
        assert [SETS[k] for k in a] == [shuffled[k] for k in b]
