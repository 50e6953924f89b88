"""What becomes of ideas: moderators decide and merge, and whoever wanted one is told, once for each change."""

from __future__ import annotations

from typing import Any

from adapters.contract.adapter import AdapterError
from adapters.contract.commands import Role
from adapters.contract.ui import Option
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import IdeaShipped
from bot.kernel.errors import UserError
from bot.kernel.forms import Form, ask
from bot.kernel.notices import tell
from storage.ideas import Idea, Status
from storage.members import Member

from . import cards
from .desk import Desk
from .rules import DECIDED

STATUSES = tuple(Option(cards.STATUSES[status], status.value) for status in DECIDED)


class StatusForm(Form, title="What becomes of an idea", submit="Decide"):
    """A decision and its reason."""

    idea: int = ask("The idea's number", suggest=lambda cog, asked: cog.desk.suggested(asked))
    status: str = ask("What becomes of it", choices=STATUSES)
    note: str = ask("Why", hint="Everyone who wanted it reads this.", longest=240, required=False)


class MergeForm(Form, title="Merge two ideas", submit="Merge"):
    """Which idea goes on in which."""

    idea: int = ask("The number of the one that ends", suggest=lambda cog, asked: cog.desk.suggested(asked))
    into: int = ask("The number of the one that goes on", suggest=lambda cog, asked: cog.desk.suggested(asked))


class Deciding(Cog):
    """What moderators do with ideas."""

    name = "deciding"
    room = "Ideas"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @command("idea status", "Say what becomes of an idea, and why", role=Role.MODERATOR)
    async def status(self, ctx: Submission[StatusForm]) -> None:
        form = ctx.form
        idea, status = await self.desk.named(ctx, form.idea), Status(form.status)
        if idea.merged_into:
            raise UserError(cards.merged_before(await self.desk.ideas.root(idea)))
        async with ctx.atomic():
            changed = await self.desk.ideas.set_status(idea.id, status, form.note, ctx.now)
            if changed:
                await self._changed(ctx, changed, "idea.decided", cards.audit_detail(idea.status, status, form.note))
                if status is Status.SHIPPED and idea.shipped_at is None and idea.author_id:
                    await ctx.publish(IdeaShipped(idea.id, idea.author_id))
        if changed is None:
            raise UserError(cards.NOTHING_NEW)
        await ctx.reply(cards.decided_card(changed, len(await self._audience(changed, ctx.member.id))))

    @command("idea merge", "Let an idea's votes count for another one", role=Role.MODERATOR)
    async def merge(self, ctx: Submission[MergeForm]) -> None:
        idea, into = await self.desk.named(ctx, ctx.form.idea), await self.desk.named(ctx, ctx.form.into)
        if idea.merged_into:
            raise UserError(cards.merged_before(await self.desk.ideas.root(idea)))
        into = await self.desk.ideas.root(into)
        async with ctx.atomic():
            merged = await self.desk.ideas.merge(idea.id, into.id, "", ctx.now)
            if merged:
                await self._changed(ctx, merged, "idea.merged", f"into #{into.number}")
                await self._redraw_family(ctx, idea, into)
        if merged is None:
            raise UserError(cards.ITSELF)
        votes = (await self.desk.view(ctx, into)).votes
        told = len(await self._audience(merged, ctx.member.id))
        await ctx.reply(cards.merged_card(merged, into, votes, told, Deciding.unmerge.call(idea.id)))

    @action(role=Role.MODERATOR)
    async def unmerge(self, ctx: Context, idea_id: int) -> None:
        """They are two ideas after all."""
        idea = await self.desk.get(ctx, idea_id)
        into = await self.desk.ideas.root(idea)
        async with ctx.atomic():
            restored = await self.desk.ideas.unmerge(idea_id, ctx.now)
            if restored:
                await self._changed(ctx, restored, "idea.unmerged", f"from #{into.number}")
                await self._redraw_family(ctx, idea, into)
        if restored is None:
            raise UserError(cards.NOT_MERGED)
        await ctx.update(cards.unmerged_card(restored, into))

    async def _redraw_family(self, ctx: Context, idea: Idea, into: Idea) -> None:
        """Have the cards drawn anew that a merge concerns: also what was merged before goes on elsewhere now."""
        for one in (into, *await self.desk.ideas.merged(idea.id)):
            await self.desk.touch(ctx, one.id)

    async def _changed(self, ctx: Context, idea: Idea, what: str, detail: str) -> None:
        """Write a change down, and have it shown and told."""
        await self.desk.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, what, subject=f"idea #{idea.number}", detail=detail
        )
        await self.desk.touch(ctx, idea.id)
        await ctx.schedule(Deciding.tell.call(idea.id, idea.changes, ctx.member.id), ctx.now)

    async def _audience(self, idea: Idea, but: int) -> list[Member]:
        """Return who hears of a change: everyone who follows and is still here, but whoever made it."""
        followers = await self.desk.members.get_many(await self.desk.ideas.followers(idea.id))
        return [member for member in followers.values() if member.accounts and member.id != but]

    @action
    async def tell(self, work: Work, idea_id: int, change: int, by_id: int) -> None:
        """Tell whoever wanted an idea what has become of it; a change that was overtaken is not told."""
        idea = await self.desk.get(work, idea_id)
        if idea.changes != change:
            return
        trouble = None
        try:
            await self.desk.tend(work, idea_id)  # so that there are threads, and the link leads to what is told
        except (AdapterError, OSError) as wrong:
            trouble = wrong  # one platform is down: whoever is on another hears of it now
        card = cards.news_card(await self.desk.view(work, idea))
        places = await self.desk.threads(idea_id)
        await tell(work, await self._audience(idea, by_id), card, key=f"idea/{idea_id}/change/{change}", places=places)
        if trouble:
            raise trouble

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...
