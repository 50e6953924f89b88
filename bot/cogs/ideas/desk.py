"""What the cogs of this room share, and the one job of each idea.

Whoever changes an idea only writes that down and calls `touch` in the same transaction; `tend` makes every card say
what the store says, at any time, twice if need be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.call import Call
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Card, Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context, Suggesting, Work
from bot.kernel.errors import UserError, require
from bot.kernel.forms import numbered
from bot.kernel.pace import Pace
from bot.kernel.policies import Policies
from bot.text.likeness import ALIKE, likeness
from storage.audit import AuditStore
from storage.ideas import Idea, IdeaCard, IdeaStore, Status
from storage.members import MemberStore
from storage.search import SearchStore

from . import cards
from .rules import Policy

ToCall = Callable[[int], Call]
KIND = "idea"
"""What ideas are called in the search index."""
SIMILAR = 3
"""How many similar ideas are shown before one is posted."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons on an idea's card do, given by the cogs that do it. `tend` is for the clock."""

    tend: ToCall
    vote: ToCall
    follow: ToCall
    unmerge: ToCall


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet."""

    ideas: IdeaStore
    members: MemberStore
    search: SearchStore
    audit: AuditStore
    channels: ChannelGroup
    policies: Policies[Policy]
    controls: Controls
    pace: Pace = field(default_factory=Pace)
    turns: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    # What cogs ask

    async def get(self, work: Work, idea_id: int) -> Idea:
        """Return an idea of this community that was posted. Raises `UserError` where there is none."""
        idea = await self.ideas.get(idea_id)
        if idea is None or idea.community_id != work.community.id or idea.status is Status.DRAFT:
            raise UserError(cards.GONE)
        return idea

    async def own(self, ctx: Context, idea_id: int) -> Idea:
        """Return an idea of the person's own, also a draft. Raises `UserError` where there is none."""
        idea = await self.ideas.get(idea_id)
        if idea is None or idea.author_id != ctx.member.id:
            await self.get(ctx, idea_id)  # nobody learns whether somebody else has a draft
            raise UserError(cards.NOT_YOURS)
        return idea

    async def named(self, ctx: Context, number: int) -> Idea:
        """Return the idea that someone names by its number. Raises `UserError` where there is none."""
        idea = await self.ideas.by_number(ctx.community.id, number)
        if idea is None:
            raise UserError(cards.no_such_idea(number))
        return idea

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the ideas that someone may mean who types a number, the newest first."""
        shown = set(Status) - {Status.DRAFT}
        return [numbered(idea.number, idea.title) for idea in await self.ideas.listed(asked.community.id, shown)]

    async def living(self, work: Work, idea_id: int) -> Idea:
        """Return the idea with which this one goes on."""
        return await self.ideas.root(await self.get(work, idea_id))

    async def view(self, work: Work, idea: Idea) -> cards.View:
        """Return an idea with all that its cards show."""
        into = await self.ideas.root(idea) if idea.merged_into else None
        segments = await self.ideas.segments(idea.id)
        return cards.View(
            idea,
            sum(segments.values()),
            await self.members.get(idea.author_id) if idea.author_id else None,
            await self.link(work, idea.id),
            segments,
            into,
            await self.link(work, into.id) if into else None,
        )

    async def views(self, work: Work, ideas: Sequence[Idea]) -> list[cards.View]:
        """Return ideas as a list shows them."""
        tally = await self.ideas.tally(work.community.id)
        return [cards.View(idea, tally.get(idea.id, 0), link=await self.link(work, idea.id)) for idea in ideas]

    async def similar(self, work: Work, draft: Idea) -> list[Idea]:
        """Return at most `SIMILAR` ideas that may be the same as a draft."""
        asked = f"{draft.title} {draft.details}"
        found: dict[int, Idea] = {}
        for hit in await self.search.find(work.community.id, asked, (KIND,), 20):
            if max(likeness(draft.title, f"{hit.title} {hit.body}"), likeness(asked, hit.title)) < ALIKE:
                continue
            known = await self.ideas.get(hit.subject_id)
            idea = await self.ideas.root(known) if known else None
            if idea and idea.community_id == work.community.id and idea.id != draft.id:
                found[idea.id] = idea
        return [*found.values()][:SIMILAR]

    async def link(self, work: Work, idea_id: int) -> str | None:
        """Return the web address of an idea's card, the one nearest to whoever reads it."""
        shown = await self.ideas.cards(idea_id)
        here = shown.get(work.space.key) if isinstance(work, Context) else None
        card = here or next(iter(shown.values()), None)
        return await work.chat.link(MessageRef.of(card.message)) if card else None

    async def require_place(self, work: Work, space: Space) -> None:
        """Raise `UserError` where no space has a channel for ideas."""
        require(self.channels.nearest(space, await work.spaces()), cards.NO_CHANNEL)

    async def touch(self, work: Work, idea_id: int) -> None:
        """Have an idea's cards say what is so, now."""
        await work.schedule(self.controls.tend(idea_id), work.now, key=f"{_key(idea_id)}/now")

    async def redraw(self, work: Work, idea_id: int) -> None:
        """Have the votes on the cards drawn anew; what changes within a moment is drawn together."""
        due = self.pace.due(idea_id, work.now)
        await work.schedule(self.controls.tend(idea_id), due, key=f"{_key(idea_id)}/{due.isoformat()}")

    # The one job

    async def tend(self, work: Work, idea_id: int) -> None:
        """Make an idea's cards say what the store says, in every space that has a channel for them."""
        async with self.turns.setdefault(idea_id, asyncio.Lock()):
            idea = await self.ideas.get(idea_id)
            if idea is None or idea.status is Status.DRAFT:
                return
            card = self.card(await self.view(work, idea))
            known, trouble = await self.ideas.cards(idea_id), None
            for space in await work.spaces():
                try:
                    await self._show(work, idea, card, space, known.get(space.key))
                except (AdapterError, OSError) as wrong:
                    trouble = wrong
            if trouble:
                raise trouble

    async def _show(self, work: Work, idea: Idea, card: Card, space: Space, known: IdeaCard | None) -> None:
        place = self.channels.nearest(space)
        if known:
            await work.chat.edit(MessageRef.of(known.message), card)
        elif place:
            with suppress(Gone):  # the channel, or the card before it had a thread
                message = await work.chat.post(place, card, key=f"{_key(idea.id)}/card/{space.key}")
                thread = await work.chat.open_thread(message, idea.title)
                await self.ideas.placed(idea.id, space.key, message.key, thread.key)

    def card(self, view: cards.View) -> Card:
        """Return the card that stands in the ideas channel."""
        id_ = view.idea.id
        return cards.idea_card(view, vote=self.controls.vote(id_), follow=self.controls.follow(id_))

    async def threads(self, idea_id: int) -> list[Channel]:
        """Return the threads in which an idea is talked about."""
        return [Channel.of(card.thread) for card in (await self.ideas.cards(idea_id)).values()]


def _key(idea_id: int) -> str:
    """Return the beginning of the keys of an idea's jobs and messages."""
    return f"idea/{idea_id}"
