"""The events of the demo: one that is over, one that repeats, and one that more want to come to than can."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .stage import Act, Pass

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
    for who, answer in (("mia", "Going"), ("noah", "Going"), ("sofia", "Going"), ("kenji", "Maybe")):
        await _press(act, who, over, answer)
    weekly = await _plan(act, "ava", WEEKLY)
    for who in ("mia", "omar"):
        await _press(act, who, weekly, "Going")
    full = await _plan(act, "noah", FULL)
    for who in ("sofia", "kenji", "mia", "omar"):
        await passes(timedelta(minutes=11))
        await _press(act, who, full, "Going")
    await passes(timedelta(hours=26))
    for who in ("mia", "noah", "sofia"):
        await _is_here(act, who, over)
    await passes(timedelta(hours=3))


async def _plan(act: Act, host: str, options: dict[str, str]) -> dict[str, Any]:
    """Have an event posted; return its card."""
    command = {"do": "command", "channel": "events", "name": "event create", "options": options}
    echo = (await act({"as": host, **command}))["replies"][-1]
    posted = (await _press(act, host, echo, "Post"))["posted"]
    card: dict[str, Any] = next(message for message in posted if message["channel"] == "events")
    return card


async def _press(act: Act, who: str, message: dict[str, Any], label: str) -> dict[str, Any]:
    control = next(control["id"] for control in message["controls"] if control["label"] == label)
    return await act({"as": who, "do": "press", "message": message["id"], "control": control})


async def _is_here(act: Act, who: str, card: dict[str, Any]) -> None:
    """Check in. The card as it was posted does not have that button yet."""
    calendar = next(control["id"] for control in card["controls"] if control["label"] == "Add to calendar")
    here = f"attend.here:{calendar.partition(':')[2]}"
    await act({"as": who, "do": "press", "message": card["id"], "control": here})
