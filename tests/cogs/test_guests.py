"""Guests: let into a part of a space only, they may do what concerns themselves, and help."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.contract.commands import Role
from tests.doors import Kit
from tests.story import Story

from .conftest import Begin

pytestmark = pytest.mark.needs("guests")

ONLY = "Only members of this community can do that."


async def test_guests_are_told_what_they_may_not(story: Story) -> None:
    mia, sofia = story.person("mia"), story.person("sofia")
    await mia.uses("/ask", "help", question="How do I rotate the webhook secret?")
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea\nCoffee")
    await mia.presses("Post it")
    await sofia.only_visits()
    for command, options in (
        ("/ask", {"question": "What do the others pay?"}),
        ("/search", {"query": "webhook"}),
        ("/question list", {}),
        ("/profile", {}),
        ("/queue", {}),
        ("/settings show", {}),
    ):
        await sofia.uses(command, **options)
        said = await sofia.last_private()
        assert "Only " in said.body and "webhook" not in said.body, command
    await sofia.presses("Tea")
    assert ONLY in (await sofia.last_private()).body
    assert (await sofia.reads("Tea or coffee?", "general")).fields["Voted so far"] == "0"
    await sofia.does_not_read("What do the others pay?")


async def test_guests_see_and_take_along_what_is_known_of_them(story: Story) -> None:
    sofia = story.person("sofia")
    await sofia.only_visits()
    await sofia.uses("/me")
    page = await sofia.last_private()
    assert "You're a guest here" in page.body and not page.fields and not page.controls
    await sofia.uses("/help")
    help_ = await sofia.last_private()
    assert "/privacy show" in help_.body and "/ask" not in help_.body and [*help_.options] == ["You"]
    await sofia.uses("/link")
    assert ONLY not in (await sofia.last_private()).body
    await sofia.uses("/privacy export")
    assert (await sofia.last_private()).files
    await sofia.uses("/privacy erase")
    await sofia.presses("Forget me for good")
    assert await story.app.members.by_account(story.named("sofia")) is None


async def test_what_guests_write_answers_others_and_asks_nothing(begin: Begin) -> None:
    story = await begin()
    mia, sofia = story.person("mia"), story.person("sofia")
    await sofia.only_visits()
    await sofia.says("How do I get into the members' area?", "help")
    assert not [seen for seen in await sofia.sees() if seen.author == "trellis"]
    await mia.uses("/ask", "help", question="How do I rotate the webhook secret?")
    card = await mia.reads("How do I rotate", "help")
    await sofia.says("Under Settings, Webhooks, there is a button for it.", story.thread(card))
    assert (await mia.reads("How do I rotate", "help")).fields["State"] == "💬 Answered"


async def test_nobody_welcomes_guests_as_newcomers(story: Story) -> None:
    sofia = story.person("sofia")
    await sofia.only_visits()
    await sofia.joins("Sofia")
    await story.passes(hours=1)
    await sofia.does_not_read("Welcome")


async def test_who_becomes_a_guest_has_no_more_rights_than_one(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/question list")
    assert (await story.member("mia")).roles == {Role.MEMBER.name.lower()}
    await mia.only_visits()
    await mia.uses("/question list")
    assert ONLY in (await mia.last_private()).body
    assert (await story.member("mia")).roles == {Role.GUEST.name.lower()}


async def test_settings_name_guests_who_count_as_members(begin: Begin, kit: Kit) -> None:
    on_discord: Mapping[str, str] = getattr(kit, "ids", {})
    story = await begin(TRELLIS_MEMBER_ROLES=f"sofia,USOFIA,{on_discord.get('sofia', '')}")
    sofia = story.person("sofia")
    await sofia.only_visits()
    await sofia.uses("/question list")
    assert ONLY not in (await sofia.last_private()).body
