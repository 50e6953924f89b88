"""The end of a poll by hand, and of a series; and what changes when people are linked or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft
from adapters.contract.text import Time, Words, count, join, say
from adapters.contract.ui import Button, Card, Tone
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission
from bot.kernel.dashboard.contract import DashboardPage, Visit
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import UserError, require
from bot.kernel.reasons import ReasonForm
from bot.kernel.work import Work
from storage.members import Member
from storage.polls import Poll, State

from . import calls
from .board import PollBoard
from .cards import CLOSED, View, name_of
from .policy import reopens_until
from .repeating import often
from .service import NOT_YOURS, Polls, WhichPoll

AT_ONCE = 50
"""So many polls are counted again in one job."""

NOT_REPEATING = say("It isn't asked again anyway.")


class Close(Cog):
    """Polls close at their moment or by hand; then everyone sees the result."""

    name = "close"
    room = "Polls"

    def __init__(self, polls: Polls) -> None:
        self.polls = polls

    @command("poll close", "Close a poll now and post its result", formerly=("closing.close",))
    async def close(self, ctx: Submission[WhichPoll]) -> None:
        await self._close(ctx, await self.polls.named(ctx, ctx.form.poll, State.OPEN, own=True))

    @action(formerly=("closing.close_now",))
    async def close_now(self, ctx: Context, poll_id: int) -> None:
        """The author closes it by the button."""
        await self._close(ctx, await self.polls.get(ctx, poll_id))

    async def _close(self, ctx: Context, poll: Poll) -> None:
        """Close somebody's own poll at once; a moderator says why first."""
        require(self.polls.decides(ctx, poll), NOT_YOURS)
        require(poll.state is State.OPEN, CLOSED)
        if poll.author_id == ctx.member.id:
            until = reopens_until(poll, ctx.now, ZoneInfo(ctx.community.timezone))
            closed = await self._end(ctx, poll, reopens_until=until)
            await ctx.reply(closed_card(await self.polls.view(closed)))
        else:
            await ctx.open(ReasonForm, calls.close_for(poll.id), self)

    @action
    async def close_for(self, ctx: Submission[ReasonForm], poll_id: int) -> None:
        """A moderator closes what somebody else asked."""
        closed = await self._close_for(ctx, await self.polls.decided(ctx, poll_id), ctx.form.reason)
        await ctx.reply(closed_card(await self.polls.view(closed)))

    async def _close_for(self, ctx: Context | Visit, poll: Poll, reason: str) -> Poll:
        """Close what somebody else asked, and tell them why."""
        closed = await self._end(ctx, poll, because=reason)
        words = say("A moderator closed your poll {name}, “{question}”.", name=name_of(poll), question=poll.question)
        await self.polls.tell(ctx, poll, poll.author_id, words, reason, "closed")
        return closed

    async def _end(
        self, ctx: Context | Visit, poll: Poll, *, because: str = "", reopens_until: datetime | None = None
    ) -> Poll:
        closed = await self.polls.ballots.close(poll.id, ctx.now, because=because, reopens_until=reopens_until)
        if closed is None:
            raise UserError(CLOSED)
        self.polls.lifecycle.touch(ctx, poll.id)
        await self._note(ctx, poll, "poll.closed", because)
        return closed

    def dashboard(self) -> Sequence[DashboardPage]:
        return (PollBoard(self.polls, self._close_for).page(),)

    @action
    async def reopen(self, ctx: Context, poll_id: int) -> None:
        """The author closed it by mistake."""
        await self.polls.lifecycle.lock(ctx, poll_id)
        poll = await self.polls.get(ctx, poll_id)
        require(poll.author_id == ctx.member.id, say("Only the person who asked can reopen a poll."))
        require(poll.state is State.CLOSED, say("It's open."))
        if await self.polls.ballots.reopen(poll_id, ctx.now) is None:
            raise UserError(say("It's too late to reopen this poll: its result is final. “/poll create” asks again."))
        self.polls.lifecycle.touch(ctx, poll_id)
        await self._note(ctx, poll, "poll.reopened")
        await ctx.reply(reopened_card(poll))

    async def _note(self, ctx: Context | Visit, poll: Poll, what: str, detail: str = "") -> None:
        await self.polls.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, what, subject=f"poll #{poll.number}", detail=detail
        )

    @action(formerly=("polls.stop",))
    async def stop(self, ctx: Context, poll_id: int) -> None:
        """Ask no more after this one."""
        poll = await self.polls.decided(ctx, poll_id)
        if poll.author_id == ctx.member.id:
            await self._stop(ctx, poll)
        else:
            require(poll.repeats, NOT_REPEATING)
            await ctx.open(ReasonForm, calls.stop_for(poll_id), self)

    @action
    async def stop_for(self, ctx: Submission[ReasonForm], poll_id: int) -> None:
        """A moderator ends what somebody else asks again and again."""
        poll = await self.polls.decided(ctx, poll_id)
        await self._stop(ctx, poll, ctx.form.reason)
        words = say("A moderator ended your poll {name}: it isn't asked again.", name=name_of(poll))
        await self.polls.tell(ctx, poll, poll.author_id, words, ctx.form.reason, "stopped")

    async def _stop(self, ctx: Context, poll: Poll, because: str = "") -> None:
        require(await self.polls.store.stop_repeating(poll), NOT_REPEATING)
        self.polls.lifecycle.touch(ctx, poll.id)
        if because:
            await self._note(ctx, poll, "poll.stopped", because)
        await ctx.reply(stopped_card())

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Whoever could close what they asked is gone: its card says who can now."""
        await self._redraw(ctx)

    @listener(MemberJoined, role=Role.GUEST)
    async def come_back(self, ctx: Context, _: MemberJoined) -> None:
        """They can close it again."""
        await self._redraw(ctx)

    async def _redraw(self, ctx: Context) -> None:
        for poll in await self.polls.store.asked_by(ctx.member.id):
            if poll.state is State.OPEN:
                self.polls.lifecycle.touch(ctx, poll.id)

    @listener(MembersLinked)
    async def linked(self, work: Work, event: MembersLinked) -> None:
        """Two accounts turned out to be one person: they have one ballot."""
        for poll_id in await self.polls.ballots.linked(event.kept_id, event.given_up_id):
            self.polls.lifecycle.touch(work, poll_id)

    @listener(MemberErased)
    async def erased(self, work: Work, event: MemberErased) -> None:
        """Somebody's words and votes are gone: close what they asked, and have what is open counted again."""
        for poll in await self.polls.store.asked_by(event.member_id):
            if poll.state is State.OPEN:
                await self.polls.ballots.close(poll.id, work.now)
            self.polls.lifecycle.touch(work, poll.id)
        await self.recount(work, 0)

    @action
    async def recount(self, work: Work, after_id: int) -> None:
        """Count open polls again, some after the other: nobody knows any more in which of them someone had voted."""
        polls = await self.polls.store.open_after(work.community.id, after_id, AT_ONCE)
        for poll in polls:
            self.polls.lifecycle.touch(work, poll.id)
        if len(polls) == AT_ONCE:
            await work.schedule(calls.recount(polls[-1].id), work.now)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def closed_card(view: View) -> Card:
    """Tell whoever closed a poll that it is."""
    poll = view.poll
    closed = count(
        view.result.voters,
        "Poll {name} is closed. {n} person voted; the result is on its way to the channel.",
        "Poll {name} is closed. {n} people voted; the result is on its way to the channel.",
        name=name_of(poll),
    )
    lines: list[Words] = [closed]
    buttons: tuple[Button, ...] = ()
    if poll.reopens_until:
        lines.append(say("A mistake? You can reopen it until {until}.", until=Time(poll.reopens_until)))
        buttons += (Button("Reopen", calls.reopen(poll.id)),)
    if poll.repeats:
        lines.append(say("It's asked again: {when}.", when=often(poll.repeats)))
        buttons += (Button("Stop repeating", calls.stop(poll.id)),)
    return Card(body=join(lines), tone=Tone.DONE, buttons=buttons)


def reopened_card(poll: Poll) -> Card:
    """Tell the author that one can vote again."""
    return Card(body=say("Poll {name} is open again. All votes still count.", name=name_of(poll)), tone=Tone.DONE)


def stopped_card() -> Card:
    return Card(body=say("It isn't asked again. The poll that's open now stays open."), tone=Tone.DONE)
