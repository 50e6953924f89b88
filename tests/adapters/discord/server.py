"""A loopback Discord: its gateway and HTTP API over a `World`. Strict: what Discord would refuse is remembered.

Every request is recorded in `requests` and judged against Discord's OpenAPI and documented limits; what does not hold
stands in `complaints`, which is empty at the end of a good test. `faults` make single requests go wrong.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import unquote

from aiohttp import WSCloseCode, web

from . import rights, spec
from .buckets import Buckets
from .gateway import TOKEN, Gateway
from .world import EPHEMERAL, FORUM, OPEN_THREADS, SEND, SILENT, THREAD, Kept, Problem, World, words_of

JSON: TypeAlias = dict[str, Any]

COMMAND = re.compile(r"(?<!\\)</([^:>]+):(\d+)>")
MENTIONS = re.compile(r"<@\d+>")
ANSWER_WITHIN, ANSWERS_WITHIN = timedelta(seconds=3), timedelta(minutes=15)
"""How soon an interaction wants its first answer, and for how long more may follow."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived."""

    method: str
    path: str
    body: Any
    query: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """Makes a matching request go wrong: with `after` once it had its effect; `status` 0 cuts the connection.

    With `until` that is answered as ever, once this is set.
    """

    method: str
    path: str
    status: int
    times: int = 1
    after: bool = False
    body: JSON = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    until: asyncio.Event | None = None


@dataclass(slots=True)
class Used:
    """An interaction that waits for its answers."""

    data: JSON
    user: str
    began: datetime
    source: Kept | None = None
    first: int = 0
    """The type of the first answer, 0 before it."""
    original: Kept | None = None
    dead: bool = False
    suggested: list[JSON] = field(default_factory=list)


class Server(Gateway):
    """Run it with `start`, end it with `close`; `url` is what `DISCORD_API_URL` would be.

    What is old is so by the world's clock: `nonce_seconds` is how long a nonce is remembered.
    """

    def __init__(self, world: World, nonce_seconds: float = 180) -> None:
        super().__init__(world)
        self.nonce_seconds = nonce_seconds
        self.buckets: Buckets | None = None
        """The rate limits, for a test that wants them."""
        self.requests: list[Asked] = []
        self.complaints: list[str] = []
        self.faults: list[Fault] = []
        self.commands: dict[str, list[JSON]] = {}
        """Registered commands, by guild; everywhere is ""."""
        self.used: dict[str, Used] = {}
        self.modals: dict[str, tuple[JSON, Used]] = {}
        """The modal that each person has open, and what opened it."""
        self.bytes_sent = 0
        """How much was sent as files."""
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/attachments/{id}", self._attachment)
        app.router.add_route("*", "/api/v10{path:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/api"
        self.socket_url = f"ws://127.0.0.1:{port}/gateway"

    async def close(self) -> None:
        for socket in self.sockets:
            await socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def asked(self, method: str, path: str) -> list[Asked]:
        """Return the requests that arrived, by method and a pattern of the path."""
        return [one for one in self.requests if one.method == method and re.fullmatch(path, one.path)]

    # The HTTP API

    async def _attachment(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        is_there = id_ in self.world.chosen and id_ not in self.world.gone
        return web.Response(body=self.world.chosen[id_]) if is_there else web.Response(status=404)

    async def _http(self, request: web.Request) -> web.StreamResponse:
        path, method = request.match_info["path"], request.method
        if request.content_type.startswith("multipart/"):
            body, files = await _read_parts(request)
        else:
            raw = await request.read()
            body, files = json.loads(raw) if raw else None, {}
        self.bytes_sent += sum(map(len, files.values()))
        self.requests.append(Asked(method, path, body, dict(request.query)))
        limits, refusal = self.buckets.take(method, path) if self.buckets else ({}, None)
        if refusal:
            facts = {"message": "You are being rate limited.", "retry_after": round(refusal.after, 3), "code": 0}
            headers = {**limits, "Retry-After": str(math.ceil(refusal.after)), "Via": "1.1 google"}
            return _json({**facts, "global": refusal.everything}, 429, headers)
        fault = next((one for one in self.faults if one.method == method and re.fullmatch(one.path, path)), None)
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            if not fault.after and not fault.until:
                return self._fail(request, fault)
        told: Any
        try:
            self._know(path, request.headers.get("Authorization", ""))
            told, status = await self._answer(method, path, body, files), 200
        except Problem as problem:
            told, status = {"message": problem.words, "code": problem.code}, problem.status
        if fault and fault.until:
            await fault.until.wait()
        elif fault:
            return self._fail(request, fault)
        if told is None:
            return web.Response(status=204, headers=limits)
        return _json(told, status, limits)

    @staticmethod
    def _know(path: str, authorization: str) -> None:
        if not path.startswith(("/webhooks/", "/interactions/")) and authorization != f"Bot {TOKEN}":
            raise Problem(401, 0, "401: Unauthorized")

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.status == 0:
            assert request.transport
            request.transport.abort()
            return web.Response()
        headers = {"Via": "1.1 google"} if fault.status == 429 else {}
        return _json(fault.body or {"message": "fault", "code": 0}, fault.status, {**headers, **fault.headers})

    async def _answer(self, method: str, path: str, body: Any, files: dict[str, bytes]) -> Any:
        if spec.FILE.exists() and path != "/oauth2/applications/@me":  # Discord's older name of /applications/@me
            for problem in spec.problems(method, path, body, files):
                self.complaints.append(f"{method} {path}: {problem}")
                raise Problem(400, 50035, f"Invalid Form Body: {problem}")
        self._look_at_links(body)
        for wanted, pattern, handler in _ROUTES:
            if wanted == method and (match := pattern.fullmatch(path)):
                for named in _attachments(body):
                    named["content"] = files.get(named["id"], b"")
                found = handler(self, body, *map(unquote, match.groups()))
                return await found if asyncio.iscoroutine(found) else found
        self.complaints.append(f"{method} {path} is unknown here")
        raise Problem(404, 0, "404: Not Found")

    def _look_at_links(self, body: Any) -> None:
        """Complain of a command that is linked by another name or id than it has."""
        told = body if isinstance(body, dict) else {}
        within = [part for part in (told, told.get("data"), told.get("message")) if isinstance(part, dict)]
        known = {(one["name"], one["id"]) for registered in self.commands.values() for one in registered}
        for name, id_ in (link for part in within for link in COMMAND.findall(words_of(part))):
            if (name.partition(" ")[0], id_) not in known:
                self.complaints.append(f"there's no command </{name}:{id_}>")

    def _me(self, _: Any) -> JSON:
        return self.world.people[self.world.bot]

    def _application(self, _: Any) -> JSON:
        flags = 1 << 15 | (1 << 19 if self.world.content else 0)
        return {
            "id": self.world.bot,
            "name": "Trellis",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "",
            "flags": flags,
            "owner": self.world.people[self.world.bot],
            "team": None,
            "rpc_origins": [],
        }

    def _gateway_bot(self, _: Any) -> JSON:
        remaining, reset = self.budget
        limit = {"total": 1000, "remaining": remaining, "reset_after": reset, "max_concurrency": self.concurrency}
        return {"url": self.socket_url, "shards": self.shards, "session_start_limit": limit}

    # People, channels and the calendar

    def _put_role(self, _: Any, __: str, user: str, role: str) -> None:
        rights.set_role(self.world, user, role, held=True)

    def _delete_role(self, _: Any, __: str, user: str, role: str) -> None:
        rights.set_role(self.world, user, role, held=False)

    def _put_overwrite(self, body: JSON, channel: str, user: str) -> None:
        rights.put_overwrite(self.world, channel, user, body)

    def _get_events(self, _: Any, __: str) -> list[JSON]:
        return [*self.world.events.values()]

    def _post_event(self, body: JSON, _: str) -> JSON:
        return rights.put_event(self.world, body)

    def _patch_event(self, body: JSON, _: str, event: str) -> JSON:
        return rights.put_event(self.world, body, event)

    def _delete_event(self, _: Any, __: str, event: str) -> None:
        rights.insist(self.world, rights.CREATE_EVENTS)
        if self.world.events.pop(event, None) is None:
            raise Problem(404, 10070, "Unknown Guild Scheduled Event")

    def _get_invites(self, _: Any, __: str) -> list[JSON]:
        rights.insist(self.world, rights.MANAGE_GUILD)
        return [{"code": code, "uses": uses, "max_uses": 0} for code, uses in self.world.invites.items()]

    def _my_guilds(self, _: Any) -> list[JSON]:
        query = self.requests[-1].query
        after, limit = int(query.get("after", 0)), int(query.get("limit", 200))
        found = sorted(int(guild) for guild in self.world.guilds if int(guild) > after)
        return [{"id": str(guild), "name": self.world.guilds[str(guild)]} for guild in found[:limit]]

    def _get_commands(self, _: Any, __: str, guild: str = "") -> list[JSON]:
        if guild and guild not in self.world.guilds:
            raise Problem(403, 50001, "Missing Access")
        told = self.commands.get(guild, [])
        return (
            told if self.requests[-1].query.get("with_localizations") == "true" else [_in_english(one) for one in told]
        )

    def _put_commands(self, body: Any, application: str, guild: str = "") -> list[JSON]:
        """Replace them; a command of the same kind and name keeps its id."""
        self._get_commands(None, application, guild)
        known = {(one.get("type", 1), one["name"]): one["id"] for one in self.commands.get(guild, ())}
        self.commands[guild] = [
            {
                **command,
                "id": known.get((command.get("type", 1), command["name"])) or self.world.id(),
                "application_id": application,
                "version": self.world.id(),
                "default_member_permissions": None
                if command.get("default_member_permissions") is None
                else str(command["default_member_permissions"]),
                "nsfw": False,
                "description": command.get("description") or "",
                "options": [_stored(option) for option in command.get("options", ())],
            }
            for command in body
        ]
        return self.commands[guild]

    async def _post_message(self, body: JSON, channel: str) -> JSON:
        place = rights.writable(self.world, channel)
        if place["type"] == 1 and place["recipients"][0]["id"] in self.world.closed:
            raise Problem(403, 50007, "Cannot send messages to this user")
        if place["type"] == FORUM:
            raise Problem(400, 50024, "Cannot execute action on this channel type")
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce") and (known := self._by_nonce(channel, nonce)):
            return known.data
        await self.wake(channel)
        data = self.world.post(self.world.bot, channel, body)
        kept = self.world.messages[data["id"]]
        is_call = kept.pinged or (place["type"] == 1 and not body.get("message_reference"))
        if is_call and not (body.get("flags") or 0) & SILENT and not MENTIONS.sub("", kept.push).strip():
            self.complaints.append("a phone shows nothing of a message that calls somebody")
        await self.dispatch("MESSAGE_CREATE", {**data, **self._in_guild(channel)})
        return data

    def _in_guild(self, channel: str) -> JSON:
        place = self.world.channels[channel]
        return {"guild_id": place["guild_id"]} if "guild_id" in place else {}

    def _by_nonce(self, channel: str, nonce: str) -> Kept | None:
        """Return the message that was posted with a nonce, as long as that is remembered."""
        oldest = self.world.now() - timedelta(seconds=self.nonce_seconds)
        for kept in reversed(self.world.messages.values()):
            if datetime.fromisoformat(kept.data["timestamp"]) < oldest:
                return None
            if kept.nonce == nonce and kept.data["channel_id"] == channel:
                return kept
        return None

    async def wake(self, channel: str) -> None:
        """Bring an archived thread back, since somebody writes in it."""
        state = self.world.channels[channel].get("thread_metadata", {})
        if state.get("archived"):
            state["archived"] = False
            await self.dispatch("THREAD_UPDATE", self.world.channels[channel])

    def _get_message(self, _: Any, channel: str, message: str) -> JSON:
        rights.place_of(self.world, channel)
        return self.world.shown(self.world.find(channel, message).data)

    def _get_messages(self, _: Any, channel: str) -> list[JSON]:
        """Discord tells the newest first, also of those that come `after`; history says nothing of the member."""
        self._get_channel(None, channel)
        query = self.requests[-1].query
        after, before, limit = int(query.get("after", 0)), int(query.get("before", 0)), int(query.get("limit", 50))
        kept = [one for one in self.world.messages.values() if one.data["channel_id"] == channel and not one.reader]
        found = sorted((one.data for one in kept if int(one.data["id"]) > after), key=lambda data: int(data["id"]))
        if before:
            found = [data for data in found if int(data["id"]) < before][-limit:]
        return [self.world.shown(data) for data in found[:limit][::-1]]

    def _put_away(self, _: Any, channel: str) -> JSON:
        rights.place_of(self.world, channel)
        threads = [one for one in self.world.channels.values() if one.get("parent_id") == channel]
        threads = [one for one in threads if one["thread_metadata"]["archived"]]
        return {"threads": threads, "members": [], "has_more": False}

    async def _patch_message(self, body: JSON, channel: str, message: str) -> JSON:
        place = rights.place_of(self.world, channel)
        kept = self.world.find(channel, message)
        if place.get("thread_metadata", {}).get("archived"):
            raise Problem(400, 50083, "Thread is archived")
        if kept.data["author"]["id"] != self.world.bot:
            raise Problem(403, 50005, "Cannot edit a message authored by another user")
        data = self.world.edit(kept, body)
        await self.dispatch("MESSAGE_UPDATE", {**data, **self._in_guild(channel)})
        return data

    async def _post_thread(self, body: JSON, channel: str, message: str) -> JSON:
        place = rights.place_of(self.world, channel)
        kept = self.world.find(channel, message)
        if message in self.world.channels:
            raise Problem(400, 160004, "A thread has already been created for this message")
        if place["type"] == THREAD:
            raise Problem(400, 50024, "Cannot execute action on this channel type")
        rights.place_of(self.world, channel, OPEN_THREADS)
        thread = self.world.add_thread(message, channel, body["name"], self.world.bot)
        kept.data["flags"] |= 1 << 5
        kept.data["thread"] = thread
        await self.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        return thread

    async def _post_forum(self, body: JSON, channel: str) -> JSON:
        rights.place_of(self.world, channel, SEND)
        id_ = self.world.id()
        thread = self.world.add_thread(id_, channel, body["name"], self.world.bot)
        thread["applied_tags"] = body.get("applied_tags") or []
        message = self.world.post(self.world.bot, id_, body["message"], id_=id_)
        await self.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        return {**thread, "message": message}

    def _get_channel(self, _: Any, channel: str) -> JSON:
        return rights.place_of(self.world, channel)

    async def _patch_channel(self, body: JSON, channel: str) -> JSON:
        place = self._get_channel(None, channel)
        rights.insist_on_thread(self.world, place, body)
        place["name"] = body.get("name", place["name"])
        if "archived" in body:
            place["thread_metadata"]["archived"] = body["archived"]
        if "applied_tags" in body:
            place["applied_tags"] = body["applied_tags"]
        await self.dispatch("THREAD_UPDATE", place)
        return place

    def _get_member(self, _: Any, __: str, user: str) -> JSON:
        if user not in self.world.members:
            raise Problem(404, 10007, "Unknown Member")
        return {**self.world.members[user], "user": self.world.people[user]}

    def _get_members(self, _: Any, __: str) -> list[JSON]:
        query = self.requests[-1].query
        after, limit = int(query.get("after", 0)), int(query.get("limit", 1))
        found = sorted(int(user) for user in self.world.members if int(user) > after)
        return [self._get_member(None, "", str(user)) for user in found[:limit]]

    def _get_reacted(self, _: Any, __: str, message: str, emoji: str) -> list[JSON]:
        return [self.world.people[user] for user in self.world.messages[message].reactions.get(emoji, ())]

    def _get_guild(self, _: Any, guild: str) -> JSON:
        if guild not in self.world.guilds:
            raise Problem(404, 10004, "Unknown Guild")
        return self.world.guild_facts(guild)

    def _get_channels(self, _: Any, guild: str) -> list[JSON]:
        return self.world.channels_of(guild)

    def _active(self, _: Any, guild: str) -> JSON:
        threads = self.world.channels_of(guild, threads=True)
        seen = [one for one in threads if self.world.may_read(self.world.bot, one["id"])]
        return {"threads": [one for one in seen if not one["thread_metadata"]["archived"]], "members": []}

    def _open_direct(self, body: JSON) -> JSON:
        if body["recipient_id"] not in self.world.people:
            raise Problem(404, 10013, "Unknown User")
        return self.world.direct(body["recipient_id"])

    # Interactions

    def _callback(self, body: JSON, _: str, token: str) -> None:
        used = self.used.get(token)
        if used is None or used.dead or (not used.first and self.world.now() - used.began > ANSWER_WITHIN):
            raise Problem(404, 10062, "Unknown interaction")
        if used.first:
            raise Problem(400, 40060, "Interaction has already been acknowledged.")
        kind, data, type_ = body["type"], body.get("data") or {}, used.data["type"]
        from_message = used.source is not None
        if (kind in (6, 7) and not from_message) or (kind == 9 and type_ not in (2, 3)) or (kind == 8) != (type_ == 4):
            self.complaints.append(f"an interaction of type {type_} was answered with {kind}")
            raise Problem(400, 50035, "Invalid Form Body")
        rights.insist_on_open(self.world, used.data["channel_id"])
        used.first = kind
        match kind:
            case 4 | 5:
                used.original = self._keep_answer(used, data)
            case 6:
                used.original = used.source
            case 7:
                assert used.source
                used.original = used.source
                self.world.edit(used.source, data)
            case 8:
                used.suggested = data["choices"]
            case 9:
                self.modals[used.user] = (data, used)

    def _keep_answer(self, used: Used, data: JSON) -> Kept:
        reader = used.user if (data.get("flags") or 0) & EPHEMERAL else ""
        message = self.world.post(self.world.bot, used.data["channel_id"], data, reader=reader)
        return self.world.messages[message["id"]]

    def _follow(self, body: JSON, _: str, token: str) -> JSON:
        used = self._answered(token)
        if used.first == 5 and used.original and not used.original.data["components"]:
            self.complaints.append("a later answer came before the deferred one was edited")
        return self._keep_answer(used, body).data

    def _answered(self, token: str) -> Used:
        used = self.used.get(token)
        if used is None or not used.first:
            raise Problem(404, 10015, "Unknown Webhook")
        if self.world.now() - used.began > ANSWERS_WITHIN:
            raise Problem(401, 50027, "Invalid Webhook Token")
        return used

    def _target(self, token: str, message: str) -> Kept:
        used = self._answered(token)
        kept = used.original if message == "@original" else self.world.messages.get(message)
        if kept is None or kept.data["id"] not in self.world.messages:
            raise Problem(404, 10008, "Unknown Message")
        return kept

    def _patch_answer(self, body: JSON, _: str, token: str, message: str) -> JSON:
        return self.world.edit(self._target(token, message), body)

    def _delete_answer(self, _: Any, __: str, token: str, message: str) -> None:
        del self.world.messages[self._target(token, message).data["id"]]


_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = []
_HANDLERS: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", "/users/@me", Server._me),
    ("GET", "/oauth2/applications/@me", Server._application),
    ("GET", "/gateway/bot", Server._gateway_bot),
    ("GET", "/users/@me/guilds", Server._my_guilds),
    ("POST", "/users/@me/channels", Server._open_direct),
    ("GET", "/applications/*/commands", Server._get_commands),
    ("PUT", "/applications/*/commands", Server._put_commands),
    ("GET", "/applications/*/guilds/*/commands", Server._get_commands),
    ("PUT", "/applications/*/guilds/*/commands", Server._put_commands),
    ("POST", "/channels/*/messages", Server._post_message),
    ("GET", "/channels/*/messages", Server._get_messages),
    ("GET", "/channels/*/threads/archived/public", Server._put_away),
    ("GET", "/channels/*/messages/*", Server._get_message),
    ("PATCH", "/channels/*/messages/*", Server._patch_message),
    ("POST", "/channels/*/messages/*/threads", Server._post_thread),
    ("POST", "/channels/*/threads", Server._post_forum),
    ("GET", "/channels/*", Server._get_channel),
    ("PATCH", "/channels/*", Server._patch_channel),
    ("PUT", "/channels/*/permissions/*", Server._put_overwrite),
    ("GET", "/channels/*/messages/*/reactions/*", Server._get_reacted),
    ("GET", "/guilds/*/members", Server._get_members),
    ("GET", "/guilds/*/members/*", Server._get_member),
    ("PUT", "/guilds/*/members/*/roles/*", Server._put_role),
    ("DELETE", "/guilds/*/members/*/roles/*", Server._delete_role),
    ("GET", "/guilds/*/scheduled-events", Server._get_events),
    ("POST", "/guilds/*/scheduled-events", Server._post_event),
    ("PATCH", "/guilds/*/scheduled-events/*", Server._patch_event),
    ("DELETE", "/guilds/*/scheduled-events/*", Server._delete_event),
    ("GET", "/guilds/*/invites", Server._get_invites),
    ("GET", "/guilds/*", Server._get_guild),
    ("GET", "/guilds/*/channels", Server._get_channels),
    ("GET", "/guilds/*/threads/active", Server._active),
    ("POST", "/interactions/*/*/callback", Server._callback),
    ("POST", "/webhooks/*/*", Server._follow),
    ("PATCH", "/webhooks/*/*/messages/*", Server._patch_answer),
    ("DELETE", "/webhooks/*/*/messages/*", Server._delete_answer),
]
for _method, _pattern, _handler in _HANDLERS:
    _ROUTES.append((_method, re.compile(_pattern.replace("*", "([^/]+)")), _handler))


def _in_english(command: JSON) -> JSON:
    """Discord leaves translations out unless it is asked for them."""
    within = {key: [*map(_in_english, command[key])] for key in ("options", "choices") if key in command}
    return {key: value for key, value in command.items() if not key.endswith("_localizations")} | within


async def _read_parts(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    """Read a request with files: its JSON, and the files by the number that Discord counts them with."""
    form = await request.post()
    files: dict[str, bytes] = {}
    for name, part in form.items():
        if isinstance(part, web.FileField):
            files[name.removeprefix("files[").removesuffix("]")] = part.file.read()
    told = form["payload_json"]
    assert not isinstance(told, web.FileField)
    return json.loads(told), files


def _attachments(body: Any) -> list[JSON]:
    """Return what a request says of attachments, at the top or in the message within."""
    if not isinstance(body, dict):
        return []
    within = [body, body.get("data"), body.get("message")]
    return [named for part in within if isinstance(part, dict) for named in part.get("attachments") or ()]


def _stored(option: JSON) -> JSON:
    """Discord leaves out what is at its default."""
    kept = {key: value for key, value in option.items() if value not in (False, None, [])}
    if "options" in option:
        kept["options"] = [_stored(inner) for inner in option["options"]]
    return kept


def _json(told: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=json.dumps(told).encode(), status=status, content_type="application/json", headers=headers)
