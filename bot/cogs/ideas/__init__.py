"""The room in which ideas are heard, decided on, and told of.

`rules` decide, `cards` is what members see, `pages` the board on the web; the cogs are what members do, and `desk` is
what they share.
"""

from __future__ import annotations

from adapters.contract.models import Space
from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from bot.text.language import Tongues
from storage.audit import AuditStore
from storage.database import Database
from storage.ideas import IdeaStore
from storage.members import MemberStore
from storage.search import SearchStore

from .adding import Adding
from .deciding import Deciding
from .desk import Controls, Desk
from .pages import Pages
from .rules import Policy, Segment


def ideas(
    database: Database, channels: ChannelGroup, policies: Policies[Policy], *, board: Space | None, tongues: Tongues
) -> tuple[Cog, ...]:
    """Return the cogs of this room; with `board`, the ideas of who lives there can be read on the web."""
    controls = Controls(
        tend=Adding.tend.call, vote=Adding.vote.call, follow=Adding.follow.call, unmerge=Deciding.unmerge.call
    )
    store, members = IdeaStore(database), MemberStore(database)
    desk = Desk(store, members, SearchStore(database), AuditStore(database), channels, policies, controls)
    return Adding(desk, Pages(store, members, board, tongues) if board else None), Deciding(desk)


__all__ = ["Policy", "Segment", "ideas"]
