"""The bus over a real loopback socket: token, commands, events, slow clients, garbage."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bus import wire
from engine.bus.client import BusClient
from engine.bus.hub import Hub, Outlet
from engine.bus.server import BusServer
from engine.contracts.commands import AnyCommand, CancelJob, ListSignals, Ok, SignalPage, Subscribe
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Gap, JobProgress, LogLine, Quotes
from engine.contracts.signals import SignalBlock

TOKEN = "t" * 32


async def answer(command: AnyCommand, peer: object) -> Any:
    if isinstance(command, ListSignals):
        return SignalPage(block=SignalBlock())
    if isinstance(command, CancelJob):
        raise BadInput(f'no job "{command.job}"', where="jobs", fix="List them first.")
    raise RuntimeError("boom")


@contextlib.asynccontextmanager
async def served(hub: Hub | None = None) -> AsyncIterator[tuple[Hub, BusServer]]:
    hub = hub or Hub()
    server = BusServer(hub, TOKEN, answer)
    await server.start()
    try:
        yield hub, server
    finally:
        await server.close()


def line(n: int) -> LogLine:
    return LogLine(ts=n, level="info", source="test", text="x" * 50)


async def test_a_command_gets_its_typed_reply_and_an_error_its_three_parts() -> None:
    async with served() as (_, server):
        client = await BusClient.connect("127.0.0.1", server.port, TOKEN, "test")
        assert await client.ask(ListSignals()) == SignalPage(block=SignalBlock())
        with pytest.raises(BadInput) as caught:
            await client.ask(CancelJob(job="j7"))
        assert (caught.value.what, caught.value.where, caught.value.fix) == ('no job "j7"', "jobs", "List them first.")
        await client.close()


async def test_a_wrong_token_is_refused_and_a_dead_port_is_explained() -> None:
    async with served() as (_, server):
        with pytest.raises(PyroError, match="token"):
            await BusClient.connect("127.0.0.1", server.port, "wrong", "test")
        port = server.port
    with pytest.raises(PyroError, match="no engine answers"):
        await BusClient.connect("127.0.0.1", port, TOKEN, "test")


async def test_a_port_in_use_is_one_clear_sentence() -> None:
    async with served() as (hub, server):
        with pytest.raises(PyroError, match=r"cannot listen on this port.*bus\.address"):
            await BusServer(hub, TOKEN, answer).start(port=server.port)


async def test_events_come_numbered_in_order_and_unknown_topics_are_refused() -> None:
    async with served() as (hub, server):
        client = await BusClient.connect("127.0.0.1", server.port, TOKEN, "test")
        seen: list[int] = []
        done = asyncio.Event()

        def hear(event: LogLine) -> None:
            seen.append(event.ts)
            if event.ts == 99:
                done.set()

        client.on(LogLine, hear)
        with pytest.raises(BadInput, match='Did you mean "signals"'):
            await client.ask(Subscribe(topics=["signal"]))
        assert isinstance(await client.ask(Subscribe(topics=["log"])), Ok)
        for n in range(100):
            hub.publish(line(n))
        await asyncio.wait_for(done.wait(), 5)
        assert seen == list(range(100))
        await client.close()


async def test_the_loss_of_the_engine_fails_what_waits_and_is_told_once() -> None:
    async with served() as (_, server):
        client = await BusClient.connect("127.0.0.1", server.port, TOKEN, "test")
        reasons: list[str] = []
        closed = asyncio.Event()
        client.on_close(lambda reason: (reasons.append(reason), closed.set()))
        await server.close()
        await asyncio.wait_for(closed.wait(), 5)
        assert len(reasons) == 1
        with pytest.raises(PyroError, match="engine is gone"):
            await client.ask(ListSignals())
        await client.close()


@pytest.mark.parametrize("raw", [b"\xff" * 64, struct.pack("<I", 2**31) + b"x", b"GET / HTTP/1.1\r\n\r\n"])
async def test_a_stranger_is_cut_off_and_others_go_on(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with served() as (_, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(raw)
        assert await asyncio.wait_for(reader.read(), 6) == b""
        writer.close()
        await writer.wait_closed()
        client = await BusClient.connect("127.0.0.1", server.port, TOKEN, "test")
        assert await client.ask(ListSignals()) == SignalPage(block=SignalBlock())
        await client.close()


def test_a_slow_receiver_keeps_the_latest_and_is_told_what_it_missed() -> None:
    hub = Hub()
    outlet = Outlet("slow", lambda: None, limit=3)
    hub.attach(outlet)
    hub.subscribe(outlet, frozenset({"log", "jobs"}))
    for n in range(5):
        hub.publish(line(n))
        hub.publish(JobProgress(job="a", kind="backtest", title="t", state="running", fraction=n / 5))
    frames, gaps = outlet.take()
    assert len(frames) == 4
    assert gaps == [Gap(of="log", missed=2, after=3)]
    last = wire.from_server(frames[-1][4:])
    assert isinstance(last, wire.Publish)
    assert isinstance(last.event, JobProgress)
    assert last.event.fraction == 0.8
    assert outlet.dropped == 2


def test_a_new_subscriber_of_quotes_gets_the_whole_table_first_and_again_after_a_loss() -> None:
    hub = Hub()
    hub.snapshot("quotes", lambda: [Quotes(rows=b"all")])
    outlet = Outlet("w", lambda: None, limit=2)
    hub.attach(outlet)
    hub.subscribe(outlet, frozenset({"quotes"}))
    for _ in range(3):
        hub.publish(Quotes(rows=b"some"))
    frames, gaps = outlet.take()
    assert b"all" in frames[0]
    assert hub.fill_gaps(outlet, gaps) == []
    refreshed, _ = outlet.take()
    assert b"all" in refreshed[0]


@given(st.lists(st.binary(max_size=300), max_size=8), st.data())
def test_frames_survive_any_chunking(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(struct.pack("<I", len(b)) + b for b in bodies)
    reader = wire.FrameReader()
    out: list[bytes] = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        out += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert out == bodies


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decoder_do_anything_but_refuse(body: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError):
        wire.from_client(body)
