"""The I/O shells of market data: connections, their plan and budgets, REST, back-fill. No candles are built here."""
