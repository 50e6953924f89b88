"""Adding ideas, voting for them, and finding them: what is there already is shown first."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from adapters.contract.adapter import AdapterError
from adapters.contract.commands import Role
from adapters.contract.text import Words
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, every, listener
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import IdeaAdded, MemberErased
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from storage.ideas import ALIVE, Idea, NoVotesLeft
from storage.members import Member

from . import cards
from .desk import KIND, Desk
from .pages import Pages
from .rules import DECIDED, segment_of, shown

log = logging.getLogger(__name__)

LISTED = 10
DRAFTS_KEPT = timedelta(days=2)
LISTS = tuple(Option(label, value) for value, label in cards.LISTS.items())


class IdeaForm(Form, title="Suggest an idea", submit="Suggest"):
    """What would make things better."""

    title: str = ask("Your idea, in one sentence", longest=150)
    details: str = ask("More about it", hint="Who needs it, and for what?", longest=2500, lines=6, required=False)


class ListForm(Form, title="Ideas"):
    """Which ideas, in which order."""

    status: str = ask("Which ones", hint="Those with most votes, if you pick nothing", choices=LISTS, required=False)


class WhichIdea(Form, title="Which idea"):
    """An idea by its number."""

    idea: int | None = ask(
        "Its number",
        hint="As on its card. Empty: the newest ones",
        required=False,
        suggest=lambda cog, asked: cog.desk.suggested(asked),
    )


class Adding(Cog):
    """Members say what they would like, and give their votes to it."""

    name = "ideas"
    room = "Ideas"

    def __init__(self, desk: Desk, pages: Pages | None) -> None:
        self.desk = desk
        self.pages = pages

    @command("idea add", "Suggest an idea; what is there already is shown first")
    async def add(self, ctx: Submission[IdeaForm]) -> None:
        await self.desk.require_place(ctx, ctx.space)
        form = ctx.form
        draft = await self.desk.ideas.draft(
            ctx.community.id, ctx.member.id, ctx.space.key, form.title, form.details, ctx.now
        )
        similar = await self.desk.similar(ctx, draft)
        if not similar:
            await self._post(ctx, draft.id, ctx.reply)
            return
        votes = [Adding.vote_instead.call(draft.id, one.id) if one.status in ALIVE else None for one in similar]
        views = await self.desk.views(ctx, similar)
        await ctx.reply(cards.known_card(views, votes, Adding.post.call(draft.id), Adding.drop.call(draft.id)))

    @action
    async def post(self, ctx: Context, idea_id: int) -> None:
        """What is there is something else."""
        await self.desk.own(ctx, idea_id)
        await self._post(ctx, idea_id, ctx.update)

    @action
    async def drop(self, ctx: Context, idea_id: int) -> None:
        """It need not be posted."""
        await self.desk.own(ctx, idea_id)
        require(await self.desk.ideas.drop(idea_id), cards.DECIDED_ALREADY)
        await ctx.update(cards.dropped_card())

    async def _post(self, ctx: Context, idea_id: int, show: Callable[[Card], Awaitable[None]]) -> None:
        async with ctx.atomic():
            added = await self.desk.ideas.add(idea_id, ctx.now)
            if added:
                await self.desk.search.put(
                    ctx.community.id, KIND, idea_id, title=added.title, body=added.details, at=ctx.now
                )
                await self.desk.touch(ctx, idea_id)
                await ctx.publish(IdeaAdded(idea_id, ctx.member.id))
        require(added, cards.DECIDED_ALREADY)
        assert added
        try:
            await self.desk.tend(ctx, idea_id)
        except (AdapterError, OSError) as trouble:
            # It is written down and looked after from now on: to ask again would post it twice.
            log.warning("idea %s will be posted later: %r", idea_id, trouble)
        there = await self.desk.ideas.cards(idea_id)
        await show(cards.posted_card(await self.desk.view(ctx, added)) if there else cards.later_card())

    # Votes

    @action
    async def vote(self, ctx: Context, idea_id: int) -> None:
        """One more who wants it."""
        await self._vote(ctx, await self.desk.living(ctx, idea_id), ctx.reply)

    @action
    async def vote_instead(self, ctx: Context, draft_id: int, idea_id: int) -> None:
        """What is there is what they meant: vote for it, and forget the draft."""
        await self.desk.own(ctx, draft_id)
        await self._vote(ctx, await self.desk.living(ctx, idea_id), ctx.update)
        await self.desk.ideas.drop(draft_id)

    async def _vote(self, ctx: Context, idea: Idea, show: Callable[[Card], Awaitable[None]]) -> None:
        require(idea.status in ALIVE, cards.SETTLED)
        policy = await self.desk.policies.of(ctx.community.id)
        segment = segment_of(policy, {*ctx.member.roles, *ctx.roles})
        try:
            async with ctx.atomic():
                if await self.desk.ideas.vote(
                    idea.id, ctx.member.id, ctx.now, segment=segment.name, budget=segment.votes
                ):
                    await self.desk.ideas.follow(idea.id, ctx.member.id, wanted=True)
                    await self.desk.redraw(ctx, idea.id)
        except NoVotesLeft:
            raise UserError(cards.no_votes_left(segment.votes or 0)) from None
        require(await self.desk.ideas.has_voted(idea.id, ctx.member.id), cards.SETTLED)
        given = await self.desk.ideas.votes_given(ctx.member.id)
        left = max(0, segment.votes - given) if segment.votes is not None else None
        take_back, unfollow = Adding.unvote.call(idea.id), Adding.unfollow.call(idea.id)
        await show(cards.voted_card(idea, left, take_back=take_back, unfollow=unfollow))

    @action
    async def unvote(self, ctx: Context, idea_id: int) -> None:
        """They do not want it so much after all."""
        idea = await self.desk.living(ctx, idea_id)
        async with ctx.atomic():
            gone = await self.desk.ideas.unvote(idea.id, ctx.member.id)
            for counted in (idea, *await self.desk.ideas.merged(idea.id)) if gone else ():
                await self.desk.redraw(ctx, counted.id)
        require(gone, cards.NO_VOTE)
        await ctx.update(cards.taken_back_card(idea))

    @action
    async def follow(self, ctx: Context, idea_id: int) -> None:
        """They want to hear of it, without a vote."""
        idea = await self.desk.living(ctx, idea_id)
        await self.desk.ideas.follow(idea.id, ctx.member.id, wanted=True)
        await ctx.reply(cards.following_card(idea, Adding.unfollow.call(idea.id)))

    @action
    async def unfollow(self, ctx: Context, idea_id: int) -> None:
        """They do not want to hear of it."""
        idea = await self.desk.living(ctx, idea_id)
        await self.desk.ideas.follow(idea.id, ctx.member.id, wanted=False)
        await ctx.update(cards.not_following_card(idea))

    # Finding

    @command("idea list", "See the community's ideas: by votes, the newest, or by status")
    async def list_ideas(self, ctx: Submission[ListForm]) -> None:
        await ctx.reply(await self._list(ctx, ctx.form.status or "votes"))

    @action
    async def list_others(self, ctx: Context) -> None:
        """Show another list in the place of this one."""
        chosen = ctx.values[0] if ctx.values and ctx.values[0] in cards.LISTS else "votes"
        await ctx.update(await self._list(ctx, chosen))

    async def _list(self, ctx: Context, by: str) -> Card:
        everything = await self.desk.ideas.listed(ctx.community.id, DECIDED)
        found = shown(everything, await self.desk.ideas.tally(ctx.community.id), by)
        views = await self.desk.views(ctx, found[:LISTED])
        return cards.list_card(views, by, len(found), Adding.list_others.call())

    @command("idea show", "See one idea, with who wants it and what became of it")
    async def show(self, ctx: Submission[WhichIdea]) -> None:
        if ctx.form.idea is None:
            await ctx.reply(await self._list(ctx, "new"))
            return
        idea = await self.desk.named(ctx, ctx.form.idea)
        merged = await self.desk.views(ctx, await self.desk.ideas.merged(idea.id))
        unmerge = None
        if idea.merged_into and ctx.role >= Role.MODERATOR:
            unmerge = self.desk.controls.unmerge(idea.id)
        voted = await self.desk.ideas.has_voted(idea.id, ctx.member.id)
        vote = None if voted else Adding.vote.call(idea.id)
        await ctx.reply(cards.shown_card(await self.desk.view(ctx, idea), merged, vote=vote, unmerge=unmerge))

    @action
    async def tend(self, work: Work, idea_id: int) -> None:
        """Look after an idea's cards."""
        await self.desk.tend(work, idea_id)

    @every("daily 04:30")
    async def sweep(self, work: Work) -> None:
        """Forget drafts that nobody posted."""
        await self.desk.ideas.prune(work.now - DRAFTS_KEPT)

    def routes(self) -> Sequence[web.RouteDef]:
        return self.pages.routes() if self.pages else ()

    @listener(MemberErased)
    async def redraw(self, work: Work, event: MemberErased) -> None:
        """Have the cards that named someone say what is left."""
        written, _, _ = await self.desk.ideas.told_by(event.member_id)
        for idea in written:
            await self.desk.touch(work, idea.id)

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.desk.channels.links(ctx.space))

    async def export(self, member: Member) -> dict[str, Any]:
        written, voted, followed = await self.desk.ideas.told_by(member.id)
        return {
            "suggested": [
                {"title": idea.title, "details": idea.details, "status": idea.status, "at": idea.created_at}
                for idea in written
            ],
            "voted_for": [idea.title for idea in voted],
            "followed": [idea.title for idea in followed],
        }

    async def erase(self, member: Member) -> None:
        written, _, _ = await self.desk.ideas.told_by(member.id)
        await self.desk.ideas.forget(member.id)
        for idea in written:
            await self.desk.search.remove(KIND, idea.id)
