"""The room in which the community decides."""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.ballots import BallotStore
from storage.database import Database
from storage.members import MemberStore
from storage.pepper import Pepper
from storage.poll_options import OptionStore
from storage.polls import PollStore

from .ballot import Ballot
from .close import Close
from .compose import Compose
from .lifecycle import PollLifecycle
from .options import Options
from .policy import Policy
from .results import Results
from .service import Polls


def polls(database: Database, channels: ChannelGroup, policies: Policies[Policy], pepper: Pepper) -> tuple[Cog, ...]:
    """Return the cogs of this room. What is asked in one of the `channels` stands in those of every space."""
    store, ballots = PollStore(database), BallotStore(database, pepper)
    lifecycle = PollLifecycle(store, ballots, MemberStore(database), channels, policies)
    room = Polls(store, OptionStore(database), ballots, AuditStore(database), channels, policies, lifecycle)
    return Compose(room), Ballot(room), Options(room), Close(room), Results(room)


__all__ = ["Policy", "polls"]
