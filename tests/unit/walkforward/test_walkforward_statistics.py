"""Sharpe statistics against the figures published in their papers."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from engine.walkforward.statistics import (
    average_correlation,
    beyond,
    daily_sharpes,
    days_needed,
    deflated_sharpe,
    effective_of_groups,
    effective_trials,
    expected_best,
    luck_chance,
    luck_variance,
    moments,
    normal_of_t,
    probabilistic_sharpe,
    sharpe_facts,
)


def noise(days=1000, seed=1, mean=0.0):
    return np.random.default_rng(seed).normal(mean, 0.01, days)


def test_deflated_sharpe_of_the_paper():
    # Bailey and Lopez de Prado 2014, "A numerical example": annual 2.5 over 1,250 days, 250 a year, V = 1/2, N = 100
    sharpe, variance = 2.5 / math.sqrt(250), 0.5 / 250
    assert expected_best(variance, 100) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(sharpe, 1250, -3, 10, variance=variance, trials=100) == pytest.approx(0.9004, abs=5e-5)
    # the same paper: with 46 trials it would have reached 95 %, and with normal returns with 88
    assert deflated_sharpe(sharpe, 1250, -3, 10, variance=variance, trials=46) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe(sharpe, 1250, 0, 3, variance=variance, trials=88) == pytest.approx(0.9505, abs=5e-5)


def test_probabilistic_sharpe_of_the_paper():
    # Bailey and Lopez de Prado 2012: 24 months, mean 0.036, deviation 0.079, skew -2.448, kurtosis 10.164
    assert probabilistic_sharpe(0.036 / 0.079, 24, 0, 3) == pytest.approx(0.982, abs=1e-3)
    assert probabilistic_sharpe(0.036 / 0.079, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize("per_year, years", [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_track_record_length_of_the_paper(per_year, years):
    # Bailey and Lopez de Prado 2012: an annual Sharpe of 2 against 1 at 95 %, daily, weekly and monthly
    length = days_needed(2 / math.sqrt(per_year), 0, 3, 1 / math.sqrt(per_year))
    assert length / per_year == pytest.approx(years, abs=5e-3)


def test_track_record_length_is_where_psr_reaches_the_confidence():
    length = days_needed(0.08, -0.7, 6.0)
    assert probabilistic_sharpe(0.08, math.ceil(length), -0.7, 6.0) >= 0.95
    assert probabilistic_sharpe(0.08, math.floor(length) - 1, -0.7, 6.0) < 0.95
    assert days_needed(-0.1, 0, 3) == math.inf
    assert math.isnan(days_needed(math.nan, 0, 3))


def test_expected_best_is_about_the_mean_maximum_of_normal_values():
    best = np.random.default_rng(3).normal(size=(4000, 100)).max(axis=1).mean()
    assert expected_best(1.0, 100) == pytest.approx(best, abs=0.03)
    assert expected_best(1.0, 1) == 0.0
    assert math.isnan(expected_best(math.nan, 5))


def test_tail_is_exact_far_out():
    assert beyond(1.5) == pytest.approx(1 - NormalDist().cdf(1.5), rel=1e-12)
    assert beyond(10.0) == pytest.approx(7.61985302416e-24, rel=1e-9)


def test_moments_and_sharpes_of_many_sets_agree_with_those_of_one():
    x = np.stack([noise(300, seed) for seed in range(5)])
    x[2] = 0.0
    x[3] = 0.001
    one_by_one = [moments(row)[0] for row in x]
    assert np.allclose(daily_sharpes(x), one_by_one, rtol=1e-12, equal_nan=True)
    assert np.isnan(one_by_one[2])
    assert np.isnan(one_by_one[3])
    _, skew, kurtosis = moments(np.random.default_rng(1).exponential(size=200_000))
    assert skew == pytest.approx(2.0, abs=0.1)
    assert kurtosis == pytest.approx(9.0, abs=1.0)


def test_average_correlation_is_the_mean_of_the_matrix():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(12, 400)) + 0.7 * rng.normal(size=400)
    matrix = np.corrcoef(x)
    assert average_correlation(x) == pytest.approx(matrix[~np.eye(12, dtype=bool)].mean(), rel=1e-9)
    with_flat = np.vstack([x, np.zeros(400), np.full(400, 0.01)])
    assert average_correlation(with_flat) == pytest.approx(average_correlation(x), rel=1e-9)
    assert math.isnan(average_correlation(x[:1]))


def test_effective_trials():
    assert effective_trials(100, 0.25) == pytest.approx(0.25 + 0.75 * 100)
    assert effective_trials(100, 1.0) == 1.0
    assert effective_trials(100, math.nan) == 100
    assert effective_of_groups([(16, 1.0), (16, 0.0), (0, 0.5)]) == 17.0


def test_losers_by_costs_do_not_raise_what_luck_can_reach():
    luck = np.random.default_rng(0).normal(0, 1 / math.sqrt(2000), 500)
    losers = np.linspace(-3.0, -0.5, 500)
    raw, used = luck_variance(np.concatenate([luck, losers]), 2001)
    assert raw > 0.5
    assert used == pytest.approx(1 / 2000)
    alike, small = luck_variance(np.full(10, 0.05) + 1e-4 * np.arange(10), 2001)
    assert alike == small < 1e-6


def test_luck_chance_is_uniform_for_noise():
    values = np.array([luck_chance(noise(250, seed), 1) for seed in range(2000)])
    for share in (0.01, 0.05, 0.25, 0.5):
        assert (values <= share).mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 2000))


def test_luck_chance_of_a_strategy_that_seldom_trades_is_not_underestimated():
    rng = np.random.default_rng(9)
    records = np.where(rng.random((3000, 1500)) < 0.01, rng.standard_t(4, (3000, 1500)), 0.0)
    values = np.array([luck_chance(row, 1) for row in records])
    assert (values <= 0.001).sum() <= 12
    assert (values <= 0.05).mean() < 0.07


def test_luck_chance_of_many_tries():
    x = noise(1500, 2, mean=0.0013)
    one = luck_chance(x, 1)
    assert luck_chance(x, 1000) == pytest.approx(1 - (1 - one) ** 1000, rel=1e-6)
    assert luck_chance(np.zeros(10), 5) == 1.0
    assert math.isnan(luck_chance(np.array([0.1, math.nan]), 5))
    assert luck_chance(np.array([0.0, 0.0, 0.4]), 5) == 1.0


def test_normal_of_t_is_as_rare():
    # two-sided 1 % points of Student's t: Fisher's table
    for freedom, t in [(5, 4.032), (10, 3.169), (30, 2.750), (120, 2.617)]:
        assert beyond(normal_of_t(t, freedom)) == pytest.approx(0.005, rel=0.06)
    assert normal_of_t(-3.169, 10) == -normal_of_t(3.169, 10)
    assert normal_of_t(5.0, 0) == 0.0


def test_facts_of_a_record():
    x = noise(1000, 5, mean=0.001)
    facts = sharpe_facts(x, 365, trials=2992, effective=1300, sharpes=np.linspace(-2, 0.05, 2992), trial_days=2000)
    assert facts.sharpe == pytest.approx(facts.sharpe_daily * math.sqrt(365))
    assert facts.luck_variance == pytest.approx(1 / 1999)
    assert facts.dsr < facts.dsr_effective < facts.psr
    assert facts.dsr_raw < 1e-6  # those who lost their costs would deflate everything
    assert facts.luck == luck_chance(x, 2992)
    assert sharpe_facts(x, 365).dsr == facts.psr


@pytest.mark.parametrize("x", [[], [0.01], [0.0] * 50, [0.01] * 50, [0.01, math.nan, 0.02]])
def test_facts_of_what_says_nothing(x):
    facts = sharpe_facts(np.array(x), 365, trials=10)
    assert math.isnan(facts.sharpe)
    assert math.isnan(facts.psr)
    assert math.isnan(facts.dsr)
    assert not facts.luck < 1
