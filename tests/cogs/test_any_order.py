"""A community in which anything happens in any order: people press whatever they see, and Trellis is started again.

Hypothesis makes up their lives and shortens one that goes wrong. `make soak` lives thousands of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage import database
from storage.backlog import BacklogStore
from storage.database import Database
from tests.doors import MemoryKit
from tests.examples import tried
from tests.on_the_spot import OnTheSpot
from tests.story import Seen, Story
from tests.unsaid import unsaid

from .conftest import START

PEOPLE = ("mia", "noah", "kenji", "sofia", "ava", "omar", "liam", "ada")
SPAN = ("general", "help", "introductions", "events", "ideas")
EMOJIS = ("🙏", "✅", "👍", "💚")
DIGEST = "What you did for each other"
"""The title of what tells of thanks once more, a week later."""
T = TypeVar("T")
who = st.sampled_from(PEOPLE)
pick = st.integers(min_value=0, max_value=10_000)


class Complaints(logging.Handler):
    """What Trellis logs of faults of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.name}: {record.getMessage()} {record.exc_info and record.exc_info[1]!r}")


class Lives(RuleBasedStateMachine):
    """Some people, one Trellis, and the hours of their days."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(database, "sqlite_engine", OnTheSpot)
        self.folder = Path(tempfile.mkdtemp(prefix="trellis-lives-", dir=self._memory()))
        self.clock = MovableClock(START)
        self.kit = MemoryKit(self.folder, self.clock.now)
        self.number = itertools.count(1)
        self.asked: dict[str, str] = {}
        """What was written on a card by whom; each stands once at most in the channel for it."""
        self.said: list[tuple[str, str]] = []
        """Who wrote which message."""
        self.complaints = Complaints()
        logging.getLogger().addHandler(self.complaints)

    @staticmethod
    def _memory() -> str | None:
        return "/dev/shm" if Path("/dev/shm").is_dir() else None

    def does(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)

    @initialize()
    def begins(self) -> None:
        self.does(self._begin())

    async def _begin(self) -> None:
        database = Database(f"sqlite:///{self.folder / 'trellis.db'}")
        app = build_application(Settings.model_validate({}), database, [await self.kit.adapter()], self.clock)
        await app.start()
        self.story = Story(app, await self.kit.door(app.settle), self.clock)

    def ref(self) -> str:
        return f"zq{next(self.number):04}"

    # What people do

    @rule(who=who)
    def asks(self, who: str) -> None:
        ref = self.ref()
        self.asked[ref] = "help"
        self.does(self.story.person(who).uses("/ask", question=f"How do I prune {ref}?"))

    @rule(who=who)
    def writes_a_question(self, who: str) -> None:
        ref = self.ref()
        self.said.append((who, self.does(self.story.person(who).says(f"How can I water {ref} in winter?", "help"))))

    @rule(who=who)
    def suggests(self, who: str) -> None:
        ref = self.ref()
        self.asked[ref] = "ideas"
        self.does(self.story.person(who).uses("/idea add", title=f"A bench for {ref}"))

    @rule(who=who)
    def polls(self, who: str) -> None:
        self.does(self.story.person(who).uses("/poll create", question=f"Where to, {self.ref()}?", options="A, B, C"))

    @rule(who=who, hours=st.integers(min_value=1, max_value=60))
    def plans(self, who: str, hours: int) -> None:
        options = {"title": f"Walk {self.ref()}", "when": f"in {hours} hours"}
        self.does(self.story.person(who).uses("/event create", **options))

    @rule(who=who, whom=who)
    def thanks(self, who: str, whom: str) -> None:
        ref = self.ref()
        self.asked[ref] = "general"
        self.does(self.story.person(who).uses("/thanks", member=f"@{whom}", reason=f"For the patience with {ref}"))

    @rule(who=who, channel=st.sampled_from(SPAN))
    def chats(self, who: str, channel: str) -> None:
        self.said.append((who, self.does(self.story.person(who).says(f"Look at {self.ref()}", channel))))

    @rule(
        who=who, command=st.sampled_from(["/me", "/away", "/back", "/privacy pause", "/duty on", "/duty off", "/queue"])
    )
    def decides(self, who: str, command: str) -> None:
        self.does(self.story.person(who).uses(command))

    @rule(who=who, pick=pick)
    def presses(self, who: str, pick: int) -> None:
        """Press one of the buttons that somebody sees, or choose from one of the menus."""
        self.does(self._press(who, pick))

    async def _press(self, who: str, pick: int) -> None:
        seen = await self.story.person(who).sees()
        offered: list[tuple[Seen, str, list[str]]] = [
            (one, control, []) for one in seen for control in one.controls.values()
        ]
        offered += [(one, one.menu, [value]) for one in seen if one.menu for value in one.options.values()]
        if offered:
            message, control, values = offered[-1 - pick % len(offered)]
            await self.story.door.press(who, message.id, control, values)

    @rule(who=who)
    def sends_the_form(self, who: str) -> None:
        if self.story.person(who).form:
            self.does(self.story.person(who).fills())

    @rule(who=who, pick=pick, emoji=st.sampled_from(EMOJIS))
    def reacts(self, who: str, pick: int, emoji: str) -> None:
        seen = [one for one in self.does(self.story.person(who).sees()) if not one.private]
        if seen:
            self.does(self.story.person(who).reacts(emoji, seen[-1 - pick % len(seen)].id))

    @rule(pick=pick, words=st.sampled_from(["How can I water roses?", "Never mind", "🌱"]))
    def edits(self, pick: int, words: str) -> None:
        if self.said:
            who, message = self.said[pick % len(self.said)]
            self.does(self.story.person(who).edits(message, words))

    @rule(pick=pick)
    def deletes(self, pick: int) -> None:
        if self.said:
            who, message = self.said.pop(pick % len(self.said))
            self.does(self.story.person(who).deletes(message))

    @rule(who=st.sampled_from(PEOPLE[:4]))
    def leaves_and_comes_back(self, who: str) -> None:
        self.does(self.story.person(who).leaves())
        self.does(self.story.person(who).joins())

    # What happens to Trellis

    @rule(minutes=st.sampled_from([1, 10, 31, 90, 600, 1500, 5000]))
    def time_passes(self, minutes: int) -> None:
        self.does(self.story.passes(minutes=minutes))

    @rule(minutes=st.sampled_from([-60, -2, 60, 43_200]))
    def has_its_clock_set(self, minutes: int) -> None:
        """Somebody sets the machine's clock. That is noticed."""
        self.clock.is_set(timedelta(minutes=minutes))
        self.does(self.story.app.runner.bring_forward())
        self.does(self.story.app.settle())

    @rule()
    def is_started_again(self) -> None:
        self.does(self.story.app.stop())
        self.does(self._begin())

    @rule(channel=st.sampled_from(SPAN), minutes=st.sampled_from([5, 200]))
    def is_kept_out_for_a_while(self, channel: str, minutes: int) -> None:
        self.does(self.story.keeps_out(channel))
        self.does(self.story.passes(minutes=minutes))
        self.does(self.story.lets_back(channel))

    # What always holds

    @invariant()
    def nothing_goes_wrong_on_our_side(self) -> None:
        assert not self.complaints.heard

    @invariant()
    def nothing_is_said_twice(self) -> None:
        if not self.asked:
            return
        seen = self.does(self.story.person("ada").sees())
        cards = Counter(
            ref
            for one in seen
            if one.author == "trellis" and not one.private and DIGEST not in one.title
            for ref, channel in self.asked.items()
            if one.channel == channel and ref in f"{one.title} {one.body}"
        )
        assert not {ref: times for ref, times in cards.items() if times > 1}

    def teardown(self) -> None:
        """In the end nothing waits that could be done, nothing was set aside, and nothing is unsaid."""
        try:
            if hasattr(self, "story"):
                self.does(self.story.passes(days=1))
                backlog = self.does(BacklogStore(self.story.app.database).read(self.clock.now()))
                assert backlog.dead == 0 and not any(queue.depth for queue in backlog.queues.values()), backlog
                assert not self.does(unsaid(self.story.app.database))
                assert not self.complaints.heard
        finally:
            logging.getLogger().removeHandler(self.complaints)
            with contextlib.suppress(AttributeError):
                self.does(self.story.app.stop())
            self.runner.close()
            self.patch.undo()
            shutil.rmtree(self.folder, ignore_errors=True)


Lives.TestCase.settings = settings(tried(4), stateful_step_count=30)
test_lives = Lives.TestCase
