"""Events: what members are told unasked, and when; who was there, and how it was."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.kernel.cog import Cog, listener
from bot.kernel.domain_events import EventAttended, EventHosted
from bot.kernel.work import Work
from storage.members import Member
from tests.doors import MemoryDoor
from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_events import TITLE, card_of, going, planned


async def reminders(person: Person) -> list[Seen]:
    """Return the reminders that someone was named in."""
    named = [seen for seen in await person.sees() if f"@{person.id.capitalize()}" in seen.words]
    return [seen for seen in named if " starts " in seen.words or " was " in seen.words]


# Reminders


async def test_only_those_who_signed_up_are_reminded_and_once_each(begin: Begin) -> None:
    story = await begin()
    await planned(story, when="2026-03-12T18:00+00:00")
    kenji = story.person("kenji")
    await going(story, "noah")
    await kenji.presses("Maybe", on=await card_of(kenji))
    await story.prefers("kenji", quiet_from="00:00", quiet_to="00:00")  # night owls are reminded at once
    expected = {"2026-03-05 17:59": 0, "2026-03-05 18:01": 1, "2026-03-11 18:01": 2, "2026-03-12 17:01": 3}
    for moment, number in expected.items():
        at = datetime.fromisoformat(f"{moment}+00:00")
        await story.passes(seconds=(at - story.now).total_seconds())
        await story.app.stop()
        story = await begin()  # a restart between any two of them
        await story.app.settle()
        for person in (story.person("noah"), story.person("kenji")):
            assert len(await reminders(person)) == number, (person.id, moment)
    await story.passes(hours=1)
    noah = story.person("noah")
    assert len(await reminders(noah)) == 4 and f"{TITLE} starts now." in (await reminders(noah))[-1].words
    assert {"noah", "kenji"} == (await reminders(noah))[-1].pinged
    assert not await reminders(story.person("mia"))
    await story.passes(days=3)
    assert len(await reminders(noah)) == 4


async def test_a_late_reminder_is_sent_only_while_it_is_of_use(begin: Begin) -> None:
    story = await begin()
    await planned(story, when="2026-03-03T12:00+00:00")
    await going(story, "noah")
    await story.app.stop()
    story.clock.move_to(story.now + timedelta(hours=25, minutes=20))  # down while the last hour began
    story = await begin()
    await story.passes(minutes=1)
    assert len(await reminders(story.person("noah"))) == 1
    missed = await story.person("mia").reads("didn't reach 1 person in time")
    assert missed.pinged == {"mia"} and "The reminder 1 day before" in missed.words, "the host hears of it"
    await story.app.stop()
    story.clock.move_to(story.now + timedelta(days=2))
    story = await begin()
    await story.passes(minutes=1)
    assert len(await reminders(story.person("noah"))) == 1, "nobody wants to hear that it starts now, two days later"
    await story.passes(days=1)
    told = [seen for seen in await story.person("mia").sees() if "didn't reach" in seen.words]
    assert len(told) == 2 and "at the start" in told[-1].words, "and not again"


async def test_members_choose_when_they_are_reminded(story: Story) -> None:
    await planned(story, when="2026-03-12T18:00+00:00")
    noah, kenji = story.person("noah"), story.person("kenji")
    await going(story, "noah", "kenji")
    await noah.uses("/me")
    assert TITLE in (await noah.last_private()).words
    await noah.presses("Reminders")
    assert "1 week before, 1 day before, 1 hour before and at the start" in (await noah.last_private()).words
    await noah.chooses("3 days before")
    assert "3 days before" in (await noah.last_private()).words
    await kenji.presses("Reminders")  # where he was told that he is in
    await kenji.presses("No reminders")
    assert "never" in (await kenji.last_private()).words
    for person, words in ((story.person("sofia"), "I'll remind you of"), (kenji, "Maybe it is: ")):
        await person.presses("Maybe", on=await card_of(person))
        assert words in (await person.last_private()).words
        await person.presses("Going", on=await card_of(person))
    await story.passes(days=15)
    assert ["12 Mar" in seen.words for seen in await reminders(noah)] == [True]
    assert not await reminders(kenji)
    await noah.presses("As everyone")
    assert "1 week before" in (await noah.last_private()).words


@pytest.mark.needs("zones")
async def test_quiet_hours_hold_back_what_can_wait(story: Story) -> None:
    await planned(story, when="2026-03-05T18:00+00:00")  # three in the morning in Tokyo
    kenji = story.person("kenji")
    await going(story, "kenji")
    await story.prefers("kenji", quiet_from="22:00", quiet_to="08:00")
    await story.passes(days=2, hours=8, minutes=30)  # a day before, in the middle of the night
    assert not await reminders(kenji)
    await story.passes(hours=5)
    assert len(await reminders(kenji)) == 1, "when he is awake, which is early enough"
    await story.passes(hours=17, minutes=45)
    assert len(await reminders(kenji)) == 2, "an hour before cannot wait: he wants to be there"


async def test_a_direct_message_where_that_is_allowed(story: Story) -> None:
    await planned(story, when="2026-03-03T12:00+00:00")
    noah = story.person("noah")
    await going(story, "noah", "kenji")
    await story.prefers("noah", direct_ok=True)
    await story.passes(days=1, hours=1)
    direct = [seen for seen in await noah.sees(story.door.direct("noah")) if " starts " in seen.words]
    assert len(direct) == 2 and not await reminders(noah)
    await noah.presses("Can't any more", on=direct[-1])
    assert "aren't on the list" in (await noah.sees())[-1].words
    assert "Noah" not in (await card_of(noah)).fields["Going"]


async def test_a_moved_event_is_reminded_of_anew(story: Story) -> None:
    await planned(story, when="2026-03-03T12:00+00:00")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah")
    await story.passes(hours=3)
    assert len(await reminders(noah)) == 1
    await mia.uses("/event edit", event="1")
    await mia.fills(when="2026-03-05T12:00+00:00")
    await mia.presses("Move it")
    await story.passes(days=1)
    assert len(await reminders(noah)) == 1, "not at the old time"
    await story.passes(days=2)
    assert len(await reminders(noah)) == 4


async def test_what_was_said_of_an_event_can_still_be_read_when_it_is_over(story: Story) -> None:
    await planned(story, when="2026-03-12T18:00+00:00")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah", "kenji")
    await story.passes(days=4)
    await mia.uses("/event edit", event="1")
    await mia.fills(when="2026-03-13T18:00+00:00")
    await mia.presses("Move it")
    old = await noah.reads("has another time now")
    assert "12 Mar" in old.words and not [label for label in old.controls if label != "Show the event"]
    await story.passes(days=8)
    said = [seen for seen in await noah.sees() if "@Noah" in seen.words and seen.channel != "events"]
    assert len({seen.words for seen in said}) == len(said) == 6, "each still says what it said"
    assert [seen for seen in said if "moved from" in seen.words and "12 Mar" in seen.words and "13 Mar" in seen.words]
    assert not [seen for seen in said if "Can't any more" in seen.controls]


async def test_a_moved_event_is_told_and_not_reminded_of_in_the_same_breath(story: Story) -> None:
    await planned(story, when="2026-03-30T18:00+00:00")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah")
    await story.passes(days=7)
    await mia.uses("/event edit", event="1")
    await mia.fills(when="2026-03-13T18:00+00:00")
    await mia.presses("Move it")
    assert ["has moved" in seen.words for seen in await noah.sees() if "noah" in seen.pinged] == [True]
    await story.passes(days=5)
    told = [seen for seen in await noah.sees() if "noah" in seen.pinged]
    assert len(told) == 4, "then a day before, an hour before, and at the start"


async def test_who_deletes_an_events_thread_silences_no_reminder(begin: Begin) -> None:
    story = await begin()
    if not isinstance(story.door, MemoryDoor):
        return
    await planned(story, when="2026-03-03T12:00+00:00")
    noah = story.person("noah")
    await going(story, "noah")
    del story.door.platform.places[story.thread(await card_of(noah))]
    await story.passes(hours=2, minutes=5)
    reminder = await noah.reads(" starts ")
    assert reminder.channel == "events" and reminder.pinged == {"noah"}


async def test_without_the_right_to_open_threads_reminders_stand_in_the_channel(begin: Begin) -> None:
    story = await begin()
    if not isinstance(story.door, MemoryDoor):
        return
    story.door.platform.threadless = True
    await planned(story, when="2026-03-03T12:00+00:00")
    noah = story.person("noah")
    await going(story, "noah")
    await story.passes(days=3)
    assert [seen.pinged for seen in await noah.sees("events") if seen.pinged] == [{"noah"}] * 3 + [{"mia"}]
    due = await story.app.jobs.next_due()
    assert due and due - story.now > timedelta(minutes=15), "nothing is tried for ever"


# Being there


@dataclass(eq=False)
class Witness(Cog):
    """Hears what this room tells the others."""

    name = "witness"
    heard: list[object]

    @listener(EventAttended)
    async def attended(self, work: Work, event: EventAttended) -> None:
        self.heard.append(("attended", event.member_id))

    @listener(EventHosted)
    async def hosted(self, work: Work, event: EventHosted) -> None:
        self.heard.append(("hosted", event.member_id))

    async def export(self, member: Member) -> dict[str, object]:
        return {}

    async def erase(self, member: Member) -> None: ...


async def test_who_was_there_counts_and_is_asked_how_it_was(begin: Begin) -> None:
    witness = Witness([])
    story = await begin((witness,))
    await planned(story, when="2026-03-02T12:00+00:00", capacity="3")
    mia, noah, sofia, ava = (story.person(name) for name in ("mia", "noah", "sofia", "ava"))
    await going(story, "noah", "kenji", "sofia")
    assert "I'm here" not in (await card_of(noah)).controls
    await story.passes(hours=1, minutes=50)
    await noah.presses("I'm here", on=await card_of(noah))
    assert "Good that you're here" in (await noah.last_private()).words
    await ava.presses("I'm here", on=await card_of(ava))
    assert "All places are taken" in (await ava.last_private()).words

    await story.prefers("kenji", quiet_from="00:00", quiet_to="00:00")
    await mia.presses("Host tools", on=await card_of(mia))
    await mia.presses("Check people in")
    await mia.chooses("Kenji")
    assert "2 people are here" in (await mia.last_private()).words
    await mia.chooses("Sofia")
    await mia.presses("Undo the last")
    assert "2 people are here" in (await mia.last_private()).words and "@Sofia" not in (await mia.last_private()).words

    await story.passes(hours=1, minutes=30)
    assert "I'm here" in (await card_of(mia)).controls and not witness.heard
    await story.passes(hours=1)
    assert (await card_of(mia)).fields["Who came"] == "@Noah, @Kenji"
    ids = {name: (await story.member(name)).id for name in ("mia", "noah", "kenji")}
    assert sorted(map(str, witness.heard)) == sorted(
        map(str, [("attended", ids["noah"]), ("attended", ids["kenji"]), ("hosted", ids["mia"])])
    )
    asked = await noah.reads("worth it?")
    assert asked.pinged == {"noah", "kenji"}
    await noah.presses("Yes", on=asked)
    assert "Thank you" in (await noah.last_private()).words
    await sofia.presses("No", on=asked)
    assert "Only who was there" in (await sofia.last_private()).words
    assert not (await card_of(mia)).controls
    assert not [seen for seen in await noah.sees() if "Can't any more" in seen.controls], "no dead buttons"


async def test_whoever_just_comes_may_stay_if_there_is_room(story: Story) -> None:
    await planned(story, when="2026-03-02T12:00+00:00", closes="1 hour")
    ava = story.person("ava")
    await story.passes(hours=2)
    await ava.presses("I'm here", on=await card_of(ava))
    assert "Good that you're here" in (await ava.last_private()).words


async def test_an_event_nobody_came_to_is_no_merit(begin: Begin) -> None:
    witness = Witness([])
    story = await begin((witness,))
    await planned(story, when="2026-03-02T12:00+00:00")
    await going(story, "noah", "mia")
    await story.passes(hours=2)
    mia = story.person("mia")
    await mia.presses("I'm here", on=await card_of(mia))
    await story.passes(hours=3)
    assert not witness.heard
    await story.person("noah").does_not_read("worth it?")


@pytest.mark.needs("files")
async def test_the_list_is_exported_as_a_table(story: Story) -> None:
    await planned(story, when="2026-03-02T12:00+00:00")
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah")
    await noah.presses("Host tools", on=await card_of(noah))
    assert "for the host and for moderators" in (await noah.last_private()).words
    await mia.presses("Host tools", on=await card_of(mia))
    await mia.presses("Export")
    shown = await mia.last_private()
    rows = [*csv.reader(io.StringIO(shown.files["event-1.csv"].decode("utf-8-sig")))]
    assert rows[0] == ["name", "choice", "since", "checked in"] and rows[1][:2] == ["Noah", "going"]
