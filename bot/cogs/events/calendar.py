"""Calendars: a file with each event, and an address of their own that members' calendar programs look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from aiohttp import web

from adapters.contract.adapter import Need
from adapters.contract.files import File
from adapters.contract.text import Strong, Words, join, say
from adapters.contract.ui import AnyButton, Button, Card, LinkButton
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.errors import require
from storage.events import Event, EventState
from storage.members import Member

from . import calls
from .calendars import TYPE, calendar_of
from .service import Events

SHOWN = 200
"""How many events a feed has at most: the latest."""


class Calendar(Cog):
    """Members have their events in their own calendars."""

    name = "calendar"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    def needs(self) -> Collection[Need]:
        return (Need.FILES,)

    @action
    async def add(self, ctx: Context, event_id: int) -> None:
        """Someone wants an event in their calendar."""
        event = await self.events.get(ctx, event_id)
        signup = await self.events.signups.get(event_id, ctx.member.id)
        content = calendar_of([(event, signup.choice if signup else None)], event.title)
        file = File(f"event-{event.number}.ics", content)
        event_url = self._address(f"event/{event.token}")
        await ctx.reply(calendar_card(event, file, event_url, await self._feed(ctx)))

    @action
    async def mine(self, ctx: Context) -> None:
        """Someone wants to see the address of their calendar."""
        require(self.events.web_url, say("Your own feed needs an address: an admin can set TRELLIS_WEB_URL."))
        await ctx.reply(feed_card(await self._feed(ctx)))

    @action
    async def renew(self, ctx: Context) -> None:
        """Someone wants a new address; the old one is of no use from now on."""
        await self.events.reminders.feed(ctx.member.id, renew=True)
        await ctx.update(feed_card(await self._feed(ctx), renewed=True))

    async def _feed(self, ctx: Context) -> str:
        return self._address(await self.events.reminders.feed(ctx.member.id)) if self.events.web_url else ""

    def _address(self, token: str) -> str:
        return f"{self.events.web_url.rstrip('/')}/calendar/{token}.ics" if self.events.web_url else ""

    def routes(self) -> Sequence[web.RouteDef]:
        return (
            web.get(r"/calendar/event/{token:[\w-]+}.ics", self._serve_event),
            web.get(r"/calendar/{token:[\w-]+}.ics", self._serve_feed),
        )

    async def _serve_event(self, request: web.Request) -> web.Response:
        event = await self.events.store.by_token(request.match_info["token"])
        if event is None:
            raise web.HTTPNotFound
        return _response(calendar_of([(event, None)], event.title))

    async def _serve_feed(self, request: web.Request) -> web.Response:
        owner = await self.events.reminders.owner(request.match_info["token"])
        member = await self.events.members.get(owner) if owner else None
        if member is None or member.left_at:
            raise web.HTTPNotFound
        community = await self.events.members.community_by_id(member.community_id)
        # What was called off is in it too, so that programs take it out.
        entries = await self.events.turnout.latest(member.id, SHOWN)
        return _response(calendar_of(entries, community.name if community else "Trellis"))

    async def export(self, member: Member) -> dict[str, Any]:
        return {"has_calendar_address": await self.events.reminders.has_feed(member.id)}

    async def erase(self, member: Member) -> None:
        """The address is forgotten with the reminders."""


def _response(content: bytes) -> web.Response:
    headers = {"Content-Type": TYPE, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=content, headers=headers)


def calendar_card(event: Event, file: File, event_url: str, feed_url: str) -> Card:
    """Give someone the event's file and, where Trellis can be reached, the addresses for their calendar."""
    opened = say("Open the file to add {title} to your calendar.", title=Strong(event.title))
    if event.state is EventState.CANCELLED:
        opened = say("{title} is cancelled. Open the file to take it off your calendar.", title=Strong(event.title))
    if not feed_url:
        missing = say("A calendar of your own needs an address: an admin can set TRELLIS_WEB_URL.")
        return Card(say("Your calendar"), join([opened, missing], "\n\n"), files=(file,))
    buttons = (LinkButton("This event", event_url), *_feed_buttons(feed_url))
    return Card(say("Your calendar"), join([opened, _feed(feed_url)], "\n\n"), buttons=buttons, files=(file,))


def feed_card(feed_url: str, *, renewed: bool = False) -> Card:
    """Show someone the address of their own calendar."""
    new = say("Here is your new address. The old one shows nothing any more.") if renewed else ""
    return Card(say("Your calendar"), join([new, _feed(feed_url)], "\n\n"), buttons=_feed_buttons(feed_url))


def _feed(url: str) -> Words:
    lines = [
        say("Subscribe once, and everything you sign up for is there and stays right:\n{url}", url=url),
        say("Some programs want it like this:\n{url}", url="webcal://" + url.partition("://")[2]),
        say("Anyone with this address can see where you go. You can get a new one at any time."),
    ]
    return join(lines, "\n\n")


def _feed_buttons(url: str) -> tuple[AnyButton, ...]:
    return LinkButton("My calendar", url), Button("New address", calls.new_address())
