"""Voting for ideas and following them, and taking that back."""

from __future__ import annotations

from typing import Any

from adapters.contract.text import Words, count, join, say
from adapters.contract.ui import Button, Card, Tone
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.errors import UserError, require
from storage.idea_votes import NoVotesLeft
from storage.ideas import ALIVE, Idea
from storage.members import Member

from . import calls
from .cards import name_of, titled
from .policy import segment_of
from .service import Ideas

SETTLED = say("This idea is settled and takes no votes any more.")


class Vote(Cog):
    """Members give their votes to what they want."""

    name = "vote"
    room = "Ideas"

    def __init__(self, ideas: Ideas) -> None:
        self.ideas = ideas

    @action(formerly=("ideas.vote",))
    async def vote(self, ctx: Context, idea_id: int) -> None:
        """One more who wants it."""
        await ctx.reply(await self._vote(ctx, idea_id))

    @action(formerly=("ideas.vote_instead",))
    async def vote_instead(self, ctx: Context, draft_id: int, idea_id: int) -> None:
        """What is there is what they meant: vote for it, and forget the draft."""
        await self.ideas.own(ctx, draft_id)
        voted = await self._vote(ctx, idea_id)
        await self.ideas.store.drop(draft_id)
        await ctx.update(voted)

    async def _vote(self, ctx: Context, idea_id: int) -> Card:
        idea = await self.ideas.root(ctx, idea_id)
        require(idea.status in ALIVE, SETTLED)
        policy = await self.ideas.policies.of(ctx.community.id)
        segment = segment_of(policy, {*ctx.member.roles, *ctx.roles})
        try:
            voted = await self.ideas.votes.vote(
                idea.id, ctx.member.id, ctx.now, segment=segment.name, budget=segment.votes
            )
        except NoVotesLeft:
            raise UserError(no_votes_left(segment.votes or 0)) from None
        if voted:
            await self.ideas.votes.follow(idea.id, ctx.member.id, ctx.now, wanted=True)
            await self.ideas.lifecycle.redraw(ctx, idea.id)
        else:
            require(await self.ideas.votes.has_voted(idea.id, ctx.member.id), SETTLED)
        left = None
        if segment.votes is not None:
            left = max(0, segment.votes - await self.ideas.votes.votes_given(ctx.member.id))
        return voted_card(idea, left)

    @action(formerly=("ideas.unvote",))
    async def take_back(self, ctx: Context, idea_id: int) -> None:
        """They do not want it so much after all."""
        idea = await self.ideas.root(ctx, idea_id)
        gone = await self.ideas.votes.unvote(idea.id, ctx.member.id)
        require(gone, say("You have no vote on this idea."))
        for counted in (idea, *await self.ideas.store.merged(idea.id)):
            await self.ideas.lifecycle.redraw(ctx, counted.id)
        await ctx.update(taken_back_card(idea))

    @action(formerly=("ideas.follow",))
    async def follow(self, ctx: Context, idea_id: int) -> None:
        """They want to hear of it, without a vote."""
        idea = await self.ideas.root(ctx, idea_id)
        await self.ideas.votes.follow(idea.id, ctx.member.id, ctx.now, wanted=True)
        await ctx.reply(following_card(idea))

    @action(formerly=("ideas.unfollow",))
    async def unfollow(self, ctx: Context, idea_id: int) -> None:
        """They do not want to hear of it."""
        idea = await self.ideas.root(ctx, idea_id)
        await self.ideas.votes.follow(idea.id, ctx.member.id, ctx.now, wanted=False)
        await ctx.update(not_following_card(idea))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def voted_card(idea: Idea, left: int | None) -> Card:
    """Tell a voter that they count; `left` is what is left of their budget."""
    lines: list[Words] = [say("Your vote for {idea} counts. You hear what becomes of it.", idea=titled(idea))]
    if left == 0:
        lines.append(say("That was your last vote. Votes come back when an idea is shipped, declined or a duplicate."))
    elif left is not None:
        lines.append(count(left, "You have {n} vote left.", "You have {n} votes left."))
    return Card(
        body=join(lines),
        tone=Tone.DONE,
        buttons=(
            Button("Take my vote back", calls.take_back(idea.id)),
            Button("Don't tell me", calls.unfollow(idea.id)),
        ),
    )


def no_votes_left(budget: int) -> Words:
    return count(
        budget,
        "You've given your {n} vote. It comes back when that idea is settled, or when you take it back.",
        "You've given all your {n} votes. They come back when ideas are settled, or when you take one back.",
    )


def taken_back_card(idea: Idea) -> Card:
    return Card(body=say("Your vote for {name} is taken back.", name=name_of(idea)))


def following_card(idea: Idea) -> Card:
    return Card(
        body=say("You hear what becomes of {idea}.", idea=titled(idea)),
        tone=Tone.DONE,
        buttons=(Button("Don't tell me", calls.unfollow(idea.id)),),
    )


def not_following_card(idea: Idea) -> Card:
    return Card(body=say("You hear no more of {name}. A vote you gave still counts.", name=name_of(idea)))
