"""The events of the demo: one that is over, one that repeats, and one that more want to come to than can."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .stage import Act, Pass, posted_in, press

OVER = {
    "title": "Ask the maintainers",
    "when": "in 26 hours",
    "duration": "45 minutes",
    "place": "https://meet.example.org/fernway",
    "description": "Bring your questions about the next release. No slides, just talk.",
}
WEEKLY = {
    "title": "Office hours",
    "when": "friday 16:00",
    "duration": "30 minutes",
    "place": "https://meet.example.org/office",
    "description": "Drop in with anything you are stuck on.",
    "repeat": "weekly",
}
FULL = {
    "title": "Webhooks from scratch",
    "when": "in 10 days 18:00",
    "duration": "90 minutes",
    "place": "The greenhouse, Gartenstraße 5",
    "description": "We build a receiver together, test it and break it. Bring a laptop.",
    "capacity": "3",
}


async def tell(act: Act, passes: Pass) -> None:
    """Plan three events, sign up for them, and meet at the first."""
    over = await _plan(act, "liam", OVER)
    for who, answer in (("mia", "going"), ("noah", "going"), ("sofia", "going"), ("kenji", "maybe")):
        await press(act, who, over, f"attend.answer:*:{answer}")
    weekly = await _plan(act, "ava", WEEKLY)
    for who in ("mia", "omar"):
        await press(act, who, weekly, "attend.answer:*:going")
    full = await _plan(act, "noah", FULL)
    for who in ("sofia", "kenji", "mia", "omar"):
        await passes(timedelta(minutes=11))
        await press(act, who, full, "attend.answer:*:going")
    await passes(timedelta(hours=26))
    for who in ("mia", "noah", "sofia"):
        await _is_here(act, who, over)
    await passes(timedelta(hours=3))


async def _plan(act: Act, host: str, options: dict[str, str]) -> dict[str, Any]:
    """Have an event posted; return its card."""
    command = {"do": "command", "channel": "events", "name": "event create", "options": options}
    return posted_in("events", await press(act, host, await act({"as": host, **command}), "plan.post:*"))


async def _is_here(act: Act, who: str, shown: dict[str, Any]) -> None:
    """Check in. The card as it was posted does not have that button yet."""
    [card] = shown["replies"]
    event = card["controls"][0]["id"].split(":")[1]
    await act({"as": who, "do": "press", "message": card["id"], "control": f"attend.here:{event}"})
