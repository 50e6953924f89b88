"""What Trellis knows of someone: shown, handed over, forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from adapters.memory import Memory
from storage.members import GONE
from tests.adapters.discord.door import DiscordDoor
from tests.doors import PlaygroundDoor
from tests.story import Story

from .test_questions import solved


@pytest.mark.needs("files")
async def test_members_see_and_take_along_what_is_known(story: Story) -> None:
    await solved(story)
    mia = story.person("mia")
    await mia.uses("/expertise add", topic="setup")
    await mia.uses("/privacy show")
    known = await mia.last_private()
    assert "You: " in known.body and "Questions: " in known.body
    assert "me: " not in known.body and "asking" not in known.body and "helping" not in known.body
    await mia.presses("Get it as a file")
    files = (await mia.last_private()).files
    assert set(files) == {"your-data.txt", "your-data.json"}
    data = json.loads(files["your-data.json"])
    assert data["member"] == "Mia" and data["known"]["me"]["name"] == "Mia"
    assert "setup" in json.dumps(data["known"]), "what she says she knows"
    text_file = files["your-data.txt"].decode()
    assert "  You\n" in text_file and "name: Mia" in text_file and text_file.count("\n  Questions\n") == 1


async def test_whoever_is_forgotten_leaves_no_name_and_what_others_did_stays(story: Story) -> None:
    await solved(story)
    noah, sofia = story.person("noah"), story.person("sofia")
    erased = await story.member("noah")
    await noah.uses("/privacy erase")
    asked = await noah.finds_button("Forget me for good")
    await noah.presses("Forget me for good", on=asked)
    assert "I know nothing about you" in (await noah.reads("Forgotten")).words
    await noah.presses("Forget me for good", on=asked)
    await noah.does_not_read("went wrong")
    gone = await story.app.members.get(erased.id)
    assert gone and gone.name == GONE and not gone.accounts
    card = next(seen for seen in await sofia.sees("help") if "How do I rotate" in seen.title)
    assert "Solved" in card.words and "Noah" not in card.words


async def test_no_message_of_trellis_names_someone_who_was_forgotten(story: Story) -> None:
    """Also what was said once, what was told to several, and what belongs to nothing, such as the digest."""
    mia, noah, sofia, ava = (story.person(name) for name in ("mia", "noah", "sofia", "ava"))
    await solved(story)
    await mia.uses("/thanks", member=story.named("noah"), reason="for the webhooks")
    await noah.uses("/introduce", about="I am new.")
    await noah.uses("/event create", title="Open garden", when="2026-03-11 18:00", place="Garden")
    await noah.presses("Post")
    await mia.presses("Going", on=await mia.reads("Open garden", "events"))
    await noah.presses("Host tools", on=await noah.reads("Open garden", "events"))
    await noah.presses("Message everyone")
    await noah.fills(words="Bring boots!")
    await story.passes(days=8)
    assert "Noah" in (await sofia.reads("What you did for each other")).words
    assert "Noah" in (await sofia.reads("solved this")).words and "Noah" in (await mia.reads("Bring boots!")).words
    key = story.door.account("noah").id
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=5)
    for person in (mia, noah, sofia, ava):
        for seen in await person.sees():
            if (seen.title or seen.body) and not seen.private:
                assert "noah" not in seen.words.casefold() and key not in seen.words
    assert "a former member solved this" in (await sofia.reads("solved this")).words
    assert "Bring boots" not in "\n".join(seen.words for seen in await mia.sees()), "what they wrote, too"
    assert "Sofia" in (await sofia.reads("What you did for each other")).words


async def test_nothing_old_brings_them_back_but_they_can_come_back_themselves(story: Story) -> None:
    noah = story.person("noah")
    await noah.uses("/help")
    before = (await story.member("noah")).id
    platform = getattr(story.door, "platform", None)
    old = platform.last_event if isinstance(platform, Memory) else None
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    if isinstance(platform, Memory) and old:
        await platform.again(old)
        assert await story.app.members.by_account(story.door.account("noah").key) is None
    await story.passes(minutes=5)
    await noah.uses("/help")
    assert (await story.member("noah")).id != before


async def test_what_was_posted_long_ago_is_taken_back_too(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/introduce", about="I am Mia.")
    await story.passes(days=100)
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    await story.passes(minutes=5)
    assert not [seen for seen in await noah.sees("introductions") if "Mia" in seen.words]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_event_that_is_over_stands_in_no_calendar_with_their_words(story: Story) -> None:
    noah = story.person("noah")
    await noah.uses("/event create", title="Open garden", when="2026-03-05 18:00")
    await noah.presses("Post")
    platform = getattr(story.door, "platform", None)
    assert isinstance(platform, Memory) and "Open garden" in repr(platform.calendar)
    await story.passes(days=7)
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    assert "Open garden" not in repr(platform.calendar)


async def titles(story: Story) -> str:
    """Return what all channels and threads are called."""
    door: Any = story.door
    if isinstance(door, DiscordDoor):
        return repr([channel["name"] for channel in door.server.world.channels.values()])
    if isinstance(door, PlaygroundDoor):
        return await (await door._client.get("/api/playground/state")).text()
    return repr([place.name for place in door.platform.places.values()])


@pytest.mark.parametrize("kit", ["memory", "discord", "playground"], indirect=True)
async def test_no_thread_is_called_by_their_name_or_words(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/introduce", about="I grow things.")
    await mia.presses("👋 Say hello", on=await mia.reads("Meet Noah"))
    await story.passes(hours=1)
    await noah.uses("/ask", question="Where does my witch hazel grow?")
    await noah.uses("/idea add", title="More witch hazel in the garden")
    await noah.uses("/event create", title="A day for the witch hazel", when="2026-03-09 18:00")
    await noah.presses("Post")
    assert (await titles(story)).count("witch hazel") == 3
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    assert "witch hazel" not in await titles(story)
    if not isinstance(story.door, PlaygroundDoor):  # whose cast goes by their names
        assert "Noah" not in await titles(story)


@pytest.mark.needs("taking back")
@pytest.mark.parametrize("kit", ["memory", "discord"], indirect=True)
async def test_a_thread_is_not_called_by_what_its_author_deleted(story: Story) -> None:
    mia = story.person("mia")
    post = await mia.says("How do I rotate the secret hunter2?", "help")
    assert "hunter2" in await titles(story)
    await mia.deletes(post)
    assert "hunter2" not in await titles(story)


CANARY = "Zaubernuss"
"""A word that only Noah uses."""


async def test_no_table_holds_them_any_more(story: Story) -> None:
    sofia, noah = story.person("sofia"), story.person("noah")
    thread = await solved(story)
    await story.passes(minutes=5)  # what is said right behind it would be part of what solved the question
    await noah.says(f"It is beside the {CANARY}.", thread)
    await noah.uses("/expertise add", topic=CANARY)
    await noah.uses("/ask", question=f"Where do I plant a {CANARY}?", details=f"My {CANARY} is tall.", anonymous="true")
    await noah.uses("/ask", question=f"A {CANARY} that isn't finished", details=CANARY * 200)
    await sofia.says(f"I don't know, @noah, {CANARY}?", story.thread(await sofia.reads("plant a")))
    assert [row for row in await _everything(story) if CANARY in row and "Noah" not in row]
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.app.settle()
    kept = await _everything(story)
    key = story.door.account("noah").key
    assert not [row for row in kept if key in row], "the account"
    assert not [row for row in kept if "Noah" in row], "the name"
    words = [row for row in kept if CANARY in row and "I don't know" not in row]
    assert not words, "what they wrote, but for what solved Sofia's question; what Sofia wrote is hers"


async def _everything(story: Story) -> list[str]:
    """Return every row of every table, as text."""
    async with story.app.database.read() as connection:
        names = (await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).all()
        return [
            f"{name}: {tuple(row)}"
            for name in names
            for row in await connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608
        ]
