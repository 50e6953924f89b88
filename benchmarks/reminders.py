"""How soon two thousand people are reminded of one event, by a platform that answers in a tenth of a second.

    python -m benchmarks.reminders [--people 2000]

The real `python -m bot run` is a process of its own, on SQLite; the platforms are the loopback servers of the tests,
with the limits that are documented: Discord's for each route and for everything; Slack's of one message a second in a
channel, of "several hundred" a minute in a workspace, and of fifty direct channels that are opened in a minute. The
host signs up as members do, and the others are copies of that by SQL. In channels, nobody wants to be told directly, so
that all are called by name in the thread of the event; directly, all want to be, and no direct channel was opened
before. What counts is the time from when the reminder was due until the last of them is reminded.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from tests.adapters.discord import people
from tests.adapters.discord.buckets import Buckets
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.discord.server import Server
from tests.adapters.discord.world import World
from tests.adapters.slack.crowd import Crowd
from tests.adapters.slack.server import SlackServer
from tests.adapters.slack.things import APP_TOKEN, BOT_TOKEN

from .process import Measured, quiet
from .report import Row, print_table

ANSWERS = 0.1
"""Seconds that a platform takes for an answer."""
LEAD, READY = timedelta(hours=1), timedelta(seconds=20)
"""How long before the start the reminder is, and how long before that the event is planned."""
PATIENCE = 3600.0
CHANNELS = ("general", "help", "introductions", "events", "ideas")
A_SECOND, AT_ONCE = 1.0, 10
"""Slack: between two messages in a channel, once so many came."""
A_MINUTE = {"chat.postMessage": 300, "conversations.open": 50}
"""Slack: how often these may be called."""


class Place(Protocol):
    """A platform on which somebody hosts an event, and who is called by name there."""

    host: str
    ids: Sequence[str]

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def settings(self) -> dict[str, str]: ...
    def is_heard(self) -> bool: ...
    async def plan(self, title: str, when: datetime) -> None: ...
    def reminded(self, title: str) -> set[str]: ...
    def requests(self) -> int: ...


class _SlowDiscord(Server):
    async def _http(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(ANSWERS)
        return await super()._http(request)


class Discord:
    """A loopback Discord with all its limits."""

    def __init__(self, size: int) -> None:
        self._world = World(lambda: datetime.now(UTC))
        self.host = self._world.add_person("Mia")
        self.ids: Sequence[str] = [self._world.add_person(f"P{number}") for number in range(size)]
        for name in CHANNELS:
            self._world.add_channel(name)
        self._server = _SlowDiscord(self._world)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.close()

    def settings(self) -> dict[str, str]:
        return {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self._server.url}

    def is_heard(self) -> bool:
        return bool(self._server._ready and self._server.commands.get(""))

    async def plan(self, title: str, when: datetime) -> None:
        channel = next(id_ for id_, one in self._world.channels.items() if one["name"] == "events")
        options = {"title": title, "when": when.isoformat(timespec="minutes")}
        used = await people.use(self._server, self.host, channel, "event create", options, insist=False)
        preview = await _soon(lambda: used.original)
        await people.press(self._server, self.host, preview.data["id"], _control(preview.data, "Post"))
        card = await _soon(lambda: next(self._cards(channel), None))
        await people.press(self._server, self.host, card["id"], _control(card, "Going"))
        self._server.buckets = Buckets()
        self._server.requests.clear()

    def _cards(self, channel: str) -> Iterator[dict[str, Any]]:
        for kept in self._world.messages.values():
            if not kept.reader and kept.data["channel_id"] == channel and _control(kept.data, "Going"):
                yield kept.data

    def reminded(self, title: str) -> set[str]:
        found: set[str] = set()
        for kept in self._world.messages.values():
            words = str(kept.data)
            if title not in words or kept.data["author"]["id"] != self._world.bot:
                continue
            channel = self._world.channels[kept.data["channel_id"]]
            found.update(one["id"] for one in (*kept.data.get("mentions", ()), *channel.get("recipients", ())))
        return found

    def requests(self) -> int:
        return len(self._server.requests)


class _SlowSlack(SlackServer):
    """Answers late, and takes messages and new direct channels as slowly as Slack says that it does."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self.counted = 0
        self._free: defaultdict[str, float] = defaultdict(float)
        self._called: defaultdict[str, deque[float]] = defaultdict(deque)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(ANSWERS)
        self.counted += 1
        asked = dict(await request.post()) or (await request.json() if request.can_read_body else {})
        if after := self._wait(request.match_info["method"], str(asked.get("channel", ""))):
            headers = {"Retry-After": str(int(after) + 1)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        return await super()._api(request)

    def _wait(self, method: str, channel: str) -> float:
        """Return for how many seconds a call comes too early, which does not count, or 0."""
        now, lately = time.monotonic(), self._called[method]
        while lately and lately[0] <= now - 60:
            lately.popleft()
        if len(lately) >= A_MINUTE.get(method, len(lately) + 1):
            return lately[0] + 60 - now
        if method == "chat.postMessage":
            free = max(self._free[channel], now - AT_ONCE * A_SECOND)
            if free > now:
                return free - now
            self._free[channel] = free + A_SECOND
        lately.append(now)
        return 0.0


class Slack:
    """A loopback Slack."""

    def __init__(self, size: int) -> None:
        self._server = _SlowSlack()
        self.host = "UMIA"
        self.ids: Sequence[str] = [f"UP{number}" for number in range(size)]
        self._server.add_user(self.host, "Mia")
        for id_ in self.ids:
            self._server.add_user(id_, id_.title())
        for name in CHANNELS:
            self._server.add_channel(f"C{name.upper()}", name)
        self._crowd = Crowd(self._server)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    def settings(self) -> dict[str, str]:
        tokens = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
        return {**tokens, "SLACK_API_URL": f"{self._server.url}/api/"}

    def is_heard(self) -> bool:
        return bool(self._server.sockets)

    async def plan(self, title: str, when: datetime) -> None:
        words = f'create title:"{title}" when:{when.isoformat(timespec="minutes")}'
        await self._crowd.slash(self.host, "CEVENTS", "/event", words)
        preview = await _soon(lambda: next(self._with_button(self._server.ephemeral, "Post"), None))
        await self._crowd.press(self.host, *preview)
        card = await _soon(lambda: next(self._with_button(self._server.places["CEVENTS"].messages, "Going"), None))
        await self._crowd.press(self.host, *card)
        self._server.counted = 0

    @staticmethod
    def _with_button(messages: dict[str, Any], label: str) -> Iterator[tuple[str, str]]:
        for ts, message in messages.items():
            if control := _control(message, label):
                yield ts, control

    def reminded(self, title: str) -> set[str]:
        found: set[str] = set()
        for place in self._server.places.values():
            for message in place.messages.values():
                words = str(message)
                if title in words:
                    found.update(id_ for id_ in place.members if place.id.startswith("D"))
                    found.update(part.partition(">")[0] for part in words.split("<@")[1:])
        return found

    def requests(self) -> int:
        return self._server.counted


GOALS = {
    (Discord, False): "about a minute",
    (Discord, True): "about two minutes",
    (Slack, False): "about ten minutes",
    (Slack, True): "about ten minutes",
}


def _control(shown: Any, label: str) -> str:
    """Return what names the button of that label, wherever in a message it is; "" where there is none."""
    if isinstance(shown, dict):
        if shown.get("type") in (2, "button") and label in (shown.get("label"), (shown.get("text") or {}).get("text")):
            return str(shown.get("custom_id") or shown.get("action_id"))
        shown = [*shown.values()]
    if isinstance(shown, list):
        return next((found for one in shown if (found := _control(one, label))), "")
    return ""


async def _soon(look: Any) -> Any:
    async with asyncio.timeout(30):
        while not (found := look()):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return found


def copy(database: Path, ids: Sequence[str], *, directly: bool) -> None:
    """Have everybody signed up as the host is, whose row is there, and awake."""
    west = datetime.now(UTC).hour - 12  # zones of that name count to the west: it is noon there
    facts = {"timezone": f"Etc/GMT{west:+d}" if west else "UTC", "timezone_chosen": 1, "direct_ok": int(directly)}
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    signup = dict(connection.execute("SELECT * FROM signups").fetchone())
    member = dict(connection.execute("SELECT * FROM members WHERE id = ?", (signup["member_id"],)).fetchone())
    account = dict(connection.execute("SELECT * FROM accounts WHERE member_id = ?", (member["id"],)).fetchone())
    (newest,) = connection.execute("SELECT max(id) FROM members").fetchone()
    for number, id_ in enumerate(ids, newest + 1):
        name = f"P{number}"
        rows = {
            "members": member | facts | {"id": number, "name": name, "folded_name": name.lower()},
            "accounts": account | {"key": f"{account['space_key']}/{id_}", "member_id": number, "name": name},
            "signups": signup | {"member_id": number},
        }
        for table, row in rows.items():
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
    connection.commit()
    connection.close()


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many of all were reminded, after how many seconds the last, and with how many requests."""

    people: int
    of: int
    seconds: float
    requests: int


async def measure(place: Place, *, directly: bool) -> Reminded:
    """Plan an event, have everybody signed up, and wait until all are reminded."""
    await place.start()
    program = Measured("bot", "run", **quiet(**place.settings(), TRELLIS_EVENT_REMINDERS="1 hour"))
    try:
        await program.start()
        await _soon(place.is_heard)
        start = (datetime.now(UTC) + LEAD + READY).replace(second=0, microsecond=0) + timedelta(minutes=1)
        title = "Two thousand tomatoes"
        await place.plan(title, start)
        await program.rests(1)
        copy(program.database, place.ids, directly=directly)
        due, everybody = start - LEAD, set(place.ids)
        seconds, found = 0.0, set[str]()
        while found != everybody and seconds < PATIENCE:
            program.cpu()  # which notices that it has ended
            await asyncio.sleep(0.5)
            found = place.reminded(title) & everybody
            seconds = (datetime.now(UTC) - due).total_seconds()
        return Reminded(len(found), len(everybody), seconds, place.requests())
    finally:
        await program.stop()
        await place.stop()


async def all_ways(size: int) -> list[Row]:
    """Return the table. What is measured takes next to no CPU, and so goes on side by side."""
    ways = [(platform, directly) for platform in (Discord, Slack) for directly in (False, True)]
    every = await asyncio.gather(*(measure(platform(size), directly=directly) for platform, directly in ways))
    return [
        Row(
            f"{platform.__name__}, {'directly' if directly else 'in channels'}",
            f"{told.people:,} of {told.of:,} after {told.seconds:.0f} s, {told.requests:,} requests",
            GOALS[platform, directly],
        )
        for (platform, directly), told in zip(ways, every, strict=True)
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000, help="how many are reminded")
    print_table("Reminders due at once", asyncio.run(all_ways(parser.parse_args().people)))


if __name__ == "__main__":
    main()
