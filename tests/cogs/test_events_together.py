"""Events and everything around them: calendars, two platforms, and people who leave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar

from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_events import TITLE, card_of, going, planned
from .test_link import Town, link, town, towns
from .test_privacy import CANARY
from .test_privacy import _everything as everything

__all__ = ["town", "towns"]

Get = Callable[[str], Awaitable[tuple[int, bytes]]]


@pytest.fixture
async def served(begin: Begin) -> AsyncIterator[tuple[Story, Get]]:
    """A story, and what its web server answers."""
    story = await begin(TRELLIS_WEB_URL="https://trellis.example.org/")
    application = web.Application()
    application.add_routes(story.app.routes)
    async with TestClient(TestServer(application)) as client:

        async def get(url: str) -> tuple[int, bytes]:
            response = await client.get(url.removeprefix("https://trellis.example.org"))
            return response.status, await response.read()

        yield story, get


def entries(file: bytes) -> list[tuple[str, str, int]]:
    found = Calendar.from_ical(file).walk("VEVENT")
    return [(str(one["summary"]), str(one["status"]), one.decoded("sequence")) for one in found]


# Calendars


@pytest.mark.needs("files")
async def test_an_event_is_a_file_for_any_calendar(begin: Begin) -> None:
    story = await begin(TRELLIS_PLAYGROUND="off")
    await planned(story)
    mia, noah = story.person("mia"), story.person("noah")
    card = await card_of(noah)
    await noah.presses("Add to calendar", on=card)
    shown = await noah.last_private()
    assert entries(shown.files["event-1.ics"]) == [(TITLE, "CONFIRMED", 0)]
    assert "an admin can set TRELLIS_WEB_URL" in shown.words
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    await noah.presses("Add to calendar", on=card)
    shown = await noah.last_private()
    assert entries(shown.files["event-1.ics"])[0][1] == "CANCELLED" and "to take it off your calendar" in shown.words


async def test_members_have_a_calendar_of_their_own(served: tuple[Story, Get]) -> None:
    story, get = served
    await planned(story)
    await planned(story, title="Seed swap", when="2026-03-09T18:00+00:00")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah")
    await noah.presses("Add to calendar", on=await card_of(noah))
    shown = await noah.last_private()
    feed, event = shown.links["My calendar"], shown.links["This event"]
    assert feed.replace("https://", "webcal://") in shown.words
    assert [entries((await get(url))[1]) for url in (feed, event)] == [
        [(TITLE, "CONFIRMED", 0)],
        [(TITLE, "CONFIRMED", 0)],
    ]
    await noah.presses("Maybe", on=await card_of(noah, "Seed swap"))
    await mia.uses("/event edit", event="1")
    await mia.fills(place="The greenhouse")
    await mia.uses("/event cancel", event="2")
    await mia.presses("Cancel it")
    assert entries((await get(feed))[1]) == [(TITLE, "CONFIRMED", 1), ("Seed swap", "CANCELLED", 1)]

    await noah.presses("New address", on=shown)
    renewed = (await noah.reads("Here is your new address")).links["My calendar"]
    assert (await get(feed))[0] == 404 and len(entries((await get(renewed))[1])) == 2
    assert (await get("/calendar/nobody.ics"))[0] == (await get("/calendar/event/nothing.ics"))[0] == 404
    assert (await get("/calendar/%00.ics"))[0] == 404
    await noah.leaves()
    assert (await get(renewed))[0] == 404


# Two platforms


async def test_one_event_has_one_list_on_both_platforms(town: Town) -> None:
    mia, noah, sofia = town.mia, town.here.person("noah"), town.there.person("sofia")
    await planned(town.here, capacity="1")
    await going(town.here, "noah")
    await sofia.presses("Going", on=await card_of(sofia))
    assert "number 1 on the waitlist" in (await sofia.last_private()).words
    for person in (mia, sofia):
        card = await card_of(person)
        assert card.fields["Going"] == "1 of 1: @Noah" and card.fields["Waitlist"] == "@Sofia"
    await noah.presses("Can't", on=await card_of(noah))
    offer = await sofia.reads("it's yours if you want it")
    assert offer.pinged == {"sofia"} and offer.channel == town.there.thread(await card_of(sofia))
    await mia.does_not_read("it's yours if you want it")
    await sofia.presses("Take the place", on=offer)
    assert (await card_of(mia)).fields["Going"] == "1 of 1: @Sofia"


async def test_one_platform_down_holds_no_reminder_up_on_the_other(town: Town) -> None:
    await planned(town.here, when="2026-03-03T12:00+00:00")
    await going(town.here, "noah")
    assert isinstance(town.there.door, MemoryDoor)
    town.there.door.platform.down = True
    await town.here.passes(hours=2, minutes=5)
    assert (await town.here.person("noah").reads("starts 03 Mar")).pinged == {"noah"}


async def test_who_links_two_accounts_has_one_place_and_the_other_goes_to_who_waits(town: Town) -> None:
    await planned(town.here, host="noah", capacity="2")
    await going(town.here, "mia")
    await town.miriam.presses("Going", on=await card_of(town.miriam))
    await going(town.here, "noah")
    await link(town.mia, town.miriam)
    assert (await town.here.person("noah").reads("it's yours if you want it")).pinged == {"noah"}
    card = await card_of(town.mia)
    assert "Miriam" not in card.words and "Mia" in card.fields["Going"]


async def test_a_platform_that_stays_down_delays_nothing_on_the_other(town: Town) -> None:
    await planned(town.here, when="2026-03-03T12:00+00:00")
    await going(town.here, "noah")
    assert isinstance(town.there.door, MemoryDoor)
    await town.here.passes(hours=2, minutes=5)
    town.there.door.platform.down = True
    start = datetime(2026, 3, 3, 12, 1, tzinfo=UTC)
    await town.here.passes(seconds=(start - town.here.now).total_seconds())
    await town.here.person("noah").reads(f"{TITLE} starts now.")
    town.there.door.platform.down = False
    await town.here.passes(hours=2)
    assert (await card_of(town.there.person("sofia"))).fields["Who came"] == "Nobody has said so yet"


async def test_the_spaces_own_calendar_mirrors_the_event(town: Town) -> None:
    assert isinstance(town.here.door, MemoryDoor) and isinstance(town.there.door, MemoryDoor)
    calendars = [door.platform.calendar for door in (town.here.door, town.there.door)]
    mia = town.mia
    await planned(town.here, place="The greenhouse")
    await going(town.here, "noah")
    for calendar in calendars:
        assert [(one.title, one.place) for one in calendar.values()] == [(TITLE, "The greenhouse")]
    await mia.uses("/event edit", event="1")
    await mia.fills(title="Grafting", when="2026-03-06T18:00+00:00")
    await mia.presses("Move it")
    for calendar in calendars:
        assert [(one.title, f"{one.starts:%d %H}") for one in calendar.values()] == [("Grafting", "06 18")]
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    assert calendars == [{}, {}]


async def test_what_may_not_be_changed_in_the_spaces_calendar_is_still_taken_away(town: Town) -> None:
    assert isinstance(town.here.door, MemoryDoor)
    platform, mia = town.here.door.platform, town.mia
    await planned(town.here)
    platform.calendar_closed = True
    await mia.uses("/event edit", event="1")
    await mia.fills(place="The greenhouse")
    platform.calendar_closed = False
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    assert platform.calendar == {}


# People


async def test_whoever_leaves_gives_their_place_up(story: Story) -> None:
    await planned(story, capacity="1")
    await going(story, "noah", "kenji")
    await story.person("noah").leaves()
    assert (await story.person("kenji").reads("it's yours if you want it")).pinged == {"kenji"}


async def test_whoever_is_forgotten_is_on_no_card_any_more(story: Story) -> None:
    await planned(story, when="2026-03-02T12:00+00:00")
    await planned(story, host="noah", title="Seed swap")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah", "kenji")
    await story.passes(hours=2)
    await noah.presses("I'm here", on=await card_of(noah))
    await story.passes(hours=3)
    assert (await card_of(mia)).fields["Who came"] == "@Noah"
    await noah.uses("/privacy show")
    assert "signed up" in (await noah.last_private()).words
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    assert "Noah" not in (await card_of(mia)).words
    await mia.does_not_read("Seed swap")
    called_off = await card_of(mia, "Cancelled")
    assert called_off.fields["Host"] == "someone who is gone" and not called_off.controls


@pytest.mark.needs("files")
async def test_whoever_asks_what_is_known_reads_what_they_were_told(story: Story) -> None:
    await planned(story, when="2026-03-02T12:00+00:00")
    noah = story.person("noah")
    await going(story, "noah")
    await story.passes(hours=3)
    await noah.uses("/privacy export")
    known = json.loads((await noah.last_private()).files["your-data.json"])["known"]["attend"]
    assert [one["event"] for one in known["signed_up"]] == [TITLE]
    assert {(one["event"], one["what"].split("/")[0]) for one in known["told"]} == {(TITLE, "remind")}


async def test_no_table_holds_a_forgotten_host_any_more(story: Story) -> None:
    noah, kenji = story.person("noah"), story.person("kenji")
    await planned(story, host="noah", description=CANARY, place=CANARY, repeat="weekly")
    await going(story, "noah", "kenji")
    await noah.presses("Host tools", on=await card_of(noah))
    await noah.presses("Message everyone")
    await noah.fills(words=f"Bring a {CANARY}!")
    await noah.uses("/event create", title=f"A {CANARY} nobody posted", when="2026-03-09 18:00")
    await noah.presses("Add to calendar", on=await card_of(noah))
    await story.passes(days=2, hours=9)
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    kept, key = await everything(story), story.door.account("noah").key
    assert not [row for row in kept if CANARY in row or key in row or "Noah" in row]
    assert (await kenji.reads("is cancelled")).pinged == {"kenji"}
    await kenji.uses("/event list")
    assert "Nothing is planned" in (await kenji.last_private()).words


async def test_a_host_is_asked_who_came_when_nobody_said_so(story: Story) -> None:
    await planned(story, when="2026-03-02T12:00+00:00")
    await going(story, "noah")
    await story.passes(hours=3, minutes=1)
    asked = await story.person("mia").reads("Who came?")
    assert asked.pinged == {"mia"}
    mia = story.person("mia")
    await mia.presses("Check people in", on=asked)
    await mia.chooses("Noah")
    await story.passes(hours=2)
    assert (await card_of(mia)).fields["Who came"] == "@Noah"
    await mia.presses("Check people in", on=asked)
    assert "counted already" in (await mia.last_private()).words
