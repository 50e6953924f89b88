"""Registers Trellis's commands where they differ from what is registered, and learns their ids."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Gone, NoAccess, Unusable
from adapters.contract.commands import Command, Shortcut

from . import register
from .rest import Rest
from .servers import Servers

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]


async def offer(
    rest: Rest, servers: Servers, commands: Sequence[Command], shortcuts: Sequence[Shortcut], guilds: Sequence[str]
) -> None:
    """Register everything in each of `guilds`, else everywhere, and remember the ids.

    In direct channels only what is registered everywhere can be used. Raises `Unusable`, with what to do.
    """
    application = servers.application
    try:
        wanted = register.payload(commands, shortcuts, everywhere=not guilds)
    except ValueError as wrong:
        raise Unusable(str(wrong)) from wrong
    everywhere = register.direct_payload(commands) if guilds else wanted
    servers.commands[""] = await _sync(rest, application, "", everywhere)
    for guild in guilds:
        try:
            servers.commands[guild] = await _sync(rest, application, f"/guilds/{guild}", wanted)
        except (Gone, NoAccess):
            raise Unusable(
                f"Trellis is not in the server {guild} that DISCORD_GUILD_IDS names. Open "
                f"{register.invite_url(application)} and pick it."
            ) from None


async def _sync(rest: Rest, application: str, place: str, wanted: list[JSON]) -> dict[str, str]:
    """Return the ids of what is registered by now."""
    path = f"/applications/{{application_id}}{place}/commands"
    try:
        current = await rest.ask("GET", path, query={"with_localizations": "true"}, application_id=application)
    except AdapterError as unknown:
        log.info("registering again: %s", unknown)
        current = None
    if current is None or register.needs_sync(current, wanted):
        current = await rest.ask("PUT", path, wanted, application_id=application)
        log.info("registered %d commands %s", len(wanted), f"in {place}" if place else "everywhere")
    return register.ids(current)
