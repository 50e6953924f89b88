"""Events off the road: where Trellis may not speak, what somebody deletes, crowds, people who turn out to be one."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.signups import SignupStore
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_events import TITLE, card_of, going, planned
from .test_events_telling import Witness, reminders
from .test_link import Town, link, town, towns

__all__ = ["town", "towns"]

OLD_CALLS = (
    *("drafting.edit_draft", "drafting.redraft", "drafting.more_draft", "drafting.add_to_draft", "drafting.drop"),
    *("drafting.post", "events.edit_event", "events.change", "events.move", "events.more", "events.change_terms"),
    *("events.follow", "events.ask_cancel", "events.call_off", "attending.show", "attending.answer", "attending.here"),
    *("attending.rate", "attending.reminders", "attending.choose_reminders", "attending.no_reminders"),
    *("attending.usual_reminders", "hosting.tools", "hosting.write", "hosting.send", "hosting.door"),
    *("hosting.turn_page", "hosting.check_in", "hosting.undo", "hosting.export_list"),
    *("calendar.add", "calendar.mine", "calendar.renew"),
)


async def until(story: Story, moment: str) -> None:
    """Let time pass until a moment of March 2026, in UTC: "05 18:00"."""
    at = datetime.fromisoformat(f"2026-03-{moment}+00:00")
    await story.passes(seconds=(at - story.now).total_seconds())


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_buttons_of_before_the_rooms_files_were_named_anew_still_work(story: Story) -> None:
    assert not [name for name in OLD_CALLS if name not in story.app.router._registry.actions]
    await planned(story)
    noah = story.person("noah")
    await story.door.press("noah", (await card_of(noah)).id, "attending.answer:1:going")
    assert (await card_of(noah)).fields["Going"] == "1 person: @Noah"


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_archived_channel_holds_back_what_is_of_use_later_and_the_host_hears_of_the_rest(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await planned(story, when="2026-03-05T18:00+00:00")
    await going(story, "noah")
    for place in ("events", story.thread(card)):
        await story.keeps_out(place)
    await until(story, "04 18:01")
    assert not await reminders(noah)
    await until(story, "05 17:05")
    for place in ("events", story.thread(card)):
        await story.lets_back(place)
    await until(story, "05 17:10")
    assert [seen.words for seen in await reminders(noah) if " starts " in seen.words], "an hour before is still of use"
    assert "The reminder 1 day before didn't reach 1 person" in (await mia.reads("didn't reach")).words
    await until(story, "05 18:01")
    assert len(await reminders(noah)) == 2


@pytest.mark.needs("channels")
async def test_a_channel_made_anew_has_the_card_of_what_lies_ahead(story: Story) -> None:
    noah = story.person("noah")
    await planned(story, when="2026-03-05T18:00+00:00")
    await going(story, "noah")
    await story.deletes_channel("events")
    await until(story, "04 18:01")
    await story.makes_channel("events")
    await until(story, "04 18:30")
    card = next(seen for seen in await noah.sees() if TITLE in seen.title)
    assert card.fields["Going"] == "1 person: @Noah"
    assert len(await reminders(noah)) == 1
    await until(story, "05 18:01")
    assert len(await reminders(noah)) == 3


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_who_deletes_the_card_takes_nothing_from_anyone(story: Story) -> None:
    liam, noah, kenji = (story.person(name) for name in ("liam", "noah", "kenji"))
    await planned(story, when="2026-03-05T18:00+00:00")
    await going(story, "noah")
    await liam.deletes((await card_of(liam)).id)
    await kenji.uses("/event show", event="1")
    await kenji.presses("Going", on=await kenji.last_private())
    await until(story, "05 18:01")
    assert (await reminders(noah))[-1].pinged == {"noah", "kenji"}
    due = await story.app.jobs.next_due()
    assert due and due > story.now, "nothing is tried for ever"


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_who_closed_their_direct_messages_is_named_in_the_thread(story: Story) -> None:
    assert isinstance(story.door, MemoryDoor)
    noah = story.person("noah")
    await planned(story, when="2026-03-05T18:00+00:00")
    await going(story, "noah", "kenji")
    await story.prefers("noah", direct_ok=True)
    story.door.platform.closed.add("noah")
    await until(story, "04 18:01")
    assert [seen.pinged for seen in await reminders(noah)] == [{"noah"}]


async def test_an_event_moved_twice_and_back_is_told_each_time(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await planned(story, when="2026-03-05T18:00+00:00")
    await going(story, "noah")
    for when in ("2026-03-06T18:00+00:00", "2026-03-05T18:00+00:00", "2026-03-06T18:00+00:00"):
        await story.passes(minutes=10)
        await mia.uses("/event edit", event="1")
        await mia.fills(when=when)
        await mia.presses("Move it")
    moved = [seen for seen in await noah.sees() if "moved from" in seen.body]
    assert len(moved) == 3 and ["Can't any more" in seen.controls for seen in moved] == [False, False, True]
    await until(story, "06 18:01")
    assert len([seen for seen in await reminders(noah) if " starts " in seen.words]) == 3


async def test_places_without_a_limit_are_offered_to_all_who_wait(story: Story) -> None:
    mia = story.person("mia")
    await planned(story, capacity="1")
    await going(story, "noah", "kenji", "sofia", "ava")
    await mia.presses("Host tools")
    await mia.presses("Places, sign-up and more")
    await mia.fills(capacity="")
    offers = [seen for seen in await mia.sees() if "it's yours if you want it" in seen.body]
    assert [seen.pinged for seen in offers] == [{"kenji"}, {"sofia"}, {"ava"}]
    await story.person("kenji").leaves()
    assert "Kenji" not in (await card_of(mia)).words


async def test_who_takes_a_place_back_in_the_last_half_hour_gives_it_to_who_waits(story: Story) -> None:
    noah, kenji = story.person("noah"), story.person("kenji")
    await planned(story, capacity="1")
    await going(story, "noah", "kenji")
    await until(story, "05 17:40")
    await noah.presses("Maybe", on=await card_of(noah))
    assert (await kenji.reads("The first to take it gets it")).pinged == {"kenji"}
    await until(story, "05 18:05")
    call = next(seen for seen in await kenji.sees() if "was free" in seen.words)
    assert not [label for label in call.controls if label != "Show the event"]


async def test_two_who_turn_out_to_be_one_are_told_nothing_twice(town: Town) -> None:
    await planned(town.here, host="noah", when="2026-03-05T18:00+00:00")
    await town.miriam.presses("Going", on=await card_of(town.miriam))
    await until(town.here, "04 18:01")
    told = [seen for seen in await town.miriam.sees() if seen.pinged and " starts " in seen.words]
    assert len(told) == 1
    await link(town.mia, town.miriam)
    await town.here.passes(minutes=30)
    again = [seen for who in (town.mia, town.miriam) for seen in await who.sees() if " starts " in seen.words]
    assert [seen.id for seen in again if seen.pinged] == [told[0].id]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_crowd_is_told_in_few_messages_and_its_card_drawn_in_few(begin: Begin) -> None:
    story = await begin()
    assert isinstance(story.door, MemoryDoor)
    platform, mia = story.door.platform, story.person("mia")
    await planned(story, when="2026-03-05T18:00+00:00")
    card = await card_of(mia)
    crowd = [f"guest{number}" for number in range(60)]
    edits: list[str] = []
    draw = platform.edit

    async def edit(message: object, drawn: object) -> None:
        edits.append(str(message))
        await draw(message, drawn)  # type: ignore[arg-type]

    platform.edit = edit  # type: ignore[method-assign, assignment]
    for name in crowd:
        platform.add_person(name, name.capitalize())
        await story.door.press(name, card.id, card.controls["Going"])
    await story.passes(seconds=5)
    going = (await card_of(mia)).fields["Going"]
    assert going.startswith("60 people: @Guest0, @Guest1") and going.endswith("and 52 more")
    assert len(edits) < 20
    await until(story, "04 18:01")
    told = [seen for seen in await mia.sees() if " starts " in seen.words]
    assert [len(seen.pinged) for seen in told] == [25, 25, 10]
    assert set().union(*(seen.pinged for seen in told)) == {*crowd}


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_each_of_a_crowd_counts_as_having_been_there(begin: Begin) -> None:
    witness = Witness([])
    story = await begin((witness,))
    await planned(story, when="2026-03-02T12:00+00:00")
    signups, mia = SignupStore(story.app.database), await story.member("mia")
    space, crowd = story.door.account("mia").space.key, []
    async with story.app.database.unit():
        for name in (f"guest{number}" for number in range(230)):
            guest, _ = await story.app.members.arrive(mia.community_id, f"{space}/{name}", space, name, story.now)
            await signups.check_in(1, guest.id, story.now)
            crowd.append(("attended", guest.id))
    await story.passes(hours=4)
    assert sorted(map(str, witness.heard)) == sorted(map(str, [*crowd, ("hosted", mia.id)]))
