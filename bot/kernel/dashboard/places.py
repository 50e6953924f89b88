"""Which channels are found for which purpose in each space, and what mends it where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.commands import Role
from adapters.contract.models import Space
from adapters.contract.text import Code, Text, Words, join, label, labelled, say
from bot.kernel.channels import ChannelGroup

from .contract import DashboardPage, Row, Section, View, Visit

PURPOSES = {
    "help": label("Questions are asked"),
    "agents": label("Support works"),
    "moderators": label("Moderators read reports"),
    "welcome": label("Newcomers are greeted"),
    "introductions": label("Introductions are posted"),
    "events": label("Events are posted"),
    "ideas": label("Ideas are posted"),
    "digest": label("The weekly digest is posted"),
    "unlisted": label("Nothing counts for leaderboards"),
    "gate": label("Only people who were let in may read"),
}
"""What happens in the channels of each purpose."""
ALL_THERE = say("Every channel is there.")


class Places:
    """The page of channels."""

    def __init__(self, channels: Sequence[ChannelGroup]) -> None:
        self._channels = channels

    def page(self) -> DashboardPage:
        wanting = say("Channels that are missing")
        title = label("Channels")
        return DashboardPage("channels", title, 45, Role.MODERATOR, self._show, waiting=self.missing, wanting=wanting)

    async def _show(self, visit: Visit) -> View:
        names, found = await visit.members.space_names(visit.community.id), []
        for space in await visit.spaces():
            rows = [_row(group, space) for group in self._channels if group.is_for(space)]
            found.append(Section(say("In {space}", space=names.get(space.key, space.key)), rows, ALL_THERE))
        return View(found)

    async def missing(self, visit: Visit) -> Sequence[Row]:
        """Return what settings name and a space does not have."""
        names = await visit.members.space_names(visit.community.id)
        return [
            Row(say("#{name} in {space}", name=_first(group), space=names.get(space.key, space.key)), (_mend(group),))
            for group in self._channels
            for space in await visit.spaces()
            if group.is_for(space) and not group.within(space)
        ]


def _row(group: ChannelGroup, space: Space) -> Row:
    """Say which channels a purpose has in a space."""
    channels: Words = group.links(space)
    title = labelled(PURPOSES[group.purpose])
    if not channels:
        return Row(title, (say("✗ There's no #{name}.", name=_first(group)), _mend(group)))
    return Row(title, (join(["✓", channels], " "),))


def _first(group: ChannelGroup) -> str:
    return group.names[0].rpartition("/")[2].lstrip("#")


def _mend(group: ChannelGroup) -> Text:
    if group.purpose == "gate":
        return say("Make a channel of this name there and let me in, or name another one in the community's file.")
    return say(
        "Make a channel of this name there and let me in, or name another one with {setting}.",
        setting=Code(f"TRELLIS_{group.purpose.upper()}_CHANNELS"),
    )
