"""Commands typed in one line, as on Slack and in the playground: what is sure is done, what is not opens the form."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.adapters.slack.door import SlackDoor
from tests.doors import PlaygroundDoor
from tests.story import Person, Story

pytestmark = pytest.mark.parametrize("kit", ["playground", "slack"], indirect=True)


async def types(person: Person, line: str, channel: str = "general") -> None:
    """Type a command, slash and all."""
    door = person.story.door
    if isinstance(door, PlaygroundDoor):
        await door._act(person.id, "command", channel=channel, line=line)
        return
    assert isinstance(door, SlackDoor)
    word, _, rest = line.partition(" ")
    known = any(command.startswith(word) for command in ("/event", "/poll", "/ask", "/thanks", "/away", "/settings"))
    user, place = door._user(person.id), door._id(channel)
    for name in ("noah", "kenji"):
        rest = rest.replace(f"@{name}", f"<@{door._user(name)}|{name}>")
    await door.crowd.slash(user, place, word if known else "/trellis", rest if known else line.removeprefix("/"))
    *_, status = door.crowd.server.acks[-1]
    assert status == 200, "else Slack says that Trellis did not respond"
    await door._done()


async def test_an_event_is_planned_in_one_line(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    await story.prefers("mia", timezone="Europe/Berlin")
    for line, title, when in (
        ("/event create Game night friday 8pm", "Game night", "Friday 6 March 2026, 20:00 (Berlin time)"),
        ("/event create Garden day tomorrow 18:00", "Garden day", "Tuesday 3 March 2026, 18:00 (Berlin time)"),
        ("/event create title: Lunch when: tomorrow 12:00", "Lunch", "Tuesday 3 March 2026, 12:00 (Berlin time)"),
    ):
        await types(mia, line)
        echo = await mia.last_private()
        assert echo.title == "Shall I post this?" and echo.body == title and when in echo.words


async def test_what_is_not_sure_opens_the_form_filled_with_what_was_typed(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await types(mia, "/event create Dinner friday 8pm at Luigi's")
    assert mia.form and mia.form.problem.startswith("I wasn't sure what is what.")
    assert (mia.form.values["title"], mia.form.values["description"]) == ("Dinner", "at Luigi's")
    await mia.fills(place="Luigi's", description="")
    assert "Friday 6 March 2026, 20:00" in (await mia.last_private()).words
    await types(noah, "/poll create Tea or coffee")
    assert noah.form and noah.form.values["question"] == "Tea or coffee"


async def test_a_poll_is_asked_in_one_line(story: Story) -> None:
    mia = story.person("mia")
    for line in ("/poll create Tea or coffee? tea, coffee", '/poll create "Tea or coffee?" "tea" "coffee"'):
        await types(mia, line)
        preview = await mia.last_private()
        assert "Tea or coffee?" in preview.words and "tea" in preview.words and "coffee" in preview.words


@pytest.mark.parametrize("typed", ["?", "...", "“?!”"])
async def test_a_question_without_a_word_is_asked_for_one(story: Story, typed: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await types(mia, f"/ask {typed}")
    assert mia.form and mia.form.errors["question"] == "Please fill this in."
    assert not any("Question #" in seen.words or "State" in seen.fields for seen in await noah.sees())


async def test_nobody_is_thanked_for_another_persons_name(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    for helper in (noah, kenji):
        await helper.uses("/me")
    await types(mia, "/thanks @noah @kenji for all of it")
    assert mia.form and mia.form.values["reason"] == "for all of it"
    assert not any("for all of it" in seen.words for seen in await kenji.sees() if not seen.private)
    await types(mia, "/thanks kenji noah for all of it")
    assert mia.form and "kenji noah" in mia.form.errors["member"]
    await types(mia, "/thanks @noah !")
    assert mia.form and mia.form.errors["reason"] == "Please fill this in."
    await types(mia, "/thanks @noah for all of it")
    assert any("for all of it" in seen.words for seen in await kenji.sees())


async def test_options_inside_a_question_are_words(story: Story) -> None:
    mia = story.person("mia")
    await types(mia, "/ask Is anonymous=yes safe to use?")
    assert await mia.reads("Is anonymous=yes safe to use?")


@pytest.mark.parametrize(
    "line, offered",
    [
        ("/event", "event create"),
        ("/poll", "poll create"),
        ("/thx", "thanks"),
        ("/event crate Lunch", "event create"),
        ("/evnet create Lunch", "event create"),
        ("/karma @noah", "thanks"),
        ("/umfrage", "poll create"),
        ("/afk", "away"),
        ("/qwertz", "help"),
    ],
)
async def test_what_is_no_command_leads_to_one(story: Story, line: str, offered: str) -> None:
    mia = story.person("mia")
    await types(mia, line)
    assert offered in (await mia.last_private()).words and "settings set" not in (await mia.last_private()).words


@pytest.mark.parametrize(
    "line, answers",
    [
        ('/poll "Where do we eat?" "Pizza" "Pasta"', {"question": "Where do we eat?", "options": "Pizza\nPasta"}),
        ("/poll Tea or coffee? tea, coffee", {"question": "Tea or coffee?", "options": "tea, coffee"}),
        ("/event Game night friday 8pm", {"title": "Game night", "when": "friday 8pm"}),
        ("/idea Dark mode", {"title": "Dark mode"}),
        ("/umfrage Tee? ja, nein", {"question": "Tee?", "options": "ja, nein"}),
    ],
)
async def test_what_is_to_be_made_without_a_verb_opens_its_form(
    story: Story, line: str, answers: dict[str, str]
) -> None:
    mia = story.person("mia")
    await types(mia, line)
    assert mia.form and mia.form.problem.startswith("I wasn't sure what is what.")
    assert {name: mia.form.values[name] for name in answers} == answers


@pytest.mark.parametrize("line", ["/poll help", "/event", "/event lst", "/poll ?", "/question How do I?"])
async def test_what_may_be_another_verb_is_offered(story: Story, line: str) -> None:
    mia = story.person("mia")
    await types(mia, line)
    assert "Which one did you mean?" in (await mia.last_private()).words


async def test_a_family_that_only_admins_may_use_is_offered_to_them(story: Story) -> None:
    ada, mia = story.person("ada"), story.person("mia")
    await types(ada, "/settings")
    assert "settings set" in (await ada.last_private()).words
    await types(mia, "/settings")
    assert "settings set" not in (await mia.last_private()).words


async def test_whoever_goes_away_is_read_in_one_line(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    await story.prefers("mia", timezone="Europe/Berlin")
    await types(mia, "/away until friday 18:00")
    assert "until Friday 6 March 2026, 18:00 (Berlin time)" in (await mia.last_private()).words
    assert (await story.member("mia")).away_until == datetime(2026, 3, 6, 17, 0, tzinfo=UTC)


async def test_a_command_without_options_asks_what_stands_behind_it(story: Story) -> None:
    mia = story.person("mia")
    await types(mia, "/privacy show me everything")
    assert "takes nothing behind it" in (await mia.last_private()).words
    await mia.presses("Yes")
    assert "takes nothing behind it" not in (await mia.last_private()).words


async def test_help_tells_of_the_room_that_is_named(story: Story) -> None:
    mia = story.person("mia")
    for line in ("/help events", "/help /event", "/help event"):
        await types(mia, line)
        assert "/event create" in (room := await mia.last_private()).words and "/poll" not in room.words
    await types(mia, "/help me with my life")
    assert "/poll" in (await mia.last_private()).words


async def test_how_an_event_repeats_is_not_taken_for_its_title(story: Story) -> None:
    mia = story.person("mia")
    for line in ("/event create Standup every weekday at 9", "/event create Chor jeden Montag 19 Uhr"):
        await types(mia, line)
        assert mia.form and mia.form.problem.startswith("I wasn't sure what is what.")


async def test_options_go_by_their_german_names_too(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await types(mia, "/event create titel: Kuchen wann: morgen 18 Uhr ort: Garten plätze: 5")
    echo = await mia.last_private()
    assert echo.title == "Shall I post this?" and echo.body == "Kuchen"
    assert "Tuesday 3 March 2026, 18:00" in echo.words and "Garten" in echo.words
    await types(mia, "/ask anonym: yes Wie kündige ich?")
    card = await noah.reads("Wie kündige ich?")
    assert "anonym:" not in card.words and "Mia" not in card.words


async def test_choices_go_by_their_names_in_any_language(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/idea add", title="Dark mode")
    await types(liam, "/idea status Dark mode geplant")
    said = (await liam.last_private()).words
    assert "Dark mode" in said and "Planned" in said
    await types(mia, "/ask anonym: ja Wie kündige ich?")
    assert "Mia" not in (await liam.reads("Wie kündige ich?", "help")).words
