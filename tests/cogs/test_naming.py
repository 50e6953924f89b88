"""Events, ideas and polls are named by their numbers or their titles; what is wrong with a number is said."""

from __future__ import annotations

import pytest

from adapters.contract.text import Verbatim
from adapters.contract.ui import Option
from bot.kernel.naming import called
from tests.story import Story

OPTIONS = [
    Option(Verbatim(f"#{number} {title}"), str(number))
    for number, title in enumerate(
        (
            "Dark mode",
            "Dark mode for e-mails",
            "Webhooks from scratch",
            "Café „Zur Linde“",
            "ダークモード",
            "Tea? Coffee!",
        ),
        start=1,
    )
]


@pytest.mark.parametrize(
    "typed, number",
    [
        ("Dark mode", "1"),
        ("dark MODE", "1"),
        ("Dark mode for", "2"),
        ("webhooks from scratch", "3"),
        ("Webhooks", "3"),
        ("scratch webhooks", "3"),
        ("webhoks from scratch", "3"),
        ("Cafe\u0301 Zur Linde", "4"),
        ("Dark\u200b mode", "1"),
        ("ダークモード", "5"),
        ("tea coffee", "6"),
    ],
)
def test_a_thing_is_found_by_its_title(typed: str, number: str) -> None:
    assert called(typed, OPTIONS).value == number


@pytest.mark.parametrize("typed", ["dark", "mode", "zzz", "?", "👍"])
def test_where_several_or_none_are_called_so_one_is_asked(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Which one|nothing called"):
        called(typed, OPTIONS)


async def test_everything_is_named_by_its_title(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/event create", title="Webhooks from scratch", when="thursday 18:00")
    await mia.presses("Post")
    await mia.uses("/event show", event="webhooks from scratch")
    assert "Webhooks from scratch" in (await mia.last_private()).words
    for title in ("Dark mode", "Night theme"):
        await mia.uses("/idea add", title=title)
    await liam.uses("/idea show", idea="night theme")
    assert "Night theme" in (await liam.last_private()).words
    for number in ("#2", "２", "No. 2", "nr 2", "٢"):
        await liam.uses("/idea show", idea=number)
        assert "Night theme" in (await liam.last_private()).words
    await liam.uses("/idea status", idea="Dark mode", status="planned", note="In May")
    assert "Dark mode" in (await liam.last_private()).words
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea, Coffee")
    await mia.presses("Post it")
    await mia.uses("/poll results", poll="tea or coffee")
    assert "Tea or coffee?" in (await mia.last_private()).words


async def test_what_is_wrong_with_a_number_is_said(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/event create", title="Pruning", when="thursday 18:00", capacity="20")
    await mia.presses("Places, repeats and more")
    await mia.fills(capacity="-3")
    assert mia.form and mia.form.errors["capacity"] == "At least 1, please."
    await mia.fills(capacity="\u22123")
    assert mia.form and mia.form.errors["capacity"] == "At least 1, please."
    await mia.fills(capacity="many")
    assert mia.form and mia.form.errors["capacity"] == "A whole number, please."
    await mia.fills(capacity="zwanzig")
    assert "20" in (await mia.last_private()).words
