"""The end of a poll, and its result."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from adapters.contract.adapter import AdapterError, Need
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import require
from bot.kernel.forms import Form, ask
from storage.members import Member
from storage.polls import Poll, State

from . import cards
from .desk import Desk
from .rules import is_secret

log = logging.getLogger(__name__)


class WhichPoll(Form, title="Which poll"):
    """A poll by its number."""

    poll: int | None = ask(
        "Its number",
        hint="As on its card. Empty: the newest one",
        required=False,
        suggest=lambda cog, asked: cog.desk.suggested(asked),
    )


class Closing(Cog):
    """Polls close at their moment or by hand; then everyone sees the result."""

    name = "closing"
    lasting = ("poll/",)
    room = "Polls"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def needs(self) -> Collection[Need]:
        return (Need.FILES,)

    @command("poll close", "Close a poll now and post its result")
    async def close(self, ctx: Submission[WhichPoll]) -> None:
        await self._close(ctx, await self.desk.named(ctx, ctx.form.poll, State.OPEN, own=True))

    @action
    async def close_now(self, ctx: Context, poll_id: int) -> None:
        """The author closes it by the button."""
        await self._close(ctx, await self.desk.get(ctx, poll_id))

    async def _close(self, ctx: Context, poll: Poll) -> None:
        self.desk.require_author(ctx, poll)
        async with ctx.atomic():
            closed = await self.desk.ballots.close(poll.id, ctx.now)
            if closed:
                await self.desk.touch(ctx, poll.id)
                await self.desk.audit.add(
                    ctx.community.id, ctx.now, ctx.member.id, "poll.closed", subject=f"poll #{poll.number}"
                )
        require(closed, cards.CLOSED)
        assert closed
        try:
            await self.desk.tend(ctx, poll.id)
        except (AdapterError, OSError) as trouble:
            log.warning("the result of poll %s will be posted later: %r", poll.id, trouble)
        stop = self.desk.controls.stop(poll.id) if closed.repeats else None
        await ctx.reply(cards.closed_card(await self.desk.view(closed), stop))

    @command("poll results", "See how a poll stands or ended, with a table to save")
    async def results(self, ctx: Submission[WhichPoll]) -> None:
        poll = await self.desk.named(ctx, ctx.form.poll)
        view = await self.desk.view(poll)
        added = [option for option in view.options if option.added_by] if self.desk.decides(ctx, poll) else []
        menu = cards.added_menu(added, self.desk.controls.remove(poll.id)) if added else None
        if is_secret(poll):
            await ctx.reply(cards.secret_card(view, menu))
            return
        files = (await self.desk.picture(view), *await self.desk.files(view))
        await ctx.reply(cards.result_card(view, files, await self.desk.names(view), menu))

    @listener(MembersLinked)
    async def linked(self, work: Work, event: MembersLinked) -> None:
        """Two accounts turned out to be one person: they have one ballot."""
        async with work.atomic():
            await self.desk.ballots.linked(work.community.id, event.kept_id, event.given_up_id)
            for poll in await self.desk.polls.open_ones(work.community.id):
                await self.desk.touch(work, poll.id)

    @listener(MemberErased)
    async def erased(self, work: Work, event: MemberErased) -> None:
        """Somebody's words and votes are gone: close what they asked, and have what is open counted again."""
        for poll in await self.desk.polls.open_ones(work.community.id):
            async with work.atomic():
                if poll.author_id == event.member_id:
                    await self.desk.ballots.close(poll.id, work.now)
                await self.desk.touch(work, poll.id)
        for poll in await self.desk.polls.asked_by(event.member_id):
            await self.desk.touch(work, poll.id)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...
