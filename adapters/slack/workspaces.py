"""The workspaces in which the app is at work: one by its token, or as many as have installed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from slack_sdk.oauth.installation_store import Bot

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.models import Account, Space
from adapters.contract.text import Text, Time, Translations, say
from adapters.contract.ui import Card, Tone

from .api import Api, TokenRefused, Tokens
from .oauth import OAuth
from .rotation import Rotation
from .workspace import Workspace

log = logging.getLogger(__name__)


class Workspaces:
    """Enters workspaces with their tokens, and leaves those whose token is refused.

    `api` makes the Web API of a token, or of tokens that change. `end` is called with the refusal where the only
    workspace is out of reach.
    """

    def __init__(
        self,
        bot_token: str,
        oauth: OAuth | None,
        api: Callable[[str, Tokens | None], Api],
        now: Callable[[], datetime],
        prefix: str,
        end: Callable[[TokenRefused], None],
        translations_of: Callable[[str | None], Translations],
    ) -> None:
        self._bot_token = bot_token
        self._oauth = oauth
        self._api = api
        self._now = now
        self._prefix = prefix
        self._end = end
        self._translations_of = translations_of
        self._beside: set[asyncio.Task[None]] = set()
        """What is done meanwhile, so that whoever called Slack need not wait for it."""
        self._renewals: set[asyncio.Task[str]] = set()
        self._entering = asyncio.Lock()
        self.entered: dict[str, Workspace] = {}
        """Those in which we are at work, by the id of the team."""

    async def enter_all(self) -> None:
        """Set to work in every workspace. One that removed the app while we were away is forgotten.

        One that is out of reach is entered once it is needed. Raises `AdapterError` where all of them are.
        """
        bots = await self._oauth.installed.workspaces() if self._oauth else ()
        if self._bot_token:
            api = self._api(self._bot_token, None)
            workspace = await Workspace.enter(api, self._now, self._prefix)
            api.on_refusal = partial(self._refused, workspace, None)
            self.entered[workspace.space.id] = workspace
        trouble: AdapterError | None = None
        for bot in bots:
            try:
                await self.enter(bot)
            except TokenRefused:
                continue
            except AdapterError as failure:
                trouble = failure
                log.warning("the workspace %s (%s) is out of reach: %s", bot.team_name, bot.team_id, failure)
        if trouble and not self.entered:
            raise trouble

    async def enter(self, bot: Bot) -> None:
        """Set to work in a workspace that installed the app. Where it removed it again, that is forgotten."""
        rotation, api = self.renewing(bot)
        ends: list[datetime] = []
        rotation.on_end = ends.append
        try:
            workspace = await Workspace.enter(api, self._now, self._prefix)
        except TokenRefused as refusal:
            log.warning("the app was removed from the workspace %s (%s): %s", bot.team_name, bot.team_id, refusal)
            await self._forget(rotation)
            raise
        api.on_refusal = partial(self._refused, workspace, rotation)
        rotation.on_end = partial(self._tell_of_end, workspace)
        self.entered[workspace.space.id] = workspace
        for until in ends:
            self._tell_of_end(workspace, until)

    def renewing(self, bot: Bot) -> tuple[Rotation, Api]:
        """Return what renews the tokens of a workspace, and what speaks with them there."""
        assert self._oauth
        rotation = Rotation(self._oauth, bot, lambda: self._api("", None), self._now, self._renewals)
        return rotation, self._api("", rotation)

    def of(self, team: str) -> Workspace | None:
        """Return the workspace of an id. Who has one only need not look: in shared channels Slack names the others."""
        if not self._oauth:
            return next(iter(self.entered.values()), None)
        return self.entered.get(team)

    async def find(self, team: str) -> Workspace | None:
        """Return the workspace of an id, and set to work there first if another process was let into it.

        Unlike `of` it takes no workspace for another one. Raises `AdapterError` where it is out of reach.
        """
        if self._oauth and team not in self.entered:
            async with self._entering:
                await self.idle()  # what removed the app is forgotten, not entered again
                bot = None if team in self.entered else await self._oauth.installed.workspace(team)
                if bot:
                    with suppress(TokenRefused):
                        await self.enter(bot)
        return self.entered.get(team)

    async def reach(self, space: Space) -> Workspace:
        """Return the workspace of a space, as `find` does. Raises `Gone` where the app is not installed."""
        await self.find(space.id)
        return self.at(space)

    def at(self, space: Space) -> Workspace:
        """Return the workspace of a space in which we are at work. Raises `Gone` elsewhere."""
        if space.id not in self.entered:
            raise Gone(f"Trellis is not installed in {space.key}")
        return self.entered[space.id]

    async def look_whether_left(self, team: str) -> None:
        """Look whether we were removed from a workspace, as Slack tells; it may have installed the app again since."""
        try:
            await self.at(Space("slack", team)).api.call("auth.test")
        except AdapterError as failure:
            log.info("the workspace %s: %s", team, failure)

    def _refused(self, workspace: Workspace, rotation: Rotation | None, refusal: TokenRefused) -> None:
        """Speak to a workspace no more. Where it is the only one, that is the end."""
        log.critical("the workspace %s (%s) is out of reach: %s", workspace.name, workspace.space.id, refusal)
        if not rotation:
            self._end(refusal)
        elif self.entered.get(workspace.space.id) is workspace:
            del self.entered[workspace.space.id]
            self._do(self._forget(rotation))

    async def _forget(self, rotation: Rotation) -> None:
        assert self._oauth
        team = str(rotation.bot.team_id)
        try:
            await self._oauth.installed.forget(team, rotation.bot.bot_token)
        except Exception as failure:  # at the next start it is seen again that we were removed
            log.error("the installation in %s could not be deleted: %s", team, type(failure).__name__)  # noqa: TRY400

    def _tell_of_end(self, workspace: Workspace, until: datetime) -> None:
        """The token of a workspace cannot be renewed: while it is good, tell who installed the app."""
        self._do(self._tell_installer(workspace, until))

    async def _tell_installer(self, workspace: Workspace, until: datetime) -> None:
        assert self._oauth
        try:
            user = await self._oauth.installed.installer(workspace.space.id)
            profile = await workspace.people.profile(user) if user else None
            if profile:
                card = Card(_ENDS, _ends(until), tone=Tone.URGENT).localized(self._translations_of(profile.locale))
                nonce = f"ends-{until.timestamp():.0f}"
                await workspace.direct(Account(workspace.space, profile.account.id), card, nonce)
        except Exception as failure:  # the log says it, and `trellis check`
            log.warning("who installed the app in %s could not be told: %s", workspace.space.id, failure)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def idle(self) -> None:
        """Return when those that were left are forgotten, and who installed the app is told what they should know."""
        if self._beside:
            await asyncio.wait(self._beside)  # who gives up waiting ends none of it

    async def renewed(self) -> None:
        """Return when no token is being renewed: what Slack gives for a refresh token it gives once."""
        if self._renewals:
            await asyncio.wait(self._renewals)


_ENDS = say("Slack is about to lock me out")


def _ends(until: datetime) -> Text:
    """Say what whoever installed the app has to do."""
    return say(
        "My access to this workspace can't be renewed, and ends {at}. Please install me again before then, with the "
        "link that you used the first time. Nothing is lost.",
        at=Time(until),
    )
