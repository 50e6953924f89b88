"""Calls Slack's Web API: waits when Slack asks for it, repeats only what may be repeated, and says plainly what failed.

The libraries' own log lines can hold what members wrote, tokens, and addresses that are secrets. `discreet` makes a
logger for them that says where something went wrong, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.contract.adapter import AdapterError, Away, Closed, Gone, Locked, NoAccess, Unusable
from adapters.contract.files import beginning

from . import limits
from .pacing import PATIENCE, Busy, Pacer, pause

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

TIMEOUT = 10.0
UPLOAD, READ = 40.0, 6.0
ATTEMPTS, AGAIN = 4, 0.5
"""How often something is tried, and the seconds before the second time; doubled each time."""
_SERVER_ERRORS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "update_failed"}
    | {"external_channel_migrating", "org_login_required", "team_added_to_org"}
)
"""Slack's trouble, or a workspace on its way to another organization: it is over by itself."""
_LIMITED = frozenset({"ratelimited", "rate_limited"})


class InDoubt(Away):
    """No answer came: it may have been done or not."""


class Down(Away):
    """Slack does not answer, or not with sense."""


class NotInvited(NoAccess):
    """The bot is not in that channel. Someone there writes `/invite @Trellis`."""


class BlocksRefused(Unusable):
    """Slack does not take what a message is made of."""


class ScopeMissing(Unusable):
    """The app was installed without a scope that this needs. Someone updates the manifest and installs it again."""


class TokenRefused(Unusable):
    """The bot's token is not, or no longer, good."""


class PictureUnready(Away):
    """Slack is still looking at a picture that was uploaded a moment ago, and shows it to nobody yet."""


_NO_ACCESS = frozenset(
    {"channel_not_found", "is_archived", "is_inactive", "access_denied", "ekm_access_denied", "no_permission"}
    | {"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel"}
)
"""Where a person can let us in again; a channel that is really gone is told by an event of its own."""
_THREADLESS = frozenset({"cannot_reply_to_message", "restricted_action_non_threadable_channel"})
"""Where the thread takes nothing, and its channel may."""
_GONE = frozenset(
    {"message_not_found", "thread_not_found", "user_not_found", "users_not_found"}
    | {"cant_update_message", "edit_window_closed", "user_not_visible", "team_not_found"}
    | {"invalid_users", "no_such_subteam", "subteam_not_found"}
)
_REFUSED_FOR_GOOD = {
    "plan_upgrade_required": "User groups come with Slack's paid plans: choose one, or give this role by hand.",
    "permission_denied": "An owner decides under Tools & settings, Workspace settings, Permissions, User groups, "
    "who may change them: allow everyone, apps included.",
    "cant_invite": "Slack lets us invite this person nowhere: somebody in that channel has to.",
    "user_is_restricted": "This person is a guest: only an admin lets guests into channels.",
    "ura_max_channels": "This guest is in as many channels as guests may be.",
}
"""Where trying again cannot help, and what a person has to do."""
_CLOSED = frozenset({"cannot_dm_bot", "invalid_user_combination", "messages_tab_disabled", "user_disabled"})
"""The person cannot be told directly: a bot, or somebody of another organization with whom we share no channel, too."""
_REFUSED = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
    | {"invalid_refresh_token", "refresh_token_expired"}
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


_PUT_INTO = {"chat.postMessage": "channel", "files.completeUploadExternal": "channel_id"}
"""The methods that put a message into a channel, and by which argument they name it."""


class Tokens(Protocol):
    """Where a token comes from that does not stay the same."""

    async def current(self, refused: str = "") -> str:
        """Return the token to use now: not the one that Slack `refused`, where there is another.

        Raises `TokenRefused` where there is none any more, and `Away`.
        """


class Api:
    """The Web API of one workspace, spoken to with one token or with those of `tokens`. Seconds are the running loop's.

    `on_refusal` hears that the token is no longer good, which `mend` would change; nothing is sent after that.
    """

    def __init__(
        self,
        token: str,
        url: str,
        session: aiohttp.ClientSession,
        *,
        tokens: Tokens | None = None,
        burst: int = limits.BURST,
        mend: str = "reinstall the app, and set SLACK_BOT_TOKEN anew",
    ) -> None:
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
        self._pacer = Pacer(burst)
        self._tokens = tokens
        self._mend = mend
        self.on_refusal: Callable[[TokenRefused], None] = _shrug
        self._refusal: TokenRefused | None = None

    async def call(self, method: str, *, repeatable: bool = True, **arguments: Any) -> JSON:
        """Call a method such as `chat.postMessage`. Raises `AdapterError`.

        What is not `repeatable` is sent once; where no answer comes, `InDoubt` is raised.
        """
        if self._refusal:
            raise self._refusal
        send: Callable[..., Any] = getattr(self.client, method.replace(".", "_"))
        until = asyncio.get_running_loop().time() + PATIENCE
        if place := arguments.get(_PUT_INTO.get(method, "")):
            await self._pacer.turn(str(place))
        reason = f"{method}: Slack asks to wait"
        for attempt in range(ATTEMPTS):
            await self._wait(method, until)
            used = await self._authorize()
            try:
                answer = await send(**arguments)
                if method == "auth.test":
                    self.scopes = frozenset(answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(",")) - {""}
                return dict(answer.data)
            except SlackApiError as refusal:
                status, error = _status_of(refusal), _error_of(refusal)
                if status == 429 or error in _LIMITED:
                    self._hold(method, refusal.response.headers)
                    continue
                if not error and status < 500:
                    raise AdapterError(_foreign(method, status)) from None
                if error in _REFUSED and await self._authorize(used) != used:
                    continue
                if status < 500 and error not in _SERVER_ERRORS:
                    raise self._meaning(error, method, arguments, refusal.response) from None
                reason = f"{method}: Slack answered {status} {error}"
            except aiohttp.ClientConnectorError:
                reason = f"{method}: Slack cannot be reached"
                if not repeatable and attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(AGAIN * 2**attempt)
                    continue  # nothing was sent
            except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
                reason = f"{method}: no answer ({type(failure).__name__})"
            except AttributeError:  # the library takes for granted that JSON is an object
                raise AdapterError(_foreign(method)) from None
            if not repeatable:
                raise InDoubt(reason)
            if attempt + 1 < ATTEMPTS:
                await asyncio.sleep(AGAIN * 2**attempt)
        raise Down(f"{reason}. Tried {ATTEMPTS} times in vain.")

    async def pages(self, method: str, what: str, most: int, **arguments: Any) -> AsyncIterator[JSON]:
        """Yield the items `what` of a method that answers in pages, at most `most` pages of them."""
        cursor = ""
        for _ in range(most):
            items, cursor = await self.page(method, what, cursor, **arguments)
            for item in items:
                yield item
            if not cursor:
                return

    async def page(self, method: str, what: str, cursor: str, **arguments: Any) -> tuple[Sequence[JSON], str]:
        """Return the items `what` of one page, the first without a cursor, and the cursor of the next, if any."""
        answer = await self.call(method, **arguments | ({"cursor": cursor} if cursor else {}))
        return answer.get(what) or (), (answer.get("response_metadata") or {}).get("next_cursor") or ""

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file to an address of Slack's, which is a secret."""
        try:
            async with self.session.post(url, data=content, timeout=aiohttp.ClientTimeout(UPLOAD)) as answer:
                if answer.status != 200:
                    raise Down(f"Slack did not take a file ({answer.status})")
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise Down(f"no answer to a file ({type(failure).__name__})") from None

    async def download(self, url: str, most: int) -> bytes | None:
        """Return a file of Slack's; None where it has over `most` bytes. Our token goes to Slack alone."""
        host, ours = urlsplit(url).hostname or "", urlsplit(self.client.base_url).hostname
        if host != ours and not host.endswith(".slack.com"):
            raise Gone(f"a file at {host} is not Slack's own")
        headers = {"Authorization": f"Bearer {self.client.token}"}
        try:
            async with self.session.get(url, headers=headers, timeout=aiohttp.ClientTimeout(READ)) as answer:
                if answer.status != 200 or answer.content_type == "text/html":  # a page to sign in
                    raise Gone(f"Slack does not hand out a file ({answer.status})")
                content = await beginning(answer.content.iter_any(), most)
                return content if len(content) <= most else None
        except (aiohttp.ClientError, TimeoutError) as failure:
            raise Down(f"no answer for a file ({type(failure).__name__})") from None

    async def respond(self, url: str, message: Mapping[str, Any]) -> bool:
        """Send a message to a `response_url`, which is a secret; say whether Slack took it."""
        try:
            async with self.session.post(url, json=message, timeout=aiohttp.ClientTimeout(TIMEOUT)) as answer:
                refused = answer.status != 200 and await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return False
        if refused and "invalid_blocks" in refused and "slack_file" in str(message["blocks"]):
            raise PictureUnready("a private answer has to wait for its picture")
        return refused is False

    def _meaning(self, error: str, method: str, arguments: Mapping[str, Any], response: Any) -> AdapterError:
        """Return what an error of Slack's means for us; one that says the token is no longer good is remembered."""
        if error not in _REFUSED:
            return _meaning(error, method, arguments, response)
        if "app_token" in arguments:
            return TokenRefused(f"{method}: {error}. The app-level token is not good: set SLACK_APP_TOKEN anew.")
        return self._end(TokenRefused(f"{method}: {error}. The token is no longer good: {self._mend}."))

    def _end(self, refusal: TokenRefused) -> TokenRefused:
        self._refusal = refusal
        self.on_refusal(refusal)
        return refusal

    async def _authorize(self, refused: str = "") -> str:
        """Return the token with which the next call is made: another one than was `refused`, where there is one."""
        if self._tokens:
            try:
                self.client.token = await self._tokens.current(refused)
            except TokenRefused as refusal:
                raise self._end(refusal) from None
        return self.client.token or ""

    async def _wait(self, method: str, until: float) -> None:
        """Return when a method may be called. Raises `Busy` where that is only after a moment."""
        while (wait := self._free_at.get(method, 0.0) - (now := asyncio.get_running_loop().time())) > 0:
            if now + wait > until:
                raise Busy(f"{method}: Slack asks to wait for another {wait:.0f} seconds", wait)
            await pause(wait)

    def _hold(self, method: str, headers: Mapping[str, str]) -> None:
        given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        seconds = float(given) if given.replace(".", "", 1).isdigit() else 30.0
        log.info("Slack asks to wait %.1f seconds with %s", seconds, method)
        self._free_at[method] = asyncio.get_running_loop().time() + seconds


def _foreign(method: str, status: int = 200) -> str:
    return f"{method}: what answers there (with {status}) is not Slack. Is SLACK_API_URL right, or a proxy in between?"


def _shrug(_: TokenRefused) -> None: ...


def _status_of(refusal: SlackApiError) -> int:
    """Return the HTTP status; where the library could not read the answer, it hands on that of aiohttp."""
    response = refusal.response
    return getattr(response, "status_code", 0) or getattr(response, "status", 0)


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
    if error == "invalid_blocks" and "slack_file" in str(getattr(response, "data", "")):
        return PictureUnready(told)
    if error == "invalid_blocks":
        return BlocksRefused(told)
    if error in _REFUSED_FOR_GOOD:
        return Unusable(f"{told}. {_REFUSED_FOR_GOOD[error]}")
    if error in _NO_ACCESS:
        return NoAccess(f"{told}. Bring the channel back, and write “/invite @Trellis” in it.")
    kinds: Mapping[type[AdapterError], frozenset[str]] = {Closed: _CLOSED, Locked: _THREADLESS, Gone: _GONE}
    return next((kind(told) for kind, errors in kinds.items() if error in errors), AdapterError(told))
