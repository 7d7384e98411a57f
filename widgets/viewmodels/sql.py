"""The SQL console without Qt: words to colour, examples, history, and an answer as sortable columns."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any, NamedTuple

from engine.contracts.commands import SqlResult
from engine.contracts.timeframes import TIMEFRAMES
from widgets.texts import mark
from widgets.viewmodels import formats

_KEYWORDS = (
    "select from where group by order having limit offset as and or not in is null between like ilike join left "
    "right inner outer full cross on using union all distinct case when then else end with recursive over "
    "partition rows range preceding following current row unbounded asc desc nulls first last exists any filter "
    "qualify interval date timestamp cast true false values lateral asof positional unnest describe summarize "
    "exclude replace "
)
KEYWORDS = frozenset(_KEYWORDS.split())
TABLES = ("candles", "signals", "runs", "trades", "equity", "metrics", "walks", "promotions")
#: title -> query; the menu of examples
EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        mark("Candles: the last bars of a symbol"),
        "SELECT time, open, high, low, close, volume\nFROM candles\nWHERE name = 'BTCUSDT' AND timeframe = '1m'\n"
        "ORDER BY ts DESC\nLIMIT 500",
    ),
    (
        mark("Candles: how much there is of each series"),
        "SELECT symbol, timeframe, count(*) AS bars, min(time) AS first, max(time) AS last\nFROM candles\n"
        "GROUP BY ALL\nORDER BY bars DESC\nLIMIT 200",
    ),
    (
        mark("Candles: the ten wildest days"),
        "SELECT symbol, ts, time, high / low - 1 AS span\nFROM candles\nWHERE timeframe = '1d'\n"
        "ORDER BY span DESC\nLIMIT 10",
    ),
    (
        mark("Signals: how many by strategy"),
        "SELECT strategy, side, count(*) AS signals\nFROM signals\nGROUP BY ALL\nORDER BY signals DESC",
    ),
    (
        mark("Runs: the best by Sharpe"),
        "SELECT m.job, m.strategy, m.symbol, m.timeframe, m.value AS sharpe\nFROM metrics m\n"
        "WHERE m.name = 'sharpe' AND m.convention = ''\nORDER BY sharpe DESC NULLS LAST\nLIMIT 50",
    ),
    (
        mark("Trades: profit by way out"),
        "SELECT strategy, reason, count(*) AS trades, sum(pnl) AS pnl, avg(bars) AS bars\nFROM trades\n"
        "GROUP BY ALL\nORDER BY strategy, pnl DESC",
    ),
    (
        mark("Trades: the largest losses, to look at on the chart"),
        "SELECT symbol, timeframe, entry_ts AS ts, strategy, side, pnl, reason\nFROM trades\nORDER BY pnl\nLIMIT 100",
    ),
    (
        mark("Equity: the worst drawdown of each run"),
        "SELECT job, strategy, symbol, max(drawdown) AS worst, last(equity) AS final\nFROM equity\n"
        "GROUP BY ALL\nORDER BY worst DESC",
    ),
    (
        mark("Metrics: all figures of the last run"),
        "SELECT title, value, unit\nFROM metrics\nWHERE job = (SELECT max(job) FROM runs)",
    ),
    (mark("Walk-forwards: what was judged"), "SELECT *\nFROM walks\nLIMIT 200"),
    (mark("Promotions: what went live"), "SELECT *\nFROM promotions\nLIMIT 200"),
)

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<text>'(?:[^']|'')*'?)|(?P<number>\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?P<word>[A-Za-z_]\w*)",
    re.IGNORECASE,
)


def tokens(text: str) -> list[tuple[int, int, str]]:
    """(from, length, kind) of what is coloured; kind: comment, text, number, keyword, table, function."""
    found = []
    for hit in _TOKEN.finditer(text):
        kind = str(hit.lastgroup)
        if kind == "word":
            word = hit[0].lower()
            if word in KEYWORDS:
                kind = "keyword"
            elif word in TABLES:
                kind = "table"
            elif text[hit.end() :].lstrip().startswith("("):
                kind = "function"
            else:
                continue
        found.append((hit.start(), hit.end() - hit.start(), kind))
    return found


_PLACE = re.compile(r"line (\d+), column (\d+)")


def place_of(error: str) -> tuple[int, int] | None:
    """(line, column), both from 1, that an error speaks of."""
    hit = _PLACE.search(error)
    return (int(hit[1]), int(hit[2])) if hit else None


class History:
    """Queries that ran, newest first, each once."""

    def __init__(self, kept: Any = (), most: int = 200) -> None:
        self.most = most
        self.queries: list[str] = (
            [q for q in kept if isinstance(q, str)][:most] if isinstance(kept, list | tuple) else []
        )

    def add(self, query: str) -> None:
        text = query.strip()
        if text:
            self.queries = [text, *(q for q in self.queries if q != text)][: self.most]


class Place(NamedTuple):
    """Where a row of an answer lies on a chart."""

    symbol: str
    timeframe: str
    ms: int


#: columns that a moment is looked for in, the better first
_TIMES = ("ts", "time", "entry_ts", "entry_time", "bar_ts", "bar_time", "first_ms", "from_ms", "exit_ts", "created_ms")


class Answer:
    """A result as a table: sorted by a column, `order` holds row numbers."""

    def __init__(self, result: SqlResult | None = None) -> None:
        self.columns = result.columns if result is not None else []
        self.rows = result.rows if result is not None else []
        self.truncated = result.truncated if result is not None else False
        self.seconds = result.seconds if result is not None else 0.0
        self.order = list(range(len(self.rows)))
        self.numeric = [self._is_number(k) for k in range(len(self.columns))]

    def __len__(self) -> int:
        return len(self.order)

    def _is_number(self, column: int) -> bool:
        seen = [r[column] for r in self.rows[:200] if r[column] is not None]
        return bool(seen) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in seen)

    def sort(self, column: int, descending: bool) -> None:
        def key(number: int) -> tuple[bool, Any]:
            value = self.rows[number][column]
            missing = value is None or (isinstance(value, float) and math.isnan(value))
            if missing:
                return (not descending, 0 if self.numeric[column] else "")
            return (descending, value if self.numeric[column] else str(value))

        self.order = sorted(range(len(self.rows)), key=key, reverse=descending)

    def cells(self, place: int) -> list[str]:
        row = self.rows[self.order[place]]
        return [text_of(v, self.columns[k]) for k, v in enumerate(row)]

    def widths(self, letter: float) -> list[int]:
        """A width for each column, px, from its title and its first rows."""
        shown = [self.cells(k) for k in range(min(len(self), 60))]
        found = []
        for k, name in enumerate(self.columns):
            longest = max([len(name) + 2, *(len(cells[k]) for cells in shown)])
            found.append(round(min(max(longest, 5), 44) * letter) + 16)
        return found

    # what other panels may do with it -------------------------------------------------------------------------------
    def _column(self, *names: str) -> int:
        lower = [c.lower() for c in self.columns]
        return next((lower.index(n) for n in names if n in lower), -1)

    def symbols(self) -> list[str]:
        """Every MARKET:NAME of the column `symbol`, in the order shown, each once."""
        at = self._column("symbol")
        if at < 0:
            return []
        return list(dict.fromkeys(str(self.rows[n][at]) for n in self.order if ":" in str(self.rows[n][at])))

    def place(self, place: int) -> Place | None:
        """Where a visible row lies on a chart; None where it names neither a symbol nor a moment."""
        row = self.rows[self.order[place]]
        at = self._column("symbol")
        symbol = str(row[at]) if at >= 0 and ":" in str(row[at]) else ""
        moment = self._column(*_TIMES)
        ms = moment_of(row[moment]) if moment >= 0 else None
        if not symbol and ms is None:
            return None
        frame = self._column("timeframe")
        timeframe = str(row[frame]) if frame >= 0 and row[frame] in TIMEFRAMES else ""
        return Place(symbol, timeframe, -1 if ms is None else ms)

    def moments(self, symbol: str) -> list[tuple[int, int]]:
        """(ms, side +1, -1 or 0) of every row of a symbol, or of all rows where no symbol is named."""
        at, moment, side = self._column("symbol"), self._column(*_TIMES), self._column("side", "direction")
        if moment < 0:
            return []
        found = []
        for n in self.order:
            row = self.rows[n]
            if at >= 0 and str(row[at]) != symbol:
                continue
            ms = moment_of(row[moment])
            if ms is not None:
                found.append((ms, _side(row[side]) if side >= 0 else 1))
        return sorted(found)

    def csv(self) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        for n in self.order:
            writer.writerow(
                [json.dumps(v) if isinstance(v, list | dict) else "" if v is None else v for v in self.rows[n]]
            )
        return out.getvalue()


def _side(value: Any) -> int:
    if isinstance(value, int | float):
        return (value > 0) - (value < 0)
    return -1 if str(value).lower() in ("short", "sell", "-1") else 1


def moment_of(value: Any) -> int | None:
    """ms since the epoch of a number of ms or an ISO time; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value < 4e12 and value > 1e11 else None
    if isinstance(value, str):
        try:
            return formats.parse_day(value)
        except ValueError:
            return None
    return None


def text_of(value: Any, column: str = "") -> str:
    """One cell. Times in ms are shown as times where the column's name says that they are."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        name = column.lower()
        if (name in ("ts", "ms") or name.endswith(("_ts", "_ms"))) and 1e11 < value < 4e12:
            return formats.minute(value)
        return f"{value:,}"
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
    if isinstance(value, list | dict):
        return json.dumps(value)
    return " ".join(str(value).split())
