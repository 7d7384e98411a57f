"""Nothing that arrives on a socket may raise, whatever it is."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.feed import AggTrade, Kline, Malformed, MiniTicker
from engine.venues.registry import VENUES, protocol

PROTOCOLS = [protocol(name) for name in VENUES]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
EVENT = st.fixed_dictionaries(
    {"e": st.sampled_from(["kline", "aggTrade", "24hrMiniTicker", "serverShutdown", "depthUpdate", ""])},
    optional=dict.fromkeys("EsapqflTmchovkxu", JSON) | {"st": JSON, "code": JSON, "msg": JSON, "id": JSON},
)
SHAPE = st.one_of(
    EVENT,
    st.lists(EVENT, max_size=3),
    st.fixed_dictionaries({"stream": JSON, "data": EVENT | st.lists(EVENT, max_size=3) | JSON}),
    st.fixed_dictionaries({"event": EVENT | JSON}),
    st.fixed_dictionaries({"result": JSON, "id": JSON}),
    st.fixed_dictionaries({"error": JSON, "id": JSON}),
    JSON,
)
GOOD = json.dumps(
    {"stream": "a@kline_1m", "data": {"e": "kline", "E": 1_770_000_000_000, "s": "A", "k": {
        "t": 1_770_000_000_000, "T": 0, "s": "A", "i": "1m", "f": 1, "L": 2, "o": "2", "c": "2", "h": "3", "l": "1",
        "v": "1", "n": 2, "x": True}}}
).encode()  # fmt: skip


def sound(messages):
    assert isinstance(messages, list)
    for m in messages:
        if isinstance(m, Kline | MiniTicker):
            assert 0 < m.low <= m.open <= m.high < float("inf")
        if isinstance(m, AggTrade):
            assert 0 < m.price < float("inf")
        if isinstance(m, Malformed):
            assert m.error
            assert isinstance(m.frame, bytes)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_or_text(frame):
    for venue in PROTOCOLS:
        sound(venue.decode(frame))


@settings(max_examples=300)
@given(SHAPE)
def test_any_json_in_the_shape_of_a_frame(value):
    text = json.dumps(value)
    for venue in PROTOCOLS:
        sound(venue.decode(text))
        sound(venue.decode(text.encode()))


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_a_good_frame_with_a_changed_byte_or_cut_short(at, byte, length):
    for venue in PROTOCOLS:
        sound(venue.decode(GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]))
        sound(venue.decode(GOOD[:length]))


@given(
    st.binary(max_size=80), st.integers(100, 599), st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3)
)
def test_no_reply_body_makes_failure_raise(body, status, headers):
    for venue in PROTOCOLS:
        assert venue.failure(status, body, headers).kind in (
            "rate", "banned", "bad_symbol", "bad_request", "blocked", "server",
        )  # fmt: skip
        venue.used_weight(headers)


@given(st.floats(1e-8, 1e9))
def test_prices_are_parsed_as_python_parses_them(price):
    frame = GOOD.replace(b'"o": "2"', f'"o": "{price!r}"'.encode()).replace(b'"h": "3"', b'"h": "1e10"')
    frame = frame.replace(b'"l": "1"', b'"l": "1e-9"')
    [bar] = PROTOCOLS[0].decode(frame)
    assert bar.open == price
