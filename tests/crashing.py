"""Runs Trellis in a process of its own that dies, as by `kill -9`, or is told to stop, right after one durable step.

A durable step is a commit, or something that a platform did for us or was told by us. They are counted from the moment
at which something is heard that a member waits for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from collections.abc import Awaitable, Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

import aiohttp

from adapters.contract.events import MessagePosted
from adapters.contract.ui import Card
from bot import Cog, Context, Work, action, listener
from bot.cli import _run as run
from bot.delivery.gate import Manner
from bot.kernel.router import Router
from config.settings import Settings
from storage.members import Member
from storage.sqlite import GroupWriter

from .launching import forks

_LOOKS = re.compile(r"\.(info|list|history|replies|open|test)$|/gateway")
"""What only looks: nothing is different after it."""


def run_and_die(settings: dict[str, str], after: int, log: str, how: signal.Signals = signal.SIGKILL) -> BaseProcess:
    """Run Trellis in a process that is sent a signal right after that durable step.

    What it did until then stands in the file `log`.
    """
    process = forks.Process(target=_child, args=(settings, after, log, how), daemon=True)
    process.start()
    return process


def words_of(log: str) -> str:
    """Return what the process logged."""
    file = Path(f"{log}.log")
    return file.read_text() if file.exists() else ""


def _child(settings: dict[str, str], after: int, log: str, how: signal.Signals) -> None:
    # Its own words go to a file: a process that is killed in the middle of a line leaves half of it.
    logging.basicConfig(filename=f"{log}.log", level=logging.INFO)
    asyncio.run(_run(settings, after, log, how))


async def _run(settings: dict[str, str], after: int, log: str, how: signal.Signals) -> None:
    steps = _Steps(after, log, how)
    steps.count(GroupWriter, "_commit", lambda *_: "commit")
    steps.count(aiohttp.ClientSession, "_request", lambda _, method, url, *__: f"{method} {url}")
    steps.count(aiohttp.ClientWebSocketResponse, "send_str", lambda _, words, *__: f"socket {words[:60]}")
    steps.begin_at(Router, "receive")
    await run(Settings.model_validate(settings))


class _Steps:
    """Counts what is durable, and ends the process after so many."""

    def __init__(self, after: int, log: str, how: signal.Signals) -> None:
        self._left = after
        self._log = log
        self._how = how
        self._began = False

    def begin_at(self, owner: type, name: str) -> None:
        """Count from the first call of a method on."""
        whole = getattr(owner, name)

        async def begin(*args: Any, **facts: Any) -> Any:
            self._began = True
            return await whole(*args, **facts)

        setattr(owner, name, begin)

    def count(self, owner: type, name: str, told: Callable[..., str]) -> None:
        """Count what a method did."""
        whole = cast(Callable[..., Awaitable[Any]], getattr(owner, name))

        async def counted(*args: Any, **facts: Any) -> Any:
            result = await whole(*args, **facts)
            self._step(told(*args))
            return result

        setattr(owner, name, counted)

    def _step(self, told: str) -> None:
        if not self._began or _LOOKS.search(told.partition("?")[0]):
            return
        self._left -= 1
        with open(self._log, "a", encoding="utf-8") as file:
            file.write(f"{told}\n")
        if not self._left:
            os.kill(os.getpid(), self._how)


class Bell(Cog):
    """A cog that does one of everything: it says something in a channel, schedules a job, and tells a member."""

    name = "bell"

    @listener(MessagePosted, where=lambda _, glance: glance.text.startswith("Ring"))
    async def ring(self, ctx: Context, event: MessagePosted) -> None:
        """Somebody rings: it is heard in the channel, and later they are told."""
        ctx.say(event.message.ref.channel, Card(f"Heard: {event.message.text}"), key=event.id)
        await ctx.schedule(Bell.toll.call(ctx.member.id), ctx.now, key=f"toll/{event.id}")

    @action
    async def toll(self, work: Work, member_id: int) -> None:
        """It is due that who rang is told."""
        member = await work.members.get(member_id)
        assert member
        work.tell(member, Card("For whom the bell tolls"), key="toll", manner=Manner.WANTED)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...
