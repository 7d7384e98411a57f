"""The chart: bars, indicators, signals and trades of one symbol, and the equity curve of a backtest."""
