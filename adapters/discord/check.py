"""Asks the live Discord what is not set up yet: the token, the intents, and what Trellis may do in each channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Check, Need

from .gateway import Client
from .limits import FATAL, Pace
from .register import IN_CHANNELS, invite_url, permissions
from .rest import Rest

JSON: TypeAlias = dict[str, Any]

_CONTENT, _MEMBERS = 1 << 18 | 1 << 19, 1 << 14 | 1 << 15
"""Flags of an application: the intent for large apps, and for those in fewer servers."""
_ADMINISTRATOR = 1 << 3
_PORTAL = "Developer Portal (https://discord.com/developers/applications), your app, Bot, Privileged Gateway Intents"


async def check(
    rest: Rest, token: str, guilds: Sequence[str], channels: Sequence[str], needs: Collection[Need], *, content: bool
) -> list[Check]:
    """Look at everything that needs no connection. `channels` are names or ids, looked for in every server."""
    client = Client(rest, {}, Pace(), message_content=content)
    try:
        return await _check(client, rest, token, guilds, channels, needs, content)
    finally:
        await client.close()


async def _check(
    client: Client,
    rest: Rest,
    token: str,
    guilds: Sequence[str],
    channels: Sequence[str],
    needs: Collection[Need],
    content: bool,
) -> list[Check]:
    try:
        await client.login(token)
    except discord.LoginFailure:
        return [Check(False, "The token", FATAL[4004])]
    except (discord.DiscordException, OSError, TimeoutError, LookupError, TypeError, ValueError) as lost:
        return [Check(False, "Reaching Discord", f"No answer ({lost or type(lost).__name__}). Is this machine online?")]
    assert client.user is not None
    me, flags, application = str(client.user.id), client.application_flags.value, str(client.application_id)
    found = [Check(True, f"The token is {client.user.name}’s"), _intent(flags, _MEMBERS, "Server Members Intent")]
    if content:
        what = "to notice questions and answers that are written without a command; all else works without it"
        found.append(_intent(flags, _CONTENT, "Message Content Intent", what))
    joined = {guild["id"]: guild["name"] for guild in await rest.ask("GET", "/users/@me/guilds")}
    for guild in guilds or joined:
        if guild in joined:
            found.append(Check(True, f"In the server {joined[guild]}"))
            found += await _rights(rest, me, guild, joined[guild], channels, permissions(needs))
        else:
            invite = f"Open {invite_url(application, needs)} and pick the server; or correct DISCORD_GUILD_IDS."
            found.append(Check(False, f"In the server {guild}", invite))
    if not joined:
        found.append(Check(False, "In a server", f"Open {invite_url(application, needs)} and pick your server."))
    return found


def _intent(flags: int, wanted: int, name: str, why: str = "to welcome who joins") -> Check:
    return Check(bool(flags & wanted), f"{name} ({why})", "" if flags & wanted else f"{_PORTAL}: switch on “{name}”.")


async def _rights(
    rest: Rest, me: str, guild: str, name: str, channels: Sequence[str], wanted_rights: Mapping[str, tuple[int, str]]
) -> list[Check]:
    try:
        facts = await rest.ask("GET", "/guilds/{guild_id}", guild_id=guild)
        member = await rest.ask("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=me)
        there = await rest.ask("GET", "/guilds/{guild_id}/channels", guild_id=guild)
    except AdapterError as refusal:
        return [Check(False, f"Looking around in {name}", f"Discord said: {refusal}")]
    held = {*member.get("roles", ()), guild}
    base = 0
    for role in facts["roles"]:
        base |= int(role["permissions"]) if role["id"] in held else 0
    found = []
    for title, (bit, why) in wanted_rights.items():
        if not bit & IN_CHANNELS:
            mend = f"Server Settings, Roles, Trellis, Permissions: switch on “{title}”, {why}."
            held_here = base & (bit | _ADMINISTRATOR)
            found.append(Check(bool(held_here), f"“{title}” in {name} ({why})", "" if held_here else mend))
    for wanted in channels:
        channel = next((one for one in there if wanted in (one["id"], one["name"])), None)
        if channel is None:
            mend = f"{name} has none of that name or id that Trellis can see: add one, or correct the setting."
            found.append(Check(False, f"#{wanted} in {name}", mend))
            continue
        allowed = permissions_in(base, channel.get("permission_overwrites", ()), guild, held, me)
        missing = [title for title, (bit, _) in wanted_rights.items() if bit & IN_CHANNELS & ~allowed]
        mend = ""
        if missing:
            reasons = "; ".join(f"“{title}”, {wanted_rights[title][1]}" for title in missing)
            mend = f"Right-click #{channel['name']}, Edit Channel, Permissions, add Trellis, and allow {reasons}."
        found.append(Check(not missing, f"#{channel['name']} in {name}", mend))
    return found


def permissions_in(base: int, overwrites: Iterable[JSON], guild: str, roles: set[str], member: str) -> int:
    """Return what a member may do in a channel: everyone's overwrite first, then all roles', then their own."""
    if base & _ADMINISTRATOR:
        return ~0
    by_id = {overwrite["id"]: (int(overwrite["allow"]), int(overwrite["deny"])) for overwrite in overwrites}
    allow, deny = by_id.get(guild, (0, 0))
    base = base & ~deny | allow
    allow = deny = 0
    for role in roles - {guild}:
        more, less = by_id.get(role, (0, 0))
        allow, deny = allow | more, deny | less
    base = base & ~deny | allow
    allow, deny = by_id.get(member, (0, 0))
    return base & ~deny | allow
