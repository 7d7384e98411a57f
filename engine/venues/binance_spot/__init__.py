"""Binance Spot: protocol without I/O."""
