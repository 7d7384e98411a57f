"""CSCV against a slow twin that does what the paper says, combination by combination."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.walkforward.overfitting import probability_of_overfitting


def sharpe(x):
    spread = x.std(ddof=1)
    return x.mean() / spread if spread > 1e-10 * np.abs(x).max(initial=0.0) else 0.0


def twin(returns, blocks):
    """(in sample, out of sample, logit) of every combination, chosen in the half and looked up in the rest."""
    sets, days = returns.shape
    parts = [range(b * days // blocks, (b + 1) * days // blocks) for b in range(blocks)]
    out = []
    for half in itertools.combinations(range(blocks), blocks // 2):
        inside = [d for b in half for d in parts[b]]
        outside = [d for b in range(blocks) if b not in half for d in parts[b]]
        one = np.array([sharpe(returns[s, inside]) for s in range(sets)])
        other = np.array([sharpe(returns[s, outside]) for s in range(sets)])
        best = int(one.argmax())
        rank = (other < other[best]).sum() + ((other == other[best]).sum() + 1) / 2
        share = rank / (sets + 1)
        out.append((one[best], other[best], math.log(share / (1 - share))))
    return np.array(out)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), sets=st.integers(2, 9), extra=st.integers(0, 40),
    blocks=st.sampled_from([4, 6, 8]), flat=st.booleans(), skill=st.sampled_from([0.0, 0.005]),
)  # fmt: skip
def test_equals_the_slow_twin(seed, sets, extra, blocks, flat, skill):
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.01, (sets, 2 * blocks + extra)) * (rng.random((sets, 1)) + 0.1)
    returns[0] += skill
    if flat:
        returns[-1] = 0.0
    got = probability_of_overfitting(returns, 365, blocks)
    want = twin(returns, blocks)
    assert got.combinations == len(want) == math.comb(blocks, blocks // 2)
    assert got.pbo == (want[:, 2] <= 0).mean()
    assert got.loss == (want[:, 1] < 0).mean()
    assert sum(got.logits) == len(want)
    assert np.histogram(want[:, 2], got.edges)[0].tolist() == got.logits
    if math.isfinite(got.slope):
        slope, intercept = np.polyfit(want[:, 0], want[:, 1], 1)
        assert got.slope == pytest.approx(slope, rel=1e-6, abs=1e-8)
        assert got.intercept == pytest.approx(intercept * math.sqrt(365), rel=1e-6, abs=1e-8)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_sixteen_blocks_on_a_sample_of_combinations(seed):
    """All 12,870 combinations in the kernel; the twin would take minutes, so the pairs of both are compared as sets."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.01, (3, 64))
    got = probability_of_overfitting(returns, 365, 16)
    assert got.combinations == 12_870
    pairs = np.array(got.points) / math.sqrt(365)
    blocks = returns.reshape(3, 16, 4)
    masks = [c for c in itertools.combinations(range(16), 8) if 0 in c]
    keep = np.linspace(0, 12_869, 400).astype(int)
    for at in rng.choice(400, 12, replace=False):
        half = set(masks[keep[at] // 2])
        if keep[at] % 2:
            half = set(range(16)) - half
        inside = blocks[:, sorted(half)].reshape(3, -1)
        outside = blocks[:, sorted(set(range(16)) - half)].reshape(3, -1)
        best = int(np.argmax([sharpe(row) for row in inside]))
        assert pairs[at] == pytest.approx([sharpe(inside[best]), sharpe(outside[best])], rel=1e-9, abs=1e-12)
