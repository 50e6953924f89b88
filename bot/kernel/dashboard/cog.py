"""`/dashboard`: a link, for its owner alone, that signs in to the web page for moderators and admins."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from adapters.contract.commands import Role
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, command, drawing
from bot.kernel.context import Context
from bot.kernel.errors import require
from bot.kernel.work import Reading
from storage.dashboard import LINK_LIVES, DashboardStore
from storage.members import Member

from .words import link_card, lost_card

ENTRY = "/dashboard/enter"
"""Where a link leads."""


class Dashboard(Cog):
    """The kernel's own cog that lets moderators and admins in to what all the others show on the web."""

    name = "dashboard"
    room = "Settings"

    def __init__(self, store: DashboardStore, address: str) -> None:
        """`address` is where the page can be reached; "" until the web server knows it."""
        self.store = store
        self.address = address

    @command("dashboard", "Open the web page for moderators and admins", role=Role.MODERATOR)
    async def open(self, ctx: Context) -> None:
        require(self.address, say("I'm still starting. Try again in a moment."))
        key = await self.store.make_link(ctx.community.id, ctx.member.id, ctx.account.key, ctx.now)
        url = f"{self.address}{ENTRY}?{urlencode({'key': key})}"
        await ctx.reply(
            link_card(url, ctx.now + LINK_LIVES, local=is_loopback(self.address)), again=Dashboard.lost.call()
        )

    @drawing
    async def lost(self, _: Reading) -> Card:
        """Say that the link cannot be shown once more."""
        return lost_card()

    async def export(self, member: Member) -> dict[str, Any]:
        return {
            "dashboard_link_until": await self.store.link_of(member.id),
            "dashboard_sessions": [one.begun_at for one in await self.store.of(member.id)],
        }

    async def erase(self, member: Member) -> None:
        await self.store.forget(member.id)


def is_loopback(url: str) -> bool:
    """Say whether an address, with or without its scheme, is that of this machine to itself."""
    try:
        name = urlsplit(url if "//" in url else f"//{url}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
