"""The way in: what members can begin, on the page that a platform keeps for each of them; settings are folded away."""

from __future__ import annotations

from typing import Any

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.text import say
from adapters.contract.ui import Button, CardList, ListItem, Style
from storage.members import Member

from .actions import CommandAction
from .cog import Cog, action
from .context import Context
from .errors import OUTDATED, UserError, require
from .page import BACK, FOLDED, PagePart
from .registry import Registry


class Home(Cog):
    """The kernel's own cog that opens the forms of commands from buttons."""

    name = "home"
    room = "You"
    registry: Registry
    """All cogs; set once they are all there."""

    async def page(self, ctx: Context) -> PagePart | None:
        """Offer what can be begun; elsewhere than on the platform's own page commands are at hand."""
        if not ctx.on_page:
            return None
        buttons = [
            Button(bound.action.start, Home.begin.call(command), Style.NEUTRAL if number else Style.PRIMARY)
            for number, (command, bound) in enumerate(self._starts(ctx.role))
        ]
        rows = [buttons[at : at + ROW] for at in range(0, len(buttons), ROW)]
        words = (say("What would you like to do?"), say("More:"))
        items = tuple(ListItem(words[min(n, 1)], *row) for n, row in enumerate(rows))
        return PagePart(-1, things=CardList("", items)) if items else None

    def _starts(self, role: Role) -> list[tuple[str, Any]]:
        """Return the commands that somebody of a role can start from anywhere."""
        return [
            (name, bound)
            for name, bound in self.registry.commands.items()
            if isinstance(bound.action, CommandAction) and bound.action.start and bound.action.role <= role
        ]

    @action
    async def begin(self, ctx: Context, command: str) -> None:
        """Open the form of a command."""
        bound = self.registry.commands.get(command)
        if bound is None or bound.action.form is None:
            raise UserError(OUTDATED)
        ctx.require_role(bound.action.role)
        require(isinstance(bound.action, CommandAction) and bound.action.start, OUTDATED)
        await ctx.open(bound.action.form, Call(bound.action.full_name), bound.cog)

    @action
    async def settings(self, ctx: Context) -> None:
        """Unfold how they are treated."""
        await ctx.update(await ctx.page(settings=True))

    @action
    async def front(self, ctx: Context) -> None:
        """Go back from there."""
        await ctx.update(await ctx.page())

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


ROW = 5
"""How many buttons stand side by side."""

assert (Home.settings.full_name, Home.front.full_name) == (FOLDED.action, BACK.action)
