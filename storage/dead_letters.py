"""Dead letters: what failed so often by our own fault that it was set aside, with its whole content, for a person.

Three tables have them: work that came due (`jobs`), what was to be said or done on a platform (`outbox`), and what a
platform told (`inbox`). Here they are one list, in which each has an id that says its table, such as `job:12`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .database import Database
from .inbox import Dead, InboxStore
from .jobs import Job, JobStore
from .outbox import Item, OutboxStore
from .postings import Posted, PostingStore

JOB, OUTBOX, INBOX = "job", "outbox", "inbox"
"""What an id begins with, by the table; the row's own id or key follows behind a colon."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing that was set aside.

    `what` is the action, the act or the platform; `about` the thing that it concerns ("idea 12"), if that is known;
    `place` the key of a channel or space, `member_id` the person it was for. `content` is all that was kept of it:
    members' words, and, of what a platform told, secrets.
    """

    id: str
    what: str
    about: str
    place: str
    member_id: int | None
    community_id: int | None
    attempts: int
    error: str
    failed_at: datetime
    content: Mapping[str, Any]


class DeadLetters:
    """Everything that was set aside."""

    def __init__(self, database: Database) -> None:
        self._jobs = JobStore(database)
        self._outbox = OutboxStore(database)
        self._inbox = InboxStore(database)
        self._postings = PostingStore(database)

    async def all(self, community_id: int | None = None) -> list[DeadLetter]:
        """Return what was set aside of one community or of all, the oldest first."""
        items = await self._outbox.dead(community_id)
        posted = await self._postings.get_many([item.posting_id for item in items if item.posting_id])
        letters = [
            *map(_of_job, await self._jobs.dead(community_id)),
            *(_of_item(item, posted.get(item.posting_id or 0)) for item in items),
            *map(_of_event, await self._inbox.dead(community_id)),
        ]
        return sorted(letters, key=lambda letter: (letter.failed_at, letter.id))

    async def find(self, id_: str) -> DeadLetter | None:
        """Return one; None where there is none of that id."""
        return next((letter for letter in await self.all() if letter.id == id_), None)

    async def retry(self, id_: str) -> bool:
        """Have one tried again, as often as at first. False where there is none of that id."""
        table, key = _parts(id_)
        if table == INBOX:
            return await self._inbox.replay(key)
        return await (self._jobs if table == JOB else self._outbox).replay(int(key))

    async def drop(self, id_: str) -> bool:
        """Forget one. False where there is none of that id."""
        table, key = _parts(id_)
        if table == INBOX:
            return await self._inbox.drop(key)
        return await (self._jobs if table == JOB else self._outbox).drop(int(key))

    async def prune(self, community_id: int, before: datetime) -> None:
        """Forget those of a community that were set aside before a moment."""
        for letter in await self.all(community_id):
            if letter.failed_at < before:
                await self.drop(letter.id)


def is_id(text: str) -> bool:
    """Say whether a text is the id of a letter, there or not."""
    return bool(re.fullmatch(rf"(?:{JOB}|{OUTBOX}):[0-9]{{1,9}}|{INBOX}:[^:].*", text))


def _parts(id_: str) -> tuple[str, str]:
    """Return the table that an id names, and the row's own id or key. Raises `ValueError` for what is no id."""
    if not is_id(id_):
        raise ValueError(f"{id_!r} is not the id of a dead letter")
    table, _, key = id_.partition(":")
    return table, key


def _of_job(job: Job) -> DeadLetter:
    action, *arguments = job.call.split(":")
    assert job.failed_at
    return DeadLetter(
        f"{JOB}:{job.id}",
        action,
        _thing_in(arguments),
        "",
        None,
        job.community_id,
        job.attempts,
        job.last_error or "",
        job.failed_at,
        {"call": job.call, "key": job.key, "due_at": job.due_at.isoformat()},
    )


def _thing_in(arguments: list[str]) -> str:
    """Return the numbers that a job was called with: they name what it is about. Words may be a member's."""
    kind = arguments[0] if len(arguments) == 2 and re.fullmatch("[a-z]+", arguments[0]) else ""
    return " ".join(filter(None, (kind, *(one for one in arguments if re.fullmatch("[0-9]+", one)))))


def _of_item(item: Item, posted: Posted | None) -> DeadLetter:
    assert item.failed_at
    return DeadLetter(
        f"{OUTBOX}:{item.id}",
        item.act,
        _thing_of(posted) if posted else "",
        "" if item.lane.startswith("member/") else item.lane,
        item.member_id or (posted.member_id if posted else None),
        item.community_id,
        item.attempts,
        item.last_error or "",
        item.failed_at,
        {"lane": item.lane, "at": item.at.isoformat(), "payload": item.payload},
    )


def _thing_of(posted: Posted) -> str:
    """Return what a message is about: the thing, where it is one, and what of it is said."""
    return f"{posted.kind} {posted.subject_id}, {posted.key}" if posted.subject_id else posted.key


def _of_event(event: Dead) -> DeadLetter:
    space, _, _ = event.key.rpartition("/")
    return DeadLetter(
        f"{INBOX}:{event.key}",
        "event",
        "",
        space,
        None,
        None,
        event.attempts,
        event.last_error,
        event.failed_at,
        {"platform": event.platform, "at": event.at.isoformat(), "body": event.body},
    )
