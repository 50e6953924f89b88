"""The ledger: what the other rooms tell of is put into it, and counts like thanks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from adapters.contract.adapter import Need
from bot.kernel.cog import Cog, listener
from bot.kernel.domain_events import (
    AnswerAccepted,
    AnswerReused,
    AnswerWithdrawn,
    EventAttended,
    EventHosted,
    IdeaShipped,
    NewcomerWelcomed,
)
from bot.kernel.work import Work
from storage.events import EventStore
from storage.ideas import IdeaStore
from storage.kudos import Kind, LedgerEntry
from storage.members import Member
from storage.questions import Question, State

from .service import Recognition


class Ledger(Cog):
    """What people do in the other rooms is seen, too."""

    name = "ledger"
    room = "Recognition"

    def __init__(self, recognition: Recognition, ideas: IdeaStore, events: EventStore) -> None:
        self.recognition = recognition
        self.ideas = ideas
        self.events = events

    def needs(self) -> Collection[Need]:
        return (Need.ROLES,) if any(level.role for level in self.recognition.default.levels) else ()

    @listener(AnswerAccepted)
    async def accepted(self, work: Work, event: AnswerAccepted) -> None:
        await self._settle(work, event.question_id)

    @listener(AnswerWithdrawn)
    async def withdrawn(self, work: Work, event: AnswerWithdrawn) -> None:
        await self._settle(work, event.question_id)

    async def _settle(self, work: Work, question_id: int) -> None:
        """Make the ledger say of a question what its room says now, in whatever order we hear of it."""
        await work.lock(f"answer/{question_id}")
        question = await self._question(work, question_id)
        solver = question.solver_id if question and question.state is State.SOLVED else None
        source = f"answer/{question_id}"
        stands = await self.recognition.kudos.standing_for(source)
        if stands and stands.receiver_id != solver:
            await self.recognition.kudos.reverse(source, work.now, "withdrawn")
        if question and solver and solver != question.asker_id:
            await self.recognition.add(work, await self._answer(work, question, Kind.ANSWER, solver, source))

    @listener(AnswerReused)
    async def reused(self, work: Work, event: AnswerReused) -> None:
        """Whom an old answer helped this time is thankful for it: each of them counts."""
        known, spared = [await self._question(work, id_) for id_ in (event.question_id, event.spared_id)]
        helper, helped = event.helper_id, event.asker_id
        if known and helper != helped and all([await self._is_here(work, member) for member in (helper, helped)]):
            source = f"reuse/{event.spared_id or f'{known.id}/{helped}'}"
            entry = await self._answer(work, known, Kind.REUSE, helper, source)
            anonymous = spared is not None and (spared.anonymous or spared.private)
            await self.recognition.add(work, replace(entry, giver_id=helped, anonymous=anonymous))

    async def _question(self, work: Work, question_id: int) -> Question | None:
        question = await self.recognition.questions.get(question_id)
        return question if question and question.community_id == work.community.id else None

    @staticmethod
    async def _answer(work: Work, question: Question, kind: Kind, helper: int, source: str) -> LedgerEntry:
        if question.private:  # that somebody helped counts, without a word on what and whom
            return LedgerEntry(kind, helper, source, question.asker_id, anonymous=True)
        card = (await work.standing("question", question.id)).find("card")
        return LedgerEntry(
            kind,
            helper,
            source,
            question.asker_id,
            topic=question.topic,
            reason=question.title,
            anonymous=question.anonymous,
            channel=card.channel if card else None,
        )

    @listener(IdeaShipped)
    async def shipped(self, work: Work, event: IdeaShipped) -> None:
        idea = await self.ideas.get(event.idea_id)
        title = idea.title if idea else ""
        await self._note(work, Kind.IDEA, event.author_id, f"idea/{event.idea_id}", title=title)

    @listener(EventHosted)
    async def hosted(self, work: Work, event: EventHosted) -> None:
        held = await self.events.get(event.event_id)
        source, title = f"host/{event.event_id}/{event.member_id}", held.title if held else ""
        await self._note(work, Kind.HOST, event.member_id, source, title=title)

    @listener(EventAttended)
    async def attended(self, work: Work, event: EventAttended) -> None:
        await self._note(work, Kind.ATTEND, event.member_id, f"attend/{event.event_id}/{event.member_id}")

    @listener(NewcomerWelcomed)
    async def welcomed(self, work: Work, event: NewcomerWelcomed) -> None:
        source = f"welcome/{event.newcomer_id}/{event.by_id}"
        await self._note(work, Kind.WELCOME, event.by_id, source, event.newcomer_id)

    async def _note(
        self, work: Work, kind: Kind, receiver: int, source: str, giver: int | None = None, title: str = ""
    ) -> None:
        people = [member for member in (receiver, giver) if member]
        if giver != receiver and all([await self._is_here(work, member) for member in people]):
            await self.recognition.add(work, LedgerEntry(kind, receiver, source, giver, reason=title))

    async def _is_here(self, work: Work, member_id: int) -> bool:
        """Say whether there is such a member here: they may have become one with another since."""
        member = await self.recognition.members.get(member_id)
        return member is not None and member.community_id == work.community.id

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...
