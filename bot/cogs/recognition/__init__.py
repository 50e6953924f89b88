"""The room in which what people give is seen."""

from __future__ import annotations

from collections.abc import Collection

from adapters.contract.models import Space
from bot.kernel.channels import Channels
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.database import Database
from storage.events import EventStore
from storage.ideas import IdeaStore
from storage.kudos import KudosStore
from storage.members import MemberStore
from storage.questions import QuestionStore
from storage.reactions import ReactionStore
from storage.standing import StandingStore

from .digest import Digest
from .leaderboard import Leaderboard
from .ledger import Ledger
from .lifecycle import ThanksLifecycle
from .meet import Meet
from .milestones import MilestonesLifecycle
from .moderate import Moderate
from .policy import Badge, Level, Measure, Policy, plain_emoji
from .profile import Profile
from .service import Recognition
from .thank import Thank


def recognition(
    database: Database, channels: Channels, policies: Policies[Policy], *, joined: Collection[Space]
) -> tuple[Cog, ...]:
    """Return the cogs of this room; `joined` are the spaces that form one community."""
    kudos, standing, members = KudosStore(database), StandingStore(database), MemberStore(database)
    room = Recognition(
        kudos,
        ReactionStore(database),
        standing,
        QuestionStore(database),
        members,
        channels.digest,
        channels.moderators,
        channels.unlisted,
        policies,
        ThanksLifecycle(kudos, members, channels.digest),
        MilestonesLifecycle(standing, members, channels.moderators, policies),
    )
    return (
        Thank(room),
        Profile(room),
        Leaderboard(room),
        Ledger(room, IdeaStore(database), EventStore(database)),
        Digest(room),
        Moderate(room),
        Meet(joined),
    )


__all__ = ["Badge", "Level", "Measure", "Policy", "plain_emoji", "recognition"]
