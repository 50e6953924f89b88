"""What every reader of exports does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.contract.models import Account, Space
from storage.arrivals import hashed
from storage.members import GONE

from .said import Unreadable
from .staging import Staging

LONGEST = 20_000
"""So many characters of a message are looked at."""
NAMED = 30
"""So many channels are named at most to whoever asked for one that is not there."""


class Reader(ABC):
    """One export. `private` counts what is in it that is not read because it was not said to all, by what it is."""

    platform: str
    space: Space
    name: str
    private: Counter[str]
    channels: Sequence[str]
    """The names of all that everyone could read, threads last."""

    @abstractmethod
    def read(self, staging: Staging, erased: frozenset[str], now: datetime, channels: Sequence[str]) -> Iterator[int]:
        """Put all that was said into `staging`; tell now and then how many bytes are done.

        Of `channels`, where there are any, nothing else is read. `erased` are the hashes of accounts that are to be
        named no more.
        """

    def require(self, channels: Sequence[str]) -> None:
        """Raise `Unreadable` where it does not have all of these channels."""
        here = [*dict.fromkeys(self.channels)]
        if missing := [name for name in channels if not any(self.wants(one, [name]) for one in here)]:
            more = ", ..." if len(here) > NAMED else ""
            raise Unreadable(
                f"It has no channel {missing[0]!r} that everyone could read. There is: {', '.join(here[:NAMED])}{more}"
                if here
                else f"It has no channel {missing[0]!r}, and no other that everyone could read."
            )

    def wants(self, channel: str, channels: Sequence[str]) -> bool:
        """Say whether a channel is one of those that are to be read."""
        return not channels or channel.casefold() in {name.removeprefix("#").casefold() for name in channels}

    def called(self, account: Account, name: str, erased: frozenset[str]) -> str:
        """Return what somebody is called, here and where others mention them."""
        return GONE if erased and hashed(account.key) in erased else name


def text_of(raw: Mapping[str, Any], key: str) -> str:
    """Return a text of what was read, which may be of any kind: "" for what is none."""
    found = raw.get(key)
    return found if isinstance(found, str) else ""


def within(platform: str, chosen: str) -> str:
    """Return the id of the space that somebody chose, written as `slack/T1` or `T1`; "" where they did not."""
    named, _, id_ = chosen.rpartition("/")
    if named not in ("", platform) or (chosen and not id_):
        raise Unreadable(f"{chosen!r} is no space of this platform: write it like {platform}/T123.")
    return id_
