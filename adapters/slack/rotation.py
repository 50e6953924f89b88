"""Keeps the token good with which we speak in a workspace that installed the app.

Where the app rotates its tokens, an access token is good for twelve hours, and the refresh token beside it for one use,
which gives the next pair: see https://docs.slack.dev/authentication/using-token-rotation. slack-sdk's rotator would
have two processes use up the same refresh token, and does not tell a refusal from a broken connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from slack_sdk.oauth.installation_store import Bot

from adapters.contract.adapter import AdapterError, Away

from .api import Api, TokenRefused
from .oauth import OAuth

log = logging.getLogger(__name__)

EARLY = timedelta(hours=2)
"""How long before its end a token is renewed, as in Bolt: so long there is to try again, or to install the app anew."""
AGAIN = timedelta(minutes=1)
"""When to try again where Slack could not be asked."""
REPLY = 15.0
"""Seconds that Slack has to give the next pair: less than `OAuth.installed` lets us do so alone."""
LOOK, LOOKS = 0.2, 75
"""Seconds between two looks whether another process has renewed a token that is over, and how often to look."""


class Rotation:
    """The tokens of one workspace. `api` makes a Web API without a token.

    Whatever one process does, another may have done before it: so the store is asked before Slack is. Until a token is
    over it goes on being used, also where it cannot be renewed.
    """

    def __init__(
        self,
        oauth: OAuth,
        bot: Bot,
        api: Callable[[], Api],
        now: Callable[[], datetime],
        under_way: set[asyncio.Task[str]],
    ) -> None:
        """`under_way` is where the renewals are that go on, also where nobody waits for them any more."""
        self._oauth = oauth
        self._under_way = under_way
        self._api = api
        self._now = now
        self._turn = asyncio.Lock()
        self._again_at = now()
        self._why = ""
        """Why it has to be tried again then."""
        self._unsaved: Bot | None = None
        """The pair that still is in the store, where the one after it could not be put there."""
        self.bot = bot
        """The tokens that we use."""
        self.on_end: Callable[[datetime], None] = _shrug
        """Hears until when the token is good, once that it cannot be renewed is known: in one process of them all."""

    @property
    def over_at(self) -> datetime | None:
        """When the token is over that cannot be renewed; None where all is well."""
        return None if self.bot.bot_refresh_token else self._ends_at

    @property
    def _ends_at(self) -> datetime | None:
        ends = self.bot.bot_token_expires_at
        return datetime.fromtimestamp(ends, UTC) if ends else None

    @property
    def _is_over(self) -> bool:
        return self._ends_at is not None and self._now() >= self._ends_at

    @property
    def _is_due(self) -> bool:
        """Whether the token is to be renewed, or the one that was is to be kept."""
        if self._unsaved:
            return True
        return bool(self.bot.bot_refresh_token and self._ends_at and self._now() >= self._ends_at - EARLY)

    async def current(self, refused: str = "") -> str:
        """Return the token to use now: not the one that Slack `refused`, where there is another.

        Raises `TokenRefused` where another process has left the workspace, `Away` where a token that is over cannot be
        renewed for now.
        """
        if not refused and (not self._is_due or (self._turn.locked() and not self._is_over)):
            return self.bot.bot_token
        renewal = asyncio.create_task(self._renewed(refused), name=f"slack token of {self.bot.team_id}")
        self._under_way.add(renewal)
        renewal.add_done_callback(self._under_way.discard)
        return await asyncio.shield(renewal)  # who gives up waiting must not take the reply along, given once

    async def _renewed(self, refused: str) -> str:
        async with self._turn:
            if (self._is_due and self._now() >= self._again_at) or refused == self.bot.bot_token:
                try:
                    await self._see_to_it(refused)
                except TokenRefused:
                    raise
                except Exception as failure:
                    self._again_at = self._now() + AGAIN
                    self._why = f"the token of {self.bot.team_id} could not be renewed or kept: {_told(failure)}"
                    log.warning("%s; it is good until %s", self._why, self._ends_at)
            if self._is_due and self._is_over:
                raise Away(self._why)
        return self.bot.bot_token

    async def _see_to_it(self, refused: str) -> None:
        """Take over what another process has renewed or installed; else renew the tokens."""
        if self._unsaved:
            await self._save(self._unsaved)
        await self._take_over()
        if self._is_due or (refused == self.bot.bot_token and self.bot.bot_refresh_token):
            await self._renew(is_over=self._is_over or refused == self.bot.bot_token)

    async def _take_over(self) -> bool:
        """Use what is in the store; say whether it was different."""
        stored = await self._oauth.installed.workspace(str(self.bot.team_id))
        if stored is None:
            raise TokenRefused("another process heard that the app was removed")
        before, self.bot = self.bot, stored
        return before.bot_token != stored.bot_token

    async def _renew(self, *, is_over: bool) -> None:
        async with self._oauth.installed.alone(str(self.bot.team_id)) as is_alone:
            if not is_alone:
                await self._wait_for_others(is_over=is_over)
            elif not await self._take_over() and self.bot.bot_refresh_token:
                await self._ask(is_over=is_over)

    async def _wait_for_others(self, *, is_over: bool) -> None:
        """Another process renews the tokens: that matters where ours is over."""
        for _ in range(LOOKS if is_over else 0):
            await asyncio.sleep(LOOK)
            if await self._take_over() or not self.bot.bot_refresh_token:
                return
        if is_over:
            raise Away("another process is about to")

    async def _ask(self, *, is_over: bool) -> None:
        """Have Slack give the next pair for our refresh token, which is of no use afterwards."""
        before = self.bot
        try:
            async with asyncio.timeout(REPLY):
                answer = await self._api().call(
                    "oauth.v2.access",
                    repeatable=False,
                    client_id=self._oauth.client_id,
                    client_secret=self._oauth.client_secret,
                    grant_type="refresh_token",
                    refresh_token=before.bot_refresh_token,
                )
        except TokenRefused as refusal:
            await self._end(refusal, is_over=is_over)
            return
        ends = int(self._now().timestamp()) + int(answer["expires_in"])
        self.bot = _with(before, str(answer["access_token"]), str(answer["refresh_token"]), ends)
        self._unsaved = before
        await self._save(before)

    async def _save(self, before: Bot) -> None:
        """Put our pair into the store in the place of the one before it, unless the app was installed again since."""
        if not await self._oauth.installed.put(before, self.bot):
            log.info("the app was installed in %s again while its token was renewed", self.bot.team_id)
        self._unsaved = None

    async def _end(self, refusal: TokenRefused, *, is_over: bool) -> None:
        """The refresh token is of no use. It was used and the reply never came, or somebody revoked it."""
        before, self.bot = self.bot, _with(self.bot, self.bot.bot_token, None, self.bot.bot_token_expires_at)
        if await self._oauth.installed.put(before, self.bot) and self._ends_at and not is_over:
            told = "the token of the workspace %s (%s) cannot be renewed, and is good until %s: %s"
            log.critical(told, self.bot.team_name, self.bot.team_id, self._ends_at, refusal)
            self.on_end(self._ends_at)


def _with(bot: Bot, token: str, refresh: str | None, ends: int | None) -> Bot:
    facts = {"bot_token": token, "bot_refresh_token": refresh, "bot_token_expires_at": ends}
    return Bot(**{**bot.to_dict_for_copying(), **facts})


def _told(failure: Exception) -> str:
    """Return what may be logged of a failure: our own words, or what kind it is."""
    return str(failure) if isinstance(failure, AdapterError) else type(failure).__name__


def _shrug(_: datetime) -> None: ...
