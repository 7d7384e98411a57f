"""What every benchmark reports, its limits, and the one line it ends with."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from engine.contracts.errors import BadInput, did_you_mean


class Limit(NamedTuple):
    """bound: 'at_most' or 'at_least'."""

    unit: str
    bound: str
    limit: float
    what: str


LIMITS: dict[str, Limit] = {
    "decode": Limit("frames / CPU s", "at_least", 40_000, "receive, decode, coalesce; one message a frame"),
    "latency": Limit("ms", "at_most", 10, "p99, sender's stamp to signal in another process, 4,000 frames/s"),
    "latency_burst": Limit("ms", "at_most", 20, "the same at 20,000 frames/s for 60 s"),
    "minute_close": Limit("ms", "at_most", 100, "960 final frames at once at an hour: first sent to last signal"),
    "sweep": Limit("ms", "at_most", 5, "1,024 symbols x 4 timeframes, every lane with new prices"),
    "indicators": Limit("ratio", "at_most", 1.1, "worst ratio to TA-Lib, interleaved medians"),
    "cold": Limit("s", "at_most", 60, "first start ever until every kernel is compiled"),
    "backtest": Limit("ns / bar", "at_most", 12, "warm, one strategy with costs and a stop, 1m bars"),
    "load": Limit("ratio", "at_most", 1.1, "to polars reading the same columns, interleaved"),
    "walkforward": Limit("s", "at_most", 20, "all strategies x 16 sets, 3.34 million minutes, 12 months train, 3 test"),
    "growth": Limit("exponent", "at_most", 1.05, "worst exponent of time against bars, sets, symbols"),
    "vs_peers": Limit("ratio", "at_least", 10, "fastest peer's time over ours, the same signals simulated"),
    "start": Limit("s", "at_most", 0.6, "process start to first paint"),
    "start_frozen": Limit("s", "at_most", 3, "the frozen program, warm: process start to a live candle"),
    "chart": Limit("ms", "at_most", 30, "three panes, 3.34 million bars, pan: p99"),
    "whatif": Limit("ms", "at_most", 200, "one step of a dragged stop or period over the whole history, 1m bars"),
    "watchlist": Limit("ms", "at_most", 7, "1,000 rows, median of a refresh"),
}


def limit_of(name: str) -> Limit:
    """BadInput with the nearest name when there is no such benchmark."""
    if name not in LIMITS:
        raise BadInput(
            f'There is no benchmark "{name}".{did_you_mean(name, LIMITS)}', fix=f"Known: {', '.join(LIMITS)}."
        )
    return LIMITS[name]


def machine() -> dict[str, Any]:
    """What the figures were measured on; no host name."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def report(name: str, value: float, figures: dict[str, Any], compared_with: str = "") -> dict[str, Any]:
    """The line of one benchmark."""
    limit = limit_of(name)
    value = round(float(value), 4)
    ok = value <= limit.limit if limit.bound == "at_most" else value >= limit.limit
    return {
        "name": name,
        "value": value,
        "unit": limit.unit,
        limit.bound: limit.limit,
        "ok": bool(ok),
        "figures": figures,
        "compared_with": compared_with,
        "machine": machine(),
    }


def line(result: dict[str, Any]) -> str:
    return msgspec.json.encode(result).decode()


def steal_ticks() -> int:
    """Processor time that the host took from this machine since boot, in 1/100 s; 0 where it is not told."""
    try:
        return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8])
    except (OSError, ValueError, IndexError):
        return 0
