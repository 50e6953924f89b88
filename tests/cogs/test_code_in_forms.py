"""Code that somebody writes into a form is code where it is shown, to the letter, also after a refusal."""

from __future__ import annotations

from tests.story import Story

from .conftest import Begin

CODE = 'if a < b && c > "d":\n\treturn *a_  # :tada: <b>'
DETAILS = f"It says `x & y`:\n```\n{CODE}\n```\nWhat does that mean?"


async def test_code_in_the_details_stays_code_when_the_form_is_refused(begin: Begin) -> None:
    story = await begin(TRELLIS_ANONYMOUS_QUESTIONS="false")
    mia = story.person("mia")
    await mia.uses("/ask")
    await mia.fills(question="Why does the build stop?", details=DETAILS, anonymous="true")
    for _ in range(2):
        assert mia.form and mia.form.problem and mia.form.values["details"] == DETAILS
        await mia.fills(anonymous="true")
    await mia.fills(anonymous="false")
    card = await mia.reads("Why does the build stop?", "help")
    assert CODE in card.body and "It says x & y:" in card.body and "What does that mean?" in card.body


async def test_what_is_too_long_is_told_and_not_lost(story: Story) -> None:
    """Slack counts nothing while one writes rich text."""
    mia = story.person("mia")
    await mia.uses("/ask")
    if story.door.account("mia").space.platform == "discord":
        return  # its input takes no more
    long = "word " * 501
    await mia.fills(question="Why does the build stop?", details=long)
    assert mia.form and "At most 2500 characters" in mia.form.errors["details"]
    assert mia.form.values["details"].strip() == long.strip()
    await mia.fills(details="word")
    assert (await mia.reads("Why does the build stop?", "help")).body == "word"
