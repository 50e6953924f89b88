"""Options that members add to a poll, and that are taken out again."""

from __future__ import annotations

from typing import Any

from adapters.contract.text import Strong, say
from adapters.contract.ui import Card, Tone
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.reasons import ReasonForm
from storage.members import Member
from storage.polls import Poll

from . import calls
from .cards import name_of
from .policy import LONGEST_OPTION
from .service import Polls

NO_ADDING = say("In this poll nobody can add options.")
NO_ROOM = say("There's no room for more options, or the poll is closed.")
REMOVED_ALREADY = say("That option is out already.")


class OptionForm(Form, title="Add an option", submit="Add"):
    """What else could be chosen."""

    option: str = ask("Your option", longest=LONGEST_OPTION)


class Options(Cog):
    """Members add what they miss; whoever asked, or a moderator, takes out what does not belong there."""

    name = "options"
    room = "Polls"

    def __init__(self, polls: Polls) -> None:
        self.polls = polls

    @action(formerly=("voting.suggest",))
    async def suggest(self, ctx: Context, poll_id: int) -> None:
        """Somebody misses an option."""
        poll, _ = await self.polls.open(ctx, poll_id)
        require(poll.adding, NO_ADDING)
        await ctx.open(OptionForm, calls.add(poll_id), self)

    @action(formerly=("voting.add",))
    async def add(self, ctx: Submission[OptionForm], poll_id: int) -> None:
        """Add somebody's option."""
        await self.polls.open(ctx, poll_id)
        added = await self.polls.options.add(poll_id, ctx.form.option, ctx.member.id)
        if added is None:
            raise UserError(NO_ROOM)
        await self.polls.lifecycle.redraw(ctx, poll_id)
        await ctx.reply(added_card(added.label))

    @action(formerly=("voting.remove",))
    async def remove(self, ctx: Context, poll_id: int) -> None:
        """Take out what was chosen from the menu."""
        poll = await self.polls.decided(ctx, poll_id)
        chosen = ctx.values[0] if ctx.values else ""
        position = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else -1
        if poll.author_id == ctx.member.id:
            await self._remove(ctx, poll, position)
        else:
            await ctx.open(ReasonForm, calls.remove_for(poll_id, position), self)

    @action
    async def remove_for(self, ctx: Submission[ReasonForm], poll_id: int, position: int) -> None:
        """A moderator takes out what somebody added to somebody else's poll."""
        poll = await self.polls.decided(ctx, poll_id)
        options = (await self.polls.store.options([poll_id]))[poll_id]
        await self._remove(ctx, poll, position, ctx.form.reason)
        words = say("A moderator took an option out of poll {name}.", name=name_of(poll))
        added_by = next((option.added_by for option in options if option.position == position), None)
        for member_id in dict.fromkeys(filter(None, [added_by, poll.author_id])):
            await self.polls.tell(ctx, poll, member_id, words, ctx.form.reason, f"removed/{position}/{member_id}")

    async def _remove(self, ctx: Context, poll: Poll, position: int, because: str = "") -> None:
        label = await self.polls.options.remove(poll.id, position)
        if label is None:
            raise UserError(REMOVED_ALREADY)
        self.polls.lifecycle.touch(ctx, poll.id)
        subject, detail = f"poll #{poll.number}", ": ".join(filter(None, (f"option {position + 1}", because)))
        await self.polls.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, "poll.option_removed", subject=subject, detail=detail
        )
        await ctx.reply(removed_card(label))

    async def export(self, member: Member) -> dict[str, Any]:
        return {"options_added": await self.polls.options.added_by(member.id)}

    async def erase(self, _: Member) -> None: ...


def added_card(label: str) -> Card:
    return Card(body=say("{option} can be chosen now.", option=Strong(label)), tone=Tone.DONE)


def removed_card(label: str) -> Card:
    return Card(body=say("The words “{option}” are out. Votes for it stay counted.", option=label), tone=Tone.DONE)
