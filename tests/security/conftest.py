"""A clock, and SQLite without its thread, as stories have them."""

from __future__ import annotations

from tests.cogs.conftest import at_once, clock

__all__ = ["at_once", "clock"]
