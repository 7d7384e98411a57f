"""The data watchdog, case by case."""

from __future__ import annotations

import dataclasses

import pytest

from engine.feeds.settings import FeedSettings
from engine.feeds.watchdog import trouble

S = 1_000_000_000
SETTINGS = FeedSettings(ack_timeout_s=10, first_frame_s=30, stall_s=30, stall_symbols=10)


@dataclasses.dataclass
class Connection:
    """A connection subscribed at 100 s, monotonic and wall clock alike."""

    phase: str = "live"
    subscribed_ns: int = 100 * S
    first_data_ns: int = 101 * S
    last_frame_ns: int = 101 * S
    last_event_ms: int = 101_000
    refused: str = ""


def verdict(connection: Connection, at_s: float, symbols: int = 30, server_s: float | None = None) -> str:
    server_ms = int(1000 * (at_s if server_s is None else server_s))
    now = int(at_s * S)
    return trouble(connection, symbols, SETTINGS, monotonic_ns=now, wall_ns=now, server_ms=server_ms)


@pytest.mark.parametrize("phase", ["waiting", "connecting", "ended"])
def test_what_is_not_subscribed_is_left_alone(phase: str) -> None:
    assert verdict(Connection(phase, 0, 0, 0, 0), 10_000) == ""


def test_an_acknowledgement_is_waited_for() -> None:
    waiting = Connection("subscribing", first_data_ns=0)
    assert verdict(waiting, 110) == ""
    assert "not acknowledged within 10 s" in verdict(waiting, 110.1)


def test_first_data_is_waited_for_and_a_refusal_is_the_cause() -> None:
    silent = Connection(first_data_ns=0)
    assert verdict(silent, 130) == ""
    assert "check the category in the URL" in verdict(silent, 130.1)
    assert verdict(Connection(first_data_ns=0, refused="too many"), 131).endswith("too many")


def test_a_stall_needs_silence_and_an_old_event() -> None:
    assert verdict(Connection(), 131) == ""
    assert verdict(Connection(), 132) == "stalled: no data for 31 s although the connection is open"
    assert verdict(Connection(last_event_ms=131_000), 132) == ""
    assert verdict(Connection(last_frame_ns=190 * S), 200) == ""
    assert verdict(Connection(), 132, server_s=120) == ""


def test_few_symbols_may_be_quiet_for_longer() -> None:
    assert verdict(Connection(), 200, symbols=1) == ""
    assert verdict(Connection(), 402, symbols=1).startswith("stalled")
    assert verdict(Connection(first_data_ns=0), 399, symbols=1) == ""
    assert verdict(Connection(first_data_ns=0), 401, symbols=1).startswith("no data within 300 s")
