"""What every test may use."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "soak", max_examples=10_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
"""For a night of its own: `make soak`."""
