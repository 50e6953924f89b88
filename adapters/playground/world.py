"""The chat itself: people, channels and messages, in an SQLite file of their own.

Every change is committed before it is answered, so whatever becomes of Trellis, the chat stays as a platform would
keep it. Nothing here knows what a card looks like: it is kept as the text that `render` wrote.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosqlite

from adapters.contract.adapter import Away

from .records import TRELLIS, Entry, OpenForm, Person, Place, Unread, entry_of, person_of, place_of
from .schema import PRAGMAS, SCHEMA


class World:
    """The file. Whatever a method changes is committed when it returns."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Open the file, made if it is missing. Nobody but its owner may read it, nor what SQLite writes beside it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        for file in (self._file, *(Path(f"{self._file}{beside}") for beside in ("-wal", "-shm"))):
            if file.exists():
                file.chmod(0o600)
        self._connection = await aiosqlite.connect(self._file, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        await self._connection.executescript(f"{PRAGMAS} {SCHEMA}")
        known = {row["name"] for row in await self._run("SELECT name FROM pragma_table_info('people')")}
        for column in {"domain", "locale"} - known:
            await self._run(f"ALTER TABLE people ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        if not await self._run("SELECT 1 FROM pragma_table_info('messages') WHERE name = 'edited_at'"):
            await self._run("ALTER TABLE messages ADD COLUMN edited_at TEXT")

    async def close(self) -> None:
        """Close the file, once all that was asked of it before is done. Safe to call twice."""
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    async def _run(self, statement: str, *values: object) -> list[sqlite3.Row]:
        if self._connection is None:
            raise Away("the chat's file is not open")
        return [*await self._connection.execute_fetchall(statement, values)]

    async def found(self, people: Iterable[Person], places: Iterable[Place]) -> bool:
        """Put people and places into an empty world, all or none. Return whether it was empty."""
        if await self._run("SELECT 1 FROM people LIMIT 1"):
            return False
        await self._run("BEGIN IMMEDIATE")
        for person in people:
            await self.put_person(person)
        for place in places:
            await self.put_place(place)
        await self._run("COMMIT")
        return True

    # People

    async def put_person(self, person: Person) -> None:
        """Add someone, or write down anew what is known of them."""
        await self._run(
            "INSERT INTO people (id, name, roles, timezone, domain, locale, has_left) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET (name, roles, timezone, domain, locale, has_left) = (excluded.name,"
            " excluded.roles, excluded.timezone, excluded.domain, excluded.locale, excluded.has_left)",
            person.id,
            person.name,
            json.dumps(person.roles),
            person.timezone,
            person.domain,
            person.locale,
            person.has_left,
        )
        if person.has_left:
            await self._run("DELETE FROM guests WHERE person = ?", person.id)

    async def person(self, id_: str) -> Person | None:
        """Return someone who is here, or was."""
        rows = await self._run("SELECT * FROM people WHERE id = ?", id_)
        return person_of(rows[0]) if rows else None

    async def people(self) -> list[Person]:
        """Return everyone who was ever here, in the order in which they came."""
        return [person_of(row) for row in await self._run("SELECT * FROM people ORDER BY rowid")]

    # Places

    async def put_place(self, place: Place) -> None:
        """Add a place, unless it is there already."""
        await self._run(
            "INSERT INTO places VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            place.id,
            place.name,
            place.kind,
            place.parent,
            place.owner,
            json.dumps(place.roles),
        )

    async def rename(self, id_: str, name: str) -> bool:
        """Give a place another name; say whether there is one."""
        return bool(await self._run("UPDATE places SET name = ? WHERE id = ? RETURNING id", name, id_))

    async def place(self, id_: str) -> Place | None:
        """Return the place of that id."""
        rows = await self._run("SELECT * FROM rooms WHERE id = ?", id_)
        return place_of(rows[0]) if rows else None

    async def places(self) -> list[Place]:
        """Return all places, in the order in which they were made."""
        rows = await self._run("SELECT rooms.* FROM rooms JOIN places USING (id) ORDER BY places.rowid")
        return [place_of(row) for row in rows]

    async def let_in(self, place: str, person: str) -> None:
        """Let someone into a place that is not for everyone."""
        await self._run("INSERT INTO guests VALUES (?, ?) ON CONFLICT DO NOTHING", place, person)

    # Messages

    async def write(
        self,
        place: str,
        author: str,
        at: datetime,
        *,
        text: str = "",
        card: str | None = None,
        private: str | None = None,
        pings: Sequence[str] = (),
        nonce: str | None = None,
    ) -> tuple[Entry, bool]:
        """Add a message; return it, and whether it is new: a second one with the same nonce is the first."""
        rows = await self._run(
            "INSERT INTO messages (place, author, text, card, private, pings, nonce, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (nonce) DO NOTHING RETURNING number",
            place,
            author,
            text,
            card,
            private,
            json.dumps(pings),
            nonce,
            _kept(at),
        )
        if rows:
            found = await self._run("SELECT * FROM entries WHERE number = ?", rows[0]["number"])
        else:
            found = await self._run("SELECT * FROM entries WHERE nonce = ?", nonce)
        return entry_of(found[0]), bool(rows)

    async def redraw(self, entry: Entry, card: str) -> None:
        """Put another card into a message; the old one is kept, for whoever still has it before their eyes."""
        await self._run(
            "INSERT INTO former_cards SELECT number, card FROM messages WHERE number = ? AND card IS NOT ?",
            entry.number,
            card,
        )
        await self._run("UPDATE messages SET card = ?, edited = 1 WHERE number = ?", card, entry.number)

    async def rewrite(self, entry: Entry, text: str, pings: Sequence[str], at: datetime) -> Entry:
        """Put other words of its author into a message; return it."""
        await self._run(
            "UPDATE messages SET text = ?, pings = ?, edited = edited + 1, edited_at = ? WHERE number = ?",
            text,
            json.dumps(pings),
            _kept(at),
            entry.number,
        )
        rows = await self._run("SELECT * FROM entries WHERE number = ?", entry.number)
        return entry_of(rows[0])

    async def former_cards(self, entry: Entry) -> list[str]:
        """Return the cards that a message showed before, newest first."""
        rows = await self._run("SELECT card FROM former_cards WHERE message = ? ORDER BY rowid DESC", entry.number)
        return [row["card"] for row in rows]

    async def remove(self, entry: Entry) -> None:
        """Take a message away for good. What hangs beneath it stays."""
        for table in ("reactions", "former_cards"):
            await self._run(f"DELETE FROM {table} WHERE message = ?", entry.number)  # noqa: S608 - two names of ours
        await self._run("DELETE FROM messages WHERE number = ?", entry.number)

    async def put_file(self, id_: str, name: str, content: bytes) -> None:
        """Keep what goes along with a card."""
        await self._run("INSERT INTO files VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id_, name, content)

    async def file(self, id_: str) -> tuple[str, bytes] | None:
        """Return the name and the content of a file."""
        rows = await self._run("SELECT name, content FROM files WHERE id = ?", id_)
        return (rows[0]["name"], rows[0]["content"]) if rows else None

    async def entry(self, id_: str) -> Entry | None:
        """Return the message of that id (`m12`)."""
        number = id_.removeprefix("m")
        if not (id_.startswith("m") and number.isascii() and number.isdigit() and len(number) < 16):
            return None
        rows = await self._run("SELECT * FROM entries WHERE number = ?", int(number))
        return entry_of(rows[0]) if rows and f"m{rows[0]['number']}" == id_ else None

    async def entries(self, place: str) -> list[Entry]:
        """Return all that stands in a place, the oldest first."""
        return [
            entry_of(row) for row in await self._run("SELECT * FROM entries WHERE place = ? ORDER BY number", place)
        ]

    async def written_in(self, places: Sequence[str], since: datetime) -> list[Entry]:
        """Return what people wrote in places and their threads since a moment, or edited, the oldest first."""
        rows = await self._run(
            "SELECT entries.* FROM entries JOIN places ON places.id = entries.place"
            " WHERE author <> ?1 AND max(at, coalesce(edited_at, at)) >= ?2 AND EXISTS"
            " (SELECT 1 FROM json_each(?3) WHERE value IN (places.id, places.parent)) ORDER BY number",
            TRELLIS,
            _kept(since),
            json.dumps(places),
        )
        return [entry_of(row) for row in rows]

    async def newest(self) -> int:
        """Return the number of the newest message of all."""
        rows = await self._run("SELECT coalesce(max(number), 0) AS number FROM messages")
        return int(rows[0]["number"])

    async def since(self, number: int) -> list[Entry]:
        """Return what was written anywhere after the message of that number, the oldest first."""
        return [
            entry_of(row) for row in await self._run("SELECT * FROM entries WHERE number > ? ORDER BY number", number)
        ]

    # Reactions, and what was seen

    async def react(self, entry: Entry, emoji: str, person: str) -> bool:
        """Put an emoji on a message; return whether it is new."""
        return bool(
            await self._run(
                "INSERT INTO reactions VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING rowid",
                entry.number,
                emoji,
                person,
            )
        )

    async def unreact(self, entry: Entry, emoji: str, person: str) -> bool:
        """Take an emoji off a message; return whether it was there."""
        return bool(
            await self._run(
                "DELETE FROM reactions WHERE (message, emoji, person) = (?, ?, ?) RETURNING rowid",
                entry.number,
                emoji,
                person,
            )
        )

    async def see(self, person: str, places: Sequence[str]) -> None:
        """Write down that someone has seen all that stands in these places by now."""
        await self._run(
            "INSERT INTO seen SELECT ?, place, max(number) FROM messages"
            " WHERE place IN (SELECT value FROM json_each(?)) GROUP BY place"
            " ON CONFLICT (person, place) DO UPDATE SET number = excluded.number",
            person,
            json.dumps(places),
        )

    async def unread(self, person: str) -> dict[str, Unread]:
        """Return what someone has not seen, by place."""
        rows = await self._run(
            "SELECT messages.place, count(*) AS messages,"
            " sum(EXISTS (SELECT 1 FROM json_each(pings) WHERE value = ?1)) AS mentions"
            " FROM messages LEFT JOIN seen ON seen.place = messages.place AND seen.person = ?1"
            " WHERE author <> ?1 AND (private IS NULL OR private = ?1) AND messages.number > coalesce(seen.number, 0)"
            " GROUP BY messages.place",
            person,
        )
        return {row["place"]: Unread(row["messages"], row["mentions"]) for row in rows}

    # Forms

    async def put_form(self, form: OpenForm) -> None:
        """Keep a form, or keep anew what it asks."""
        await self._run(
            "INSERT INTO forms VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET (call, fields)"
            " = (excluded.call, excluded.fields)",
            form.id,
            form.person,
            form.place,
            form.call,
            json.dumps(form.fields),
        )

    async def form(self, id_: str) -> OpenForm | None:
        """Return a form that is open."""
        rows = await self._run("SELECT * FROM forms WHERE id = ?", id_)
        return OpenForm(**{**rows[0], "fields": tuple(json.loads(rows[0]["fields"]))}) if rows else None

    async def drop_form(self, id_: str) -> None:
        """Forget a form."""
        await self._run("DELETE FROM forms WHERE id = ?", id_)

    # The clock

    async def offset(self) -> timedelta:
        """Return by how much this world is ahead of the machine's time."""
        rows = await self._run("SELECT seconds FROM clock")
        return timedelta(seconds=rows[0]["seconds"]) if rows else timedelta()

    async def keep_offset(self, offset: timedelta) -> None:
        """Remember by how much this world is ahead."""
        await self._run(
            "INSERT INTO clock VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET seconds = excluded.seconds",
            offset.total_seconds(),
        )


def _kept(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
