"""What the cogs of this room share: the stores, how polls go on, and who may see which poll and decide in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.contract.commands import Role
from adapters.contract.models import Channel, MessageRef
from adapters.contract.text import Text, say
from adapters.contract.ui import Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context
from bot.kernel.dashboard.contract import Visit
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask, numbered
from bot.kernel.policies import Policies
from bot.kernel.reasons import tell_why
from bot.kernel.work import Suggesting, Work
from storage.audit import AuditStore
from storage.ballots import BallotStore
from storage.members import Member
from storage.poll_options import OptionStore
from storage.polls import Poll, PollOption, PollStore, State

from .cards import CLOSED, GONE, View
from .lifecycle import CARD, PollLifecycle
from .policy import Policy

SUGGESTED = 100
"""How many polls may be meant by a number that someone begins to type."""
RECENT = 25
"""Among how many polls the newest is looked for."""

NONE_YET = say("There's no poll yet. “/poll create” starts the first one.")
NONE_OPEN = say("No poll is open right now. “/poll create” starts one.")
NOT_YOURS = say("Only the person who asked, or a moderator, can do that.")


class WhichPoll(Form, title="Which poll"):
    """A poll by its number."""

    poll: int | None = ask(
        "Its number or question",
        hint="As on its card. Empty: the newest one",
        required=False,
        suggest=lambda cog, asked: cog.polls.suggested(asked),
    )


@dataclass(frozen=True, slots=True)
class Polls:
    """The room's polls."""

    store: PollStore
    options: OptionStore
    ballots: BallotStore
    audit: AuditStore
    channels: ChannelGroup
    policies: Policies[Policy]
    lifecycle: PollLifecycle

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the polls that someone may mean who types a number, the newest first.

        Only those that they know of wherever they type: we are not told where that is.
        """
        found = await self.store.posted(asked.community.id, SUGGESTED)
        return [
            numbered(poll.number, poll.question) for poll in found if self._is_theirs(poll, asked.member, asked.role)
        ]

    async def get(self, work: Work, poll_id: int) -> Poll:
        """Return a poll of this community that was posted. Raises `UserError` where there is none."""
        poll = await self.store.get(poll_id)
        if poll is None or poll.community_id != work.community.id or poll.state is State.DRAFT:
            raise UserError(GONE)
        return poll

    async def open(self, ctx: Context, poll_id: int) -> tuple[Poll, tuple[PollOption, ...]]:
        """Return a poll in which the person can vote, with its options. Raises `UserError` where they cannot."""
        found = await self.store.with_options(poll_id)
        if found is None or found[0].community_id != ctx.community.id or found[0].state is State.DRAFT:
            raise UserError(GONE)
        require(await self._knows(ctx, found[0]), GONE)
        require(found[0].state is State.OPEN, CLOSED)
        return found

    async def open_view(self, ctx: Context, poll_id: int) -> View:
        """Return the same for cards that show no tally."""
        return View.blank(*await self.open(ctx, poll_id))

    async def view(self, poll: Poll) -> View:
        """Return a poll with its options, and what is in its box."""
        return await self.lifecycle.view(poll, (await self.store.options([poll.id]))[poll.id])

    async def decided(self, ctx: Context | Visit, poll_id: int) -> Poll:
        """Return a poll in which the person decides: a draft of their own, or what they or a moderator may change.

        Raises `UserError` where there is none.
        """
        poll = await self.store.get(poll_id)
        if poll is None or poll.state is not State.DRAFT or poll.author_id != ctx.member.id:
            poll = await self.get(ctx, poll_id)
            require(self.decides(ctx, poll), NOT_YOURS)
        return poll

    def decides(self, ctx: Context | Visit, poll: Poll) -> bool:
        """Say whether a poll is the person's own, or they are a moderator."""
        return poll.author_id == ctx.member.id or ctx.role >= Role.MODERATOR

    async def tell(
        self, ctx: Context | Visit, poll: Poll, whose: int | None, what: Text, reason: str, key: str
    ) -> None:
        """Tell someone what a moderator did with what is theirs in a poll, and why."""
        key = f"poll/{poll.id}/{key}/{ctx.now.isoformat()}"
        await tell_why(ctx, whose, what, reason, key=key, near=[Channel.of(poll.channel)])

    async def named(self, ctx: Context, number: int | None, *states: State, own: bool = False) -> Poll:
        """Return the poll that someone names by its number, else the newest that they know of, in one of these states.

        If there is an `own` one, in which they decide, that comes first. Raises `UserError` where there is none, or it
        stands where they may have no access.
        """
        if number is not None:
            named = await self.store.by_number(ctx.community.id, number)
            if named is None or not await self._knows(ctx, named):
                raise UserError(say("There's no poll #{number}.", number=number))
            return named
        recent = await self.store.posted(ctx.community.id, RECENT)
        fitting = [poll for poll in recent if poll.state in (states or State)]
        if own:
            fitting.sort(key=lambda poll: not self.decides(ctx, poll))
        known = await self._known(ctx, fitting)
        require(known, NONE_OPEN if states == (State.OPEN,) else NONE_YET)
        return known[0]

    async def _knows(self, ctx: Context, poll: Poll) -> bool:
        """Say whether someone may have seen a poll: it stands here or where all ideas do, is theirs, or has their vote.

        What was asked in a private channel is nobody else's business, and we cannot ask who is in it.
        """
        if await self._known(ctx, [poll]):
            return True
        standing = await ctx.standing(self.lifecycle.kind, poll.id)
        return any(MessageRef.of(row.message or "").channel == ctx.channel for row in standing.all(CARD))

    async def _known(self, ctx: Context, some: Sequence[Poll]) -> list[Poll]:
        """Return those that someone knows of. Where else one stands than where it was asked is not looked up."""
        here = ctx.channel.key
        seen = {poll.id for poll in some if poll.channel == here or self._is_theirs(poll, ctx.member, ctx.role)}
        if others := [poll for poll in some if poll.id not in seen]:
            seen |= {*await self.ballots.choices_of(others, ctx.member.id)}
        return [poll for poll in some if poll.id in seen]

    def _is_theirs(self, poll: Poll, member: Member | None, role: Role) -> bool:
        own = member is not None and poll.author_id == member.id
        # What is asked in a channel for ideas stands in those of every space.
        return own or role >= Role.MODERATOR or Channel.of(poll.channel) in self.channels
