"""Tests and benchmarks of PyroQuant."""
