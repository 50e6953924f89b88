"""What members decide about how they are treated, changed on the spot on their personal page."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Unpack
from zoneinfo import ZoneInfo, available_timezones

import regex

from adapters.contract.commands import Role
from adapters.contract.events import MessagePosted
from adapters.contract.text import Time, Words, join, say
from adapters.contract.ui import Button, Card, Tone
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.errors import FormError
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from bot.text.hours import quiet_hours
from storage.members import Member, MemberStore, Preferences

_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])[:.h](?P<minute>[0-5]\d)")

_STOP = regex.compile(
    r"\W*(?:(?:please|bitte|just|ok|okay|hey|can you|could you|kannst du)\W+)*"
    r"(?:stop|stopp|halt|unsubscribe(?: me)?|opt[ -]?out|abmelden|abbestellen|aufhören|"
    r"hör(?: bitte)? auf(?: damit|,? mi(?:r|ch) zu \w+)?|"
    r"(?:leave|let) me (?:alone|be)|lass(?:t)? mich in ruhe|"
    r"(?:stop|quit) (?:messaging|writing(?: to)?|pinging|asking|dming|bothering|contacting|spamming) me|"
    r"(?:do not|don['’]?t) (?:message|write(?: to)?|ping|ask|dm|bother|contact) me(?: any ?more| again)?|"
    r"(?:schreib|frag|ping)e? mi(?:r|ch)(?: bitte)? nicht(?: mehr| an)*|no more (?:messages|pings|dms)|"
    r"keine nachrichten mehr)"
    r"(?:\W+(?:please|bitte|now|jetzt|it))*\W*",
    regex.IGNORECASE,
)

FOREVER = 9999
"""The year in which whoever is away until further notice comes back."""


class HoursForm(Form, title="Your hours", submit="Save"):
    """When someone does not want to be asked, on their own clock."""

    timezone: str = ask(
        "Your time zone", hint="For example Europe/Berlin. Empty: as the platform says.", required=False
    )
    quiet_from: str = ask(
        "Quiet from", hint="For example 21:00. Empty: at night, 22:00 to 07:00.", longest=5, required=False
    )
    quiet_to: str = ask("Quiet until", hint="For example 08:00. As above: never quiet.", longest=5, required=False)


class Me(Cog):
    """Members decide how they are treated."""

    name = "me"
    room = "You"

    def __init__(self, members: MemberStore) -> None:
        self.members = members

    @command(
        "me",
        "Your page: what is yours here, what you want to be asked, when, and how",
        role=Role.GUEST,
        personal=True,
        prompt="Show me my page",
    )
    async def me(self, ctx: Context) -> None:
        await ctx.reply(await ctx.page())

    @action
    async def direct(self, ctx: Context, allowed: bool) -> None:
        """Allow or stop direct messages."""
        await self._set(ctx, direct_ok=allowed)

    @action
    async def offers(self, ctx: Context, wanted: bool) -> None:
        """Be asked to help, or not."""
        await self._set(ctx, offers_ok=wanted)

    async def _set(self, ctx: Context, **changes: Unpack[Preferences]) -> None:
        ctx.member = await self.members.set_preferences(ctx.member.id, **changes)
        await ctx.update(await ctx.page(settings=True))

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
        problems: dict[str, Words] = {}
        if form.timezone and zone is None:
            problems["timezone"] = say("I don't know that zone. Write one like Europe/Berlin or America/Sao_Paulo.")
        quiet = {}
        for name, typed in (("quiet_from", form.quiet_from), ("quiet_to", form.quiet_to)):
            match = _CLOCK.fullmatch(typed)
            if typed and match is None:
                problems[name] = say("A time of day, please, like 22:00.")
            quiet[name] = f"{int(match['hour']):02}:{match['minute']}" if match else None
        if bool(form.quiet_from) != bool(form.quiet_to):
            problems["quiet_to" if form.quiet_from else "quiet_from"] = say("Both, or neither.")
        if problems:
            raise FormError(**problems)
        member = await self.members.set_preferences(
            ctx.member.id, timezone=zone, quiet_from=quiet["quiet_from"], quiet_to=quiet["quiet_to"]
        )
        ctx.member = member
        await ctx.update(await ctx.page(settings=True))

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:  # noqa: ARG002
        """Who tells Trellis to stop is left alone, and told how to undo it."""
        if not _STOP.fullmatch(words):
            return False
        member = ctx.member
        ctx.member = await self.members.set_preferences(member.id, direct_ok=False, offers_ok=False)
        await ctx.reply(stopped_card(was_off=not (member.direct_ok or member.offers_ok)))
        return True

    @action
    async def all_on(self, ctx: Context) -> None:
        """Undo it."""
        ctx.member = await self.members.set_preferences(ctx.member.id, direct_ok=True, offers_ok=True)
        await ctx.update(Card(body=say("It's on again: I may ask you to help, and write to you directly.")))

    async def page(self, ctx: Context) -> PagePart:
        return me_part(ctx.member, ctx.member_zone(ctx.member), ctx.now)

    async def export(self, member: Member) -> dict[str, Any]:
        return {
            "name": member.name,
            "accounts": list(member.accounts),
            "roles": sorted(member.roles),
            "language": member.locale,
            "timezone": member.timezone,
            "quiet_hours": [member.quiet_from, member.quiet_to],
            "direct_messages": member.direct_ok,
            "asked_to_help": member.offers_ok,
            "joined_at": member.joined_at,
            "last_active_at": member.last_active_at,
        }

    async def erase(self, member: Member) -> None:
        await self.members.set_preferences(
            member.id, timezone=None, quiet_from=None, quiet_to=None, direct_ok=False, offers_ok=False
        )


def stopped_card(*, was_off: bool) -> Card:
    """Say what is off now, what still comes, and how to have it back."""
    return Card(
        say("I leave you alone"),
        join(
            [
                say("It was off already: I don't write to you directly, and don't ask you to help.")
                if was_off
                else say("From now on I don't write to you directly, and don't ask you to help."),
                say("What you ask me for yourself still comes, such as reminders of an event that you go to."),
                say("The button undoes it; “/me” shows each of them."),
            ]
        ),
        tone=Tone.DONE,
        buttons=(Button("Switch it on again", Me.all_on.call()),),
    )


def me_part(member: Member, zone: ZoneInfo, now: datetime) -> PagePart:
    """Show how someone is treated, with what changes it."""
    quiet: Words = say("none")
    if hours := quiet_hours(member):
        quiet = say("{start} to {end}", start=hours[0], end=hours[1])
    away: Words = say("no")
    if member.away_until and member.away_until > now:
        forever = member.away_until.year >= FOREVER
        away = say("until you say “/back”") if forever else say("until {t}", t=Time(member.away_until))
    paused: tuple[tuple[Words, Words], ...] = ()
    if member.paused_at:
        paused = ((say("Paused"), say("since {t}; “/privacy pause” lets you go on", t=Time(member.paused_at))),)
    rows = (
        *paused,
        (say("Time zone"), zone.key),
        (say("Quiet hours"), quiet),
        (say("Away"), away),
        (say("Asked to help"), say("yes") if member.offers_ok else say("no")),
        (say("Direct messages"), say("yes") if member.direct_ok else say("no, only in channels")),
    )
    return PagePart(
        order=0,
        lines=join([say("{what}: {value}", what=what, value=value) for what, value in rows]),
        folded=(
            Button(
                "Don't ask me to help" if member.offers_ok else "Ask me to help", Me.offers.call(not member.offers_ok)
            ),
            Button(
                "Stop direct messages" if member.direct_ok else "Allow direct messages",
                Me.direct.call(not member.direct_ok),
            ),
            Button("Change my hours", Me.hours.call()),
        ),
    )
