"""What the cogs of this room share: the stores, the channels, and the few things that all of them do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.contract.models import Space
from adapters.contract.text import say
from adapters.contract.ui import Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context
from bot.kernel.errors import UserError, require
from bot.kernel.forms import numbered
from bot.kernel.policies import Policies
from bot.kernel.work import Suggesting, Work
from bot.text.likeness import ALIKE, likely
from storage.audit import AuditStore
from storage.idea_votes import IdeaVoteStore
from storage.ideas import Idea, IdeaStore, Status
from storage.members import MemberStore
from storage.search import SearchStore

from .cards import GONE, NO_CHANNEL, NOT_YOURS, View
from .lifecycle import IdeaLifecycle
from .policy import Policy

KIND = "idea"
"""What ideas are called in the search index."""
SIMILAR = 3
"""How many similar ideas are shown before one is posted."""


@dataclass(frozen=True, slots=True)
class Ideas:
    """The room's ideas."""

    store: IdeaStore
    votes: IdeaVoteStore
    members: MemberStore
    search: SearchStore
    audit: AuditStore
    channels: ChannelGroup
    policies: Policies[Policy]
    lifecycle: IdeaLifecycle

    async def get(self, work: Work, idea_id: int) -> Idea:
        """Return an idea of this community that was posted. Raises `UserError` where there is none."""
        idea = await self.store.get(idea_id)
        if idea is None or idea.community_id != work.community.id or idea.status is Status.DRAFT:
            raise UserError(GONE)
        return idea

    async def own(self, ctx: Context, idea_id: int) -> Idea:
        """Return an idea of the person's own, also a draft. Raises `UserError` where there is none."""
        idea = await self.store.get(idea_id)
        if idea is None or idea.author_id != ctx.member.id:
            await self.get(ctx, idea_id)  # nobody learns whether somebody else has a draft
            raise UserError(NOT_YOURS)
        return idea

    async def named(self, work: Work, number: int) -> Idea:
        """Return the idea that someone names by its number. Raises `UserError` where there is none."""
        idea = await self.store.by_number(work.community.id, number)
        if idea is None:
            raise UserError(say("There's no idea #{number}.", number=number))
        return idea

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the ideas that someone may mean who types a number, the newest first."""
        shown = set(Status) - {Status.DRAFT}
        return [numbered(idea.number, idea.title) for idea in await self.store.listed(asked.community.id, shown)]

    async def root(self, work: Work, idea_id: int) -> Idea:
        """Return the idea with which this one goes on."""
        return await self.store.root(await self.get(work, idea_id))

    async def view(self, work: Work, idea: Idea) -> View:
        """Return an idea with all that its cards show."""
        into = await self.store.root(idea) if idea.merged_into else None
        links = await work.links(KIND, [idea.id, *([into.id] if into else [])])
        segments = await self.votes.segments(idea.id)
        return View(
            idea,
            sum(segments.values()),
            await self.members.get(idea.author_id) if idea.author_id else None,
            links.get(idea.id),
            segments,
            into,
            links.get(into.id) if into else None,
        )

    async def views(self, work: Work, ideas: Sequence[Idea]) -> list[View]:
        """Return ideas as a list shows them."""
        tally = await self.votes.tally(work.community.id)
        links = await work.links(KIND, [idea.id for idea in ideas])
        return [View(idea, tally.get(idea.id, 0), link=links.get(idea.id)) for idea in ideas]

    async def similar(self, work: Work, draft: Idea) -> list[Idea]:
        """Return at most `SIMILAR` ideas that may be the same as a draft."""
        found: dict[int, Idea] = {}
        hits = await self.search.find(work.community.id, draft.title, (KIND,), 20, details=draft.details)
        for hit, chance in zip(hits, likely([hit.fit for hit in hits]), strict=True):
            if chance < ALIKE:
                continue
            known = await self.store.get(hit.subject_id)
            idea = await self.store.root(known) if known else None
            if idea and idea.community_id == work.community.id and idea.id != draft.id:
                found[idea.id] = idea
        return [*found.values()][:SIMILAR]

    async def require_channel(self, work: Work, space: Space) -> None:
        """Raise `UserError` where no space has a channel for ideas."""
        require(self.channels.nearest(space, await work.spaces()), NO_CHANNEL)
