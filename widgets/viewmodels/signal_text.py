"""The signals' words beyond one row: minutes, exports, reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from engine.contracts.signals import SignalBatch
from engine.contracts.why import Why
from widgets.texts import tr
from widgets.viewmodels.signals import KIND_NAMES, Minute, SignalModel


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minute_words(m: Minute) -> str:
    """The one row of a minute: how many there are of what."""
    parts = [
        tr("{n} signals").format(n=f"{m.count:,}"),
        f"{m.buys:,} BUY",
        f"{m.sells:,} SELL",
        f"{m.exits:,} EXIT",
        tr("{n} symbols").format(n=f"{m.symbols:,}"),
        tr("{n} strategies").format(n=f"{m.strategies:,}"),
    ]
    return " · ".join(parts)


def csv_text(model: SignalModel, last: Callable[[str], float]) -> str:
    """All that pass the filter as CSV, times in ISO 8601."""
    rows = model.passing
    made = ["time,symbol,timeframe,side,action,kind,strategy,params,bar_time,price,strength,move_since"]
    batch: SignalBatch = model.batch(rows)
    kinds = model.kind[rows % model.capacity].tolist()
    for s, kind, moved in zip(batch.signals(), kinds, model.outcomes(rows, last).tolist(), strict=True):
        params = f'"{s.params}"' if "," in s.params else s.params
        cells = (
            iso(s.emitted_ns // 1_000_000), s.symbol, s.timeframe, s.side, s.action, KIND_NAMES[kind], s.strategy,
            params, iso(s.bar_ts), f"{s.price:.12g}", f"{s.strength:.4g}", "" if moved != moved else f"{moved:.6f}",
        )  # fmt: skip
        made.append(",".join(cells))
    return "\n".join(made) + "\n"


def why_words(why: Why) -> str:
    """Why it spoke, as a few lines: its rule, and each condition with its values."""
    lines = []
    for rule in why.rules:
        if not rule.fired:
            continue
        lines.append(f"{rule.rule}: {rule.text}")
        for line in rule.lines:
            values = ", ".join(f"{o.text} = {o.now:.6g} ({o.before:.6g})" for o in line.operands)
            lines.append("   " * (line.depth + 1) + ("✓ " if line.held else "✗ ") + (values or line.text))
    return "\n".join(lines[:24]) or why.summary
