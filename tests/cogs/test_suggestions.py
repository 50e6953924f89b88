"""What members are shown while they type a command's option, on platforms that show anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.contract.commands import Role
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, command
from bot.kernel.context import Submission
from bot.kernel.forms import Form, ask
from bot.kernel.work import Suggesting
from storage.members import Member

from .conftest import Begin

pytestmark = pytest.mark.needs("completing")

TREES = {1: "Apple", 2: "Pear", 30: "Old apple"}


class TreeForm(Form, title="A tree"):
    """Which one."""

    tree: int = ask("The tree's number", suggest=lambda cog, asked: cog.trees(asked))


class SecretForm(Form, title="A tree"):
    """Which one."""

    tree: int = ask("The tree's number", suggest=lambda cog, asked: cog.hidden(asked))


class Orchard(Cog):
    """Trees by number and name."""

    name = "orchard"

    def __init__(self) -> None:
        self.asked: list[Suggesting] = []

    async def trees(self, asked: Suggesting) -> Sequence[Option]:
        self.asked.append(asked)
        return [Option(f"#{number} {name}", str(number)) for number, name in TREES.items()]

    async def hidden(self, asked: Suggesting) -> Sequence[Option]:
        if asked.typed == "fail":
            raise ValueError("broken")
        return [Option("#7 Quince", "7")]

    @command("prune", "Cut a tree back")
    async def prune(self, ctx: Submission[TreeForm]) -> None:
        await ctx.reply(Card(TREES[ctx.form.tree]))

    @command("graft", "Graft a tree", role=Role.MODERATOR)
    async def graft(self, ctx: Submission[SecretForm]) -> None: ...

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


async def test_a_number_is_found_by_its_name(begin: Begin) -> None:
    orchard = Orchard()
    story = await begin(extra=(orchard,))
    mia = story.person("mia")
    assert await mia.types("prune", tree="apple") == ["#1 Apple", "#30 Old apple"]
    assert await mia.types("prune", tree="3") == ["#30 Old apple"]
    assert [asked.member for asked in orchard.asked] == [None, None], "typing meets nobody"
    await mia.uses("prune", tree="30")
    assert (await mia.last_private()).title == "Old apple"
    await mia.types("prune", tree="")
    known = orchard.asked[-1].member
    assert known and known.name == "Mia" and orchard.asked[-1].typed == ""


async def test_what_only_moderators_may_do_is_suggested_to_them_alone(begin: Begin) -> None:
    story = await begin(extra=(Orchard(),))
    assert await story.person("liam").types("graft", tree="") == ["#7 Quince"]
    assert await story.person("mia").types("graft", tree="") == []
    assert await story.person("liam").types("graft", tree="fail") == []


async def test_meetings_ideas_and_polls_are_found_by_their_titles(begin: Begin) -> None:
    story = await begin()
    mia, noah, liam = story.person("mia"), story.person("noah"), story.person("liam")
    await mia.uses("/event create", title="Garden walk", when="thursday 18:00")
    await mia.presses("Post")
    await mia.uses("/idea add", title="A compost heap for all of us")
    assert await noah.types("/event show", event="walk") == ["#1 Garden walk"]
    assert await noah.types("/idea show", idea="heap") == ["#1 A compost heap for all of us"]
    assert await liam.types("/idea merge", into="heap") == ["#1 A compost heap for all of us"]
    assert await noah.types("/poll results", poll="") == []
