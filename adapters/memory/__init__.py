"""A platform that lives in memory, for stories in tests: people act on it, and see what any of them would see."""

from .adapter import Memory
from .records import Posted

__all__ = ["Memory", "Posted"]
