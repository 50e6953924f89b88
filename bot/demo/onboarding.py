"""Newcomers of the last days: one who found her way, and one who has not begun yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .stage import Act, Pass

BUDDIES = (("noah", "0"), ("mia", "3"))
"""Who shows newcomers around, and the number of what they like."""

ABOUT = "I am Zoe. I run a nursery near Lisbon, and I want my greenhouse to tell me when it is thirsty."


async def tell(act: Act, passes: Pass) -> None:
    """Let two people offer to be buddies, and two others arrive."""
    for who, like in BUDDIES:
        page = await _use(act, who, "me")
        page = await _press(act, who, page, "Be a buddy")
        await _press(act, who, await _press(act, who, page, "What I like"), values=[like])
    await act({"as": "zoe", "do": "join", "name": "Zoe"})
    await passes(timedelta(minutes=11))
    step = await _press(act, "zoe", await _use(act, "zoe", "me"), "My next step")
    step = await _press(act, "zoe", step, values=["2"])
    step = await _press(act, "zoe", step, "I agree")
    step = await _press(act, "zoe", step, values=["0", "3"])
    step = await _press(act, "zoe", step, "Introduce myself")
    answers = {"about": ABOUT, "hopes": "Fewer wilted seedlings", "topics": "Anything that grows in a pot"}
    said = await act({"as": "zoe", "do": "submit", "form": step["form"]["id"], "values": answers})
    card = next(message for message in said["posted"] if message["channel"] == "introductions")
    for who in ("mia", "sofia"):
        await passes(timedelta(minutes=3))
        await _press(act, who, {"replies": [card]}, "👋 Say hello")
    await _press(act, "zoe", said, "Find me a buddy")
    await passes(timedelta(minutes=20))
    await act({"as": "yan", "do": "join", "name": "Yan"})
    await passes(timedelta(minutes=11))


async def _use(act: Act, who: str, command: str) -> dict[str, Any]:
    return await act({"as": who, "do": "command", "channel": "general", "name": command, "options": {}})


async def _press(
    act: Act, who: str, seen: dict[str, Any], label: str = "", values: list[str] | None = None
) -> dict[str, Any]:
    """Press a button of what someone was just shown, or choose from its menu; return what they are shown then."""
    kind = "menu" if values else "button"
    for message in reversed(seen["replies"]):
        for control in message["controls"]:
            if control["kind"] == kind and label in ("", control["label"]):
                press = {"as": who, "do": "press", "message": message["id"], "control": control["id"]}
                return await act({**press, "values": values or []})
    raise LookupError(f"{who} sees no {kind} {label!r}")
