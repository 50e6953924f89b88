"""What all scenes of the demo share: who is there, and how they act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

Act = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Does what `POST /api/playground/act` takes, and answers as it does."""
Pass = Callable[[timedelta], Awaitable[None]]
"""Lets time pass; whatever comes due is done on the way."""

BEGINS = timedelta(days=21)
"""How long ago it begins."""

STAFF = ("ava", "omar", "liam", "ada")
CAST = ("mia", "noah", "kenji", "sofia", *STAFF)
