"""The room in which newcomers arrive, find their way, and meet people.

Beside the cogs and their lifecycles, `door` says who may come in, `watch` knows who is listened to, and `meeting`,
`whereabouts` and `scores` decide, as `policy` does.
"""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup, Places
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.database import Database
from storage.gates import GateStore
from storage.journeys import JourneyStore
from storage.members import MemberStore
from storage.newcomers import NewcomerStore
from storage.postings import PostingStore
from storage.welcomes import WelcomeStore

from .arrivals import Arrivals
from .buddies import Buddies
from .door import Door
from .entry import EntryLifecycle
from .following import Following
from .gatekeeping import Gatekeeping
from .introductions import Introductions
from .lifecycle import NewcomerLifecycle
from .policy import Gate, Guidelines, Interest, Kind, Policy, Purpose, Track
from .scorecards import Scorecards
from .service import Newcomers
from .steps import Steps
from .watch import Watch
from .welcoming import WelcomeLifecycle


def onboarding(database: Database, places: Places, opens: ChannelGroup, policies: Policies[Policy]) -> tuple[Cog, ...]:
    """Return the cogs of this room. `opens` are the channels behind the gate."""
    journeys, newcomers, gates = JourneyStore(database), NewcomerStore(database), GateStore(database)
    members, gathering = MemberStore(database), WelcomeStore(database)
    room = Newcomers(
        journeys,
        newcomers,
        gathering,
        gates,
        AuditStore(database),
        PostingStore(database),
        places.welcome,
        places.introductions,
        places.help,
        places.moderators,
        policies,
        Watch(journeys, places.introductions, places.help, gated=policies.usual.gate is not None),
        NewcomerLifecycle(newcomers, members, places.introductions, places.welcome),
        WelcomeLifecycle(gathering, members, places.welcome),
        EntryLifecycle(gates, members, places.moderators, places.welcome, opens, policies),
    )
    door = Door(room)
    return (
        Arrivals(room),
        Steps(room, door),
        Introductions(room, door),
        Buddies(room),
        Following(room),
        Gatekeeping(room, door),
        Scorecards(room),
    )


__all__ = ["Gate", "Guidelines", "Interest", "Kind", "Policy", "Purpose", "Track", "onboarding"]
