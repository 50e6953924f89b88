"""Lets admins of any workspace install the app themselves, at /slack/install; Bolt walks them through it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.contract.adapter import AdapterError

from .api import discreet
from .register import REDIRECT

log = logging.getLogger(__name__)

INSTALL = "/slack/install"


class Installed(Protocol):
    """Where installations are stored. Whoever stores them encrypts the tokens."""

    async def async_save(self, installation: Installation) -> None:
        """Store an installation in place of the workspace's earlier ones."""

    async def workspaces(self) -> Sequence[Bot]:
        """Return the bot of each workspace."""

    async def workspace(self, team: str) -> Bot | None:
        """Return the bot of one workspace; nothing where the app is not installed there."""

    async def installer(self, team: str) -> str | None:
        """Return who installed the app in a workspace, by the id of the user."""

    def alone(self, team: str) -> AbstractAsyncContextManager[bool]:
        """Say whether no other process renews the tokens of a workspace; none does within, for twenty seconds."""

    async def put(self, before: Bot, after: Bot) -> bool:
        """Put tokens in the place of others; say whether those were still there."""

    async def forget(self, team: str, token: str) -> None:
        """Delete what was stored of a workspace, unless the app was installed there again: with another token."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """What it takes to be installed in many workspaces. `authorize_url` is where admins are asked, if not by Slack.

    `teams` are the workspaces that may, by id; all of them where none is named.
    """

    client_id: str
    client_secret: str
    installed: Installed
    states: AsyncOAuthStateStore
    authorize_url: str = ""
    teams: frozenset[str] = frozenset()

    def admits(self, team: str | None) -> bool:
        """Say whether a workspace may install the app."""
        return not self.teams or team in self.teams


class Installer:
    """Serves the two pages. `enter` takes the app to work in a workspace; it raises `AdapterError`."""

    def __init__(
        self, oauth: OAuth, scopes: Sequence[str], client: AsyncWebClient, enter: Callable[[Bot], Awaitable[None]]
    ) -> None:
        self._enter = enter
        self._oauth = oauth
        self._client = client
        settings = AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=scopes,
            user_scopes=[],
            install_path=INSTALL,
            install_page_rendering_enabled=False,
            redirect_uri_path=REDIRECT,
            authorization_url=oauth.authorize_url or None,
            installation_store=_Saved(oauth),
            state_store=oauth.states,
            callback_options=AsyncCallbackOptions(success=self._installed, failure=_failed),
            logger=discreet(),
        )
        self._flow = AsyncOAuthFlow(client=client, logger=discreet(), settings=settings)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send an admin to Slack."""
        return await _served(self._flow.handle_installation, request)

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Take an admin back from Slack, with the app installed or not."""
        return await _served(self._flow.handle_callback, request)

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        team = args.installation.team_id
        if not self._oauth.admits(team):
            log.warning("the workspace %s may not install the app: SLACK_INSTALL_TEAMS does not name it", team)
            with suppress(SlackApiError):
                await self._client.auth_revoke(token=args.installation.bot_token)
            return await args.default.failure(_failure_of(args, "workspace_not_admitted", 403))
        try:
            if not team or not args.installation.bot_token:
                raise AdapterError("it was installed in a whole organisation: choose one workspace")  # noqa: TRY301
            await self._enter(args.installation.to_bot())
        except AdapterError as failure:
            log.error("installed in %s, but not at work there: %s", team, failure)  # noqa: TRY400
            return await args.default.failure(_failure_of(args, "not_at_work", 502))
        log.info("installed in the workspace %s (%s)", args.installation.team_name, team)
        return await args.default.success(args)


class _Saved(AsyncInstallationStore):
    """What Bolt asks of a store while somebody installs the app."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    async def async_save(self, installation: Installation) -> None:
        if self._oauth.admits(installation.team_id):
            await self._oauth.installed.async_save(installation)


def _failure_of(args: AsyncSuccessArgs, reason: str, status: int) -> AsyncFailureArgs:
    return AsyncFailureArgs(
        request=args.request,
        reason=reason,
        suggested_status_code=status,
        settings=args.settings,
        default=args.default,
    )


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("the app was not installed: %s", args.reason if args.reason.replace("_", "").isalnum() else "refused")
    return await args.default.failure(args)


async def _served(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]], request: web.Request
) -> web.StreamResponse:
    try:
        return await to_aiohttp_response(await handle(await to_bolt_request(request)))
    except (aiohttp.ClientError, TimeoutError) as failure:
        log.warning("Slack did not answer while somebody installed the app: %s", type(failure).__name__)
        return web.Response(status=502, text="Slack did not answer. Please try again.")
