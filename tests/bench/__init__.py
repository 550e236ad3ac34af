"""Benchmarks: ratios against Linux (scripts/bench) and instruction counts."""
