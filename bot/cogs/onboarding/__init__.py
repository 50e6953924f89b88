"""The room in which newcomers arrive, find their way, and meet people.

`rules`, `meeting`, `whereabouts` and `scores` decide, and `cards` is what members see. The cogs are what happens,
`desk` is what they share, `doorkeeper` stands at the gate, and `watch` knows who is listened to.
"""

from __future__ import annotations

from bot.kernel.channels import Places
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.database import Database
from storage.gates import GateStore
from storage.journeys import JourneyStore
from storage.newcomers import NewcomerStore

from .arrivals import Arrivals
from .buddies import Buddies
from .cards import StepControls
from .desk import Controls, Desk
from .doorkeeper import Doorkeeper, GateControls
from .following import Following
from .gatekeeping import Gatekeeping
from .introductions import Introductions
from .rules import Gate, Guidelines, Interest, Kind, Policy, Purpose, Track
from .scorecards import Scorecards
from .steps import FirstSteps
from .watch import Watch


def onboarding(database: Database, places: Places, policies: Policies[Policy]) -> tuple[Cog, ...]:
    """Return the cogs of this room."""
    steps = StepControls(
        start=FirstSteps.start.call(),
        show=FirstSteps.show.call,
        skip=FirstSteps.skip.call,
        purpose=FirstSteps.purpose.call(),
        agree=FirstSteps.agree.call,
        interests=FirstSteps.interests.call(),
        zone=FirstSteps.zone.call(),
        other_zone=FirstSteps.other_zone.call(),
        introduce=Introductions.begin.call(),
        buddy=FirstSteps.buddy.call(),
    )
    journeys = JourneyStore(database)
    desk = Desk(
        journeys,
        NewcomerStore(database),
        GateStore(database),
        AuditStore(database),
        places.welcome,
        places.introductions,
        places.help,
        places.moderators,
        policies,
        Watch(journeys, places.introductions, places.help, gated=policies.usual.gate is not None),
        Controls(steps, Following.remind.call(), Gatekeeping.look.call, Gatekeeping.open.call),
    )
    doorkeeper = Doorkeeper(desk, GateControls(Gatekeeping.enter.call(), Gatekeeping.ask.call()))
    return (
        Arrivals(desk),
        FirstSteps(desk, doorkeeper),
        Introductions(desk, doorkeeper),
        Buddies(desk),
        Following(desk),
        Gatekeeping(desk, doorkeeper),
        Scorecards(desk),
    )


__all__ = ["Gate", "Guidelines", "Interest", "Kind", "Policy", "Purpose", "Track", "onboarding"]
