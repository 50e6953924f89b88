"""The room in which ideas are heard, decided on, and told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract.models import Space
from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from bot.text.language import Locales
from storage.audit import AuditStore
from storage.database import Database
from storage.idea_votes import IdeaVoteStore
from storage.ideas import IdeaStore
from storage.members import MemberStore
from storage.search import SearchStore

from .browse import Browse
from .decide import Decide
from .ideas_page import IdeasPage
from .lifecycle import IdeaLifecycle
from .policy import Policy, Segment
from .service import Ideas
from .suggest import Suggest
from .vote import Vote

if TYPE_CHECKING:
    from storage.search.encoders import Encoder


def ideas(
    database: Database,
    channels: ChannelGroup,
    policies: Policies[Policy],
    *,
    board: Space | None,
    locales: Locales,
    encoder: Encoder | None = None,
) -> tuple[Cog, ...]:
    """Return the cogs of this room; with `board`, the ideas of who lives there can be read on the web."""
    store, votes, members = IdeaStore(database), IdeaVoteStore(database), MemberStore(database)
    room = Ideas(
        store,
        votes,
        members,
        SearchStore(database, encoder),
        AuditStore(database),
        channels,
        policies,
        IdeaLifecycle(store, votes, members, channels),
    )
    web = IdeasPage(store, votes, members, board, locales) if board else None
    return Suggest(room), Browse(room, web), Vote(room), Decide(room)


__all__ = ["Policy", "Segment", "ideas"]
