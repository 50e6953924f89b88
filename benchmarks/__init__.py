"""Measurements, each against a baseline taken in the same run: `python -m benchmarks.chatter`.

They are no tests. A time says more about the machine than about Trellis, so every page ends in a ratio.
"""
