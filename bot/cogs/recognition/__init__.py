"""The room in which what people give is seen.

`rules` and `rings` decide, `cards` is what members see; the cogs are what members do, and `desk` is what they share.
"""

from __future__ import annotations

from bot.kernel.channels import Places
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.database import Database
from storage.events import EventStore
from storage.ideas import IdeaStore
from storage.kudos import KudosStore
from storage.members import MemberStore
from storage.questions import QuestionStore
from storage.standing import StandingStore

from .boards import Boards
from .deeds import Deeds
from .desk import Controls, Desk
from .digest import Digest
from .moderating import Moderating
from .rules import Badge, Level, Measure, Policy, plain_emoji
from .thanking import Thanking


def recognition(database: Database, places: Places, policies: Policies[Policy]) -> tuple[Cog, ...]:
    """Return the cogs of this room."""
    desk = Desk(
        KudosStore(database),
        StandingStore(database),
        QuestionStore(database),
        IdeaStore(database),
        EventStore(database),
        MemberStore(database),
        places.digest,
        places.moderators,
        places.unlisted,
        policies,
        Controls(reach=Deeds.reach.call, show=Thanking.show.call),
    )
    return Thanking(desk), Boards(desk), Deeds(desk), Digest(desk), Moderating(desk)


__all__ = ["Badge", "Level", "Measure", "Policy", "plain_emoji", "recognition"]
