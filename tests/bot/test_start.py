"""What has to be right before Trellis starts."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context
from bot.kernel.registry import Registry
from storage.members import Member


class Garden(Cog):
    name: ClassVar[str] = "garden"

    @command("plant", "Plant something")
    async def plant(self, ctx: Context) -> None: ...

    @action
    async def water(self, ctx: Context, plant_id: int) -> None: ...

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


class Orchard(Garden):
    name: ClassVar[str] = "orchard"

    @command("plant", "Plant a tree")
    async def tree(self, ctx: Context) -> None: ...


def test_a_cog_that_cannot_forget_or_hand_over_does_not_start() -> None:
    class Forgetless(Cog):
        name: ClassVar[str] = "forgetless"

        async def export(self, member: Member) -> dict[str, Any]:
            return {}

    with pytest.raises(TypeError, match="erase"):
        Forgetless()  # type: ignore[abstract]


def test_two_commands_of_one_name_do_not_start() -> None:
    with pytest.raises(ValueError, match="'plant' is declared twice"):
        Registry((Orchard(),))


def test_a_cog_twice_does_not_start() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        Registry((Garden(), Garden()))
