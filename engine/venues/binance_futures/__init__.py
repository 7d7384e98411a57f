"""Binance USD-M Futures: protocol without I/O."""
