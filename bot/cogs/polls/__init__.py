"""The room in which the community decides.

`rules` and `counting` decide, `cards` is what members see, `picture` and `tables` show results in other ways; the cogs
are what members do, and `desk` is what they share.
"""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.ballots import BallotStore
from storage.database import Database
from storage.members import MemberStore
from storage.polls import PollStore

from .closing import Closing
from .desk import Controls, Desk
from .making import Making
from .rules import Policy
from .voting import Voting


def polls(database: Database, channels: ChannelGroup, policies: Policies[Policy], secret: str) -> tuple[Cog, ...]:
    """Return the cogs of this room. What is asked in one of the `channels` stands in those of every space."""
    controls = Controls(
        tend=Making.tend.call,
        choose=Voting.choose.call,
        pick=Voting.pick.call,
        begin=Voting.begin.call,
        rate=Voting.rate.call,
        suggest=Voting.suggest.call,
        remove=Voting.remove.call,
        close=Closing.close_now.call,
        stop=Making.stop.call,
    )
    desk = Desk(
        PollStore(database),
        BallotStore(database, secret),
        MemberStore(database),
        AuditStore(database),
        channels,
        policies,
        controls,
    )
    return Making(desk), Voting(desk), Closing(desk)


__all__ = ["Policy", "polls"]
