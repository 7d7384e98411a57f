"""What README shows about the lake runs as it stands there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.store.bars import wide_dtype
from engine.store.funding import write_funding
from engine.store.lake import Lake

README = Path(__file__).resolve().parents[3] / "README.md"
SECTION = README.read_text("utf-8").partition("### The lake")[2].partition("\n## ")[0]
SNIPPETS = {re.search(r"import (\w+)", s)[1]: s for s in re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)}  # type: ignore[index]


@pytest.mark.parametrize("name", ["polars", "duckdb", "pandas"])
def test_the_lake_is_read_as_it_stands(name, tmp_path, monkeypatch, capsys):
    """Also where bid and ask and funding were imported."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    lake = Lake(tmp_path / "lake")
    bars = np.ones(1500, wide_dtype(QUOTE_COLUMNS))
    bars["ts"] = 1_704_067_200_000 + np.arange(1500) * 60_000
    lake.write("oanda-forex:EUR_USD", "1m", bars)
    plain = np.ones(1500, CANDLE_DTYPE)
    plain["ts"] = bars["ts"]
    lake.write("binance-spot:BTCUSDT", "1m", plain[:700])
    lake.write("binance-spot:BTCUSDT", "1m", plain[700:])
    write_funding(lake.root, "binance-futures:BTCUSDT", np.array([1_704_067_200_000]), np.array([0.0001]))
    monkeypatch.chdir(tmp_path)
    exec(SNIPPETS[name], {})
    assert re.search(r"1[_,]?500", capsys.readouterr().out)
