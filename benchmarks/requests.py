"""What one story asks of each platform, from `/ask` to the digest: requests, and the messages that people get to see.

    python -m benchmarks.requests

A question is answered by a peer, another one by support; an event is signed up for, an idea and a poll are voted on,
somebody is thanked, somebody arrives, and a week later the digest tells of it. The strict loopback platforms of the
tests count, and the real client libraries ask; what starting takes is not counted.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database
from tests.adapters.discord.door import DiscordKit
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import BOT
from tests.story import Story

from .report import Row, print_table
from .stage import START

QUESTION = "How do I rotate the webhook secret?"
CAST = ("mia", "noah", "sofia", "kenji", "ava")


class OnDiscord:
    """Discord. `before` is what was counted of this story at revision 0ed2c56."""

    name, before = "Discord", (81, 43)

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.kit = self._kit = DiscordKit(folder, clock.now)

    def requests(self) -> Counter[str]:
        return Counter(f"{asked.method} {_shape(asked.path)}" for asked in self._kit.server.requests)

    def messages(self) -> int:
        world = self._kit.server.world
        return len([kept for kept in world.messages.values() if kept.data["author"]["id"] == world.bot])


class OnSlack:
    """Slack. `before` is what was counted of this story at revision 0ed2c56."""

    name, before = "Slack", (115, 44)

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.kit = self._kit = SlackKit(folder, clock.now)

    def requests(self) -> Counter[str]:
        return Counter(method for method, _ in self._kit.server.calls)

    def messages(self) -> int:
        server = self._kit.server
        posted = [message for place in server.places.values() for message in place.messages.values()]
        return len([message for message in posted if message["user"] == BOT]) + len(server.ephemeral)


Platform: TypeAlias = OnDiscord | OnSlack


def _shape(path: str) -> str:
    """Return a path without the ids in it."""
    return "/".join("*" if part.isdigit() or part.startswith("interaction-") else part for part in path.split("/"))


async def tell(story: Story) -> None:
    """Tell the story: a week in every room."""
    mia, noah, sofia, kenji, ava = (story.person(name) for name in CAST)
    await mia.uses("/ask", question=QUESTION)
    question = await noah.reads(QUESTION, "help")
    await story.passes(minutes=20)
    await noah.presses("I can help", on=question)
    await noah.says("Under Settings, Webhooks, Rotate.", story.thread(question))
    await mia.presses("Mark as solved", on=await mia.reads(QUESTION, "help"))
    await mia.presses("😀 Great")
    await ava.uses("/duty on")
    await sofia.uses("/ask", question="Why was my invoice charged twice?")
    await sofia.presses("Send it to support")
    bill = await ava.reads("For support alone", "agents")
    await ava.presses("Claim", on=bill)
    await ava.says("It was our mistake, the money is on its way.", story.thread(bill))
    await sofia.presses("Mark as solved")

    await kenji.uses("/event create", title="Pruning workshop", when=(story.now + timedelta(days=2)).isoformat())
    await kenji.presses("Post")
    workshop = await mia.reads("Pruning workshop", "events")
    for person in (mia, noah, sofia):
        await person.presses("Going", on=workshop)
    await noah.uses("/idea add", title="A second greenhouse")
    idea = await mia.reads("A second greenhouse", "ideas")
    for person in (mia, kenji):
        await person.presses("👍 Vote", on=idea)
    await mia.uses("/poll create", question="Which day?", options="Monday, Tuesday")
    await mia.presses("Post it")
    poll = await noah.reads("Which day?", "general")
    for person in (mia, noah, sofia, kenji):
        await person.presses("Monday", on=poll)
    await sofia.uses("/thanks", member=story.named("noah"), reason="for the clear words")
    await mia.uses("/poll close", poll="1")
    await story.person("zoe").joins("Zoe")
    await story.passes(days=8)
    assert await kenji.reads("What you did for each other", "general")


async def measure(kind: type[Platform]) -> tuple[Platform, Counter[str], int]:
    """Return the platform, the requests by what they ask for, and the messages."""
    with tempfile.TemporaryDirectory() as folder:
        clock = MovableClock(START)
        platform = kind(Path(folder), clock)
        database = Database(f"sqlite:///{Path(folder) / 'trellis.db'}")
        app = build_application(Settings.model_validate({}), database, [await platform.kit.adapter()], clock)
        await app.start()
        try:
            story = Story(app, await platform.kit.door(app.settle), clock)
            for name in CAST:
                await story.person(name).uses("/question list")
                await story.passes(minutes=1)
            requests, messages = platform.requests(), platform.messages()
            await tell(story)
            return platform, platform.requests() - requests, platform.messages() - messages
        finally:
            await app.stop()
            await platform.kit.close()


def rows(platform: Platform, requests: Counter[str], messages: int) -> Iterable[Row]:
    """Return the table's rows of one platform: the whole, and what is asked for most."""
    yield Row(f"{platform.name}, requests", str(requests.total()), f"{platform.before[0]} before")
    yield Row(f"{platform.name}, messages", str(messages), f"{platform.before[1]} before")
    for what, times in requests.most_common(5):
        yield Row(f"  {what}", str(times))


def main() -> None:
    """Measure, and print the table."""
    found = [asyncio.run(measure(kind)) for kind in (OnDiscord, OnSlack)]
    print_table("Requests of one story", [row for one in found for row in rows(*one)])


if __name__ == "__main__":
    main()
