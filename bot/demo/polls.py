"""A ranking that was decided, and a poll that is open when the visitor comes: it closes within a week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .stage import Act, Pass

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
BALLOTS = {"noah": "Thursday evening", "kenji": "Wednesday noon", "sofia": "Thursday evening"}


async def tell(act: Act, passes: Pass) -> None:
    """Live through them."""
    card = await _ask(act, "liam", "general", RANKED)
    for who, ranking in RANKINGS.items():
        await passes(timedelta(minutes=5))
        reply = await _press(act, who, card, "Rank them")
        for place in ranking:
            menu = next(control for control in reply["controls"] if control["kind"] == "menu")
            chosen = next(option["value"] for option in menu["options"] if option["label"] == place)
            acted = await act(
                {"as": who, "do": "press", "message": reply["id"], "control": menu["id"], "values": [chosen]}
            )
            reply = _shown(acted, reply)
        if any(control["label"] == "That's my ranking" for control in reply["controls"]):
            await _press(act, who, reply, "That's my ranking")
    await passes(timedelta(hours=20))
    await act({"as": "liam", "do": "command", "channel": "general", "name": "poll close", "options": {}})
    await passes(timedelta(hours=2))
    card = await _ask(act, "sofia", "ideas", OPEN)
    for who, choice in BALLOTS.items():
        await passes(timedelta(minutes=10))
        await _press(act, who, card, choice)


async def _ask(act: Act, who: str, channel: str, options: dict[str, str]) -> dict[str, Any]:
    """Ask and post; return the card."""
    drafted = await act({"as": who, "do": "command", "channel": channel, "name": "poll create", "options": options})
    preview = drafted["replies"][0]
    posted = await act({"as": who, "do": "press", "message": preview["id"], "control": _control(preview, "Post it")})
    card: dict[str, Any] = next(message for message in posted["posted"] if message["channel"] == channel)
    return card


async def _press(act: Act, who: str, message: dict[str, Any], label: str) -> dict[str, Any]:
    """Press a button; return what is shown then."""
    acted = await act({"as": who, "do": "press", "message": message["id"], "control": _control(message, label)})
    return _shown(acted, message)


def _control(message: dict[str, Any], label: str) -> str:
    return str(next(control["id"] for control in message["controls"] if control["label"] == label))


def _shown(acted: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the private answer to an act, or the message that it drew anew."""
    shown: dict[str, Any] = next(iter(acted["replies"]), before)
    return shown
