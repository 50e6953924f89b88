"""How many examples Hypothesis tries: 200, or as many as a test asks for, and ten thousand in `make soak`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from hypothesis import HealthCheck, settings


def tried(times: int, *, deadline: timedelta | None = None, suppress: Collection[HealthCheck] = ()) -> settings:
    """Return the settings of a test that is tried so often, or as often as `make soak` says.

    `suppress` names health checks that cannot hold.
    """
    usual = settings()
    if settings.get_current_profile_name() == "soak":
        times = max(times, usual.max_examples)
    checks = {*suppress, *usual.suppress_health_check}
    return settings(max_examples=times, deadline=deadline, suppress_health_check=[*checks])
