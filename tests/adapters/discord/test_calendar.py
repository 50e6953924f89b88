"""The calendar of a Discord server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract.adapter import AdapterError, Unusable
from adapters.contract.models import CalendarEntry

from . import spec
from .conftest import Rig
from .server import Fault

pytestmark = spec.missing


def walk(rig: Rig) -> CalendarEntry:
    starts = rig.now + timedelta(days=1)
    return CalendarEntry("Garden walk", "Bring *boots*.", "Shed", starts, starts + timedelta(hours=1))


async def test_a_meeting_is_written_as_it_is_and_cut_to_fit(rig: Rig) -> None:
    await rig.start()
    known = await rig.adapter.put_entry(rig.space, walk(rig), None, new=False)
    assert known
    event = rig.world.events[known]
    assert (event["name"], event["description"]) == ("Garden walk", "Bring \\*boots\\*.")
    assert event["entity_metadata"] == {"location": "Shed"} and event["entity_type"] == 3
    long = replace(walk(rig), title="Garden walk\n" * 20, description="Bring boots. " * 200, place=" ")
    assert await rig.adapter.put_entry(rig.space, long, known, new=False) == known
    event = rig.world.events[known]
    assert len(event["name"]) <= 100 and "\n" not in event["name"] and 900 < len(event["description"]) <= 1000
    assert event["entity_metadata"]["location"] == "Greenhouse", "where no place is named, it's the server"


async def test_a_meeting_that_somebody_took_away_is_put_there_again(rig: Rig) -> None:
    await rig.start()
    known = await rig.adapter.put_entry(rig.space, walk(rig), None, new=False)
    rig.world.events.clear()
    again = await rig.adapter.put_entry(rig.space, walk(rig), known, new=False)
    assert again != known and [*rig.world.events] == [again]
    assert again
    await rig.adapter.drop_entry(rig.space, again)
    await rig.adapter.drop_entry(rig.space, again)
    assert not rig.world.events


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("status", [0, 502])
async def test_a_meeting_stands_there_once_when_the_answer_is_lost(rig: Rig, status: int, new: bool) -> None:
    await rig.start()
    rig.server.faults.append(Fault("POST", "/guilds/.*/scheduled-events", status, after=True))
    known = await rig.adapter.put_entry(rig.space, walk(rig), None, new=new)
    assert [*rig.world.events] == [known]


async def test_a_new_meeting_is_not_looked_for(rig: Rig) -> None:
    await rig.start()
    before = len(rig.server.requests)
    assert await rig.adapter.put_entry(rig.space, walk(rig), None, new=True)
    assert [asked.method for asked in rig.server.requests[before:]] == ["POST"]


async def test_a_meeting_that_is_there_already_is_written_anew_where_it_changed(rig: Rig) -> None:
    """Where its id is not noted yet: a card that stands a moment later changes it at once."""
    await rig.start()
    known = await rig.adapter.put_entry(rig.space, walk(rig), None, new=False)
    link = "https://discord.com/channels/1/2/3"
    changed = replace(walk(rig), ends=rig.now + timedelta(days=1, hours=2), link=link)
    assert await rig.adapter.put_entry(rig.space, changed, None, new=False) == known
    ((id_, event),) = rig.world.events.items()
    assert id_ == known and event["description"].endswith(link)
    assert event["scheduled_end_time"] == changed.ends.isoformat()


async def test_what_discord_refuses_says_what_to_mend(rig: Rig) -> None:
    await rig.start()
    with pytest.raises(Unusable, match="past"):
        await rig.adapter.put_entry(rig.space, replace(walk(rig), starts=rig.now - timedelta(days=1)), None, new=False)
    for number in range(100):
        rig.world.events[str(number)] = {"name": "x", "scheduled_start_time": "2026-01-01T00:00:00+00:00"}
    with pytest.raises(Unusable, match="100"):
        await rig.adapter.put_entry(rig.space, walk(rig), None, new=False)
    rig.world.roles["Trellis"]["permissions"] = "0"
    for deed in (rig.adapter.put_entry(rig.space, walk(rig), "1", new=False), rig.adapter.drop_entry(rig.space, "1")):
        with pytest.raises(Unusable, match="Create Events"):
            await deed
    rig.server.faults.append(Fault("DELETE", "/guilds/.*", 503, times=9))
    with pytest.raises(AdapterError):
        await rig.adapter.drop_entry(rig.space, "1")


async def test_the_description_ends_with_the_way_to_the_card(rig: Rig) -> None:
    """However long it is: the way there is never cut off."""
    await rig.start()
    link, known = "https://discord.com/channels/1/2/3", None
    for words in ("", "Bring gloves.", "long " * 400):
        known = await rig.adapter.put_entry(
            rig.space, replace(walk(rig), description=words, link=link), known, new=False
        )
        told = rig.world.events[str(known)]["description"]
        assert told.endswith(link) and len(told) <= 1000 and told.startswith(words[:4] or link)
