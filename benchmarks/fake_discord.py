"""A quick Discord on the loopback address, for measuring: it compresses like Discord, and checks nothing.

The strict one of the tests (tests/adapters/discord) would take more of the machine than what is measured.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
import zlib
from collections import Counter
from typing import Any, TypeAlias

from aiohttp import WSMsgType, web

JSON: TypeAlias = dict[str, Any]

EPOCH = 1420070400000
BOT, GUILD, MEMBERS, CHANNELS, COMMANDS = (number << 22 for number in (1_000, 2_000, 10_000_000, 3_000, 5_000))
NAMES = ("general", "help", "introductions", "events", "ideas", "agents", *(f"room-{n}" for n in range(14)))
TOKEN = base64.urlsafe_b64encode(str(BOT).encode()).decode().rstrip("=") + ".measure.ment"
SINCE = "2026-01-05T09:00:00.000000+00:00"
EVERYTHING = str((1 << 50) - 1)


_dumps = json.JSONEncoder(separators=(",", ":")).encode


def member_id(number: int) -> str:
    """Return a member's id. Ids differ above bit 22, by which discord.py tells them apart."""
    return str(MEMBERS + (number << 22))


def channel_id(name: str) -> str:
    """Return a channel's id."""
    return str(CHANNELS + (NAMES.index(name) << 22))


def _user(id_: str, name: str, *, bot: bool = False) -> JSON:
    facts = {"discriminator": "0", "avatar": None, "public_flags": 0, "bot": bot}
    return {"id": id_, "username": name, "global_name": name.capitalize(), **facts}


def _member(number: int, *, whole: bool = True) -> JSON:
    facts: JSON = {"nick": None, "roles": [], "joined_at": SINCE, "deaf": False, "mute": False, "flags": 0}
    return {**facts, "pending": False, **({"user": _user(member_id(number), f"member{number}")} if whole else {})}


class FakeDiscord:
    """One guild of `size` members. `answers` holds when each interaction was answered, by its id."""

    rate = 200.0

    def __init__(self, size: int = 1000) -> None:
        self.size = size
        self.url = ""
        self.ready = asyncio.Event()
        """Set once a client was told of its guild."""
        self.answers: dict[str, float] = {}
        self.requests: list[tuple[str, str]] = []
        self.times: Counter[str] = Counter()
        """How often each interaction was answered."""
        self.acknowledged: list[float] = []
        """After how many seconds each interaction was acknowledged."""
        self.waiting: dict[str, float] = {}
        """When each interaction was told that is not acknowledged."""
        self._socket: web.WebSocketResponse | None = None
        self._packer: Any = None
        self._connected = asyncio.Event()
        self._told = self._made = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_route("*", "/api/v10{path:.*}", self._http)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        """Return what points a program here."""
        return {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self.url}

    # What happens

    def written(self, author: int, channel: str, text: str) -> str:
        """Return a message as it will be sent."""
        return _dumps(self.message(author, channel, text))

    async def say(self, written: str) -> None:
        """Send a message, which nobody acknowledges."""
        await self._tell("MESSAGE_CREATE", written)

    def message(self, author: int, channel: str, text: str) -> JSON:
        return {
            "id": self._id(),
            "channel_id": channel_id(channel),
            "guild_id": str(GUILD),
            "type": 0,
            "content": text,
            "author": _user(member_id(author), f"member{author}"),
            "member": _member(author, whole=False),
            "timestamp": SINCE,
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
        }

    def command(self, author: int, name: str) -> JSON:
        id_ = self._id()
        return {
            "id": id_,
            "application_id": str(BOT),
            "type": 2,
            "token": f"interaction-{id_}",
            "version": 1,
            "guild_id": str(GUILD),
            "channel_id": channel_id("general"),
            "channel": {"id": channel_id("general"), "type": 0, "name": "general", "permissions": EVERYTHING},
            "member": {**_member(author), "permissions": EVERYTHING},
            "app_permissions": EVERYTHING,
            "locale": "en-GB",
            "entitlements": [],
            "attachment_size_limit": 10485760,
            "data": {"id": str(COMMANDS), "name": name, "type": 1},
        }

    async def tell(self, name: str, data: JSON | None) -> None:
        """Tell the client of an event."""
        await self._tell(name, _dumps(data))

    async def _tell(self, name: str, data: str) -> None:
        self._told += 1
        await self._send(f'{{"op":0,"t":"{name}","s":{self._told},"d":{data}}}')

    async def use(self, author: int, name: str) -> tuple[str, float]:
        """Use a command; return the interaction's id and the time."""
        command = self.command(author, name)
        self.waiting[command["id"]] = began = time.perf_counter()
        await self.tell("INTERACTION_CREATE", command)
        return command["id"], began

    def _id(self) -> str:
        self._made += 1
        return str((int(time.time() * 1000) - EPOCH << 22) + self._made % 2**22)

    # The gateway

    async def _send(self, text: str) -> None:
        """Send, over the next connection if this one is given up."""
        while True:
            await self._connected.wait()
            assert self._socket
            data = text.encode()
            try:
                if self._packer:
                    data = self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(data)
                else:
                    await self._socket.send_str(text)
            except ConnectionResetError:
                self._connected.clear()
            else:
                return

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._packer = zlib.compressobj(1) if request.query.get("compress") == "zlib-stream" else None
        self._connected.set()
        await self._send('{"op":10,"d":{"heartbeat_interval":41250}}')
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            asked = frame.json()
            match asked["op"]:
                case 1:
                    await self._send('{"op":11}')
                case 2:
                    await self._begin()
                case 6:
                    await self.tell("RESUMED", {})
                case 8:
                    await self._list_members(asked["d"])
        return socket

    async def _begin(self) -> None:
        self._told = 0
        address = self.url.replace("http://", "ws://").removesuffix("/api") + "/gateway"
        ready = {"v": 10, "user": _user(str(BOT), "trellis", bot=True), "session_id": "measured"}
        guilds = [{"id": str(GUILD), "unavailable": True}]
        more = {"application": {"id": str(BOT), "flags": 0}, "private_channels": [], "resume_gateway_url": address}
        await self.tell("READY", {**ready, **more, "guilds": guilds})
        members = [{**_member(0), "user": _user(str(BOT), "trellis", bot=True)}]
        members += [_member(number) for number in range(min(self.size, 50))]
        nothing: JSON = dict.fromkeys(
            ("threads", "presences", "voice_states", "stage_instances", "guild_scheduled_events", "soundboard_sounds"),
            (),
        )
        facts = {"joined_at": SINCE, "large": self.size > 250, "unavailable": False, "member_count": self.size}
        await self.tell(
            "GUILD_CREATE", {**self._guild(), **facts, **nothing, "channels": self._channels(), "members": members}
        )
        self.ready.set()

    async def _list_members(self, asked: JSON) -> None:
        """Send all members, a thousand at a time, to a client that asks for them."""
        count = max(1, -(-self.size // 1000))
        for index in range(count):
            numbers = range(index * 1000, min(self.size, (index + 1) * 1000))
            chunk: JSON = {"chunk_index": index, "chunk_count": count, "not_found": [], "nonce": asked.get("nonce")}
            members = [_member(number) for number in numbers]
            await self.tell("GUILD_MEMBERS_CHUNK", {"guild_id": str(GUILD), "members": members, **chunk})

    @staticmethod
    def _guild() -> JSON:
        role = {"id": str(GUILD), "name": "@everyone", "permissions": EVERYTHING, "position": 0, "color": 0, "flags": 0}
        role |= {"hoist": False, "managed": False, "mentionable": False}
        role["colors"] = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        facts: JSON = {"verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0}
        facts |= {"mfa_level": 0, "nsfw_level": 0, "premium_tier": 0, "system_channel_flags": 0, "afk_timeout": 300}
        facts |= {"preferred_locale": "en-US"}
        facts |= {"emojis": [], "stickers": [], "features": []}
        return {"id": str(GUILD), "name": "Greenhouse", "owner_id": member_id(0), "roles": [role], **facts}

    @staticmethod
    def _channels() -> list[JSON]:
        facts = {"type": 0, "guild_id": str(GUILD), "permission_overwrites": [], "nsfw": False, "parent_id": None}
        return [
            {"id": channel_id(name), "name": name, "position": number, **facts} for number, name in enumerate(NAMES)
        ]

    # The HTTP API

    async def _http(self, request: web.Request) -> web.Response:
        path, method = request.match_info["path"], request.method
        self.requests.append((method, path))
        if match := re.fullmatch(r"/interactions/(\d+)/[^/]+/callback", path):
            kind = (await request.json())["type"]
            if told := self.waiting.pop(match[1], None):
                self.acknowledged.append(time.perf_counter() - told)
            if kind != 5:
                self.answers.setdefault(match[1], time.perf_counter())
                self.times[match[1]] += 1
            return web.Response(status=204)
        if match := re.fullmatch(r"/webhooks/\d+/interaction-(\d+)/messages/@original", path):
            self.answers.setdefault(match[1], time.perf_counter())
            self.times[match[1]] += 1
            return _json(self._own_message(channel_id("general")))
        return _json(
            self._answer(method, path, await request.json() if request.content_type == "application/json" else None)
        )

    def _answer(self, method: str, path: str, body: Any) -> Any:  # noqa: PLR0911 - one for each kind of question
        """Return something that a client can go on with."""
        match [method, *path.strip("/").split("/")]:
            case ["GET", "gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
                address = self.url.replace("http://", "ws://").removesuffix("/api") + "/gateway"
                return {"url": address, "shards": 1, "session_start_limit": limit}
            case ["GET", "users", "@me"]:
                return _user(str(BOT), "trellis", bot=True)
            case ["GET", *_, "applications", "@me"]:
                facts = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "", "rpc_origins": []}
                me = _user(str(BOT), "trellis", bot=True)
                return {
                    "id": str(BOT),
                    "name": "Trellis",
                    "description": "",
                    "icon": None,
                    "flags": 1 << 19,
                    "owner": me,
                    **facts,
                }
            case ["PUT", "applications", _, *_, "commands"]:
                known = {"application_id": str(BOT), "version": "1", "default_member_permissions": None, "nsfw": False}
                return [{**known, **told, "id": str(COMMANDS + (number << 22))} for number, told in enumerate(body)]
            case ["GET", "guilds", _]:
                return self._guild()
            case ["GET", "guilds", _, "channels"]:
                return self._channels()
            case ["GET", "guilds", _, "members", user]:
                return {**_member(0), "user": _user(user, f"member{user}")}
            case ["GET", *_, "active" | "public"]:
                return {"threads": [], "members": [], "has_more": False}
            case ["POST", "channels", channel, "messages"]:
                return self._own_message(channel)
            case ["POST", "channels", _, "messages", _, "threads"]:
                return {
                    "id": self._id(),
                    "type": 11,
                    "name": "thread",
                    "parent_id": channel_id("help"),
                    "guild_id": str(GUILD),
                }
            case ["GET", *_]:
                return []
        return {}

    def _own_message(self, channel: str) -> JSON:
        author = _user(str(BOT), "trellis", bot=True)
        return {**self.message(0, "general", "pong"), "channel_id": channel, "author": author}


def _json(told: Any) -> web.Response:
    return web.Response(body=json.dumps(told).encode(), content_type="application/json")
