"""Times that people type, as they meet them: read back in words, asked where they are not sure, and undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.slack.door import SlackDoor
from tests.story import Story

from .conftest import Begin


async def test_a_zone_that_was_typed_counts_and_is_read_back_on_ones_own_clock(story: Story) -> None:
    kenji = story.person("kenji")
    await kenji.uses("/me")
    await story.prefers("kenji", timezone="Asia/Tokyo")
    await kenji.uses("/event create", title="Pruning workshop", when="friday 18:00 UTC")
    assert "Saturday 7 March 2026, 03:00 (Tokyo time)" in (await kenji.last_private()).words


async def test_an_event_may_be_typed_from_start_to_end(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title="Pruning workshop", when="friday 6-8.30pm")
    echo = await mia.last_private()
    assert "Friday 6 March 2026, 18:00" in echo.words and echo.fields["How long"] == "2 hours 30 minutes"
    await mia.uses("/event create", title="Pruning workshop", when="friday 18:00-20:00", duration="1 hour")
    assert mia.form and "isn't how long it is" in mia.form.errors["duration"]


async def test_what_is_not_sure_is_asked_with_what_was_understood(story: Story) -> None:
    for name, typed, question in (
        ("mia", "tomorrow 25:00", "I understood “tomorrow”, but not “25:00”."),
        ("noah", "friday", "At what time on Friday 6 March 2026?"),
        ("sofia", "friday midnight", "Is that Friday 6 March, 00:00 or Saturday 7 March, 00:00?"),
        ("kenji", "wendesday 18:00", "I don't understand “wendesday”. Did you mean “wednesday 18:00”?"),
        ("ava", "2027-W53-1 18:00", "There's no week 53 in that year."),
    ):
        person = story.person(name)
        await person.uses("/event create", title="Pruning workshop", when=typed, place="The greenhouse")
        assert person.form and question in person.form.errors["when"]
        assert person.form.values["when"] == typed and person.form.values["place"] == "The greenhouse"
        await person.fills(when="3 April 18:00")
        assert "Friday 3 April 2026, 18:00" in (await person.last_private()).words


@pytest.mark.parametrize("kit", ["slack"], indirect=True)
async def test_on_slack_an_event_is_edited_with_a_picker(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title="Pruning workshop", when="friday 18:00")
    await mia.presses("Edit")
    door = story.door
    assert isinstance(door, SlackDoor)

    def picked() -> list[float]:
        elements = [block.get("element", {}) for block in door.server.views[door._user("mia")]["blocks"]]
        return [one["initial_date_time"] for one in elements if one.get("type") == "datetimepicker"]

    friday = datetime(2026, 3, 6, 18, 0, tzinfo=UTC).timestamp()
    assert picked() == [friday]
    await mia.fills(title="Pruning")
    await mia.presses("Post")
    await mia.uses("/event edit", event="1")
    assert picked() == [friday]


async def test_a_form_that_is_sent_again_as_it_was_changes_no_time(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    await story.prefers("mia", timezone="Europe/Berlin")
    await mia.uses("/event create", title="Night watch", when="2026-10-25 02:30 CET", duration="30 minutes")
    echo = await mia.last_private()
    assert "Sunday 25 October 2026, 02:30 (Berlin time, UTC+1)" in echo.words
    await mia.presses("Edit", echo)
    await mia.fills(place="The tower")
    changed = await mia.reads("The tower")
    assert "Sunday 25 October 2026, 02:30 (Berlin time, UTC+1)" in changed.words


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize(
    "words", ["from friday", "from 18:00", "starting monday 9am", "ab Montag", "from today", "from now"]
)
async def test_when_it_begins_is_not_until_when_somebody_is_away(story: Story, words: str) -> None:
    mia = story.person("mia")
    await mia.uses("/away", until=words)
    assert (await story.member("mia")).away_until is None
    problem = (mia.form.errors["until"] if mia.form else "") or (await mia.last_private()).words
    assert "That's when it begins. When will you be back?" in problem


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize("words", ["from friday to sunday", "6 march to 8 march", "friday 18:00-20:00"])
async def test_who_will_be_away_later_is_told_that_it_begins_now(story: Story, words: str) -> None:
    mia = story.person("mia")
    await mia.uses("/away", until=words)
    assert (await story.member("mia")).away_until is None
    assert mia.form and "That begins on Friday 6 March 2026, and I can only start now" in mia.form.errors["until"]


@pytest.mark.parametrize(
    "words, until", [("today", "Tuesday 3 March 2026, 00:00"), ("today to friday", "Saturday 7 March 2026, 00:00")]
)
async def test_who_is_away_for_days_is_so_until_the_last_is_over(begin: Begin, words: str, until: str) -> None:
    story = await begin(TRELLIS_TIMEZONE="Europe/Berlin")
    mia = story.person("mia")
    await mia.uses("/away", until=words)
    assert until in (await mia.last_private()).words


async def test_of_today_the_time_is_asked(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title="Pruning workshop", when="today")
    assert mia.form and "At what time on Monday 2 March 2026?" in mia.form.errors["when"]


async def test_whoever_is_away_is_told_until_when_and_can_take_it_back(begin: Begin) -> None:
    story = await begin(TRELLIS_TIMEZONE="Europe/Berlin")
    mia = story.person("mia")
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    await story.passes(seconds=(evening - story.now).total_seconds())
    await mia.uses("/away", until="in 12 hours")
    assert (await story.member("mia")).away_until == evening + timedelta(hours=12)
    assert "until Sunday 29 March 2026, 10:00 (Berlin time)" in (await mia.last_private()).words
    await mia.uses("/away", until="for 3 days")
    said = await mia.last_private()
    assert "until Tuesday 31 March 2026, 21:00 (Berlin time)" in said.words
    await mia.presses("Undo", said)
    assert "until Sunday 29 March 2026, 10:00" in (await mia.last_private()).words
    assert (await story.member("mia")).away_until == evening + timedelta(hours=12)


async def test_being_away_is_undone_once(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/away")
    said = await mia.last_private()
    await mia.uses("/away", until="tomorrow 9am")
    chosen = (await story.member("mia")).away_until
    await mia.presses("Undo", said)
    assert "You changed that since" in (await mia.last_private()).words
    assert (await story.member("mia")).away_until == chosen
