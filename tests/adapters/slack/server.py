"""A strict Slack of ours on a loopback address: Web API, Socket Mode, and a sender of signed requests.

It refuses what Slack refuses, records every call, and judges every message. What Slack would merely swallow, but we
never mean, is noted in `violations`, which a test looks at in the end.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from adapters.slack.register import EVENTS

from .judging import judge
from .methods import METHODS
from .things import (
    ALL_SCOPES,
    APP_TOKEN,
    BOT,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    JSON,
    SECRET,
    TEAM,
    TRIGGER_SECONDS,
    Fault,
    Place,
    Refused,
    Upload,
    Url,
    initial_of,
)


class SlackServer:
    """Slack. `now` gives the wall clock, `seconds` the clock by which triggers and addresses expire: the same one, but
    for a test that says otherwise.
    """

    def __init__(self, now: Callable[[], datetime], seconds: Callable[[], float] | None = None) -> None:
        self.now = now
        self.seconds = seconds or (lambda: self.now().timestamp())
        self.scopes = set(ALL_SCOPES.split(","))
        self.token = BOT_TOKEN
        self.installed: dict[str, str] = {}
        """The workspaces in which the app was installed besides, by their tokens; they share one world."""
        self.rotates = False
        """Whether the app has tokens that last for twelve hours, each with a refresh token of one use."""
        self.ends: dict[str, float] = {}
        """When a token is over that does not last."""
        self.refreshing: dict[str, str] = {}
        """The workspaces, by the refresh tokens that were not used yet."""
        self.codes: dict[str, str] = {}
        """The workspace that an admin chose, by the code that was given for it."""
        self.spoke: list[tuple[str, str]] = []
        """Which token called which method."""
        self.speaking = TEAM
        self.users: dict[str, JSON] = {}
        self.groups: dict[str, JSON] = {}
        self.places: dict[str, Place] = {}
        self.ephemeral: dict[str, JSON] = {}
        """What only one person sees, by a `ts` of its own."""
        self.views: dict[str, JSON] = {}
        """The modal that each person has open."""
        self.homes: dict[str, JSON] = {}
        """What stands in each person's App Home."""
        self.files: dict[str, Upload] = {}
        self.below: dict[str, list[JSON]] = {}
        """The modals that lie under the one that each person sees."""
        self.groups_paid = self.groups_open = True
        """Whether the workspace pays for user groups, and lets apps change them."""
        self.picture_takes = 1
        """How often a new picture is refused before it may be shown."""
        self.errors: dict[str, dict[str, str]] = {}
        self.prompts: dict[str, tuple[str, list[JSON]]] = {}
        """What is suggested in direct channels: with its title, by the channel."""
        self.has_tables = True
        """Whether this workspace takes tables in messages."""
        self.typed: dict[str, dict[str, str]] = {}
        self.calls: list[tuple[str, JSON]] = []
        self.violations: list[str] = []
        self.faults: dict[str, deque[Fault | None]] = {}
        """What goes wrong with the next calls of a method; of those that are `None`, nothing."""
        self.acks: list[tuple[str, Any, int]] = []
        self.triggers: dict[str, tuple[str, float]] = {}
        self.urls: dict[str, Url] = {}
        self.tickets: set[str] = set()
        self.sockets: list[web.WebSocketResponse] = []
        self.renews = False
        """Whether a socket comes again: the last one was asked to go, or broke. An app that stops closes it itself."""
        self._asked: set[web.WebSocketResponse] = set()
        self.target = ""
        """Where signed requests go; without one everything goes over Socket Mode."""
        self.subscribed = {*EVENTS}
        """The events that the app asked for in its manifest: of others Slack says nothing."""
        self.retry_in = 0.05
        self.ack_within = 3.0
        self._held: list[Mapping[str, Any]] | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Any]]] = {}
        """Who waits for an envelope to be acknowledged, and by which socket it went."""
        self._runner: web.AppRunner | None = None
        self._turn = 0
        self._signed: dict[bytes, int] = {}
        """How often the same was sent already."""
        self._why = ""
        """Why the last request failed."""
        self.url = ""
        self.add_user(BOT, "trellis", is_bot=True)

    # Its world

    def add_user(self, id_: str, name: str, tz: str | None = None, **facts: Any) -> None:
        shown = {"display_name": name, "real_name": name}
        self.users[id_] = {"id": id_, "team_id": TEAM, "name": name.lower(), "profile": shown, "tz": tz, **facts}

    def add_channel(self, id_: str, name: str, members: set[str] | None = None, bot: bool = True) -> None:
        inside = set(self.users) if members is None else {*members, BOT}
        self.places[id_] = Place(id_, name, members is not None, inside if bot else inside - {BOT})

    def next_id(self) -> int:
        return next(self._ids)

    def next_ts(self) -> str:
        return f"{int(self.now().timestamp())}.{self.next_id():06d}"

    def trigger(self, user: str) -> str:
        """Return a trigger of one use, good for three seconds."""
        trigger = f"{self.next_id()}.trigger.{user}"
        self.triggers[trigger] = (user, self.seconds() + TRIGGER_SECONDS)
        return trigger

    def response_url(self, user: str, channel: str, thread: str = "", replaces: str = "") -> str:
        """Return an address that answers one person five times within half an hour."""
        key = f"canary-address-{self.next_id()}"
        self.urls[key] = Url(user, channel, thread, replaces, self.seconds() + 1800)
        return f"{self.url}/response/{key}"

    def file_of(self, message: Mapping[str, Any]) -> Upload | None:
        """Return the picture that is drawn in a message or view."""
        ids = [block["slack_file"]["id"] for block in message.get("blocks") or () if block["type"] == "image"]
        return self.files[ids[0]] if ids else None

    def zone_of(self, user: str) -> ZoneInfo:
        """Return the time zone in which someone's Slack shows moments."""
        return ZoneInfo(self.users[user].get("tz") or "UTC")

    def show(self, user: str, view: JSON) -> None:
        """Put a modal on someone's screen; what they typed into inputs that stay is kept."""
        view = {**view, "id": f"V{self.next_id()}", "ts": self.next_ts()}
        before = self.typed.get(user, {}) if self.views.get(user) else {}
        inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
        zone = self.zone_of(user)
        blank = {name: initial_of(element, zone) for name, element in inputs.items()}
        stays = {name: typed for name, typed in before.items() if inputs.get(name, {}).get("type") != "file_input"}
        self.typed[user] = {name: stays.get(name, initial) for name, initial in blank.items()}
        self.views[user], self.errors[user] = view, {}

    # The web server

    async def start(self) -> None:
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{key}", self._response)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/ws", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def stop(self) -> None:
        for socket in [*self.sockets]:
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments: JSON = dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= {name: str(value) for name, value in (await request.post()).items()}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
        self.calls.append((method, arguments))
        self.spoke.append((token, method))
        fault = self.faults[method].popleft() if self.faults.get(method) else None
        if fault and fault.status == 429:
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault and fault.error:
            headers = {"Retry-After": fault.retry_after}
            return web.json_response({"ok": False, "error": fault.error}, headers=headers)
        if fault and not fault.effect and not fault.until:
            return self._break(request, fault)
        try:
            answer = {"ok": True, **self._call(method, token, arguments)}
        except Refused as refusal:
            answer = {"ok": False, "error": refusal.error, **refusal.more}
        if fault and fault.until:
            await fault.until.wait()
        elif fault:
            return self._break(request, fault)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _break(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.cut:
            assert request.transport
            request.transport.abort()
        return web.Response(status=fault.status, text="upstream broke")

    def _call(self, method: str, token: str, arguments: JSON) -> JSON:
        if method not in METHODS:
            raise Refused("unknown_method")
        spec = METHODS[method]
        if method == "oauth.v2.access":
            if token != f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}":
                raise Refused("bad_client_secret")
            return spec.run(self, arguments)
        if token != APP_TOKEN if method == "apps.connections.open" else token not in {self.token, *self.installed}:
            raise Refused("token_revoked" if "xoxb-installed" in token else "invalid_auth")
        if token in self.ends and self.ends[token] < self.seconds():
            raise Refused("token_expired")
        self.speaking = self.installed.get(token, TEAM)
        if spec.scope and not self.scopes & set(spec.scope.split("|")):
            raise Refused("missing_scope", needed=spec.scope.split("|")[0], provided=",".join(self.scopes))
        missing = [name for name in spec.required if arguments.get(name) in (None, "")]
        unknown = arguments.keys() - set(spec.required) - set(spec.optional)
        if missing or unknown:
            self.violations.append(f"{method}: missing {missing}, unknown {unknown}")
            raise Refused("invalid_arguments")
        return spec.run(self, arguments)

    async def _download(self, request: web.Request) -> web.Response:
        """Hand out a file to whom the token lets see it; others get a page to sign in."""
        file = self.files.get(request.match_info["file"])
        if file is None or request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=file.content)

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["file"])
        content = await request.read()
        if file is None or file.content or len(content) != file.length:
            return web.Response(status=400, text="bad upload")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _response(self, request: web.Request) -> web.Response:
        url = self.urls.get(request.match_info["key"])
        message = await request.json()
        self.calls.append(("response_url", message))
        if url is None or url.expires < self.seconds() or url.left < 1:
            return web.Response(status=404, text="expired_url")
        url.left -= 1
        known = {"text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts"}
        if message.keys() - known or (message.get("thread_ts") and message.get("replace_original")):
            self.violations.append(f"response_url: {sorted(message)}")
        try:
            judge(self, "response_url", {**message, "parse": "none"})
        except Refused as refusal:
            return web.json_response({"ok": False, "error": refusal.error}, status=404)
        ts = url.replaces if message.get("replace_original") and url.replaces else self.next_ts()
        self.ephemeral[ts] = {
            **message,
            "ts": ts,
            "user": url.user,
            "channel": url.channel,
            "thread_ts": message.get("thread_ts", ""),
        }
        return web.Response(text="ok")

    # Socket Mode

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if request.query.get("ticket") not in self.tickets:
            raise web.HTTPForbidden
        self.tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        self.sockets.append(socket)
        self.renews = True
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    ack = json.loads(message.data)
                    _, waiting = self._waiting.get(ack["envelope_id"], (None, None))
                    if waiting and not waiting.done():
                        waiting.set_result(ack.get("payload"))
        finally:
            for sent_by, waiting in self._waiting.values():
                if sent_by is socket and not waiting.done():
                    waiting.set_exception(ConnectionResetError())
            self.sockets.remove(socket)
            self.renews = socket in self._asked or socket.close_code != WSCloseCode.OK
        return socket

    async def disconnect(self, reason: str, which: int = 0) -> None:
        """Ask a connection to go, as Slack does every few hours."""
        self._asked.add(self.sockets[which])
        await self.sockets[which].send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    # Sending

    async def send(self, kind: str, payload: Mapping[str, Any], tries: int = 4) -> Any:
        """Deliver an envelope; return what it was answered with.

        An event comes again until it is acknowledged, three times at most; of a command, a button or a form that is not
        acknowledged the person sees an error, and it does not come again.
        """
        if kind != "events_api":
            tries = 1
        elif self._held is not None:
            self._held.append(payload)
            return None
        for attempt in range(tries):
            deliver = self._post if self.target else self._push
            answer, status = await deliver(kind, payload, attempt)
            self.acks.append((kind, answer, status))
            if status == 200:
                return answer
            await asyncio.sleep(self.retry_in)
        return None

    def hold(self) -> None:
        """Keep events to yourself from now on, until `release`."""
        self._held = []

    async def release(self, seed: int | None = None, copies: int = 1) -> None:
        """Deliver what was held, each `copies` times, and with a `seed` in an order of its own."""
        held, self._held = (self._held or []) * copies, None
        if seed is not None:
            Random(seed).shuffle(held)
        for payload in held:
            await self.send("events_api", payload)

    async def _push(self, kind: str, payload: Mapping[str, Any], attempt: int) -> tuple[Any, int]:
        for _ in range(100):
            if self.sockets or not self.renews:
                break
            await asyncio.sleep(0.02)
        if not self.sockets:
            return None, 0
        self._turn += 1
        envelope_id = f"e{self.next_id()}"
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **(
                {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""} if kind == "events_api" else {}
            ),
        }
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        socket = self.sockets[self._turn % len(self.sockets)]
        self._waiting[envelope_id] = socket, waiting
        try:
            await socket.send_json(envelope)
            return await asyncio.wait_for(waiting, self.ack_within), 200
        except (TimeoutError, ConnectionError):
            return None, 0
        finally:
            del self._waiting[envelope_id]

    async def _post(self, kind: str, payload: Mapping[str, Any], attempt: int) -> tuple[Any, int]:
        body, content_type = self.encode(kind, payload)
        again = self._signed[body] = self._signed.get(body, -1) + 1  # what comes again comes at least a second later
        headers = {"Content-Type": content_type, **self.sign(body, str(int(self.now().timestamp()) + again))}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": self._why}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self.ack_within)) as session,
                session.post(self.target, data=body, headers=headers) as response,
            ):
                words = await response.text()
                self._why = "http_error"
                return (json.loads(words) if words.startswith("{") else None), response.status
        except (TimeoutError, aiohttp.ClientError) as error:
            self._why = "http_timeout" if isinstance(error, TimeoutError) else "connection_failed"
            return None, 0

    @staticmethod
    def encode(kind: str, payload: Mapping[str, Any]) -> tuple[bytes, str]:
        if kind == "events_api":
            return json.dumps(payload).encode(), "application/json"
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return urlencode(form).encode(), "application/x-www-form-urlencoded"

    def sign(self, body: bytes, at: str = "", secret: str = SECRET) -> dict[str, str]:
        at = at or str(int(self.now().timestamp()))
        mac = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}"}
