"""Writing to Trellis, directly or by a mention: it answers as people expect, once, and is never silent."""

from __future__ import annotations

import pytest

from tests.story import Person, Seen, Story


async def answers(person: Person, words: str, channel: str = "general") -> list[Seen]:
    """Say something; return what Trellis says then that the person can read."""
    before = {seen.id for seen in await person.sees()}
    await person.says(words, channel)
    return [seen for seen in await person.sees() if seen.id not in before and seen.author.lower() == "trellis"]


def direct(person: Person) -> str:
    """Return the channel in which someone and Trellis are alone."""
    return person.story.door.direct(person.id)


async def answer(person: Person, words: str, channel: str = "general") -> Seen:
    """The same, where there is one answer."""
    (seen,) = await answers(person, words, channel)
    return seen


@pytest.mark.parametrize("directly", [True, False])
async def test_help_shows_what_there_is(story: Story, directly: bool) -> None:
    mia = story.person("mia")
    channel, us = (direct(mia), "") if directly else ("general", "@Trellis ")
    for words in ("help", "Hilfe!", "What can you do?", "/help"):
        assert (await answer(mia, f"{us}{words}", channel)).title.startswith("What you can do in")


async def test_a_commands_words_are_the_command_with_or_without_a_slash(story: Story) -> None:
    mia = story.person("mia")
    for number, words in enumerate(("poll create Tea or coffee? tea, coffee", "/poll create Bus or bike? bus, bike")):
        seen = await answer(mia, words, direct(mia))
        assert ("Tea or coffee?", "Bus or bike?")[number] in seen.words
    assert "Nothing found" in (await answer(mia, "@Trellis, search sourdough starters")).words


@pytest.mark.parametrize(
    "words, told",
    [
        ("Event: Picnic tomorrow at 18:00", "Shall I post this?"),
        ("poll Tea or coffee? tea, coffee", "Tea or coffee?"),
        ('@Trellis Umfrage "Wo essen wir?" "Pizza" "Pasta"', "Wo essen wir?"),
        ("Termin： Picknick am Freitag um 18 Uhr", "Shall I post this?"),
        ("idea: a second greenhouse", "Idea #1 is posted."),
        ("Vorschlag: ein zweites Gewächshaus", "Idea #1 is posted."),
    ],
)
async def test_what_is_named_before_a_colon_is_made(story: Story, words: str, told: str) -> None:
    mia = story.person("mia")
    assert told in " ".join(seen.words for seen in await answers(mia, words, direct(mia)))


@pytest.mark.parametrize("words", ["poll: tea or coffee?", "Umfrage: Tee oder Kaffee?"])
async def test_a_poll_of_which_it_is_not_sure_what_is_what_is_made_in_its_form(story: Story, words: str) -> None:
    """Where a message opens no form, a button does."""
    mia = story.person("mia")
    for seen in await answers(mia, words, direct(mia)):
        await mia.presses("Try again", on=seen)
    assert mia.form and mia.form.title == "Ask for votes" and mia.form.values["question"] == words.partition(": ")[2]


@pytest.mark.parametrize(
    "words",
    [
        "ask me about kafka",
        "introduce me",
        "ask @Noah about kafka",
        "frag mich zu Kafka",
        "introduce yourself",
        "introduce Noah",
        "ask around about kafka",
        "ask for help with kafka",
    ],
)
async def test_a_commands_word_that_is_done_to_somebody_is_none(story: Story, words: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await answer(mia, words, direct(mia))
    assert not [seen for seen in await noah.sees() if seen.author.lower() == "trellis"], "nothing is posted for all"


@pytest.mark.parametrize("words", ["away until friday 9:00", "Urlaub bis Freitag 9 Uhr", "ooo till friday 9am."])
async def test_who_says_until_when_they_are_away_is_away_until_then(story: Story, words: str) -> None:
    mia = story.person("mia")
    assert "You're away until Friday 6 March 2026, 09:00" in (await answer(mia, words, direct(mia))).words


@pytest.mark.parametrize("words", ["away with the fairies", "the way to friday", "away or back?", "back on friday"])
async def test_who_only_speaks_of_being_away_is_not(story: Story, words: str) -> None:
    mia = story.person("mia")
    assert "You're away" not in " ".join(seen.words for seen in await answers(mia, words, direct(mia)))
    assert (await story.member("mia")).away_until is None


async def test_what_only_looks_like_a_command_is_none(story: Story) -> None:
    mia = story.person("mia")
    seen = await answer(mia, "help me rotate the webhook secret, it fails?", direct(mia))
    assert seen.title == "Post it to the community?"
    assert "I don't know" in (await answer(mia, "/frobnicate now", direct(mia))).words


async def test_a_question_is_looked_up_and_posted_with_one_tap(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    seen = await answer(mia, "Hey @Trellis, how do I rotate the webhook secret?")
    assert seen.title == "Post it to the community?" and "How do I rotate" in seen.body.replace("how", "How")
    await mia.presses("Post my question", on=seen)
    card = await noah.reads("rotate the webhook secret", "help")
    assert "Trellis" not in card.title and "Trellis" not in card.body.partition("?")[0]
    await noah.says("Settings, Webhooks, Rotate.", story.thread(card))
    await mia.presses("Mark as solved")
    known = await answer(kenji, "how do I rotate the webhook secret?", direct(kenji))
    assert known.title == "Does this answer it?" and "Settings, Webhooks, Rotate." in known.body


async def test_a_question_to_trellis_in_a_help_channel_is_one_question(story: Story) -> None:
    mia = story.person("mia")
    await mia.says("@Trellis How do I move the database to another host?", "help")
    cards = [seen for seen in await mia.sees("help") if "move the database" in seen.words and not seen.private]
    assert not [seen for seen in await mia.sees() if seen.title == "Post it to the community?"]
    assert not [seen for seen in cards if "@Trellis" in seen.title]


async def test_thanks_are_answered_kindly_and_those_to_a_member_are_thanks(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.says("Good morning", "general")
    await noah.uses("/me")
    for words in ("@Trellis thanks!", "Vielen Dank, @trellis"):
        assert "You're welcome" in (await answer(mia, words)).words
    for words in ("@Trellis thanks @noah for the fix of the export", "@Trellis danke @noah für die Hilfe beim Umzug"):
        assert await answers(mia, words)
    thanked = [seen.words for seen in await noah.sees() if "💚 @Mia thanks @Noah" in seen.words]
    assert len(thanked) == 2 and "for the fix of the export" in thanked[0]


async def test_stop_leaves_people_alone_and_says_how_to_undo_it(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    await story.prefers("mia", direct_ok=True, offers_ok=True)
    seen = await answer(mia, "Stop!", direct(mia))
    assert seen.title == "I leave you alone" and "don't ask you to help" in seen.body
    member = await story.member("mia")
    assert not member.direct_ok and not member.offers_ok
    await mia.presses("Switch it on again", on=seen)
    member = await story.member("mia")
    assert member.direct_ok and member.offers_ok
    for words in ("bitte lass mich in Ruhe", "Hör auf, mir zu schreiben"):
        assert (await answer(mia, words, direct(mia))).title == "I leave you alone"


async def test_anything_else_is_told_what_can_be_said_once_a_minute(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    assert "You can write this to me" in (await answer(mia, "@Trellis the weather is nice")).body
    assert not await answers(mia, "@Trellis the weather is nice indeed")
    assert await answers(noah, "@Trellis the weather is nice"), "somebody else is told"
    assert await answers(mia, "the weather is nice", direct(mia)), "and elsewhere"
    await story.passes(minutes=2)
    assert await answers(mia, "the weather is nice", direct(mia))


async def test_an_edit_that_mentions_trellis_is_answered_and_no_other_again(story: Story) -> None:
    mia = story.person("mia")
    message = await mia.says("the weather is nice")
    await mia.edits(message, "@Trellis search sourdough starters")
    assert "Nothing found" in (await mia.reads("sourdough starters")).words
    before = [seen.id for seen in await mia.sees()]
    await mia.edits(message, "@Trellis search sourdough starters, please")
    addressed = await mia.says("@Trellis thanks a lot")
    after_thanks = len(await mia.sees())
    await mia.edits(addressed, "@Trellis thanks a lot!")
    assert len(await mia.sees()) == after_thanks == len(before) + 2


async def test_who_does_not_speak_to_trellis_hears_nothing(story: Story) -> None:
    mia = story.person("mia")
    for words in ("help", "thanks!", "stop", "poll create Tea or coffee? tea, coffee"):
        assert not await answers(mia, words)


@pytest.mark.parametrize("kit", ["memory", "playground"], indirect=True)
async def test_germans_are_answered_in_german(story: Story) -> None:
    mia = story.person("mia")
    await mia.speaks("de")
    assert "Hallo" in (await answer(mia, "das Wetter ist schön", direct(mia))).title


async def test_the_bare_name_of_a_command_opens_its_form(story: Story) -> None:
    mia = story.person("mia")
    await mia.says("ask", direct(mia))
    if mia.form is None:  # where a message cannot open one, a button does
        await mia.presses("Open the form")
    assert mia.form and mia.form.title == "Ask the community"
    assert "You're welcome" in (await answer(mia, "thanks", direct(mia))).words


@pytest.mark.parametrize("words", ["forget me", "Delete my data!", "vergiss mich"])
async def test_who_wants_to_be_forgotten_is_shown_how(story: Story, words: str) -> None:
    mia = story.person("mia")
    assert "privacy erase" in (await answer(mia, words, direct(mia))).words


async def test_who_only_speaks_of_trellis_hears_nothing(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    assert not await answers(mia, "I believe that @Trellis is good for us")
    await mia.uses("/ask", question="How do I rotate the webhook secret?")
    thread = story.thread(await noah.reads("rotate the webhook secret", "help"))
    said = await answers(noah, "You can press Rotate, or have @Trellis find it in the settings.", thread)
    assert not [seen for seen in said if "answered your question" not in seen.words], "the asker hears of the answer"
    assert (await noah.reads("rotate the webhook secret", "help")).fields["State"] == "💬 Answered"


@pytest.mark.needs("asides")
async def test_one_message_is_answered_once(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How do I rotate the webhook secret?")
    thread = story.thread(await noah.reads("rotate the webhook secret", "help"))
    await noah.says("Settings, Webhooks, Rotate.", thread)
    assert "solved?" in (await answer(mia, "@Trellis thanks, that works!", thread)).body


async def test_thanks_to_trellis_and_a_member_are_for_the_member(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/me")
    await mia.says("thank you @Trellis and @noah for the fix of the export")
    assert "for the fix of the export" in (await noah.reads("thanks @Noah")).words
