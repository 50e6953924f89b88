"""Who did what: by command, on the dashboard and at a shell, the same entries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from storage.audit import AuditStore
from tests.story import Story

from .conftest import Begin
from .web import browser_of


async def noted(story: Story, number: int) -> None:
    """Have an admin change a setting, and note more by hand than a message shows."""
    ada = story.person("ada")
    await ada.uses("/settings set", name="idle_hours", value="72")
    member = await story.member("ada")
    for minute in range(number):
        await story.passes(minutes=1)
        await AuditStore(story.app.database).add(
            member.community_id, story.now, member.id, "poll.closed", subject=f"poll #{minute}"
        )


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_moderators_page_through_it_and_get_it_as_a_file(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/audit")
    assert (await mia.last_private()).body == "Only moderators can do that here."
    await liam.uses("/audit")
    assert (await liam.last_private()).body == "Nothing was noted."
    await noted(story, 12)
    await liam.uses("/audit")
    card = await liam.last_private()
    assert card.title == "Audit log" and card.body.count("\n") == 9
    assert card.body.startswith("02 Mar 2026, 10:12 UTC: Ada closed a poll (poll #11)")
    await liam.presses("Older")
    card = await liam.last_private()
    assert card.body.endswith("10:00 UTC: Ada changed a setting (idle_hours: 48 -> 72)") and card.body.count("\n") == 2
    await liam.presses("Get it as a file")
    card = await liam.last_private()
    assert card.body == "13 entries, the latest first."
    table = card.files["audit.csv"].decode("utf-8-sig").splitlines()
    assert table[0] == "when (UTC),who,action,about,detail" and len(table) == 14
    assert table[-1] == "2026-03-02 10:00:00,Ada,setting.changed,idle_hours,48 -> 72"


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize(
    "asked, number",
    [
        ({"what": "setting"}, 1),
        ({"what": "/Poll"}, 2),
        ({"what": "poll.closed", "days": "1"}, 2),
        ({"what": "pol"}, 0),
        ({"what": "a:b%_'"}, 0),
        ({"days": "99999"}, 3),
        ({"who": "mia"}, 0),
        ({"who": "ada"}, 3),
    ],
)
async def test_it_is_narrowed_down(story: Story, asked: dict[str, str], number: int) -> None:
    await story.person("mia").uses("/help")
    await noted(story, 2)
    liam = story.person("liam")
    if "who" in asked:
        asked = {"who": story.named(asked["who"])}
    await liam.uses("/audit", **asked)
    body = (await liam.last_private()).body
    assert (0 if body == "Nothing was noted." else body.count("\n") + 1) == number


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_on_the_dashboard_it_is_paged_searched_and_saved(story: Story) -> None:
    await noted(story, 60)
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        await browser.opens("/dashboard/audit?what=poll")
        assert "What was done 50" in browser.words and "poll #59" in browser.words and "poll #9 " not in browser.words
        older = browser.html.partition('<a href="?')[2].partition('"')[0].replace("&amp;", "&")
        await browser.opens(f"/dashboard/audit?{older}")
        assert "What was done 10" in browser.words and "poll #9" in browser.words and "Older" not in browser.words
        await browser.opens("/dashboard/audit/file?what=poll")
        assert browser.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
        assert len(browser.html.splitlines()) == 61
        for odd in ("who=nobody", "days=soon", "before=x", "before=99999999999", "what=%00", "who=%F0%9F%98%80"):
            await browser.opens(f"/dashboard/audit?{odd}")
            assert browser.status == 200, odd


async def test_on_every_platform_the_link_comes_privately_and_signs_in(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        assert "Signed in as Liam" in browser.words
        await browser.opens("/dashboard/audit")
        assert "Liam signed in to the dashboard" in browser.words
    await mia.does_not_read("Your link works once")
    await liam.uses("/audit")
    assert "signed in to the dashboard" in (await liam.last_private()).body


async def test_at_a_shell_it_is_printed(begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trellis.db'}")
    story = await begin()
    await noted(story, 1)

    async def printed(*words: str) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["audit", *words])
        return done.output

    assert "Ada  setting.changed  idle_hours  48 -> 72" in await printed()
    assert "poll.closed" not in await printed("--what", "setting")
    assert "when (UTC),who,action,about,detail" in await printed("--csv", "--who", "Ada")
    assert "Nobody in" in await printed("--who", "Zoe")
    assert await printed("--what", "nothing") == "Nothing was noted.\n"
