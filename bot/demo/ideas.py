"""Ideas that people had, voted for, and saw decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from .stage import Act, Pass, posted_in, press


@dataclass(frozen=True, slots=True)
class Scene:
    """Someone suggested something, others wanted it, and perhaps it was decided, with a reason."""

    author: str
    title: str
    details: str
    voters: tuple[str, ...]
    status: str = ""
    note: str = ""
    says: tuple[tuple[str, str], ...] = field(default=())


SCENES = (
    Scene(
        "sofia",
        "A dark theme for the mobile app",
        "Growers look at it before sunrise, and white hurts.",
        ("mia", "noah", "kenji", "ava"),
        "shipped",
        "In version 2.5, under Settings, Appearance.",
        (("kenji", "Yes please, also for the charts."),),
    ),
    Scene(
        "noah",
        "Sign webhooks with two secrets while one is rotated",
        "So that nothing is lost between the two.",
        ("sofia", "kenji"),
        "planned",
        "It comes with the new signature scheme in spring.",
    ),
    Scene(
        "mia",
        "Print labels for seed packets from the stock list",
        "We copy them by hand into a spreadsheet now.",
        ("sofia",),
    ),
    Scene("kenji", "A command line switch that only validates a pipeline", "", ("noah", "mia", "omar")),
    Scene(
        "ava",
        "Close accounts after thirty days without a login",
        "",
        (),
        "declined",
        "People who grow things go away for a season, and come back.",
    ),
)


async def tell(act: Act, passes: Pass) -> None:
    """Live through them."""
    for number, scene in enumerate(SCENES, 1):
        words = {"title": scene.title, "details": scene.details}
        command = {"do": "command", "channel": "ideas", "name": "idea add", "options": words}
        added = await act({"as": scene.author, **command})
        card = posted_in("ideas", added)
        for who in scene.voters:
            await passes(timedelta(minutes=3))
            await press(act, who, card, "vote.vote:*")
        for who, said in scene.says:
            await act({"as": who, "do": "message", "channel": card["replies"][0]["thread"], "text": said})
        if scene.status:
            await passes(timedelta(hours=3))
            decided = {"idea": str(number), "status": scene.status, "note": scene.note}
            await act({"as": "liam", "do": "command", "channel": "ideas", "name": "idea status", "options": decided})
        await passes(timedelta(hours=1))
