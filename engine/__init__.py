"""What is true: feeds, candles, indicators, rules, signals, store, back-tests and the processes. No Qt."""

__version__ = "0.1.0"
