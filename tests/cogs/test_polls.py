"""Polls: asked, voted on, closed, and seen by whom it was promised."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.memory import Memory
from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_privacy import CANARY, _everything

QUESTION = "Where shall we meet?"


async def asks(person: Person, options: str = "Library, Park, Café", channel: str = "general", **how: str) -> Seen:
    """Ask and post a poll; return its card."""
    await person.uses("/poll create", channel, question=QUESTION, options=options, **how)
    assert "Only you see this" in (await person.last_private()).words
    await person.presses("Post it")
    return await person.reads(QUESTION, channel)


async def test_a_poll_is_shown_to_its_author_first_and_then_to_everyone(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    preview = await mia.last_private()
    assert "Choose one. Open until you close it. Everyone can see the totals" in preview.words.replace("\n", " ")
    await noah.does_not_read(QUESTION)
    await mia.presses("Post it")
    card = await noah.reads(QUESTION, "general")
    assert set(card.controls) == {"Library", "Park"}
    assert card.fields["Asked by"] == "@Mia" and card.footer == "Poll #1"
    assert "Poll #1 is posted" in (await mia.last_private()).words


async def test_one_vote_each_changed_at_any_time_and_counted_once(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    for label in ("Library", "Library", "Park"):
        await noah.presses(label, on=card)
    assert "You chose Park." in (await noah.last_private()).words
    await mia.presses("Park", on=card)
    seen = await mia.reads(QUESTION, "general")
    assert seen.fields["Voted so far"] == "2"
    assert "██████████ Park · 100% · 2 votes" in seen.body and "░░░░░░░░░░ Library · 0% · 0 votes" in seen.body

    await noah.presses("Take my vote back")
    assert (await mia.reads(QUESTION, "general")).fields["Voted so far"] == "1"


async def test_closing_by_hand_posts_the_result_and_ends_the_voting(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    card = await asks(mia)
    await noah.presses("Park", on=card)
    await noah.uses("/poll close", poll="1")
    assert "Only the person who asked, or a moderator" in (await noah.last_private()).words
    await liam.uses("/poll close", poll="1")
    assert liam.form and liam.form.title == "Why?"
    await liam.fills(reason="It was asked last week.")
    result = await noah.reads("has most votes", "general")
    assert "Park has most votes, 100%." in result.body and "Why: It was asked last week." in result.body
    assert "Why: It was asked last week." in (await mia.reads("A moderator closed your poll")).words
    closed = next(seen for seen in await noah.sees("general") if seen.id == card.id)
    assert not closed.controls and "It was asked last week." in closed.fields["Closed"]
    await mia.uses("/poll close", poll="1")
    assert "closed" in (await mia.last_private()).words


async def of(person: Person, card: Seen) -> Seen:
    """Return a message as it stands now."""
    return next(seen for seen in await person.sees(card.channel) if seen.id == card.id)


async def test_what_is_closed_is_not_closed_again(story: Story) -> None:
    mia = story.person("mia")
    await asks(mia)
    await mia.uses("/poll close")
    await mia.uses("/poll close")
    assert "No poll is open right now" in (await mia.last_private()).words


async def test_an_anonymous_poll_shows_no_more_than_how_many_voted_until_it_closes(story: Story) -> None:
    mia, noah, kenji, liam = (story.person(name) for name in ("mia", "noah", "kenji", "liam"))
    card = await asks(mia, anonymous="yes")
    assert "nobody here can see who chose what, not even the author" in card.fields["Who can see what"]
    await noah.presses("Park", on=card)
    await kenji.presses("Park", on=card)
    await kenji.presses("Library", on=card)
    assert "Nobody can see that it's yours" in (await kenji.last_private()).words
    now = await of(mia, card)
    assert now.fields["Voted so far"] == "2" and "%" not in now.body
    for person in (mia, liam):
        await person.uses("/poll results")
        assert "2 people have voted." in (await person.last_private()).words
        assert "%" not in (await person.last_private()).words
    await mia.uses("/poll close")
    result = await noah.reads("Anonymous: it isn't kept", "general")
    assert "A tie between Library and Park." in result.body
    for word in ("Noah", "Kenji"):
        await liam.uses("/poll results")
        assert word not in (await liam.last_private()).words


async def test_an_anonymous_vote_leaves_a_ballot_and_no_other_trace(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, anonymous="yes")
    await noah.uses("/me")
    await story.app.upkeep.note_presence()  # it would come by itself in the middle
    before = {*await _everything(story)}
    await noah.presses("Park", on=card)
    await story.app.settle()
    changed = [row for row in await _everything(story) if row not in before]
    # That an event came is noted, by the platform's number of it; that there was one job more; and how the card looks.
    noted = {"inbox", "envelopes", "sqlite_sequence", "postings"}
    assert {row.partition(":")[0] for row in changed} <= {"poll_ballots"} | noted
    for word in ("noah", "Noah", story.door.account("noah").id, "None, 1, "):
        assert not [row for row in changed if word in row]


async def test_what_was_chosen_secretly_waits_nowhere_beside_a_name(story: Story) -> None:
    mia, noah, kenji = story.person("mia"), story.person("noah"), story.person("kenji")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    single, ranked = [await asks(mia, "Hill, Lake, Park", kind=kind, anonymous="yes") for kind in ("single", "ranked")]
    await kenji.presses("Rank them", on=ranked)
    await kenji.chooses("Lake")
    platform.down = True
    await noah.presses("Park", on=single)
    await kenji.presses("That's my ranking")
    rows = [row for row in await _everything(story) if not row.startswith(("polls:", "poll_options:"))]
    answers = [row for row in rows if "ballot.voted" in row]
    assert len(answers) == 2 and not [row for row in answers if "Park" in row or "Lake" in row or "You" in row]
    for row in rows:
        assert not ("Park" in row and '"who":"noah"' in row) and not ("Lake" in row and '"who":"kenji"' in row)
    platform.down = False
    await story.passes(minutes=1)
    assert "You chose Park." in (await noah.last_private()).words
    assert "1. Lake" in (await kenji.last_private()).words
    assert not [row for row in await _everything(story) if "ballot.voted" in row]


async def test_whose_answer_comes_after_the_end_is_told_that_it_counts(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    card = await asks(mia, closes="in 5 minutes", anonymous="yes")
    platform.down = True
    await noah.presses("Park", on=card)
    await story.passes(minutes=6)
    platform.down = False
    await story.passes(minutes=6)
    assert "What you chose last is what counts." in (await noah.last_private()).words
    assert "Park has most votes, 100%." in (await noah.reads("has most votes", "general")).body


async def test_hidden_totals_are_shown_to_nobody_before_the_end(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, hidden="yes")
    await noah.presses("Park", on=card)
    assert "%" not in (await of(mia, card)).body
    await mia.uses("/poll results", poll="1")
    assert "1 person has voted. Nobody sees totals until it closes" in (await mia.last_private()).words
    await mia.uses("/poll close", poll="1")
    await mia.uses("/poll results", poll="1")
    assert "Park: Noah" in (await mia.last_private()).body


async def test_several_options_at_most_so_many(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library\nPark\nCafé\nBeach", kind="multiple")
    await mia.presses("More settings")
    await mia.fills(most="2")
    assert "Choose up to 2." in (await mia.last_private()).words
    await mia.presses("Post it")
    card = await noah.reads(QUESTION, "general")
    await noah.chooses_all("Park", "Beach", on=card)
    assert "You chose Park and Beach." in (await noah.last_private()).words
    body = (await of(mia, card)).body
    assert "██████████ Park · 100% · 1 vote" in body and "██████████ Beach · 100% · 1 vote" in body


async def test_many_options_stand_in_a_menu(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, options="\n".join(f"Place number {n}" for n in range(1, 26)))
    assert len(card.options) == 25 and not card.controls
    await noah.chooses("Place number 25")
    assert "You chose Place number 25." in (await noah.last_private()).words
    await mia.uses("/poll create", question=QUESTION, options="\n".join(map(str, range(26))))
    assert mia.form and "At most 25 options, please; these are 26." in mia.form.errors["options"]


async def test_a_ranking_is_made_one_place_at_a_time_and_counted_in_rounds(story: Story) -> None:
    mia, noah, kenji, sofia = (story.person(name) for name in ("mia", "noah", "kenji", "sofia"))
    card = await asks(mia, options="Library, Park, Café", kind="ranked")
    rankings = {noah: ("Library",), kenji: ("Park",), sofia: ("Park",), mia: ("Café", "Library")}  # two level at one
    for person, places in rankings.items():
        await person.presses("Rank them", on=card)
        for place in places:
            await person.chooses(place)
        await person.presses("That's my ranking")
    assert "1. Café\n2. Library" in (await mia.reads("Your ranking:")).body

    await noah.presses("Rank them", on=card)
    await noah.chooses("Park")
    await noah.presses("One step back")
    assert "Your first choice?" in (await noah.last_private()).body
    for place in ("Library", "Park", "Café"):
        await noah.chooses(place)
    assert "1. Library\n2. Park\n3. Café" in (await noah.reads("Your ranking:")).body

    await mia.uses("/poll close")
    result = await noah.reads("The rounds:", "general")
    assert "Park wins with 100% of the last round." in result.body
    assert "1) Park 2, Library 1, Café 1 · Library and Café leave\n2) Park 3 · 1 ballot exhausted" in result.body


async def test_marks_from_one_to_five(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    card = await asks(mia, options="1, 2, 3, 4, 5", kind="rating")
    assert set(card.controls) == {"1 ★", "2 ★", "3 ★", "4 ★", "5 ★"}
    await noah.presses("5 ★", on=card)
    await kenji.presses("2 ★", on=card)
    assert "You gave 2 of 5." in (await kenji.last_private()).words
    assert "3.5 · 2 ratings" in (await of(mia, card)).body

    card = await asks(mia, options="Talks, Food", kind="rating")
    await noah.presses("Rate them", on=card)
    await noah.presses("4 ★")
    await noah.presses("One step back")
    await noah.presses("3 ★")
    await noah.presses("No opinion")
    assert "Talks: 3 ★" in (await noah.reads("Your ratings:")).body
    await mia.uses("/poll close")
    assert "Talks: 3.0 of 5 on average." in (await noah.reads("on average", "general")).body


async def test_it_closes_at_its_moment_and_reminds_before(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, closes="in 3 days")
    await noah.presses("Park", on=card)
    await story.passes(days=1, hours=23)
    await noah.does_not_read("It closes")
    await story.passes(hours=2)
    assert "1 person has voted." in (await noah.reads("It closes", "general")).body
    await story.passes(hours=25)
    assert await noah.reads("Park has most votes", "general")
    assert not (await of(noah, card)).controls
    await story.passes(days=2)
    assert len([seen for seen in await noah.sees("general") if "has most votes" in seen.words]) == 1


async def test_a_vote_after_the_end_does_not_count_even_if_the_card_is_still_open(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, closes="in 1 hour")
    story.clock.move_to(story.now + timedelta(hours=2))  # the process was away
    await noah.presses("Park", on=card)
    assert "closed" in (await noah.last_private()).words
    await story.passes(minutes=1)
    assert "Nobody voted." in (await noah.reads("Nobody voted", "general")).body


async def test_it_is_asked_again_and_again_until_it_is_stopped(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", closes="in 2 days")
    await mia.presses("More settings")
    await mia.fills(repeats="every Monday 09:00")
    assert "Asked again: every week on Monday, 09:00" in (await mia.last_private()).words
    await mia.presses("Post it")
    await noah.presses("Park", on=await noah.reads(QUESTION, "general"))
    await story.passes(days=7)  # from Monday 10:00
    cards = [seen for seen in await noah.sees("general") if seen.footer == "Poll #2"]
    assert len(cards) == 1 and cards[0].fields["Voted so far"] == "0" and set(cards[0].controls) == {"Library", "Park"}
    await mia.uses("/poll close", poll="2")
    await mia.presses("Stop repeating")
    await story.passes(days=15)
    assert not [seen for seen in await noah.sees("general") if seen.footer == "Poll #3"]


async def test_without_a_moment_it_closes_when_it_is_asked_again_and_says_so(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    await mia.presses("More settings")
    await mia.fills(repeats="daily 09:00")
    assert "Open until it's asked again." in (await mia.last_private()).words
    await mia.presses("Post it")
    assert (await noah.reads(QUESTION, "general")).fields["Closes"] == "When it's asked again"


async def test_without_a_number_whoever_asked_closes_their_own(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    own, other = await asks(mia), await asks(noah)
    await mia.uses("/poll close")
    assert not (await of(mia, own)).controls and (await of(mia, other)).controls


async def test_members_add_options_where_that_is_allowed(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    await mia.presses("More settings")
    await mia.fills(adding="true")
    await mia.presses("Post it")
    card = await noah.reads(QUESTION, "general")
    for person, option in ((noah, "Beach"), (kenji, "beach")):
        await person.presses("Add an option", on=card)
        await person.fills(option=option)
        assert "Beach can be chosen now." in (await person.last_private()).words
    assert list((await of(mia, card)).controls) == ["Library", "Park", "Beach", "Add an option"]
    await kenji.presses("Beach", on=await of(kenji, card))
    assert "██████████ Beach" in (await of(mia, card)).body


async def test_what_members_added_can_be_taken_out_by_whoever_asked_or_moderates(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", hidden="yes")
    await mia.presses("More settings")
    await mia.fills(adding="true")
    await mia.presses("Post it")
    card = await noah.reads(QUESTION, "general")
    await noah.presses("Add an option", on=card)
    await noah.fills(option="Something rude")
    await noah.uses("/poll results", poll="1")
    assert not (await noah.last_private()).options
    await liam.uses("/poll results", poll="1")
    assert set((await liam.last_private()).options) == {"Something rude"}
    await liam.chooses("Something rude")
    await liam.fills(reason="Please be kind.")
    assert "Something rude" not in (await of(noah, card)).words and "(removed) 3" in (await of(noah, card)).words
    await mia.uses("/poll results", poll="1")
    await mia.chooses("(removed) 3")
    assert "out already" in (await mia.last_private()).words


async def test_a_ballot_passes_only_with_enough_votes_and_a_large_enough_share(story: Story) -> None:
    mia, noah, kenji, sofia = (story.person(name) for name in ("mia", "noah", "kenji", "sofia"))
    for votes, outcome in (
        ({noah: "Yes"}, "❌ Not passed: too few voted."),
        ({noah: "Yes", kenji: "Yes", sofia: "No"}, "✅ Passed. Yes has most votes, 67%."),
        ({noah: "Yes", kenji: "No"}, "❌ Not passed: it's a tie."),
    ):
        await mia.uses("/poll create", question=QUESTION, options="Yes, No")
        await mia.presses("More settings")
        await mia.fills(passing="2 votes, 60%")
        await mia.presses("Post it")
        card = await noah.reads(QUESTION, "general")
        assert card.fields["Passes if"] == "at least 2 people vote and the first option gets 60%"
        for person, vote in votes.items():
            await person.presses(vote, on=card)
        await mia.uses("/poll close")
        assert outcome in (await noah.reads("assed", "general")).body


async def test_what_the_card_promised_decides_and_not_who_leads(story: Story) -> None:
    mia, *voters = (story.person(name) for name in ("mia", "noah", "kenji", "sofia", "ava"))
    await mia.uses("/poll create", question=QUESTION, options="Yes, No")
    await mia.presses("More settings")
    await mia.fills(passing="60%")
    await mia.presses("Post it")
    card = await mia.reads(QUESTION, "general")
    assert card.fields["Passes if"] == "the first option gets 60%"
    for person, vote in zip(voters, ("Yes", "No", "No", "No"), strict=True):
        await person.presses(vote, on=card)
    await mia.uses("/poll close")
    result = await mia.reads("assed", "general")
    assert "❌ Not passed: Yes didn't get 60%. No has most votes, 75%." in result.body


async def test_no_option_of_a_result_has_a_number_that_reads_as_its_rank(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, "Library, Park")
    await noah.presses("Park", on=card)
    await mia.uses("/poll close")
    result = await noah.reads("has most votes", "general")
    assert "██████████ 🏆 Park · 100% · 1 vote\n░░░░░░░░░░ Library" in result.body
    assert "1." not in result.words and "2." not in result.words and "1." not in result.alt


async def test_options_keep_their_order_and_their_first_spelling(story: Story) -> None:
    card = await asks(story.person("mia"), "Yes, no, Maybe, yes")
    assert list(card.controls) == ["Yes", "no", "Maybe"]


async def test_where_it_cannot_be_posted_the_author_is_told_and_can_try_again(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    platform.locked.add("general")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    for _ in range(2):
        await mia.presses("Post it")
        assert "I couldn't post it here. Let me into this channel" in (await mia.reads("couldn't")).words
        await noah.does_not_read(QUESTION)
    platform.locked.clear()
    await mia.presses("Post it")
    assert (await noah.reads(QUESTION, "general")).footer == "Poll #1"
    assert "Poll #1 is posted" in (await mia.reads("is posted")).words
    await mia.presses("Close it now")
    assert len([seen for seen in await noah.sees("general") if QUESTION in seen.title]) == 2


async def test_a_poll_that_waits_for_the_platform_says_so(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    platform.fails_at = 1
    await mia.presses("Post it")
    assert "posted as soon as the platform lets me" in (await mia.reads("It's noted")).words
    await story.passes(minutes=2)
    card = await noah.reads(QUESTION, "general")
    await noah.presses("Park", on=card)
    assert "You chose Park." in (await noah.last_private()).words


async def test_the_words_can_be_changed_until_somebody_votes(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    await mia.presses("Change the words")
    await mia.fills(question="Where do we meet?", options="Library, Pool")
    assert set((await of(noah, card)).controls) == {"Library", "Pool"}
    await noah.presses("Pool", on=await of(noah, card))
    await mia.presses("Change the words")
    assert "Somebody has voted already" in (await mia.last_private()).words


async def test_a_rating_of_the_question_follows_its_words(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await asks(mia, options="1, 2, 3, 4, 5", kind="rating")
    await mia.presses("Change the words")
    await mia.fills(question="How was the party?")
    card = await noah.reads("How was the party?", "general")
    assert "5 ★" in card.controls
    await noah.presses("4 ★", on=card)
    await mia.uses("/poll close")
    result = await noah.reads("4.0 of 5", "general")
    assert "How was the party?" in result.body and QUESTION not in result.words


@pytest.mark.needs("files")
async def test_the_result_is_a_picture_or_the_platforms_own_table_and_a_file_too(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, options="=Library, Park")
    await noah.presses("=Library", on=card)
    await mia.uses("/poll close")
    result = await noah.reads("has most votes", "general")
    assert {"poll-1.csv"} <= set(result.files) <= {"poll-1.png", "poll-1.csv"}
    assert result.files.get("poll-1.png", b"\x89PNG").startswith(b"\x89PNG")
    drawn = "poll-1.png" in result.files
    assert result.alt == ("Bars, the longest first: =Library 1 (100%), Park 0 (0%)." if drawn else result.title)
    await mia.uses("/poll results")
    files = (await mia.last_private()).files
    assert files["poll-1.csv"].decode("utf-8-sig").splitlines() == [
        "option,votes,share",
        "'=Library,1,1.0000",
        "Park,0,0.0000",
    ]
    assert "Noah,'=Library" in files["poll-1-votes.csv"].decode("utf-8-sig")


async def test_a_forgotten_voter_leaves_open_polls_and_stays_a_number_in_closed_ones(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    closed = await asks(mia)
    await noah.presses("Park", on=closed)
    await mia.uses("/poll close")
    named, secret = await asks(mia), await asks(mia, anonymous="yes")
    for card in (named, secret):
        await noah.presses("Park", on=card)
    await noah.uses("/privacy show")
    assert "polls" in (await noah.last_private()).words
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    assert (await of(mia, closed)).fields["Voted"] == "1"
    assert (await of(mia, named)).fields["Voted so far"] == "0"
    assert (await of(mia, secret)).fields["Voted so far"] == "0"


async def test_many_presses_at_once_have_one_effect_for_each_person(story: Story) -> None:
    mia = story.person("mia")
    card = await asks(mia, options="Library, Park")
    people = [story.person(name) for name in ("mia", "noah", "kenji", "sofia", "ava")]
    await asyncio.gather(*(person.presses("Park", on=card) for person in people for _ in range(4)))
    await story.passes(seconds=30)
    assert "██████████ Park · 100% · 5 votes" in (await of(mia, card)).body


async def test_what_someone_asked_ends_when_they_are_forgotten(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    await noah.presses("Park", on=card)
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    now = await of(noah, card)
    assert "(removed)" in now.title and "Park" not in now.words and not now.controls
    assert now.fields["Voted"] == "1" and now.fields["Asked by"] == "a former member"


async def test_a_result_does_not_keep_the_words_of_someone_who_is_forgotten(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    await noah.presses("Park", on=card)
    await mia.uses("/poll close")
    assert await noah.reads("Park has most votes", "general")
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    await story.app.settle()
    result = await noah.reads("has most votes", "general")
    assert "(removed)" in result.title and "Park" not in result.words + result.alt + str(result.files)


async def test_buttons_of_an_earlier_version_work(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    single, ranked = await asks(mia), await asks(mia, kind="ranked")
    if not isinstance(getattr(story.door, "platform", None), Memory):
        return
    await story.door.press("noah", single.id, "voting.choose:1:1")
    assert "You chose Park." in (await noah.last_private()).words
    await story.door.press("noah", ranked.id, "voting.begin:2")
    await noah.chooses("Café")
    await noah.presses("That's my ranking")
    assert "1. Café" in (await noah.last_private()).words
    await story.door.press("mia", single.id, "closing.close_now:1")
    assert await noah.reads("Park has most votes", "general")


async def test_the_personal_page_names_what_waits_for_a_vote(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia, channel="ideas")
    await noah.uses("/me")
    assert QUESTION in (await noah.last_private()).fields["Waiting for your vote"]
    await noah.presses("Park", on=card)
    await noah.uses("/me")
    assert "Waiting for your vote" not in (await noah.last_private()).fields


async def test_a_platform_that_is_down_holds_a_result_up_but_loses_none(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    card = await asks(mia, closes="in 1 hour")
    await noah.presses("Park", on=card)
    platform.down = True
    await story.passes(hours=2)
    platform.down = False
    await story.passes(hours=2)
    assert len([seen for seen in await noah.sees("general") if "has most votes" in seen.words]) == 1
    assert not (await of(noah, card)).controls


async def test_what_fails_while_more_is_planned_is_tried_again_soon(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", closes="in 3 days")
    await mia.presses("More settings")
    await mia.fills(repeats="every Friday 09:00")
    platform.down = True
    await mia.presses("Post it")
    platform.down = False
    await story.passes(hours=1)
    card = next(seen for seen in await noah.sees("general") if seen.footer == "Poll #1")
    await noah.presses("Park", on=card)
    await story.passes(hours=70)
    platform.down = True
    await story.passes(hours=2)
    platform.down = False
    await story.passes(hours=2)
    assert await noah.reads("Park has most votes", "general")


@pytest.mark.needs("completing")
async def test_what_was_asked_in_a_private_channel_is_suggested_to_nobody_else(story: Story) -> None:
    liam, noah, mia = story.person("liam"), story.person("noah"), story.person("mia")
    await asks(liam, channel="agents")
    await asks(mia, channel="general")
    await asks(mia, channel="ideas")
    assert await noah.types("/poll results", poll="") == [f"#3 {QUESTION}"]
    assert await mia.types("/poll results", poll="") == [f"#3 {QUESTION}", f"#2 {QUESTION}"]
    assert len(await liam.types("/poll results", poll="")) == 3


async def test_what_was_never_posted_is_forgotten(story: Story) -> None:
    mia = story.person("mia")
    await asks(mia)
    await mia.uses("/poll create", question="Which secret?", options="Here, There")
    await mia.uses("/idea add", title="A garden on the roof")
    await mia.uses("/idea add", title="A garden on the roof too")
    await story.passes(days=4)
    rows = [row for row in await _everything(story) if row.startswith(("polls:", "ideas:"))]
    assert len(rows) == 2 and not [row for row in rows if "secret" in row or "too" in row]
    await mia.presses("Mine is another one")
    assert "gone" in (await mia.last_private()).words


async def test_every_button_works_after_a_restart(begin: Begin) -> None:
    story = await begin()
    mia = story.person("mia")
    card = await asks(mia)
    await mia.presses("Park", on=card)
    await story.app.stop()
    story = await begin()
    noah = story.person("noah")
    card = await noah.reads(QUESTION, "general")
    await noah.presses("Park", on=card)
    assert "100% · 2 votes" in (await of(noah, card)).body


async def test_what_does_not_fit_is_said_where_it_was_typed(story: Story) -> None:
    mia = story.person("mia")
    for wrong, problem in (
        ({"options": "Library"}, "At least two options"),
        ({"options": "Library, " + "x" * 76}, "An option has at most 75 characters"),
        ({"options": "Library, Park", "closes": "yesterday"}, "That's in the past"),
    ):
        await mia.uses("/poll create", question=QUESTION, **wrong)
        assert mia.form and problem in " ".join(mia.form.errors.values())
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", closes="tomorrow 18:00")
    await mia.presses("More settings")
    await mia.fills(most="2", passing="some", repeats="sometimes", reminder="soon")
    assert mia.form and {"most", "passing", "repeats", "reminder"} == {*mia.form.errors}
    await mia.fills(most="", passing="60%", repeats="daily 09:00", reminder="5 days")
    assert mia.form and {"repeats", "reminder"} == {*mia.form.errors}
    await mia.fills(most="", passing="60%", repeats="", reminder="2 hours")
    assert "People are reminded 2 hours before" in (await mia.last_private()).words


async def test_no_table_keeps_the_words_of_whoever_is_forgotten(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/idea add", title=f"More {CANARY} in the garden", details=f"A {CANARY} blooms in winter.")
    await noah.uses("/idea add", title=f"More {CANARY} in the park")
    await asks(noah, options=f"{CANARY}, Beech")
    await noah.uses("/poll create", question=f"Where does a {CANARY} stand?", options="Here, There")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    await mia.presses("More settings")
    await mia.fills(adding="true")
    await mia.presses("Post it")
    await noah.presses("Add an option")
    await noah.fills(option=f"Under the {CANARY}")
    assert [row for row in await _everything(story) if CANARY in row]
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.app.settle()
    assert not [row for row in await _everything(story) if CANARY in row]
    assert "(removed) 3" in (await mia.reads(QUESTION, "general")).body


async def test_what_was_chosen_is_kept_where_a_form_comes_back(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/poll create", question=QUESTION, options="Library", kind="ranked", anonymous="yes")
    assert mia.form and mia.form.errors["options"]
    await mia.fills(options="Park")
    assert mia.form and mia.form.errors["options"]
    await mia.fills(options="Library, Park, Cafe")
    preview = await mia.last_private()
    assert "Put them in order" in preview.words and "Anonymous" in preview.words
