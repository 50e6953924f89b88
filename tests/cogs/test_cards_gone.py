"""A moderator deletes cards of Trellis: what they were about goes on, and nothing gets stuck."""

from __future__ import annotations

import logging

import pytest

from adapters.memory import Memory
from tests.story import Story

from .test_events import going, planned
from .test_ideas import suggests
from .test_polls import QUESTION, asks
from .test_questions import SECRET

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


def delete_all(story: Story) -> None:
    """Have everything deleted that Trellis posted where all can see it."""
    platform = story.door.platform  # type: ignore[attr-defined]
    assert isinstance(platform, Memory)
    for id_, posted in [*platform.messages.items()]:
        if posted.card and not posted.reader:
            del platform.messages[id_]  # who deletes what a bot said is told to nobody


async def test_what_cards_were_about_goes_on_without_them(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    mia, noah, liam = story.person("mia"), story.person("noah"), story.person("liam")
    await mia.uses("/ask", question=SECRET)
    await planned(story, repeat="weekly", capacity="1")
    await going(story, "noah", "kenji")
    await suggests(mia)
    await asks(mia, closes="2 days")
    await mia.uses("/introduce", about="I am Mia.")
    await noah.uses("/thanks", member=story.named("mia"), reason="for the tea")
    delete_all(story)

    await liam.uses("/idea status", idea="1", status="planned")
    await mia.uses("/event edit", event="1")
    await mia.fills(place="The shed")
    await mia.uses("/introduce", about="I am Mia, from Rome.")
    await liam.uses("/poll results", poll="1")
    await story.passes(days=14)
    assert not await story.app.jobs.dead()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (await noah.reads(QUESTION)).title
