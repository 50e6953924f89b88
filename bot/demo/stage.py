"""What all scenes of the demo share: who is there, and how they act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

Act = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Does what `POST /api/playground/act` takes, and answers as it does."""
Pass = Callable[[timedelta], Awaitable[None]]
"""Lets time pass; whatever comes due is done on the way."""

BEGINS = timedelta(days=21)
"""How long ago it begins."""

STAFF = ("ava", "omar", "liam", "ada")
CAST = (*STAFF, "mia", "noah", "kenji", "sofia")


async def use(act: Act, who: str, command: str) -> dict[str, Any]:
    """Use a command in the channel for everything."""
    return await act({"as": who, "do": "command", "channel": "general", "name": command, "options": {}})


async def press(
    act: Act, who: str, seen: dict[str, Any], call: str = "*", values: list[str] | None = None
) -> dict[str, Any]:
    """Press a button of what someone was just shown, or choose from its menu; return what they are shown then.

    It goes by what it calls, as a pattern: its label is in the language of whoever reads it.
    """
    kind = "menu" if values else "button"
    for message in reversed(seen["replies"]):
        for control in message["controls"]:
            if control["kind"] == kind and fnmatchcase(control["id"], call):
                press = {"as": who, "do": "press", "message": message["id"], "control": control["id"]}
                return await act({**press, "values": values or []})
    raise LookupError(f"{who} sees no {kind} that calls {call}")


def posted_in(channel: str, acted: dict[str, Any]) -> dict[str, Any]:
    """Return the message that an act had posted in a channel, as something shown to everyone there."""
    posted = next((message for message in acted["posted"] if message["channel"] == channel), None)
    if posted is None:
        raise LookupError(f"nothing was posted in {channel}")
    return {"replies": [posted]}


async def stay_up(act: Act) -> None:
    """Let nobody have quiet hours, so that what a visitor tries works at whatever hour."""
    for who in CAST:
        hours = (await press(act, who, await use(act, who, "me"), "me.hours"))["form"]["id"]
        never = {"quiet_from": "00:00", "quiet_to": "00:00"}
        await act({"as": who, "do": "submit", "form": hours, "values": never})
