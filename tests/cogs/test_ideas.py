"""Ideas: heard, voted for once, decided, and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.memory import Memory
from bot.kernel.cog import Cog, listener
from bot.kernel.domain_events import IdeaAdded, IdeaShipped
from bot.kernel.work import Work
from storage.members import Member
from tests.story import Person, Seen, Story

from .conftest import Begin

DARK = "A dark theme for the mobile app"


async def suggests(person: Person, title: str = DARK, **more: str) -> Seen:
    """Suggest an idea; return its card."""
    await person.uses("/idea add", title=title, **more)
    return await card_of(person, title)


async def card_of(person: Person, title: str = DARK) -> Seen:
    """Return an idea's card as it stands in the channel."""
    return [seen for seen in await person.sees("ideas") if seen.title == title][-1]


async def test_an_idea_gets_a_card_and_one_vote_of_each_member(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await suggests(mia, details="White hurts at night.")
    assert "Idea #1 is posted" in (await mia.last_private()).words
    card = await noah.reads(DARK, "ideas")
    assert card.title == DARK and card.body == "White hurts at night."
    assert card.fields["Status"] == "🌱 Open" and card.fields["Votes"] == "0 votes"
    assert card.fields["Suggested by"] == "@Mia"
    await noah.presses("👍 Vote", on=card)
    await noah.presses("👍 Vote", on=card)
    assert "Your vote for #1" in (await noah.last_private()).words
    assert (await card_of(mia)).fields["Votes"] == "1 vote"
    await noah.presses("Take my vote back")
    assert (await card_of(mia)).fields["Votes"] == "0 votes"


async def test_similar_ideas_are_shown_first(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await suggests(mia)
    await noah.uses("/idea add", title="Dark theme in the app please")
    known = await noah.last_private()
    assert "Is it one of these?" in known.title and DARK in known.body
    await noah.presses("👍 Vote for that one")
    assert (await kenji.reads(DARK, "ideas")).fields["Votes"] == "1 vote"
    await kenji.does_not_read("Dark theme in the app please")

    await kenji.uses("/idea add", title="Dark theme for the app's widgets")
    await kenji.presses("Mine is another one")
    assert (await noah.reads("widgets", "ideas")).footer == "Idea #2"


async def test_ideas_are_listed_by_votes_new_and_by_status(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    for title in (DARK, "Export to calendars", "Keyboard shortcuts everywhere"):
        await suggests(mia, title)
    await noah.presses("👍 Vote", on=await noah.reads("Export to calendars", "ideas"))
    await noah.uses("/idea list")
    listed = (await noah.last_private()).body.splitlines()
    assert [line.partition("#")[2].split()[0] for line in listed] == ["2", "3", "1"]
    assert "1 vote" in listed[0]
    await noah.chooses("Newest")
    listed = (await noah.last_private()).body.splitlines()
    assert [line.partition("#")[2].split()[0] for line in listed] == ["3", "2", "1"]
    await liam.uses("/idea status", idea="3", status="shipped")
    await noah.uses("/idea list", status="shipped")
    shipped = await noah.last_private()
    assert "Keyboard shortcuts everywhere" in shipped.body and DARK not in shipped.body
    await noah.uses("/idea list", status="declined")
    assert "There's nothing here" in (await noah.last_private()).body


async def test_whoever_voted_or_follows_is_told_once_of_each_change(story: Story) -> None:
    mia, noah, kenji, liam = (story.person(name) for name in ("mia", "noah", "kenji", "liam"))
    card = await suggests(mia)
    await noah.presses("👍 Vote", on=card)
    await kenji.presses("Tell me", on=card)
    await story.prefers("noah", direct_ok=True)
    await noah.uses("/idea status", idea="1", status="planned")
    assert "Only moderators" in (await noah.last_private()).words

    await liam.uses("/idea status", idea="1", status="planned", note="For the spring release.")
    assert "3 people are told" in (await liam.last_private()).words
    card = await card_of(mia)
    assert card.fields["Status"] == "🗓️ Planned" and card.fields["Why"] == "For the spring release."
    in_thread = await kenji.reads("is planned", story.thread(card))
    assert in_thread.pinged == {"mia", "kenji"} and "For the spring release." in in_thread.body
    direct = await noah.reads("is planned", story.door.direct("noah"))
    assert "noah" not in in_thread.pinged and DARK in direct.title

    await liam.uses("/idea status", idea="1", status="planned", note="For the spring release.")
    assert "It says just that already" in (await liam.last_private()).words
    assert len([seen for seen in await kenji.sees() if "is planned" in seen.words]) == 1

    await kenji.presses("Tell me", on=card)
    await kenji.presses("Don't tell me")
    await liam.uses("/idea status", idea="1", status="shipped")
    assert (await mia.reads("is there. 🚀", story.thread(card))).pinged == {"mia"}
    assert "👍 Vote" not in (await card_of(mia)).controls


@pytest.mark.parametrize("status", ["declined", "duplicate"])
async def test_a_no_has_a_reason_that_everyone_reads(story: Story, status: str) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    card = await suggests(mia)
    await liam.uses("/idea status", idea="1", status=status)
    assert liam.form and "say why" in liam.form.errors["note"]
    await liam.fills(note="...")
    assert liam.form and "say why" in liam.form.errors["note"]
    assert (await card_of(mia)).fields["Status"] == "🌱 Open"
    await liam.fills(note="It would tire our eyes.")
    assert (await card_of(mia)).fields["Why"] == "It would tire our eyes."
    assert "It would tire our eyes." in (await mia.reads("that you wanted", story.thread(card))).body


async def test_a_merge_keeps_the_union_of_voters_and_can_be_undone(story: Story) -> None:
    mia, noah, kenji, liam = (story.person(name) for name in ("mia", "noah", "kenji", "liam"))
    first = await suggests(mia)
    second = await suggests(kenji, "Night mode everywhere, also on tablets")
    for person, card in ((noah, first), (noah, second), (kenji, second), (mia, first)):
        await person.presses("👍 Vote", on=card)
    await liam.uses("/idea merge", idea="2", into="1")
    assert "Together they have 3 voters" in (await liam.last_private()).words
    merged = await mia.reads("Night mode", "ideas")
    assert merged.fields["Status"] == "👯 Duplicate" and f"#1 {DARK}" in merged.fields["Goes on in"]
    assert not merged.controls
    assert (await card_of(mia)).fields["Votes"] == "3 votes"
    told = await kenji.reads("goes on in", story.thread(merged))
    assert told.pinged == {"noah", "kenji"} and "Your vote counts there" in told.body
    assert "An idea that you wanted" in told.body and "of yours" not in told.body, "only one of them wrote it"

    await liam.uses("/idea status", idea="2", status="planned")
    assert "It was merged into #1" in (await liam.last_private()).words
    await liam.uses("/idea merge", idea="1", into="2")
    assert "can't be merged into itself" in (await liam.last_private()).words
    await liam.uses("/idea show", idea="2")
    await liam.presses("Undo the merge")
    assert (await card_of(mia)).fields["Votes"] == "2 votes"
    again = await mia.reads("Night mode", "ideas")
    assert again.fields["Votes"] == "2 votes" and again.fields["Status"] == "🌱 Open"
    assert set(again.controls) == {"👍 Vote", "Tell me"}


async def test_someone_who_was_forgotten_still_counts_as_somebody(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await suggests(mia, details="White hurts at night.")
    await noah.presses("👍 Vote", on=card)
    for person in (noah, mia):
        await person.uses("/privacy erase")
        await person.presses("Forget me for good")
    card = await card_of(story.person("kenji"), "(removed)")
    assert card.fields["Votes"] == "1 vote" and card.fields["Suggested by"] == "a former member"
    assert "White hurts" not in card.body


SEGMENTS = """
[[segments]]
name = "staff"
roles = ["agent", "moderator"]

[[segments]]
name = "everyone"
votes = 1
"""


async def test_a_budget_of_votes_for_each_segment(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "community.toml").write_text(SEGMENTS, "utf-8")
    story = await begin(TRELLIS_COMMUNITY_FILE=str(tmp_path / "community.toml"))
    mia, noah, ava, liam = (story.person(name) for name in ("mia", "noah", "ava", "liam"))
    first, second = await suggests(mia), await suggests(mia, "Export to calendars")
    for person in (noah, ava):
        await person.presses("👍 Vote", on=first)
    assert "That was your last vote" in (await noah.last_private()).words
    assert "vote left" not in (await ava.last_private()).words
    await noah.presses("👍 Vote", on=second)
    assert "You've given your 1 vote." in (await noah.last_private()).words
    await ava.presses("👍 Vote", on=second)
    assert (await card_of(mia)).fields["Votes"] == "2 votes: everyone 1, staff 1"

    await liam.uses("/idea status", idea="1", status="shipped")
    await noah.presses("👍 Vote", on=second)
    assert (await card_of(mia, "Export to calendars")).fields["Votes"] == "2 votes: everyone 1, staff 1"
    assert (await card_of(mia)).fields["Votes"] == "2 votes: everyone 1, staff 1"


async def test_one_idea_is_shown_with_what_was_merged_into_it(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await suggests(mia, details="White hurts at night.")
    await suggests(noah, "Night mode everywhere")
    await liam.uses("/idea merge", idea="2", into="1")
    await noah.uses("/idea show", idea="1")
    shown = await noah.last_private()
    assert "White hurts at night." in shown.body and "#2 Night mode everywhere" in shown.body
    await noah.presses("👍 Vote", on=shown)
    assert (await card_of(mia)).fields["Votes"] == "1 vote"
    await noah.uses("/idea show", idea="7")
    assert "There's no idea #7." in (await noah.last_private()).words


async def test_an_idea_that_cannot_be_posted_now_is_posted_later(story: Story) -> None:
    mia = story.person("mia")
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        return
    platform.fails_at = 1
    await mia.uses("/idea add", title=DARK)
    assert "as soon as the platform lets me" in (await mia.last_private()).words
    await story.passes(minutes=20)
    assert len([seen for seen in await mia.sees("ideas") if seen.title == DARK]) == 1


async def test_what_was_merged_before_says_where_it_goes_on_now(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    for title in (DARK, "Free lunch on Fridays", "A garden on the roof"):
        await mia.uses("/idea add", title=title)
    for idea, into in ((3, 2), (2, 1)):
        await liam.uses("/idea merge", idea=str(idea), into=str(into))
    third = await mia.reads("A garden on the roof", "ideas")
    assert third.fields["Goes on in"].startswith("#1")
    await liam.presses("Undo the merge")
    assert (await mia.reads("A garden on the roof", "ideas")).fields["Goes on in"].startswith("#2")


async def test_an_author_who_takes_a_vote_back_still_hears_of_their_idea(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await suggests(mia)
    await mia.presses("👍 Vote", on=await card_of(mia))
    await mia.presses("Take my vote back")
    await liam.uses("/idea status", idea="1", status="planned")
    assert "1 person is told" in (await liam.last_private()).words


class Ears(Cog):
    """Hears what the room publishes."""

    name = "ears"

    def __init__(self) -> None:
        self.heard: list[object] = []

    @listener(IdeaAdded)
    async def added(self, _: Work, event: IdeaAdded) -> None:
        self.heard.append(event)

    @listener(IdeaShipped)
    async def shipped(self, _: Work, event: IdeaShipped) -> None:
        self.heard.append(event)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


async def test_other_rooms_hear_once_of_what_was_added_and_shipped(begin: Begin) -> None:
    ears = Ears()
    story = await begin((ears,))
    mia, liam = story.person("mia"), story.person("liam")
    await suggests(mia)
    author = (await story.member("mia")).id
    for status in ("shipped", "open", "shipped"):
        await liam.uses("/idea status", idea="1", status=status)
    assert ears.heard == [IdeaAdded(1, author), IdeaShipped(1, author)]
