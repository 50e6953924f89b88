"""Trellis on Discord, with discord.py.

`parse` hears and `render` draws, both pure; `markup` writes words so that they ping no one and break nothing,
`register` offers the commands. `adapter` puts them together: `event_source` turns the gateway's events into ours,
`answer` answers what one person did, `post` writes, `people` knows who is there, `history` reads back, `calendar` keeps
the calendar. `gateway` keeps the connection, `rest` asks Discord. `check` finds what is not set up yet. All of
Discord's numbers are in `limits`.
"""

from .adapter import Discord
from .register import invite_url, permissions

__all__ = ["Discord", "invite_url", "permissions"]
