"""What the cogs of this room share: the stores, the channels, and the few things that all of them do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.models import Channel, Message, MessageRef, Space
from adapters.contract.text import clean, clip, say
from adapters.contract.ui import Card
from bot.kernel.addressed import words_to_us
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context
from bot.kernel.domain_events import QuestionAsked
from bot.kernel.errors import FormError, UserError
from bot.kernel.limits import DAY, require_room
from bot.kernel.policies import Policies
from bot.kernel.work import Reading, Work
from bot.text.titles import split_title
from storage.audit import AuditStore
from storage.duty import DutyStore
from storage.help import HelpStore
from storage.members import MemberStore
from storage.moments import MomentStore
from storage.peers import PeerStore, Reaction
from storage.questions import KIND, UNPOSTED, Audience, Question, QuestionStore, State
from storage.replies import SPOKEN, Reply, ReplyStore
from storage.rewrites import RewriteStore
from storage.search import SearchStore
from storage.solutions import SolutionStore
from storage.support import SupportStore
from storage.uploads import Upload

from .cards import View, before_card, no_place_card
from .lifecycle import QuestionLifecycle
from .places import threads_of
from .policy import SUPPORT, Policy, Topic, guess_topic, reads_as_answer
from .trusted import document_of, help_of, in_one_go, put_together
from .turns import Turns

DECIDED_ALREADY = say("You've decided on that one already.")
_ALIKE = 0.85
"""How alike two topics are, from 0 to 1, of which one may be a slip of the other."""
ON_PAGE = 3
"""How many questions of a kind stand on a personal page."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The room's questions."""

    store: QuestionStore
    replies: ReplyStore
    support: SupportStore
    solutions: SolutionStore
    rewrites: RewriteStore
    moments: MomentStore
    peers: PeerStore
    duty: DutyStore
    search: SearchStore
    help: HelpStore
    members: MemberStore
    audit: AuditStore
    help_channels: ChannelGroup
    agents_channels: ChannelGroup
    policies: Policies[Policy]
    turns: Turns
    lifecycle: QuestionLifecycle

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What questions here are about."""
        return self.policies.default.topics

    def topic(self, name: str) -> Topic | None:
        """Return the topic of that name."""
        return self.policies.default.topic(name)

    def named_topic(self, typed: str, others: Sequence[str] = ()) -> str:
        """Return the topic that was typed, in somebody's own words if need be. Raises `FormError` for a slip.

        `others` are topics of their own.
        """
        if known := self.topic(typed):
            return known.name
        words = " ".join(typed.lower().split())
        near = get_close_matches(words, [*others, *(topic.name for topic in self.topics)], n=1, cutoff=_ALIKE)
        if near and near[0] != words:
            raise FormError(topic=say("I know no topic “{typed}”. Did you mean “{topic}”?", typed=typed, topic=near[0]))
        return words

    async def draft(
        self,
        ctx: Context,
        title: str,
        details: str,
        topic: str = "",
        *,
        anonymous: bool = False,
        private: bool = False,
        origin: MessageRef | None = None,
        screenshot: Upload | None = None,
    ) -> Question | None:
        """Keep what somebody asks, under the topic that it is about; nothing if its message is a question already.

        What is for support alone is private, unless it stands as a message for everyone.
        """
        topic = topic or guess_topic(f"{title} {details}", self.topics)
        known = self.topic(topic)
        for_support = private or bool(known and known.agents_only)
        return await self.store.draft(
            ctx.community.id,
            ctx.member.id,
            ctx.space.key,
            title,
            ctx.now,
            details=details,
            topic=known.name if known else topic.lower(),
            anonymous=anonymous,
            audience=Audience.AGENTS if for_support else Audience.PEERS,
            private=for_support and origin is None,
            origin=origin.key if origin else None,
            screenshot_id=screenshot.id if screenshot else None,
        )

    async def get(self, work: Work, question_id: int) -> Question:
        """Return a question of this community. Raises `UserError` where there is none.

        One that was not posted, or was taken back, is its asker's business, and a private one support's besides.
        """
        question = await self.store.get(question_id)
        if question is None or question.community_id != work.community.id or question.state in UNPOSTED:
            raise UserError(say("That question is gone."))
        if question.private and isinstance(work, Context) and not _may_see(work, question):
            raise UserError(say("That question is gone."))
        return question

    async def own(self, ctx: Context, question_id: int) -> Question:
        """Return a question of the person's own, in whichever state. Raises `UserError` where there is none."""
        question = await self.store.get(question_id)
        if question is None or question.asker_id != ctx.member.id:
            await self.get(ctx, question_id)  # nobody learns whether somebody else has a draft
            raise UserError(say("That's for the person who asked."))
        return question

    async def view(self, work: Work, question: Question, others: Iterable[int] = ()) -> View:
        """Return a question with the people and the link that its cards name."""
        return (await self.views(work, [question], others))[0]

    async def views(self, work: Work, questions: Sequence[Question], others: Iterable[int] = ()) -> list[View]:
        """Return questions with the people and the links that their cards name."""
        if not questions:
            return []
        named = (id_ for one in questions for id_ in (one.asker_id, one.helper_id, one.solver_id))
        people = await self.members.get_many({id_ for id_ in (*named, *others) if id_})
        links = await work.links(KIND, [question.id for question in questions])
        return [
            View(question, people, links.get(question.id) or _link_before(work, question))
            if not question.private or (isinstance(work, Context) and work.role >= Role.AGENT)
            else View(question, people)
            for question in questions
        ]

    async def index(self, question: Question, *, new: bool = False) -> None:
        """Let a question be found, by what was answered too: what solved it counts most. A `new` one has no answers.

        A private one is not found by anybody.
        """
        if question.private:
            return
        document = document_of(question, () if new else await self.replies.latest(question.id))
        await self.search.put_all(question.community_id, KIND, [document])

    def said(self, work: Work, message: Message) -> str:
        """Return what someone wrote in a thread, as it is kept: a picture or a file by a link to the message."""
        words = clip(clean(message.text), 4000)
        if not message.has_files:
            return words
        link = work.platforms.link(message.ref) or ""
        note = say("A picture: {link}", link=link) if message.only_pictures else say("A file: {link}", link=link)
        return "\n".join(filter(None, (clip(words, 3800), note.localized(work.shared_translations).plain())))

    def caption(self, work: Work, message: str, text: str) -> str:
        """Return what someone wrote themselves: the link to a picture or a file, kept beside it, is none of it."""
        link = "" if message.startswith(SPOKEN) else work.platforms.link(MessageRef.of(message))
        words, _, last = text.rpartition("\n")
        return words if link and last.endswith(f" {link}") else text

    def is_answer(self, work: Work, message: str, text: str) -> bool:
        """Say whether what someone else wrote in a thread counts as an answer: all does that is not surely none."""
        words = self.caption(work, message, text)
        return not words or reads_as_answer(words)

    async def answers(self, question: Question) -> list[Reply]:
        """Return what others than the asker wrote, and did not delete, or empty by an edit."""
        return [reply for said in await self.said_in_one_go(question) for reply in said]

    async def said_in_one_go(self, question: Question) -> list[list[Reply]]:
        """Return the answers, by what each of their authors said in one go."""
        latest = await self.replies.latest(question.id)
        others = (said for said in in_one_go(latest) if said[0].member_id != question.asker_id)
        kept = ([reply for reply in said if reply.text or reply.edited_at is None] for said in others)
        return [said for said in kept if said]

    async def put_together(self, question: Question, message: str) -> str:
        """Return the whole answer that a message is part of."""
        said = await self.said_in_one_go(question)
        return next((put_together(each, message).text for each in said if message in {one.message for one in each}), "")

    async def complete_solution(self, question: Question) -> Question | None:
        """What solved a question may stand in several messages, of which one is new, another or gone."""
        if question.state is not State.SOLVED or not question.solution:
            return None
        words = await self.put_together(question, question.solution)
        return await self.rewrites.rewrite_solution(question.id, question.solution, words) if words else None

    async def note_help(self, question: Question, member_id: int | None = None) -> None:
        """Note who helped with a question, or how one did, by what stands in its thread: who is asked goes by that.

        That is said to them with the question's words, so it is not by a private one.
        """
        if question.private:
            return
        given = help_of(question, await self.replies.latest(question.id))
        if member_id is None:
            await self.help.put(question, given)
        elif member_id in given:
            await self.help.put(question, {member_id: given[member_id]}, whole=False)

    def touch(self, work: Work, question: Question) -> None:
        """Have a question looked at when the unit ends, because it changed."""
        self.lifecycle.touch(work, question.id)

    async def about(self, message: Message) -> Question | None:
        """Return the question in whose thread a message stands, or to which it is a reply, also to what was said.

        What was asked before Trellis came is over: what replies to it begins something new.
        """
        if message.parent is not None or not message.reply_to:
            return await self.store.by_thread(message.ref.channel.key)
        answered = MessageRef(message.ref.channel, message.reply_to).key
        reply = await self.replies.of(answered)
        question = await (self.store.get(reply.question_id) if reply else self.store.by_message(answered))
        over = question and (question.import_id or (not reply and question.state in (State.DROPPED, State.DEFLECTED)))
        return None if over else question

    async def open(self, work: Work, question_id: int) -> None:
        """Give a draft its number; from then on it is looked after. What is for support alone is handed out at once."""
        question = await self.store.post(question_id, work.now)
        if question:
            if question.private:
                await self.turns.hand_out(work, question)
            await self.index(question, new=True)
            self.touch(work, question)
            await work.publish(QuestionAsked(question.id, question.asker_id))

    async def support_opens(self, work: Work) -> datetime | None:
        """Return when support is there again; None if it is there now."""
        hours = (await self.policies.of(work.community.id)).hours
        return hours.opens(work.now, ZoneInfo(work.community.timezone))

    async def pass_on(self, work: Work, question: Question, member_id: int, reaction: Reaction) -> None:
        """Note that someone who was asked does not help; the next are asked once that is so of all in the wave."""
        await self.lifecycle.lock(work, question.id)
        await self.peers.react(question.id, member_id, reaction, work.now)
        offers = [offer for offer in await self.peers.offers(question.id) if offer.wave == question.waves]
        if all(offer.reaction not in (None, Reaction.HELPING) for offer in offers):
            sent = work.now - (await self.policies.of(work.community.id)).wave_after
            hastened = await self.peers.hasten(question.id, question.waves, sent)
            if hastened and hastened.audience is Audience.PEERS:
                self.touch(work, hastened)

    async def end_turns(self, work: Work, agent_id: int) -> None:
        """Have it be someone else's turn at once, wherever it was this agent's."""
        for question in await self.support.end_turns(agent_id, work.now):
            self.touch(work, question)

    async def threads(self, work: Work, question: Question) -> list[Channel]:
        """Return where people write about a question: its own thread first, then those in other spaces."""
        return threads_of(await work.standing(KIND, question.id), question)

    async def support_place(self, work: Context) -> Channel | None:
        """Return where support is asked privately; None where it has no channel of its own."""
        return self.agents_channels.nearest(work.space, await work.spaces())

    async def has_support(self, work: Context | Reading) -> bool:
        """Whether support has a channel of its own, or somebody was met who may do it."""
        if self.agents_channels.nearest(work.space) or self.agents_channels.nearest(work.space, await work.spaces()):
            return True
        met = [await self.members.with_role(work.community.id, role.name.lower()) for role in SUPPORT]
        return any(met)

    async def before(self, ctx: Context, draft: Question) -> Card:
        """Return what the asker of something private is told before it is posted."""
        if await self.support_place(ctx) is None:
            return no_place_card(draft)
        return before_card(draft, await self.support_opens(ctx))

    async def require_room(self, ctx: Context) -> None:
        """Raise `UserError` for who asked as much within a day as they may. Posts in help channels have no limit."""
        policy = await self.policies.of(ctx.community.id)
        lately = await self.store.asked_since(ctx.member.id, ctx.now - DAY)
        require_room(ctx, lately, policy.questions_a_day, say("You've asked a lot today."))

    async def require_channel(self, work: Work, space: Space) -> None:
        """Raise `UserError` where no space has a help channel."""
        if self.help_channels.nearest(space, await work.spaces()) is None:
            raise UserError(say("There's no help channel here yet. An admin can name one in TRELLIS_HELP_CHANNELS."))


def _may_see(ctx: Context, question: Question) -> bool:
    return question.asker_id == ctx.member.id or ctx.role >= Role.AGENT


def _link_before(work: Work, question: Question) -> str | None:
    """Return where somebody asked before Trellis came, if that can be linked to."""
    asked = question.import_id and question.origin
    return work.platforms.link(MessageRef.of(asked)) if asked else None


def words_of(message: Message) -> tuple[str, str]:
    """Return what a message asks and more about it; in a forum a post says it apart."""
    return (message.title, message.text) if message.title else split_title(words_to_us(message))
