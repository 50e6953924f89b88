"""What an export tells, sorted: in a database on disk that is gone when it is closed, however the process ends.

So a community's years need no memory, what stands twice in overlapping files is one message, and the last edit counts.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Self

from storage.columns import storable

from .conversations import Stream
from .said import Conversation, Said

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -16000;
CREATE TABLE said (
    channel, thread, place, id, at, author, text, title, reply_to, named, checked, edited, UNIQUE (id, channel)
);
CREATE TABLE people (id PRIMARY KEY, name, timezone, joined);
"""
_ADD = """
INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, channel) DO UPDATE SET
text = excluded.text, edited = excluded.edited, named = excluded.named, checked = excluded.checked
WHERE excluded.edited > said.edited OR length(excluded.checked) > length(said.checked)
"""
_ADD_PERSON = """
INSERT INTO people (id, name, timezone) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET name = excluded.name, timezone = coalesce(excluded.timezone, timezone)
"""
_ADD_JOINED = """
INSERT INTO people (id, joined) VALUES (?, ?)
ON CONFLICT DO UPDATE SET joined = min(excluded.joined, coalesce(joined, excluded.joined))
"""
_TOTALS = "SELECT count(*), count(DISTINCT author), count(DISTINCT cast(at / 86400 AS INTEGER)) FROM said"
_PEOPLE = """
SELECT author, coalesce(name, ''), timezone, min(coalesce(joined, min(at)), min(at)), max(at)
FROM said LEFT JOIN people ON people.id = author GROUP BY author ORDER BY author
"""
# 1970 began on a Thursday: three days behind the Monday from which hours are counted.
_HOURS = """
SELECT author, cast((at + 3 * 86400) / 3600 AS INTEGER) % 168, count(*) FROM said GROUP BY 1, 2 ORDER BY 1, 2
"""
_BARE = "SELECT * FROM said WHERE channel = ? AND thread = '' ORDER BY at, id"
_THREAD = "SELECT * FROM said WHERE channel = ? AND thread = ? ORDER BY at, id"
_UNBEGUN = """
SELECT DISTINCT channel, thread FROM said WHERE thread <> ''
AND NOT EXISTS (SELECT 1 FROM said AS root WHERE root.id = said.thread AND root.channel = said.channel)
ORDER BY channel, thread
"""
AT_ONCE = 2000


class Staging:
    """Messages and people of one export."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLES)
        self._waiting: list[tuple[str | float, ...]] = []
        self._added = 0
        self.skipped: Counter[str] = Counter()
        """What was not read, by why: messages, files and channels."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    # What is put in

    def add(self, said: Said) -> None:
        """Keep a message."""
        row = (
            *(said.channel, said.thread, said.place, said.id, said.at, said.author, said.text, said.title),
            *(said.reply_to, " ".join(said.named), " ".join(said.checked), said.edited),
        )
        self._waiting.append(tuple(storable(one) if isinstance(one, str) else one for one in row))
        if len(self._waiting) >= AT_ONCE:
            self._flush()

    def add_person(self, id_: str, name: str, timezone: str = "") -> None:
        """Keep what somebody is called."""
        self._database.execute(_ADD_PERSON, (storable(id_), storable(name), storable(timezone) or None))

    def add_joined(self, id_: str, at: float) -> None:
        """Keep when somebody came in, if that is earlier than known."""
        self._database.execute(_ADD_JOINED, (storable(id_), at))

    def _flush(self) -> None:
        if self._waiting:
            self._database.execute("BEGIN")
            self._database.executemany(_ADD, self._waiting)
            self._database.execute("COMMIT")
            self._added += len(self._waiting)
            self._waiting.clear()

    # What comes out

    def sort(self) -> None:
        """Have all that was put in ready to be read."""
        self._flush()
        (messages,) = self._database.execute("SELECT count(*) FROM said").fetchone()
        if messages < self._added:
            self.skipped["twice in the export"] = self._added - messages
        self._database.execute("CREATE INDEX IF NOT EXISTS sorted ON said (channel, thread, at, id)")

    def totals(self) -> tuple[int, int, int]:
        """Return how many messages there are, of how many people, on how many days."""
        messages, people, days = self._database.execute(_TOTALS).fetchone()
        return messages, people, days

    def unbegun(self) -> Iterator[tuple[str, str]]:
        """Return the threads, each with its channel, of which the first message is not in the export."""
        yield from self._database.execute(_UNBEGUN).fetchall()

    def conversations(self, begun: Mapping[tuple[str, str], Conversation]) -> Iterator[Conversation]:
        """Return what belongs together, in an order that is the same each time.

        `begun` is what is known already of threads that are `unbegun`.
        """
        ways = "SELECT max(thread <> ''), max(reply_to <> '') FROM said"
        threaded, replied = self._database.execute(ways).fetchone()
        for (channel,) in self._database.execute("SELECT DISTINCT channel FROM said ORDER BY channel").fetchall():
            yield from self._within(channel, begun, by_time=not (threaded or replied))

    def _within(
        self, channel: str, begun: Mapping[tuple[str, str], Conversation], *, by_time: bool
    ) -> Iterator[Conversation]:
        rows = self._database.execute("SELECT DISTINCT thread FROM said WHERE channel = ? AND thread <> ''", (channel,))
        waiting = {thread for (thread,) in rows}
        stream = Stream(by_time=by_time)
        for said in self._said(_BARE, channel):
            if said.id in waiting:
                waiting.discard(said.id)
                yield Conversation(said, [*self._said(_THREAD, channel, said.id)])
            else:
                yield from stream.take(said)
        yield from stream.end()
        self.skipped["talk that began no conversation"] += stream.passed
        for thread in sorted(waiting):
            later = [*self._said(_THREAD, channel, thread)]
            if known := begun.get((channel, thread)):
                yield known.followed_by(later)
            elif later[0].title:
                yield Conversation(later[0], later[1:])
            else:
                self.skipped["answers to what is not in the export"] += len(later)

    def _said(self, query: str, *values: str) -> Iterator[Said]:
        for row in self._database.execute(query, values):
            channel, thread, place, id_, at, author, text, title, reply_to, named, checked, edited = row
            facts = (channel, thread, place, id_, at, author, text, title, reply_to)
            yield Said(*facts, tuple(named.split()), tuple(checked.split()), edited)

    def people(self) -> Iterator[tuple[str, str, str | None, float, float]]:
        """Return everyone who wrote: id, name, zone, since when and until when they were there."""
        yield from self._database.execute(_PEOPLE)

    def hours(self) -> Iterator[tuple[str, dict[int, int]]]:
        """Return when everyone was around, in the order of `people`: messages by hour of the week."""
        found: dict[int, int] = {}
        before = ""
        for author, at, messages in self._database.execute(_HOURS):
            if author != before and found:
                yield before, found
                found = {}
            before = author
            found[at] = messages
        if found:
            yield before, found


def moment(at: float) -> datetime:
    """Return seconds since 1970 as a moment."""
    return datetime.fromtimestamp(at, UTC)
