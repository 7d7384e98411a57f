"""What the reference of the rules language says in words; ```strategy and ```rule blocks are read by a test."""

from __future__ import annotations

OPENING = """
# The rules language

A strategy says when to buy, when to sell and when to leave. It is written as text, one statement a line, or in Python;
both give the same program. That one program runs live over all symbols and in a back-test over years, so what is tested
is what is traded.

```strategy
strategy pullback
title "Pullback in an uptrend"
idea "Buy a dip of RSI while the hourly trend is up; out when the dip is made good."
timeframe 5m
direction long
param n = 3 in 2, 3, 4, 5
param level = 20 in 10, 15, 20, 25
long entry: close > tf("1h", EMA(50)) and crosses_above(RSI(n), level)
long exit: RSI(n) > 70
stop: 2 * ATR(14)
time stop: 48
```

Rules are read on the close of each bar. A signal is the bar on which a condition becomes true: it holds now and did not
on the bar before. An entry or an exit is then filled at the next open.
"""

STATEMENTS = """
## Statements

```
strategy my_name          small letters, digits and _; the only statement that must be there besides the rules
title "..."               and likewise family, idea, source: words for people
timeframe 15m             1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d; 1h where it is left out
direction both            long, short or both; both where it is left out
param n = 14              a number with a name, to be used in rules
param n = 14 in 7, 14, 21 the same with the values that an optimiser tries
long entry: close > open  a rule; they are listed below
# anything                a comment, also at the end of a line
```

The order of statements does not matter. `requires: fast < slow` drops the parameter sets that make no sense.
"""

RULES = """
Conditions decide; prices and distances are read on the bar that decided and then stay, but for the trailing stop, which
follows the best price. Distances count from the price at which the entry was filled. Where stop and target could both
have been hit within one minute, the stop was.

With an order price the entry does not fill at the next open but rests at that price, from the next bar on, for
`entry valid` bars: a stop order is filled when the market trades through its price to that side or gaps beyond it, a
limit order when the market comes back to it. A newer entry of the same side replaces it, an exit or an opposite entry
cancels it. Where both sides become true on one bar, both orders rest and the first that fills cancels the other.

```strategy
strategy opening_range
timeframe 5m
long entry: bar_of_day == 5
long entry stop: day_high
short entry: bar_of_day == 5
short entry stop: day_low
entry valid: 60
long stop: day_high - day_low
short stop: day_high - day_low
break even: 1 * ATR(14)
time stop: 100
```

Every entry needs a way out: an exit, a stop, a target, a trailing or a time stop, or the opposite entry.

"""

VALUES = """
## Values and operators

A value is a number or a condition. Numbers: `1`, `0.5`, `2e-4`, a parameter, a series, a function, an indicator.

```
x[n]                      x n bars before; close[1] is the close before. Works on conditions as well
-x                        minus
*  /                      times, divided by
+  -                      plus, minus
<  <=  >  >=  ==  !=      compare two numbers; they give a condition
not                       binds more tightly than and
and                       binds more tightly than or
or
( )                       whatever stands inside comes first
```

What binds most tightly stands first. In place of `a < b < c` write `between` or `a < b and b < c`.

A number can be undefined: an average before it has enough bars, a division 0 / 0, a pivot that has not come yet. A
comparison with an undefined number is false, and so no rule ever fires on what is not known. Until a strategy's windows
are filled it gives no signals at all.

How many bars a window has must be known before the first bar: a number, a parameter, or arithmetic of them, such as
`SMA(2 * n)` or `highest(high, floor(n / 2))`.
"""

SERIES = """
The calendar is read at the bar's open, in UTC. The trading day begins at midnight UTC on crypto markets and at 17:00
New York on OANDA; the week begins with the Monday's trading day.

```rule
bar_of_day >= 3 and close > prev_day_high and weekday <= 5
```

"""

FUNCTIONS = """
`n`, `most`, `left`, `right` are numbers of bars. Arguments can be given by name: `value_at(c, x, most=200)`. Those with
a value after `=` can be left out.

"""

FRAMES = """
## Higher timeframes

`tf("1h", x)` computes x on hourly bars, whatever x is: a price, an indicator, a condition, a whole rule. Its value is
that of the last hourly bar that has closed, so nothing is known before it could be: at 10:35 it is the bar from 9:00 to
10:00. Nothing repaints. On hourly bars `tf("1h", x)` is x itself; on a timeframe above it the strategy cannot run.
`tf(4, x)` means four of the strategy's own bars, so it works on any timeframe. One tf cannot stand inside another.

```rule
crosses_above(close, EMA(20)) and tf("4h", EMA(20) > EMA(50)) and tf("1d", close > close[1])
```

`tf("1h", close)[1]` is one bar of the strategy earlier; `tf("1h", close[1])` is one hour earlier.
"""

EVENTS = """
## Events and the trade

`value_at(condition, x)` keeps x as it was when the condition last held: the last pivot, the last cross. A pivot is
known only some bars later; `pivot_high(3, 3)` is true on the bar on which it is known, so its price is `high[3]`:

```rule
crosses_above(close, value_at(pivot_high(3, 3), high[3]))
```

In the exit, the stop and the target of one side, `at_entry(x)` is x on the bar of that side's last entry signal and
`bars_since_entry` counts the bars since. They reach 500 bars back. In `stop` and `target`, which serve both sides, and
in entries they have no meaning and are refused.

```strategy
strategy key_bar
timeframe 15m
direction long
long entry: volume > 3 * mean(volume, 50) and close > open
long exit: close < at_entry(low) or bars_since_entry >= 20
```
"""

INDICATORS = """
Parameters have the values shown where they are left out. An indicator with several outputs needs the name of one:
`MACD(12, 26, 9).signal`. Where `source=close` is shown, any series can be its input: `RSI(14, source=volume)`,
`EMA(9, source=RSI(14))`; a series in the first place means the same: `SMA(volume, 20)`. `pyroquant indicators list`
shows formulas.

```rule
EMA(9, source=RSI(14)) > 50 and close < BBANDS(20, 2).lower
```

"""

PYTHON = """
## In Python

A Python file imports the words from `engine.rules.api`. The differences to the text:

```
& | ~                     for and, or, not; put each comparison in parentheses: (close > open) & (volume > 0)
x.eq(y)  x.ne(y)          for == and !=
open_ abs_ min_ max_ sum_ for the words that Python has itself
param("n", 14, grid=[7, 14, 21])
long_entry_stop=...       names of rules with _ in place of spaces
```

```python
from engine.rules.api import ATR, EMA, RSI, Strategy, close, crosses_above, param, tf

n = param("n", 3, grid=[2, 3, 4, 5])
STRATEGY = Strategy(
    id="pullback",
    title="Pullback in an uptrend",
    family="multi-timeframe",
    idea="Buy a dip of RSI while the hourly trend is up.",
    source="practice",
    timeframe="5m",
    direction="long",
    long_entry=(close > tf("1h", EMA(50))) & crosses_above(RSI(n), 20),
    long_exit=RSI(n) > 70,
    stop=2 * ATR(14),
)
```
"""

LIMITS = """
## Mistakes and limits

A mistake is shown where it stands, with what was probably meant:

```
4:13: Unknown function "crossover". Did you mean "crosses_above"?
  long entry: crossover(close, EMA(50))
              ^
```

A text may have 20,000 characters; a rule 2,000 characters and 400 parts, nested 40 deep; a window 5,000 bars, all
windows of a strategy 30,000 bars together; a strategy 12 timeframes in tf; its grids 10,000 parameter sets together.
Nothing in a text is ever run as Python.
"""
