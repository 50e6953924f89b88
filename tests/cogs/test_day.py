"""What a day in a community leaves behind in the process: nothing but what is bounded."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from tests.held import DAYS, held, nothing_more_than, on_linux
from tests.story import Story

OURS = ("bot.", "adapters.", "storage.")
BOUNDED = {
    "adapters.slack.acceptance.Acceptance": "what was heard lately, so that it is not heard twice",
    "adapters.contract.models.MessageRef": "what was posted lately, so that it is not posted twice",
    "adapters.contract.models.Channel": "where that stands",
    "adapters.contract.models.Space": "where that stands",
}
FEW = 30
"""How many more of one kind there may be: what a story has just seen is let go a little later."""


def ours() -> Counter[str]:
    """Count the objects of our own classes that are alive."""
    gc.collect()
    kinds = (type(one) for one in gc.get_objects())
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Counter(name for name in names if name.startswith(OURS))


async def an_hour(story: Story, hour: int) -> None:
    """Have something of each kind happen."""
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    question = f"How do I repot the plant of hour {hour}?"
    await mia.uses("/ask", question=question)
    if any("Post my question" in seen.controls for seen in await mia.sees()):
        await mia.presses("Post my question")
    card = await noah.reads(question, "help")
    await noah.says("With both hands, and in spring.", story.thread(card))
    await mia.presses("Mark as solved", on=await mia.reads(question, "help"))
    await sofia.uses("/thanks", member=story.named("noah"), reason=f"for hour {hour}")
    await sofia.says("What a day!", "general")
    await sofia.uses("/me")
    await story.passes(hours=1)


@on_linux
@DAYS
@pytest.mark.parametrize("kit", ["slack"], indirect=True)
async def test_a_day_leaves_nothing_behind(story: Story, days: int) -> None:
    for hour in range(4):
        await an_hour(story, hour)
    before, known = held(), ours()
    for hour in range(4, 4 + 24 * days):
        await an_hour(story, hour)
    grown = {name: number for name, number in (ours() - known).items() if number > FEW and name not in BOUNDED}
    assert not grown
    await nothing_more_than(before)
