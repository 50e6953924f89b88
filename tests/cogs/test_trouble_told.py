"""An admin hears, once an hour at most, what waits and why, and what was set aside; and nothing of it twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import Work
from tests.adapters.slack.door import SlackDoor
from tests.doors import MemoryDoor
from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_dead_letters import Printer, printing
from .test_events import going, planned
from .test_gate import DAY_AFTER, Closing
from .test_link import Town, town, towns

__all__ = ["town", "towns"]

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)
TITLE = "Something is stuck"


async def notes(who: Person, title: str = TITLE) -> list[Seen]:
    return [seen for seen in await who.sees() if seen.title == title]


@pytest.mark.needs("channels")
async def test_where_it_may_not_speak_is_told_once_and_what_to_do(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await story.keeps_out("ideas")
    await mia.uses("/idea add", title="Dark mode for the board")
    await story.passes(minutes=55)
    assert not await notes(ava), "what lasts less than an hour is not worth a note"
    await story.passes(minutes=10)
    [note] = await notes(ava)
    assert "I may not speak in #ideas: 1 message has been waiting since 02 Mar 2026, 10:00 UTC." in note.body
    assert "let me in and write there" in note.body and not note.pinged
    await mia.does_not_read(TITLE)
    await mia.uses("/idea add", title="Keyboard shortcuts")
    await story.passes(hours=5)
    assert len(await notes(ava)) == 1, "nothing new"
    await story.lets_back("ideas")
    await story.passes(hours=2)
    await story.keeps_out("ideas")
    await mia.uses("/idea add", title="A map of the garden")
    await story.passes(hours=2)
    assert len(await notes(ava)) == 2, "it came again"


@pytest.mark.parametrize("kit", ["slack"], indirect=True)
async def test_where_somebody_took_it_out_of_a_channel_it_asks_to_be_invited(story: Story) -> None:
    door = story.door
    assert isinstance(door, SlackDoor)
    await door.crowd.expel("UADA", "CIDEAS")
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=1, minutes=5)
    [note] = await notes(story.person("ava"))
    assert "I may not speak in #ideas" in note.body


@on_memory
async def test_it_is_said_in_german(begin: Begin) -> None:
    story = await begin(TRELLIS_LANGUAGE="de")
    await story.keeps_out("ideas")
    await story.person("mia").uses("/idea add", title="Dunkler Modus")
    await story.passes(hours=1, minutes=5)
    [note] = await notes(story.person("ava"), "Etwas kommt nicht voran")
    assert "In #ideas darf ich nicht schreiben: 1 Nachricht wartet seit" in note.body


@on_memory
async def test_a_second_channel_is_news_and_all_of_it_is_told(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await story.keeps_out("ideas")
    await mia.uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=3)
    await story.keeps_out("events")
    await mia.uses("/event create", title="Pruning", when="next thursday 18:00")
    await mia.presses("Post")
    await story.passes(hours=3)
    assert ["#events" in note.body for note in await notes(ava)] == [False, True]
    assert all("#ideas" in note.body for note in await notes(ava))


@on_memory
async def test_a_note_that_cannot_be_sent_is_no_news_and_is_dropped(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await story.keeps_out("agents")
    await story.keeps_out("ideas")
    await mia.uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=8)
    await story.lets_back("ideas")
    await story.passes(hours=2)
    await story.lets_back("agents")
    await story.passes(hours=2)
    assert not await notes(ava), "what is over by then is not told"


@on_memory
async def test_while_the_platform_is_away_nothing_is_told_on_it(story: Story) -> None:
    platform: Any = story.door.platform  # type: ignore[attr-defined]
    platform.down = True
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=3)
    platform.down = False
    await story.passes(hours=3)
    assert not await notes(story.person("ava"))
    assert len(await story.person("mia").sees("ideas")) == 1


async def test_of_two_platforms_the_one_that_answers_hears_of_the_other(town: Town) -> None:
    assert isinstance(town.there.door, MemoryDoor)
    town.there.door.platform.down = True
    await town.mia.uses("/idea add", title="Dark mode for the board")
    await town.here.passes(hours=6)
    [note] = await notes(town.here.person("ava"))
    assert "The Other Side hasn't answered since 02 Mar 2026, 10:00 UTC: 1 message waits." in note.body
    town.there.door.platform.down = False
    await town.here.passes(hours=1)
    assert not await notes(town.there.person("ava"))


@on_memory
async def test_direct_messages_that_cannot_be_sent_are_told(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    await planned(story, when=DAY_AFTER)
    await going(story, "noah")
    await story.prefers("noah", direct_ok=True)
    Closing(story, monkeypatch)
    await story.passes(hours=4)
    [note] = await notes(story.person("ava"))
    assert "1 direct message has been waiting since" in note.body


@on_memory
async def test_what_was_set_aside_is_told_with_the_command_to_see_it(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trellis.db'}")
    printer = Printer()
    printer.jam = FileNotFoundError("no paper")
    story = await printing(begin, printer)
    ava = story.person("ava")
    await story.passes(hours=2)
    [note] = await notes(ava)
    assert "1 thing failed by my own fault and was set aside" in note.body and "trellis dead list" in note.body
    await story.passes(days=3)
    assert len(await notes(ava)) == 1
    community = await story.app.members.community_of(story.door.account("mia").space.key)
    assert community
    await story.app.jobs.put(Printer.print.call(8).pack(), story.now, community.id)
    await story.passes(hours=2)
    assert "2 things failed" in (await notes(ava))[-1].body


@on_memory
async def test_without_a_channel_for_it_admins_are_told_who_take_direct_messages(begin: Begin) -> None:
    story = await begin(TRELLIS_MODERATORS_CHANNELS="")
    mia, ada = story.person("mia"), story.person("ada")
    await ada.says("hello")
    await ada.uses("/help")
    await story.keeps_out("ideas")
    await mia.uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=3)
    assert not await notes(ada), "nobody who did not agree to it"
    await story.prefers("ada", direct_ok=True)
    await story.passes(hours=2)
    [note] = await notes(ada)
    assert note.channel == story.door.direct("ada") and "#ideas" in note.body


@on_memory
async def test_what_is_due_and_not_done_is_told_each_hour_though_nothing_sets_jobs_off(story: Story) -> None:
    await story.person("mia").uses("/me")
    community = (await story.member("mia")).community_id
    app, now = story.app, story.now
    await app.scheduler.stop()
    await app.jobs.put("polls.remind:1", now + timedelta(minutes=1), community, "late")
    await app.self_check.run_if_due(now)
    story.clock.move_to(now + timedelta(minutes=70))
    await app.self_check.run_if_due(story.now)
    await app.courier.drained()
    [note] = await notes(story.person("ava"))
    assert "1 thing that was due 02 Mar 2026, 10:01 UTC isn't done yet." in note.body and "log" in note.body
    story.clock.move_to(now + timedelta(hours=6))
    await app.self_check.run_if_due(story.now)
    await app.courier.drained()
    assert len(await notes(story.person("ava"))) == 1, "nothing new"


@on_memory
async def test_what_cannot_be_looked_at_is_told_and_looked_at_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs, for as long as that is waited for."""
    await story.person("mia").uses("/me")
    check, now = story.app.self_check, story.now
    monkeypatch.setattr("bot.kernel.self_check.TIMEOUT", timedelta(seconds=0.1))

    async def told(minutes: int) -> int:
        story.clock.move_to(now + timedelta(minutes=minutes))
        await check.run_if_due(story.now)
        await story.app.courier.drained()
        return len(await notes(story.person("ava"), "I can't check myself"))

    async def hang(_: Work) -> None:
        await asyncio.Event().wait()

    await check.run_if_due(now)
    with monkeypatch.context() as stuck:
        stuck.setattr(check._troubles, "look", hang)
        assert [await told(minutes) for minutes in (61, 119, 120, 600)] == [0, 0, 1, 1]
        [note] = await notes(story.person("ava"), "I can't check myself")
        assert "since 02 Mar 2026, 10:00 UTC" in note.body and check.ran_at == now
    assert await told(601) == 1 and check.ran_at == now + timedelta(minutes=601)


@on_memory
@pytest.mark.parametrize("hours", [24, 72])
async def test_what_is_too_old_to_be_read_back_is_told_once(story: Story, hours: int) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    assert isinstance(story.door, MemoryDoor)
    platform = story.door.platform
    await story.passes(minutes=5)
    await story.app.catching_up.stop()
    platform.connected = False
    await mia.says("How do I rotate the webhook secret?", "help")
    await story.passes(hours=hours)
    await mia.says("How do I page through the list of users?", "help")
    for _ in range(2):
        await platform.reconnect()
        await story.app.catching_up.done()
        await story.app.settle()
    told = [note.body for note in await notes(ava, "I didn't read everything")]
    assert told == [
        "I haven't read what was written in #help, #agents from 02 Mar 2026, 10:05 UTC to 04 Mar 2026, 09:05 UTC: "
        "I was away for too long. I've read everything since. Please see whether somebody still waits for an answer."
    ] * (hours > 25)
    read = " ".join(seen.title for seen in await ava.sees())
    assert "page through" in read and ("webhook" in read) is (hours < 25)


@on_memory
async def test_what_has_waited_for_minutes_is_not_told_by_the_hourly_check(story: Story) -> None:
    check = story.app.self_check
    await story.keeps_out("ideas")
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    await story.passes(minutes=10)
    check.ran_at = story.now - timedelta(hours=1)
    await check.look()
    await story.app.courier.drained()
    assert check.ran_at == story.now and not await notes(story.person("ava"))
