"""Deeds: what the other rooms tell of, put into the ledger; and what people reach by all of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.contract.adapter import Need
from adapters.contract.models import MessageRef
from adapters.contract.text import Verbatim, join
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Work
from bot.kernel.domain_events import (
    AnswerAccepted,
    AnswerReused,
    AnswerWithdrawn,
    EventAttended,
    EventHosted,
    IdeaShipped,
    NewcomerWelcomed,
)
from storage.kudos import Deed, Kind
from storage.members import Member
from storage.questions import Question, State

from . import cards
from .desk import Desk
from .rules import Level, milestones


class Deeds(Cog):
    """What people do in the other rooms is seen, too."""

    name = "deeds"
    room = "Recognition"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def needs(self) -> Collection[Need]:
        return (Need.ROLES,) if any(level.role for level in self.desk.policies.usual.levels) else ()

    @listener(AnswerAccepted)
    async def accepted(self, work: Work, event: AnswerAccepted) -> None:
        await self._settle(work, event.question_id)

    @listener(AnswerWithdrawn)
    async def withdrawn(self, work: Work, event: AnswerWithdrawn) -> None:
        await self._settle(work, event.question_id)

    async def _settle(self, work: Work, question_id: int) -> None:
        """Make the ledger say of a question what its room says now, in whatever order we hear of it."""
        question = await self._question(work, question_id)
        solver = question.solver_id if question and question.state is State.SOLVED else None
        source = f"answer/{question_id}"
        stands = await self.desk.kudos.standing_for(source)
        if stands and stands.receiver_id != solver:
            await self.desk.kudos.reverse(source, work.now, "withdrawn")
        if question and solver and solver != question.asker_id:
            await self.desk.add(work, self._answer(question, Kind.ANSWER, solver, source))

    @listener(AnswerReused)
    async def reused(self, work: Work, event: AnswerReused) -> None:
        question = await self._question(work, event.question_id)
        if question and await self._is_here(work, event.helper_id) and event.helper_id != question.asker_id:
            source = f"reuse/{event.question_id}"
            await self.desk.add(work, self._answer(question, Kind.REUSE, event.helper_id, source))

    async def _question(self, work: Work, question_id: int) -> Question | None:
        question = await self.desk.questions.get(question_id)
        return question if question and question.community_id == work.community.id else None

    @staticmethod
    def _answer(question: Question, kind: Kind, helper: int, source: str) -> Deed:
        card = MessageRef.of(question.card) if question.card else None
        return Deed(
            kind,
            helper,
            source,
            question.asker_id,
            topic=question.topic,
            reason=question.title,
            anonymous=question.anonymous,
            channel=card.channel.key if card else None,
        )

    @listener(IdeaShipped)
    async def shipped(self, work: Work, event: IdeaShipped) -> None:
        idea = await self.desk.ideas.get(event.idea_id)
        title = idea.title if idea else ""
        await self._note(work, Kind.IDEA, event.author_id, f"idea/{event.idea_id}", title=title)

    @listener(EventHosted)
    async def hosted(self, work: Work, event: EventHosted) -> None:
        held = await self.desk.events.get(event.event_id)
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
            await self.desk.add(work, Deed(kind, receiver, source, giver, reason=title))

    async def _is_here(self, work: Work, member_id: int) -> bool:
        """Say whether there is such a member here: they may have become one with another since."""
        member = await self.desk.members.get(member_id)
        return member is not None and member.community_id == work.community.id

    @action
    async def reach(self, work: Work, member_id: int) -> None:
        """Look what someone has reached: roles are given, they are told, and it is noted for good.

        Nothing that was reached is taken back, also if what led to it is.
        """
        member = await self.desk.members.get(member_id)
        if member is None or member.community_id != work.community.id or member.left_at:
            return
        tally = await self.desk.standing.tally(member_id)
        noted = await self.desk.standing.reached(member_id)
        new = [one for one in milestones(tally, await self.desk.policy(work)) if one.milestone not in noted]
        for one in new:
            if isinstance(one, Level) and one.role and not await work.chat.set_role(member, one.role, True):
                await self._tell_moderators(work, one.role, member)
        if new and member.direct_ok:
            names = join((Verbatim(one.name) for one in new), ", ")
            key = f"kudos/reached/{member_id}/{new[-1].milestone}"
            await work.chat.direct(member, cards.reached_card(names, tally.people), key=key)
        for one in new:
            await self.desk.standing.reach(work.community.id, member_id, one.milestone, work.now)

    async def _tell_moderators(self, work: Work, role: str, member: Member) -> None:
        spaces = await work.spaces()
        place = self.desk.moderators.nearest(spaces[0], spaces) if spaces else None
        if place:
            card = cards.role_failed_card(role, member.name)
            await work.chat.post(place, card, key=f"kudos/role/{role}/{member.id}")

    async def export(self, member: Member) -> dict[str, Any]:
        return {"reached": sorted(await self.desk.standing.reached(member.id))}

    async def erase(self, member: Member) -> None:
        await self.desk.standing.forget(member.id)
