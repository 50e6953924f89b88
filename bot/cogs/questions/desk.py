"""What the cogs of this room share: the stores, the channels, and the few things that all of them do.

Whoever changes a question only writes that down and calls `touch` in the same transaction. The question's one job
(`keeper`) does the rest: it makes every card say what the store says, also if the process dies in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from adapters.contract.adapter import Gone
from adapters.contract.call import Call
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.delivery.chat import each
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context, Work
from bot.kernel.errors import UserError
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.candidates import CandidateStore
from storage.duty import DutyStore
from storage.members import Member, MemberStore
from storage.peers import PeerStore
from storage.questions import UNPOSTED, Question, QuestionStore
from storage.replies import ReplyStore
from storage.search import SearchStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

from . import cards
from .rules import Policy, Topic

ToCall = Callable[[int], Call]

ON_PAGE = 3
"""How many questions of a kind stand on a personal page."""


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
    support: ToCall
    claim: ToCall
    release: ToCall
    reveal: ToCall
    solve: ToCall
    not_yet: ToCall
    reopen: ToCall
    speak: ToCall


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet."""

    questions: QuestionStore
    replies: ReplyStore
    support: SupportStore
    solutions: SolutionStore
    candidates: CandidateStore
    peers: PeerStore
    duty: DutyStore
    search: SearchStore
    members: MemberStore
    audit: AuditStore
    help_channels: ChannelGroup
    agents_channels: ChannelGroup
    policies: Policies[Policy]
    controls: Controls

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What questions here are about."""
        return self.policies.usual.topics

    def topic(self, name: str) -> Topic | None:
        """Return the topic of that name."""
        return self.policies.usual.topic(name)

    async def policy(self, work: Work) -> Policy:
        """Return what the community's settings say."""
        return await self.policies.of(work.community.id)

    async def get(self, work: Work, question_id: int, *, posted: bool = True) -> Question:
        """Return a question of this community. Raises `UserError` where there is none.

        One that was not posted, or was taken back, is its asker's business, and that of its job.
        """
        question = await self.questions.get(question_id)
        if question is None or question.community_id != work.community.id or (posted and question.state in UNPOSTED):
            raise UserError(say("That question is gone."))
        return question

    async def own(self, ctx: Context, question_id: int) -> Question:
        """Return a question of the person's own, in whichever state. Raises `UserError` where there is none."""
        question = await self.questions.get(question_id)
        if question is None or question.asker_id != ctx.member.id:
            await self.get(ctx, question_id)  # nobody learns whether somebody else has a draft
            raise UserError(say("That is for the person who asked."))
        return question

    async def view(self, work: Work, question: Question, others: Iterable[int] = ()) -> cards.View:
        """Return a question with the people and the link that its cards name."""
        people = {question.asker_id, question.helper_id, question.solver_id, *others} - {None}
        place = question.card or question.origin
        if isinstance(work, Context) and work.space.key != question.space:
            here = (
                mirror.card for mirror in await self.questions.mirrors(question.id) if mirror.space == work.space.key
            )
            place = next(here, place)
        link = await work.chat.link(MessageRef.of(place)) if place else None
        return cards.View(question, await self.members.get_many(id_ for id_ in people if id_), link)

    async def index(self, question: Question) -> None:
        """Let a question be found, with what solved it."""
        body = "\n\n".join(filter(None, (question.details, question.solution_text)))
        at = question.asked_at or question.created_at
        await self.search.put(question.community_id, "question", question.id, title=question.title, body=body, at=at)

    async def touch(self, work: Work, question: Question) -> None:
        """Have a question looked after now, because it changed."""
        await work.schedule(self.controls.tend(question.id), work.now, key=key_of(question))

    async def drain(self, work: Work) -> None:
        """Have what waits for support handed out: someone came on duty, or has room again."""
        await work.schedule(self.controls.drain, work.now, key=f"drain/{work.community.id}")

    async def place(self, work: Work, space: str) -> Channel:
        """Return the help channel for what is asked in a space. Raises `UserError` where there is none."""
        channel = self.help_channels.nearest(Space.of(space), await work.spaces())
        if channel is None:
            raise UserError(say("There is no help channel here yet. An admin can name one in TRELLIS_HELP_CHANNELS."))
        return channel

    async def say(self, work: Work, question: Question, card: Card, key: str) -> None:
        """Say something in a question's threads, once for each `key`; nothing where a thread is gone."""
        threads = await self.threads(question)
        await each(self.say_in(work, thread, question, card, f"{key}/{thread.space.key}") for thread in threads)

    async def threads(self, question: Question) -> list[Channel]:
        """Return the question's thread and those of its mirrors in other spaces."""
        keys = [question.thread, *(mirror.thread for mirror in await self.questions.mirrors(question.id))]
        return [Channel.of(key) for key in keys if key]

    async def say_in(self, work: Work, place: Channel, question: Question, card: Card, key: str) -> MessageRef | None:
        """Say something about a question, once for each `key`; nothing where the place is gone."""
        try:
            return await work.chat.post(place, card, key=f"{key_of(question)}/{key}")
        except Gone:
            return None

    async def tell_asker(self, work: Work, question: Question, card: Card, key: str) -> None:
        """Say something to the asker: in a thread where they are, or directly if they asked anonymously and can be."""
        asker = await self.members.get(question.asker_id)
        if question.anonymous and asker and await work.chat.direct(asker, card, key=f"{key_of(question)}/{key}"):
            return
        threads = await self.threads(question)
        near = [thread for thread in threads if asker and is_at(asker, thread.space)]
        for thread in (near or threads)[:1]:
            await self.say_in(work, thread, question, card, f"{key}/thread")

    def agents_place(self, spaces: Sequence[Space], question: Question) -> Channel:
        """Return where support sees a question: the agents' channel, or its own thread where there is none."""
        channel = self.agents_channels.nearest(Space.of(question.space), spaces)
        return channel or Channel.of(question.thread or "")


def is_at(member: Member, space: Space) -> bool:
    """Say whether a member has an account in a space."""
    return any(Account.of(account).space == space for account in member.accounts)


def key_of(question: Question) -> str:
    """Return the key of a question's one job, and the beginning of the keys of all its messages."""
    return f"question/{question.id}"
