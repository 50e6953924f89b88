"""What a process that stands by knows of the servers: it asks for what the gateway would have told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from adapters.contract.adapter import Gone, NoAccess

from .rest import Rest

JSON: TypeAlias = dict[str, Any]

_GUILDS = 200
"""How many servers Discord tells of at once."""


async def guilds(rest: Rest, at_home: Callable[[str], bool]) -> list[JSON]:
    """Return the servers that we are in and serve, each with its channels and open threads. Raises `AdapterError`."""
    found: list[JSON] = []
    after = "0"
    while page := await rest.ask("GET", "/users/@me/guilds", query={"limit": str(_GUILDS), "after": after}):
        for id_ in filter(at_home, (one["id"] for one in page)):
            try:
                found.append(await _guild(rest, id_))
            except (Gone, NoAccess):
                continue  # we have just been sent away
        if len(page) < _GUILDS:
            break
        after = page[-1]["id"]
    return found


async def _guild(rest: Rest, id_: str) -> JSON:
    facts = await rest.ask("GET", "/guilds/{guild_id}", guild_id=id_)
    channels = await rest.ask("GET", "/guilds/{guild_id}/channels", guild_id=id_)
    active = await rest.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=id_)
    return {**facts, "channels": channels, "threads": active["threads"]}
