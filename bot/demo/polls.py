"""A ranking that was decided, and a poll that is open when the visitor comes: it closes within a week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .stage import Act, Pass, posted_in, press

RANKED = {
    "question": "What shall the next release be called?",
    "options": "Fern, Moss, Willow, Clover",
    "kind": "ranked",
}
RANKINGS = {
    "mia": ("Fern", "Clover"),
    "noah": ("Moss", "Willow", "Fern"),
    "kenji": ("Willow", "Moss"),
    "sofia": ("Fern", "Willow"),
    "ava": ("Moss",),
}
OPEN = {
    "question": "When is the best time for our monthly call?",
    "options": "Monday morning\nWednesday noon\nThursday evening",
    "anonymous": "true",
    "closes": "in 6 days",
}
BALLOTS = {"noah": 2, "kenji": 1, "sofia": 2}
"""Who chooses which option."""


async def tell(act: Act, passes: Pass) -> None:
    """Live through them."""
    card = await _ask(act, "liam", "general", RANKED)
    for who, ranking in RANKINGS.items():
        await passes(timedelta(minutes=5))
        shown = await press(act, who, card, "ballot.begin:*")
        for place in ranking:
            controls = shown["replies"][0]["controls"]
            options = next(control["options"] for control in controls if control["kind"] == "menu")
            chosen = next(option["value"] for option in options if option["label"] == place)
            shown = await press(act, who, shown, values=[chosen])
        if any(control["id"].startswith("ballot.ranked:") for control in shown["replies"][0]["controls"]):
            await press(act, who, shown, "ballot.ranked:*")
    await passes(timedelta(hours=20))
    await act({"as": "liam", "do": "command", "channel": "general", "name": "poll close", "options": {}})
    await passes(timedelta(hours=2))
    card = await _ask(act, "sofia", "ideas", OPEN)
    for who, position in BALLOTS.items():
        await passes(timedelta(minutes=10))
        await press(act, who, card, f"ballot.choose:*:{position}")


async def _ask(act: Act, who: str, channel: str, options: dict[str, str]) -> dict[str, Any]:
    """Ask and post; return the card."""
    drafted = await act({"as": who, "do": "command", "channel": channel, "name": "poll create", "options": options})
    return posted_in(channel, await press(act, who, drafted, "compose.post:*"))
