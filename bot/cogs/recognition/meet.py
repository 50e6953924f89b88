"""Meeting people: whoever writes in one space of a community can be named from its other spaces at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import Glance, MessagePosted
from adapters.contract.models import Space
from bot.kernel.cog import Cog, listener
from bot.kernel.context import Context
from bot.kernel.met import Met
from storage.members import Member


class Meet(Cog):
    """Everyone in the spaces that form one community is met by the first thing that they write after a start."""

    name = "meet"
    room = "Recognition"

    def __init__(self, joined: Collection[Space]) -> None:
        """`joined` are the spaces that form one community."""
        self._joined = frozenset(joined) if len(joined) > 1 else frozenset()
        self._met = Met()

    def is_unmet(self, glance: Glance) -> bool:
        """Say whether someone is to be met who may be named from another space."""
        return glance.account.space in self._joined and glance.account.key not in self._met

    @listener(MessagePosted, where=lambda cog, glance: cog.is_unmet(glance), role=Role.GUEST, in_passing=True)
    async def meet(self, ctx: Context, event: MessagePosted) -> None:  # noqa: ARG002
        """Someone wrote something: from now on others can thank them by name."""
        self._met.add(ctx.account.key)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...
