"""The gate: who comes in, and who decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.audit import AuditStore
from tests.doors import Kit, MemoryKit
from tests.story import Story

from .conftest import Begin
from .test_onboarding import arrived, joining, step

GATE = """
[onboarding.guidelines]
version = "1"
text = "Be kind."

[[onboarding.journeys]]
name = "everyone"
steps = ["welcome", "guidelines", "introduce"]

[onboarding.gate]
guidelines = true
domains = ["example.org"]
moderator = true
role = "insider"
channels = ["lounge"]
"""


@pytest.fixture
async def story(begin: Begin, kit: Kit, tmp_path: Path) -> Story:
    """A community with a gate."""
    if not isinstance(kit, MemoryKit):
        pytest.skip("this platform's kit has no role that Trellis may give")
    kit.platform.roles.add("insider")
    kit.platform.add_channel("lounge", readers=["liam"])
    file = tmp_path / "community.toml"
    file.write_text(GATE)
    return await begin(TRELLIS_COMMUNITY_FILE=str(file), TRELLIS_INVITE_CODES="seed-42, seed-43")


async def decisions(story: Story) -> list[tuple[str, str]]:
    community = (await story.member("liam")).community_id
    return [(entry.action, entry.detail) for entry in await AuditStore(story.app.database).recent(community, 10)]


async def roles(story: Story, who: str) -> frozenset[str]:
    profile = await story.app.chat.profile(story.door.account(who))
    assert profile
    return profile.roles


@joining
async def test_whose_address_is_known_only_has_to_agree(story: Story) -> None:
    await story.person("liam").says("hello")
    zoe = await arrived(story, domain="example.org")
    await zoe.presses("Start")
    assert (await step(zoe)).title == "Before you come in"
    assert "Be kind." in (await step(zoe)).body
    assert await roles(story, "zoe") == frozenset()
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Introduce yourself"
    assert await roles(story, "zoe") == {"insider"}
    assert await decisions(story) == [("gate.admitted", "domain")]


@joining
async def test_a_code_opens_the_gate(story: Story) -> None:
    await story.person("liam").says("hello")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    assert set((await step(zoe)).controls) == {"Enter a code", "Ask to come in"}
    await zoe.presses("Enter a code")
    await zoe.fills(code="sesame")
    assert zoe.form
    assert "opens nothing" in zoe.form.errors["code"]
    await zoe.fills(code="Seed-42")
    assert "You are in" in (await step(zoe)).title
    assert await roles(story, "zoe") == {"insider"}
    assert await decisions(story) == [("gate.admitted", "code")]


@joining
async def test_codes_cannot_be_tried_for_ever(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Enter a code")
    for number in range(5):
        await zoe.fills(code=f"guess-{number}")
    assert zoe.form
    assert "only a moderator" in zoe.form.problem
    await zoe.fills(code="seed-42")
    assert await roles(story, "zoe") == frozenset()
    await zoe.presses("Start")
    assert set((await step(zoe)).controls) == {"Ask to come in"}


@joining
async def test_a_moderator_says_yes(story: Story) -> None:
    liam, ava = story.person("liam"), story.person("ava")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words="I am Zoe, Mia told me of you.")
    assert "A moderator is looking" in (await step(zoe)).title
    request = await ava.reads("Zoe would like to come in", "agents")
    assert "Mia told me of you" in request.body
    await ava.presses("Let in", on=request)
    assert "Only moderators" in (await ava.last_private()).words
    await liam.presses("Let in", on=request)
    settled = await liam.reads("Zoe would like to come in", "agents")
    assert settled.fields["State"] == "✅ Let in by @Liam"
    assert not settled.controls
    told = await zoe.reads("You are in", "general")
    assert told.pinged == {"zoe"}
    assert await roles(story, "zoe") == {"insider"}
    assert await decisions(story) == [("gate.admitted", "moderator")]
    await zoe.presses("Start", on=told)
    assert (await step(zoe)).title == "Introduce yourself"


@joining
async def test_a_moderator_says_no_and_thinks_again(story: Story) -> None:
    liam = story.person("liam")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words="Buy my pots!")
    request = await liam.reads("Zoe would like to come in", "agents")
    await liam.presses("Refuse", on=request)
    assert "decided not to let you in" in (await zoe.reads("Not this time", "general")).body
    await zoe.presses("Start")
    assert set((await step(zoe)).controls) == {"Enter a code"}
    await liam.presses("Let in after all", on=await liam.reads("Zoe would like to come in", "agents"))
    assert await roles(story, "zoe") == {"insider"}
    assert await decisions(story) == [("gate.admitted", "moderator"), ("gate.refused", "")]


@joining
async def test_nobody_introduces_themselves_from_outside(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/introduce", about="Buy my pots!")
    assert (await step(zoe)).title == "Before you come in"
    await story.person("liam").does_not_read("Buy my pots!")


@joining
async def test_those_who_are_admitted_may_read_what_is_behind(story: Story, kit: Kit) -> None:
    assert isinstance(kit, MemoryKit)
    zoe = await arrived(story, domain="example.org")
    await story.person("liam").says("Psst!", "lounge")
    await zoe.does_not_read("Psst!")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    assert await zoe.reads("Psst!", "lounge")


@joining
async def test_what_trellis_may_not_do_moderators_are_asked_to(story: Story, kit: Kit) -> None:
    assert isinstance(kit, MemoryKit)
    kit.platform.roles.clear()
    kit.platform.places.pop("lounge")
    zoe = await arrived(story, domain="example.org")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    assert "@Zoe may come in" in (await story.person("liam").reads("A hand is needed", "agents")).body


@joining
async def test_who_was_here_before_the_gate_is_inside(story: Story) -> None:
    await arrived(story)
    mia = story.person("mia")
    await mia.presses("Start")
    assert (await step(mia)).title == "The guidelines"
