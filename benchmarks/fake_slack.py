"""A quick Slack on the loopback address, for measuring: Web API and Socket Mode, and it checks nothing.

The strict one of the tests (tests/adapters/slack) would take more of the machine than what is measured.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any, TypeAlias

from aiohttp import WSMsgType, web

JSON: TypeAlias = dict[str, Any]

TEAM, BOT, APP = "T0000000001", "U0000000000", "A0000000001"
BOT_TOKEN, APP_TOKEN = "xoxb-measurement", "xapp-measurement"
ACKNOWLEDGE_WITHIN = 3.0
"""Seconds after which Slack sends an event again."""
NAMES = ("general", "help", "introductions", "events", "ideas", "agents", *(f"room-{n}" for n in range(14)))


def user_id(number: int) -> str:
    """Return a member's id."""
    return f"U{number + 1:010d}"


def channel_id(name: str) -> str:
    """Return a channel's id."""
    return f"C{NAMES.index(name):010d}"


class FakeSlack:
    """One workspace. `answers` holds when each command was answered, by the number that `use` gave it."""

    rate = 50.0

    def __init__(self) -> None:
        self.url = ""
        self.ready = asyncio.Event()
        """Set once a client is connected."""
        self.answers: dict[str, float] = {}
        self.requests: list[str] = []
        self.times: Counter[str] = Counter()
        """How often each command was answered."""
        self.acknowledged: list[float] = []
        """After how many seconds each envelope was acknowledged."""
        self.waiting: dict[str, float] = {}
        """When each envelope was sent first that is not acknowledged."""
        self._again = 0
        self._unacknowledged: dict[str, tuple[float, str, asyncio.Future[None]]] = {}
        self._repeating: asyncio.Task[None] | None = None
        self._sockets: list[web.WebSocketResponse] = []
        self._made = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Serve on a free port."""
        self._repeating = asyncio.create_task(self._repeat())
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/answers/{number}", self._answer)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Serve no more."""
        if self._repeating:
            self._repeating.cancel()
        if self._runner:
            await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        """Return what points a program here."""
        return {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": f"{self.url}api/"}

    # What happens

    def written(self, author: int, channel: str, text: str) -> str:
        """Return a message as it will be sent."""
        number = self._next()
        ts = f"{int(time.time())}.{number % 1_000_000:06d}"
        words = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        event = {
            "type": "message",
            "user": user_id(author),
            "ts": ts,
            "client_msg_id": f"00000000-0000-4000-8000-{number:012d}",
            "text": text,
            "team": TEAM,
            "blocks": [{"type": "rich_text", "block_id": "b1", "elements": [words]}],
            "channel": channel_id(channel),
            "event_ts": ts,
            "channel_type": "channel",
        }
        authorization = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}
        payload: JSON = {
            "token": "verification",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:010d}",
            "event_time": int(time.time()),
            "authorizations": [{**authorization, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }
        return json.dumps(payload)

    async def say(self, written: str) -> asyncio.Future[None]:
        """Send a message; the future is done once it is acknowledged. Until then it is sent again, as Slack does."""
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._send("events_api", written, acknowledged)
        return acknowledged

    async def use(self, author: int, name: str) -> tuple[str, float]:
        """Use a slash command; return its number and the time."""
        number = str(self._next())
        payload = {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "greenhouse",
            "channel_id": channel_id("general"),
            "channel_name": "general",
            "user_id": user_id(author),
            "user_name": f"member{author}",
            "command": f"/{name}",
            "text": "",
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": f"{self.url}answers/{number}",
            "trigger_id": f"{number}.trigger",
        }
        began = time.perf_counter()
        await self._send("slash_commands", json.dumps(payload))
        return number, began

    def _next(self) -> int:
        self._made += 1
        return self._made

    async def _send(self, kind: str, payload: str, acknowledged: asyncio.Future[None] | None = None) -> None:
        """Send an envelope over one of the connections; each gets its turn."""
        id_ = f"envelope-{self._next()}"
        facts = '"retry_attempt":0,"retry_reason":""' if acknowledged else '"accepts_response_payload":true'
        text = f'{{"envelope_id":"{id_}","type":"{kind}","payload":{payload},{facts}}}'
        self.waiting[id_] = time.perf_counter()
        if acknowledged:
            self._unacknowledged[id_] = (time.monotonic(), text, acknowledged)
        await self._sockets[self._made // 2 % len(self._sockets)].send_str(text)

    async def _repeat(self) -> None:
        """Send again what was not acknowledged within three seconds."""
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for id_, (sent, text, acknowledged) in [*self._unacknowledged.items()]:
                if now - sent > ACKNOWLEDGE_WITHIN:
                    self._again += 1
                    self._unacknowledged[id_] = (now, text, acknowledged)
                    await self._sockets[self._again % len(self._sockets)].send_str(text)

    # The servers

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": len(self._sockets) + 1}))
        self._sockets.append(socket)
        self.ready.set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT and frame.data.startswith("{"):
                    id_ = json.loads(frame.data).get("envelope_id")
                    if sent := self.waiting.pop(id_, None):
                        self.acknowledged.append(time.perf_counter() - sent)
                    waiting = self._unacknowledged.pop(id_, None)
                    if waiting and not waiting[2].done():
                        waiting[2].set_result(None)
        finally:
            self._sockets.remove(socket)
        return socket

    async def _answer(self, request: web.Request) -> web.Response:
        self.answers.setdefault(request.match_info["number"], time.perf_counter())
        self.times[request.match_info["number"]] += 1
        return web.Response(text="ok")

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.requests.append(method)
        asked: JSON = dict(request.query)
        asked |= await request.json() if request.content_type == "application/json" else dict(await request.post())
        return web.json_response({"ok": True, **self._told(method, asked)})

    def _told(self, method: str, asked: JSON) -> JSON:
        """Return something that a client can go on with."""
        user, channel = asked.get("user", ""), asked.get("channel", "")
        place = {"is_channel": True, "is_member": True, "is_archived": False, "is_private": False}
        ts = f"{int(time.time())}.{self._next() % 1_000_000:06d}"
        told: dict[str, JSON] = {
            "auth.test": {
                "url": "https://greenhouse.slack.com/",
                "team": "Greenhouse",
                "user": "trellis",
                "team_id": TEAM,
            }
            | {"user_id": BOT, "bot_id": "B0000000001"},
            "apps.connections.open": {"url": f"{self.url.replace('http', 'ws')}socket"},
            "conversations.list": {"channels": [{"id": channel_id(name), "name": name, **place} for name in NAMES]},
            "conversations.info": {"channel": {"id": channel, "name": "room", **place}},
            "conversations.open": {"channel": {"id": "D0000000001"}},
            "conversations.history": {"messages": [], "has_more": False},
            "conversations.replies": {"messages": [], "has_more": False},
            "users.info": {"user": _user(user)},
            "usergroups.list": {"usergroups": []},
            "chat.postMessage": {"channel": channel, "ts": ts, "message": {}},
            "chat.postEphemeral": {"message_ts": ts},
        }
        return told.get(method, {})


def _user(id_: str) -> JSON:
    shown = {"display_name": id_.lower(), "real_name": id_}
    return {"id": id_, "team_id": TEAM, "name": id_.lower(), "profile": shown, "tz": "Europe/Berlin", "locale": "en-GB"}
