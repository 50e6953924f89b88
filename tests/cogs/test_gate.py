"""The one gate: nothing reaches whoever left, was forgotten, opted out or fell asleep before it could be said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.contract.adapter import Away
from bot.cli import app
from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_events import going, planned
from .test_events_telling import reminders
from .test_helping import OTHER
from .test_questions import solved

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)
where_channels_close = pytest.mark.needs("channels")
DAY_AFTER = "2026-03-03T12:00+00:00"


async def reminded_later(story: Story) -> None:
    """Have two people go to an event, and the channel closed when they are to be reminded of it."""
    await planned(story, when=DAY_AFTER)
    await going(story, "noah", "kenji")
    await story.prefers("kenji", quiet_from="00:00", quiet_to="00:00")
    await story.keeps_out("events")
    await story.passes(hours=3)
    assert not await reminders(story.person("noah"))


async def reopened(story: Story) -> Seen:
    """Bring the channel back; return the reminder that is sent then."""
    await story.lets_back("events")
    await story.passes(minutes=16)
    return (await reminders(story.person("kenji")))[-1]


@where_channels_close
async def test_whoever_left_meanwhile_is_not_named(story: Story) -> None:
    await reminded_later(story)
    await story.person("noah").leaves()
    told = await reopened(story)
    assert told.pinged == {"kenji"} and "Noah" not in told.body
    await story.passes(days=1)
    await story.person("mia").does_not_read("didn't reach")  # nobody who has left is missed


@where_channels_close
async def test_whoever_was_forgotten_meanwhile_is_not_named(story: Story) -> None:
    await reminded_later(story)
    noah = story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    told = await reopened(story)
    assert told.pinged == {"kenji"} and "Noah" not in told.words


@where_channels_close
async def test_whoever_sleeps_by_then_hears_of_it_when_they_wake(story: Story) -> None:
    await reminded_later(story)
    await story.prefers("noah", quiet_from="13:00", quiet_to="15:00", timezone="UTC")
    assert (await reopened(story)).pinged == {"kenji"}
    assert not await reminders(story.person("noah"))
    await story.passes(hours=2)
    [told] = await reminders(story.person("noah"))
    assert told.pinged == {"noah"} and "Kenji" not in told.body


class Closing:
    """A platform that takes no direct messages for now."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self._story = story
        self._direct = story.door.platform.direct  # type: ignore[attr-defined]
        self.shut = True
        monkeypatch.setattr(story.door.platform, "direct", self.direct)  # type: ignore[attr-defined]

    async def direct(self, *facts: Any, **more: Any) -> Any:
        if self.shut:
            raise Away("for now")
        return await self._direct(*facts, **more)


async def directly(story: Story, who: Person) -> list[Seen]:
    return await who.sees(story.door.direct(who.id))


@on_memory
async def test_whoever_takes_no_direct_messages_any_more_is_named(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(story, when=DAY_AFTER)
    await going(story, "noah")
    await story.prefers("noah", direct_ok=True)
    closing, noah = Closing(story, monkeypatch), story.person("noah")
    await story.passes(hours=3)
    await story.prefers("noah", direct_ok=False)
    closing.shut = False
    await story.passes(minutes=16)
    assert not await directly(story, noah)
    assert [told.pinged for told in await reminders(noah)] == [{"noah"}]


@on_memory
async def test_whoever_sleeps_is_told_directly_in_the_morning_and_what_cannot_wait_at_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(story, when=DAY_AFTER)
    await going(story, "noah")
    await story.prefers("noah", direct_ok=True)
    closing, mia, noah = Closing(story, monkeypatch), story.person("mia"), story.person("noah")
    await story.passes(hours=3)
    await story.prefers("noah", quiet_from="12:00", quiet_to="18:00", timezone="UTC")
    closing.shut = False
    await story.passes(minutes=16)
    assert not await directly(story, noah)
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    assert ["is cancelled" in told.body for told in await directly(story, noah)] == [True]


@on_memory
@pytest.mark.parametrize("how", ["away", "snoozed", "left alone", "asleep", "left"])
async def test_nobody_is_asked_who_does_not_want_to_be_by_then(
    story: Story, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await story.prefers("noah", direct_ok=True)
    if how == "snoozed":
        await mia.uses("/ask", question="Can a webhook go to two addresses?")
    closing = Closing(story, monkeypatch)
    await mia.uses("/ask", question=OTHER)
    match how:
        case "away":
            await noah.uses("/away", until="tomorrow 09:00")
        case "snoozed":
            await noah.presses("Snooze", on=(await directly(story, noah))[-1])
        case "left alone":
            await story.prefers("noah", offers_ok=False)
        case "asleep":
            await story.prefers("noah", quiet_from="08:00", quiet_to="23:00", timezone="UTC")
        case "left":
            await noah.leaves()
    closing.shut = False
    await story.passes(hours=12)
    assert not [told for told in await directly(story, noah) if OTHER in told.words]
    assert not [seen for seen in await mia.sees() if "noah" in seen.pinged and OTHER in seen.words]


@on_memory
async def test_what_waits_or_was_set_aside_names_nobody_who_was_forgotten(
    story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trellis.db'}")
    await planned(story, when=DAY_AFTER)
    await going(story, "noah", "kenji")

    async def post(*_: Any, **__: Any) -> Any:
        raise KeyError("a bug")

    monkeypatch.setattr(story.door.platform, "post", post)  # type: ignore[attr-defined]
    await story.passes(hours=3)
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["dead", "list"])
    id_ = shown.stdout.split()[0]
    assert "Noah" in (await asyncio.to_thread(CliRunner().invoke, app, ["dead", "show", id_])).stdout
    noah = story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["dead", "show", id_])
    assert "Kenji" in shown.stdout and "Noah" not in shown.stdout and "noah" not in shown.stdout


@on_memory
async def test_what_was_asked_for_comes_whatever_someone_chose(begin: Begin) -> None:
    story = await begin()
    sofia, noah = story.person("sofia"), story.person("noah")
    await sofia.uses("/ask", question=OTHER, anonymous="yes")
    await noah.says("It has to be signed anew.", story.thread(await noah.reads(OTHER, "help")))
    await story.passes(days=3)
    assert [told for told in await directly(story, sofia) if "sign" in told.words or OTHER in told.words]
