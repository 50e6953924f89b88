"""Measurements, each against a baseline taken in the same run: `python -m benchmarks.gateway`.

They are no tests. A time says more about the machine than about Trellis, so every page ends in a ratio, and goals are
ratios where they can be. docs/performance.md says what there is, and holds the results.
"""
