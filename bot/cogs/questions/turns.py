"""Hands questions out to the agents on duty, in turn, and takes them back."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from bot.kernel.lifecycle import look_again
from bot.kernel.policies import Policies
from bot.kernel.roles import highest
from bot.kernel.work import Work
from storage.duty import DutyStore
from storage.members import Member, MemberStore
from storage.moments import MomentKind, MomentStore
from storage.questions import KIND, Question
from storage.support import SupportStore

from . import calls
from .policy import Policy

MOST_HANDED_OUT = 50
"""So many questions are handed out at once."""
MISSED_TURNS = 3
"""After so many turns in a row that an agent let pass, they are taken off duty."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Where it is written whose turn it is."""

    support: SupportStore
    duty: DutyStore
    moments: MomentStore
    members: MemberStore
    policies: Policies[Policy]

    async def drain(self, work: Work) -> None:
        """Have what waits for support handed out: someone came on duty, or has room again."""
        await work.schedule(calls.drain(), work.now, key=f"drain/{work.community.id}")

    async def release(self, work: Work, question: Question, what: MomentKind) -> Question | None:
        """Take a question from whoever has it, to have others asked. Nothing if it is not theirs any more."""
        released = await self.support.release(question.id, question.helper_id, work.now)
        if released:
            if question.helper_id:
                await self.moments.add(question.id, what, question.helper_id, work.now)
            await self.drain(work)
        return released

    async def hand_out(self, work: Work, question: Question, *, was_told: bool = False) -> None:
        """Make it the turn of the agent on duty, with room, who waited longest; of nobody if there is none.

        Whose turn it was missed it only where that `was_told`, and did not wait for a channel.
        """
        policy, passed_by = await self.policies.of(work.community.id), question.offered_agent_id
        free = await self._free_agents(work, policy, question)
        others = [agent for agent in free if agent.id != passed_by]
        agent = next(iter(others or [*free]), None)
        zone = ZoneInfo(work.community.timezone)
        until = policy.hours.add(work.now, policy.agent_turn, zone) if agent else None
        if not await self.support.offer_agent(question.id, agent.id if agent else None, work.now, until):
            return
        if passed_by and was_told and await self.duty.miss(passed_by) >= MISSED_TURNS:
            await self.duty.end(passed_by)
            await self.moments.add(question.id, MomentKind.MISSED, passed_by, work.now)
        if agent:
            await self.duty.ask(agent.id, work.now)

    async def hand_out_waiting(self, work: Work) -> None:
        """Have as much of what waits for support and is nobody's turn handed out as there is room for."""
        free = await self._free_agents(work, await self.policies.of(work.community.id))
        if not free:
            return
        room = min(sum(free.values()), MOST_HANDED_OUT)
        only = next(iter(free)).id if len(free) == 1 else None
        for question in await self.support.hand_out_waiting(work.community.id, work.now, room, only):
            await work.schedule(look_again(KIND, question.id), work.now, key=f"{KIND}/{question.id}")

    async def _free_agents(self, work: Work, policy: Policy, question: Question | None = None) -> dict[Member, int]:
        """Return the agents on duty who can take a question, with for how many they have room.

        Whoever waited longest for their turn comes first.
        """
        on_duty = [duty.member_id for duty in await self.duty.on(work.community.id)]
        if not on_duty:
            return {}
        load = await self.support.load(on_duty)
        if question and question.offered_agent_id:  # whose turn it was counts as load until now
            load[question.offered_agent_id] -= 1
        people = await self.members.get_many(on_duty)
        return {
            agent: policy.agent_capacity - load.get(agent.id, 0)
            for agent in map(people.__getitem__, on_duty)
            if load.get(agent.id, 0) < policy.agent_capacity
            and not (question and agent.id == question.asker_id)
            and not agent.is_away(work.now)
            and highest(agent.roles) >= Role.AGENT
        }
