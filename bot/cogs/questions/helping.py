"""Helping: taking an offer or passing it on, writing in a question's thread, and saying what one knows and when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.events import Glance, MessagePosted
from adapters.contract.models import Message
from adapters.contract.text import Verbatim, clip, say
from adapters.contract.ui import Option
from bot.delivery.gate import REST
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission
from bot.kernel.domain_events import MembersLinked
from bot.kernel.errors import FormError, require
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from bot.kernel.work import Work
from bot.text.when import When, day_words
from storage.members import Member
from storage.peers import Reaction
from storage.questions import UNPOSTED, UNSETTLED, Audience, Question, State

from . import calls, cards
from .peers import reasons_of
from .policy import NEVER, reads_as_content
from .service import ON_PAGE, Questions

RECENT = timedelta(days=7)
"""How long what someone was asked stands on their page."""


class TopicForm(Form, title="What you know about", submit="Save"):
    """A topic that someone knows about."""

    topic: str = ask("Topic", longest=30, suggestions=lambda cog: cog.topics)


class AwayForm(Form, title="Away", submit="Save"):
    """How long someone does not want to be asked."""

    until: When | None = ask(
        "Until when?", hint="For example: monday 09:00. Empty: until you say “/back”.", required=False
    )


class Helping(Cog):
    """Peers help each other; nobody is asked who does not want to be."""

    name = "helping"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @property
    def topics(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(topic.name), topic.name) for topic in self.questions.topics)

    @action
    async def help(self, ctx: Context, question_id: int) -> None:
        """Someone wants to help."""
        question = await self.questions.get(ctx, question_id)
        require(question.asker_id != ctx.member.id, say("You asked this yourself. This button is for others."))
        require(question.state in UNSETTLED, say("This is settled already. Thank you all the same!"))
        require(await self._may_help(ctx, question), say("Support looks after this one. Thank you all the same!"))
        await self.questions.peers.react(question_id, ctx.member.id, Reaction.HELPING, ctx.now)
        taken = await self.questions.peers.help(question_id, ctx.member.id, ctx.now)
        if taken:
            self.questions.touch(ctx, taken)
        view = await self.questions.view(ctx, question, [ctx.member.id])
        if taken or question.helper_id in (None, ctx.member.id):
            await ctx.reply(cards.helping_card(view))
        else:
            await ctx.reply(cards.also_helping_card(view.helper))

    async def _may_help(self, ctx: Context, question: Question) -> bool:
        """Say whether someone may help: with what is for support, only support, and who was asked before it was."""
        if question.audience is Audience.PEERS or ctx.role >= Role.AGENT:
            return True
        return any(offer.member_id == ctx.member.id for offer in await self.questions.peers.offers(question.id))

    @action
    async def decline(self, ctx: Context, question_id: int) -> None:
        """Someone does not want to help with this one."""
        await self._pass_on(ctx, question_id, Reaction.DECLINED)
        await ctx.reply(cards.declined_card())

    @action
    async def snooze(self, ctx: Context, question_id: int) -> None:
        """Someone does not want to be asked for a while."""
        await self._pass_on(ctx, question_id, Reaction.SNOOZED)
        await ctx.reply(cards.snoozed_card(ctx.now + REST))

    @action
    async def why(self, ctx: Context, question_id: int) -> None:
        """Say to somebody who is asked what speaks for them, and to moderators what does for everyone who is."""
        question = await self.questions.get(ctx, question_id)
        offers = await self.questions.peers.offers(question_id)
        mine = [offer for offer in offers if offer.member_id == ctx.member.id]
        require(mine or ctx.role >= Role.MODERATOR, say("You weren't asked. Everyone may answer, though!"))
        if mine and ctx.role < Role.MODERATOR:
            await ctx.reply(cards.why_card([(None, reasons_of(mine[0]))], about_you=True))
            return
        view = await self.questions.view(ctx, question, [offer.member_id for offer in offers])
        await ctx.reply(cards.why_card([(view.person(one.member_id), reasons_of(one)) for one in offers]))

    @command("why", "See why I asked you to help")
    async def why_lately(self, ctx: Context) -> None:
        """Say what spoke for somebody in what they were asked last."""
        latest = await self.questions.peers.latest_to(ctx.member.id, ON_PAGE)
        found = await self.questions.store.get_many([offer.question_id for offer in latest])
        there = {id_: one for id_, one in found.items() if one.title and one.state not in UNPOSTED}
        asked = [offer for offer in latest if offer.question_id in there]
        require(asked, say("I haven't asked you to help with anything yet. “/expertise add” tells me what you know."))
        views = await self.questions.views(ctx, [there[offer.question_id] for offer in asked])
        named = [cards.linked(clip(view.question.title, 90), view.link) for view in views]
        await ctx.reply(cards.why_card([*zip(named, map(reasons_of, asked), strict=True)], about_you=True))

    async def _pass_on(self, ctx: Context, question_id: int, reaction: Reaction) -> None:
        question = await self.questions.get(ctx, question_id)
        offers = await self.questions.peers.offers(question_id)
        require(
            any(offer.member_id == ctx.member.id for offer in offers),
            say("You weren't asked, so there's nothing to pass on."),
        )
        await self.questions.pass_on(ctx, question, ctx.member.id, reaction)

    @listener(MessagePosted, where=lambda cog, glance: cog.hears(glance), role=Role.GUEST)
    async def write(self, ctx: Context, event: MessagePosted) -> None:
        """Someone wrote in a thread of the help channel, or replied to a question there."""
        message = event.message
        question = await self.questions.about(message)
        if question is None or question.private is not self._is_with_agents(message):
            return  # what agents say among themselves of what others can read is nobody else's
        if question.state is State.DRAFT and question.asker_id != ctx.member.id:
            await self.questions.open(ctx, question.id)  # it is answered already: there is nothing to wait for
        words = self.questions.said(ctx, message)
        key, by_asker = message.ref.key, ctx.member.id == question.asker_id
        content = reads_as_content(self.questions.caption(ctx, key, words))
        answers, asks = not by_asker and self.questions.is_answer(ctx, key, words), not content
        changed = await self.questions.replies.add(
            question, key, ctx.member.id, words, message.at, heard=ctx.now, answers=answers, asks=asks
        )
        if changed:
            if answers:
                changed = await self.questions.complete_solution(changed) or changed
            self.questions.touch(ctx, changed)
            if not by_asker:
                await self._came_to_help(ctx, changed, answers=answers)
            if answers or content:
                await self.questions.index(changed)
        # Beneath what an anonymous asker wrote, nothing may say for all to see that it is theirs.
        if changed and by_asker and (ctx.discreet or not question.anonymous):
            await self._ask_how_it_stands(ctx, changed, content=content)

    async def _came_to_help(self, ctx: Context, question: Question, *, answers: bool) -> None:
        """Somebody wrote an answer: that is help, and whoever was asked took it on."""
        if answers:
            await self.questions.note_help(question, ctx.member.id)
            if question.waves:
                await self.questions.peers.react(question.id, ctx.member.id, Reaction.HELPING, ctx.now, first=True)

    def hears(self, glance: Glance) -> bool:
        """Say whether something may belong to a question: in a thread, or as a reply in the channel itself."""
        place = glance.parent or (glance.channel if glance.reply_to else None)
        return place is not None and (place in self.questions.help_channels or place in self.questions.agents_channels)

    def _is_with_agents(self, message: Message) -> bool:
        return (message.parent or message.ref.channel) in self.questions.agents_channels

    async def _ask_how_it_stands(self, ctx: Context, question: Question, *, content: bool) -> None:
        view = await self.questions.view(ctx, question)
        if question.state is State.ANSWERED and content:
            await ctx.aside(cards.content_card(view))
        elif question.state in (State.OPEN, State.CLAIMED) and content:
            await ctx.aside(cards.found_it_card(view))
        elif question.state in (State.SOLVED, State.CLOSED) and not content:
            await ctx.aside(cards.not_solved_card(view))

    @command("expertise add", "Tell Trellis what you know about, so that it asks you", personal=True)
    async def add_expertise(self, ctx: Submission[TopicForm]) -> None:
        topic = await self._topic(ctx, ctx.form.topic)
        await self.questions.peers.set_expertise(ctx.community.id, ctx.member.id, topic, ctx.now)
        await ctx.reply(cards.expertise_changed_card(topic, added=True))

    @command("expertise remove", "Don't be asked about something any more", personal=True)
    async def remove_expertise(self, ctx: Submission[TopicForm]) -> None:
        topic = await self._topic(ctx, ctx.form.topic)
        await self.questions.peers.set_expertise(ctx.community.id, ctx.member.id, topic, ctx.now, wanted=False)
        await ctx.reply(cards.expertise_changed_card(topic, added=False))

    @command("expertise list", "See what Trellis asks you about", personal=True)
    async def list_expertise(self, ctx: Context) -> None:
        mine = await self.questions.peers.expertise(ctx.member.id)
        unwanted = await self.questions.peers.expertise(ctx.member.id, wanted=False)
        await ctx.reply(cards.expertise_card(mine, unwanted, [topic.name for topic in self.questions.topics]))

    async def _topic(self, ctx: Context, typed: str) -> str:
        return self.questions.named_topic(typed, await self.questions.peers.expertise(ctx.member.id))

    @command("away", "Don't be asked for a while", personal=True)
    async def go_away(self, ctx: Submission[AwayForm]) -> None:
        until = _end_of(ctx.form.until, ctx.now, ctx.zone)
        require(until is None or until > ctx.now, say("That's in the past. When will you be back?"))
        before = ctx.member.away_until if ctx.member.away_until and ctx.member.away_until > ctx.now else None
        await self._be_away(ctx, until or NEVER)
        undo = calls.undo_away(_packed(until or NEVER), _packed(before))
        await ctx.reply(cards.away_card(until, ctx.zone, undo))

    async def _be_away(self, ctx: Context, until: datetime | None) -> None:
        await ctx.members.set_preferences(ctx.member.id, away_until=until)
        if until is None:
            await self.questions.turns.drain(ctx)
        elif until != NEVER:
            await ctx.schedule(calls.drain(), until, key=f"away/{ctx.member.id}")

    @action
    async def undo_away(self, ctx: Context, until: str, before: str) -> None:
        """That was not what was meant: all is as it was before."""
        require(_packed(ctx.member.away_until) == until, say("You changed that since, so I left it alone."))
        again = NEVER if before == _packed(NEVER) else datetime.fromtimestamp(int(before), UTC) if before else None
        await self._be_away(ctx, again)
        await ctx.update(cards.away_undone_card(again if again != NEVER else None, ctx.zone, away=again is not None))

    @command("back", "Be asked again", personal=True)
    async def come_back(self, ctx: Context) -> None:
        await self._be_away(ctx, None)
        await ctx.reply(cards.back_again_card())

    @listener(MembersLinked)
    async def link(self, work: Work, _: MembersLinked) -> None:
        """Two members are one: what either did is theirs."""
        await self.questions.help.renew(work.community.id)

    async def page(self, ctx: Context) -> PagePart | None:
        """Return what the member took on, and what they were asked to help with and have not answered."""
        asked = await self.questions.peers.open_to(ctx.member.id, ctx.now - RECENT, ON_PAGE)
        taken = [one for one in await self.questions.support.in_hand(ctx.member.id) if one.audience is Audience.PEERS]
        views = await self.questions.views(ctx, [*taken, *asked][:ON_PAGE])
        return cards.helped_part(views, ctx.member.id) if views else None

    async def export(self, member: Member) -> dict[str, Any]:
        offered = await self.questions.peers.offers_to(member.id)
        helped = dict(await self.questions.help.of_member(member.id))
        titles = await self.questions.store.get_many(helped)
        return {
            "helped_with": [{"question": titles[id_].title, "at": at} for id_, at in helped.items()],
            "away_until": member.away_until,
            "expertise": await self.questions.peers.expertise(member.id),
            "not_asked_about": await self.questions.peers.expertise(member.id, wanted=False),
            "offered": [
                {
                    "why": [str(cards.asked_because(reason)) for reason in reasons_of(offer)],
                    "at": offer.at,
                    "reaction": offer.reaction,
                }
                for offer in offered
            ],
        }

    async def erase(self, member: Member) -> None:
        await self.questions.peers.forget(member.id)
        await self.questions.help.forget(member.community_id, member.id)
        await self.questions.members.set_preferences(member.id, away_until=None)


def _packed(until: datetime | None) -> str:
    """Return a moment as a button carries it, in seconds."""
    return str(int(until.timestamp())) if until else ""


def _end_of(when: When | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return until when somebody is away; nothing where they did not say. Raises `FormError`.

    Who is away today is so until it is over.
    """
    if when is None:
        return None
    if when.ends and when.at > now:
        begins = day_words(when.at.astimezone(zone).date())
        raise FormError(until=say("That begins on {day}, and I can only start now. Until when?", day=begins))
    if when.opens:
        raise FormError(until=say("That's when it begins. When will you be back?"))
    if when.lacks_time(now) and when.at <= now and not when.ends:
        tomorrow = when.at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(UTC)
    return when.ends or when.at
