"""What the rooms show moderators on the dashboard, and what is decided there as by command."""

from __future__ import annotations

import pytest

from tests.story import Story

from .test_events import planned
from .test_questions import thread_of
from .web import another, browser_of

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


async def test_ideas_are_searched_and_decided_on_as_by_command(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    for title in ("A dark theme <b>now</b>", "Export to calendars"):
        await mia.uses("/idea add", title=title, details="Übersicht am Abend" if "dark" in title else "")
    await noah.presses("👍 Vote", on=await noah.reads("A dark theme", "ideas"))
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        await browser.opens("/dashboard/ideas")
        assert "Most votes first 2 #1 A dark theme <b>now</b>" in browser.words and "Votes 1" in browser.words
        assert "<b>now" not in browser.html
        await browser.opens("/dashboard/ideas?words=%C3%9CBERSICHT+dark")
        assert "Export" not in browser.words and "A dark theme" in browser.words
        await browser.opens("/dashboard/ideas?words=nothing&status=madeup")
        assert "No ideas found." in browser.words

        await browser.opens("/dashboard/ideas")
        await browser.sends("/dashboard/ideas/decide", idea="1", status="declined", note="")
        assert browser.status == 422 and "Please say why: everyone who wanted it reads this." in browser.words
        await browser.sends("/dashboard/ideas/decide", idea="1", status="planned", note="In spring & summer")
        assert browser.status == 200 and "In spring & summer" in browser.words
        assert "🗓️ Planned" in (await story.person("sofia").reads("A dark theme", "ideas")).words
        await browser.sends("/dashboard/ideas/decide", idea="1", status="planned", note="In spring & summer")
        assert browser.status == 409 and "It says just that already." in browser.words, "pressed twice"
        for idea, status, found in (("99", "planned", 409), ("x", "planned", 409), ("1", "draft", 422), ("1", "", 422)):
            await browser.sends("/dashboard/ideas/decide", idea=idea, status=status, note="n")
            assert browser.status == found
        await browser.sends("/dashboard/ideas/decide", idea="1", status="declined", note="x" * 241)
        assert browser.status == 422 and "At most 240 characters, please." in browser.words
        await browser.opens("/dashboard/ideas?status=planned")
        assert "#1 A dark theme" in browser.words and "#2" not in browser.words
        await browser.opens("/dashboard/audit?what=idea")
        assert "Liam decided on an idea" in browser.words


async def test_a_poll_of_somebody_else_is_closed_with_a_reason_they_read(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/poll create", question="Where shall we meet?", options="Library, Park")
    await mia.presses("Post it")
    async with browser_of(story) as browser, another(browser) as other:
        await browser.signs_in("liam")
        await browser.opens("/dashboard/polls")
        assert "Open 1 #1 Where shall we meet?" in browser.words and "Asked by Mia" in browser.words
        await other.signs_in("ada")
        await other.opens("/dashboard/polls")
        await browser.sends("/dashboard/polls/close", poll="1", reason="")
        assert browser.status == 422 and "Please say why, in at most 240 characters." in browser.words
        await browser.sends("/dashboard/polls/close", poll="1", reason="It was asked twice")
        assert "The poll is closed, and its result is posted." in browser.words
        assert "Why It was asked twice" in browser.words and "No poll is open." in browser.words
        assert "A moderator closed your poll" in (await mia.reads("A moderator closed your poll")).words
        await other.sends("/dashboard/polls/close", poll="1", reason="Too late")
        assert other.status == 409
        for made_up in ("", "x", "99", "-1", "9" * 30):
            await other.sends("/dashboard/polls/close", poll=made_up, reason="r")
            assert other.status == 409


async def test_events_are_shown_with_who_comes(story: Story) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        await browser.opens("/dashboard/events")
        assert "Nothing is planned yet." in browser.words
        await planned(story, title="Seed swap", capacity="1", place="Library")
        for name in ("noah", "sofia"):
            person = story.person(name)
            await person.presses("Going", on=await person.reads("Seed swap", "events"))
        await browser.opens("/dashboard/events")
        assert "Coming up 1" in browser.words and "Seed swap" in browser.words and "Going 1 of 1" in browser.words
        assert "On the waitlist 1" in browser.words and "Where Library" in browser.words


@pytest.mark.parametrize("room", ["questions", "polls"])
async def test_what_is_open_is_there_however_much_else_is(
    story: Story, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"bot.cogs.{room}.board.SHOWN", 1)
    mia, noah = story.person("mia"), story.person("noah")
    first, second, third = "How do I prune an apple tree?", "When do tomatoes ripen?", "Why is the pond green?"
    for title in (first, second, third):
        if room == "questions":
            await mia.uses("/ask", question=title)
            if title != first:
                await noah.says("Look it up in the book.", await thread_of(mia, title))
        else:
            await mia.uses("/poll create", question=title, options="Yes, No")
            await mia.presses("Post it")
            if title != first:
                await mia.uses("/poll close", poll="2" if title == second else "3")
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        await browser.opens(f"/dashboard/{room}")
        assert first in browser.words and third in browser.words and second not in browser.words
        assert "There are more than these 1." in browser.words and "Find on this page" not in browser.words
