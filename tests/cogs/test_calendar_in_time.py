"""What changes while it is put into the platform's calendar stands there once."""

from __future__ import annotations

import asyncio

import pytest

from adapters.contract.models import CalendarEntry, Space
from adapters.memory import Memory
from storage.events import EventStore
from tests.story import Story


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_event_that_changes_while_its_first_entry_is_made_stands_in_the_calendar_once(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, put = asyncio.Event(), asyncio.Event(), Memory.put_entry
    calendars = list[dict[str, CalendarEntry]]()

    async def slowly(
        platform: Memory, space: Space, entry: CalendarEntry, known: str | None, *, new: bool
    ) -> str | None:
        calendars.append(platform.calendar)
        begun.set()
        await go_on.wait()
        return await put(platform, space, entry, known, new=new)

    monkeypatch.setattr(Memory, "put_entry", slowly)
    noah, store = story.person("noah"), EventStore(story.app.database)
    await noah.uses("/event create", title="Pruning workshop", when="2026-03-05T18:00")
    posting = asyncio.create_task(noah.presses("Post"))
    await begun.wait()
    async with asyncio.timeout(30):
        editing = asyncio.create_task(noah.uses("/event edit", event="1"))
        while not (noah.form and noah.form.values["title"] == "Pruning workshop"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        filling = asyncio.create_task(noah.fills(title="Grafting workshop"))
        while (event := await store.get(1)) is None or event.title != "Grafting workshop":  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(posting, editing, filling)
    assert [entry.title for entry in calendars[0].values()] == ["Grafting workshop"]
