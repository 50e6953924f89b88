"""The workspaces in which the app is at work: one by its token, or as many as have installed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.models import Space

from .api import Api, TokenRefused
from .oauth import OAuth
from .workspace import Workspace

log = logging.getLogger(__name__)


class Workspaces:
    """Enters workspaces with their tokens, and leaves those whose token is refused.

    `api` makes the Web API of a token. `end` is called with the refusal where the only workspace is out of reach.
    """

    def __init__(
        self,
        bot_token: str,
        oauth: OAuth | None,
        api: Callable[[str], Api],
        now: Callable[[], datetime],
        prefix: str,
        end: Callable[[TokenRefused], None],
    ) -> None:
        self._bot_token = bot_token
        self._oauth = oauth
        self._api = api
        self._now = now
        self._prefix = prefix
        self._end = end
        self._leaving: set[asyncio.Task[None]] = set()
        self.entered: dict[str, Workspace] = {}
        """Those in which we are at work, by the id of the team."""

    async def enter_all(self) -> None:
        """Set to work in every workspace. One that removed the app while we were away is forgotten."""
        bots = await self._oauth.installed.workspaces() if self._oauth else ()
        if self._bot_token:
            await self.enter(self._bot_token)
        for bot in bots:
            try:
                await self.enter(str(bot.bot_token))
            except TokenRefused as refusal:
                log.warning("the app was removed from the workspace %s (%s): %s", bot.team_name, bot.team_id, refusal)
                await self._forget(str(bot.team_id))

    async def enter(self, token: str) -> None:
        """Set to work in the workspace of a token."""
        api = self._api(token)
        workspace = await Workspace.enter(api, self._now, self._prefix)
        api.on_refusal = partial(self._refused, workspace)
        self.entered[workspace.space.id] = workspace

    def of(self, team: str) -> Workspace | None:
        """Return the workspace of an id. Who has one only need not look: in shared channels Slack names the others."""
        if not self._oauth:
            return next(iter(self.entered.values()), None)
        return self.entered.get(team)

    def at(self, space: Space) -> Workspace:
        """Return the workspace of a space. Raises `Gone` where the app is not installed."""
        if space.id not in self.entered:
            raise Gone(f"Trellis is not installed in {space.key}")
        return self.entered[space.id]

    async def look_whether_left(self, team: str) -> None:
        """Look whether we were removed from a workspace, as Slack tells; it may have installed the app again since."""
        try:
            await self.at(Space("slack", team)).api.call("auth.test")
        except AdapterError as failure:
            log.info("the workspace %s: %s", team, failure)

    def _refused(self, workspace: Workspace, refusal: TokenRefused) -> None:
        """Speak to a workspace no more. Where it is the only one, that is the end."""
        log.critical("the workspace %s (%s) is out of reach: %s", workspace.name, workspace.space.id, refusal)
        if not self._oauth:
            self._end(refusal)
        elif self.entered.get(workspace.space.id) is workspace:
            del self.entered[workspace.space.id]
            leaving = asyncio.create_task(self._forget(workspace.space.id))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _forget(self, team: str) -> None:
        assert self._oauth
        try:
            await self._oauth.installed.forget(team)
        except Exception as failure:  # at the next start it is seen again that we were removed
            log.error("the installation in %s could not be deleted: %s", team, type(failure).__name__)  # noqa: TRY400

    async def idle(self) -> None:
        """Return when those that were left are forgotten."""
        await asyncio.gather(*self._leaving)
