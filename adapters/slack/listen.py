"""Hears Slack, over Socket Mode or signed HTTP, and gives each envelope its turn.

Bolt reads requests and speaks both transports. What nobody wants is acknowledged before Bolt sees it, which would look
at it with a dozen middlewares. One middleware of ours takes every other envelope before Bolt looks for listeners, of
which there are none: its own acknowledge before anything is stored, and run without order or bound.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from aiohttp import WSMessage, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.contract.adapter import SKEWED, AdapterError, Unusable
from adapters.contract.memo import Memo

from .api import discreet
from .envelope import Body

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
Hear: TypeAlias = Callable[[Body], Awaitable[JSON | None]]
"""Takes an envelope; returns once it is safely ours, with what Slack is answered. Raises to have it sent again."""
Ignores: TypeAlias = Callable[[Body], bool]
"""Says that there is nothing to do with an envelope but to acknowledge it."""

CONNECTIONS = 2
"""The library closes a connection before it opens the next: while one is renewed, the other hears."""
PING = 5.0
"""Seconds between two looks of the library at a connection: a broken one is replaced then."""
LOOK = 1.0
"""Seconds between two looks whether a connection is open."""
FRESH = 300
"""Seconds after which a request is too old, or comes from the future: as Slack says."""
BODY_SECONDS = 5.0
"""How long the body of a request may take to come. Slack waits three seconds for an answer."""
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
REMEMBERED = 10_000
"""Signatures of requests that were let in; a request is too old long before its signature is forgotten."""
_WRONG_CLOCK = (
    "this machine's clock is %.0f s %s Slack's; above %d s everything that Slack sends is refused: "
    "set the clock right, and keep it so with NTP"
)
_SWITCHED_OFF = (
    "Socket Mode was switched off for this app, so nothing is heard: at api.slack.com/apps choose the app, "
    "then Socket Mode, Enable, and start Trellis again."
)


def bolt_app(hear: Hear, client: AsyncWebClient) -> AsyncApp:
    """Return a Bolt app that hands every envelope to `hear`, which knows by itself whose it is."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None)

    app = AsyncApp(
        name="trellis",  # Bolt would look up all the source files on the stack to call it by ours
        client=client,
        authorize=authorize,
        logger=discreet(),
        request_verification_enabled=False,  # we do it: Bolt logs bodies, and answers 500 to malformed headers
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def take(req: AsyncBoltRequest, resp: BoltResponse) -> BoltResponse:  # noqa: ARG001  # Bolt's names
        try:
            answer = await hear(req.body)
        except Exception as failure:
            log.error("an envelope could not be taken; Slack sends it again: %s", type(failure).__name__)  # noqa: TRY400
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body=answer or "")

    app.middleware(take)
    return app


class _Socket(AsyncSocketModeHandler):
    """One connection."""

    def __init__(self, app: AsyncApp, ignores: Ignores, app_token: str, client: AsyncWebClient) -> None:
        super().__init__(app, app_token, logger=discreet(), web_client=client, ping_interval=PING)
        self._ignores = ignores

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if self._ignores(req.payload):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        else:
            await super().handle(client, req)


class Sockets:
    """Socket Mode: Slack needs no address of ours."""

    def __init__(
        self,
        app: AsyncApp,
        ignores: Ignores,
        app_token: str,
        client: AsyncWebClient,
        end: Callable[[Unusable], None],
        renewed: Callable[[], Awaitable[None]],
    ) -> None:
        """`renewed` is called when a connection is open again after a while in which there was none."""
        self._renewed = renewed
        self._watching: asyncio.Task[None] | None = None
        self.connected = True
        """Whether Slack can tell us anything; not known at once when a connection breaks."""
        self._app = app
        self._ignores = ignores
        self._end = end
        self._token = app_token
        self._client = client
        self._open: list[_Socket] = []

    async def start(self) -> None:
        """Connect. The library reconnects by itself whatever happens, except where the app was switched off."""
        for _ in range(CONNECTIONS):
            handler = _Socket(self._app, self._ignores, self._token, self._client)
            handler.client.on_message_listeners.append(self._hear_goodbye)
            self._open.append(handler)
            await handler.connect_async()  # type: ignore[no-untyped-call]
        self._watching = asyncio.create_task(self._watch(), name="slack sockets")

    async def stop(self) -> None:
        """Disconnect."""
        self.connected = False
        if self._watching:
            self._watching.cancel()
        while self._open:
            client = self._open.pop().client
            running = [client.message_processor, client.current_session_monitor, client.message_receiver]
            await client.close()  # type: ignore[no-untyped-call]
            await asyncio.gather(*filter(None, running), return_exceptions=True)

    async def _watch(self) -> None:
        """Look again and again whether a connection is open. The library does not say when one breaks."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                is_open = any([await handler.client.is_connected() for handler in self._open])
                if is_open and not self.connected:
                    await self._renewed()  # whoever is told has to know it before we count as hearing
                self.connected = is_open
            except Exception as failure:  # we look on: nobody else says when a connection breaks
                log.warning("that Slack is heard again could not be told: %s", type(failure).__name__)

    async def _hear_goodbye(self, message: WSMessage) -> None:
        if "link_disabled" in str(message.data)[:500] and json.loads(message.data).get("reason") == "link_disabled":
            log.critical(_SWITCHED_OFF)
            self._end(Unusable(_SWITCHED_OFF))


class WebhookReceiver:
    """Signed HTTP: checks each request before anything reads it, and lets the same one in only once."""

    def __init__(self, app: AsyncApp, ignores: Ignores, secret: str, now: Callable[[], datetime]) -> None:
        self._app = app
        self._ignores = ignores
        self._now = now
        self._verifier = SignatureVerifier(secret)
        self._let_in: Memo[str, None] = Memo(REMEMBERED)
        self.skew = 0.0
        """By how many seconds Slack's clock was ahead of ours when it last signed something."""

    async def enter(self, request: web.Request) -> web.Response:
        """Answer a request of Slack's: 401 to one that is not, whatever is wrong with it."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not self._may_be_slack(timestamp, signature) or signature in self._let_in:
            return _closed(401)
        if (request.content_length or 0) > request.app._client_max_size:
            return _closed(413)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                raw = await request.read()
        except TimeoutError:
            return _closed(408)
        if not self._is_slack(raw, timestamp, signature):
            return web.Response(status=401)
        self._compare_clocks(int(timestamp))
        if abs(self.skew) > FRESH:
            return web.Response(status=401)
        try:
            asked = AsyncBoltRequest(
                body=raw.decode(), query=request.query_string, headers=dict(request.headers.items())
            )
        except Exception:  # Bolt takes for granted that it is JSON, and an object
            return web.Response(status=400)
        answer = BoltResponse(status=200) if self._ignores(asked.body) else await self._app.async_dispatch(asked)
        if answer.status == 200:
            self._let_in[signature] = None
        kind = "application/json" if answer.body.startswith("{") else "text/plain"
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    def _may_be_slack(self, timestamp: str, signature: str) -> bool:
        """Say whether it is worth reading what was sent: its head looks like Slack's."""
        is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 13
        return is_number and bool(_SIGNATURE.fullmatch(signature))

    def _is_slack(self, raw: bytes, timestamp: str, signature: str) -> bool:
        """Say whether Slack signed it, whenever that was."""
        try:
            expected = self._verifier.generate_signature(timestamp=timestamp, body=raw)
        except UnicodeDecodeError:
            return False
        return expected is not None and hmac.compare_digest(expected, signature)

    def _compare_clocks(self, timestamp: int) -> None:
        """Tell whoever runs us when our clock goes wrong: before Slack is refused because of it, and where it is."""
        before, self.skew = self.skew, timestamp - self._now().timestamp()
        if abs(self.skew) > SKEWED >= abs(before):
            side = "behind" if self.skew > 0 else "ahead of"
            log.error(_WRONG_CLOCK, abs(self.skew), side, FRESH)


def _closed(status: int) -> web.Response:
    """Answer without having read what was sent, and read no more from there."""
    response = web.Response(status=status)
    response.force_close()
    return response


class Lanes:
    """Does work in turn within each lane, and several lanes of each workspace at once.

    It takes on no more of a workspace than it can hold; none waits for another one, nor is turned away because of it.
    """

    def __init__(self, at_once: int = 64, most: int = 10_000) -> None:
        self._room: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._most = most
        self._waiting: dict[tuple[str, str], deque[Callable[[], Awaitable[None]]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._held = Counter[str]()

    def put(self, team: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Take on work that never raises. Raises `AdapterError` where there is too much of it."""
        if self._held[team] >= self._most:
            raise AdapterError(f"{self._held[team]} envelopes are waiting already")
        self._held[team] += 1
        lane = team, name
        if lane in self._waiting:
            self._waiting[lane].append(work)
            return
        self._waiting[lane] = deque([work])
        worker = asyncio.create_task(self._run(lane), name=f"slack {team} {name}")
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def drained(self) -> None:
        """Return when all that was taken on is done."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def _run(self, lane: tuple[str, str]) -> None:
        turn, team = self._waiting[lane], lane[0]
        while turn:
            work = turn.popleft()
            async with self._room[team]:
                try:
                    await work()
                finally:
                    self._held[team] -= 1
        del self._waiting[lane]


def routes(enter: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Sequence[web.RouteDef]:
    """Return where Slack sends everything."""
    return [web.post("/slack/events", enter)]
