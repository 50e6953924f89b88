"""How an idea goes on: its card in every space, and the news for everyone who wanted it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.models import Channel
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Lifecycle, Posting, Shown, Standing, Telling, Under
from bot.kernel.work import Work
from storage.idea_votes import IdeaVoteStore
from storage.ideas import IdeaStore, Status
from storage.members import Member, MemberStore

from .cards import View, idea_card, news_card

CARD = "card"


@dataclass(frozen=True, slots=True)
class IdeaSnapshot:
    """An idea as it is now: `audience` are the people who wanted it when it last changed."""

    now: datetime
    view: View
    audience: tuple[Member, ...]
    channels: tuple[Channel, ...]
    standing: Standing


class IdeaLifecycle(Lifecycle[IdeaSnapshot]):
    """Ideas wait for people: nothing of them comes due by itself."""

    kind = "idea"

    def __init__(self, ideas: IdeaStore, votes: IdeaVoteStore, members: MemberStore, channels: ChannelGroup) -> None:
        super().__init__()
        self._ideas = ideas
        self._votes = votes
        self._members = members
        self._channels = channels

    async def read(self, work: Work, id_: int, standing: Standing) -> IdeaSnapshot | None:
        idea = await self._ideas.get(id_)
        if idea is None or idea.status is Status.DRAFT:
            return None
        into = await self._ideas.root(idea) if idea.merged_into else None
        into_link = (await work.links(self.kind, [into.id])).get(into.id) if into else None
        segments = await self._votes.segments(id_)
        followers = await self._votes.followers(id_, idea.changed_at) if idea.changes else []
        people = await self._members.get_many({*followers, *filter(None, [idea.author_id])})
        places = [self._channels.nearest(space) for space in await work.spaces()]
        return IdeaSnapshot(
            work.now,
            View(
                idea,
                sum(segments.values()),
                people.get(idea.author_id) if idea.author_id else None,
                standing.link(CARD),
                segments,
                into,
                into_link,
            ),
            tuple(people[id_] for id_ in followers if id_ in people and id_ != idea.changed_by_id),
            tuple(place for place in places if place),
            standing,
        )

    def is_open(self, snapshot: IdeaSnapshot) -> bool:
        return snapshot.view.idea.status in (Status.OPEN, Status.PLANNED, Status.STARTED)

    def shown(self, snapshot: IdeaSnapshot) -> Iterator[Shown]:
        view, idea = snapshot.view, snapshot.view.idea
        for channel in snapshot.channels:
            yield Posting(CARD, channel, idea_card(view), thread=idea.title, at=idea.added_at)
        if idea.changes and snapshot.standing.find(CARD):
            yield Telling(
                f"change/{idea.changes}",
                snapshot.audience,
                (Under(CARD),),
                lambda _: news_card(view),
                at=idea.changed_at,
            )
