"""The channels that settings name for a purpose, found in every space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from adapters.contract.models import Channel, Space
from adapters.contract.text import ChannelLink, Text, join
from bot.delivery.platforms import Platforms


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

    async def resolve(self, platforms: Platforms, space: Space) -> None:
        """Find the channels of a space at first. Raises `UnknownChannel` for a key that leads nowhere."""
        for name, called in self._names_in(space):
            channel = await platforms.find_channel(space, called)
            if channel:
                self._found[channel] = called
            elif name != called and "/" in name:
                raise UnknownChannel(f"The {self.purpose} channel {name} does not exist, or Trellis is not in it.")

    async def look_again(self, platforms: Platforms, space: Space, deleted: Channel | None = None) -> None:
        """Find the channels of a space once more. One that is not found now may come back, unless it is deleted."""
        before = {called: channel for channel, called in self._found.items() if channel.space == space}
        now: dict[Channel, str] = {}
        for _, called in self._names_in(space):
            channel = await platforms.find_channel(space, called) or before.get(called)
            if channel and channel != deleted:
                now[channel] = called
        self._found = {channel: called for channel, called in self._found.items() if channel.space != space} | now

    def forget(self, space: Space) -> None:
        """Know no channels of a space any more."""
        self._found = {channel: called for channel, called in self._found.items() if channel.space != space}

    def _names_in(self, space: Space) -> Iterator[tuple[str, str]]:
        """Return how settings name the channels of a space, each with what to look for."""
        for name in self.names:
            if name.count("/") < 2:
                yield name, name.lstrip("#")
            elif name.startswith(f"{space.key}/"):
                yield name, name.rpartition("/")[2]

    def __contains__(self, channel: Channel | None) -> bool:
        return channel in self._found

    def is_for(self, space: Space) -> bool:
        """Say whether settings name any channel that may be in a space."""
        return any(True for _ in self._names_in(space))

    def within(self, space: Space) -> list[Channel]:
        """Return the channels of one space, in the order of the settings."""
        return [channel for channel in self._found if channel.space == space]

    def links(self, space: Space) -> Text:
        """Name the channels of one space, in the order of the settings; nothing where there are none."""
        return join((ChannelLink(channel, self._found[channel]) for channel in self.within(space)), ", ")

    def name(self, channel: Channel) -> str | None:
        """Return what settings call a channel; None for one of another purpose."""
        return self._found.get(channel)

    def nearest(self, space: Space, others: Iterable[Space] = ()) -> Channel | None:
        """Return the first channel in `space`, else in the first of the `others` that has one."""
        for candidate in (space, *others):
            if channels := self.within(candidate):
                return channels[0]
        return None


@dataclass(frozen=True, slots=True)
class Channels:
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
