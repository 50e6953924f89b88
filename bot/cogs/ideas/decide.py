"""What becomes of ideas: moderators decide and merge, and the people who wanted one are told, once for each change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.text import Text, Words, count, join, say
from adapters.contract.ui import Button, Card, Option, Tone
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.dashboard.contract import DashboardPage, Visit
from bot.kernel.domain_events import IdeaShipped
from bot.kernel.errors import FormError, UserError
from bot.kernel.forms import Form, ask, has_words
from bot.kernel.work import Work
from storage.ideas import Idea, Status
from storage.members import Member

from . import calls
from .board import IdeaBoard
from .cards import STATUSES, status_of, titled
from .policy import DECIDED
from .service import Ideas

REFUSALS = (Status.DECLINED, Status.DUPLICATE)
"""What nobody decides without a reason."""
NOTHING_NEW = say("It says just that already.")
ITSELF = say("An idea can't be merged into itself, or into one that was merged.")
NOT_MERGED = say("It's on its own already.")


class StatusForm(Form, title="What becomes of an idea", submit="Decide"):
    """A decision and its reason."""

    idea: int = ask("The idea's number or title", suggest=lambda cog, asked: cog.ideas.suggested(asked))
    status: str = ask("What becomes of it", choices=tuple(Option(STATUSES[status], status.value) for status in DECIDED))
    note: str = ask(
        "Why", hint="Everyone who wanted it reads this. A “no” needs a reason.", longest=240, required=False
    )


class MergeForm(Form, title="Merge two ideas", submit="Merge"):
    """Which idea goes on in which."""

    idea: int = ask("Number or title of the one that ends", suggest=lambda cog, asked: cog.ideas.suggested(asked))
    into: int = ask("Number or title of the one that goes on", suggest=lambda cog, asked: cog.ideas.suggested(asked))


class Decide(Cog):
    """What moderators do with ideas."""

    name = "decide"
    room = "Ideas"

    def __init__(self, ideas: Ideas) -> None:
        self.ideas = ideas

    @command("idea status", "Say what becomes of an idea, and why", role=Role.MODERATOR, formerly=("deciding.status",))
    async def status(self, ctx: Submission[StatusForm]) -> None:
        await ctx.reply(await self._decide(ctx, ctx.form.idea, Status(ctx.form.status), ctx.form.note))

    async def _decide(self, ctx: Context | Visit, number: int, status: Status, note: str) -> Card:
        """Decide on the idea of a number, and say what came of it. Raises `FormError` or `UserError`."""
        idea = await self._apart(ctx, number)
        if status in REFUSALS and not has_words(note):
            raise FormError(note=say("Please say why: everyone who wanted it reads this."))
        changed = await self.ideas.store.set_status(idea.id, status, note, ctx.now, ctx.member.id)
        if changed is None:
            raise UserError(NOTHING_NEW)
        await self._note(ctx, changed, "idea.decided", audit_detail(idea.status, status, note))
        if status is Status.SHIPPED and idea.shipped_at is None and idea.author_id:
            await ctx.publish(IdeaShipped(idea.id, idea.author_id))
        return decided_card(changed, await self._told(changed))

    def dashboard(self) -> Sequence[DashboardPage]:
        return (IdeaBoard(self.ideas, self._decide).page(Decide.status.role),)

    async def _apart(self, ctx: Work, number: int) -> Idea:
        """Return the idea of a number. Raises `UserError` where it was merged: then there is nothing to decide."""
        idea = await self.ideas.named(ctx, number)
        if idea.merged_into:
            into = await self.ideas.store.root(idea)
            raise UserError(say("It was merged into #{number}: decide on that one.", number=into.number or 0))
        return idea

    @command("idea merge", "Let an idea's votes count for another one", role=Role.MODERATOR)
    async def merge(self, ctx: Submission[MergeForm]) -> None:
        idea = await self._apart(ctx, ctx.form.idea)
        into = await self.ideas.store.root(await self.ideas.named(ctx, ctx.form.into))
        merged = await self.ideas.store.merge(idea.id, into.id, "", ctx.now, ctx.member.id)
        if merged is None:
            raise UserError(ITSELF)
        await self._note(ctx, merged, "idea.merged", f"into #{into.number}")
        await self._redraw_family(ctx, idea, into)
        votes = sum((await self.ideas.votes.segments(into.id)).values())
        await ctx.reply(merged_card(merged, into, votes, await self._told(merged)))

    @action(role=Role.MODERATOR, formerly=("deciding.unmerge",))
    async def unmerge(self, ctx: Context, idea_id: int) -> None:
        """They are two ideas after all."""
        idea = await self.ideas.get(ctx, idea_id)
        into = await self.ideas.store.root(idea)
        restored = await self.ideas.store.unmerge(idea_id, ctx.now, ctx.member.id)
        if restored is None:
            raise UserError(NOT_MERGED)
        await self._note(ctx, restored, "idea.unmerged", f"from #{into.number}")
        await self._redraw_family(ctx, idea, into)
        await ctx.update(unmerged_card(restored, into))

    async def _redraw_family(self, ctx: Context, idea: Idea, into: Idea) -> None:
        """Have the cards that a merge concerns say so: also what was merged before goes on elsewhere now."""
        for one in (into, *await self.ideas.store.merged(idea.id)):
            self.ideas.lifecycle.touch(ctx, one.id)

    async def _note(self, ctx: Context | Visit, idea: Idea, what: str, detail: str) -> None:
        """Write a change down, and have it shown and told."""
        await self.ideas.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, what, subject=f"idea #{idea.number}", detail=detail
        )
        self.ideas.lifecycle.touch(ctx, idea.id)

    async def _told(self, idea: Idea) -> int:
        """Return how many people hear of a change: everyone who wanted it and is still here, but who made it."""
        followers = await self.ideas.members.get_many(await self.ideas.votes.followers(idea.id, idea.changed_at))
        return sum(bool(member.accounts) for member in followers.values() if member.id != idea.changed_by_id)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def decided_card(idea: Idea, told: int) -> Card:
    """Tell a moderator what they decided, and who hears of it."""
    lines: list[Words] = [say("{idea} is now {status}.", idea=titled(idea), status=status_of(idea.status))]
    lines.append(_told(told))
    return Card(body=join(lines), tone=Tone.DONE)


def _told(told: int) -> Text:
    if not told:
        return say("Nobody follows it yet, so nobody is told.")
    return count(told, "{n} person is told.", "{n} people are told.")


def merged_card(idea: Idea, into: Idea, votes: int, told: int) -> Card:
    """Tell a moderator what the merge made, with a way back."""
    lines = [
        say("{idea} goes on in {into}.", idea=titled(idea), into=titled(into)),
        count(votes, "Together they have {n} voter.", "Together they have {n} voters."),
        _told(told),
    ]
    return Card(body=join(lines, " "), tone=Tone.DONE, buttons=(Button("Undo the merge", calls.unmerge(idea.id)),))


def unmerged_card(idea: Idea, into: Idea) -> Card:
    return Card(
        body=say(
            "{idea} is on its own again, with its votes; {into} has its own.", idea=titled(idea), into=titled(into)
        ),
        tone=Tone.DONE,
    )


def audit_detail(before: Status, after: Status, note: str) -> str:
    """Return a change as the audit log keeps it."""
    return f"{before} -> {after}{f': {note}' if note else ''}"
