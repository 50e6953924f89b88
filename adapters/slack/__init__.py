"""Slack: draws and hears for workspaces, with slack-bolt and slack-sdk."""

from .adapter import Slack
from .check import Check
from .keep import Keep, MemoryKeep

__all__ = ["Check", "Keep", "MemoryKeep", "Slack"]
