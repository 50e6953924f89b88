"""Asking: by command, from a message, or by just posting in a help channel; and what is known is shown first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import Glance, MessageEdited, MessagePosted
from adapters.contract.models import Message
from adapters.contract.text import Verbatim, Words, clip, say
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, drawing, listener, shortcut
from bot.kernel.context import Context, OnMessage, Submission
from bot.kernel.domain_events import AnswerReused, MemberErased
from bot.kernel.errors import UserError, require
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.page import PagePart
from bot.kernel.work import Reading, Work
from bot.text.reading import Verdict, is_question
from bot.text.titles import split_title, tells_nothing
from storage.members import Member
from storage.questions import KIND, UNPOSTED, UNSETTLED, Question, State

from . import calls, cards
from .breath import Breath
from .cards import View
from .forms import AskForm, require_subject
from .knowledge_search import KnowledgeSearch
from .places import CARD
from .policy import is_now_sure, reads_as_content, reads_as_question
from .privately import is_out_of_reach
from .service import DECIDED_ALREADY, ON_PAGE, Questions, words_of
from .trusted import best_answer

SECOND_THOUGHTS = timedelta(minutes=5)
"""How long someone who just posted in a help channel has to look at what is known, before it is asked around."""
STILL_NEW = timedelta(minutes=15)
"""How long after a message was written an edit may make a question of it."""
ONE_AT_A_TIME = timedelta(minutes=10)
"""So long somebody who was asked whether a post is a question is not asked about their next one."""
AT_ONCE = 50
"""So many cards that name someone are drawn again at once."""

ShowLater: TypeAlias = Callable[[Call, tuple[str, int]], Awaitable[None]]
Show: TypeAlias = Callable[[Card], Awaitable[None]]


class Asking(Cog):
    """Members ask; what is known is shown to them first; then their question stands in the help channel."""

    name = "asking"
    room = "Questions"

    def __init__(self, questions: Questions, knowledge_search: KnowledgeSearch) -> None:
        self.questions = questions
        self.knowledge_search = knowledge_search
        self._breath = Breath()

    @property
    def topics(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(topic.name), topic.name) for topic in self.questions.topics)

    @command("ask", "Ask the community a question", start="Ask a question", prompt="Ask a question")
    async def ask(self, ctx: Submission[AskForm]) -> None:
        asked = ctx.form
        policy = await self.questions.policies.of(ctx.community.id)
        require(not asked.anonymous or policy.anonymous, say("Anonymous questions are switched off here."))
        require_subject(asked)
        await self.questions.require_room(ctx)
        known = await self.knowledge_search.similar(ctx, asked.question, asked.details)
        facts = (asked.question, asked.details, self.questions.named_topic(asked.topic))
        draft = await self.questions.draft(
            ctx, *facts, anonymous=asked.anonymous, private=asked.private, screenshot=asked.screenshot
        )
        if draft and not draft.private:
            await self.questions.require_channel(ctx, ctx.space)
        if draft and (first := await self.knowledge_search.first(ctx, known, draft)):
            await ctx.reply(first)
        elif draft:
            await self._post(ctx, draft, ctx.reply_once, ctx.reply)

    @shortcut("Ask the community")
    async def ask_from_message(self, ctx: OnMessage) -> None:
        title, details = words_of(ctx.target)
        if ctx.target.author.account != ctx.account:
            link, author = ctx.platforms.link(ctx.target.ref), ctx.target.author.name
            by = say("({name} wrote this: {link})", name=author, link=link) if link else None
            by = by or say("({name} wrote this)", name=author)
            details = f"{details or ctx.target.text}\n\n{by.localized(ctx.translations)}"
        await ctx.open(AskForm, calls.ask(), self, question=title, details=clip(details, 2500))

    @listener(MessagePosted, where=lambda cog, glance: cog.hears(glance))
    async def post_in_help_channel(self, ctx: Context, event: MessagePosted) -> None:
        message = event.message
        if message.reply_to and await self.questions.about(message):
            return  # it belongs to that question
        goes_on, asks = self._breath.goes_on(message), _asks(message)
        if await self.questions.peers.is_left_alone(ctx.member.id):
            return
        is_more = asks is not Verdict.NO or not message.to_us
        if goes_on and is_more and await self._go_on(ctx, goes_on, message):
            return
        if asks is Verdict.NO:
            return  # it was only heard because somebody is asking here
        await self._take_for_a_question(ctx, message)

    @listener(MessageEdited, where=lambda cog, glance: cog.asks_here(glance), in_passing=True)
    async def edit_into_a_question(self, ctx: Context, event: MessageEdited) -> None:
        """What was none became one while it was new, and nobody had it taken back."""
        message, key = event.message, event.message.ref.key
        if event.at - message.at > STILL_NEW or await self.questions.peers.is_left_alone(ctx.member.id):
            return
        draft = await self.questions.store.by_origin(key)
        if draft:
            unsure = (
                draft.state is State.DRAFT and reads_as_question("", draft.details or draft.title) is Verdict.UNSURE
            )
            if unsure and _asks(message) is Verdict.YES:
                await self._go_on_with(ctx, draft, message)
            return
        if not (await self.questions.replies.of(key) or (message.reply_to and await self.questions.about(message))):
            await self._take_for_a_question(ctx, message)

    async def _take_for_a_question(self, ctx: Context, message: Message) -> None:
        sure = _asks(message) is Verdict.YES
        if not sure and await self.questions.store.undecided(ctx.member.id, ctx.now - ONE_AT_A_TIME):
            return
        draft = await self.questions.draft(ctx, *words_of(message), origin=message.ref)
        if draft and sure:
            await self._go_on_with(ctx, draft, message)
        elif draft:
            self._breath.begin(draft.id, message)
            known = await self.knowledge_search.similar(ctx, draft.title, draft.details)
            await ctx.aside(await self.knowledge_search.first(ctx, known, draft) or cards.perhaps_card(draft))

    async def _go_on_with(self, ctx: Context, draft: Question, message: Message) -> None:
        """Show what is known about what is surely a question, and post it after some minutes; or at once."""
        self._breath.begin(draft.id, message)
        known = await self.knowledge_search.similar(ctx, *words_of(message))
        if first := await self.knowledge_search.first(ctx, known, draft, soon=True):
            await ctx.aside(first)
            await ctx.schedule(calls.post_after_all(draft.id), ctx.now + SECOND_THOUGHTS)
        else:
            await self._post(ctx, draft, ctx.aside_once, ctx.aside)

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:
        """A question to Trellis is looked up, and the author decides whether it is posted for all."""
        if ctx.answered:
            return False
        if self.asks_here(event.glance) and not await self.questions.peers.is_left_alone(ctx.member.id):
            return True
        if ctx.role < Role.MEMBER or is_question(words) is Verdict.NO:
            return False
        title, details = split_title(words)
        known = await self.knowledge_search.similar(ctx, title, details)
        if draft := await self.questions.draft(ctx, title, details):
            if not draft.private:
                await self.questions.require_channel(ctx, ctx.space)
            ask = await self.questions.before(ctx, draft) if draft.private else cards.shall_i_post_card(draft)
            await ctx.aside(await self.knowledge_search.first(ctx, known, draft) or ask)
        return True

    def hears(self, glance: Glance) -> bool:
        """Say whether someone asks for help in a help channel, or speaks there while somebody is asking."""
        return self.asks_here(glance) or (glance.parent is None and glance.channel in self._breath)

    def asks_here(self, glance: Glance) -> bool:
        """Say whether someone asks for help in a help channel."""
        here = glance.parent is None and glance.channel in self.questions.help_channels
        return here and reads_as_question(glance.title, glance.text) is not Verdict.NO

    async def _go_on(self, ctx: Context, question_id: int, message: Message) -> bool:
        """Take a line as part of a question that its author has just begun; say whether it is one."""
        before = await self.questions.store.get(question_id)
        if before is None or before.state in (State.DEFLECTED, State.DROPPED):
            return False
        grown = before if tells_nothing(message.text) else await self._add(ctx, question_id, message)
        if grown is None:
            return False
        if grown.number and reads_as_content(message.text):
            await ctx.aside(cards.found_it_card(await self.questions.view(ctx, grown)))
        elif grown.state is State.DRAFT and is_now_sure(before, grown, has_files=message.has_files):
            await self._go_on_with(ctx, grown, message)
        return True

    async def _add(self, ctx: Context, question_id: int, message: Message) -> Question | None:
        """Add a line to a question that nobody answered yet; return it, unless that could not be."""
        question = await self.questions.store.get(question_id)
        if question is None:
            return None
        title, details = split_title(f"{question.details or question.title}\n{message.text}".strip())
        grown = await self.questions.store.grow(question_id, title, clip(details, 4000))
        if grown:
            said = self.questions.said(ctx, message)
            await self.questions.replies.add(
                grown, message.ref.key, ctx.member.id, said, message.at, heard=ctx.now, asks=True
            )
        if grown and grown.number:
            await self.questions.index(grown)
            self.questions.touch(ctx, grown)
        return grown

    @action
    async def solved_by(self, ctx: Context, question_id: int, known_id: int) -> None:
        """An old answer was enough."""
        await self.questions.own(ctx, question_id)
        known = await self.questions.get(ctx, known_id)
        spared = await self.questions.store.deflect(question_id, known.id, ctx.now)
        if spared is None:
            raise UserError(DECIDED_ALREADY)
        await self.questions.search.remove(KIND, question_id)
        await self.knowledge_search.offered.settle(question_id, was_right=True)
        self.questions.touch(ctx, spared)
        helper, answer = None, best_answer(known, await self.questions.replies.latest(known.id))
        if answer and answer.member_id and answer.member_id != ctx.member.id:
            await self.questions.note_help(known)
            await ctx.publish(AnswerReused(known.id, answer.member_id, ctx.member.id, question_id))
            helper = (await self.questions.view(ctx, known, [answer.member_id])).person(answer.member_id)
        await ctx.update(cards.deflected_card(helper))

    @action
    async def post(self, ctx: Context, question_id: int) -> None:
        """What is known was not enough, or nothing came of what somebody else asked."""
        draft = await self.questions.own(ctx, question_id)
        require(draft.state not in (State.DEFLECTED, State.DROPPED), DECIDED_ALREADY)
        if draft.number is None and draft.origin is None:
            await self.questions.require_room(ctx)
        await self.knowledge_search.offered.settle(question_id, was_right=False)
        await self._post(ctx, draft, ctx.update_once, ctx.update)

    @action
    async def post_after_all(self, work: Work, question_id: int) -> None:
        """The author of a post in a help channel did not look at what is known: it is asked, if it still asks."""
        draft = await self.questions.store.get(question_id)
        if draft and is_question(draft.details or draft.title) is not Verdict.NO:
            await self.questions.open(work, question_id)

    @action
    async def unwanted(self, ctx: Context, question_id: int) -> None:
        """What somebody wrote is not for the community; that says nothing of what they write next."""
        draft = await self.questions.own(ctx, question_id)
        require(draft.state is State.DRAFT, DECIDED_ALREADY)
        await self.questions.store.drop(question_id, ctx.now)
        await ctx.update(cards.let_be_card())

    @action
    async def drop(self, ctx: Context, question_id: int) -> None:
        """It was no question: take it back, and leave its author alone from now on."""
        await self.questions.own(ctx, question_id)
        dropped = await self.questions.store.drop(question_id, ctx.now)
        if dropped is None:
            raise UserError(say("It's settled already, and somebody may find it useful: it stays."))
        await self.questions.peers.leave_alone(ctx.member.id, ctx.now)
        await self.questions.search.remove(KIND, question_id)
        self.questions.touch(ctx, dropped)
        await self.questions.turns.drain(ctx)
        await ctx.update(cards.left_alone_card())

    async def _post(self, ctx: Context, draft: Question, later: ShowLater, show: Show) -> None:
        """Post it, and show that once it stands. What is private is said to be, first."""
        if draft.private and draft.number is None:
            await show(await self.questions.before(ctx, draft))
            return
        await self.questions.open(ctx, draft.id)
        await later(calls.posted(draft.id), (KIND, draft.id))

    @drawing
    async def posted(self, reading: Reading, question_id: int) -> Card:
        """Tell the asker that their question is there, and whom I asked, or that it will be."""
        question = await self.questions.store.get(question_id)
        standing = await reading.standing(KIND, question_id)
        if question is None or question.state in UNPOSTED:
            return cards.left_out_card()
        if standing.find(CARD) is None:
            return cards.later_card()
        if question.private:
            is_told, opens = not is_out_of_reach(standing), await self.questions.support_opens(reading)
            return cards.sent_card(question, opens, is_told=is_told)
        offers = await self.questions.peers.offers(question_id)
        asked = await self.questions.members.get_many(offer.member_id for offer in offers)
        view = View(question, {}, standing.link(CARD, reading.space))
        opens = await self.questions.support_opens(reading)
        has_support = await self.questions.has_support(reading)
        return cards.posted_card(view, [*asked.values()], opens, has_support=has_support)

    @listener(MemberErased)
    async def redraw(self, work: Work, event: MemberErased) -> None:
        """Have the cards that named someone say what is left."""
        await self.redraw_next(work, event.member_id, 0)

    @action
    async def redraw_next(self, work: Work, member_id: int, after: int) -> None:
        """The same, for some of them at a time, by their ids."""
        found = await self.questions.store.about(member_id, after, AT_ONCE)
        for question in found:
            self.questions.touch(work, question)
            if question.asker_id == member_id:
                await work.unname_threads(KIND, question.id)
        if len(found) == AT_ONCE:
            await work.schedule(calls.redraw_next(member_id, found[-1].id), work.now)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.questions.lifecycle]

    async def page(self, ctx: Context) -> PagePart | None:
        mine = await self.questions.store.listed(ctx.community.id, UNSETTLED, ON_PAGE, asker_id=ctx.member.id)
        return cards.asked_part(await self.questions.views(ctx, mine)) if mine else None

    async def room_words(self, ctx: Context) -> Words:
        topics = [topic.name for topic in self.questions.topics]
        return cards.room_words(self.questions.help_channels.links(ctx.space), topics)

    async def export(self, member: Member) -> dict[str, Any]:
        asked = await self.questions.store.asked_by(member.id)
        written = await self.questions.replies.of_member(member.id)
        return {
            "asked": [
                {
                    "title": one.title,
                    "details": one.details,
                    "topic": one.topic,
                    "state": one.state,
                    "picture": f"picture-{one.screenshot_id}" if one.screenshot_id else "",
                    "at": one.created_at,
                }
                for one in asked
            ],
            "written": [{"text": reply.text, "at": reply.at} for reply in written],
            "posts_not_read_as_questions": await self.questions.peers.is_left_alone(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.questions.store.forget(member.id)
        written = {reply.question_id for reply in await self.questions.replies.of_member(member.id)}
        await self.questions.replies.forget(member.id)
        for question in await self.questions.store.asked_by(member.id):
            await self.questions.search.remove(KIND, question.id)
            await self.questions.note_help(question)
        solved = {question.id for question in await self.questions.store.solved_by(member.id)}
        for question in (await self.questions.store.get_many(written | solved)).values():
            if question.asker_id != member.id and question.state not in UNPOSTED:
                await self.questions.index(question)
        await self.questions.duty.end(member.id)


def _asks(message: Message) -> Verdict:
    return reads_as_question(message.title, message.text, has_files=message.has_files)
