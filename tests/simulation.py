"""A community simulated with a seed: the whole of Trellis in one loop whose time nobody waits for.

Time passes by jumping to whatever is due next, the clock tells that time, SQLite is met without its thread, and what is
left to chance is left to one seeded generator. So a seed tells the same days every time, whatever the machine does
besides: what people do, a platform that fails, is away, takes messages and says that it did not, tells things again and
in disorder, and a process that is killed before any statement.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import apscheduler.schedulers.base
from typing_extensions import override

from adapters.contract.adapter import Away, Retry
from adapters.contract.models import Account, Channel, MessageRef
from adapters.contract.ui import Card
from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.kernel import application, scheduler
from config.settings import Settings
from storage import sqlite
from storage.backlog import BacklogStore
from storage.database import Database
from tests.at_once import AtOnce
from tests.doors import MemoryDoor, MemoryKit
from tests.story import Seen, Story
from tests.unsaid import unsaid

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVERY = 600.0
"""Simulated seconds between two heartbeats, sweeps and refreshments: what is done each few seconds is most of a day."""

QUIET = 6 * 3600.0
"""Simulated seconds after which whatever waits for a platform was tried again, and again."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop in which as much time has passed as was waited for. What others do in threads is done on the spot."""

    def __init__(self) -> None:
        self.passed = 0.0
        super().__init__(_Selector(self))

    @override
    def time(self) -> float:
        return self.passed

    @override
    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self.create_future()
        future.set_result(func(*args))
        return future


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        """Look at nothing but what there is, and let the time pass for which the loop would have waited."""
        if timeout is None:
            raise AssertionError("nothing will ever happen again")
        self._loop.passed += timeout
        return super().select(0)


class Clock:
    """Tells the time of a loop."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.passed)


class Unreliable(Memory):
    """A platform that fails at times, and keeps a record of what it was asked."""

    def __init__(self, chance: Random, tell: Callable[[str], None], kit: MemoryKit) -> None:
        super().__init__(kit.platform._now)
        self.__dict__ |= kit.platform.__dict__
        self._chance = chance
        self._tell = tell
        self.faulty = True

    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        self._fail(f"post {channel.id}")
        posted = await super().post(channel, card, nonce=nonce, since=since)
        self._tell(f"stands {posted.id} in {channel.id}: {card}")
        self._lose()
        return posted

    async def direct(self, account: Account, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        self._fail(f"direct {account.id}")
        posted = await super().direct(account, card, nonce=nonce, since=since)
        self._tell(f"stands {posted.id} for {account.id}: {card}")
        self._lose()
        return posted

    async def edit(self, message: MessageRef, card: Card) -> None:
        self._fail(f"edit {message.id}")
        await super().edit(message, card)
        self._tell(f"edited {message.id}: {card}")
        self._lose()

    def _fail(self, what: str) -> None:
        fault = self._chance.random() if self.faulty else 1.0
        if fault < 0.05:
            self._tell(f"429 {what}")
            raise Retry("slower", self._chance.choice((0.3, 2.0, 600.0)))
        if fault < 0.08:
            self._tell(f"503 {what}")
            raise Away("try later")

    def _lose(self) -> None:
        if self.faulty and self._chance.random() < 0.03:
            self._tell("the answer is lost")
            raise ConnectionResetError("the answer is lost")


class Killed(BaseException):
    """Whatever a process does after its end."""


class Life:
    """How long a process lives: until it has made so many more statements."""

    def __init__(self, left: int | None) -> None:
        self.left = left
        self.over = asyncio.Event()
        self.connections: list[sqlite3.Connection] = []

    def goes_on(self) -> bool:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.over.set()
        return not self.over.is_set()


class Simulation:
    """Some days of a community. `history` is what happened in them, line by line."""

    def __init__(self, seed: int, folder: Path, loop: SimulatedLoop) -> None:
        self.chance = Random(seed)
        self.history: list[str] = []
        self._loop = loop
        self._folder = folder
        self._clock = Clock(loop)
        self._platform = Unreliable(self.chance, self.tell, MemoryKit(folder, self._clock.now))
        self._people = sorted(self._platform.people)
        self._life = Life(None)
        self._complaints: list[str] = []
        self._asked = 0

    def tell(self, what: str) -> None:
        """Add to the history."""
        self.history.append(f"{self._loop.passed:.6f} {what}")

    async def lives(self, days: float) -> None:
        """Let days pass; in the end quiet hours, after which nothing may be left undone."""
        with ExitStack() as patches:
            self._leave_nothing_to_chance(patches)
            await self._begin()
            until = self._loop.passed + days * 86_400
            while self._loop.passed < until:
                await self._survives(asyncio.sleep(self.chance.expovariate(1 / 1200)))
                await self._survives(self._acts())
            self._platform.faulty, self._life = False, Life(None)
            await self._again()
            await asyncio.sleep(QUIET)
            backlog = await BacklogStore(self.story.app.database).read(self._clock.now())
            assert backlog.dead == 0 and not any(queue.depth for queue in backlog.queues.values()), backlog
            assert not self._complaints
            self._assert_nothing_stands_twice()
            assert not await unsaid(self.story.app.database)
            await self.story.app.stop()

    def complain(self, record: logging.LogRecord) -> bool:
        """Note what Trellis logs of faults of its own, unless it is being killed."""
        if record.levelno >= logging.ERROR and not self._life.over.is_set():
            self._complaints.append(f"{record.getMessage()} {record.exc_info and record.exc_info[1]!r}")
        return True

    def _leave_nothing_to_chance(self, patches: ExitStack) -> None:
        """Have all that asks the machine for something ask us."""
        clock, chance, simulation = self._clock, self.chance, self

        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return clock.now().astimezone(tz)

        class Mortal(AtOnce):
            def __init__(self, connector: Callable[[], sqlite3.Connection], **named: Any) -> None:
                self.life = simulation._life

                def connect() -> sqlite3.Connection:
                    self.life.connections.append(connector())
                    return self.life.connections[-1]

                super().__init__(connect, **named)

            def __del__(self) -> None:
                """Say nothing: who is killed closes nothing."""

            async def _execute(self, fn: Any, *args: Any, **named: Any) -> Any:
                if not self.life.goes_on():
                    raise Killed
                return await super()._execute(fn, *args, **named)  # type: ignore[no-untyped-call]

        complaints = logging.Handler()
        complaints.handle = self.complain  # type: ignore[method-assign]
        logging.getLogger("bot").addHandler(complaints)
        patches.callback(logging.getLogger("bot").removeHandler, complaints)
        patches.enter_context(patch.object(apscheduler.schedulers.base, "datetime", Now))
        patches.enter_context(patch.object(scheduler, "datetime", Now))
        patches.enter_context(patch.multiple(application, BEAT_SECONDS=EVERY, REFRESH_EVERY=EVERY))
        patches.enter_context(patch.object(scheduler, "SWEEP", timedelta(seconds=EVERY)))
        patches.enter_context(patch.object(sqlite, "_Connection", Mortal))
        patches.enter_context(patch("secrets.token_hex", lambda size: chance.randbytes(size).hex()))
        patches.enter_context(patch("secrets.token_urlsafe", lambda size: chance.randbytes(size).hex()))
        patches.enter_context(patch("secrets.choice", chance.choice))
        patches.enter_context(patch("secrets.SystemRandom", lambda: chance))

    async def _begin(self) -> None:
        database = Database(f"sqlite:///{self._folder / 'trellis.db'}")
        app = build_application(Settings.model_validate({}), database, [self._platform], self._clock)
        await app.start()
        self.story = Story(app, MemoryDoor(self._platform, _nothing), self._clock)  # type: ignore[arg-type]

    async def _survives(self, doing: Any) -> None:
        """Do something; where the process dies meanwhile, start the next one."""
        task = asyncio.ensure_future(doing)
        death = asyncio.ensure_future(self._life.over.wait())
        await asyncio.wait([task, death], return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self._life.over.is_set():
            self.tell("killed")
            await self._again()
        else:
            await task

    async def _again(self) -> None:
        """Kill the process, if it lives, and start another one."""
        self._life.over.set()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        for connection in self._life.connections:
            with suppress(sqlite3.ProgrammingError):  # it is closed
                connection.rollback()
                connection.close()
        self.story.app.scheduler._alarm.shutdown(wait=False)
        self._life = Life(None)
        await self._begin()

    # What people do

    async def _acts(self) -> None:
        act = self.chance.choice(ACTS)
        who = self.chance.choice(self._people)
        self.tell(f"{who} {act.__name__.strip('_')}")
        await act(self, who)
        await asyncio.sleep(1)

    async def _asks(self, who: str) -> None:
        self._asked += 1
        await self.story.person(who).uses("/ask", question=f"How do I prune zq{self._asked:04}?")

    async def _writes(self, who: str) -> None:
        await self.story.person(who).says("How can I water roses in winter?", "help")

    async def _suggests(self, who: str) -> None:
        self._asked += 1
        await self.story.person(who).uses("/idea add", title=f"A bench for zq{self._asked:04}")

    async def _polls(self, who: str) -> None:
        await self.story.person(who).uses("/poll create", question="Where to?", options="A, B, C")

    async def _plans(self, who: str) -> None:
        hours = self.chance.randint(1, 60)
        await self.story.person(who).uses("/event create", title="Walk", when=f"in {hours} hours")

    async def _thanks(self, who: str) -> None:
        whom = self.chance.choice(self._people)
        await self.story.person(who).uses("/thanks", member=f"@{whom}", reason="For all the patience with me")

    async def _presses(self, who: str) -> None:
        """Press something that somebody sees; the platform may tell of it twice."""
        seen = await self.story.person(who).sees()
        offered: list[tuple[Seen, str, list[str]]] = [
            (one, control, []) for one in seen[-12:] for control in one.controls.values()
        ]
        offered += [(one, one.menu, [value]) for one in seen[-12:] if one.menu for value in one.options.values()]
        if offered:
            message, control, values = self.chance.choice(offered)
            await self.story.door.press(who, message.id, control, values)
            if self.chance.random() < 0.3 and self._platform.last_event:
                await self._platform.again(self._platform.last_event)

    async def _fills(self, who: str) -> None:
        if self.story.person(who).form:
            await self.story.person(who).fills()

    async def _reacts(self, who: str) -> None:
        seen = [one for one in await self.story.person(who).sees() if not one.private]
        if seen:
            await self.story.person(who).reacts(self.chance.choice("🙏✅👍💚"), self.chance.choice(seen).id)

    async def _loses_connection(self, _: str) -> None:
        self._platform.connected = not self._platform.connected
        if self._platform.connected:
            await self._platform.reconnect()

    async def _dies(self, _: str) -> None:
        """The process is killed before one of its next statements."""
        self._life.left = self.chance.randint(0, 60)

    # What always holds

    def _assert_nothing_stands_twice(self) -> None:
        stood = [
            f"{posted.ref.channel.id} {posted.card.title.plain()}"
            for posted in self._platform.messages.values()
            if posted.card and not posted.reader and " zq" in posted.card.title.plain()
        ]
        where = [one for one in stood if one.startswith(("help ", "ideas "))]
        assert len(where) == len({*where}), where


ACTS: tuple[Callable[[Simulation, str], Awaitable[None]], ...] = (
    *(Simulation._asks, Simulation._writes, Simulation._suggests, Simulation._polls, Simulation._plans),
    *(Simulation._thanks, Simulation._fills, Simulation._reacts, Simulation._loses_connection, Simulation._dies),
    *(Simulation._presses,) * 6,
)


async def _nothing() -> None: ...


def simulate(seed: int, days: float, folder: Path) -> str:
    """Return the history of some days, and of quiet hours after them. Raises what goes wrong in them."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SimulatedLoop)
        simulation = Simulation(seed, folder, loop)
        runner.run(simulation.lives(days))
    return "\n".join(simulation.history)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        sys.stdout.write(simulate(int(sys.argv[1]), float(sys.argv[2]), Path(place)))
