"""Everything that can be seen of a question, made to say what the store says. Safe to run at any time, twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Gone
from adapters.contract.call import Call
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Card
from bot.delivery.chat import each
from bot.kernel.context import Work
from bot.text.when import spell
from storage.members import Member
from storage.peers import Offer
from storage.questions import UNSETTLED, Audience, Mirror, Question, State

from . import cards
from .desk import Desk, is_at, key_of
from .peers import Reason

RECENT = timedelta(days=7)
"""What happened longer ago is not announced any more."""


class Board:
    """A question's cards, notices and requests."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def refresh(self, work: Work, question: Question) -> None:
        """Make every card and notice of a question say what the store says, wherever the platforms answer."""
        view = await self.desk.view(work, question)
        faces = (
            self._show_home,
            self._show_elsewhere,
            self._show_support,
            self._show_waves,
            self._relay,
            self._settle_requests,
            self._announce,
        )
        await each(show(work, view) for show in faces)

    async def _show_home(self, work: Work, view: cards.View) -> None:
        if view.question.card:
            await work.chat.edit(MessageRef.of(view.question.card), self.question_card(view))

    async def _show_support(self, work: Work, view: cards.View) -> None:
        question = view.question
        if question.agents_card:
            await work.chat.edit(MessageRef.of(question.agents_card), await self._agents_card(work, question))
        if question.audience is Audience.AGENTS and question.state is State.OPEN:
            await self._show_turn(work, question)

    async def _announce(self, work: Work, view: cards.View) -> None:
        for key, at, card in self._notices(view):
            if work.now - at < RECENT:
                await self.desk.say(work, view.question, card, f"{key}/{at}")

    async def _show_elsewhere(self, work: Work, view: cards.View) -> None:
        """Show the question in the community's other spaces too, so that people there can help."""
        question = view.question
        if question.card is None:
            return
        home = MessageRef.of(question.card).channel.space
        mirrors = {mirror.space: mirror for mirror in await self.desk.questions.mirrors(question.id)}
        others = [space for space in await work.spaces() if space != home]
        await each(self._show_in(work, view, space, mirrors.get(space.key)) for space in others)

    async def _show_in(self, work: Work, view: cards.View, space: Space, mirror: Mirror | None) -> None:
        question, card = view.question, self.question_card(view)
        place = self.desk.help_channels.nearest(space)
        if mirror:
            await work.chat.edit(MessageRef.of(mirror.card), card)
        elif place and question.state in UNSETTLED:
            posted = await self.desk.say_in(work, place, question, card, f"card/{space.key}")
            with suppress(Gone):  # deleted before it had a thread
                thread = await work.chat.open_thread(posted, question.title) if posted else None
                if posted and thread:
                    await self.desk.questions.mirror(question.id, space.key, posted.key, thread.key)

    async def _relay(self, work: Work, view: cards.View) -> None:
        """Carry what was written in one of a question's threads into the others, and take back what was deleted."""
        threads = await self.desk.threads(view.question)
        if len(threads) < 2:
            return
        replies = await self.desk.replies.latest(view.question.id)
        view = await self.desk.view(work, view.question, {reply.member_id for reply in replies})
        names = await self.desk.members.space_names(work.community.id)
        for reply in replies:
            origin = MessageRef.of(reply.message).channel
            card = cards.relayed_card(view, reply, names.get(origin.space.key, ""))
            for thread in threads:
                if thread != origin:
                    key = f"relay/{reply.message}/{thread.space.key}"
                    carried = await self.desk.say_in(work, thread, view.question, card, key)
                    if carried and not reply.text:
                        await work.chat.edit(carried, card)

    def question_card(self, view: cards.View) -> Card:
        """Return the card that stands in the help channel."""
        id_, controls = view.question.id, self.desk.controls
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
        replies = await self.desk.replies.latest(question.id, limit=5)
        whose_turn = question.offered_agent_id or 0
        view = await self.desk.view(work, question, {whose_turn, *(reply.member_id for reply in replies)})
        policy, zone = await self.desk.policy(work), ZoneInfo(work.community.timezone)
        due = question.waiting_since and policy.hours.add(question.waiting_since, policy.agent_target, zone)
        id_, controls = question.id, self.desk.controls
        return cards.agents_card(
            view, replies, view.people.get(whose_turn), due, claim=controls.claim(id_), release=controls.release(id_)
        )

    async def _show_turn(self, work: Work, question: Question) -> None:
        """Post the card for support, or below it whose turn it is now: one message for each turn."""
        key = _turn(question)
        if question.agents_card is None:
            place, card = self.desk.agents_place(await work.spaces(), question), await self._agents_card(work, question)
            shown = await self.desk.say_in(work, place, question, card, key)
            if shown is None and question.thread:  # the agents' channel is gone
                shown = await self.desk.say_in(work, Channel.of(question.thread), question, card, key)
            if shown:
                await self.desk.questions.placed(question.id, agents_card=shown.key)
            return
        view = await self.desk.view(work, question, {question.offered_agent_id or 0})
        agent, claim = view.people.get(question.offered_agent_id or 0), self.desk.controls.claim(question.id)
        card = cards.turn_card(view, agent, claim)
        await self.desk.say_in(work, MessageRef.of(question.agents_card).channel, question, card, key)

    async def _show_waves(self, work: Work, view: cards.View) -> None:
        """Ask whom the store says the newest wave asks: directly who agreed to that, the others in the thread."""
        question = view.question
        asking = question.audience is Audience.PEERS and question.state is State.OPEN
        if not asking or question.waves == question.waves_before:
            return
        offers = await self.desk.peers.offers(question.id)
        # Two accounts may have become one person since: nobody is asked to help themselves.
        wave = [offer for offer in offers if offer.wave == question.waves and offer.member_id != question.asker_id]
        people = await self.desk.members.get_many(offer.member_id for offer in wave)
        in_thread: list[tuple[Member, Reason]] = []
        for offer in wave:
            member = people[offer.member_id]
            if not member.direct_ok or not await self._ask_directly(work, view, member, offer):
                in_thread.append((member, Reason.of(offer.reason)))
        for thread in await self.desk.threads(question):
            here = [asked for asked in in_thread if is_at(asked[0], thread.space)]
            in_thread = [asked for asked in in_thread if asked not in here]
            if here:
                card = cards.offers_card(here, **self._offer_calls(question.id))
                await self.desk.say_in(work, thread, question, card, f"wave/{question.waves}/{thread.space.key}")

    async def _ask_directly(self, work: Work, view: cards.View, member: Member, offer: Offer) -> MessageRef | None:
        card = cards.direct_offer_card(view, Reason.of(offer.reason), **self._offer_calls(offer.question_id))
        return await work.chat.direct(member, card, key=f"{key_of(view.question)}/offer/{member.id}/{offer.wave}")

    def _offer_calls(self, id_: int) -> dict[str, Call]:
        controls = self.desk.controls
        return {"help_": controls.help(id_), "decline": controls.decline(id_), "snooze": controls.snooze(id_)}

    async def _settle_requests(self, work: Work, view: cards.View) -> None:
        """Take the buttons off what was asked of someone and needs no answer any more."""
        question = view.question
        turn = _turn(question)
        for key, message in (await work.chat.said(f"{key_of(question)}/")).items():
            kind = key.split("/")[2]
            if message.key == question.agents_card:
                continue
            if kind in ("wave", "offer") and not (question.state in UNSETTLED and question.audience is Audience.PEERS):
                await work.chat.edit(message, cards.offer_over_card(question))
            elif kind in ("turn", "waiting") and (question.state is not State.OPEN or not key.endswith(turn)):
                await work.chat.edit(message, cards.turn_over_card(question))
            elif kind in ("reminder", "proposal") and question.state is not State.ANSWERED:
                await work.chat.edit(message, cards.answered_card(question))

    def _notices(self, view: cards.View) -> list[tuple[str, datetime, Card]]:
        """Return what the thread is told, once for each time it happens: its name, its moment, its words."""
        question = view.question
        match question.state:
            case State.SOLVED | State.DEFLECTED if question.solved_at:
                return [("solved", question.solved_at, cards.solved_notice(view))]
            case State.CLOSED if question.closed_at:
                idle = spell(question.closed_at - question.active_at)
                return [("closed", question.closed_at, cards.closed_card(self.desk.controls.reopen(question.id), idle))]
            case State.CLAIMED if question.claimed_at:
                return [("claimed", question.claimed_at, cards.on_it_card(view.helper))]
            case State.OPEN if question.audience is Audience.AGENTS and question.escalation and question.escalated_at:
                return [("escalated", question.escalated_at, cards.escalated_card(question))]
        return []


def _turn(question: Question) -> str:
    """Return the key of the message that says whose turn it is, or that it is nobody's."""
    if question.offered_agent_id:
        return f"turn/{question.offered_agent_id}/{question.offered_agent_at}"
    return f"waiting/{question.waiting_since}"
