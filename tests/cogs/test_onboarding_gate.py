"""The gate: who comes in, and who decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from storage.audit import AuditStore
from tests.story import Story

from .conftest import Begin
from .test_chatter import rows
from .test_onboarding import arrived, step

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
{opens}
"""

pytestmark = [pytest.mark.needs("joining"), pytest.mark.needs("roles")]
addresses = pytest.mark.needs("addresses")


async def gated(begin: Begin, folder: Path, opens: str) -> Story:
    """Begin a story with a gate that opens this."""
    file = folder / "community.toml"
    file.write_text(GATE.format(opens=opens))
    return await begin(TRELLIS_COMMUNITY_FILE=str(file), TRELLIS_INVITE_CODES="seed-42, seed-43")


@pytest.fixture
async def story(begin: Begin, tmp_path: Path) -> Story:
    """A community with a gate; who gets in gets a role."""
    return await gated(begin, tmp_path, 'role = "mentor"')


async def decisions(story: Story) -> list[tuple[str, str]]:
    community = (await story.member("liam")).community_id
    return [(entry.action, entry.detail) for entry in await AuditStore(story.app.database).recent(community, 10)]


async def is_inside(story: Story, who: str) -> bool:
    profile = await story.app.platforms.profile(story.door.account(who))
    assert profile
    return "mentor" in profile.roles


@addresses
async def test_whose_address_is_known_only_has_to_agree(story: Story) -> None:
    await story.person("liam").says("hello")
    zoe = await arrived(story, domain="example.org")
    await zoe.presses("Start")
    assert (await step(zoe)).title == "Before you come in"
    assert "Be kind." in (await step(zoe)).body
    assert not await is_inside(story, "zoe")
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Introduce yourself"
    assert await is_inside(story, "zoe")
    assert await decisions(story) == [("gate.admitted", "domain")]


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
    assert "You're in" in (await step(zoe)).title
    assert await is_inside(story, "zoe")
    assert await decisions(story) == [("gate.admitted", "code")]


async def test_whoever_writes_is_known_and_nothing_is_kept_of_what_they_write_then(
    story: Story, tmp_path: Path
) -> None:
    noah = story.person("noah")
    await noah.says("hello")
    assert (await story.member("noah")).name == "Noah"
    before = rows(tmp_path)
    await noah.says("Who is up for lunch?")
    assert rows(tmp_path) == before


async def test_who_was_forgotten_stays_so_until_they_use_trellis(begin: Begin, tmp_path: Path) -> None:
    story = await gated(begin, tmp_path, 'role = "mentor"')
    noah = story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(minutes=1)
    await story.app.stop()
    story = await gated(begin, tmp_path, 'role = "mentor"')
    noah = story.person("noah")
    await noah.says("hello")
    assert await story.app.members.by_account(story.door.account("noah").key) is None
    await noah.uses("/me")
    assert await story.member("noah")


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
    assert not await is_inside(story, "zoe")
    await zoe.presses("Start")
    assert set((await step(zoe)).controls) == {"Ask to come in"}


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
    told = await zoe.reads("You're in", "general")
    assert told.pinged == {"zoe"}
    assert await is_inside(story, "zoe")
    assert await decisions(story) == [("gate.admitted", "moderator")]
    await zoe.presses("Start", on=told)
    assert (await step(zoe)).title == "Introduce yourself"


async def test_who_is_forgotten_is_named_nowhere(story: Story) -> None:
    liam, mia, zoe = story.person("liam"), story.person("mia"), await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words="I am Zoe.")
    await liam.presses("Let in", on=await liam.reads("Zoe would like to come in", "agents"))
    await mia.reads("You're in", "general")
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    for someone in (liam, mia):
        await someone.does_not_read("Zoe")


async def test_a_moderator_says_no_and_thinks_again(story: Story) -> None:
    liam = story.person("liam")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words="Buy my pots!")
    request = await liam.reads("Zoe would like to come in", "agents")
    await liam.presses("Refuse", on=request)
    await liam.fills(reason="We sell no pots here.")
    told = await zoe.reads("Not this time", "general")
    assert "decided not to let you in" in told.body and "pots" not in told.words, "others read that too"
    await zoe.presses("Why?", on=told)
    assert (await zoe.last_private()).body == "Why: We sell no pots here."
    assert "We sell no pots here." in (await liam.reads("Zoe would like to come in", "agents")).fields["State"]
    await zoe.presses("Start")
    assert set((await step(zoe)).controls) == {"Enter a code"}
    await liam.presses("Let in after all", on=await liam.reads("Zoe would like to come in", "agents"))
    assert await is_inside(story, "zoe")
    assert await decisions(story) == [("gate.admitted", "moderator"), ("gate.refused", "We sell no pots here.")]


async def test_nobody_introduces_themselves_from_outside(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/introduce", about="Buy my pots!")
    assert NOT_IN in (await zoe.last_private()).body
    await story.person("liam").does_not_read("Buy my pots!")


async def test_those_who_are_admitted_may_read_what_is_behind(begin: Begin, tmp_path: Path) -> None:
    story = await gated(begin, tmp_path, 'channels = ["agents"]')
    zoe = await arrived(story)
    await story.person("liam").says("Psst!", "agents")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.does_not_read("Psst!")
    await zoe.presses("Enter a code")
    await zoe.fills(code="seed-43")
    assert await zoe.reads("Psst!", "agents")


async def test_what_trellis_may_not_do_moderators_are_asked_to(begin: Begin, tmp_path: Path) -> None:
    story = await gated(begin, tmp_path, 'role = "no-such-role"')
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Enter a code")
    await zoe.fills(code="seed-43")
    assert "@Zoe may come in" in (await story.person("liam").reads("Help is wanted", "agents")).body


async def test_who_was_here_before_the_gate_is_inside(story: Story) -> None:
    await arrived(story)
    mia = story.person("mia")
    await mia.presses("Start")
    assert (await step(mia)).title == "The guidelines"


async def test_who_came_before_the_gate_was_put_up_is_inside(begin: Begin, tmp_path: Path) -> None:
    story = await begin()
    await arrived(story)
    await story.app.stop()
    story = await gated(begin, tmp_path, 'role = "mentor"')
    zoe = story.person("zoe")
    await zoe.uses("/introduce", about="I am Zoe, and was here first.")
    assert await zoe.reads("I am Zoe, and was here first.", "introductions")


async def test_whoever_was_let_in_and_comes_back_late_finds_the_doors_open(story: Story) -> None:
    await story.person("liam").says("hello")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Enter a code")
    await zoe.fills(code="seed-42")
    assert await is_inside(story, "zoe")
    await zoe.leaves()
    await story.passes(days=40)
    await arrived(story)
    assert await is_inside(story, "zoe")
    assert await decisions(story) == [("gate.admitted", "code")]


async def test_whoever_is_let_in_while_away_finds_the_doors_open(story: Story) -> None:
    zoe, liam = await arrived(story), story.person("liam")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words="I grow tomatoes.")
    await zoe.leaves()
    await liam.presses("Let in")
    await zoe.joins()
    await story.passes(minutes=11)
    assert await is_inside(story, "zoe")


async def test_nobody_is_reminded_of_what_is_behind_the_gate(story: Story) -> None:
    zoe, yan, liam = await arrived(story), await arrived(story, "yan"), story.person("liam")
    for person in (zoe, yan):
        await person.presses("Start")
        await person.presses("I agree")
        await person.presses("Ask to come in")
        await person.fills(words=f"I am {person.id}.")
    await liam.presses("Refuse", on=await liam.reads("I am zoe."))
    await liam.fills(reason="Not now.")
    await story.passes(days=2)
    await zoe.does_not_read("A next step")
    await yan.does_not_read("A next step")
    await liam.presses("Let in", on=await liam.reads("I am yan."))
    await story.passes(days=10)
    assert (await yan.reads("A next step")).pinged == {"yan"}


NOT_IN = "You can do that once you're let in."


async def test_who_is_not_let_in_does_nothing_that_is_for_members(story: Story) -> None:
    """The gate is one rule for all that there is, also for what a button offered before, and what is written."""
    mia = story.person("mia")
    await mia.uses("/ask", "help", question="How do I rotate the webhook secret?")
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea\nCoffee")
    await mia.presses("Post it")
    zoe = await arrived(story)
    for command, options in (
        ("/ask", {"question": "What do the others pay?"}),
        ("/search", {"query": "webhook"}),
        ("/thanks", {"member": story.named("mia"), "reason": "your help"}),
        ("/poll create", {"question": "Mine?", "options": "Yes\nNo"}),
        ("/idea add", {"title": "Mine"}),
        ("/event create", {"title": "Mine", "when": "tomorrow 20:00"}),
        ("/question list", {}),
        ("/profile", {}),
        ("/introduce", {"about": "I am Zoe."}),
    ):
        await zoe.uses(command, **options)
        assert NOT_IN in (await zoe.last_private()).body, command
    await zoe.presses("Tea")
    assert NOT_IN in (await zoe.last_private()).body
    assert (await mia.reads("Tea or coffee?", "general")).fields["Voted so far"] == "0"
    written = await zoe.says("How do I get the webhook secret back?", "help")
    assert story.door.thread(written) not in [seen.channel for seen in await mia.sees() if seen.author == "trellis"]
    await mia.does_not_read("Mine")
    await mia.does_not_read("What do the others pay?")


async def test_who_is_not_let_in_finds_the_way_on_their_page(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/me")
    page = await zoe.last_private()
    assert "You aren't let in yet" in page.body and set(page.controls) == {"Start"}
    await zoe.presses("Start", on=page)
    await zoe.presses("I agree")
    await zoe.presses("Enter a code")
    await zoe.fills(code="seed-42")
    await zoe.uses("/question list")
    assert NOT_IN not in (await zoe.last_private()).body
    await zoe.uses("/me")
    assert "You aren't let in yet" not in (await zoe.last_private()).body


async def test_to_be_forgotten_is_no_way_around_the_gate(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    await story.passes(minutes=1)
    await zoe.uses("/question list")
    assert NOT_IN in (await zoe.last_private()).body
    await zoe.uses("/me")
    await zoe.presses("Start", on=await zoe.last_private())
    await zoe.presses("I agree")
    await zoe.presses("Enter a code")
    await zoe.fills(code="seed-42")
    await zoe.uses("/question list")
    assert NOT_IN not in (await zoe.last_private()).body


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_who_was_given_the_role_by_hand_is_in(story: Story) -> None:
    zoe = await arrived(story)
    people = story.door.platform.people  # type: ignore[attr-defined]
    people["zoe"] = replace(people["zoe"], roles=frozenset({"Mentor"}))
    await zoe.uses("/question list")
    assert NOT_IN not in (await zoe.last_private()).body
