"""A platform that takes its time to take an answer: what was kept stays so, and nobody is told otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.adapters.discord.server import Fault
from tests.story import Story

pytestmark = pytest.mark.parametrize("kit", ["discord"], indirect=True)

IDEA = "A tea corner at each meetup"


async def test_who_is_answered_late_is_not_told_that_nothing_was_kept(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.kernel.router.INTERACTION", timedelta(seconds=0.5))
    mia, answered = story.person("mia"), asyncio.Event()
    story.door.server.faults.append(Fault("POST", "/interactions/.*", 200, until=answered))  # type: ignore[attr-defined]
    asyncio.get_running_loop().call_later(1.0, answered.set)
    await mia.uses("/idea add", title=IDEA)
    assert not [seen for seen in await mia.sees() if "I couldn't keep that" in seen.words]
    assert "Idea #1 is posted" in (await mia.last_private()).words
    assert not story.app.courier.carried
