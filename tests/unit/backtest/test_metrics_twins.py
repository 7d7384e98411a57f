"""Every figure against a plain twin that is written from its published definition, value by value, without numpy."""

from __future__ import annotations

import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.conventions import Curve
from engine.backtest.metrics import metrics
from engine.backtest.metrics_days import falls, month_returns, probabilistic_sharpe
from engine.contracts.dtypes import TRADE_DTYPE

DAY = 86_400_000
NAN = math.nan


def curve_of(returns: list[float], held: list[float], start_day: int = 18_993) -> Curve:
    """10,000 grown by daily returns from 2022-01-01 on, beside what was held."""
    equity, benchmark = [10_000.0], [10_000.0]
    for r, b in zip(returns, held, strict=True):
        equity.append(equity[-1] * (1 + r))
        benchmark.append(benchmark[-1] * (1 + b))
    ends = (start_day + 1 + np.arange(len(returns), dtype=np.int64)) * DAY
    return Curve(
        equity=np.array(equity),
        span_days=float(len(returns)),
        pnl=np.empty(0),
        days_per_year=365,
        ends=ends,
        benchmark=np.array(benchmark),
    )


def percentile(values: list[float], q: float) -> float:
    """Linear interpolation between the order statistics, as numpy, Excel and R (type 7) do."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * q / 100
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def twin_days(curve: Curve) -> dict[str, float]:
    equity = curve.equity.tolist()
    x = [b / a - 1 for a, b in itertools.pairwise(equity)]
    n, mean = len(x), sum(x) / len(x)
    peak, under, depths, lengths, since, deepest = equity[0], [], [], [], 0, 0.0
    money = 0.0
    for value in equity:
        if value >= peak:
            if since:
                depths.append(deepest)
                lengths.append(since + 1)
            peak, since, deepest = value, 0, 0.0
        else:
            since += 1
            deepest = max(deepest, 1 - value / peak)
        under.append(1 - value / peak)
        money = max(money, peak - value)
    if since:
        depths.append(deepest)
        lengths.append(since)
    months: dict[str, float] = {}
    held: dict[str, float] = {}
    b = curve.benchmark.tolist()
    for i, end in enumerate(curve.ends.tolist()):
        key = str(np.datetime64((end - 1) // DAY, "D"))[:7]
        months[key] = months.get(key, 1.0) * (1 + x[i])
        held[key] = held.get(key, 1.0) * b[i + 1] / b[i]
    m = [v - 1 for v in months.values()]
    gains, pains = sum(v for v in x if v > 0), -sum(v for v in x if v < 0)
    worst = sorted(x)[: int((n - 1) * 0.05) + 1]
    std = statistics.stdev(x)
    skew = sum((v - mean) ** 3 for v in x) / n / statistics.pstdev(x) ** 3
    kurtosis = sum((v - mean) ** 4 for v in x) / n / statistics.pstdev(x) ** 4
    ulcer = math.sqrt(sum(u * u for u in under) / len(under))
    s = mean / std
    tail = abs(percentile(x, 95)) / abs(percentile(x, 5))
    limit = sum(under) / len(under) + 1.6448536269514722 * statistics.stdev(under)
    beyond = [u for u in under if u > limit]
    pitfall = (sum(beyond) / len(beyond) if beyond else limit) / std
    cagr = (equity[-1] / equity[0]) ** (365.25 / curve.span_days) - 1
    return {
        "net_profit": equity[-1] - equity[0],
        "volatility": std * math.sqrt(365),
        "skew": skew,
        "kurtosis": kurtosis,
        "var_95": -percentile(x, 5),
        "cvar_95": -sum(worst) / len(worst),
        "omega": gains / pains,
        "tail_ratio": tail,
        "common_sense_ratio": gains / pains * tail,
        "psr": statistics.NormalDist().cdf(s * math.sqrt(n - 1) / math.sqrt(1 - skew * s + (kurtosis - 1) / 4 * s * s)),
        "max_drawdown_money": money,
        "avg_drawdown": sum(depths) / len(depths),
        "drawdown_days": max(lengths),
        "avg_drawdown_days": sum(lengths) / len(lengths),
        "open_drawdown_days": since,
        "time_under_water": sum(u > 0 for u in under[1:]) / n,
        "pain_index": sum(under) / len(under),
        "ulcer_index": ulcer,
        "upi": cagr / ulcer,
        "serenity": sum(x) / (ulcer * pitfall),
        "recovery_factor": (equity[-1] - equity[0]) / money,
        "best_day": max(x),
        "worst_day": min(x),
        "positive_days": sum(v > 0 for v in x) / n,
        "best_month": max(m),
        "worst_month": min(m),
        "positive_months": sum(v > 0 for v in m) / len(m),
        "gain_to_pain": sum(m) / -sum(v for v in m if v < 0),
    } | twin_holding(x, b, list(zip(m, [v - 1 for v in held.values()], strict=True)), curve.span_days)


def twin_holding(
    x: list[float], value: list[float], months: list[tuple[float, float]], days: float
) -> dict[str, float]:
    b = [q / p - 1 for p, q in itertools.pairwise(value)]
    mx, mb = sum(x) / len(x), sum(b) / len(b)
    beta = statistics.covariance(x, b) / statistics.variance(b)
    over = [p - q for p, q in zip(x, b, strict=True)]

    def capture(chosen: list[tuple[float, float]]) -> float:
        own = math.prod(1 + p for p, _ in chosen) ** (1 / len(chosen)) - 1
        return own / (math.prod(1 + q for _, q in chosen) ** (1 / len(chosen)) - 1)

    peak, deepest = value[0], 0.0
    for v in value:
        peak = max(peak, v)
        deepest = max(deepest, 1 - v / peak)
    return {
        "beta": beta,
        "alpha": (mx - beta * mb) * 365,
        "correlation": statistics.correlation(x, b),
        "tracking_error": statistics.stdev(over) * math.sqrt(365),
        "information_ratio": (sum(over) / len(over)) / statistics.stdev(over) * math.sqrt(365),
        "buy_hold_cagr": (value[-1] / value[0]) ** (365.25 / days) - 1,
        "buy_hold_sharpe": mb / statistics.stdev(b) * math.sqrt(365),
        "buy_hold_drawdown": deepest,
        "up_capture": capture([m for m in months if m[1] > 0]),
        "down_capture": capture([m for m in months if m[1] < 0]),
    }


def wavy(days: int, shift: float = 0.0) -> list[float]:
    return [
        0.0009 + 0.021 * math.sin(1.7 * i + shift) * math.cos(0.31 * i) + 0.012 * math.sin((0.011 * i * i) % 6.2831853)
        for i in range(1, days + 1)
    ]


def test_daily_figures_equal_their_twins_on_the_golden_curve():
    curve = curve_of(wavy(730), wavy(730, 0.7))
    found = metrics(curve, np.empty(0, TRADE_DTYPE))
    twin = twin_days(curve)
    assert {k: found[k] for k in twin} == pytest.approx(twin, rel=1e-9)


def test_golden_numbers_of_the_new_figures():
    """Worked out once by the twins above, which restate the formulas of empyrical, quantstats and the papers: a change
    of these is a change of convention."""
    found = metrics(curve_of(wavy(730), wavy(730, 0.7)), np.empty(0, TRADE_DTYPE))
    golden = GOLDEN_DAYS
    assert {k: round(found[k], 6) for k in golden} == golden
    # the reference has it as quantstats' profit factor on daily returns
    assert round(found["omega"], 4) == 1.2367


GOLDEN_DAYS = {
    "omega": 1.236683,
    "gain_to_pain": 9.326976,
    "tail_ratio": 1.104264,
    "common_sense_ratio": 1.365624,
    "var_95": 0.021353,
    "cvar_95": 0.025779,
    "ulcer_index": 0.038168,
    "upi": 12.345014,
    "serenity": 2.994491,
    "pain_index": 0.024534,
    "psr": 0.989799,
    "recovery_factor": 3.54846,
    "avg_drawdown": 0.026206,
    "avg_drawdown_days": 8.835443,
    "open_drawdown_days": 1.0,
    "time_under_water": 0.849315,
    "beta": 0.838893,
    "alpha": 0.074939,
    "correlation": 0.855932,
    "information_ratio": 0.065563,
    "tracking_error": 0.137682,
    "up_capture": 1.018864,
    "down_capture": 0.950954,
    "best_month": 0.255133,
    "worst_month": -0.087585,
    "positive_months": 0.958333,
    "skew": -0.065143,
    "kurtosis": 2.602132,
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.2, 0.25), min_size=70, max_size=120), st.integers(0, 1000))
def test_daily_figures_equal_their_twins_on_any_curve(returns, seed):
    held = np.random.default_rng(seed).normal(0.001, 0.03, len(returns)).tolist()
    curve = curve_of(returns, held)
    equity = curve.equity
    # figures divide by losses, by spread and by months that fell: where there are none they are nan, tested elsewhere
    x = curve.returns
    months = month_returns(curve.ends, equity)[1]
    base = month_returns(curve.ends, curve.benchmark)[1]
    if not (x.std() > 1e-6 and (x < 0).any() and np.percentile(x, 5) != 0 and (months < 0).any()):
        return
    if not ((base > 0).any() and (base < 0).any()):
        return
    twin = twin_days(curve)
    found = metrics(curve, np.empty(0, TRADE_DTYPE))
    # a percentile of exactly 0 above, or a Sharpe variance below 0, leaves no number
    skip = {name for name in twin if math.isnan(found[name])}
    assert skip <= {"common_sense_ratio", "tail_ratio", "psr", "omega"}
    compared = {k: v for k, v in twin.items() if k not in skip}
    assert {k: found[k] for k in compared} == pytest.approx(compared, rel=1e-6, abs=1e-9)


def some_trades(count: int = 40) -> np.ndarray:
    rng = np.random.default_rng(5)
    trades = np.zeros(count, TRADE_DTYPE)
    trades["entry_ts"] = (18_993 * DAY) + np.arange(count) * 10 * 3_600_000
    trades["exit_ts"] = trades["entry_ts"] + rng.integers(1, 9, count) * 3_600_000
    trades["side"] = rng.choice([-1, 1], count)
    trades["entry_price"] = rng.uniform(90, 110, count)
    trades["exit_price"] = trades["entry_price"] * rng.uniform(0.97, 1.04, count)
    trades["quantity"] = rng.uniform(1, 20, count)
    trades["pnl"] = trades["side"] * trades["quantity"] * (trades["exit_price"] - trades["entry_price"]) - 0.5
    trades["fees"] = 0.5
    trades["mae"], trades["mfe"] = rng.uniform(0, 0.05, count), rng.uniform(0, 0.05, count)
    trades["bars"] = rng.integers(1, 9, count)
    trades["r"] = np.where(np.arange(count) % 3 == 0, np.nan, trades["pnl"] / 50)
    return trades


def test_figures_of_trades_equal_their_twins():
    trades = some_trades()
    rows = [dict(zip(TRADE_DTYPE.names, row, strict=True)) for row in trades.tolist()]
    curve = curve_of(wavy(730), wavy(730, 0.7))
    found = metrics(curve, trades)
    pnl = [t["pnl"] for t in rows]
    wins, losses = [p for p in pnl if p > 0], [p for p in pnl if p < 0]
    worth = [t["quantity"] * t["entry_price"] for t in rows]
    r = [t["r"] for t in rows if t["r"] == t["r"]]
    sqn = statistics.mean(pnl) / statistics.stdev(pnl)
    rate, payoff = len(wins) / len(pnl), statistics.mean(wins) / -statistics.mean(losses)
    exposure = 0.0
    for k, t in enumerate(rows):
        equity = 10_000 + sum(o["pnl"] for o in rows if o["exit_ts"] <= t["entry_ts"])
        exposure += worth[k] / equity * (t["exit_ts"] - t["entry_ts"]) / DAY
    years = 730 / 365.25
    twin = {
        "trades": 40,
        "trades_per_month": 40 / (730 / 365.25 * 12),
        "win_rate": rate,
        "payoff": payoff,
        "kelly": rate - (1 - rate) / payoff,
        "sqn": sqn * math.sqrt(40),
        "sqn_100": sqn * math.sqrt(40),
        "expectancy": statistics.mean(pnl),
        "expectancy_percent": statistics.mean(p / w for p, w in zip(pnl, worth, strict=True)),
        "expectancy_r": statistics.mean(r),
        "std_r": statistics.stdev(r),
        "best_r": max(r),
        "worst_r": min(r),
        "avg_bars_win": statistics.mean(t["bars"] for t in rows if t["pnl"] > 0),
        "avg_bars_loss": statistics.mean(t["bars"] for t in rows if t["pnl"] < 0),
        "fees": 20.0,
        "turnover": (2 * sum(worth) + sum(pnl)) / statistics.mean(curve.equity.tolist()) / years,
        "gross_exposure": exposure / 730,
    }
    assert {k: found[k] for k in twin} == pytest.approx(twin, rel=1e-9)


def test_sqn_is_capped_at_a_hundred_trades():
    many = np.concatenate([some_trades()] * 5)
    found = metrics(curve_of(wavy(730), wavy(730)), many)
    assert found["sqn"] == pytest.approx(found["sqn_100"] * math.sqrt(2))


def test_probabilistic_sharpe_of_the_paper():
    """Bailey and Lopez de Prado 2012, exhibits on the hedge fund track record: 24 monthly returns with an annual Sharpe
    of 1.59, skew -2.448 and kurtosis 10.164 leave a probability of 0.913 that it is above 0."""
    monthly, skew, kurtosis, n = 1.59 / math.sqrt(12), -2.448, 10.164, 24
    expected = 0.913
    z = monthly * math.sqrt(n - 1) / math.sqrt(1 - skew * monthly + (kurtosis - 1) / 4 * monthly**2)
    assert statistics.NormalDist().cdf(z) == pytest.approx(expected, abs=1.5e-3)
    x = np.array(wavy(24))
    s, mean, std = x.mean() / x.std(ddof=1), x.mean(), x.std()
    g3, g4 = ((x - mean) ** 3).mean() / std**3, ((x - mean) ** 4).mean() / std**4
    z = s * math.sqrt(23) / math.sqrt(1 - g3 * s + (g4 - 1) / 4 * s * s)
    assert probabilistic_sharpe(x) == pytest.approx(statistics.NormalDist().cdf(z), rel=1e-12)


@pytest.mark.parametrize(
    ("equity", "depths", "lengths", "still"),
    [
        ([1, 2, 3], [], [], 0),
        ([4, 3, 2, 4, 2], [0.5, 0.5], [3, 1], 1),
        ([2, 1, 2, 2, 1, 1], [0.5, 0.5], [2, 2], 2),
        ([5, 4, 6, 3, 6], [0.2, 0.5], [2, 2], 0),
    ],
)
def test_falls_from_a_peak(equity, depths, lengths, still):
    found = falls(np.array(equity, float))
    assert found[0] == pytest.approx(depths)
    assert (found[1].tolist(), found[2]) == (lengths, still)


def test_months_are_those_of_the_markets_own_days():
    border = np.array([np.datetime64("2022-02-01T00:00", "ms"), np.datetime64("2022-02-28T22:00", "ms")]).astype(
        np.int64
    )
    months, grown = month_returns(border, np.array([100.0, 110.0, 121.0]))
    # the UTC day that ends at midnight is January's last, the one that ends at 17:00 New York on the 28th February's
    assert (months % 12 + 1).tolist() == [1, 2]
    assert grown.tolist() == pytest.approx([0.1, 0.1])
