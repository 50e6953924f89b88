"""The channels that settings name for a purpose, found in every space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from adapters.contract.models import Channel, Space
from adapters.contract.text import ChannelLink, Text, join
from bot.delivery.chat import Chat


class UnknownChannel(Exception):
    """Settings name a channel that does not exist; the message says which."""


class ChannelGroup:
    """Channels of one purpose.

    Each is named in settings by its name or id, valid in every space that has one such (`help`), or by its whole key
    (`slack/T1/C2`), which has to exist.
    """

    def __init__(self, purpose: str, names: Sequence[str]) -> None:
        self.purpose = purpose
        self.names = tuple(names)
        self._found: dict[Channel, str] = {}

    async def resolve(self, chat: Chat, spaces: Iterable[Space]) -> list[Space]:
        """Find the channels; return the spaces that have none. Raises `UnknownChannel` for a key that leads nowhere."""
        without = []
        for space in spaces:
            for name in self.names:
                whole = name.count("/") == 2
                if whole and not name.startswith(f"{space.key}/"):
                    continue
                called = name.rpartition("/")[2] if whole else name.lstrip("#")
                channel = await chat.find_channel(space, called)
                if channel:
                    self._found[channel] = called
                elif whole:
                    raise UnknownChannel(f"The {self.purpose} channel {name} does not exist, or Trellis is not in it.")
            if not self.within(space):
                without.append(space)
        return without

    def __contains__(self, channel: Channel | None) -> bool:
        return channel in self._found

    def within(self, space: Space) -> list[Channel]:
        """Return the channels of one space, in the order of the settings."""
        return [channel for channel in self._found if channel.space == space]

    def links(self, space: Space) -> Text:
        """Name the channels of one space, in the order of the settings; nothing where there are none."""
        return join((ChannelLink(channel, self._found[channel]) for channel in self.within(space)), ", ")

    def nearest(self, space: Space, others: Iterable[Space] = ()) -> Channel | None:
        """Return the first channel in `space`, else in the first of the `others` that has one."""
        for candidate in (space, *others):
            if channels := self.within(candidate):
                return channels[0]
        return None


@dataclass(frozen=True, slots=True)
class Places:
    """Where in each space what belongs."""

    help: ChannelGroup
    agents: ChannelGroup
    moderators: ChannelGroup
    welcome: ChannelGroup
    introductions: ChannelGroup
    events: ChannelGroup
    ideas: ChannelGroup
    digest: ChannelGroup
    unlisted: ChannelGroup

    def __iter__(self) -> Iterator[ChannelGroup]:
        return (getattr(self, purpose) for purpose in self.__slots__)
