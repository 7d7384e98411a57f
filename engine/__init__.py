"""What is true: feeds, candles, indicators, rules, signals, store, back-tests and the processes that run them.

No Qt.
"""
