"""Asking: by command, from a message, or by just posting in a help channel; and what is known is shown first."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError
from adapters.contract.commands import Role
from adapters.contract.events import Glance, MessagePosted
from adapters.contract.models import Channel, Message, MessageRef
from adapters.contract.text import Verbatim, Words, clip, say
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, listener, shortcut
from bot.kernel.context import Context, OnMessage, Submission, Work
from bot.kernel.domain_events import AnswerReused, MemberErased, QuestionAsked
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from storage.members import Member
from storage.questions import UNSETTLED, Audience, Question, State

from . import cards
from .desk import ON_PAGE, Desk
from .keeper import Keeper
from .known import Shelf
from .rules import guess_topic, reads_as_question, split_title

SECOND_THOUGHTS = timedelta(minutes=5)
"""How long someone who just posted in a help channel has to look at what is known, before it is asked around."""
AT_ONCE = 50
"""So many cards that name someone are drawn again at once."""

log = logging.getLogger(__name__)

Show: TypeAlias = Callable[[Card], Awaitable[None]]


class AskForm(Form, title="Ask the community", submit="Ask"):
    """What someone wants to know."""

    question: str = ask("Your question, in one sentence", longest=150)
    details: str = ask(
        "More about it", hint="Which version? What did you try, what happened?", longest=2500, lines=6, required=False
    )
    topic: str = ask("Topic", longest=30, suggestions=lambda cog: cog.topics, required=False)
    anonymous: bool = ask("Ask without showing my name", required=False)


class SpeakForm(Form, title="Reply as the asker"):
    """What an anonymous asker wants to add."""

    words: str = ask("Your reply", hint="Your name is not shown.", longest=2000, lines=5)


class Asking(Cog):
    """Members ask; what is known is shown to them first; then their question stands in the help channel."""

    name = "asking"
    room = "Questions"

    def __init__(self, desk: Desk, shelf: Shelf, keeper: Keeper) -> None:
        self.desk = desk
        self.shelf = shelf
        self.keeper = keeper

    @property
    def topics(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(topic.name), topic.name) for topic in self.desk.topics)

    @command("ask", "Ask the community a question")
    async def ask(self, ctx: Submission[AskForm]) -> None:
        asked = ctx.form
        policy = await self.desk.policy(ctx)
        require(not asked.anonymous or policy.anonymous, say("Anonymous questions are switched off here."))
        await self.desk.place(ctx, ctx.space.key)
        draft = await self._draft(ctx, asked.question, asked.details, topic=asked.topic, anonymous=asked.anonymous)
        if draft and not await self._show_known(ctx, draft, ctx.reply):
            await self._post(ctx, draft, ctx.reply)

    @shortcut("Ask the community")
    async def ask_from_message(self, ctx: OnMessage) -> None:
        title, details = _words_of(ctx.target)
        if ctx.target.author.account != ctx.account:
            link, author = await ctx.chat.link(ctx.target.ref), ctx.target.author.name
            by = say("({name} wrote this: {link})", name=author, link=link) if link else None
            by = by or say("({name} wrote this)", name=author)
            details = f"{details or ctx.target.text}\n\n{by.spoken(ctx.tongue)}"
        await ctx.open(AskForm, Asking.ask.call(), self, question=title, details=clip(details, 2500))

    @listener(MessagePosted, where=lambda cog, glance: cog.hears(glance))
    async def post_in_help_channel(self, ctx: Context, event: MessagePosted) -> None:
        if await self.desk.peers.is_left_alone(ctx.member.id):
            return
        title, details = _words_of(event.message)
        async with ctx.atomic():
            draft = await self._draft(ctx, title, details, origin=event.message.ref)
            if draft:
                await ctx.schedule(Asking.post_after_all.call(draft.id), ctx.now + SECOND_THOUGHTS)
        if draft and not await self._show_known(ctx, draft, ctx.aside):
            await self._post(ctx, draft, ctx.aside)

    def hears(self, glance: Glance) -> bool:
        """Say whether someone asks for help in a help channel."""
        here = glance.parent is None and glance.channel in self.desk.help_channels
        return here and (bool(glance.title) or reads_as_question(glance.text))

    async def _draft(
        self,
        ctx: Context,
        title: str,
        details: str,
        *,
        topic: str = "",
        anonymous: bool = False,
        origin: MessageRef | None = None,
    ) -> Question | None:
        topic = topic or guess_topic(f"{title} {details}", self.desk.topics)
        known = self.desk.topic(topic)
        return await self.desk.questions.draft(
            ctx.community.id,
            ctx.member.id,
            ctx.space.key,
            title,
            ctx.now,
            details=details,
            topic=known.name if known else topic.lower(),
            anonymous=anonymous,
            audience=Audience.AGENTS if known and known.agents_only else Audience.PEERS,
            origin=origin.key if origin else None,
        )

    async def _show_known(self, ctx: Context, draft: Question, show: Show) -> bool:
        """Show what may answer a draft to its asker; say whether there was anything."""
        known = await self.shelf.similar(ctx, draft)
        if not known:
            return False
        solved = [Asking.solved_by.call(draft.id, entry.question.id) for entry in known]
        drop = Asking.drop.call(draft.id) if draft.origin else None
        await show(cards.known_card(known, solved, Asking.post.call(draft.id), drop=drop))
        return True

    @action
    async def solved_by(self, ctx: Context, question_id: int, known_id: int) -> None:
        """An old answer was enough."""
        await self.desk.own(ctx, question_id)
        known = await self.desk.get(ctx, known_id)
        async with ctx.atomic():
            spared = await self.desk.questions.deflect(question_id, known.id, ctx.now)
            if spared:
                await self.desk.search.remove("question", question_id)
                await self.desk.touch(ctx, spared)
            if spared and known.solver_id and known.solver_id != ctx.member.id:
                await ctx.publish(AnswerReused(known.id, known.solver_id, ctx.member.id))
        require(spared, say("You have decided on that one already."))
        view = await self.desk.view(ctx, known)
        await ctx.update(cards.deflected_card(view.person(known.solver_id) if known.solver_id else None))

    @action
    async def post(self, ctx: Context, question_id: int) -> None:
        """What is known was not enough."""
        draft = await self.desk.own(ctx, question_id)
        require(draft.state is not State.DEFLECTED, say("You have decided on that one already."))
        await self._post(ctx, draft, ctx.update)

    @action
    async def post_after_all(self, work: Work, question_id: int) -> None:
        """The author of a post in a help channel did not look at what is known."""
        async with work.atomic():
            await self._open(work, question_id)

    @action
    async def drop(self, ctx: Context, question_id: int) -> None:
        """It was no question: take it back, and leave its author alone from now on."""
        await self.desk.own(ctx, question_id)
        async with ctx.atomic():
            dropped = await self.desk.questions.drop(question_id, ctx.now)
            if dropped:
                await self.desk.peers.leave_alone(ctx.member.id, ctx.now)
                await self.desk.search.remove("question", question_id)
                await self.desk.touch(ctx, dropped)
                await self.desk.drain(ctx)
        require(dropped, say("It is settled already, and somebody may find it useful: it stays."))
        await ctx.update(cards.left_alone_card())

    async def _open(self, work: Work, question_id: int) -> Question | None:
        """Give a draft its number; from then on it is looked after."""
        question = await self.desk.questions.post(question_id, work.now)
        if question:
            await self.desk.index(question)
            await self.desk.touch(work, question)
            await work.publish(QuestionAsked(question.id, question.asker_id))
        return question

    async def _post(self, ctx: Context, draft: Question, show: Show) -> None:
        async with ctx.atomic():
            await self._open(ctx, draft.id)
        try:
            await self.keeper.tend(ctx, draft.id)
        except (AdapterError, OSError) as trouble:
            # It is written down and looked after from now on: to ask again would post it twice.
            log.warning("question %s will be posted later: %r", draft.id, trouble)
        question = await self.desk.get(ctx, draft.id)
        offers = await self.desk.peers.offers(question.id)
        asked = await ctx.members.get_many(offer.member_id for offer in offers)
        drop = Asking.drop.call(question.id) if question.origin else None
        await show(cards.posted_card(await self.desk.view(ctx, question), [*asked.values()], drop))

    @action
    async def speak(self, ctx: Context, question_id: int) -> None:
        """An anonymous asker wants to write in the thread."""
        question = await self.desk.own(ctx, question_id)
        require(question.anonymous, say("You asked with your name: just write in the thread."))
        await ctx.open(SpeakForm, Asking.spoken.call(question_id), self)

    @action
    async def spoken(self, ctx: Submission[SpeakForm], question_id: int) -> None:
        """An anonymous asker wrote something."""
        question = await self.desk.own(ctx, question_id)
        if question.thread is None:
            raise UserError(say("Your question has no thread yet."))
        said = await ctx.post(cards.asker_says_card(ctx.form.words), Channel.of(question.thread))
        async with ctx.atomic():
            changed = await self.desk.replies.add(question, said.key, ctx.member.id, ctx.form.words, ctx.now)
            if changed:
                await self.desk.touch(ctx, changed)

    @action(role=Role.MODERATOR)
    async def reveal(self, ctx: Context, question_id: int) -> None:
        """A moderator has to know who asked; that is written down."""
        question = await self.desk.get(ctx, question_id)
        asker = await ctx.members.get(question.asker_id)
        if asker is None:
            raise UserError(say("Whoever asked is gone."))
        await self.desk.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, "question.revealed", subject=f"question #{question.number}"
        )
        await ctx.reply(cards.revealed_card(asker))

    @listener(MemberErased)
    async def redraw(self, work: Work, event: MemberErased) -> None:
        """Have the cards that named someone say what is left."""
        await self.redraw_next(work, event.member_id, 0)

    @action
    async def redraw_next(self, work: Work, member_id: int, after: int) -> None:
        """The same, for some of them at a time, by their ids."""
        found = await self.desk.questions.about(member_id, after, AT_ONCE)
        for question in found:
            await self.desk.touch(work, question)
        if len(found) == AT_ONCE:
            await work.schedule(Asking.redraw_next.call(member_id, found[-1].id), work.now)

    async def page(self, ctx: Context) -> PagePart | None:
        mine = await self.desk.questions.listed(ctx.community.id, UNSETTLED, ON_PAGE, asker_id=ctx.member.id)
        return cards.asked_part([await self.desk.view(ctx, question) for question in mine]) if mine else None

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.desk.help_channels.links(ctx.space), [topic.name for topic in self.desk.topics])

    async def export(self, member: Member) -> dict[str, Any]:
        asked, written = await self.desk.questions.asked_by(member.id), await self.desk.replies.of_member(member.id)
        return {
            "asked": [
                {
                    "title": one.title,
                    "details": one.details,
                    "topic": one.topic,
                    "state": one.state,
                    "at": one.created_at,
                }
                for one in asked
            ],
            "written": [{"text": reply.text, "at": reply.at} for reply in written],
            "posts_not_read_as_questions": await self.desk.peers.is_left_alone(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.desk.questions.forget(member.id)
        await self.desk.replies.forget(member.id)
        for question in await self.desk.questions.asked_by(member.id):
            await self.desk.search.remove("question", question.id)
        for question in await self.desk.questions.solved_by(member.id):
            if question.asker_id != member.id:
                await self.desk.index(question)
        await self.desk.duty.end(member.id)


def _words_of(message: Message) -> tuple[str, str]:
    """Return what a message asks and more about it; whoever opens a post in a forum says it apart."""
    return (message.title, message.text) if message.title else split_title(message.text)
