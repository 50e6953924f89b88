"""The room in which people meet: events that are planned, signed up for, remembered and attended."""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.database import Database
from storage.events import EventStore
from storage.members import MemberStore
from storage.postings import PostingStore
from storage.reminders import ReminderStore
from storage.series import SeriesStore
from storage.signups import SignupStore
from storage.turnout import TurnoutStore

from .attend import Attend
from .calendar import Calendar
from .cancel import Cancel
from .change import Change
from .check_in import CheckIn
from .guests import GuestsLifecycle
from .host import Host
from .leave import Leave
from .lifecycle import EventLifecycle
from .plan import Plan
from .policy import Policy, read_leads
from .remind import Remind
from .series import SeriesLifecycle
from .service import Events


def events(
    database: Database,
    channels: ChannelGroup,
    moderators: ChannelGroup,
    policies: Policies[Policy],
    web_url: str = "",
) -> tuple[Cog, ...]:
    """Return the cogs of this room. `web_url` is where Trellis can be reached from outside."""
    store, series, signups = EventStore(database), SeriesStore(database), SignupStore(database)
    turnout, reminders, members = TurnoutStore(database), ReminderStore(database), MemberStore(database)
    room = Events(
        store,
        series,
        signups,
        turnout,
        reminders,
        members,
        PostingStore(database),
        channels,
        policies,
        EventLifecycle(store, signups, turnout, members, channels, moderators, policies),
        GuestsLifecycle(store, signups, reminders, members, channels, policies),
        SeriesLifecycle(series, store, policies),
        web_url,
    )
    return (
        Plan(room),
        Change(room),
        Cancel(room),
        Attend(room),
        Remind(room),
        Host(room),
        CheckIn(room),
        Calendar(room),
        Leave(room),
    )


__all__ = ["Policy", "events", "read_leads"]
