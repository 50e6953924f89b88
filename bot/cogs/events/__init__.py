"""The room in which people meet: events that are planned, signed up for, remembered and attended.

`rules` and `repeating` decide, `cards` is what members see, `keeper` looks after an event and `board` shows it; the
cogs are what members do, and `desk` is what they share.
"""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.database import Database
from storage.events import EventStore
from storage.members import MemberStore
from storage.reminders import ReminderStore
from storage.series import SeriesStore
from storage.signups import Choice, SignupStore

from .attending import Attending
from .board import Board
from .desk import Controls, Desk
from .drafting import Drafting
from .feeds import Calendars
from .hosting import Hosting
from .keeper import Keeper
from .planning import Planning
from .rules import Policy, read_leads


def events(
    database: Database, channels: ChannelGroup, policies: Policies[Policy], web_url: str = ""
) -> tuple[Cog, ...]:
    """Return the cogs of this room. `web_url` is where Trellis can be reached from outside."""
    controls = Controls(
        tend=Planning.tend.call,
        extend=Planning.extend.call,
        going=lambda event_id: Attending.answer.call(event_id, Choice.GOING),
        maybe=lambda event_id: Attending.answer.call(event_id, Choice.MAYBE),
        no=lambda event_id: Attending.answer.call(event_id, Choice.NO),
        here=Attending.here.call,
        calendar=Calendars.add.call,
        tools=Hosting.tools.call,
        show=Attending.show.call,
        door=lambda event_id: Hosting.door.call(event_id, 0),
        rate=Attending.rate.call,
    )
    desk = Desk(
        EventStore(database),
        SeriesStore(database),
        SignupStore(database),
        ReminderStore(database),
        MemberStore(database),
        channels,
        policies,
        web_url,
        controls,
    )
    keeper = Keeper(desk, Board(desk))
    return Drafting(desk), Planning(desk, keeper), Attending(desk), Hosting(desk), Calendars(desk)


__all__ = ["Policy", "events", "read_leads"]
