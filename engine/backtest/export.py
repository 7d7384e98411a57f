"""A kept run as files for other programs: JSON, CSV, Parquet, and the report as one HTML page.

Every file holds what the run was made from: spec, data fingerprint, code version, trade hash, assumptions.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.backtest.breakdown import curve_of, points, trades_of, values_of
from engine.backtest.conventions import CONVENTIONS
from engine.backtest.entries import entry_reasons
from engine.backtest.metrics_trades import shares
from engine.backtest.report import Run, make_report, spec_items
from engine.backtest.report_page import page
from engine.clock import iso
from engine.contracts.dtypes import EXIT_NAMES
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.metrics import metric
from engine.contracts.reports import EXPORT_FORMATS, Exported

#: what a spreadsheet would take for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ENDINGS = {".htm": "html", ".pq": "parquet"}


def format_of(path: Path, named: str = "") -> str:
    """The format named, or the one that the file's ending says; BadInput for any other."""
    found = named or _ENDINGS.get(path.suffix.lower(), path.suffix.lower().removeprefix("."))
    if found in EXPORT_FORMATS:
        return found
    raise BadInput(
        f'"{named or path.suffix}" is not a format to export to.',
        where=str(path),
        fix=f"Let the name end in one of {', '.join('.' + f for f in EXPORT_FORMATS)}.",
    )


def export(run: Run, path: Path, named: str = "", convention: str = "pyroquant") -> Exported:
    """Write a run; existing files of these names are replaced, whole or not at all.

    json and html write `path`; csv writes NAME-trades.csv, NAME-equity.csv and NAME-metrics.csv; parquet writes
    NAME-trades.parquet and NAME-equity.parquet. BadInput for an unknown format; PyroError when it cannot be written.
    """
    kind = format_of(path, named)
    if kind == "json":
        made = {path: msgspec.json.encode(as_object(run))}
    elif kind == "html":
        made = {path: page(run, make_report(run, convention)).encode()}
    elif kind == "csv":
        made = {_beside(path, name, ".csv"): text.encode() for name, text in as_csv(run).items()}
    else:
        made = {_beside(path, name, ".parquet"): _parquet(table) for name, table in as_tables(run).items()}
    for file, content in made.items():
        write_aside(file, content)
    return Exported(files=[str(file) for file in made], bytes=sum(map(len, made.values())))


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that there is never half of one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        aside.write_bytes(content)
        os.replace(aside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise PyroError(
            f"This file cannot be written: {error.strerror or error}.",
            where=str(path),
            fix="Choose another place; the run itself is kept.",
        ) from error


def _beside(path: Path, name: str, ending: str) -> Path:
    stem = path.name.removesuffix(path.suffix) if path.suffix.lower() in (ending, ".pq") else path.name
    return path.with_name(f"{stem}-{name}{ending}")


def provenance(run: Run) -> dict[str, str]:
    """What the run was made from, in words."""
    result = run.result
    return {
        "job": run.job,
        "kept": iso(run.created_ms),
        **{f"spec.{name}": value for name, value in spec_items(result.spec).items()},
        "first_bar": iso(result.first_ms),
        "last_bar": iso(result.last_ms),
        "bars": str(result.bars),
        "convention": result.convention,
        "trade_hash": result.trade_hash,
        "data_fingerprint": result.data_fingerprint,
        "code_version": result.code_version,
        "strategy_text": result.strategy_text,
    }


def as_object(run: Run) -> dict[str, Any]:
    """The whole run as plain JSON: trades as objects, curves as lists, the breakdowns; nan = null."""
    result = run.result
    report = make_report(run)
    plain = {f: getattr(result, f) for f in result.__struct_fields__ if not isinstance(getattr(result, f), bytes)}
    breakdowns = ("months", "by_hour", "by_weekday", "by_side", "by_exit", "returns", "conventions", "warnings")
    return {
        "job": run.job,
        "created_ms": run.created_ms,
        **plain,
        "units": {name: metric(name).unit for name in result.metrics},
        "trades": trade_rows(run),
        "curve": _points(result.equity_ts, equity=result.equity, drawdown=result.drawdown, benchmark=result.benchmark),
        "daily": _daily(run),
        "rolling_sharpe": points(report.rolling_sharpe),
        "exposure": points(report.exposure),
        **{name: getattr(report, name) for name in breakdowns},
    }


def trade_rows(run: Run) -> list[dict[str, Any]]:
    """One object a trade; side, kind of entry and reason of exit in words, times in ms and as ISO 8601."""
    table = as_tables(run)["trades"]
    rows: list[dict[str, Any]] = table.drop_columns(["entry_time", "exit_time"]).to_pylist()
    return rows


def _points(ts: bytes, **columns: bytes) -> dict[str, list[float]]:
    made: dict[str, list[float]] = {"ts": np.frombuffer(ts, "<i8").tolist()}
    return made | {name: np.frombuffer(block, "<f8").tolist() for name, block in columns.items()}


def _daily(run: Run) -> dict[str, list[float]]:
    table = as_tables(run)["equity"]
    return {name: table[name].to_pylist() for name in table.column_names if name != "time"}


def as_tables(run: Run) -> dict[str, pa.Table]:
    """'trades' and 'equity' (a row a trading day, the first being the start) with the provenance as metadata."""
    trades, values, curve = trades_of(run.result), values_of(run.result), curve_of(run.result)
    names = [name for name in trades.dtype.names or () if name not in ("side", "reason")]
    columns: dict[str, Any] = {name: pa.array(np.ascontiguousarray(trades[name])) for name in names}
    sides = np.where(trades["side"] > 0, "long", "short")
    entered = entry_reasons(run.result.strategy_text)
    columns |= {
        "entry_time": _times(trades["entry_ts"]),
        "exit_time": _times(trades["exit_ts"]),
        "side": pa.array(sides.tolist(), pa.string()),
        "entry": pa.array([entered.get(side, "") for side in trades["side"].tolist()], pa.string()),
        "reason": pa.array([EXIT_NAMES[k] for k in trades["reason"].tolist()], pa.string()),
        "value": pa.array(values),
        "result": pa.array(shares(trades["pnl"].astype(np.float64), values)),
    }
    ts = np.append(run.result.first_ms, curve.ends)
    held = curve.benchmark if len(curve.benchmark) == len(ts) else np.full(len(ts), math.nan)
    under = 1.0 - curve.equity / np.maximum.accumulate(curve.equity)
    equity = {"time": _times(ts), "ts": ts, "equity": curve.equity, "drawdown": under, "benchmark": held}
    notes = provenance(run) | {"assumptions": "\n".join(run.result.assumptions)}
    about = {f"pyroquant.{name}": text for name, text in notes.items()}
    return {
        name: pa.table(found).replace_schema_metadata(about)
        for name, found in (("trades", columns), ("equity", equity))
    }


def _times(ms: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(ms), pa.int64()).cast(pa.timestamp("ms", "UTC"))


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def as_csv(run: Run) -> dict[str, str]:
    """'trades', 'equity' and 'metrics' as CSV with a header; metrics also has conventions, provenance, assumptions."""
    made = {}
    for name, table in as_tables(run).items():
        plain = table.drop_columns([c for c in ("entry_time", "exit_time", "time") if c in table.column_names])
        stamps = [c for c in ("entry_ts", "exit_ts", "ts") if c in plain.column_names]
        columns = {c: plain[c].to_pylist() for c in plain.column_names}
        columns = {c.replace("ts", "time"): [iso(ms) for ms in columns[c]] for c in stamps} | columns
        made[name] = _text(columns, zip(*columns.values(), strict=True))
    return made | {"metrics": _text(("section", "name", "value", "unit", "meaning"), _metric_rows(run))}


def _metric_rows(run: Run) -> Iterable[Sequence[Any]]:
    for name, value in run.result.metrics.items():
        told = metric(name)
        meaning = CONVENTIONS[name.partition("@")[2]].text if "@" in name else told.formula
        yield "metric", name, value, told.unit, meaning
    for name, text in provenance(run).items():
        yield "provenance", name, text, "", ""
    for sentence in run.result.assumptions:
        yield "assumption", "", sentence, "", ""


def _text(header: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(list(header))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Undefined as empty; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) and len(value) > 1 else value
