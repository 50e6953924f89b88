"""What keeps ballots secret, as members meet it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from storage.ballots import poll_secrets
from tests.storage.test_traces import in_files

from .conftest import Begin
from .test_polls import asks, of


def ours(files: list[str]) -> list[str]:
    """Return the files of the database; the playground's own stands for what a platform keeps."""
    return [file for file in files if file.startswith("trellis.db")]


async def test_a_closed_poll_leaves_its_key_in_no_file(begin: Begin, tmp_path: Path) -> None:
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, anonymous="yes")
    await noah.presses("Park", on=card)
    async with story.app.database.read() as connection:
        key = str(await connection.scalar(select(poll_secrets.c.secret)))
    await mia.uses("/poll close")
    assert not in_files(tmp_path, key)


async def test_who_is_forgotten_stands_in_no_file(begin: Begin, tmp_path: Path) -> None:
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How do I rotate the webhook secret?")
    thread = story.thread(await noah.reads("How do I rotate", "help"))
    await noah.says("The canary sings under Settings, Webhooks: rotate it there.", thread)
    assert ours(in_files(tmp_path, "canary sings"))
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    await story.app.upkeep.refresh()
    assert not ours(in_files(tmp_path, "canary sings"))


async def test_no_vote_counts_twice_where_the_key_is_lost(begin: Begin, tmp_path: Path) -> None:
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, anonymous="yes")
    await noah.presses("Park", on=card)
    await story.app.stop()
    (tmp_path / "trellis-poll-secret").unlink()
    story = await begin()
    noah = story.person("noah")
    await noah.presses("Library", on=card)
    assert "the key to its ballots is gone" in (await noah.last_private()).words
    assert (await of(noah, card)).fields["Voted so far"] == "1"
    await story.person("mia").uses("/poll close")
    assert "Park" in (await noah.reads("Anonymous: it isn't kept", "general")).body


async def test_a_new_setting_leaves_open_polls_as_they_are(begin: Begin) -> None:
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, anonymous="yes")
    await noah.presses("Park", on=card)
    await story.app.stop()
    story = await begin(TRELLIS_POLL_SECRET="from now on")
    noah = story.person("noah")
    await noah.presses("Library", on=card)
    assert (await of(noah, card)).fields["Voted so far"] == "1"
