"""What is answered to one person alone: told once it can be, and kept no longer than that."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from adapters.contract.call import Call
from adapters.contract.ui import Card
from adapters.memory import Memory
from bot.kernel.cog import Cog, command, drawing
from bot.kernel.context import Context
from bot.kernel.work import Reading
from storage.outbox import outbox
from tests.story import Story

from .conftest import Begin

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)

SECRET = "the treasure lies under the oak"


class Whisper(Cog):
    """Tells a secret, which is to be stored nowhere."""

    name = "whisper"
    broken = False

    @command("whisper", "Hear a secret")
    async def whisper(self, ctx: Context) -> None:
        await ctx.lock("whisper/1")
        await ctx.reply(Card(body=SECRET), again=Call("whisper.again"))

    @drawing
    async def again(self, reading: Reading) -> Card:
        if self.broken:
            raise RuntimeError("it can't be drawn")
        return Card(body=f"{SECRET}, {reading.member.name if reading.member else 'you'}")

    async def export(self, _: Any) -> dict[str, Any]:
        return {}

    async def erase(self, _: Any) -> None: ...


async def whispered_while_down(begin: Begin) -> tuple[Story, Memory, Whisper]:
    """Have a secret asked for while the platform is away."""
    cog = Whisper()
    story = await begin((cog,))
    platform = story.door.platform  # type: ignore[attr-defined]
    platform.down = True
    await story.person("noah").uses("/whisper")
    platform.down = False
    return story, platform, cog


async def stored(story: Story) -> list[Any]:
    async with story.app.database.read() as connection:
        return [*await connection.execute(select(outbox.c.payload, outbox.c.failed_at, outbox.c.act))]


async def test_what_is_to_be_stored_nowhere_is_drawn_again_when_it_can_be_told(begin: Begin) -> None:
    story, _, _ = await whispered_while_down(begin)
    [row] = await stored(story)
    assert "whisper.again" in row.payload and SECRET not in row.payload
    await story.passes(minutes=1)
    assert await story.person("noah").reads(f"{SECRET}, Noah")
    assert not await stored(story)


async def test_an_answer_that_nobody_waits_for_any_more_is_forgotten(begin: Begin) -> None:
    story, platform, _ = await whispered_while_down(begin)
    platform.down = True
    await story.passes(minutes=20)
    platform.down = False
    await story.passes(minutes=20)
    assert not await stored(story)
    await story.person("noah").does_not_read(SECRET)


async def test_an_answer_that_fails_for_good_is_no_dead_letter(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    story, _, cog = await whispered_while_down(begin)
    cog.broken = True
    await story.passes(hours=1)
    assert not await stored(story)
    assert "failed for the last time" in caplog.text and SECRET not in caplog.text
