"""Puts together what belongs together, in a channel where people did not use threads: by reply, mention and time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache

from bot.text.reading import Verdict, asks_back, is_content, is_question

from .said import Conversation, Said

LATER = 24 * 3600.0
"""So many seconds after its last word somebody may come back to a conversation by reply, by name or with thanks."""
SOON = 600.0
"""So long what is said belongs to the conversation before it, where only time tells."""
AT_ONCE = 120.0
"""So long the same author goes on with what they began."""
MOST = 300
"""So many of the latest messages can begin a conversation, or have one, at a time."""


class Stream:
    """One channel, a message at a time.

    `by_time` says that nothing but mention and time tells what belongs together, since nobody used threads or replies.
    """

    def __init__(self, *, by_time: bool) -> None:
        self._by_time = by_time
        self._open: OrderedDict[str, Conversation] = OrderedDict()
        self._of: dict[str, str] = {}
        """The conversations in which messages stand, by their ids."""
        self.passed = 0
        """How many messages began a conversation to which nobody came."""

    def take(self, said: Said) -> Iterator[Conversation]:
        """Put a message where it belongs; return what has come to its end."""
        yield from self._close(said.at)
        home = self._home(said)
        if home is None:
            self._open[said.id] = Conversation(said)
            self._of[said.id] = said.id
        else:
            home.rest.append(said)
            self._of[said.id] = home.root.id
            self._open.move_to_end(home.root.id)

    def end(self) -> Iterator[Conversation]:
        """Return what is left."""
        yield from self._close(float("inf"))

    def _close(self, now: float) -> Iterator[Conversation]:
        while self._open:
            first = next(iter(self._open.values()))
            if now - first.last_at <= LATER and len(self._open) <= MOST:
                return
            del self._open[first.root.id]
            for one in (first.root, *first.rest):
                self._of.pop(one.id, None)
            if first.rest:
                yield first
            else:
                self.passed += 1

    def _home(self, said: Said) -> Conversation | None:
        """Return the conversation that a message goes on with, if it does."""
        if said.reply_to:
            return self._open.get(self._of.get(said.reply_to, ""))
        latest = [*reversed(self._open.values())] if said.named or self._by_time else []
        mine = [one for one in latest if one.root.author == said.author]
        for name in said.named:
            if name == said.author:
                continue
            if found := next((one for one in mine if one.has(name)), None):
                return found
            if found := next((one for one in latest if one.has(name)), None):
                return found
        if not self._by_time:
            return None
        if mine and not mine[0].others() and said.at - mine[0].last_at <= AT_ONCE:
            return mine[0]
        answered = next((one for one in mine if one.others()), None)
        if answered and is_content(said.text) is Verdict.YES:
            return answered
        near = [one for one in latest if said.at - one.last_at <= SOON and _asks(one.root.text)]
        if _asks(said.text) and not (
            near and near[0].root.author != said.author and asks_back(said.text) is Verdict.YES
        ):
            return None
        return next((one for one in near if one.has(said.author)), near[0] if near else None)


@lru_cache(1024)
def _asks(words: str) -> bool:
    """Say whether words surely ask: the same ones are looked at again while they are the latest."""
    return is_question(words) is Verdict.YES
