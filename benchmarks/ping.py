"""A cog with a command that does nothing, so that what is measured is the way to it and back."""

from __future__ import annotations

from typing import Any

from bot import Card, Cog, Context, Member, command


class Ping(Cog):
    """`/ping` is answered with "pong"."""

    name = "ping"

    @command("ping", "Answer at once")
    async def ping(self, ctx: Context) -> None:
        await ctx.reply(Card(body="pong"))

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None:
        """There is nothing to forget."""
