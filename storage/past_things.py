"""What an import found: people, questions and answers from before Trellis came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastPerson:
    """Somebody as an export tells of them. They are not here before they come themselves."""

    account: str
    name: str
    timezone: str | None
    joined_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """What somebody answered, by the key of its message."""

    message: str
    account: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """What somebody asked, by the key of its post, with the answers, and which of them solved it, if any did.

    `solution_text` is all that was said in one go with that.
    """

    origin: str
    account: str
    title: str
    details: str
    topic: str
    at: datetime
    answers: tuple[PastAnswer, ...]
    solution: PastAnswer | None
    solution_text: str
    solved_at: datetime | None

    @property
    def ended_at(self) -> datetime:
        return max((self.solved_at or self.at, *(answer.at for answer in self.answers)))

    @property
    def accounts(self) -> set[str]:
        return {self.account, *(answer.account for answer in self.answers)}
