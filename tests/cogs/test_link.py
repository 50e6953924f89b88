"""Linking accounts: one person on two platforms of one community."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.contract.adapter import SpaceInfo
from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.cogs.link import Link
from bot.kernel.application import Application
from config.settings import Settings
from storage.audit import AuditStore
from storage.database import Database
from storage.links import CODE_LIVES, LinkStore
from storage.members import Member, MemberStore
from storage.merging import MergeStore
from tests.doors import CHANNELS, MemoryDoor
from tests.story import Person, Story

QUESTION = "How do I rotate the webhook secret?"
OTHER = "Why does the webhook signature fail after a retry?"


class Elsewhere(Memory):
    """A second platform, on which people go by other names."""

    platform = "elsewhere"

    async def spaces(self) -> Sequence[SpaceInfo]:
        return [] if self.removed else [SpaceInfo(self.space, "The Other Side")]


@dataclass(frozen=True, slots=True)
class Town:
    """One Trellis with a door to each of two platforms."""

    app: Application
    database: Database
    here: Story
    there: Story
    clock: MovableClock

    @property
    def mia(self) -> Person:
        return self.here.person("mia")

    @property
    def miriam(self) -> Person:
        """Mia, as she is called on the other platform."""
        return self.there.person("miriam")

    def cog(self) -> Link:
        members, merging = MemberStore(self.database), MergeStore(self.database)
        return Link(LinkStore(self.database), members, merging, AuditStore(self.database))


async def begin(file: Path, clock: MovableClock, spaces: str = "memory/home,elsewhere/there") -> Town:
    """Begin a story on two platforms; without `spaces`, each of them is a community of its own."""
    here, there = Memory(clock.now), Elsewhere(clock.now, "there")
    for platform, people in ((here, ("mia", "noah", "kenji")), (there, ("miriam", "sofia"))):
        for channel in (*CHANNELS, "agents"):
            platform.add_channel(channel)
        for name in people:
            platform.add_person(name, name.capitalize())
    database = Database(f"sqlite:///{file}")
    app = build_application(Settings.model_validate({"TRELLIS_SPACES": spaces}), database, [here, there], clock)
    await app.start()
    door, other_door = MemoryDoor(here, app.settle), MemoryDoor(there, app.settle)
    return Town(app, database, Story(app, door, clock), Story(app, other_door, clock), clock)


@pytest.fixture
async def town(database_file: Path, clock: MovableClock) -> AsyncIterator[Town]:
    """Two platforms, one community."""
    town = await begin(database_file, clock)
    yield town
    await town.app.stop()


@pytest.fixture
async def towns(database_file: Path, clock: MovableClock) -> AsyncIterator[Town]:
    """Two platforms, two communities."""
    town = await begin(database_file, clock, spaces="")
    yield town
    await town.app.stop()


async def code_of(person: Person) -> str:
    """Have someone get a code; return it."""
    await person.uses("/link")
    found = re.search(r"Your code is (\w{4}-\w{4})\.", (await person.last_private()).body)
    assert found
    return found[1]


async def link(maker: Person, enterer: Person) -> None:
    await enterer.uses("/link", code=await code_of(maker))
    assert (await enterer.last_private()).title == "Linked"


async def answer_to(person: Person, code: str) -> str:
    """Have someone enter a code; return what they are told."""
    await person.uses("/link", code=code)
    return (await person.last_private()).words


async def one_person(town: Town) -> bool:
    here, there = await town.here.member("mia"), await town.there.member("miriam")
    return here.id == there.id


# Linking


async def test_a_code_from_one_entered_on_the_other_makes_one_person(town: Town) -> None:
    await town.mia.uses("/link")
    card = await town.mia.last_private()
    assert card.private and "until 02 Mar 2026, 10:10 UTC" in card.body
    assert "in The Other Side on Elsewhere," in card.body and "Memory Lane" not in card.body
    assert "Don't show this code to anyone" in card.footer and not card.controls

    code = re.search(r"\w{4}-\w{4}", card.body)
    assert code
    await town.miriam.uses("/link", code=code[0].lower().replace("-", " "))
    card = await town.miriam.last_private()
    assert card.title == "Linked" and set(card.controls) == {"Undo"}
    assert "• Mia (Memory Lane on Memory)" in card.body and "• Miriam (The Other Side on Elsewhere)" in card.body

    member = await town.here.member("mia")
    assert member == await town.there.member("miriam")
    assert member.accounts == ("elsewhere/there/miriam", "memory/home/mia")
    await town.mia.does_not_read("Your code was entered")  # she takes no direct messages
    (entry,) = await AuditStore(town.database).recent(member.community_id, 5)
    assert (entry.member_id, entry.action, entry.subject, entry.detail) == (
        member.id,
        "member.linked",
        "elsewhere/there/miriam",
        "with the code from memory/home/mia",
    )


async def test_the_other_account_is_told_if_it_takes_direct_messages(town: Town) -> None:
    await town.mia.uses("/help")
    await town.here.prefers("mia", direct_ok=True)
    await link(town.mia, town.miriam)
    told = await town.mia.reads("Your code was entered by Miriam (The Other Side on Elsewhere)")
    assert told.channel == "dm-mia" and "• Mia (Memory Lane on Memory)" in told.body
    await town.mia.presses("Undo", on=told)
    await town.mia.presses("Yes, take them apart")
    assert not await one_person(town)


async def test_what_cannot_be_told_is_linked_all_the_same(town: Town) -> None:
    await town.mia.uses("/help")
    await town.here.prefers("mia", direct_ok=True)
    code = await code_of(town.mia)
    here = town.app.adapters["memory"]
    assert isinstance(here, Memory)
    here.down = True
    assert "one person now" in await answer_to(town.miriam, code)


async def test_whoever_asks_on_one_side_cannot_help_themselves_on_the_other(town: Town) -> None:
    await town.miriam.uses("/expertise add", topic="webhooks")
    await town.there.prefers("miriam", direct_ok=True)
    await town.mia.uses("/ask", question=QUESTION)
    offer = await town.miriam.reads(f"Could you help with “{QUESTION}”?")

    await link(town.mia, town.miriam)
    await town.miriam.presses("I can help", on=offer)
    assert "You asked this yourself" in (await town.miriam.last_private()).words

    await town.mia.uses("/ask", question=OTHER)
    await town.miriam.does_not_read(f"Could you help with “{OTHER}”?")
    await town.miriam.uses("/ask", question="Does a webhook signature expire?")
    await town.mia.uses("/question list", status="mine")
    mine = (await town.mia.last_private()).words
    assert OTHER in mine and "Does a webhook signature expire?" in mine


async def test_preferences_and_expertise_follow(town: Town) -> None:
    await town.mia.uses("/help")
    await town.here.prefers("mia", quiet_from="22:00", quiet_to="08:00")
    await town.miriam.uses("/expertise add", topic="billing")
    await town.there.prefers(
        "miriam", quiet_from="12:00", quiet_to="13:00", timezone="America/Sao_Paulo", offers_ok=False
    )
    await link(town.mia, town.miriam)
    for person in (town.mia, town.miriam):
        await person.uses("/me")
        page = (await person.last_private()).body
        assert "Quiet hours: 22:00 to 08:00" in page and "Time zone: America/Sao_Paulo" in page
        assert "Asked to help: no" in page
    await town.mia.uses("/expertise list")
    assert "billing" in (await town.mia.last_private()).words


# Undoing


async def test_it_is_undone_after_being_asked_once_more(town: Town) -> None:
    await town.mia.uses("/ask", question=QUESTION)
    await link(town.mia, town.miriam)
    await town.miriam.uses("/ask", question=OTHER)
    await town.miriam.presses("Undo")
    sure = await town.miriam.last_private()
    assert sure.title == "Take them apart?" and "stays with Mia (Memory Lane on Memory)" in sure.body
    await town.miriam.presses("Keep them linked")
    assert "Nothing has changed" in (await town.miriam.last_private()).words and await one_person(town)

    await town.miriam.presses("Undo")
    await town.miriam.presses("Yes, take them apart")
    assert (await town.miriam.last_private()).title == "No longer linked" and not await one_person(town)
    for person, questions in ((town.mia, True), (town.miriam, False)):
        await person.uses("/question list", status="mine")
        mine = (await person.last_private()).words
        assert (QUESTION in mine) is questions and (OTHER in mine) is questions
    mia, miriam = await town.here.member("mia"), await town.there.member("miriam")
    assert (mia.name, miriam.name) == ("Mia", "Miriam")
    entry = (await AuditStore(town.database).recent(mia.community_id, 1))[0]
    assert (entry.member_id, entry.action, entry.subject) == (mia.id, "member.unlinked", "elsewhere/there/miriam")


async def test_it_is_undone_once_and_can_be_linked_again(town: Town) -> None:
    await link(town.mia, town.miriam)
    linked = await town.miriam.last_private()
    await town.miriam.presses("Undo", on=linked)
    sure = await town.miriam.last_private()
    await town.miriam.presses("Yes, take them apart", on=sure)
    for stale, label in ((linked, "Undo"), (sure, "Yes, take them apart")):
        await town.miriam.presses(label, on=stale)
        assert "nothing to undo any more" in (await town.miriam.last_private()).words
    await link(town.miriam, town.mia)
    assert await one_person(town) and (await town.here.member("mia")).name == "Miriam"


async def test_undo_is_found_again_with_the_command(town: Town) -> None:
    await link(town.mia, town.miriam)
    await town.mia.uses("/link")
    card = await town.mia.last_private()
    assert "You're one person already as" in card.body and "• Miriam (The Other Side on Elsewhere)" in card.body
    await town.mia.presses("Undo", on=card)
    await town.mia.presses("Yes, take them apart")
    assert not await one_person(town)


async def test_nobody_undoes_what_others_linked(town: Town) -> None:
    await link(town.mia, town.miriam)
    linked = await town.miriam.last_private()
    sofia = town.there.person("sofia")
    await sofia.uses("/link")
    own = await sofia.last_private()
    for call in (linked.controls["Undo"], linked.controls["Undo"].replace("undo", "separate")):
        await town.there.door.press("sofia", own.id, call)
        assert "nothing to undo" in (await sofia.last_private()).words
    assert await one_person(town)


async def test_a_third_account_is_taken_apart_alone(town: Town) -> None:
    await link(town.mia, town.miriam)
    await link(town.mia, town.there.person("sofia"))
    sofia = town.there.person("sofia")
    await sofia.presses("Undo")
    await sofia.presses("Yes, take them apart")
    assert await one_person(town)
    assert (await town.there.member("sofia")).accounts == ("elsewhere/there/sofia",)


async def test_a_person_of_two_accounts_is_taken_apart_whole(town: Town) -> None:
    await link(town.mia, town.miriam)
    noah = town.here.person("noah")
    await link(noah, town.mia)
    assert len((await town.here.member("noah")).accounts) == 3
    await town.mia.presses("Undo")
    await town.mia.presses("Yes, take them apart")
    assert (await town.here.member("noah")).accounts == ("memory/home/noah",)
    assert await one_person(town)


# Codes


async def test_a_code_expires(town: Town) -> None:
    code = await code_of(town.mia)
    town.clock.offset += CODE_LIVES
    assert "too old" in await answer_to(town.miriam, code)
    code = await code_of(town.mia)
    town.clock.offset += CODE_LIVES - timedelta(seconds=1)
    assert "one person now" in await answer_to(town.miriam, code)


async def test_a_code_works_once(town: Town) -> None:
    code = await code_of(town.mia)
    assert "one person now" in await answer_to(town.miriam, code)
    assert "one person already" in await answer_to(town.miriam, code)
    assert "one person already" in await answer_to(town.mia, code)
    assert "has been used" in await answer_to(town.there.person("sofia"), code)


async def test_the_same_event_twice_links_once(town: Town) -> None:
    await link(town.mia, town.miriam)
    there = town.app.adapters["elsewhere"]
    assert isinstance(there, Elsewhere) and there.last_event
    seen = len(await town.miriam.sees())
    await there.again(there.last_event)
    assert len(await town.miriam.sees()) == seen and await one_person(town)


async def test_codes_entered_crosswise_link_once(town: Town) -> None:
    ours, theirs = await code_of(town.mia), await code_of(town.miriam)
    answers = await asyncio.gather(answer_to(town.mia, theirs), answer_to(town.miriam, ours))
    assert sum("These are one person now" in answer for answer in answers) == 1, answers
    assert sum("changed at this very moment" in answer or "already" in answer for answer in answers) == 1, answers
    assert await one_person(town)
    assert len((await town.here.member("mia")).accounts) == 2


async def test_only_the_newest_code_counts(town: Town) -> None:
    old, new = await code_of(town.mia), await code_of(town.mia)
    assert old != new
    assert "don't know that code" in await answer_to(town.miriam, old)
    assert "one person now" in await answer_to(town.miriam, new)


async def test_ones_own_code_is_for_the_other_account(town: Town) -> None:
    code = await code_of(town.mia)
    assert "This is where you got that code" in await answer_to(town.mia, code)
    assert "one person now" in await answer_to(town.miriam, code)


async def test_after_five_wrong_tries_one_has_to_wait(town: Town) -> None:
    code = await code_of(town.mia)
    assert "eight letters and digits" in await answer_to(town.miriam, "what?")  # no try: it cannot be a code
    for _ in range(5):
        assert "don't know that code" in await answer_to(town.miriam, "2222-2222")
        town.clock.offset += timedelta(seconds=10)
    assert "Please wait until 02 Mar 2026, 10:10 UTC" in await answer_to(town.miriam, code)
    assert not await one_person(town)
    assert "one person now" in await answer_to(town.there.person("sofia"), code)  # each member has tries of their own

    town.clock.offset += timedelta(minutes=10)
    assert "one person now" in await answer_to(town.miriam, await code_of(town.mia))


async def test_communities_stay_apart(towns: Town) -> None:
    sofia = towns.there.person("sofia")
    await sofia.uses("/link")
    assert "lives in one place only, The Other Side on Elsewhere, so" in (await sofia.last_private()).body
    mia = await _met(towns.mia)
    code = await LinkStore(towns.database).make_code(mia.community_id, mia.id, mia.accounts[0], towns.clock.now())
    assert "from another community" in await answer_to(towns.miriam, code)
    assert not await one_person(towns)


async def _met(person: Person) -> Member:
    await person.uses("/help")
    return await person.story.member(person.id)


# What is known, and forgotten


async def test_links_are_exported_and_erased(town: Town) -> None:
    await link(town.mia, town.miriam)
    cog, member = town.cog(), await town.here.member("mia")
    exported = await cog.export(member)
    assert [one["accounts"] for one in exported["linked_accounts"]] == [["elsewhere/there/miriam"]]
    assert exported["last_link_code"]["given_at"] == "memory/home/mia"
    await cog.erase(member)
    assert await cog.export(member) == {"linked_accounts": [], "last_link_code": None, "wrong_link_codes_at": []}
    await town.miriam.presses("Undo")
    assert "nothing to undo" in (await town.miriam.last_private()).words


async def test_who_has_paused_has_with_all_accounts_together_and_apart(town: Town) -> None:
    await town.mia.uses("/privacy pause")
    await link(town.mia, town.miriam)
    await town.miriam.says(QUESTION, channel="help")
    await town.miriam.does_not_read(f"{QUESTION} was asked")
    assert not [seen for seen in await town.miriam.sees("help") if seen.controls], "it is not looked at"
    assert await town.mia.reads("The Other Side"), "a link to an account is told also who has paused"
    await town.miriam.presses("Undo")
    await town.miriam.presses("Yes, take them apart")
    await town.app.upkeep.refresh()
    for person in (town.mia, town.miriam):
        await person.uses("/privacy pause")
        assert "You paused me" in (await person.last_private()).title
        await person.presses("Go on")
    await town.miriam.says(OTHER, channel="help")
    assert [seen for seen in await town.miriam.sees("help") if seen.controls]
