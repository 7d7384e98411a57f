"""The chart: bars, indicators, signals and trades of one symbol."""
