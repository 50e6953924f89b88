"""`/help`: what this person can do here, room by room, from what the cogs declare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from adapters.contract.adapter import Feature
from adapters.contract.commands import SHORTCUT, Role
from adapters.contract.events import MessagePosted
from adapters.contract.text import (
    Code,
    CommandLink,
    Strong,
    Text,
    Translations,
    Words,
    join,
    labelled,
    localized_label,
    say,
)
from adapters.contract.ui import OPTIONS, Button, Card, Menu, Option
from storage.members import Member
from storage.words import folded

from .actions import CommandAction, ShortcutAction
from .cog import Cog, action, command
from .context import Context, Submission
from .forms import Form, ask
from .registry import Bound, Registry


@dataclass(slots=True)
class Room:
    """What one person can do in one room."""

    name: str
    cogs: list[Cog] = field(default_factory=list)
    commands: list[Bound] = field(default_factory=list)
    shortcuts: list[str] = field(default_factory=list)
    """What stands in the menu of each message."""
    on_people: list[str] = field(default_factory=list)
    """What stands in the menu of each person, where the platform has one."""


class HelpForm(Form, title="Help", submit="Show"):
    """What somebody wants to know more about."""

    about: str = ask("What about?", hint="For example: events. Empty: everything", longest=60, required=False)


class Help(Cog):
    """The kernel's own cog that shows what all the others offer."""

    name = "help"
    room = "You"
    registry: Registry
    """All cogs; set once they are all there."""

    @command("help", "See what you can do here", role=Role.GUEST, personal=True, prompt="What can you do?")
    async def help(self, ctx: Submission[HelpForm]) -> None:
        rooms = self.rooms(ctx)
        chosen = _meant(ctx.form.about, rooms, ctx.translations) if ctx.form.about else None
        if chosen is None:
            await ctx.reply(overview_card(ctx.community.name, rooms, ctx.shared_translations))
            return
        await ctx.reply(await self._about(ctx, chosen, rooms))

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:  # noqa: ARG002
        """Whoever greets Trellis, or asks what it can do, is shown that."""
        if _HELP_WANTED.fullmatch(words) is None:
            return False
        await ctx.aside(overview_card(ctx.community.name, self.rooms(ctx), ctx.shared_translations))
        return True

    @action(role=Role.GUEST)
    async def overview(self, ctx: Context) -> None:
        """Go back to all rooms."""
        await ctx.update(overview_card(ctx.community.name, self.rooms(ctx), ctx.shared_translations))

    @action(role=Role.GUEST)
    async def tell(self, ctx: Context) -> None:
        """Tell more about the room that was chosen."""
        rooms = self.rooms(ctx)
        chosen = next((room for room in rooms if room.name in ctx.values), None)
        if chosen is None:
            await ctx.update(overview_card(ctx.community.name, rooms, ctx.shared_translations))
            return
        await ctx.update(await self._about(ctx, chosen, rooms))

    async def _about(self, ctx: Context, room: Room, rooms: Sequence[Room]) -> Card:
        words = [await cog.room_words(ctx) for cog in room.cogs]
        return room_card(room, words, rooms, ctx.shared_translations)

    def rooms(self, ctx: Context) -> list[Room]:
        """Return the rooms in which somebody can do something where they are, in the order of the cogs."""
        has_people = ctx.platforms.has(ctx.space, Feature.PERSON_MENU)
        rooms: dict[str, Room] = {}
        for cog in self.registry.cogs:
            rooms.setdefault(cog.room, Room(cog.room)).cogs.append(cog)
        for bound in (*self.registry.commands.values(), *self.registry.shortcuts.values()):
            room = rooms[bound.cog.room]
            if bound.action.role > ctx.role:
                continue
            if not isinstance(bound.action, ShortcutAction):
                room.commands.append(bound)
            elif not bound.action.on_person:
                room.shortcuts.append(bound.action.shortcut)
            elif has_people:
                room.on_people.append(bound.action.shortcut)
        return [room for room in rooms.values() if room.commands or room.shortcuts]

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def _meant(words: str, rooms: Sequence[Room], translations: Translations) -> Room | None:
    """Return the room that somebody names by its own name, or by a command of it."""
    asked = folded(words).removeprefix("/").rstrip("s")
    for room in rooms:
        names = {room.name, translations.gettext(room.name)}
        names |= {_command(bound).command.split()[0] for bound in room.commands}
        if asked in {folded(name).rstrip("s") for name in names}:
            return room
    return None


def overview_card(community: str, rooms: Sequence[Room], shared: Translations) -> Card:
    """Show all rooms in a line each."""
    lines = [
        say("{room}: {commands}", room=labelled(room.name, loud=True), commands=_in_short(room.commands))
        for room in rooms
        if room.commands
    ]
    return Card(
        say("What you can do in {community}", community=community),
        join([join(lines), _shortcuts(rooms, shared)], "\n\n"),
        menu=_menu(rooms),
    )


def room_card(room: Room, about: Sequence[Words], rooms: Sequence[Room], shared: Translations) -> Card:
    """Show what can be done in one room, and how."""
    return Card(
        labelled(room.name),
        join([join(about), *map(_entry, room.commands), _shortcuts([room], shared)], "\n\n"),
        footer=say("What is in [brackets] is optional."),
        buttons=(Button("Show all", Help.overview.call()),),
        menu=_menu(rooms),
    )


def _menu(rooms: Sequence[Room]) -> Menu:
    return Menu(
        "Tell me more about…", Help.tell.call(), tuple(Option(room.name, room.name) for room in rooms[:OPTIONS])
    )


def _in_short(commands: Sequence[Bound]) -> Text:
    """Name commands, those of one family together: `/event list, plan`."""
    families: dict[str, list[CommandLink]] = {}
    for name in (_command(bound).command for bound in commands):
        family = families.setdefault(name.partition(" ")[0], [])
        family.append(CommandLink(name, name.partition(" ")[2] if family else f"/{name}"))
    return join([join(family, ", ") for family in families.values()], " · ")


def _entry(bound: Bound) -> Text:
    """Say what a command does, what may be written behind it, and who may use it."""
    declared = _command(bound)
    fields = declared.form.fields(bound.cog) if declared.form else ()
    options = [asked.name if asked.required else f"[{asked.name}]" for asked in fields]
    name = CommandLink(declared.command, f"/{declared.command}")
    usage = join([name, Code(" ".join(options)) if options else ""], " ")
    line = labelled(declared.description)
    return join([usage, line if declared.role <= Role.MEMBER else join([line, _ONLY[declared.role]], " ")])


def _shortcuts(rooms: Sequence[Room], shared: Translations) -> Text:
    """Name entries in the menus of messages and people as the platform shows them to everyone."""

    def named(names: Iterable[str]) -> Text:
        return join((Strong(localized_label(name, shared, SHORTCUT)) for name in names), " · ")

    on_messages = named(name for room in rooms for name in room.shortcuts)
    on_people = named(name for room in rooms for name in room.on_people)
    return join(
        [
            say("In the menu of a message: {names}", names=on_messages) if on_messages else "",
            say("In the menu of a person: {names}", names=on_people) if on_people else "",
        ]
    )


def _command(bound: Bound) -> CommandAction[Any, Any]:
    assert isinstance(bound.action, CommandAction)
    return bound.action


_HELP_WANTED = regex.compile(
    r"\W*(?:(?:hi|hey|hello|hallo|moin|servus|good (?:morning|evening)|guten (?:morgen|tag|abend))\b(?: there)?\W*)?"
    r"(?:(?:please |can you |could you )?help(?: me)?(?: please)?|hilf mir(?: bitte)?|"
    r"(?:ich brauche |i need )?(?:help|hilfe)|what (?:can|do) you do(?: here| for (?:me|us))?|what are you(?: for)?|"
    r"who are you|how do(?:es)? (?:you|this) work|"
    r"was kannst du(?: hier| so| alles)?|was machst du(?: hier)?|wer bist du|wie funktionierst du|wie geht das)?\W*",
    regex.IGNORECASE,
)
"""A greeting, or nothing at all, is answered in the same way."""

_ONLY = {
    Role.AGENT: say("(agents)"),
    Role.MODERATOR: say("(moderators)"),
    Role.ADMIN: say("(admins)"),
}
