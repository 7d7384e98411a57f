"""What a person may have meant: words of other trading languages, and signs that this one does not have."""

from __future__ import annotations

from collections.abc import Iterable

from engine.contracts.errors import did_you_mean

#: what other languages call it -> what it is here
SYNONYMS = {
    "avg": "mean", "average": "mean", "ma": "SMA", "std": "stdev", "crossover": "crosses_above",
    "cross": "crosses_above",
    "crossunder": "crosses_below", "cross_above": "crosses_above", "cross_below": "crosses_below",
    "hhv": "highest", "llv": "lowest", "highestbars": "highest_age", "lowestbars": "lowest_age",
    "barssince": "bars_since", "barslast": "bars_since", "valuewhen": "value_at", "percentrank": "rank",
    "percentile": "quantile", "iff": "where", "iif": "where", "if": "where", "shift": "lag", "ref": "lag",
    "delay": "lag", "request": "tf", "security": "tf", "timeframe": "tf", "ln": "log", "round": "floor", "int": "floor",
    "tr": "TRANGE", "atr": "ATR", "bb": "BBANDS", "bollinger": "BBANDS", "stochastic": "STOCH", "dmi": "ADX",
    "dayofweek": "weekday", "dayofmonth": "day", "time": "minute", "yesterday": "prev_day_close", "o": "open",
    "h": "high", "l": "low", "c": "close", "v": "volume", "price": "close", "vol": "volume",
    "pivothigh": "pivot_high", "pivotlow": "pivot_low", "change": "MOM", "any": "within", "all": "always",
}  # fmt: skip

#: what other programs call a statement -> what it is here
STATEMENTS = {
    "trailing stop": "trail", "trailing": "trail", "trailing distance": "trail", "take profit": "target",
    "tp": "target", "profit target": "target", "stop loss": "stop", "sl": "stop", "breakeven": "break even",
    "buy": "long entry", "long": "long entry", "entry": "long entry", "enter long": "long entry",
    "sell": "long exit", "exit": "long exit", "short": "short entry", "sell short": "short entry",
    "enter short": "short entry", "cover": "short exit", "name": "strategy", "parameter": "param", "input": "param",
    "description": "idea", "interval": "timeframe", "tf": "timeframe", "side": "direction", "max bars": "time stop",
    "time exit": "time stop", "valid": "entry valid", "require": "requires",
}  # fmt: skip

#: signs of other languages -> what to write here; longer ones first
SIGNS = {
    "&&": 'Write "and".',
    "||": 'Write "or".',
    "**": "There is no power: write x * x.",
    "//": "Write floor(a / b).",
    "!": 'Write "not".',
    "^": "There is no power: write x * x.",
    "%": "Write 0.01 * x for one per cent of x.",
    "'": 'Names stand in double quotes: "1h".',
    "?": "Write where(condition, a, b).",
    ":": "A rule has one colon, after its name.",
    ";": "A rule ends with its line.",
    "{": "Use ( and ).",
    "}": "Use ( and ).",
    "@": "",
    "$": "",
}


def suggestion(name: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?' for a word of another language or the closest known one, else ''."""
    candidates = list(known)
    meant = SYNONYMS.get(name.casefold()) or STATEMENTS.get(name.casefold())
    if meant in candidates:
        return f' Did you mean "{meant}"?'
    return did_you_mean(name, candidates)


def sign_at(text: str, at: int) -> tuple[str, str] | None:
    """A sign of another language that stands at this place, and what to write instead."""
    return next(((sign, fix) for sign, fix in SIGNS.items() if text.startswith(sign, at)), None)
