"""Newcomers of the last days: one who found her way, and one who has not begun yet."""

from __future__ import annotations

from datetime import timedelta

from .stage import Act, Pass, posted_in, press, use

BUDDIES = (("noah", "0"), ("mia", "3"))
"""Who shows newcomers around, and the number of what they like."""

ABOUT = "I am Zoe. I run a nursery near Lisbon, and I want my greenhouse to tell me when it is thirsty."


async def tell(act: Act, passes: Pass) -> None:
    """Let two people offer to be buddies, and two others arrive."""
    for who, like in BUDDIES:
        page = await use(act, who, "me")
        page = await press(act, who, page, "buddies.volunteer")
        await press(act, who, await press(act, who, page, "steps.show:interests"), values=[like])
    await act({"as": "zoe", "do": "join", "name": "Zoe"})
    await passes(timedelta(minutes=11))
    step = await press(act, "zoe", await use(act, "zoe", "me"), "steps.start")
    step = await press(act, "zoe", step, values=["2"])
    step = await press(act, "zoe", step, "steps.agree:*")
    step = await press(act, "zoe", step, values=["0", "3"])
    step = await press(act, "zoe", step, "introductions.begin")
    answers = {"about": ABOUT, "hopes": "Fewer wilted seedlings", "topics": "Anything that grows in a pot"}
    said = await act({"as": "zoe", "do": "submit", "form": step["form"]["id"], "values": answers})
    card = posted_in("introductions", said)
    for who in ("mia", "sofia"):
        await passes(timedelta(minutes=3))
        await press(act, who, card, "introductions.hello:*")
    await press(act, "zoe", said, "steps.buddy")
    await passes(timedelta(minutes=20))
    await act({"as": "yan", "do": "join", "name": "Yan"})
    await passes(timedelta(minutes=11))
