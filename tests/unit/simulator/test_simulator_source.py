import numpy as np
import pytest

from engine.clock import SimulatedClock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.simulator import sample
from engine.simulator.config import FUTURES, FUTURES_DIALECT, SPOT, SPOT_DIALECT, SimulatorConfig
from engine.simulator.files import base_candles, sample_candles
from engine.simulator.server import Simulator
from engine.simulator.source import MarketSource, Series, decimals_in

START = 29_000_000


def source(seed=1, count=12, dialect=SPOT_DIALECT, exact=None, history=5 * 1440):
    config = SimulatorConfig(seed=seed, symbols_per_market=count, history_minutes=history)
    return MarketSource(dialect, config, START, exact or {}, sample_candles(), invented=True)


def ordered(bars):
    body_top, body_bottom = np.maximum(bars["o"], bars["c"]), np.minimum(bars["o"], bars["c"])
    return bool(((bars["h"] >= body_top) & (bars["l"] <= body_bottom) & (bars["l"] >= 1) & (bars["v"] > 0)).all())


def test_any_range_repeats_and_joins_without_a_jump():
    made = source()
    for row in range(len(made.symbols)):
        whole = made.rows(row, START - 3000, START + 3000)
        assert len(whole) == 6001
        assert ordered(whole)
        assert (whole["o"][1:] == whole["c"][:-1]).all() or row < made.fixed
        part = made.rows(row, START - 17, START + 1500)
        assert (part == whole[2983:4501]).all()
        again = source().rows(row, START - 17, START + 1500)
        assert (part == again).all()
        day = made.day(START // 1440)
        at = START % 1440
        assert [day.o[row, at], day.v[row, at]] == [whole["o"][3000], whole["v"][3000]]


def test_seed_market_and_symbol_change_the_candles():
    rows = [s.rows(8, START, START + 50) for s in (source(1), source(2), source(1, dialect=FUTURES_DIALECT))]
    rows.append(source(1).rows(9, START, START + 50))
    assert len({part["c"].tobytes() for part in rows}) == 4


def test_nothing_exists_before_the_history():
    made = source(history=100)
    for row in (0, 9):
        assert made.rows(row, START - 500, START)["minute"][0] == START - 100
        day = made.day((START - 100) // 1440)
        assert (day.v[row, : (START - 100) % 1440] == -1).all() or row < made.fixed


def test_a_base_series_runs_to_and_fro_without_a_jump():
    made = source()
    length = sample.MINUTES
    bars = made.rows(0, START - 1000, START + 3 * length)
    assert (bars["o"][1:] == bars["c"][:-1]).mean() > 0.999
    jumps = np.abs(np.diff(np.log(bars["c"].astype(float))))
    assert jumps.max() < 0.02
    assert ordered(bars)


def test_an_exact_series_keeps_its_minutes_holes_and_bits():
    candles = np.zeros(5, CANDLE_DTYPE)
    candles["ts"] = (START + np.array([0, 1, 2, 7, 8])) * 60_000
    candles["open"] = candles["low"] = [1.05, 1.1, 1.15, 1.2, 1.25]
    candles["close"] = candles["high"] = [1.1, 1.15, 1.2, 1.25, 1.3]
    candles["volume"] = [1, 2.5, 0, 4, 5]
    made = source(count=1, exact={"ODDUSDC": candles})
    symbol = made.symbols[0]
    assert (symbol.base, symbol.quote, symbol.decimals, symbol.lot_decimals, symbol.generated) == (
        "ODD", "USDC", 2, 1, False,
    )  # fmt: skip
    bars = made.rows(0, START - 10, START + 100)
    assert bars["minute"].tolist() == [START, START + 1, START + 2, START + 7, START + 8]
    assert (bars["o"] / made.price_scale[0]).tolist() == candles["open"].tolist()
    assert (bars["v"] / made.lot_scale[0]).tolist() == candles["volume"].tolist()
    assert made.day(START // 1440).v[0, (START + 3) % 1440] == -1


def test_decimals_are_read_from_the_values():
    assert decimals_in(np.array([1.0, 5.0])) == 0
    assert decimals_in(np.array([1.25, 0.1])) == 2
    assert decimals_in(np.array([0.1, 1 / 3])) == 8


def test_names_are_unique_and_the_invented_are_marked():
    made = source(count=40)
    names = [symbol.name for symbol in made.symbols]
    assert len(set(names)) == 40
    assert names[:2] == ["BTCUSDT", "ETHUSDT"]
    assert names[6] == "SIM001USDT"
    assert all(i.generated for i in made.instruments())


def test_the_bundled_sample_is_what_its_script_makes():
    bundled = sample_candles()
    assert list(bundled) == list(sample.SYMBOLS)
    for name, candles in bundled.items():
        made = sample.candles(name)
        assert (candles["ts"] == made["ts"]).all()
        assert np.allclose(candles["close"], made["close"], rtol=1e-6)
        assert (candles["low"] > 0).all()
        assert (candles["high"] >= np.maximum(candles["open"], candles["close"])).all()
        assert (candles["low"] <= np.minimum(candles["open"], candles["close"])).all()


def test_a_folder_of_candles_is_found_and_a_wrong_one_named(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    config = SimulatorConfig(data=str(tmp_path))
    with pytest.raises(BadInput, match="No 1-minute candles for binance-futures"):
        base_candles(config, FUTURES, 0)
    folder = tmp_path / "candles" / "binance-um" / "ABCUSDT"
    folder.mkdir(parents=True)
    candles = sample.candles("ETHUSDT")
    pq.write_table(pa.table({name: candles[name] for name in CANDLE_DTYPE.names}), folder / "1m.parquet")
    inside = int(candles["ts"][2000])
    found, invented = base_candles(config, FUTURES, inside)
    assert (list(found), invented) == (["ABCUSDT"], False)
    assert (found["ABCUSDT"] == candles).all()
    made = MarketSource(FUTURES_DIALECT, config, inside // 60_000, {}, found, invented=False)
    assert made.series(0).shift is None
    assert made.symbols[0].generated is False
    later = MarketSource(FUTURES_DIALECT, config, START * 2, {}, found, invented=False)
    assert later.rows(0, START * 2, START * 2)["minute"].tolist() == [START * 2]
    (folder / "1m.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInput, match=r"1m\.parquet: The candles cannot be read"):
        base_candles(config, FUTURES, inside)


def test_an_unknown_market_is_refused():
    with pytest.raises(BadInput, match='Did you mean "binance-spot"'):
        Simulator(SimulatorConfig(markets=("binance-spott",)), clock=SimulatedClock())
    assert SPOT == "binance-spot"


def test_series_rows_outside_are_empty():
    series = Series(sample.candles("ETHUSDT")[:10], 2, 4, None)
    assert len(series.rows(0, 5)) == 0
