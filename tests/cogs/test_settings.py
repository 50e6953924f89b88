"""`/settings`: admins tune what moderators change in daily life."""

from __future__ import annotations

import pytest

from config.field import written
from config.settings import LIVE, told
from tests.story import Story

from .test_helping import OTHER
from .test_questions import solved, thread_of


async def test_a_change_counts_at_once_and_can_be_taken_back(story: Story) -> None:
    await solved(story)
    ada, mia = story.person("ada"), story.person("mia")
    await ada.uses("/settings set", name="anonymous_questions", value="no")
    assert "false now. It was true" in (await ada.last_private()).words
    await mia.uses("/ask", question=OTHER, anonymous="true")
    assert "switched off here" in (await mia.last_private()).words
    await ada.uses("/settings show")
    shown = (await ada.last_private()).words
    assert "✎ anonymous_questions = false" in shown and "wave_minutes = 15" in shown
    await ada.uses("/settings set", name="anonymous_questions", value="default")
    await mia.uses("/ask", question=OTHER, anonymous="true")
    assert await thread_of(mia, OTHER)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_the_page_lists_what_can_be_changed_as_it_is_told(story: Story) -> None:
    ada = story.person("ada")
    await ada.uses("/settings show")
    shown = (await ada.last_private()).body.splitlines()
    fields = {name: field for _, name, field in told() if name in LIVE}
    assert shown == [f"{name} = {written(field.default, ', ') or '–'}" for name, field in fields.items()]
    assert len(shown) >= 20 and "unlisted_members = –" in shown


async def test_what_does_not_work_is_said_at_the_field(story: Story) -> None:
    ada = story.person("ada")
    await ada.uses("/settings set", name="wave_minutes", value="soon")
    assert ada.form and "doesn't work" in ada.form.errors["value"]
    await ada.fills(name="discord_token", value="stolen")
    assert ada.form and "no such setting" in ada.form.errors["name"]
    await ada.fills(name="office_hours", value="whenever")
    assert ada.form and "doesn't work" in ada.form.errors["value"]
    await ada.fills(name="wave_minutes", value="30")
    assert "30 now" in (await ada.last_private()).words


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("peers_per_wave", "0", "At least 1, please."),
        ("peers_per_wave", "11", "At most 10, please."),
        ("wave_minutes", "soon", "A whole number, please."),
        ("wave_minutes", "1.5", "A whole number, please."),
        ("anonymous_questions", "perhaps", "Yes or no, please."),
        ("event_creators", "everybody", "One of these, please: "),
        ("office_hours", "whenever", "I don't understand “whenever”. Try “mon-fri 09:00-17:00; sat 10:00-14:00”."),
        ("office_hours", "mon 17:00-09:00", "“mon 17:00-09:00” ends before it begins, or after midnight."),
        ("event_reminders", "soon", "I don't understand “soon”. Try “1 week, 1 day, 1 hour, start”."),
        ("lead", "@nobody", "nobody here who is called “nobody”"),
        ("lead", "Mia, @nobody", "nobody here who is called “nobody”"),
        ("unlisted_members", "Nobody", "nobody here who is called “Nobody”"),
    ],
)
@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_value_that_does_not_work_is_refused_in_our_words(
    story: Story, name: str, value: str, words: str
) -> None:
    ada, mia = story.person("ada"), story.person("mia")
    await mia.uses("/me")
    await ada.uses("/settings set", name=name, value=value)
    assert ada.form and words in ada.form.errors["value"]
    for foreign in ("Input should", "valid", "unable", "['"):
        assert foreign not in ada.form.errors["value"]
    await ada.uses("/settings show")
    assert "✎" not in (await ada.last_private()).body


async def test_the_lead_is_somebody_here_or_an_account(story: Story) -> None:
    ada, mia = story.person("ada"), story.person("mia")
    await mia.uses("/me")
    await ada.uses("/settings set", name="lead", value="@Mia")
    assert "@Mia now" in (await ada.last_private()).words
    await ada.uses("/settings set", name="lead", value=story.named("noah"))
    assert story.named("noah") in (await ada.last_private()).words


async def test_only_admins_may(story: Story) -> None:
    liam = story.person("liam")
    await liam.uses("/settings set", name="wave_minutes", value="30")
    assert "Only admins" in (await liam.last_private()).words
