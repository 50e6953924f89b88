"""A world in which there is one of everything, with a word in it that only some may read; it can be put back."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adapters.memory import Memory, Posted
from adapters.memory.records import ChannelRecord
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from config.settings import Settings
from storage import help as help_store
from storage.database import Database
from storage.search import store as search_store
from tests.cogs.test_link import Elsewhere
from tests.doors import CHANNELS, STAFF, MemoryDoor, MemoryKit
from tests.story import Person, Seen, Story

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_HOMES = {
    "drafts": "(SELECT drafts.id, community_id FROM drafts JOIN members ON members.id = member_id)",
}
_SEQUENCES = "sqlite_sequence"
"""SQLite's own table of the numbers given last, which has no triggers."""
CALLERS = {
    "outsider": "guest",
    "gated": "zoe",
    "member": "kenji",
    "author": "mia",
    "agent": "ava",
    "moderator": "liam",
    "admin": "ada",
    "foreign member": "maya",
    "foreign admin": "boss",
}
"""The nine kinds of people by who they are here: `author` asked, hosts and suggested all that there is of that kind."""

CANARIES: Mapping[str, frozenset[str]] = {
    "canary-draft": frozenset({"author"}),
    "canary-anonymous": frozenset(),
    "canary-staff": frozenset({"agent", "moderator", "admin"}),
    "canary-private": frozenset({"author", "agent", "moderator", "admin"}),
    "canary-gate": frozenset({"agent", "moderator", "admin"}),
    "canary-message": frozenset({"author", "moderator", "admin"}),
    "canary-article": frozenset({"moderator", "admin"}),
    "03:33": frozenset(),
    "canary-foreign": frozenset({"foreign member", "foreign admin"}),
    "canary-home": frozenset({"member", "author", "agent", "moderator", "admin"}),
}
"""Words that stand somewhere, and which of the nine may ever be shown them.

`canary-anonymous` is the name of who asks anonymously and votes where that is hidden: everybody else may reveal it only
by the one call that says so. `03:33` is when somebody else is not to be asked.
"""
COMMUNITY = """
[[topics]]
name = "billing"
words = ["invoice", "charged"]
agents_only = true

[[topics]]
name = "webhooks"
words = ["webhook", "secret"]

[recognition]
values = ["kindness"]

[onboarding.guidelines]
version = "1"
text = "Be kind."

[[onboarding.purposes]]
name = "I have a question"
journey = "everyone"

[[onboarding.journeys]]
name = "everyone"
steps = ["welcome", "purpose", "guidelines", "interests", "zone", "introduce", "buddy"]

[[onboarding.interests]]
name = "Gardens"

[onboarding.gate]
guidelines = true
moderator = true
role = "mentor"
"""


class World:
    """Two communities in one process, and what stands in them."""

    def __init__(self, app: Application, home: Memory, there: Memory, clock: MovableClock, file: Path) -> None:
        self.app = app
        self.platforms: tuple[Memory, ...] = (home, there)
        self.clock = clock
        self._file = sqlite3.connect(file, isolation_level=None)

    def platform_of(self, who: str) -> Memory:
        return next(platform for platform in self.platforms if who in platform.people)

    # Putting it back

    def keep(self) -> None:
        """Remember how it is now, and have SQLite note from now on in which tables anything is written."""
        names = [name for (name,) in self._file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        self._rows = {name: self._all(name) for name in names}
        self._file.execute("CREATE TABLE touched (name TEXT)")
        for name in {*names} - {_SEQUENCES}:
            for how in ("INSERT", "UPDATE", "DELETE"):
                note = f"INSERT INTO touched VALUES ('{name}')"  # noqa: S608
                self._file.execute(f'CREATE TRIGGER "{name}_{how}" AFTER {how} ON "{name}" BEGIN {note}; END')
        self._kept = [_state(platform) for platform in self.platforms]

    def posted(self) -> list[Posted]:
        """Return what was posted or edited since."""
        return [
            posted
            for platform, kept in zip(self.platforms, self._kept, strict=True)
            for id_, posted in platform.messages.items()
            if id_ not in kept["messages"] or kept["messages"][id_].card is not posted.card
        ]

    def touched(self) -> set[str]:
        """Return the tables in which anything was written since, even if it is gone again."""
        return {name for (name,) in self._file.execute("SELECT DISTINCT name FROM touched")}

    def is_changed(self, table: str) -> bool:
        """Say whether any row of a table is new, gone or different."""
        return {*self._all(table)} != {*self._rows[table]}

    async def put_back(self) -> None:
        """Have it be as it was kept, once nothing is being written any more.

        Row by row, not by putting a copy in the file's place: for that each connection had to read anew what tables
        there are, which took longer than all else together.
        """
        async with self.app.database.unit() as unit:
            _ = await unit.begin()  # waits for its turn
        if touched := self.touched():
            self._file.execute("BEGIN IMMEDIATE")
            for name in (*touched, _SEQUENCES):
                self._file.execute(f'DELETE FROM "{name}"')  # noqa: S608
                if rows := self._rows[name]:
                    places = ", ".join("?" * len(rows[0]))
                    self._file.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)  # noqa: S608
            self._file.execute("DELETE FROM touched")
            self._file.execute("COMMIT")
            search_store._INDEXES._kept.clear()
            help_store._WINDOWS._kept.clear()
        for platform, kept in zip(self.platforms, self._kept, strict=True):
            for name, value in kept.items():
                setattr(platform, name, _copied(value, getattr(platform, name)))

    def close(self) -> None:
        self._file.close()

    def _all(self, table: str) -> list[tuple[Any, ...]]:
        return [*self._file.execute(f'SELECT * FROM "{table}"')]  # noqa: S608

    def homes(self, table: str) -> dict[int, int]:
        """Return of which community the rows of a table are, by their ids."""
        rows = self._file.execute(f"SELECT id, community_id FROM {_HOMES.get(table, table)} ORDER BY id")  # noqa: S608
        return dict(rows)


def _state(platform: Memory) -> dict[str, Any]:
    names = ("people", "places", "messages", "dialogs", "asked_in", "calendar", "_nonces", "_joined", "_left")
    return {name: _copied(getattr(platform, name)) for name in names}


def _copied(kept: Any, now: Any = _NOTHING) -> Any:
    """Return a copy of a part of a platform's state: of what can be changed only as much as is not like that `now`."""
    if not isinstance(kept, dict):
        return copy.copy(kept)
    return {id_: now[id_] if now.get(id_) == one else _renewed(one) for id_, one in kept.items()}


def _renewed(one: Any) -> Any:
    if isinstance(one, Posted):
        return replace(one, reactions={emoji: {*people} for emoji, people in one.reactions.items()})
    return replace(one) if isinstance(one, ChannelRecord) else one


@asynccontextmanager
async def world(folder: Path, database_file: Path, clock: MovableClock) -> AsyncIterator[World]:
    """Make the world, ready to be tried."""
    file = folder / "community.toml"
    file.write_text(COMMUNITY)
    kit, there = MemoryKit(folder, clock.now), Elsewhere(clock.now, "there")
    for name in (*CHANNELS, "agents"):
        there.add_channel(name)
    there.add_person("boss", "Boss", roles=("admin",))
    there.add_person("maya", "Maya")
    kit.platform.add_person("sofia", "canary-anonymous")
    kit.platform.add_person("guest", "Gwen")
    kit.platform.people["guest"] = replace(kit.platform.people["guest"], guest=True)
    settings = {"TRELLIS_COMMUNITY_FILE": str(file), "TRELLIS_POLLS_PER_DAY": "100", "TRELLIS_EVENTS_PER_DAY": "100"}
    database = Database(f"sqlite:///{database_file}")
    app = build_application(Settings.model_validate(settings), database, [kit.platform, there], clock)
    await app.start()
    made = World(app, kit.platform, there, clock, database_file)
    try:
        home = Story(app, MemoryDoor(kit.platform, app.settle), clock)
        await _fill(home)
        await _fill_there(Story(app, MemoryDoor(there, app.settle), clock))
        for going_on in app._running:  # by the machine's time, whoever tries what: who was seen is written down then
            going_on.cancel()
        made.keep()
        yield made
    finally:
        made.close()
        await app.stop()


async def _fill(story: Story) -> None:
    mia, noah, sofia, ava, liam = (story.person(name) for name in ("mia", "noah", "sofia", "ava", "liam"))
    for name in (*STAFF, "mia", "noah", "kenji", "guest", "sofia"):
        await story.person(name).uses("/help")
    await story.prefers("sofia", quiet_from="03:33", quiet_to="03:34")
    await _newcomers(story)
    await _questions(story)
    await _polls(story)
    for title, person in (("A dark theme for the app", mia), ("Dark mode at night", noah), ("Larger letters", mia)):
        await person.uses("/idea add", title=f"{title} canary-home")
        if "Mine is another one" in (await person.last_private()).controls:
            await person.presses("Mine is another one")
    await liam.uses("/idea merge", idea="2", into="1")
    await mia.uses("/idea add", title="A dark theme for the app canary-home", details="canary-draft")
    assert "Mine is another one" in (await mia.last_private()).controls
    for title, more in (("Seed swap", {}), ("Tea", {"repeat": "weekly"})):
        await mia.uses("/event create", title=f"{title} canary-home", when="2026-03-05T18:00+00:00", **more)
        await mia.presses("Post")
    await noah.presses("Going", on=await noah.reads("Seed swap", "events"))
    await mia.presses("Host tools", on=await mia.reads("Seed swap", "events"))
    await mia.presses("Message everyone")
    await mia.fills(words="canary-message")
    await mia.uses("/event create", title="canary-draft", when="2026-03-06T18:00+00:00")
    await mia.uses("/thanks", member=story.named("noah"), reason="for patience, canary-home")
    await ava.says("canary-staff", "agents")
    await mia.uses("/link")
    await sofia.uses("/link")


async def _newcomers(story: Story) -> None:
    mia, otto = story.person("mia"), story.person("otto")
    await story.person("zoe").joins()
    await otto.joins()
    await story.passes(minutes=11)
    await otto.presses("Start")
    await otto.presses("I agree")
    await otto.presses("Ask to come in")
    await otto.fills(words="canary-gate")
    await mia.uses("/introduce", about="I am Mia. canary-home")
    await story.person("noah").uses("/me")
    await story.person("noah").presses("Be a buddy")


async def _questions(story: Story) -> None:
    mia, noah, sofia, liam = (story.person(name) for name in ("mia", "noah", "sofia", "liam"))
    thread = story.thread(await _asks(mia, "How do I rotate the webhook secret? canary-home"))
    answer = await noah.says("Under Settings, Webhooks, Rotate.", thread)
    await mia.presses("Mark as solved", on=await mia.reads("How do I rotate", "help"))
    await liam.picks("Save to knowledge base", answer)
    await liam.fills(heading="canary-article", answer="canary-article")
    await _asks(mia, "Can a webhook go to two addresses? canary-home")
    gnomes = await _asks(mia, "How do I mute the garden gnomes? canary-home")
    await noah.says("Press the red hat.", story.thread(gnomes))
    await _asks(sofia, "Who trims the hedge? canary-home", anonymous="true")
    await mia.says("Why was I charged twice? canary-home", "help")
    await _privately(story)
    await mia.uses("/ask", question="How do I rotate the webhook secret?", details="canary-draft")
    assert "Post my question" in (await mia.last_private()).controls


async def _privately(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question="canary-private", private="true")
    await mia.presses("Send it to support")
    await ava.says("canary-private", story.thread(await ava.reads("For support alone: canary-private", "agents")))
    await mia.uses("/ask", question="canary-draft", private="true")
    assert "Send it to support" in (await mia.last_private()).controls


async def _asks(person: Person, question: str, **how: str) -> Seen:
    """Have a question posted, whatever is known; return its card."""
    await person.uses("/ask", question=question, **how)
    if "Post my question" in (await person.last_private()).controls:
        await person.presses("Post my question")
    return await person.reads(question, "help")


async def _polls(story: Story) -> None:
    mia, sofia, omar = story.person("mia"), story.person("sofia"), story.person("omar")
    kinds: tuple[tuple[str, dict[str, str]], ...] = (
        ("single", {}),
        ("single", {"hidden": "true"}),
        ("single", {"anonymous": "true"}),
        ("ranked", {}),
        ("rating", {}),
    )
    for number, (kind, more) in enumerate(kinds):
        options = "Tea\nCoffee\nWater"
        await mia.uses(
            "/poll create", question=f"Which {kind} {number}? canary-home", options=options, kind=kind, **more
        )
        await mia.presses("Post it")
        if more:
            await sofia.presses("Tea", on=await sofia.reads(f"Which {kind} {number}?", "general"))
    await mia.uses("/poll create", question="Which was it? canary-home", options="Tea\nCoffee")
    await mia.presses("Post it")
    await mia.uses("/poll close", poll="6")
    await omar.uses("/poll create", "agents", question="canary-staff", options="canary-staff-1\ncanary-staff-2")
    await omar.presses("Post it")
    await mia.uses("/poll create", question="canary-draft", options="canary-draft-1\ncanary-draft-2")


async def _fill_there(story: Story) -> None:
    maya, boss = story.person("maya"), story.person("boss")
    await boss.uses("/help")
    await maya.uses("/ask", question="Where is the canary-foreign?")
    await maya.uses("/idea add", title="More canary-foreign")
    await maya.uses("/poll create", question="canary-foreign?", options="canary-foreign-1\ncanary-foreign-2")
    await maya.presses("Post it")
    await maya.uses("/event create", title="canary-foreign", when="2026-03-05T18:00+00:00")
    await maya.presses("Post")
    await boss.uses("/thanks", member=story.named("maya"), reason="for the canary-foreign")
