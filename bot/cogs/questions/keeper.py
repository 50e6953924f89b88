"""Moves a question on: asks `next_step` what is due, does that, and plans what is next.

It can be run at any time, by anyone, twice: every change has a condition in the store, and every message a key.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Gone
from adapters.contract.commands import Role
from adapters.contract.models import Account, MessageRef
from bot.delivery.chat import mention
from bot.kernel.context import Work
from bot.kernel.roles import highest
from bot.text.likeness import ALIKE, likeness
from bot.text.when import spell
from storage.members import Member
from storage.questions import Escalation, Question

from . import cards
from .board import Board
from .desk import Desk, is_at, key_of
from .peers import LOAD_WINDOW, Evidence, choose_peers, topics_named
from .rules import Step, next_step

HISTORY = timedelta(days=365)
"""How far back help given counts for who is asked."""
CANDIDATES = 200
"""So many people are ranked at most."""
MOST_HANDED_OUT = 50
"""So many questions are handed out at once."""
MISSED_TURNS = 3
"""After so many turns in a row that an agent let pass, they are taken off duty."""


class Keeper:
    """Looks after questions, one at a time each."""

    def __init__(self, desk: Desk, board: Board) -> None:
        self.desk = desk
        self.board = board
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def tend(self, work: Work, question_id: int) -> None:
        """Do what is due for a question, make its cards say so, and plan what is next."""
        zone = ZoneInfo(work.community.timezone)
        turn = self._turns.setdefault(question_id, asyncio.Lock())
        async with turn:
            while True:
                question = await self.desk.get(work, question_id, posted=False)
                due = next_step(question, await self.desk.policy(work), zone)
                if due and due[1] <= work.now:
                    await self._take(work, question, due[0])
                    continue
                await self.board.refresh(work, question)
                async with work.atomic():
                    # Somebody may have changed it while it was drawn; then it is not done, nor is `due` true any more.
                    if await self.desk.questions.get(question_id) in (question, None):
                        if due:
                            await work.schedule(self.desk.controls.tend(question_id), due[1], key=key_of(question))
                        return

    async def _take(self, work: Work, question: Question, step: Step) -> None:
        match step:
            case Step.SHOW:
                await self._show(work, question)
            case Step.OFFER:
                await self._offer(work, question)
            case Step.RELEASE:
                await self.release(work, question, gave_back=False)
            case Step.ESCALATE:
                why = Escalation.UNANSWERED if question.answered_at is None else Escalation.UNSOLVED
                await self.desk.support.escalate(question.id, why, work.now)
            case Step.HAND_OUT:
                await self._hand_out(work, question)
            case Step.TELL_LEAD:
                await self._tell_lead(work, question)
            case Step.REMIND:
                await self._remind(work, question)
            case Step.CLOSE:
                async with work.atomic():
                    await self.desk.solutions.close(question.id, work.now)
                    await self.desk.drain(work)

    async def _show(self, work: Work, question: Question) -> None:
        card = self.board.question_card(await self.desk.view(work, question))
        key = f"{key_of(question)}/card"
        if question.origin:
            root = MessageRef.of(question.origin)
        else:
            root = await work.chat.post(await self.desk.place(work, question.space), card, key=key)
        try:
            thread = await work.chat.open_thread(root, question.title)
            shown = await work.chat.post(thread, card, key=key) if question.origin else root
        except Gone:  # somebody has deleted it
            await self.desk.questions.drop(question.id, work.now)
            await self.desk.search.remove("question", question.id)
            return
        await self.desk.questions.placed(question.id, card=shown.key, thread=thread.key)

    # Peers

    async def _offer(self, work: Work, question: Question) -> None:
        zone = ZoneInfo(work.community.timezone)
        evidence = await self._evidence(work, question)
        chosen = choose_peers(question, evidence, work.now, zone, (await self.desk.policy(work)).wave_size)
        reasons = {candidate.member.id: candidate.reason.pack() for candidate in chosen}
        async with work.atomic():
            if await self.desk.peers.begin_wave(question.id, question.waves + 1, work.now):
                await self.desk.peers.offer(question.id, question.waves + 1, reasons, work.now)

    async def _evidence(self, work: Work, question: Question) -> Evidence:
        candidates, now = self.desk.candidates, work.now
        asked = f"{question.title} {question.details}"
        hits = await self.desk.search.find(work.community.id, asked, ("question",), 50)
        hits = [hit for hit in hits if hit.subject_id != question.id]
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        similar = {hit.subject_id: hit.score / best for hit in hits}
        help_ = await candidates.help_given(question, similar, now - HISTORY, now)
        experts = await candidates.experts(question, topics_named(question), now)
        helpers = [member for member, _ in Counter(given.member_id for given in help_).most_common(CANDIDATES)]
        chosen = [*dict.fromkeys([*helpers[: CANDIDATES // 2], *experts, *helpers])][:CANDIDATES]
        return Evidence(
            members=await self._within_reach(work, question, chosen),
            help=help_,
            expertise=experts,
            similar=similar,
            titles={hit.subject_id: hit.title for hit in hits if likeness(hit.title, asked) >= ALIKE},
            recent=await candidates.recent_offers(chosen, now - LOAD_WINDOW),
        )

    async def _within_reach(self, work: Work, question: Question, ids: Iterable[int]) -> list[Member]:
        """Return who of them could hear of an offer: directly, or in a space where the question stands."""
        homes = [space for space in await work.spaces() if self.desk.help_channels.within(space)]
        if question.card:
            homes.append(MessageRef.of(question.card).channel.space)
        members = await self.desk.members.get_many(ids)
        return [
            member for member in members.values() if member.direct_ok or any(is_at(member, space) for space in homes)
        ]

    # Support

    async def release(self, work: Work, question: Question, *, gave_back: bool) -> Question | None:
        """Take a question from whoever has it, and have others asked. Nothing if it is not theirs any more."""
        async with work.atomic():
            released = await self.desk.support.release(question.id, question.helper_id or 0, work.now)
            if released:
                await self.desk.touch(work, released)
                await self.desk.drain(work)
        if released:
            view = await self.desk.view(work, question)
            await self.desk.say(work, question, cards.back_card(view.helper, gave_back=gave_back), f"back/{work.now}")
        return released

    async def _hand_out(self, work: Work, question: Question) -> None:
        """Make it the turn of the agent on duty, with room, who waited longest; of nobody if there is none."""
        policy, passed_by = await self.desk.policy(work), question.offered_agent_id
        free = await self._free_agents(work, question)
        others = [agent for agent in free if agent.id != passed_by]
        agent = next(iter(others or [*free]), None)
        zone = ZoneInfo(work.community.timezone)
        until = policy.hours.add(work.now, policy.agent_turn, zone) if agent else None
        off_duty = False
        async with work.atomic():
            offered = await self.desk.support.offer_agent(question.id, agent.id if agent else None, work.now, until)
            if offered and passed_by:
                off_duty = await self.desk.duty.miss(passed_by) >= MISSED_TURNS
                if off_duty:
                    await self.desk.duty.end(passed_by)
            if offered and agent:
                await self.desk.duty.ask(agent.id, work.now)
        if off_duty and passed_by and question.agents_card:
            absent = await self.desk.members.get(passed_by)
            place = MessageRef.of(question.agents_card).channel
            if absent:
                await self.desk.say_in(work, place, question, cards.off_duty_card(mention(absent)), f"off/{work.now}")

    async def _free_agents(self, work: Work, question: Question | None = None) -> dict[Member, int]:
        """Return the agents on duty who can take a question, with for how many they have room.

        Whoever waited longest for their turn comes first.
        """
        on_duty = [duty.member_id for duty in await self.desk.duty.on(work.community.id)]
        load = await self.desk.support.load(on_duty)
        if question and question.offered_agent_id:  # whose turn it was counts as load until now
            load[question.offered_agent_id] -= 1
        people = await self.desk.members.get_many(on_duty)
        capacity = (await self.desk.policy(work)).agent_capacity
        return {
            agent: capacity - load.get(agent.id, 0)
            for agent in map(people.__getitem__, on_duty)
            if load.get(agent.id, 0) < capacity
            and not (question and agent.id == question.asker_id)
            and not (agent.away_until and agent.away_until > work.now)
            and highest(agent.roles) >= Role.AGENT
        }

    async def hand_out_waiting(self, work: Work) -> None:
        """Have as much of what waits for support and is nobody's turn handed out as there is room for."""
        free = await self._free_agents(work)
        if not free:
            return
        room = min(sum(free.values()), MOST_HANDED_OUT)
        only = next(iter(free)).id if len(free) == 1 else None
        async with work.atomic():
            for question in await self.desk.support.hand_out_waiting(work.community.id, work.now, room, only):
                await self.desk.touch(work, question)

    async def _tell_lead(self, work: Work, question: Question) -> None:
        leads = await self._leads(work)
        waited = spell(work.now - (question.waiting_since or work.now))
        place = self.desk.agents_place(await work.spaces(), question)
        card = cards.lead_card(await self.desk.view(work, question), leads, waited)
        await self.desk.say_in(work, place, question, card, f"lead/{question.waiting_since}")
        await self.desk.support.tell_lead(question.id, work.now)

    async def _leads(self, work: Work) -> list[Member]:
        """Return whom settings name as lead; without any, the moderators, else the admins."""
        leads: list[Member] = []
        for name in (await self.desk.policy(work)).lead:
            if name.count("/") == 2:
                profile = await work.chat.profile(Account.of(name))
                met = await work.meet(profile) if profile else None
                leads += [met] if met else []
            else:
                leads += await self.desk.members.by_name(work.community.id, name.lstrip("@"))
        for role in ("moderator", "admin"):
            leads = leads or await self.desk.members.with_role(work.community.id, role)
        return leads

    # The end

    async def _remind(self, work: Work, question: Question) -> None:
        view = await self.desk.view(work, question)
        id_, controls = question.id, self.desk.controls
        card = cards.reminder_card(
            view,
            controls.solve(id_),
            controls.not_yet(id_),
            controls.support(id_),
            work.now + (await self.desk.policy(work)).close_after,
            view.people.get(question.asker_id),
        )
        await self.desk.tell_asker(work, question, card, f"reminder/{question.active_at}")
        await self.desk.solutions.remind(question.id, work.now)
