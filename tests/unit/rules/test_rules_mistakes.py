"""What a person is told about each of the mistakes that are often made, word for word, and where."""

from __future__ import annotations

import pytest

from engine.contracts.errors import BadInput
from engine.rules.text import parse_strategy

HEAD = "strategy mine\ntimeframe 15m\ndirection long\nparam n = 14 in 7, 14\nstop: n * ATR(14)\n"
ENTRY = "long entry: close > open\n"

#: line 6 of the text, place, what is said, the way out
MISTAKES = [
    (
        "long entry: crossover(close, EMA(50))",
        "6:13",
        'Unknown function "crossover". Did you mean "crosses_above"?',
        "",
    ),
    ("long entry: ema(50) > close", "6:13", 'Unknown function "ema". Did you mean "EMA"?', ""),
    ("long entry: close > EMA", "6:21", "EMA needs its arguments in parentheses.", "Write EMA(20)."),
    ("long entry: close > EMA 50", "6:21", "EMA needs its arguments in parentheses.", "Write EMA(20)."),
    ("long entry: RIS(14) < 30", "6:13", 'Unknown function "RIS". Did you mean "RSI"?', ""),
    ("long entry: RSI(14 < 30", "6:24", 'The "(" in column 16 is not closed.', 'Add ")".'),
    ("long entry: RSI(14)) < 30", "6:20", '")" has no "(" before it.', 'Remove it or add "(".'),
    ("long entry: close > open and", "6:29", "The expression ends too early.", "A value is missing here."),
    ("long entry: close > open && volume > 0", "6:26", '"&&" is not part of the language.', 'Write "and".'),
    ("long entry: close > open or ! volume > 0", "6:29", '"!" is not part of the language.', 'Write "not".'),
    ("long entry: close = open", "6:19", '"=" does not compare here.', 'Write "==".'),
    ("long entry: 30 < RSI(14) < 70", "6:26", "Comparisons cannot be chained.", "Write a < b and b < c."),
    ("long entry: close[-1] > open", "6:19", "n of x[n] is -1; it must be a whole number from 0 to 5000.", ""),
    ("long entry: close[1.5] > open", "6:19", "n of x[n] is 1.5; it must be a whole number from 0 to 5000.", ""),
    ("long entry: close[close] > open", "6:19", "n of x[n] must be a number or a parameter, not a series: close.", ""),
    ("long entry: close[1 > open", "6:27", 'The "[" in column 18 is not closed.', 'Add "]".'),
    (
        "long entry: highest(20) > close",
        "6:13",
        "highest takes 2 arguments (x, n), not 1.",
        "For example: close > highest(high, 20)[1].",
    ),
    (
        "long entry: highest(high, 20, 3) > close",
        "6:13",
        "highest takes 2 arguments (x, n), not 3.",
        "For example: close > highest(high, 20)[1].",
    ),
    (
        "long entry: highest(high, period=20) > close",
        "6:13",
        'highest has no argument "period".',
        "Its arguments are x, n.",
    ),
    ("long entry: highest(high, bars=20, bars=3) > close", "6:36", '"bars" is given twice.', ""),
    ("long entry: SMA(9000) > close", "6:17", '"n" of SMA is 9000; it must be a whole number from 1 to 5000.', ""),
    (
        "long entry: SMA(n / 3) > close",
        "6:19",
        '"n" of SMA (n / 3) is 4.66667; it must be a whole number from 1 to 5000.',
        "",
    ),
    ("long entry: SMA(m) > close", "6:17", 'Unknown name "m".', "The parameters are n."),
    (
        "long entry: MACD(12, 26, 9) > 0",
        "6:13",
        "MACD has 3 outputs (line, signal, histogram).",
        "Write MACD(12, 26, 9).line.",
    ),
    (
        "long entry: MACD(12, 26, 9).signl > 0",
        "6:29",
        'MACD has no output "signl". Did you mean "signal"?',
        "It has line, signal, histogram.",
    ),
    ("long entry: RSI(14).value > 0", "6:21", "RSI(14) has no outputs to choose from; leave out .value.", ""),
    (
        "long entry: tf(1h, close) > open",
        "6:17",
        'An operator or ")" is missing before "h".',
        'A timeframe stands in quotes: "1h".',
    ),
    (
        'long entry: tf("1hour", close) > open',
        "6:16",
        '"1hour" is not a timeframe. Did you mean "1h"?',
        "Use one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d.",
    ),
    (
        'long entry: tf("5m", close) > open',
        "6:13",
        'tf("5m") is below the timeframe of the bars, 15m.',
        "Use a higher one there, or a lower one for the strategy.",
    ),
    (
        'long entry: tf("1h", tf("4h", close)) > open',
        "6:22",
        "tf cannot stand inside another tf.",
        "Put the two side by side.",
    ),
    ('long entry: tf("1h", close > open', "6:34", 'The "(" in column 15 is not closed.', 'Add ")".'),
    (
        "long entry: tf('1h', close) > open",
        "6:16",
        '"\'" is not part of the language.',
        'Names stand in double quotes: "1h".',
    ),
    ("long entry: session(london)", "6:21", 'Unknown name "london".', 'It stands in quotes: session("london").'),
    (
        'long entry: session("frankfurt")',
        "6:21",
        'There is no session "frankfurt".',
        'Write one of session("london"), session("new_york"), session("tokyo").',
    ),
    (
        "long entry: time_between(8:30, 17)",
        "6:27",
        '":" is not part of the language.',
        "Write 8.5 for half past eight.",
    ),
    ("long entry: time_between(8, 25)", "6:29", '"h2" of time_between is 25; it must be a number from 0 to 24.', ""),
    (
        "long entry: close > at_entry(low)",
        "6:21",
        "at_entry is known only in the exit, the stop and the target of one side.",
        "Use it in long exit, short exit, long stop, short stop, long target or short target.",
    ),
    (
        "long entry: bars_since_entry > 3",
        "6:13",
        "bars_since_entry is known only in the exit, the stop and the target of one side.",
        "Use it in long exit, short exit, long stop, short stop, long target or short target.",
    ),
    (
        "long entry: close(1) > open",
        "6:13",
        "close is a series and takes nothing in parentheses.",
        "Write close[1] for the bar before.",
    ),
    (
        "long entry: day_hgih > close",
        "6:13",
        'Unknown name "day_hgih". Did you mean "day_high"?',
        "The parameters are n.",
    ),
    ("long entry: close ** 2 > 4", "6:19", '"**" is not part of the language.', "There is no power: write x * x."),
    ("long entry: close > open ? 1 : 0", "6:26", '"?" is not part of the language.', "Write where(condition, a, b)."),
    (
        "long entry: close",
        "6:13",
        "long entry must be a condition, not a number.",
        "For example: crosses_above(RSI(14), 30).",
    ),
    (
        "long entry: close and open > 1",
        "6:13",
        '"and" needs a condition such as close > open, but close is a number.',
        "",
    ),
    ("long entry: not close", "6:17", '"not" needs a condition such as close > open, but close is a number.', ""),
    (
        'long entry: "long"',
        "6:13",
        "long entry must be a condition, not a word.",
        "For example: crosses_above(RSI(14), 30).",
    ),
    ('long entry: close > "open"', "6:21", '">" needs a number, but "open" is a word.', ""),
    ("long entry: exec(1)", "6:13", 'Unknown function "exec". Did you mean "exp"?', ""),
    ("long entry: close.__class__ > 1", "6:18", 'An operator is missing before ".".', ""),
    ("long entry: lambda: 1", "6:19", '":" is not part of the language.', "A rule has one colon, after its name."),
    ("long entry:", "6:12", "The expression ends too early.", "A value is missing here."),
    (
        "long entry close > open",
        "6:11",
        'A ":" must follow "long entry".',
        "Write long entry: crosses_above(RSI(14), 30)",
    ),
    ("long entyr: close > open", "6:1", '"long entyr" begins no statement. Did you mean "long entry"?', ""),
    (
        "long exit: bars_since_entry > time",
        "6:31",
        'Unknown name "time". Did you mean "minute"?',
        "The parameters are n.",
    ),
    ("trailing stop: 3", "6:1", '"trailing stop" begins no statement. Did you mean "trail"?', ""),
    ("stop: 3", "6:1", '"stop" was given in line 5 already.', ""),
    ("target: close > open", "6:9", "target must be a number, not a condition.", "For example: 3 * ATR(14)."),
    (
        "target: at_entry(close)",
        "6:9",
        "at_entry is known only in the exit, the stop and the target of one side.",
        "Use it in long exit, short exit, long stop, short stop, long target or short target.",
    ),
    ("long stop: 2 * ATR(14)", "6:12", "mine has both a stop and a long stop.", "Give one of them."),
    (
        "short entry: close < open",
        "6:14",
        "mine has a short entry but its direction is long.",
        "Change its direction or leave that out.",
    ),
    (
        "time stop: ATR(14)",
        "6:12",
        "time stop of mine must be known before the first bar: numbers and parameters only, not ATR(14).",
        "",
    ),
    ("time stop: 0", "6:12", "time stop is 0; it must be a whole number from 1 to 5000.", ""),
    (
        "entry valid: 3",
        "6:14",
        "mine says how long an entry order is valid but has none.",
        "Add long entry stop or long entry limit.",
    ),
    ("entry valid: 1000", "6:14", "entry valid is 1000; it must be a whole number from 1 to 500.", ""),
    (
        "requires: close > 3",
        "6:11",
        "requires of mine must be known before the first bar: numbers and parameters only, not close > 3.",
        "",
    ),
    ("requires: n", "6:11", "requires must be a condition, not a number.", "For example: fast < slow."),
    ("param n = 3", "6:7", 'The parameter "n" is declared twice.', "Remove one of the lines."),
    ("param close = 3", "6:7", '"close" is a word of the language; a parameter needs another name.', ""),
    ("param k = three", "6:11", '"three" is not a number.', ""),
    ("param k = 3 in 1, 2, x", "6:16", '"x" is not a number.', ""),
    ("param k 3", "6:7", "A parameter is written: param n = 14 in 7, 14, 21", ""),
    ("param k = 3", "6:7", 'The parameter "k" is never used.', "Remove it or use it."),
    ("timeframe 10m", "6:1", '"timeframe" was given in line 2 already.', ""),
    ("direction up", "6:1", '"direction" was given in line 3 already.', ""),
    ("title My strategy", "6:7", '"title" needs text in double quotes (\\" for a quote inside).', ""),
    ("strategy other", "6:1", '"strategy" was given in line 1 already.', ""),
    (
        "volume > 3",
        "6:1",
        '"volume" begins no statement.',
        "A statement begins with a word such as strategy, timeframe, param, long entry or stop.",
    ),
    (
        "@property",
        "6:1",
        '"@property" begins no statement.',
        "A statement begins with a word such as strategy, timeframe, param, long entry or stop.",
    ),
]


@pytest.mark.parametrize(("line", "place", "what", "fix"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_word_for_word(line: str, place: str, what: str, fix: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_strategy(HEAD + line + "\n" + ("" if line.startswith("long ent") else ENTRY))
    error = caught.value
    said, shown, caret = error.what.split("\n")
    assert (error.where, said, error.fix) == (place, what, fix)
    assert shown == f"  {line}"
    assert caret == "  " + " " * (int(place.split(":")[1]) - 1) + "^"
    assert str(error) == f"{place}: {error.what}" + (f"\n{fix}" if fix else "")


def test_there_are_many() -> None:
    assert len(MISTAKES) == len({m[0] for m in MISTAKES}) >= 60
