"""pyroquant runs: the back-tests that are kept: list, show, compare, export, delete."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.context import Context
from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.metrics import METRICS, grouped, shown
from engine.contracts.reports import Comparison, Line, Report, TradeGroup

if TYPE_CHECKING:
    from engine.runtime.kept import TaskContext

runs = typer.Typer(help="Back-tests that are kept.", no_args_is_help=True)
Job = Annotated[str, typer.Argument(metavar="RUN", help="Its id, the beginning or end of it, or: last")]


@contextlib.contextmanager
def _stores(context: Context) -> Iterator[TaskContext]:
    from engine.runtime.kept import TaskContext

    with contextlib.closing(
        TaskContext(context.stored, context.settings.store.state, context.settings.store.lake)
    ) as stores:
        yield stores


@runs.command("list")
def list_runs(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(help="Runs at most, the newest first.", min=1, max=10_000)] = 50,
    json: Json = False,
) -> None:
    """The newest runs with their main figures."""
    with _stores(ctx.obj) as stores:
        found = stores.state.runs(limit)
    if json:
        say_json({"runs": found})
        return
    names = ("total_return", "sharpe", "max_drawdown", "trades")
    rows = [
        (
            run.job, iso(run.created_ms)[:16].replace("T", " "), run.spec.strategy, run.spec.symbol, run.spec.timeframe,
            *(shown(name, run.metrics.get(name, float("nan"))) for name in names),
        )
        for run in found
    ]  # fmt: skip
    titles = ["run", "kept", "strategy", "symbol", "timeframe", *(METRICS[name].title for name in names)]
    table(titles, rows, numeric=range(5, 9))


@runs.command("show")
def show(
    ctx: typer.Context,
    job: Job,
    convention: Annotated[str, typer.Option(help="Figures as this tool computes them.")] = "pyroquant",
    json: Json = False,
) -> None:
    """One run taken apart: figures under a convention, months, sides, exits, hours, weekdays."""
    from engine.runtime.tasks_reports import find, report_of

    with _stores(ctx.obj) as stores:
        run = find(job, stores)
    report = report_of(run, convention)
    if json:
        say_json(as_object(report))
        return
    _words(report)
    result = run.result
    say(f"\ntrade hash {result.trade_hash}, data {result.data_fingerprint}, code {result.code_version}")


@runs.command("compare")
def compare(
    ctx: typer.Context,
    jobs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Two to twenty of them.")],
    json: Json = False,
) -> None:
    """Runs side by side: what differs in their inputs and assumptions, and their figures."""
    from engine.runtime.tasks_reports import compared

    with _stores(ctx.obj) as stores:
        found = compared(jobs, stores)
    if json:
        say_json(as_object(found))
        return
    _comparison(found)


@runs.command("export")
def export_run(
    ctx: typer.Context,
    job: Job,
    file: Annotated[Path, typer.Argument(help="Ends in .json, .csv, .parquet or .html.")],
    convention: Annotated[str, typer.Option(help="Of the figures of an HTML report.")] = "pyroquant",
    json: Json = False,
) -> None:
    """Write a run as JSON, CSV, Parquet or as an HTML report; CSV and Parquet make a file a table."""
    from engine.runtime.tasks_reports import find, format_of, write_run

    kind = format_of(file)
    with _stores(ctx.obj) as stores:
        run = find(job, stores)
    made = write_run(run, file.expanduser(), kind, convention)
    if json:
        say_json(made)
        return
    for name in made.files:
        say(f"written: {name}")


@runs.command("delete")
def delete_runs(
    ctx: typer.Context, jobs: Annotated[list[str], typer.Argument(metavar="RUN...")], json: Json = False
) -> None:
    """Forget runs; a running engine does it where there is one."""
    from engine.runtime.tasks_reports import Place, delete

    with _stores(ctx.obj) as stores:
        names = list(dict.fromkeys(stores.state.kept_runs.job(job) for job in jobs))
    place = Place(ctx.obj.folder, ctx.obj.stored, ctx.obj.settings.store.state)
    for name in names:
        asyncio.run(delete(name, place))
    if json:
        say_json({"deleted": names})
        return
    for name in names:
        say(f"deleted: {name}")


@runs.command("figures")
def figures(json: Json = False) -> None:
    """Every figure that a run has: its name, unit, formula and source."""
    if json:
        say_json({"figures": list(METRICS.values())})
        return
    rows = [(m.name, m.title, m.unit, m.formula, m.source) for m in METRICS.values()]
    table(["name", "title", "unit", "formula", "source"], rows)


def as_object(value: Report | Comparison) -> dict[str, Any]:
    """A report or comparison as plain JSON; curves as lists."""
    from engine.runtime.tasks_reports import points

    def plain(item: Any) -> Any:
        if isinstance(item, Line):
            return points(item)
        if isinstance(item, list) and item and isinstance(item[0], Line):
            return [points(line) for line in item]
        return item

    made = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    made.pop("excursions", None)
    return made


def _words(report: Report) -> None:
    spec = report.spec
    say(f"{report.job}: {spec.strategy} on {spec.symbol} {spec.timeframe}, kept {iso(report.created_ms)}")
    for text in report.warnings:
        say(f"! {text}")
    for group, members in grouped(report.metrics):
        say(f"\n{group}")
        for told in members:
            say(f"  {told.title:34} {shown(told.name, report.metrics[told.name]):>16}")
    say(f"\nfigures: {report.convention_text}\n")
    months = [
        (row.year, *("" if m is None else f"{100 * m:.1f}" for m in row.months), f"{100 * row.total:.1f}")
        for row in report.months
    ]
    table(["%", *(f"{m:02d}" for m in range(1, 13)), "year"], months, numeric=range(1, 14))
    for title, groups in (
        ("side", report.by_side), ("exit", report.by_exit), ("weekday", report.by_weekday), ("hour", report.by_hour),
    ):  # fmt: skip
        say("")
        table([title, "trades", "won", "profit", "mean"], [_row(g) for g in groups if g.trades], numeric=range(1, 5))


def _row(group: TradeGroup) -> tuple[str, ...]:
    return group.label, f"{group.trades:,}", f"{group.win_rate:.1%}", f"{group.profit:,.2f}", f"{group.mean:,.2f}"


def _comparison(found: Comparison) -> None:
    marks = [chr(ord("A") + i) for i in range(len(found.jobs))]
    for mark, job, title in zip(marks, found.jobs, found.titles, strict=True):
        say(f"{mark}  {job}: {title}")
    say("")
    differences = [(d.what, *(" ".join(v.split())[:60] for v in d.values)) for d in found.differences]
    table(["differs", *marks], differences)
    say("")
    rows = [(METRICS[name].title, *(shown(name, v) for v in values)) for name, values in found.metrics]
    table(["figure", *marks], rows, numeric=range(1, len(marks) + 1))
    for sentence, said in found.assumptions:
        say(f"  only {', '.join(m for m, s in zip(marks, said, strict=True) if s)}: {sentence}")
    say(f"the same in all: {', '.join(found.same_inputs)}")
