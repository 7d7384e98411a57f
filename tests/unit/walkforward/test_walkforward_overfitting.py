"""What CSCV says of noise, of skill and of what cannot be judged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.walkforward.overfitting import dominance, probability_of_overfitting


def noise(sets=50, days=1000, seed=0):
    return np.random.default_rng(seed).normal(0, 0.01, (sets, days))


def test_noise_is_overfitted_half_the_time_and_more():
    found = [probability_of_overfitting(noise(seed=seed), 365) for seed in range(12)]
    assert 0.4 < np.mean([p.pbo for p in found]) < 0.75
    # what is left over for the other half of a fixed sample is worse the better this half was
    assert np.mean([p.slope for p in found]) < -0.3
    assert np.mean([p.loss for p in found]) > 0.3


def test_a_set_with_skill_is_chosen_and_stays_good():
    returns = noise()
    returns[7] += 0.002
    found = probability_of_overfitting(returns, 365)
    assert found.pbo < 0.01
    assert found.loss < 0.01
    assert found.dominance1
    assert found.dominance2


def test_every_second_half_reversed_is_overfitting_itself():
    """Sets that earn in one block what they lose in the next: the best of one half is the worst of the other."""
    days = 320
    wave = np.sign(np.sin(np.arange(days) * 2 * np.pi / 40))
    returns = np.stack([0.01 * wave * a for a in np.linspace(-1, 1, 20)]) + noise(20, days) * 0.1
    found = probability_of_overfitting(returns, 365)
    assert found.pbo > 0.8
    assert not found.dominance1


@pytest.mark.parametrize(
    "returns, words",
    [
        (np.zeros((1, 500)), "only one parameter set"),
        (np.ones((4, 20)), "too few for 16 blocks"),
        (np.zeros((4, 500)), "No set ever traded"),
        (np.zeros((0, 500)), "only one"),
    ],
)
def test_what_cannot_be_judged_says_why(returns, words):
    found = probability_of_overfitting(returns, 365)
    assert math.isnan(found.pbo)
    assert words in found.note
    assert found.combinations == 0


def test_odd_inputs_give_no_warning():
    returns = noise(5, 100)
    returns[1] = 0.001  # constant
    returns[2, 40:] = np.nan  # its equity was gone
    found = probability_of_overfitting(returns, 365)
    assert 0 <= found.pbo <= 1
    same = probability_of_overfitting(np.tile(noise(1, 100), (4, 1)), 365)
    assert same.pbo == 1.0  # nothing to choose between: the chosen one is at the median, which counts as not above it
    constant = probability_of_overfitting(np.full((3, 100), 0.01), 365)
    assert math.isnan(constant.slope)


@pytest.mark.parametrize("blocks", [5, 2, 18, 0])
def test_blocks_that_cannot_be_halved(blocks):
    with pytest.raises(BadInput, match="cannot be halved"):
        probability_of_overfitting(noise(), 365, blocks)


def test_dominance():
    rng = np.random.default_rng(0)
    everything = rng.normal(size=50_000)
    assert dominance(rng.normal(0.5, 1, 5000), everything) == (True, True)
    assert dominance(rng.normal(0.0, 0.3, 5000), everything) == (False, True)
    assert dominance(rng.normal(-0.5, 1, 5000), everything) == (False, False)
