"""Ticks to candles, timeframes and gaps. One definition of a bar for live, replay, back-test and walk-forward."""
