"""Every story of the cogs, and every promise of an adapter, once more on Discord."""

from __future__ import annotations
