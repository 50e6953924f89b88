"""Everyone reads what is theirs alone in their own language, and what all read in the community's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.text.language import CATALOGUES
from tests.bot.test_language import said, translated
from tests.story import Seen, Story
from tests.words import gaps

from .conftest import Begin
from .test_helping import OTHER
from .test_questions import solved

ENGLISH = {
    key
    for key, entry in translated(CATALOGUES / "de.po").items()
    if isinstance(key, str) and len(key) > 4 and not gaps(key) and said(entry) != [key]
}
"""Whatever we say without gaps, where German says it otherwise."""


def english_in(seen: Seen) -> set[str]:
    """Return what of ours is in English on a message: labels, lines, and what is long enough to be no chance."""
    labels = {*seen.controls, *seen.links, *seen.fields, *seen.options}
    lines = {*labels, seen.title, seen.footer, *seen.body.splitlines(), *seen.fields.values()}
    return (ENGLISH & lines) | {words for words in ENGLISH if len(words) > 15 and words in seen.words}


@pytest.mark.needs("languages")
async def test_a_private_answer_is_in_the_readers_language_and_the_channel_in_english(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.speaks("de")
    await mia.uses("/ask", question=OTHER)
    assert "Frage #1 ist gepostet." in (await mia.last_private()).words
    card = await noah.reads(OTHER)
    assert card.fields["Asked by"] == "@Mia" and "Mark as solved" in card.controls
    assert card.fields["State"].startswith("🌱 Open")

    await noah.uses("/me")
    assert "You, Noah" in (await noah.last_private()).words
    await mia.uses("/me")
    page = await mia.last_private()
    assert page.title == "Du, Mia" and "Direktnachrichten: nein, nur in Kanälen" in page.body
    assert "Meine Zeiten ändern" in page.controls and not english_in(page)


@pytest.mark.needs("languages")
async def test_a_direct_message_is_in_the_readers_language_also_when_it_is_drawn_anew(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.speaks("de-DE")
    await noah.uses("/me")
    await noah.presses("Direktnachrichten erlauben")
    await mia.uses("/ask", question=OTHER)
    offer = await noah.reads(f"Kannst du bei „{OTHER}“ helfen?")
    assert "Ich frage dich, weil du 1 Frage zu webhooks gelöst hast." in offer.body and not english_in(offer)
    await mia.presses("Mark as solved")
    await mia.presses("I found it myself")
    await story.passes(minutes=1)
    assert await noah.reads(f"Danke, für „{OTHER}“ wird jetzt niemand mehr gebraucht.")


@pytest.mark.needs("languages")
async def test_a_forms_errors_and_its_answers_are_in_the_readers_language(story: Story) -> None:
    mia = story.person("mia")
    await mia.speaks("de")
    await mia.uses("/away", until="Banane")
    assert mia.form and mia.form.title == "Abwesend"
    assert mia.form.errors["until"].startswith("Das konnte ich nicht als Zeitpunkt lesen.")
    await mia.fills(until="morgen um 18 Uhr")
    assert (await mia.last_private()).body.startswith("Du bist bis ")
    away = (await story.member("mia")).away_until
    assert away and timedelta(hours=24) < away - story.now < timedelta(hours=48)


@pytest.mark.needs("languages")
async def test_a_refusal_is_in_the_readers_language(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.speaks("de")
    await mia.uses("/ask", question=OTHER)
    await noah.presses("Mark as solved")
    assert "Das kann nur die Person, die gefragt hat." in (await noah.last_private()).words


async def test_a_community_can_speak_german(begin: Begin) -> None:
    story = await begin(TRELLIS_LANGUAGE="de")
    mia, noah, ava = story.person("mia"), story.person("noah"), story.person("ava")
    await noah.says("Hallo!")
    await mia.uses("/ask", question=OTHER, details="500 nach dem ersten Versuch")
    card = await noah.reads(OTHER)
    assert {"Stand": "🌱 Offen", "Gefragt von": "@Mia"}.items() <= card.fields.items()
    assert [*card.controls] == ["Ich kann helfen", "Als gelöst markieren", "Zum Support"]

    await story.passes(minutes=31)
    assert await noah.reads("Ich habe das an den Support weitergegeben, weil 30 Minuten lang niemand geantwortet hat.")
    support = await ava.reads(f"Für den Support: {OTHER}")
    assert "Hier, weil 30 Minuten lang niemand geantwortet hat." in support.body
    await ava.presses("Übernehmen")
    answer = await ava.says("Dreh das Geheimnis weiter.", channel=story.thread(card))
    await mia.picks("Als Antwort markieren", answer)
    assert (await noah.reads("✅ Gelöst von @Ava")).fields["Gefragt von"] == "@Mia"
    assert await noah.reads("@Mia sagt, dass @Ava das gelöst hat. Danke!")
    for seen in await noah.sees():
        if seen.author == "trellis" and not seen.private:
            assert not english_in(seen)


@pytest.mark.needs("languages")
async def test_whatever_one_asks_for_is_german(begin: Begin) -> None:
    story = await begin(TRELLIS_LANGUAGE="de")
    ada = story.person("ada")
    await ada.speaks("de")
    commands = ["help", "me", "link", "question list", "expertise list", "queue", "duty on", "settings show"]
    for command in [*commands, "privacy show"]:
        await ada.uses(command)
        answer = await ada.last_private()
        assert answer.words and not english_in(answer), command
