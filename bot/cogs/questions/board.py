"""Everything that can be seen of a question, made to say what the store says. Safe to run at any time, twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.contract.call import Call
from adapters.contract.models import Account, MessageRef, Space
from adapters.contract.ui import Card
from bot.context import Work
from bot.moments import spell
from storage.members import Member
from storage.peers import Offer
from storage.questions import UNSETTLED, Audience, Question, State

from . import cards
from .desk import Desk, key_of

RECENT = timedelta(days=7)
"""What happened longer ago is not announced any more."""


class Board:
    """A question's cards, notices and requests."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def refresh(self, work: Work, question: Question) -> None:
        """Make every card and notice of a question say what the store says."""
        view = await self.desk.view(work, question)
        if question.card:
            await work.chat.edit(MessageRef.of(question.card), self.question_card(view))
            await self._show_elsewhere(work, view)
        if question.agents_card:
            await work.chat.edit(MessageRef.of(question.agents_card), await self._agents_card(work, question))
        if question.audience is Audience.AGENTS and question.state is State.OPEN:
            await self._show_turn(work, question)
        await self._show_waves(work, view)
        await self._settle_requests(work, question)
        for key, at, card in self._notices(view):
            if work.now - at < RECENT:
                await self.desk.say(work, question, card, f"{key}/{at}")

    async def _show_elsewhere(self, work: Work, view: cards.View) -> None:
        """Show the question in the community's other spaces too, so that people there can help."""
        question, card = view.question, self.question_card(view)
        shown = {mirror.space: mirror for mirror in await self.desk.questions.mirrors(question.id)}
        for space in await work.spaces():
            place = self.desk.help_channels.nearest(space)
            if mirror := shown.get(space.key):
                await work.chat.edit(MessageRef.of(mirror.card), card)
            elif place and space.key != question.space and question.state in UNSETTLED:
                posted = await self.desk.say_in(work, place, question, card, f"card/{space.key}")
                if posted:
                    thread = await work.chat.open_thread(posted, question.title)
                    await self.desk.questions.mirror(question.id, space.key, posted.key, thread.key)

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
        replies = await self.desk.questions.replies(question.id, limit=5)
        whose_turn = question.offered_agent_id or 0
        view = await self.desk.view(work, question, {whose_turn, *(reply.member_id for reply in replies)})
        policy, zone = self.desk.policy, ZoneInfo(work.community.timezone)
        due = question.waiting_since and policy.hours.add(question.waiting_since, policy.agent_target, zone)
        id_, controls = question.id, self.desk.controls
        return cards.agents_card(
            view, replies, view.people.get(whose_turn), due, claim=controls.claim(id_), release=controls.release(id_)
        )

    async def _show_turn(self, work: Work, question: Question) -> None:
        """Post the card for support, or below it whose turn it is now: one message for each turn."""
        key = f"turn/{question.offered_agent_id}/{question.offered_agent_at}"
        if question.agents_card is None:
            place = self.desk.agents_place(await work.spaces(), question)
            shown = await self.desk.say_in(work, place, question, await self._agents_card(work, question), key)
            if shown:
                await self.desk.questions.placed(question.id, agents_card=shown.key)
        elif question.offered_agent_id:
            view = await self.desk.view(work, question, {question.offered_agent_id})
            agent = view.people[question.offered_agent_id]
            card = cards.turn_card(view, agent, self.desk.controls.claim(question.id))
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
        in_thread: list[tuple[Member, str]] = []
        for offer in wave:
            member = people[offer.member_id]
            if not member.direct_ok or not await self._ask_directly(work, view, member, offer):
                in_thread.append((member, offer.reason))
        for thread in await self.desk.threads(question):
            here = [asked for asked in in_thread if _is_at(asked[0], thread.space)]
            in_thread = [asked for asked in in_thread if asked not in here]
            if here:
                card = cards.offers_card(here, **self._offer_calls(question.id))
                await self.desk.say_in(work, thread, question, card, f"wave/{question.waves}/{thread.space.key}")

    async def _ask_directly(self, work: Work, view: cards.View, member: Member, offer: Offer) -> MessageRef | None:
        card = cards.direct_offer_card(view, offer.reason, **self._offer_calls(offer.question_id))
        return await work.chat.direct(member, card, key=f"{key_of(view.question)}/offer/{member.id}/{offer.wave}")

    def _offer_calls(self, id_: int) -> dict[str, Call]:
        controls = self.desk.controls
        return {"help_": controls.help(id_), "decline": controls.decline(id_), "snooze": controls.snooze(id_)}

    async def _settle_requests(self, work: Work, question: Question) -> None:
        """Take the buttons off what was asked of someone and needs no answer any more."""
        turn = f"turn/{question.offered_agent_id}/{question.offered_agent_at}"
        for key, message in (await work.chat.said(f"{key_of(question)}/")).items():
            kind = key.split("/")[2]
            if message.key == question.agents_card:
                continue
            if kind in ("wave", "offer") and not (question.state in UNSETTLED and question.audience is Audience.PEERS):
                await work.chat.edit(message, cards.offer_over_card(question))
            elif kind == "turn" and (question.state is not State.OPEN or not key.endswith(turn)):
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
                return [("escalated", question.escalated_at, cards.escalated_card(question.escalation))]
        return []


def _is_at(member: Member, space: Space) -> bool:
    """Say whether a member has an account in a space."""
    return any(Account.of(account).space == space for account in member.accounts)
