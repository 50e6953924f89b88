"""One person, several accounts."""

from __future__ import annotations

from .link import Link

__all__ = ["Link"]
