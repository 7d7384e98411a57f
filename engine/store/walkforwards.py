"""Walk-forwards, their queue, the ledger of trials, and promoted parameter sets in the state database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.walkforward import (
    Promoted,
    QueueEntry,
    Trials,
    WalkForwardResult,
    WalkForwardSpec,
    WalkForwardSummary,
    WalkResult,
    WalkSummary,
)
from engine.store.database import transaction
from engine.store.tables import promotions, trials, walk_queue, walkforwards, walks

_TRIAL_KEY = tuple(c.name for c in trials.primary_key)


class WalkForwards:
    """Made by State; one process writes, any number read."""

    def __init__(self, engine: Engine, insert: Callable[[sa.Table], Any]) -> None:
        self._engine = engine
        self._insert = insert

    # results

    def save_walk(self, job: str, walk: WalkResult, tried: Trials | None) -> None:
        """Keep one strategy and its trials, in one transaction."""
        row = {
            "job": job,
            "strategy": walk.summary.strategy,
            "summary": _json(walk.summary),
            "data": msgspec.msgpack.encode(walk),
        }
        with transaction(self._engine, write=True) as connection:
            connection.execute(self._upsert(walks, row), row)
            if tried is not None and tried.keys:
                self._note(connection, tried)

    def save(self, result: WalkForwardResult) -> None:
        """Keep the walk-forward as a whole; again when it has gone on."""
        row = {
            "job": result.job,
            "created_ms": result.created_ms,
            "symbol": result.spec.symbol,
            "complete": result.complete,
            "result": msgspec.msgpack.encode(result),
        }
        with transaction(self._engine, write=True) as connection:
            connection.execute(self._upsert(walkforwards, row), row)

    def begin(self, job: str, spec: WalkForwardSpec, now_ms: int) -> None:
        """Note a walk-forward that is under way, unless it is kept already: it is listed as not complete, and can go on
        where it was ended."""
        row = {
            "job": job,
            "created_ms": now_ms,
            "symbol": spec.symbol,
            "complete": False,
            "result": msgspec.msgpack.encode(
                WalkForwardResult(
                    job=job, spec=spec, created_ms=now_ms, bars=0, first_ms=0, last_ms=0, rows=[], trials=0,
                    metrics={}, convention="", data_fingerprint="", code_version="", assumptions=[], seconds=0.0,
                    complete=False,
                )
            ),
        }  # fmt: skip
        known = sa.select(walkforwards.c.job).where(walkforwards.c.job == job)
        with transaction(self._engine, write=True) as connection:
            if connection.execute(known).scalar() is None:
                connection.execute(walkforwards.insert(), row)

    def result(self, job: str) -> WalkForwardResult:
        """BadInput when there is none of that name. Of one that is not complete, the rows that are done."""
        with transaction(self._engine, write=False) as connection:
            found = connection.execute(sa.select(walkforwards.c.result).where(walkforwards.c.job == job)).scalar()
            if found is None:
                known = connection.execute(sa.select(walkforwards.c.job)).scalars().all()
                raise BadInput(f'there is no walk-forward "{job}".{did_you_mean(job, known)}', fix="See the list.")
        kept = msgspec.msgpack.decode(found, type=WalkForwardResult)
        return kept if kept.complete else self._so_far(kept)

    def _so_far(self, kept: WalkForwardResult) -> WalkForwardResult:
        """With the rows that are done, the best Sharpe first; nothing more is known of one that was ended."""

        def place(row: WalkSummary) -> tuple[bool, bool, float]:
            sharpe = row.metrics.get("sharpe", float("nan"))
            return bool(row.error), not row.passed, -sharpe if np.isfinite(sharpe) else float("inf")

        return msgspec.structs.replace(kept, rows=sorted(self.rows(kept.job), key=place))

    def walk(self, job: str, strategy: str) -> WalkResult:
        """One strategy of it; BadInput when there is none."""
        query = sa.select(walks.c.data).where(walks.c.job == job, walks.c.strategy == strategy)
        with transaction(self._engine, write=False) as connection:
            found = connection.execute(query).scalar()
        if found is None:
            known = [row.strategy for row in self.rows(job)]
            raise BadInput(f'"{job}" has no walk of "{strategy}".{did_you_mean(strategy, known)}')
        return msgspec.msgpack.decode(found, type=WalkResult)

    def walks(self, job: str) -> list[WalkResult]:
        """All strategies that are done."""
        query = sa.select(walks.c.data).where(walks.c.job == job).order_by(walks.c.strategy)
        with transaction(self._engine, write=False) as connection:
            found = connection.execute(query).scalars().all()
        return [msgspec.msgpack.decode(data, type=WalkResult) for data in found]

    def rows(self, job: str) -> list[WalkSummary]:
        """The summaries of all strategies that are done."""
        query = sa.select(walks.c.summary).where(walks.c.job == job).order_by(walks.c.strategy)
        with transaction(self._engine, write=False) as connection:
            return [_summary(text) for text in connection.execute(query).scalars()]

    def jobs(self, job: str | None = None) -> list[WalkForwardResult]:
        """All walk-forwards, or the one of this name, oldest first."""
        query = sa.select(walkforwards.c.result).order_by(walkforwards.c.created_ms)
        if job is not None:
            query = query.where(walkforwards.c.job == job)
        with transaction(self._engine, write=False) as connection:
            found = connection.execute(query).scalars().all()
        return [msgspec.msgpack.decode(data, type=WalkForwardResult) for data in found]

    def newest(self, limit: int) -> list[WalkForwardSummary]:
        """Newest first."""
        query = sa.select(walkforwards.c.result).order_by(walkforwards.c.created_ms.desc()).limit(max(limit, 0))
        with transaction(self._engine, write=False) as connection:
            found = [msgspec.msgpack.decode(r, type=WalkForwardResult) for r in connection.execute(query).scalars()]
        found = [r if r.complete else self._so_far(r) for r in found]
        return [
            WalkForwardSummary(
                job=r.job,
                created_ms=r.created_ms,
                spec=r.spec,
                rows=len(r.rows),
                passed=sum(row.passed for row in r.rows),
                best=r.rows[0] if r.rows else None,
                complete=r.complete,
            )
            for r in found
        ]

    # the ledger

    def trials(self, symbol: str, from_ms: int, to_ms: int) -> list[Trials]:
        """Every trial on bars of the symbol that overlap [from_ms, to_ms)."""
        t = trials.c
        query = sa.select(trials).where(t.symbol == symbol, t.from_ms < to_ms, t.to_ms > from_ms)
        with transaction(self._engine, write=False) as connection:
            found = connection.execute(query).mappings().all()
        return [_tried(row) for row in found]

    def _note(self, connection: sa.Connection, tried: Trials) -> None:
        """Trials of the same sets replace those before them; others join them."""
        row = msgspec.structs.asdict(tried)
        where = [trials.c[name] == row[name] for name in _TRIAL_KEY]
        before = connection.execute(sa.select(trials).where(*where)).mappings().first()
        if before is not None:
            old = _tried(before)
            missing = ~np.isin(np.frombuffer(old.keys, "<u8"), np.frombuffer(tried.keys, "<u8"))
            row["keys"] += np.frombuffer(old.keys, "<u8")[missing].tobytes()
            row["sharpes"] += np.frombuffer(old.sharpes, "<f8")[missing].tobytes()
        row["correlation"] = None if np.isnan(tried.correlation) else tried.correlation
        connection.execute(self._upsert(trials, row), row)

    # the queue

    def enqueue(self, entries: Iterable[tuple[str, WalkForwardSpec]]) -> None:
        """Add (job, spec) at the end; a job that waits already stays where it is."""
        with transaction(self._engine, write=True) as connection:
            place = connection.execute(sa.select(sa.func.max(walk_queue.c.place))).scalar() or 0
            known = set(connection.execute(sa.select(walk_queue.c.job)).scalars())
            for job, spec in entries:
                if job not in known:
                    place += 1
                    row = {"place": place, "job": job, "spec": _json(spec), "state": "waiting", "error": ""}
                    connection.execute(walk_queue.insert(), row)

    def queued(self) -> list[QueueEntry]:
        """What waits, runs or has failed, in order."""
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(sa.select(walk_queue).order_by(walk_queue.c.place)).mappings().all()
        return [
            QueueEntry(
                job=row["job"],
                spec=msgspec.json.decode(row["spec"], type=WalkForwardSpec),
                state=row["state"],
                error=row["error"],
            )
            for row in rows
        ]

    def set_state(self, job: str, state: str, error: str = "") -> None:
        """'' takes it out of the queue."""
        where = walk_queue.c.job == job
        with transaction(self._engine, write=True) as connection:
            if state:
                connection.execute(walk_queue.update().where(where).values(state=state, error=error))
            else:
                connection.execute(walk_queue.delete().where(where))

    # promotions

    def promote(self, sets: Iterable[Promoted]) -> None:
        """Make them active; one that is active for the same strategy, symbol and timeframe is withdrawn."""
        p = promotions.c
        with transaction(self._engine, write=True) as connection:
            number = connection.execute(sa.select(sa.func.max(p.number))).scalar() or 0
            for item in sets:
                number += 1
                same = (p.strategy == item.strategy, p.symbol == item.symbol, p.timeframe == item.timeframe)
                connection.execute(promotions.update().where(*same, p.until_ms == 0).values(until_ms=item.since_ms))
                row = msgspec.structs.asdict(item) | {"number": number, "until_ms": 0}
                row["params"], row["provenance"] = _json(item.params), _json(_named(item.provenance))
                connection.execute(promotions.insert(), row)

    def demote(self, number: int, now_ms: int) -> None:
        """Withdraw one; what it replaced is active again. BadInput when it is not active."""
        p = promotions.c
        with transaction(self._engine, write=True) as connection:
            active = sa.select(promotions).where(p.number == number, p.until_ms == 0)
            row = connection.execute(active).mappings().first()
            if row is None:
                raise BadInput(f"promotion {number} is not active.", fix="See: pyroquant promote --list")
            connection.execute(promotions.update().where(p.number == number).values(until_ms=max(now_ms, 1)))
            same = (p.strategy == row["strategy"], p.symbol == row["symbol"], p.timeframe == row["timeframe"])
            replaced = sa.select(p.number).where(*same, p.until_ms == row["since_ms"], p.number < number)
            before = connection.execute(replaced.order_by(p.number.desc()).limit(1)).scalar()
            if before is not None:
                connection.execute(promotions.update().where(p.number == before).values(until_ms=0))

    def promoted(self, *, history: bool = False) -> list[Promoted]:
        """Active ones in the order of their promotion; with history, all, newest first."""
        query = sa.select(promotions).order_by(promotions.c.number.desc() if history else promotions.c.number)
        if not history:
            query = query.where(promotions.c.until_ms == 0)
        with transaction(self._engine, write=False) as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Promoted(
                **{name: row[name] for name in row if name not in ("params", "provenance")},
                params=msgspec.json.decode(row["params"], type=dict[str, float]),
                provenance={k: float(v) for k, v in msgspec.json.decode(row["provenance"]).items()},
            )
            for row in rows
        ]

    def _upsert(self, table: sa.Table, row: Mapping[str, Any]) -> Any:
        keys = [c.name for c in table.primary_key]
        statement = self._insert(table)
        fresh = {name: statement.excluded[name] for name in row if name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=fresh)


def _tried(row: Mapping[Any, Any]) -> Trials:
    fields = {name: row[name] for name in Trials.__struct_fields__}
    return Trials(**fields | {"correlation": float("nan") if row["correlation"] is None else row["correlation"]})


def _named(figures: Mapping[str, float]) -> dict[str, float | str]:
    """JSON has no nan: such figures are kept by name."""
    return {k: v if np.isfinite(v) else str(float(v)) for k, v in figures.items()}


def _summary(text: str) -> WalkSummary:
    plain = msgspec.json.decode(text)
    plain["metrics"] = {k: float(v) for k, v in plain["metrics"].items()}
    return msgspec.convert(plain, WalkSummary)


def _json(value: Any) -> str:
    if isinstance(value, WalkSummary):
        value = msgspec.to_builtins(value) | {"metrics": _named(value.metrics)}
    return msgspec.json.encode(value).decode()
