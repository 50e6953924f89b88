"""Help: what there is to do, room by room, for whoever asks."""

from __future__ import annotations

import io

import pytest
import regex
from babel.messages.pofile import read_po

from adapters.contract.text import CommandLink, say
from adapters.contract.ui import BODY
from bot.bootstrap import offered
from config.settings import Settings
from tests.promises import ROOT
from tests.story import Story

from .conftest import Begin
from .test_languages import english_in


async def test_help_shows_what_this_person_can_do(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/help")
    help_ = await mia.last_private()
    assert help_.title.startswith("What you can do in ") and len(help_.title) > len("What you can do in ")
    assert "Questions: /ask" in help_.body and "Save to knowledge base" not in help_.body
    assert "/queue" not in help_.body and "Settings" not in help_.options
    await liam.uses("/help")
    more = (await liam.last_private()).body
    assert "/queue" in more and "Save to knowledge base" in more


async def test_it_tells_more_about_a_room_on_the_same_card(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/help")
    cards = len([seen for seen in await mia.sees() if seen.private])
    await mia.chooses("Questions")
    room = await mia.last_private()
    assert room.title == "Questions" and len([seen for seen in await mia.sees() if seen.private]) == cards
    assert "/ask question [" in room.body and "Ask the community" in room.body and "/event" not in room.body
    assert "help" in room.body.splitlines()[0] and "Topics: " in room.body and "webhooks" in room.body
    await mia.chooses("Events")
    assert (await mia.last_private()).title == "Events"
    await mia.presses("Show all")
    assert (await mia.last_private()).title.startswith("What you can do in ")


@pytest.mark.needs("languages")
async def test_it_speaks_the_readers_language(begin: Begin) -> None:
    story = await begin(language="de")
    mia = story.person("mia")
    await mia.speaks("de")
    await mia.uses("/help")
    assert "Fragen: /ask" in (await mia.last_private()).body
    for room in ("Fragen", "Termine", "Ideen", "Umfragen"):
        await mia.chooses(room)
        seen = await mia.last_private()
        assert seen.title == room and not english_in(seen)


@pytest.mark.needs("languages")
@pytest.mark.parametrize("language", ["en", "de"])
async def test_nothing_is_cut_off_for_whoever_may_do_most(begin: Begin, language: str) -> None:
    story = await begin(language=language)
    ada = story.person("ada")
    await ada.speaks(language)
    await ada.uses("/help")
    overview = await ada.last_private()
    assert "…" not in overview.body and len(overview.body) < 2000
    for room in overview.options:
        await ada.chooses(room)
        seen = await ada.last_private()
        assert seen.title == room and not seen.body.endswith("…") and len(seen.body) < BODY, room


def test_every_command_that_a_sentence_names_is_there_and_in_quotes() -> None:
    """What stands in “/…” is drawn as a link where the platform has that, so it has to be a command, or a group."""
    names = {command.name for command in offered(Settings()).commands}
    firsts = "|".join({name.partition(" ")[0] for name in names})
    named = regex.compile(rf"(?<![\w/<])/(?:{firsts})\b")
    for path in (ROOT / "bot/text/locale").glob("*.po"):
        for entry in read_po(io.BytesIO(path.read_bytes())):
            for words in (entry.id, entry.string):
                for one in [words] if isinstance(words, str) else words or ():
                    said = say(one.replace("{", "{{").replace("}", "}}"))
                    links = [span.name for span in said if isinstance(span, CommandLink)]
                    assert set(links) <= names | set(firsts.split("|")), one
                    assert len(named.findall(one)) == len(links), one
