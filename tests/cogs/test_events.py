"""Events: planned, read back, posted, signed up for, changed and called off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.story import Person, Seen, Story

from .conftest import Begin

TITLE = "Pruning workshop"


async def planned(story: Story, host: str = "mia", **options: str) -> Seen:
    """Have an event posted; return its card."""
    person = story.person(host)
    await person.uses("/event create", **{"title": TITLE, "when": "2026-03-05T18:00+00:00", **options})
    await person.presses("Post")
    return await person.reads(options.get("title", TITLE), "events")


async def card_of(person: Person, title: str = TITLE) -> Seen:
    """Return an event's card as it stands now."""
    return next(seen for seen in await person.sees("events") if title in seen.title)


async def going(story: Story, *names: str) -> None:
    for name in names:
        person = story.person(name)
        await person.presses("Going", on=await card_of(person))


# Planning


async def test_an_event_is_read_back_before_it_is_posted(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/event create", title=TITLE, when="next thursday 18:00", place="The greenhouse", duration="2 hours")
    echo = await mia.last_private()
    assert TITLE in echo.words and "Thursday 5 March 2026, 18:00" in echo.words
    assert "The greenhouse" in echo.words and echo.fields["How long"] == "2 hours"
    await noah.does_not_read(TITLE)

    await mia.presses("Post")
    card = await noah.reads(TITLE, "events")
    assert "Mia" in card.fields["Host"] and card.fields["Where"] == "The greenhouse"
    assert card.fields["Going"] == "Nobody yet" and card.footer == "#1"
    assert list(card.controls) == ["Going", "Maybe", "Can't", "Add to calendar", "Host tools"]
    await mia.presses("Post", on=echo)
    assert "posted already" in (await mia.last_private()).words
    assert len([seen for seen in await noah.sees("events") if TITLE in seen.words]) == 1


@pytest.mark.needs("zones")
async def test_a_moment_is_read_in_its_authors_zone(story: Story) -> None:
    kenji = story.person("kenji")
    await kenji.uses("/event create", title=TITLE, when="thursday 18:00")
    echo = await kenji.last_private()
    assert "Thursday 5 March 2026, 18:00 (Tokyo time)" in echo.words and "sets your own" not in echo.footer
    await kenji.presses("Post")
    await story.person("mia").uses("/event show", event="1")
    when = (await story.person("mia").last_private()).fields["When"]
    assert "09:00" in when or "10:00" in when, "in the zone of whoever reads it"


async def test_a_draft_is_changed_until_it_is_right(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title="Prunning", when="thursday 18:00")
    await mia.presses("Edit")
    assert mia.form and mia.form.values["when"] == "2026-03-05 18:00"
    await mia.fills(title=TITLE, when="friday 17:30")
    assert "Friday 6 March 2026, 17:30" in (await mia.last_private()).words
    await mia.presses("Places, repeats and more")
    await mia.fills(capacity="20", repeat="every 2 weeks", who="agent", closes="2 hours")
    echo = await mia.last_private()
    assert echo.fields["Places"] == "20 places" and echo.fields["For"] == "agent"
    assert "every 2 weeks" in echo.fields["Repeats"] and "20 Mar" in echo.fields["Repeats"]
    await mia.presses("Discard")
    assert "Discarded" in (await mia.last_private()).words
    await mia.presses("Post", on=echo)
    assert "That draft is gone" in (await mia.last_private()).words
    assert not await mia.sees("events")


async def test_what_cannot_be_is_asked_again(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="yesterday 18:00", capacity="20", repeat="weekly")
    assert mia.form and "in the past" in mia.form.errors["when"]
    await mia.fills(when="whenever")
    assert mia.form and "when" in mia.form.errors
    await mia.fills(when="thursday 18:00")
    echo = await mia.last_private()
    assert echo.fields["Places"] == "20 places", "what the dialog had no room for is kept"
    assert echo.fields["Repeats"].startswith("every week")

    await mia.uses("/event create", title=TITLE, when="thursday 18:00", repeat="now and then")
    assert mia.form and "how it repeats" in mia.form.errors["repeat"]
    await mia.fills(repeat="FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4")
    assert (await mia.last_private()).fields["Repeats"].startswith("every week on Tuesday and Thursday, 4 times")

    await mia.uses("/event create")
    assert mia.form and list(mia.form.values) == ["title", "when", "duration", "place", "description"]


async def test_sign_up_cannot_be_closed_from_the_beginning(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="thursday 18:00", closes="30 days")
    assert mia.form and "closed already" in mia.form.errors["closes"]
    await mia.fills(closes="2 days")
    await mia.presses("Edit")
    await mia.fills(when="tomorrow 18:00")
    assert mia.form and "closed already" in mia.form.errors["when"]


async def test_a_draft_cannot_begin_after_its_repetition_ends(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="thursday 18:00", repeat="weekly until 2026-03-20")
    await mia.presses("Edit")
    await mia.fills(when="2026-04-01 18:00")
    assert mia.form and "ends before it begins" in mia.form.errors["when"]


async def test_settings_may_restrict_who_plans(begin: Begin) -> None:
    story = await begin(TRELLIS_EVENT_CREATORS="agent")
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/event create", title=TITLE, when="thursday 18:00")
    assert "Only support agents" in (await mia.last_private()).words
    await ava.uses("/event create", title=TITLE, when="thursday 18:00")
    assert "Shall I post this?" in (await ava.last_private()).title


# Signing up


async def test_members_say_whether_they_come(story: Story) -> None:
    await planned(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await going(story, "noah")
    assert "You're in" in (await noah.last_private()).words
    await kenji.presses("Maybe", on=await card_of(kenji))
    card = await card_of(mia)
    assert card.fields["Going"] == "1 person: @Noah" and card.fields["Maybe"] == "@Kenji"
    await noah.presses("Can't", on=card)
    assert "aren't on the list" in (await noah.last_private()).words
    assert (await card_of(mia)).fields["Going"] == "Nobody yet"


async def test_a_full_event_has_a_waitlist_and_a_freed_place_is_offered_in_turn(story: Story) -> None:
    await planned(story, capacity="1")
    mia, noah, kenji, sofia = (story.person(name) for name in ("mia", "noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    assert "number 2 on the waitlist" in (await sofia.last_private()).words
    card = await card_of(mia)
    assert card.fields["Going"] == "1 of 1: @Noah" and card.fields["Waitlist"] == "@Kenji, @Sofia"
    assert card.fields["Sign-up"].startswith("full")

    await noah.presses("Can't", on=card)
    offer = await kenji.reads("it's yours if you want it")
    assert offer.pinged == {"kenji"}
    assert not [seen for seen in await sofia.sees() if seen.pinged == {"sofia"}], "never to two at once"
    await going(story, "mia")
    assert "number 2 on the waitlist" in (await mia.last_private()).words

    await story.passes(hours=13)
    assert (await sofia.reads("it's yours if you want it")).pinged == {"sofia"}
    assert "others can have it" in (await kenji.reads("@Kenji", offer.channel)).body
    await kenji.presses("Take the place", on=offer) if offer.controls else None
    assert "number 2 on the waitlist" in (await kenji.last_private()).words, "too late: behind who waited"
    await sofia.presses("Take the place", on=await sofia.reads("it's yours if you want it"))
    assert "You're in" in (await sofia.last_private()).words
    assert (await card_of(mia)).fields["Going"] == "1 of 1: @Sofia"
    assert not [seen for seen in await sofia.sees() if "Take the place" in seen.controls], "no dead buttons"


@pytest.mark.needs("channels")
async def test_whoever_could_not_be_told_of_their_place_is_still_the_first_in_line(story: Story) -> None:
    await planned(story, capacity="1")
    noah, kenji, sofia = (story.person(name) for name in ("noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    card = await card_of(noah)
    await story.keeps_out("events")
    await noah.presses("Can't", on=card)
    await story.passes(hours=13)
    await story.lets_back("events")
    await story.passes(hours=1)
    await kenji.presses("Take the place", on=await kenji.reads("it's yours if you want it"))
    assert "You're in" in (await kenji.last_private()).words
    assert not [seen for seen in await sofia.sees() if "it's yours if you want it" in seen.words]


@pytest.mark.needs("channels")
async def test_no_place_stays_empty_for_who_cannot_be_told_while_others_can(story: Story) -> None:
    await planned(story, capacity="1")
    noah, kenji, sofia = (story.person(name) for name in ("noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    await story.prefers("sofia", direct_ok=True)
    card = await card_of(noah)
    await story.keeps_out("events")
    await noah.presses("Can't", on=card)
    await story.passes(hours=13)
    await sofia.presses("No, thanks", on=await sofia.reads("it's yours if you want it"))
    await story.lets_back("events")
    await story.passes(hours=1)
    await kenji.presses("Take the place", on=await kenji.reads("it's yours if you want it"))
    assert "You're in" in (await kenji.last_private()).words


async def test_whoever_declined_and_waits_again_is_offered_a_place_again(story: Story) -> None:
    await planned(story, capacity="1")
    noah, kenji = story.person("noah"), story.person("kenji")
    await going(story, "noah", "kenji")
    await noah.presses("Can't", on=await card_of(noah))
    await kenji.presses("No, thanks", on=await kenji.reads("it's yours if you want it"))
    await going(story, "noah", "kenji")
    assert "number 1 on the waitlist" in (await kenji.last_private()).words
    await noah.presses("Can't", on=await card_of(noah))
    await kenji.presses("Take the place", on=await kenji.reads("it's yours if you want it"))
    assert (await card_of(noah)).fields["Going"] == "1 of 1: @Kenji"


async def test_whoever_leaves_the_waitlist_is_not_offered_a_place(story: Story) -> None:
    await planned(story, capacity="1")
    noah, kenji, sofia = (story.person(name) for name in ("noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    await kenji.presses("Leave the waitlist")
    await noah.presses("Can't", on=await card_of(noah))
    assert (await sofia.reads("it's yours if you want it")).pinged == {"sofia"}
    await sofia.presses("No, thanks")
    assert (await card_of(noah)).fields["Sign-up"] == "1 place left"


async def test_in_the_last_half_hour_a_free_place_goes_to_whoever_takes_it(story: Story) -> None:
    await planned(story, capacity="1")
    noah, kenji, sofia = (story.person(name) for name in ("noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    await story.passes(days=3, hours=7, minutes=40)
    await noah.presses("Can't", on=await card_of(noah))
    free = await kenji.reads("The first to take it gets it")
    assert free.pinged == {"kenji", "sofia"}
    await sofia.presses("Take the place", on=free)
    assert "You're in" in (await sofia.last_private()).words
    await kenji.presses("Take the place", on=free)
    assert "is full" in (await kenji.last_private()).words


async def test_an_offer_does_not_outlast_an_event_that_is_moved_nearer(story: Story) -> None:
    await planned(story, capacity="1")
    mia, noah, kenji, sofia = (story.person(name) for name in ("mia", "noah", "kenji", "sofia"))
    await going(story, "noah", "kenji", "sofia")
    await noah.presses("Can't", on=await card_of(noah))
    await kenji.reads("it's yours if you want it")
    soon = story.now + timedelta(hours=2)
    await mia.uses("/event edit", event="1")
    await mia.fills(when=f"{soon:%Y-%m-%dT%H:%M}+00:00")
    await mia.presses("Move it")
    await story.passes(hours=1, minutes=35)
    call = await sofia.reads("The first to take it gets it")
    assert call.pinged == {"kenji", "sofia"}
    await sofia.presses("Take the place", on=call)
    assert (await card_of(mia)).fields["Going"] == "1 of 1: @Sofia"


async def test_who_has_a_place_keeps_it_where_there_are_fewer_and_the_host_is_told(story: Story) -> None:
    await planned(story, capacity="3")
    await going(story, "noah", "kenji", "sofia")
    mia = story.person("mia")
    await mia.uses("/event edit", event="1")
    await mia.fills(place="The shed")
    await mia.presses("Places, sign-up and more")
    await mia.fills(capacity="2")
    assert "3 people have a place already, and keep it." in (await mia.last_private()).words
    assert (await card_of(mia)).fields["Going"] == "3 people: @Noah, @Kenji, @Sofia"
    assert (await card_of(mia)).fields["Sign-up"].startswith("full")


async def test_who_changes_nothing_is_not_told_that_something_changed(story: Story) -> None:
    await planned(story, capacity="3")
    mia, noah = story.person("mia"), story.person("noah")
    card = await card_of(noah)
    for _ in range(2):
        await mia.uses("/event edit", event="1")
        await mia.fills()
        told = await mia.last_private()
        assert f"You changed nothing, so {TITLE} stays as it was." in told.words
        await mia.presses("Places, sign-up and more", on=told)
        await mia.fills()
        assert "You changed nothing" in (await mia.last_private()).words
    assert await card_of(noah) == card
    await mia.uses("/event edit", event="1")
    await mia.fills(place="The shed")
    assert f"{TITLE} is changed." in (await mia.last_private()).words
    await mia.presses("Places, sign-up and more")
    await mia.fills(hosts=story.named("noah"))
    assert f"{TITLE} is changed." in (await mia.last_private()).words


async def test_more_places_are_offered_to_who_waits(story: Story) -> None:
    await planned(story, capacity="1")
    mia, kenji = story.person("mia"), story.person("kenji")
    await going(story, "noah", "kenji", "sofia")
    await mia.presses("Host tools")
    await mia.presses("Places, sign-up and more")
    assert mia.form and mia.form.values["capacity"] == "1"
    await mia.fills(capacity="2")
    assert (await kenji.reads("it's yours if you want it")).pinged == {"kenji"}
    await story.person("sofia").does_not_read("It's yours, Sofia")
    assert len([seen for seen in await kenji.sees() if "it's yours if you want it" in seen.body]) == 1


async def test_an_event_may_be_for_some(story: Story) -> None:
    await planned(story, who="agents")
    noah, ava = story.person("noah"), story.person("ava")
    assert (await card_of(noah)).fields["Sign-up"] == "for agents"
    await going(story, "noah")
    assert "This one is for agents" in (await noah.last_private()).words
    await going(story, "ava")
    assert "You're in" in (await ava.last_private()).words


async def test_sign_up_closes_when_the_host_said(story: Story) -> None:
    card = await planned(story, closes="1 day")
    noah = story.person("noah")
    assert "until" in card.fields["Sign-up"]
    await story.passes(days=2, hours=9)
    assert "Going" not in (await card_of(noah)).controls
    await noah.presses("Going", on=card)
    assert "Sign-up is closed" in (await noah.last_private()).words


async def test_lists_and_single_events(story: Story) -> None:
    await planned(story, title="Seed swap", when="2026-03-09T18:00+00:00", capacity="1")
    await planned(story)
    noah = story.person("noah")
    await noah.presses("Going", on=await card_of(noah, "Seed swap"))
    await noah.uses("/event list")
    listed = (await noah.last_private()).words
    assert listed.index("#2 Pruning workshop") < listed.index("#1 Seed swap")
    assert "1 going · full · you're going" in listed
    await noah.uses("/event show", event="2")
    shown = await noah.last_private()
    assert TITLE in shown.title and "Going" in shown.controls
    await noah.uses("/event show", event="9")
    assert "no event #9" in (await noah.last_private()).words


async def test_a_list_says_that_there_is_more(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cogs.events.attend.LISTED", 2)
    noah = story.person("noah")
    for number, more in ((1, False), (2, False), (3, True)):
        await planned(story, title=f"Walk {number}", when=f"2026-03-0{4 + number}T18:00+00:00")
        await noah.uses("/event list")
        listed = (await noah.last_private()).words
        assert ("These are the next 2, and there are more." in listed) is more and ("Walk 3" not in listed)


# Changing


async def test_a_moved_event_tells_exactly_those_concerned(story: Story) -> None:
    await planned(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await going(story, "noah", "kenji")
    await kenji.presses("Can't", on=await card_of(kenji))
    await mia.uses("/event edit", event="1")
    await mia.fills(when="2026-03-06 19:00", place="The big greenhouse")
    asked = await mia.last_private()
    assert "Move it?" in asked.title and "1 person who signed up is told." in asked.words
    assert (await card_of(noah)).fields["Where"] == "The big greenhouse"
    assert "5 Mar" in (await card_of(noah)).fields["When"]

    await mia.presses("Move it")
    moved = await noah.reads("has moved from")
    assert moved.pinged == {"noah"} and "6 Mar" in moved.words
    assert "6 Mar" in (await card_of(noah)).fields["When"]
    assert not [seen for seen in await kenji.sees() if "kenji" in seen.pinged]
    await mia.presses("Move it", on=asked)
    assert "in the meantime" in (await mia.last_private()).words
    assert len([seen for seen in await noah.sees() if "has moved from" in seen.words]) == 1


async def test_a_cancelled_event_tells_those_who_signed_up(story: Story) -> None:
    await planned(story)
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await going(story, "noah")
    await noah.uses("/event cancel", event="1")
    assert "for the host and for moderators" in (await noah.last_private()).words
    await liam.uses("/event cancel", event="1")
    assert "1 person who signed up is told." in (await liam.last_private()).words
    await liam.presses("Cancel it")
    assert liam.form and liam.form.title == "Why?"
    await liam.fills(reason="The room is flooded.")
    told = await noah.reads("is cancelled")
    assert told.pinged == {"noah"} and "Why: The room is flooded." in told.words
    assert "Why: The room is flooded." in (await mia.reads("A moderator cancelled")).words
    card = await card_of(mia)
    assert card.title.endswith(f"Cancelled: {TITLE}") and not card.controls and "The room is flooded." in card.words
    await mia.uses("/event edit", event="1")
    assert "It's cancelled" in (await mia.last_private()).words
    await mia.uses("/event list")
    assert "Nothing is planned" in (await mia.last_private()).words


async def test_a_host_writes_to_those_who_signed_up(story: Story) -> None:
    await planned(story)
    mia, noah = story.person("mia"), story.person("noah")
    await going(story, "noah", "kenji")
    await mia.presses("Host tools")
    await mia.presses("Message everyone")
    await mia.fills(words="Bring gloves! @everyone *really*")
    assert "2 people get your message" in (await mia.last_private()).words
    message = await noah.reads("Bring gloves!")
    assert message.pinged == {"noah", "kenji"} and "@everyone *really*" in message.words


# Series


async def test_each_occurrence_is_an_event_of_its_own(story: Story) -> None:
    await planned(story, repeat="weekly")
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/event list")
    listed = (await mia.last_private()).words
    assert all(f"#{number} {TITLE}" in listed for number in (1, 2, 3)) and "#4" not in listed
    assert len(await noah.sees("events")) == 1, "the next ones appear a week before"
    await noah.uses("/event show", event="2")
    await noah.presses("Going", on=await noah.last_private())

    await mia.uses("/event cancel", event="2")
    await mia.presses("Cancel only this one")
    assert (await noah.reads("is cancelled")).pinged == {"noah"}
    await mia.uses("/event edit", event="3")
    await mia.fills(when="2026-03-20 17:00")
    await mia.presses("Move it")
    await mia.uses("/event list")
    listed = (await mia.last_private()).words
    assert "#2 " not in listed and "#1" in listed and "20 Mar" in listed

    await story.passes(days=4)
    await mia.uses("/event list")
    assert "#4" in (await mia.last_private()).words
    await mia.uses("/event cancel", event="3")
    await mia.presses("Cancel this and all that follow")
    assert "2 events are cancelled" in (await mia.last_private()).words
    await story.passes(days=30)
    await mia.uses("/event list")
    assert "Nothing is planned" in (await mia.last_private()).words


async def test_an_occurrence_that_is_moved_nearer_appears_in_time(story: Story) -> None:
    await planned(story, repeat="weekly")
    mia = story.person("mia")
    await mia.uses("/event edit", event="3")
    await mia.fills(when="2026-03-06T18:00+00:00", title="Early bird")
    await mia.presses("Move it")
    assert "6 Mar" in (await mia.reads("Early bird", "events")).fields["When"]


async def test_a_change_is_carried_on_to_all_that_follow(story: Story) -> None:
    await planned(story, repeat="weekly until 2026-04-30", capacity="5")
    mia = story.person("mia")
    await mia.uses("/event edit", event="1")
    await mia.fills(title="Grafting", when="2026-03-05 19:30", duration="30 minutes")
    await mia.presses("Move it")
    await mia.presses("Change all that follow")
    assert "2 events that follow are changed too" in (await mia.last_private()).words
    for number in ("2", "3"):
        await mia.uses("/event show", event=number)
        shown = await mia.last_private()
        assert "Grafting" in shown.title and "19:30" in shown.fields["When"] and "30 minutes" in shown.fields["When"]
    await story.passes(days=8)
    await mia.uses("/event show", event="4")
    shown = await mia.last_private()
    assert "26 Mar" in shown.fields["When"] and "19:30" in shown.fields["When"]


async def test_a_series_survives_a_restart_and_ends(begin: Begin) -> None:
    story = await begin()
    await planned(story, repeat="daily 3 times")
    await story.app.stop()
    story = await begin()
    mia = story.person("mia")
    await story.passes(days=10)
    titles = [seen.title for seen in await mia.sees("events")]
    assert len(titles) == 3
    await mia.uses("/event list")
    assert "Nothing is planned" in (await mia.last_private()).words
