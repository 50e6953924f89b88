"""Nobody drowns out the others: how much one person may post within a day."""

from __future__ import annotations

import pytest

from tests.story import Person, Story

from .conftest import Begin


async def posts(person: Person, what: str, number: int) -> None:
    """Have someone post something new."""
    subject = ("weather", "library", "kitchen", "bicycle", "holiday")[number]
    match what:
        case "questions":
            await person.uses("/ask", question=f"Who looks after the {subject}?")
        case "ideas":
            await person.uses("/idea add", title=f"A better {subject}")
        case "polls":
            await person.uses("/poll create", question=f"Which {subject}?", options="This, That")
        case "events":
            await person.uses("/event create", title=f"A day for the {subject}", when="2026-03-20T18:00+00:00")
    if what in ("polls", "events") and "Post" in " ".join((await person.last_private()).controls):
        await person.presses("Post it" if what == "polls" else "Post")


@pytest.mark.parametrize("what", ["questions", "ideas", "polls", "events"])
async def test_one_person_posts_so_many_within_a_day(begin: Begin, what: str) -> None:
    story: Story = await begin(**{f"TRELLIS_{what.upper()}_PER_DAY": "2"})
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    for number in range(2):
        await posts(mia, what, number)
        await story.passes(hours=1)
    await posts(mia, what, 2)
    refused = (await mia.last_private()).words
    assert "possible again" in refused and "3 Mar" in refused and ("10:00" in refused or "in 22 hours" in refused)
    await posts(noah, what, 2)
    assert "possible again" not in (await noah.last_private()).words, "everyone has a limit of their own"
    for number in range(3):
        await posts(liam, what, number)
    assert "possible again" not in (await liam.last_private()).words, "moderators have none"
    await story.passes(hours=23)
    await posts(mia, what, 3)
    assert "possible again" not in (await mia.last_private()).words


async def test_the_limit_holds_at_the_front_door_too(begin: Begin) -> None:
    story: Story = await begin(TRELLIS_QUESTIONS_PER_DAY="1")
    mia = story.person("mia")
    await posts(mia, "questions", 0)
    await mia.says("Who looks after the library?", story.door.direct("mia"))
    await mia.presses("Post my question")
    assert "possible again" in (await mia.last_private()).words
