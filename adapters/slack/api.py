"""Calls Slack's Web API: waits when Slack asks for it, repeats only what may be repeated, and says plainly what failed.

The libraries' own log lines can hold what members wrote, tokens, and addresses that are secrets. `discreet` makes a
logger for them that says where something went wrong, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.contract.adapter import AdapterError, Closed, Gone, Unusable

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

PATIENCE = 30.0
"""Seconds to wait for a rate limit to pass. Where Slack asks for more, the caller is told, and tries again later."""
TIMEOUT = 10.0
ATTEMPTS = 4
_SERVER_ERRORS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})


class InDoubt(AdapterError):
    """No answer came: it may have been done or not."""


class Busy(AdapterError):
    """Slack asks to wait for longer than we do."""


class NotInvited(AdapterError):
    """The bot is not in that channel. Someone there writes `/invite @Trellis`."""


class ScopeMissing(AdapterError):
    """The app was installed without a scope that this needs. Someone updates the manifest and installs it again."""


class TokenRefused(Unusable):
    """The bot's token is not, or no longer, good."""


_GONE = frozenset(
    {"channel_not_found", "is_archived", "message_not_found", "thread_not_found", "user_not_found", "users_not_found"}
    | {"cant_update_message", "edit_window_closed", "user_not_visible", "team_not_found"}
)
_CLOSED = frozenset({"cannot_dm_bot", "messages_tab_disabled", "user_disabled", "restricted_action"})
_REFUSED = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "org_login_required", "token_expired", "token_revoked"}
)


class _Discreet(logging.Filter):
    """Takes every word of the library's own out of a log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.funcName == "__init__":
            return False  # advice to its author
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        record.msg = f"the Slack library reports a problem in {record.funcName}{f': {kind}' if kind else ''}"
        record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        return True


def discreet() -> logging.Logger:
    """Return the logger that the libraries are given: warnings and worse, and nothing of what was sent or received."""
    logger = logging.getLogger(f"{__package__}.library")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_Discreet())
    return logger


class Api:
    """The Web API, with one HTTP session for everything. Seconds are those of the running loop."""

    def __init__(self, token: str, url: str, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.client = AsyncWebClient(
            token=token,
            base_url=f"{url.rstrip('/')}/" if url else AsyncWebClient.BASE_URL,
            session=session,
            timeout=int(TIMEOUT),
            retry_handlers=[],  # the library's own would send a message twice when the connection breaks
            logger=discreet(),
        )
        self.scopes: frozenset[str] = frozenset()
        """What the token may do, as its last `auth.test` said."""
        self._free_at: dict[str, float] = {}

    async def call(self, method: str, *, repeatable: bool = True, **arguments: Any) -> JSON:
        """Call a method such as `chat.postMessage`. Raises `AdapterError`.

        What is not `repeatable` is sent once; where no answer comes, `InDoubt` is raised.
        """
        send: Callable[..., Any] = getattr(self.client, method.replace(".", "_"))
        for attempt in range(ATTEMPTS):
            await self._wait(method)
            try:
                answer = await send(**arguments)
                if method == "auth.test":
                    self.scopes = frozenset(answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(",")) - {""}
                return dict(answer.data)
            except SlackApiError as refusal:
                status, error = getattr(refusal.response, "status_code", 0), _error_of(refusal)
                if status == 429 or error == "ratelimited":
                    self._hold(method, refusal.response.headers)
                    continue
                if status < 500 and error not in _SERVER_ERRORS:
                    raise _meaning(error, method, arguments, refusal.response) from None
                reason = f"{method}: Slack answered {status} {error}"
            except aiohttp.ClientConnectorError:
                reason = f"{method}: Slack cannot be reached"
                if not repeatable and attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(0.5 * 2**attempt)
                    continue  # nothing was sent
            except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
                reason = f"{method}: no answer ({type(failure).__name__})"
            if not repeatable:
                raise InDoubt(reason)
            if attempt + 1 < ATTEMPTS:
                await asyncio.sleep(0.5 * 2**attempt)
        raise Busy(f"{method}: tried {ATTEMPTS} times in vain")

    async def pages(self, method: str, what: str, most: int, **arguments: Any) -> AsyncIterator[JSON]:
        """Yield the items `what` of a method that answers in pages, at most `most` pages of them."""
        cursor = ""
        for _ in range(most):
            if cursor:
                arguments["cursor"] = cursor
            answer = await self.call(method, **arguments)
            for item in answer.get(what) or ():
                yield item
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def respond(self, url: str, message: Mapping[str, Any]) -> bool:
        """Send a message to a `response_url`, which is a secret; say whether Slack took it."""
        try:
            async with self.session.post(url, json=message, timeout=aiohttp.ClientTimeout(TIMEOUT)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _wait(self, method: str) -> None:
        while (wait := self._free_at.get(method, 0.0) - asyncio.get_running_loop().time()) > 0:
            if wait > PATIENCE:
                raise Busy(f"{method}: Slack asks to wait for another {wait:.0f} seconds")
            await asyncio.sleep(wait)

    def _hold(self, method: str, headers: Mapping[str, str]) -> None:
        given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        seconds = float(given) if given.replace(".", "", 1).isdigit() else 30.0
        log.info("Slack asks to wait %.1f seconds with %s", seconds, method)
        self._free_at[method] = asyncio.get_running_loop().time() + seconds


def _error_of(refusal: SlackApiError) -> str:
    data = getattr(refusal.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def _meaning(error: str, method: str, arguments: Mapping[str, Any], response: Any) -> AdapterError:
    """Return what an error of Slack's means for us, in words for whoever can mend it."""
    where = arguments.get("channel") or arguments.get("user") or arguments.get("users") or ""
    told = f"{method} {where}: {error}".replace(" :", ":")
    if error in {"not_in_channel", "user_not_in_channel"}:
        return NotInvited(f"{told}. Write “/invite @Trellis” in that channel (or let the person join it).")
    if error == "missing_scope":
        needed = response.get("needed") or "a scope"
        return ScopeMissing(f"{told}. The app lacks {needed}: paste the manifest anew, then reinstall the app.")
    if error in _REFUSED:
        return TokenRefused(f"{told}. The token is no longer good: reinstall the app, and set SLACK_BOT_TOKEN anew.")
    if error in _CLOSED:
        return Closed(told)
    return Gone(told) if error in _GONE else AdapterError(told)
