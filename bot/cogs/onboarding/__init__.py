"""The room in which newcomers arrive, find their way, and meet people.

Beside the cogs and their lifecycles, `admission` says who may come in, `watch` knows who is listened to, and `meeting`,
`whereabouts` and `scores` decide, as `policy` does.
"""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup, Channels
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.database import Database
from storage.gates import GateStore
from storage.members import MemberStore
from storage.newcomers import NewcomerStore
from storage.postings import PostingStore
from storage.progress import ProgressStore
from storage.welcomes import WelcomeStore

from .admission import AdmissionService
from .arrivals import Arrivals
from .buddies import Buddies
from .entry import EntryLifecycle
from .following import Following
from .gatekeeping import Gatekeeping
from .introductions import Introductions
from .lifecycle import NewcomerLifecycle
from .policy import Gate, Guidelines, Interest, Kind, OnboardingFlow, Policy, Purpose
from .scorecards import Scorecards
from .service import Newcomers
from .steps import Steps
from .watch import Watch
from .welcoming import WelcomeLifecycle


def onboarding(
    database: Database, channels: Channels, opens: ChannelGroup, policies: Policies[Policy]
) -> tuple[Cog, ...]:
    """Return the cogs of this room. `opens` are the channels behind the gate."""
    progress, newcomers, gates = ProgressStore(database), NewcomerStore(database), GateStore(database)
    members, gathering = MemberStore(database), WelcomeStore(database)
    room = Newcomers(
        progress,
        newcomers,
        gathering,
        gates,
        AuditStore(database),
        PostingStore(database),
        channels.welcome,
        channels.introductions,
        channels.help,
        channels.moderators,
        policies,
        Watch(progress, channels.introductions, channels.help, gated=policies.default.gate is not None),
        NewcomerLifecycle(newcomers, members, channels.introductions, channels.welcome),
        WelcomeLifecycle(gathering, members, channels.welcome),
        EntryLifecycle(gates, members, channels.moderators, channels.welcome, opens, policies),
    )
    admissions = AdmissionService(room)
    return (
        Arrivals(room),
        Steps(room, admissions),
        Introductions(room),
        Buddies(room),
        Following(room),
        Gatekeeping(room, admissions),
        Scorecards(room),
    )


__all__ = ["Gate", "Guidelines", "Interest", "Kind", "OnboardingFlow", "Policy", "Purpose", "onboarding"]
