"""The personal page: what Trellis knows about how someone wants to be treated, changed on the spot."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from adapters.contract.text import Strong, Text, Time, join, say
from adapters.contract.ui import Button, Card
from bot.cog import Cog, action, command
from bot.context import Context, Submission
from bot.errors import FormError
from bot.forms import Form, ask
from storage.members import Member, MemberStore

_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])[:.h](?P<minute>[0-5]\d)")

FOREVER = 9999
"""The year in which whoever is away until further notice comes back."""


class HoursForm(Form, title="Your hours", submit="Save"):
    """When someone does not want to be asked, on their own clock."""

    timezone: str = ask(
        "Your time zone", hint="For example Europe/Berlin. Empty: as the platform says.", required=False
    )
    quiet_from: str = ask("Quiet from", hint="For example 22:00. Empty: never.", longest=5, required=False)
    quiet_to: str = ask("Quiet until", hint="For example 08:00", longest=5, required=False)


class Me(Cog):
    """Members decide how they are treated."""

    name = "me"

    def __init__(self, members: MemberStore) -> None:
        self.members = members

    @command("me", "Your page: what you want to be asked, when, and how")
    async def me(self, ctx: Context) -> None:
        await ctx.reply(me_card(ctx.member, ctx.zone, ctx.now))

    @action
    async def direct(self, ctx: Context, allowed: bool) -> None:
        """Allow or stop direct messages."""
        member = await self.members.set_preferences(ctx.member.id, direct_ok=allowed)
        await ctx.update(me_card(member, ctx.zone, ctx.now))

    @action
    async def offers(self, ctx: Context, wanted: bool) -> None:
        """Be asked to help, or not."""
        member = await self.members.set_preferences(ctx.member.id, offers_ok=wanted)
        await ctx.update(me_card(member, ctx.zone, ctx.now))

    @action
    async def hours(self, ctx: Context) -> None:
        """Ask for time zone and quiet hours."""
        member = ctx.member
        known = {"timezone": member.timezone, "quiet_from": member.quiet_from, "quiet_to": member.quiet_to}
        await ctx.open(HoursForm, Me.set_hours.call(), self, **{name: value for name, value in known.items() if value})

    @action
    async def set_hours(self, ctx: Submission[HoursForm]) -> None:
        """Take down time zone and quiet hours."""
        form = ctx.form
        zones = {name.casefold(): name for name in available_timezones()}
        zone = zones.get(form.timezone.casefold().replace(" ", "_")) if form.timezone else None
        problems = {}
        if form.timezone and zone is None:
            problems["timezone"] = "I do not know that zone. Write one like Europe/Berlin or America/Sao_Paulo."
        quiet = {}
        for name, typed in (("quiet_from", form.quiet_from), ("quiet_to", form.quiet_to)):
            match = _CLOCK.fullmatch(typed)
            if typed and match is None:
                problems[name] = "A time of day, please, like 22:00."
            quiet[name] = f"{int(match['hour']):02}:{match['minute']}" if match else None
        if bool(form.quiet_from) != bool(form.quiet_to):
            problems["quiet_to" if form.quiet_from else "quiet_from"] = "Both, or neither."
        if problems:
            raise FormError(**problems)
        member = await self.members.set_preferences(
            ctx.member.id, timezone=zone, quiet_from=quiet["quiet_from"], quiet_to=quiet["quiet_to"]
        )
        await ctx.reply(me_card(member, ctx.member_zone(member), ctx.now))

    async def export(self, member: Member) -> dict[str, Any]:
        return {
            "name": member.name,
            "accounts": list(member.accounts),
            "timezone": member.timezone,
            "quiet_hours": [member.quiet_from, member.quiet_to],
            "direct_messages": member.direct_ok,
            "asked_to_help": member.offers_ok,
            "joined_at": member.joined_at,
        }

    async def erase(self, member: Member) -> None:
        await self.members.set_preferences(
            member.id, timezone=None, quiet_from=None, quiet_to=None, direct_ok=False, offers_ok=False
        )


def me_card(member: Member, zone: ZoneInfo, now: datetime) -> Card:
    """Show how someone is treated, with what changes it."""
    quiet = f"{member.quiet_from} to {member.quiet_to}" if member.quiet_from else "none"
    away: Text | str = "no"
    if member.away_until and member.away_until > now:
        away = (
            "until you say /back" if member.away_until.year >= FOREVER else say("until {t}", t=Time(member.away_until))
        )
    rows = {
        "Time zone": zone.key,
        "Quiet hours": quiet,
        "Away": away,
        "Asked to help": "yes" if member.offers_ok else "no",
        "Direct messages": "yes" if member.direct_ok else "no, only in channels",
    }
    return Card(
        say("You, {name}", name=member.name),
        join([say("{what}: {value}", what=Strong(what), value=value) for what, value in rows.items()]),
        buttons=(
            Button(
                "Do not ask me to help" if member.offers_ok else "Ask me to help", Me.offers.call(not member.offers_ok)
            ),
            Button(
                "Stop direct messages" if member.direct_ok else "Allow direct messages",
                Me.direct.call(not member.direct_ok),
            ),
            Button("Change my hours", Me.hours.call()),
        ),
    )
