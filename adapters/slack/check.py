"""Asks the live platform whether everything is as Trellis needs it: each a tick, or the exact thing to click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import aiohttp

from adapters.contract.adapter import AdapterError, Check
from adapters.contract.text import listing

from .api import Api
from .oauth import INSTALL
from .prompts import SCOPE as PROMPTS
from .register import OPTIONAL, SCOPES
from .rotation import Rotation
from .workspace import Workspace

Now: TypeAlias = Callable[[], datetime]

_REINSTALL = (
    "At api.slack.com/apps choose the app, then OAuth & Permissions, Reinstall to Workspace; copy the Bot User OAuth "
    "Token (xoxb-...) into SLACK_BOT_TOKEN."
)
_OPTIONAL = (*OPTIONAL, PROMPTS)
_PASTE = "At api.slack.com/apps choose the app, then App Manifest, paste what `trellis slack-manifest` prints, save"


async def check_workspace(
    api: Api, scopes: Mapping[str, str], now: Now, channels: Sequence[str], install: str = ""
) -> list[Check]:
    """Look at a token, and whether the bot is in these channels."""
    found = await check_token(api, scopes, install)
    if not found[0].ok:
        return found
    workspace = await Workspace.enter(api, now)
    return [*found, *[await check_channel(workspace, name) for name in channels]]


async def check_token(api: Api, scopes: Mapping[str, str], install: str = "") -> list[Check]:
    """Look at the bot token, and whether it has these scopes.

    `install` is where admins install the app, if they do it there.
    """
    again = f"Open {install} at the public address of Trellis again, as an admin of that workspace."
    try:
        who = await api.call("auth.test")
    except AdapterError as failure:
        return [
            Check(
                False,
                f"The bot token is refused ({failure}).",
                again if install else _REINSTALL,
            )
        ]
    missing = scopes.keys() - api.scopes
    found = [Check(True, f"The bot token is good: {who.get('user')} in {who.get('team')}.")]
    if needed := sorted(missing - set(_OPTIONAL)):
        mend = f"{_PASTE}. {again}" if install else f"{_PASTE}, and click Reinstall to Workspace."
        found.append(Check(False, f"The app lacks {listing(needed).plain()}.", mend))
    elif not missing:
        found.append(Check(True, f"It has all {len(scopes)} scopes."))
    return found + [
        Check(True, f"The app goes without {scope}, which is optional.", f"To {scopes[scope]}: reinstall it with that.")
        for scope in _OPTIONAL
        if scope in missing
    ]


def check_rotation(rotation: Rotation) -> list[Check]:
    """Look whether a workspace's token, if it is one of those that last for hours, can go on being renewed."""
    if not (until := rotation.over_at):
        return []
    team = rotation.bot.team_name or rotation.bot.team_id
    mend = f"Open {INSTALL} at the public address of Trellis again, as an admin of that workspace, before then."
    return [Check(False, f"The token of {team} can't be renewed, and is good until {until:%Y-%m-%d %H:%M} UTC.", mend)]


async def check_socket(api: Api, app_token: str) -> Check:
    """Look at Socket Mode, without connecting."""
    try:
        await api.call("apps.connections.open", app_token=app_token)
    except AdapterError as failure:
        return Check(
            False,
            f"Socket Mode does not open ({failure}).",
            "At api.slack.com/apps choose the app, then Socket Mode, Enable; then Basic Information, App-Level Tokens, "
            "Generate with connections:write, and copy it (xapp-...) into SLACK_APP_TOKEN.",
        )
    return Check(True, "Socket Mode opens.")


async def check_tokens(bot_token: str, app_token: str, api_url: str = "") -> list[Check]:
    """Look at the tokens of an app that is being set up: at each that is there."""
    found: list[Check] = []
    async with aiohttp.ClientSession() as session:
        if bot_token:
            found += await check_token(Api(bot_token, api_url, session), SCOPES)
        if app_token:
            found.append(await check_socket(Api("", api_url, session), app_token))
    return found


async def check_channel(workspace: Workspace, name: str) -> Check:
    """Look at one channel that settings name."""
    invite = f"Write /invite @Trellis in #{name}."
    try:
        found = await workspace.find_channel(name)
        if found is None:
            mend = f"Create #{name}; if it is there and private, write /invite @Trellis in it."
            return Check(False, f"There is no #{name} in {workspace.space.key} that Trellis can see.", mend)
        answer = await workspace.api.call("conversations.info", channel=found.id)
    except AdapterError as failure:
        return Check(False, f"#{name} cannot be read ({failure}).", invite)
    if not answer["channel"].get("is_member"):
        return Check(False, f"Trellis is not in #{name}.", invite)
    return Check(True, f"Trellis is in #{name}.")
