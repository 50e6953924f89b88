"""What questions and answers mean is found out after they are written, some at a time."""

from __future__ import annotations

from typing import Any

from bot.kernel.cog import Cog, action, every, listener
from bot.kernel.domain_events import AnswerAccepted, QuestionAsked
from bot.kernel.work import Work
from storage.members import Member
from storage.search import SearchStore

from . import calls

AT_ONCE = 200
"""Of so many texts it is found out in one go."""
KEY = "meanings"


class Meanings(Cog):
    """Only where answers are looked for by meaning, too."""

    name = "meanings"
    room = "Questions"

    def __init__(self, search: SearchStore) -> None:
        self.search = search

    @listener(QuestionAsked)
    async def asked(self, work: Work, _: QuestionAsked) -> None:
        await self._learn(work)

    @listener(AnswerAccepted)
    async def answered(self, work: Work, _: AnswerAccepted) -> None:
        await self._learn(work)

    @every("daily 04:00")
    async def catch_up(self, work: Work) -> None:
        """What was imported, and what was written before this was switched on."""
        await self._learn(work)

    @action
    async def learn(self, work: Work) -> None:
        """Go on."""
        await self._learn(work)

    async def _learn(self, work: Work) -> None:
        if await self.search.learn(AT_ONCE) == AT_ONCE:
            await work.schedule(calls.learn(), work.now, key=KEY)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None:
        """The texts are forgotten with the questions."""
