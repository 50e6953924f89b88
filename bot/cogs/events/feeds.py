"""Calendars: a file with each event, and an address of their own that members' calendar programs look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from aiohttp import web

from adapters.contract.adapter import Need
from adapters.contract.text import say
from adapters.contract.ui import File
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.errors import require
from storage.events import Event
from storage.members import Member
from storage.signups import CONCERNED, Choice

from . import cards
from .calendars import TYPE, calendar_of
from .desk import Desk

SHOWN = 200
"""How many events a feed has at most: the latest."""


class Calendars(Cog):
    """Members have their events in their own calendars."""

    name = "calendar"
    room = "Events"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def needs(self) -> Collection[Need]:
        return (Need.FILES,)

    @action
    async def add(self, ctx: Context, event_id: int) -> None:
        """Someone wants an event in their calendar."""
        event = await self.desk.get(ctx, event_id)
        signup = await self.desk.signups.get(event_id, ctx.member.id)
        content = calendar_of([(event, signup.choice if signup else None)], event.title)
        file = File(f"event-{event.number}.ics", content)
        event_url = self._address(f"event/{event.token}")
        await ctx.reply(cards.calendar_card(event, file, event_url, await self._feed(ctx), Calendars.renew.call()))

    @action
    async def mine(self, ctx: Context) -> None:
        """Someone wants to see the address of their calendar."""
        require(self.desk.web_url, say("Your own feed needs an address: an admin can set TRELLIS_WEB_URL."))
        await ctx.reply(cards.feed_card(await self._feed(ctx), Calendars.renew.call()))

    @action
    async def renew(self, ctx: Context) -> None:
        """Someone wants a new address; the old one is of no use from now on."""
        await self.desk.reminders.feed(ctx.member.id, renew=True)
        await ctx.update(cards.feed_card(await self._feed(ctx), Calendars.renew.call(), renewed=True))

    async def _feed(self, ctx: Context) -> str:
        return self._address(await self.desk.reminders.feed(ctx.member.id)) if self.desk.web_url else ""

    def _address(self, token: str) -> str:
        return f"{self.desk.web_url.rstrip('/')}/calendar/{token}.ics" if self.desk.web_url else ""

    def routes(self) -> Sequence[web.RouteDef]:
        return (
            web.get(r"/calendar/event/{token:[\w-]+}.ics", self._serve_event),
            web.get(r"/calendar/{token:[\w-]+}.ics", self._serve_feed),
        )

    async def _serve_event(self, request: web.Request) -> web.Response:
        event = await self.desk.events.by_token(request.match_info["token"])
        if event is None:
            raise web.HTTPNotFound
        return _response(calendar_of([(event, None)], event.title))

    async def _serve_feed(self, request: web.Request) -> web.Response:
        owner = await self.desk.reminders.owner(request.match_info["token"])
        member = await self.desk.members.get(owner) if owner else None
        if member is None or member.left_at:
            raise web.HTTPNotFound
        community = await self.desk.members.community_by_id(member.community_id)
        return _response(calendar_of(await self._entries(member), community.name if community else "Trellis"))

    async def _entries(self, member: Member) -> list[tuple[Event, Choice | None]]:
        """Return what a member signed up for; what was called off too, so that programs take it out."""
        mine = {signup.event_id: signup.choice for signup in await self.desk.signups.of_member(member.id)}
        wanted = [event_id for event_id, choice in mine.items() if choice in CONCERNED]
        events = await self.desk.events.get_many(wanted)
        return [(event, mine[event.id]) for event in events[-SHOWN:]]

    async def export(self, member: Member) -> dict[str, Any]:
        return {"has_calendar_address": await self.desk.reminders.has_feed(member.id)}

    async def erase(self, member: Member) -> None:
        """The address is forgotten with the reminders."""


def _response(content: bytes) -> web.Response:
    headers = {"Content-Type": TYPE, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=content, headers=headers)
