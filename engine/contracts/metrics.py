"""Every figure of a back-test, declared once: the command line, the report, the window and the documentation read this.

A figure without a name here does not exist: a test compares the table with what is computed.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. formula: how it is computed, in words and symbols (x = daily returns, N = trading days a year of the
    market, D = fall from the peak as a fraction of it). source: the paper, book or tool whose definition it is. unit:
    fraction, money, ratio, count, days, bars, R, a year or a month. better: 'high' or 'low', '' where neither is."""

    name: str
    title: str
    unit: str
    better: str
    formula: str
    source: str
    group: str = ""


#: # group, then a line a figure: name | title | unit | better | formula | source; an indented line goes on.
_TABLE = """
# Return
final_equity | Final equity | money | high | Equity after the last trade. | account
net_profit | Net profit | money | high | Final equity - starting cash, after all costs. | account
total_return | Total return | fraction | high | Final equity / starting cash - 1. | account
cagr | CAGR | fraction | high | (1 + total return)^(365.25 / calendar days) - 1. | GIPS, calendar
days | Trading days | count | - | Daily returns that the figures are made of. | convention
best_day | Best day | fraction | high | max(x). | standard
worst_day | Worst day | fraction | high | min(x). | standard
positive_days | Positive days | fraction | high | Days with x > 0 / days. | standard
best_month | Best month | fraction | high | Largest compounded return of a month. | standard
worst_month | Worst month | fraction | high | Smallest compounded return of a month. | standard
positive_months | Positive months | fraction | high | Months above 0 / months. | standard
# Risk-adjusted
sharpe | Sharpe | ratio | high | mean(x) / std(x, ddof 1) sqrt(N), rf 0. | Sharpe 1994
sortino | Sortino | ratio | high | mean(x) / sqrt(mean(min(x, 0)^2)) sqrt(N), over all days. | Sortino and Price 1994
calmar | Calmar | ratio | high | CAGR / largest daily drawdown. | Young 1991
psr | Probabilistic Sharpe | fraction | high | Phi(S sqrt(n - 1) / sqrt(1 - g3 S + (g4 - 1) / 4 S^2)), S the daily
    Sharpe, g3 skew, g4 kurtosis: the probability that the true Sharpe is above 0. | Bailey and Lopez de Prado 2012
omega | Omega | ratio | high | sum(max(x, 0)) / sum(max(-x, 0)). | Keating and Shadwick 2002
gain_to_pain | Gain to pain | ratio | high | Sum of the monthly returns / |sum of the negative ones|. | Schwager 2012
upi | Ulcer performance | ratio | high | CAGR / ulcer index. | Martin and McCann 1989
serenity | Serenity | ratio | high | sum(x) / (ulcer index x pitfall), pitfall = mean of the D beyond their normal 95
    % quantile / std(x). | KeyQuant; quantstats
recovery_factor | Recovery factor | ratio | high | Net profit / largest drawdown in money. | MetaTrader 5
tail_ratio | Tail ratio | ratio | high | |95th percentile of x| / |5th percentile of x|. | empyrical
common_sense_ratio | Common sense ratio | ratio | high | Omega x tail ratio. | Laurent Bernut; quantstats
# Risk
volatility | Volatility | fraction | low | std(x, ddof 1) sqrt(N). | standard
skew | Skew | ratio | high | mean(((x - mean) / std)^3), population. | standard
kurtosis | Kurtosis | ratio | low | mean(((x - mean) / std)^4), population; normal = 3. | standard
var_95 | Value at risk 95 % | fraction | low | -(5th percentile of x). | empyrical
cvar_95 | Expected shortfall 95 % | fraction | low | -(mean of the worst 5 % of x). | empyrical
# Drawdown
max_drawdown | Largest drawdown, daily | fraction | low | max(D) at day ends. | standard
max_drawdown_bar | Largest drawdown, every bar | fraction | low | max(D), marked to market at the close of every bar.
    | standard
max_drawdown_money | Largest drawdown, money | money | low | max(peak - equity) at day ends. | MetaTrader 5
avg_drawdown | Average drawdown | fraction | low | Mean of the deepest D of each fall. | backtesting.py
drawdown_days | Longest drawdown | days | low | Most trading days from a peak until it is reached again; one still
    open counts. | backtesting.py
avg_drawdown_days | Average drawdown length | days | low | Mean length of the falls, in trading days. | backtesting.py
open_drawdown_days | Drawdown still open | days | low | Trading days since the last peak. | standard
time_under_water | Time under water | fraction | low | Days below an earlier peak / days. | standard
pain_index | Pain index | fraction | low | mean(D) over all days. | Becker 2006
ulcer_index | Ulcer index | fraction | low | sqrt(mean(D^2)) over all days. | Martin and McCann 1989
# Trades
trades | Trades | count | - | Closed trades. | account
long_trades | Long trades | count | - | Closed long trades. | account
short_trades | Short trades | count | - | Closed short trades. | account
trades_per_month | Trades a month | a month | - | Trades / (calendar days / 30.44). | standard
win_rate | Win rate | fraction | high | Trades with a profit after costs / trades. | standard
gross_profit | Gross profit | money | high | Sum of the trades above 0. | MetaTrader 5
gross_loss | Gross loss | money | low | -(sum of the trades below 0). | MetaTrader 5
profit_factor | Profit factor | ratio | high | Gross profit / gross loss, in money. | MetaTrader 5
expectancy | Expectancy | money | high | Mean profit of a trade. | freqtrade, vectorbt
expectancy_percent | Expectancy, share of the trade | fraction | high | Mean of profit / value at entry. |
    backtesting.py (which leaves out the costs)
avg_win | Average win | money | high | Mean of the trades above 0. | standard
avg_loss | Average loss | money | low | -(mean of the trades below 0). | standard
payoff | Payoff | ratio | high | Average win / average loss. | standard
best_trade | Best trade | money | high | Largest profit of a trade. | standard
worst_trade | Worst trade | money | high | Largest loss of a trade, negative. | standard
expectancy_r | Expectancy in R | R | high | Mean R; R = profit / money at risk to the stop. | Tharp
std_r | Deviation of R | R | low | std(R, ddof 1). | Tharp
best_r | Best R | R | high | max(R). | Tharp
worst_r | Worst R | R | high | min(R). | Tharp
sqn | SQN | ratio | high | sqrt(trades) mean(profit) / std(profit, ddof 1). | Tharp; backtesting.py, vectorbt
sqn_100 | SQN, at most 100 trades | ratio | high | SQN with min(trades, 100). | Tharp 2008
kelly | Kelly fraction | fraction | high | win rate - (1 - win rate) / payoff. | Kelly 1956; backtesting.py
max_consecutive_wins | Wins in a row | count | high | Longest run of trades above 0. | standard
max_consecutive_losses | Losses in a row | count | low | Longest run of trades below 0. | standard
avg_bars | Bars held | bars | - | Mean bars of the decision timeframe in a trade. | standard
avg_bars_win | Bars held, wins | bars | - | The same over trades above 0. | standard
avg_bars_loss | Bars held, losses | bars | - | The same over trades below 0. | standard
avg_mae | Average adverse excursion | fraction | low | Mean of the worst move against a trade / entry price. | Sweeney
    1996
avg_mfe | Average favourable excursion | fraction | high | Mean of the best move in favour of a trade / entry price. |
    Sweeney 1996
skipped_entries | Entries not taken | count | low | Entries below the smallest quantity or order, or without money. |
    account
# Costs and exposure
fees | Fees paid | money | low | Sum over all fills. | account
funding | Funding paid | money | low | Sum over all trades. | account
slippage | Slippage and spread paid | money | low | Sum over all fills of what they were worse than the price before
    slippage and spread, without the rounding to the tick. | account
turnover | Turnover | a year | - | Value of all fills / mean equity / years. | Lean, standard
exposure | Time in the market | fraction | - | Bars held / bars. | backtesting.py
gross_exposure | Gross exposure | fraction | - | Time-weighted mean of value at entry / equity at entry, 0 while flat.
    | vectorbt
# Benchmark
buy_hold_return | Buy and hold | fraction | - | Profit of holding from the
    first open to the last close / cash, without costs. | standard
buy_hold_cagr | Buy and hold, CAGR | fraction | - | As CAGR. | standard
buy_hold_sharpe | Buy and hold, Sharpe | ratio | - | As Sharpe. | standard
buy_hold_drawdown | Buy and hold, drawdown | fraction | - | As daily drawdown. | standard
beta | Beta | ratio | - | cov(x, b) / var(b), b = daily returns of holding. | Jensen 1968
alpha | Alpha a year | fraction | high | (mean(x) - beta mean(b)) N, rf 0. | Jensen 1968
correlation | Correlation | ratio | - | corr(x, b). | standard
tracking_error | Tracking error | fraction | - | std(x - b, ddof 1) sqrt(N). | Grinold and Kahn
information_ratio | Information ratio | ratio | high | mean(x - b) / std(x - b, ddof 1) sqrt(N). | Grinold and Kahn
up_capture | Up capture | ratio | high | Geometric mean return in the months in which holding gained / that of
    holding. | Morningstar
down_capture | Down capture | ratio | low | Geometric mean return in the months in which holding lost / that of
    holding. | Morningstar
"""


def _read(text: str) -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    group = ""
    for line in text.strip().replace("\n    ", " ").splitlines():
        if line.startswith("# "):
            group = line[2:]
            continue
        name, title, unit, better, formula, source = line.split(" | ")
        found[name] = Metric(
            name=name,
            title=title,
            unit=unit,
            better=better.replace("-", ""),
            formula=formula,
            source=source,
            group=group,
        )
    return found


#: every figure by name, in the order in which they are shown.
METRICS = _read(_TABLE)
GROUPS = tuple(dict.fromkeys(m.group for m in METRICS.values()))
_NUMBERS = {"fraction": "{:,.2%}", "count": "{:,.0f}", "money": "{:,.2f}", "R": "{:,.2f} R"}


def metric(name: str) -> Metric:
    """The declaration of a figure, as 'sharpe' or 'sharpe@lean-252'; one that is not declared is shown as it is."""
    plain, _, convention = name.partition("@")
    found = METRICS.get(plain) or Metric(name=plain, title=plain, unit="ratio", better="", formula="", source="")
    return msgspec.structs.replace(found, name=name, title=f"{found.title} ({convention})") if convention else found


def grouped(names: Iterable[str]) -> list[tuple[str, list[Metric]]]:
    """(group, its figures) of those names that stand under no foreign convention, in the order of the table; what is
    not declared comes last."""
    wanted = {name: None for name in names if "@" not in name}
    found = [m for m in METRICS.values() if m.name in wanted] + [metric(n) for n in wanted if n not in METRICS]
    made = [(group, [m for m in found if m.group == group]) for group in (*GROUPS, "")]
    return [(group or "Other", members) for group, members in made if members]


def shown(name: str, value: float) -> str:
    """A figure as a person reads it; 'n/a' where it is not defined."""
    if value != value:
        return "n/a"
    unit = metric(name).unit
    if unit in ("days", "bars", "a month"):
        return f"{value:,.1f}".removesuffix(".0")
    text = _NUMBERS.get(unit, "{:,.2f}").format(value)
    # what is rounded to nothing is neither above nor below it
    return text if any(digit in text for digit in "123456789") else text.removeprefix("-")
