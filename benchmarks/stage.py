"""A community at work in this process, on the platform that lives in memory, and the acts that are measured in it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database
from tests.doors import MemoryDoor, MemoryKit, seen_of
from tests.story import Seen, Story

from .counting import Count, counted

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CROWD = 60
"""How many people take part in the acts."""
FIRST = 5
"""How many of each act are done before any is counted: what is done once for everybody is done then."""
_THINGS = (
    "tomato",
    "basil",
    "compost",
    "trellis",
    "irrigation",
    "greenhouse",
    "seedling",
    "pruning",
    "mulch",
    "pollen",
)
_VERBS = ("grow", "water", "repot", "store", "dry", "label", "share", "order", "mend", "move")


@dataclass(slots=True)
class Act:
    """One kind of thing that people do, what was counted of it, and how often it was done."""

    name: str
    counts: list[Count] = field(default_factory=list)
    done: int = 0

    def mean(self, of: Callable[[Count], float]) -> float:
        """Return the mean of something that was counted."""
        return sum(map(of, self.counts)) / self.done

    @property
    def asked(self) -> dict[str, Any]:
        """Every different statement, with some parameters."""
        return {statement: parameters for count in self.counts for statement, parameters in count.asked.items()}


class Stage:
    """A story with a crowd, whose acts are counted."""

    def __init__(self, story: Story, names: Sequence[str], platform: Memory) -> None:
        self.story = story
        self._platform = platform
        self.names = names
        self._chance = random.Random(7)
        self._asked = 0
        self._listed = False

    def question(self) -> str:
        """Return a question that was not asked yet, in words that others were asked in."""
        self._asked += 1
        things = self._chance.sample(_THINGS, 3)
        return f"How do I {self._chance.choice(_VERBS)} {things[0]} {things[1]} and {things[2]} on day {self._asked}?"

    async def act(self, name: str, times: int, *, listed: bool = False) -> Act:
        """Do something so many times, by one person after another, and let the minute pass in which it settles.

        Each trip to the database is `listed` if that is asked for.
        """
        self._listed = listed
        prepare = {
            "question posted": self._ask,
            "vote pressed": self._vote,
            "“Going” pressed": self._go,
            "reminder, for one person": self._remind,
            "/me": self._me,
        }
        return await prepare[name](Act(name), times)

    async def _ask(self, act: Act, times: int) -> Act:
        async def ask(who: str) -> None:
            person = self.story.person(who)
            await person.uses("/ask", "help", question=self.question())
            # Not by what the person sees: to draw all of that takes longer than the act.
            shown = [posted for posted in self._platform.visible(who) if posted.reader][-1]
            controls = seen_of(shown.card)["controls"] if shown.card else {}
            if "Post my question" in controls:
                await self.story.door.press(who, shown.ref.id, controls["Post my question"])

        return await self._each(act, times, ask)

    async def _vote(self, act: Act, times: int) -> Act:
        author = self.story.person("mia")
        await author.uses("/poll create", question=self.question(), options="Library, Park, Café")
        await author.presses("Post it")
        card = (await author.sees("general"))[-1]
        return await self._each(act, times, lambda who: self._press(who, card, self._chance.choice([*card.controls])))

    async def _go(self, act: Act, times: int) -> Act:
        card = await self._event(self.story.now + timedelta(days=20))
        return await self._each(act, times, lambda who: self._press(who, card, "Going"))

    async def _remind(self, act: Act, times: int) -> Act:
        """Let an hour pass in which everyone who goes is reminded, in their direct channel."""
        card = await self._event(self.story.now + timedelta(days=1, minutes=30))
        act.done = min(times, CROWD)
        for who in self.names[: act.done]:
            await self._press(who, card, "Going")
            await self.story.prefers(who, direct_ok=True)
        await self.story.passes(minutes=1)
        with counted(listed=self._listed) as count:
            await self.story.passes(hours=1)
        act.counts.append(count)
        return act

    async def _me(self, act: Act, times: int) -> Act:
        return await self._each(act, times, lambda who: self.story.person(who).uses("/me"))

    async def _event(self, when: datetime) -> Seen:
        host = self.story.person("mia")
        await host.uses("/event create", title=f"Workshop {self.question()[9:60]}", when=when.isoformat())
        await host.presses("Post")
        return (await host.sees("events"))[-1]

    async def _press(self, who: str, card: Seen, label: str) -> None:
        await self.story.door.press(who, card.id, card.controls[label])

    async def _each(self, act: Act, times: int, does: Callable[[str], Awaitable[None]]) -> Act:
        for number in range(FIRST + times):
            with counted(listed=self._listed) as count:
                await does(self.names[number % len(self.names)])
            if number < FIRST:
                await self.story.passes(minutes=1)
            else:
                act.counts.append(count)
        with counted(listed=self._listed) as count:
            await self.story.passes(minutes=1)
        act.counts.append(count)
        act.done = times
        return act


ACTS = ("reminder, for one person", "question posted", "vote pressed", "“Going” pressed", "/me")
"""In this order: while reminders become due, nothing else does."""


class Environment:
    """A platform with the crowd and so many people more, and a database, which both outlast a stage."""

    def __init__(self, folder: Path, more: int = 0) -> None:
        self.database = folder / "trellis.db"
        self._clock = MovableClock(START)
        self._platform = MemoryKit(folder, self._clock.now).platform
        self._names = [f"p{number}" for number in range(CROWD)]
        for name in (*self._names, *(f"c{number}" for number in range(more))):
            self._platform.add_person(name, name.upper())

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        """Have Trellis at work while the block lasts."""
        settings = Settings.model_validate({"TRELLIS_THANKS_PER_DAY": "1000", "TRELLIS_THANKED_PER_DAY": "1000"})
        app = build_application(settings, Database(f"sqlite:///{self.database}"), [self._platform], self._clock)
        await app.start()
        try:
            door = MemoryDoor(self._platform, app.scheduler.idle)
            yield Stage(Story(app, door, self._clock), self._names, self._platform)
        finally:
            await app.stop()
