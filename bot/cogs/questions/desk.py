"""A question's way from its post to its end, as far as it goes by itself.

The store is the truth. `refresh` makes every card and notice say what the store says, and `tend` asks `next_step` what
is due, does it, and plans what is next. Both can be run at any time, by anyone, twice: every change has a condition
in the store, and every message a key in the chat. So whoever changes a question only writes that down and calls
`touch` in the same transaction; the one job of the question does the rest, also if the process dies in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from adapters.contract.call import Call
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Card
from bot.channels import ChannelGroup
from bot.chat import mention
from bot.context import Work
from bot.errors import UserError
from bot.moments import spell
from storage.audit import AuditStore
from storage.duty import DutyStore
from storage.members import Member, MemberStore
from storage.questions import Audience, Offer, Question, QuestionStore, State
from storage.search import SearchStore

from . import cards
from .peers import LOAD_WINDOW, Evidence, choose_peers
from .rules import ALIKE, Policy, Step, likeness, next_step

HISTORY = timedelta(days=365)
"""How far back help given counts for who is asked."""
MISSED_TURNS = 3
"""After so many turns that an agent let pass, they are taken off duty."""

ToCall = Callable[[int], Call]


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons on a question's cards do, given by the cogs that do it. Each takes the question's id.

    `tend` looks after one question, `drain` hands out what waits for support; both are for the clock.
    """

    tend: ToCall
    drain: Call
    help: ToCall
    decline: ToCall
    snooze: ToCall
    propose: ToCall
    support: ToCall
    claim: ToCall
    release: ToCall
    reveal: ToCall
    solve: ToCall
    confirm: ToCall
    not_yet: ToCall
    reopen: ToCall
    speak: ToCall


class Desk:
    """What the cogs of this room share: the stores, the channels, and the way of a question."""

    def __init__(
        self,
        questions: QuestionStore,
        duty: DutyStore,
        search: SearchStore,
        members: MemberStore,
        audit: AuditStore,
        help_channels: ChannelGroup,
        agents_channels: ChannelGroup,
        policy: Policy,
        controls: Controls,
    ) -> None:
        self.questions = questions
        self.duty = duty
        self.search = search
        self.members = members
        self.audit = audit
        self.help_channels = help_channels
        self.agents_channels = agents_channels
        self.policy = policy
        self.controls = controls
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def get(self, work: Work, question_id: int) -> Question:
        """Return a question of this community. Raises `UserError` where there is none."""
        question = await self.questions.get(question_id)
        if question is None or question.community_id != work.community.id:
            raise UserError("That question is gone.")
        return question

    async def view(self, work: Work, question: Question, others: Iterable[int] = ()) -> cards.View:
        """Return a question with the people and the link that its cards name."""
        people = {question.asker_id, question.helper_id, question.solver_id, *others} - {None}
        place = question.card or question.origin
        link = await work.chat.link(MessageRef.of(place)) if place else None
        return cards.View(question, await self.members.get_many(id_ for id_ in people if id_), link)

    async def index(self, question: Question) -> None:
        """Let a question be found, with what solved it."""
        body = "\n\n".join(filter(None, (question.details, question.solution_text)))
        at = question.asked_at or question.created_at
        await self.search.put(question.community_id, "question", question.id, title=question.title, body=body, at=at)

    async def touch(self, work: Work, question: Question) -> None:
        """Have a question looked after now, because it changed."""
        await work.schedule(self.controls.tend(question.id), work.now, key=_job(question))

    async def tend(self, work: Work, question_id: int) -> None:
        """Do what is due for a question, make its cards say so, and plan what is next."""
        turn = self._turns.setdefault(question_id, asyncio.Lock())
        async with turn:
            question = await self.get(work, question_id)
            zone = ZoneInfo(work.community.timezone)
            while (due := next_step(question, self.policy, zone)) and due[1] <= work.now:
                await self._take(work, question, due[0])
                question = await self.get(work, question_id)
            await self.refresh(work, question)
            if due:
                await work.schedule(self.controls.tend(question.id), due[1], key=_job(question))

    async def _take(self, work: Work, question: Question, step: Step) -> None:
        match step:
            case Step.SHOW:
                await self._show(work, question)
            case Step.OFFER:
                await self._offer(work, question)
            case Step.RELEASE:
                await self.release(work, question)
            case Step.ESCALATE:
                waited = spell(work.now - (question.asked_at or work.now))
                why = (
                    f"nobody answered in {waited}"
                    if question.answered_at is None
                    else "the answers did not solve it yet"
                )
                await self.questions.escalate(question.id, why, work.now)
            case Step.HAND_OUT:
                await self.hand_out(work, question)
            case Step.TELL_LEAD:
                await self._tell_lead(work, question)
            case Step.REMIND:
                await self._remind(work, question)
            case Step.CLOSE:
                if await self.questions.close(question.id, work.now):
                    await self.drain(work)

    # What is seen

    async def refresh(self, work: Work, question: Question) -> None:
        """Make every card and notice of a question say what the store says."""
        view = await self.view(work, question)
        if question.card:
            await work.chat.edit(MessageRef.of(question.card), self._card(view))
        if question.agents_card:
            await work.chat.edit(MessageRef.of(question.agents_card), await self._agents_card(work, question))
        if question.audience is Audience.AGENTS and question.state is State.OPEN:
            await self._show_support(work, question)
        if question.thread:
            if question.audience is Audience.PEERS and question.state is State.OPEN and question.waves:
                await self._ask_wave(work, view)
            for key, card in self._notices(view):
                await work.chat.post(Channel.of(question.thread), card, key=f"{_job(question)}/{key}")

    def _card(self, view: cards.View) -> Card:
        id_, controls = view.question.id, self.controls
        return cards.question_card(
            view,
            solve=controls.solve(id_),
            support=controls.support(id_),
            help_=controls.help(id_),
            reopen=controls.reopen(id_),
            speak=controls.speak(id_),
            reveal=controls.reveal(id_),
        )

    async def _agents_card(self, work: Work, question: Question) -> Card:
        replies = await self.questions.replies(question.id, limit=5)
        waiting_for = question.offered_agent_id
        view = await self.view(work, question, {waiting_for or 0, *(reply.member_id for reply in replies)})
        due = question.escalated_at and self.policy.hours.add(
            question.escalated_at, self.policy.agent_target, ZoneInfo(work.community.timezone)
        )
        id_, controls = question.id, self.controls
        return cards.agents_card(
            view,
            replies,
            view.people.get(waiting_for or 0) if question.offered_agent_at else None,
            due,
            claim=controls.claim(id_),
            release=controls.release(id_),
            reveal=controls.reveal(id_),
        )

    def _notices(self, view: cards.View) -> list[tuple[str, Card]]:
        """What the thread is told, once for each time it happens."""
        question = view.question
        match question.state:
            case State.SOLVED:
                return [(f"solved/{question.solved_at}", cards.solved_notice(view))]
            case State.CLOSED:
                card = cards.closed_card(self.controls.reopen(question.id), spell(self.policy.close_after))
                return [(f"closed/{question.closed_at}", card)]
            case State.CLAIMED:
                return [(f"claimed/{question.claimed_at}", cards.on_it_card(view.helper))]
            case State.OPEN if question.audience is Audience.AGENTS and question.escalation:
                return [(f"escalated/{question.escalated_at}", cards.escalated_card(question.escalation))]
        return []

    async def tell_asker(self, work: Work, question: Question, card: Card, key: str) -> None:
        """Say something to the asker: in the thread, or to an anonymous asker directly."""
        if question.anonymous:
            asker = await self.members.get(question.asker_id)
            if asker:
                await work.chat.direct(asker, card, key=f"{_job(question)}/{key}")
        elif question.thread:
            await work.chat.post(Channel.of(question.thread), card, key=f"{_job(question)}/{key}")

    async def _show(self, work: Work, question: Question) -> None:
        card = self._card(await self.view(work, question))
        key = f"{_job(question)}/card"
        if question.origin:
            thread = await work.chat.open_thread(MessageRef.of(question.origin), question.title)
            shown = await work.chat.post(thread, card, key=key)
        else:
            shown = await work.chat.post(await self.place(work, question.space), card, key=key)
            thread = await work.chat.open_thread(shown, question.title)
        await self.questions.placed(question.id, card=shown.key, thread=thread.key)

    async def place(self, work: Work, space: str) -> Channel:
        """Return the help channel for what is asked in a space. Raises `UserError` where there is none."""
        channel = self.help_channels.nearest(Space.of(space), await work.spaces())
        if channel is None:
            raise UserError("There is no help channel here yet. An admin can name one in TRELLIS_HELP_CHANNELS.")
        return channel

    # Peers

    async def _offer(self, work: Work, question: Question) -> None:
        evidence = await self._evidence(work, question)
        zone = ZoneInfo(work.community.timezone)
        chosen = choose_peers(question, evidence, work.now, zone, self.policy.wave_size)
        reasons = {candidate.member.id: candidate.reason for candidate in chosen}
        await self.questions.offer(question.id, question.waves + 1, reasons, work.now)

    async def _evidence(self, work: Work, question: Question) -> Evidence:
        community = work.community.id
        asked = f"{question.title} {question.details}"
        hits = await self.search.find(community, asked, ("question",), 50)
        hits = [hit for hit in hits if hit.subject_id != question.id]
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        return Evidence(
            members=await self.members.active(community),
            help=await self.questions.help_given(community, work.now - HISTORY),
            expertise=await self.questions.expertise(community),
            similar={hit.subject_id: hit.score / best for hit in hits},
            titles={hit.subject_id: hit.title for hit in hits if likeness(hit.title, asked) >= ALIKE},
            recent=await self.questions.offers_since(community, work.now - LOAD_WINDOW),
            offered=frozenset(offer.member_id for offer in await self.questions.offers(question.id)),
        )

    async def _ask_wave(self, work: Work, view: cards.View) -> None:
        """Ask whom the store says this wave asks: directly who agreed to that, the others in the thread."""
        question = view.question
        wave = [offer for offer in await self.questions.offers(question.id) if offer.wave == question.waves]
        people = await self.members.get_many(offer.member_id for offer in wave)
        in_thread: list[tuple[Member, str]] = []
        for offer in wave:
            member = people[offer.member_id]
            if not member.direct_ok or not await self._ask_directly(work, view, member, offer):
                in_thread.append((member, offer.reason))
        if in_thread and question.thread:
            card = cards.offers_card(in_thread, **self._offer_calls(question.id))
            await work.chat.post(Channel.of(question.thread), card, key=f"{_job(question)}/wave/{question.waves}")

    async def _ask_directly(self, work: Work, view: cards.View, member: Member, offer: Offer) -> MessageRef | None:
        card = cards.direct_offer_card(view, offer.reason, **self._offer_calls(offer.question_id))
        return await work.chat.direct(member, card, key=f"{_job(view.question)}/offer/{member.id}")

    def _offer_calls(self, id_: int) -> dict[str, Call]:
        controls = self.controls
        return {"help_": controls.help(id_), "decline": controls.decline(id_), "snooze": controls.snooze(id_)}

    # Support

    async def release(self, work: Work, question: Question) -> Question | None:
        """Take a question from whoever has it and did not answer; ask others."""
        released = await self.questions.release(question.id, question.helper_id or 0, work.now)
        if released and question.thread:
            view = await self.view(work, question)
            key = f"{_job(question)}/back/{question.claimed_at}"
            await work.chat.post(Channel.of(question.thread), cards.back_card(view.helper), key=key)
        if released and released.audience is Audience.AGENTS:
            await self.hand_out(work, released, but=question.helper_id)
        return released

    async def hand_out(self, work: Work, question: Question, *, but: int | None = None) -> None:
        """Make it the turn of the agent on duty, with room, who waited longest; show it to support in any case."""
        passed_by = question.offered_agent_id if question.offered_agent_at else None
        if passed_by:
            await self._count_miss(work, question, passed_by)
        load = await self.questions.load(work.community.id)
        on_duty = await self.duty.on(work.community.id)
        free = [
            duty.member_id
            for duty in on_duty
            if load.get(duty.member_id, 0) < self.policy.agent_capacity
            and duty.member_id not in (question.asker_id, passed_by, but)
        ]
        people = await self.members.get_many(free)
        free = [id_ for id_ in free if not (away := people[id_].away_until) or away <= work.now]
        agent = free[0] if free else None
        offered = await self.questions.offer_agent(question.id, agent, work.now)
        if offered is None:
            return
        if agent:
            await self.duty.ask(agent, work.now)
        await self._show_support(work, offered)

    async def _show_support(self, work: Work, question: Question) -> None:
        """Post the card for support, or below it whose turn it is now. One message for each turn."""
        key = f"{_job(question)}/turn/{question.offered_agent_id}/{question.offered_agent_at}"
        if question.agents_card is None:
            place = self.agents_place(await work.spaces(), question)
            shown = await work.chat.post(place, await self._agents_card(work, question), key=key)
            await self.questions.placed(question.id, agents_card=shown.key)
        elif question.offered_agent_id and question.offered_agent_at:
            view = await self.view(work, question, {question.offered_agent_id})
            card = cards.turn_card(view, view.people[question.offered_agent_id], self.controls.claim(question.id))
            await work.chat.post(MessageRef.of(question.agents_card).channel, card, key=key)

    def agents_place(self, spaces: Sequence[Space], question: Question) -> Channel:
        """Return where support sees a question: the agents' channel, or its own thread where there is none."""
        channel = self.agents_channels.nearest(Space.of(question.space), spaces)
        return channel or Channel.of(question.thread or "")

    async def _count_miss(self, work: Work, question: Question, agent_id: int) -> None:
        if await self.duty.miss(agent_id) < MISSED_TURNS:
            return
        await self.duty.end(agent_id)
        agent = await self.members.get(agent_id)
        if agent and question.agents_card:
            place = MessageRef.of(question.agents_card).channel
            key = f"{_job(question)}/off/{agent_id}/{work.now}"
            await work.chat.post(place, cards.off_duty_card(mention(agent)), key=key)

    async def drain(self, work: Work) -> None:
        """Have what waits for support handed out: someone came on duty, or has room again."""
        await work.schedule(self.controls.drain, work.now, key=f"drain/{work.community.id}")

    async def hand_out_waiting(self, work: Work) -> None:
        """Hand out what waits and is nobody's turn, oldest first."""
        waiting = await self.questions.listed(
            work.community.id, (State.OPEN,), 50, audience=Audience.AGENTS, newest_first=False
        )
        for question in waiting:
            if question.offered_agent_at is None and question.card:
                await self.hand_out(work, question)
                await self.touch(work, question)

    async def _tell_lead(self, work: Work, question: Question) -> None:
        leads = await self._leads(work)
        waited = spell(work.now - (question.escalated_at or work.now))
        place = self.agents_place(await work.spaces(), question)
        card = cards.lead_card(await self.view(work, question), leads, waited)
        await work.chat.post(place, card, key=f"{_job(question)}/lead/{question.escalated_at}")
        await self.questions.tell_lead(question.id, work.now)

    async def _leads(self, work: Work) -> list[Member]:
        leads = []
        for name in self.policy.lead:
            member = await self.members.by_account(name) if name.count("/") == 2 else None
            leads += [member] if member else await self.members.by_name(work.community.id, name.lstrip("@"))
        return leads or await self.members.with_role(work.community.id, "moderator")

    # The end

    async def _remind(self, work: Work, question: Question) -> None:
        view = await self.view(work, question)
        id_, controls = question.id, self.controls
        card = cards.reminder_card(
            view,
            controls.confirm(id_),
            controls.not_yet(id_),
            controls.support(id_),
            work.now + self.policy.close_after,
            view.people.get(question.asker_id),
        )
        await self.tell_asker(work, question, card, f"reminder/{question.active_at}")
        await self.questions.remind(question.id, work.now)


def _job(question: Question) -> str:
    """The key of a question's one job, and the beginning of every key of its messages."""
    return f"question/{question.id}"
