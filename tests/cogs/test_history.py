"""What was asked before Trellis came helps whoever asks now, and disturbs nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from adapters.discord.parse import snowflake
from bot.history.archive import opened
from bot.history.discord import DiscordExport
from bot.history.importing import Wanted, import_export
from bot.history.reader import Reader
from bot.history.slack import SlackExport
from storage.questions import QuestionStore
from tests.history.exports import (
    ANSWER,
    DAY,
    QUESTION,
    discord_file,
    discord_said,
    slack_said,
    slack_user,
    slack_zip,
    ts,
)
from tests.story import Person, Story

ASKER, HELPER = "U0OLD", "noah"


def slack_export(folder: Path, helper: str, at: datetime) -> Path:
    root = ts(0, at)
    thread = [
        slack_said(0, ASKER, QUESTION) | {"thread_ts": root, "ts": root},
        slack_said(0, helper, ANSWER) | {"thread_ts": root, "ts": ts(5, at)},
        slack_said(0, ASKER, "Thank you, that works!") | {"thread_ts": root, "ts": ts(9, at)},
    ]
    users = [slack_user(ASKER, "Ines"), slack_user(helper, "Noah")]
    return slack_zip(folder / "x.zip", {"help/2024-03-04.json": thread}, users=users)


def discord_export(folder: Path, helper: str, at: datetime) -> Path:
    root, early = str(snowflake(at)), {"id": "521486476985155645", "name": "Ines"}
    said = ((0, early, QUESTION), (5, {"id": helper, "name": "Noah"}, ANSWER), (9, early, "Thank you, that works!"))
    talk = [
        discord_said(0, "mia", words, reference={"messageId": root} if minutes else None)
        | {"id": str(snowflake(at + timedelta(minutes=minutes))), "author": author}
        for minutes, author, words in said
    ]
    discord_file(folder / "x", talk)
    return folder / "x"


async def bring(story: Story, folder: Path, at: datetime = DAY) -> None:
    """Import an export of the story's own space, in which Noah helped somebody who is not here."""
    noah = story.door.account(HELPER)
    on_discord = noah.space.platform == "discord"
    community = await story.app.members.community_of(noah.space.key)
    assert community
    with opened((discord_export if on_discord else slack_export)(folder, noah.id, at)) as archive:
        reader: Reader = DiscordExport(archive) if on_discord else SlackExport(archive)
        reader.space = noah.space
        _, report = await import_export(reader, archive, Wanted(), community.id, story.app.database, story.now)
    assert report and report.new["questions"] == 1


async def posts(person: Person, question: str) -> None:
    """Ask, and have it posted whatever is known."""
    await person.uses("/ask", question=question)
    if "Post my question" in (await person.last_private()).controls:
        await person.presses("Post my question")


async def test_it_is_found_and_shown_as_known(story: Story, tmp_path: Path) -> None:
    mia = story.person("mia")
    before = [seen.id for seen in await mia.sees()]
    await bring(story, tmp_path)
    await story.passes(days=3)
    assert [seen.id for seen in await mia.sees()] == before, "nothing was posted"
    await mia.uses("/search", query="rotating the webhook secret")
    found = await mia.last_private()
    assert QUESTION in found.words and ANSWER in found.words and "Noah" in found.words and not found.pinged
    await mia.uses("/ask", question="How do I rotate the webhook secret without any downtime?")
    assert ANSWER in (await mia.last_private()).words
    await mia.uses("/question list", status="solved")
    assert QUESTION not in (await mia.last_private()).words, "it has no number"


async def test_nobody_is_asked_before_they_were_seen(story: Story, tmp_path: Path) -> None:
    await bring(story, tmp_path, story.now.replace(month=2))
    mia, sofia, noah = (story.person(name) for name in ("mia", "sofia", HELPER))
    asked = "How do I rotate the webhook secret of a second server?"
    await posts(mia, asked)
    await story.passes(hours=4)
    assert not any("noah" in seen.pinged for seen in await mia.sees())
    await noah.uses("/help")
    again = "Where do I rotate the webhook secret of my third server?"
    await posts(sofia, again)
    await story.passes(hours=4)
    assert any("noah" in seen.pinged for seen in await noah.sees())
    asked_before = await QuestionStore(story.app.database).get(1)
    assert asked_before and asked_before.solver_id == (await story.member(HELPER)).id
