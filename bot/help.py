"""`/help`: what this person can do here, from what the cogs declare."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import SHORTCUT, Role
from adapters.contract.text import Strong, Text, join, labelled, say, spoken_label
from adapters.contract.ui import Card
from storage.members import Member

from .cog import Cog, CommandAction, Registry, ShortcutAction, command
from .context import Context


class Help(Cog):
    """The kernel's own cog that shows what all the others offer."""

    name = "help"
    registry: Registry
    """All cogs; set once they are all there."""

    @command("help", "See what you can do here")
    async def help(self, ctx: Context) -> None:
        offered = [bound.action for bound in self.registry.commands.values() if bound.action.role <= ctx.role]
        lines = [_line(action) for action in offered if isinstance(action, CommandAction)]
        picked = [bound.action for bound in self.registry.shortcuts.values() if bound.action.role <= ctx.role]
        names = [
            Strong(spoken_label(action.shortcut, ctx.shared_tongue, SHORTCUT))
            for action in picked
            if isinstance(action, ShortcutAction)
        ]
        menu = say("In the menu of a message: {names}", names=join(names, " · "))
        await ctx.reply(Card(say("What you can do here"), join([*lines, *([menu] if names else [])])))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def _line(action: CommandAction[Any, Any]) -> Text:
    line = join([Strong(f"/{action.command}"), labelled(action.description)], " ")
    return line if action.role is Role.MEMBER else join([line, _ONLY[action.role]], " ")


_ONLY = {
    Role.AGENT: say("(agents)"),
    Role.MODERATOR: say("(moderators)"),
    Role.ADMIN: say("(admins)"),
}
