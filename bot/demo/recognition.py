"""The demo's thanks: said in words, by a shortcut, and with a reaction."""

from __future__ import annotations

from datetime import timedelta

from adapters.playground.requests import Refused

from .stage import Act, Pass

THANKS = (
    ("mia", "noah", "You sat down with me until my first webhook arrived. I would have given up.", "kindness"),
    ("noah", "kenji", "Your rollback checklist saved our release on Friday night.", "craft"),
    ("kenji", "sofia", "For asking why we poll at all. Nobody had for a year.", "curiosity"),
    ("ada", "liam", "For saying no to that vendor, in public and without hurting anyone.", "courage"),
)
"""Who thanks whom, for what, and what it shows."""


async def tell(act: Act, passes: Pass) -> None:
    """Live through a day on which people said thanks."""
    for giver, receiver, reason, value in THANKS:
        thanks = {"as": giver, "do": "command", "channel": "general", "name": "thanks"}
        options = {"member": receiver, "reason": reason}
        try:
            await act({**thanks, "options": {**options, "value": value}})
        except Refused:  # a community need not name values
            await act({**thanks, "options": options})
        await passes(timedelta(minutes=50))
    tip = "If your deploy hangs, look at the health check first. Mine waited for a port I had renamed."
    said = (await act({"as": "kenji", "do": "message", "channel": "general", "text": tip}))["posted"][0]["id"]
    for who in ("noah", "sofia", "omar"):
        await passes(timedelta(minutes=6))
        await act({"as": who, "do": "react", "message": said, "emoji": "🙏"})
    form = (await act({"as": "mia", "do": "shortcut", "message": said, "name": "Thank the author"}))["form"]
    prefilled = {field["name"]: field["value"] or "" for field in form["fields"]}
    values = {**prefilled, "reason": "That was exactly it. Two hours of my evening, back."}
    await act({"as": "mia", "do": "submit", "form": form["id"], "values": values})
