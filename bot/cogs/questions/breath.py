"""Lines of one breath: what somebody writes in a help channel goes on with the question that they have just begun."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from adapters.contract.models import Account, Channel, Message

ONE_BREATH = timedelta(minutes=2)
"""Within how long what somebody writes goes on with what they wrote before it, in a channel or as an answer."""

T = TypeVar("T")


def in_breaths(said: Iterable[T], who: Callable[[T], object], at: Callable[[T], datetime]) -> list[list[T]]:
    """Return what was said, by what each said in one go: "Here's how:", and then the code."""
    found: list[list[T]] = []
    for one in said:
        before = found[-1][-1] if found else None
        if before is not None and who(before) == who(one) and at(one) - at(before) <= ONE_BREATH:
            found[-1].append(one)
        else:
            found.append([one])
    return found


@dataclass(frozen=True, slots=True)
class Speaking:
    """Somebody began a question, and wrote the latest line of it `at` that moment."""

    question_id: int
    account: Account
    at: datetime


class Breath:
    """Who is asking in which channel, until somebody else speaks there. With the process two minutes of it are lost."""

    def __init__(self) -> None:
        self._speaking: dict[Channel, Speaking] = {}

    def __contains__(self, channel: Channel) -> bool:
        return channel in self._speaking

    def begin(self, question_id: int, message: Message) -> None:
        """Somebody asks; a post in a forum says all at once."""
        if not message.title:
            self._speaking[message.ref.channel] = Speaking(question_id, message.author.account, message.at)

    def goes_on(self, message: Message) -> int | None:
        """Return the question that a message goes on with: nobody else has spoken since, and that was just now."""
        speaking = self._speaking.pop(message.ref.channel, None)
        if speaking is None or message.title or speaking.account != message.author.account:
            return None
        if message.at - speaking.at > ONE_BREATH:
            return None
        self._speaking[message.ref.channel] = replace(speaking, at=message.at)
        return speaking.question_id
