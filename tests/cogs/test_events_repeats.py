"""How an event repeats, in people's own words: what was understood is read back, and that is when it is."""

from __future__ import annotations

import pytest

from tests.story import Story

TITLE = "Pruning"


@pytest.mark.parametrize(
    "typed, read_back, follows",
    [
        ("every second tuesday", "every 2 weeks on Tuesday", ("17 Mar", "31 Mar")),
        ("every other tuesday", "every 2 weeks on Tuesday", ("17 Mar", "31 Mar")),
        ("jeden zweiten Dienstag", "every 2 weeks on Tuesday", ("17 Mar", "31 Mar")),
        ("biweekly, 3 times", "every 2 weeks on Tuesday, 3 times", ("17 Mar", "31 Mar")),
        ("monatlich am letzten Freitag", "every month on the last Friday", ("24 Apr", "29 May")),
        ("every month on the 31st", "every month on day 31 (on the last day of shorter months)", ("30 Apr", "31 May")),
        ("on the 1st and 15th", "every month on day 1 and day 15", ("1 Apr", "15 Apr", "1 May")),
        ("weekly until 31 march", "every week on Tuesday until Tuesday 31 March 2026", ("10 Mar", "17 Mar", "24 Mar")),
    ],
)
async def test_what_it_means_is_read_back_before_it_is_posted(
    story: Story, typed: str, read_back: str, follows: tuple[str, ...]
) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="tuesday 18:00", repeat=typed)
    said = (await mia.last_private()).fields["Repeats"]
    assert said.splitlines()[0].startswith(read_back) and all(day in said for day in follows)


@pytest.mark.parametrize("typed", ["every third friday", "daily, 0 times", "zweimal pro Woche", "weekly except july"])
async def test_what_is_not_sure_is_asked(story: Story, typed: str) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="tuesday 18:00", repeat=typed)
    assert mia.form and mia.form.errors["repeat"]


async def test_what_does_not_repeat_may_be_said(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="tuesday 18:00", repeat="no")
    assert "Repeats" not in (await mia.last_private()).fields


async def test_month_ends_come_as_they_were_promised(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="2026-03-31 18:00", repeat="monthly")
    assert "on the last day of shorter months" in (await mia.last_private()).fields["Repeats"]
    await mia.presses("Post")
    await mia.uses("/event list")
    listed = (await mia.last_private()).words
    assert all(day in listed for day in ("31 Mar", "30 Apr", "31 May"))


async def test_a_draft_that_is_changed_says_it_in_words_again(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title=TITLE, when="tuesday 18:00", repeat="every other tuesday until 2026-06-30")
    echo = await mia.last_private()
    await mia.presses("Places, repeats and more")
    assert mia.form and mia.form.values["repeat"] == "every 2 weeks on Tuesday until Tuesday 30 June 2026"
    await mia.fills(capacity="5")
    assert (await mia.last_private()).fields["Repeats"] == echo.fields["Repeats"]
