"""What Trellis knows of a member who was in every room: all of it is handed over, and none of it is left."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Enum, Integer, Table, and_, func, insert, select, update

from adapters.memory import Memory
from storage.columns import UtcDateTime, metadata
from storage.imports import ImportStore
from tests.pictures import picture_of
from tests.story import Person, Story

from .conftest import Begin
from .test_events import card_of as event_card
from .test_events import planned
from .test_ideas import card_of as idea_card
from .test_onboarding import arrived
from .test_privacy import CANARY, _everything

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)

COMMUNITY = """
[onboarding.guidelines]
version = "1"
text = "Be kind."

[[onboarding.interests]]
name = "Gardens"

[[onboarding.journeys]]
name = "everyone"
steps = ["welcome", "guidelines", "interests", "introduce", "buddy"]

[onboarding.gate]
guidelines = true
moderator = true
role = "mentor"
"""

ROOMS_OF = {
    "accounts": "me.accounts",
    "admissions": "gatekeeping.entry",
    "agreements": "following.agreed_to_guidelines",
    "articles": "knowledge.articles",
    "audit": "privacy.log_of_what_you_did",
    "buddies": "buddies.willing_to_be_a_buddy",
    "calendar_feeds": "calendar.has_calendar_address",
    "consents": "knowledge.articles",
    "dashboard_links": "dashboard.dashboard_link_until",
    "dashboard_sessions": "dashboard.dashboard_sessions",
    "drafts": "form.unfinished_forms",
    "duty": "support.on_duty_since",
    "event_cohosts": "change.hosted_with_others",
    "event_messages": "host.messages_to_guests",
    "event_series": "change.hosted",
    "events": "change.hosted",
    "expertise": "helping.expertise",
    "help": "helping.helped_with",
    "hellos": "introductions.hellos_said",
    "idea_follows": "suggest.followed",
    "idea_votes": "suggest.voted_for",
    "ideas": "suggest.suggested",
    "import_people": "presence.found_in_imports",
    "interests": "steps.interests",
    "introductions": "introductions.about",
    "journey_steps": "arrivals.steps",
    "journeys": "arrivals.arrived_at",
    "kudos": "thank.given",
    "left_alone": "asking.posts_not_read_as_questions",
    "link_codes": "link.last_link_code",
    "link_tries": "link.wrong_link_codes_at",
    "links": "link.linked_accounts",
    "namings": "things.messages_that_name_you",
    "milestones": "profile.reached",
    "off_boards": "leaderboard.off_the_boards",
    "offers": "helping.offered",
    "outbox": "things.still_to_be_said",
    "pairings": "buddies.had_a_buddy",
    "poll_options": "options.options_added",
    "poll_votes": "ballot.voted",
    "polls": "compose.asked",
    "postings": "things.messages_for_you",
    "presence_hours": "presence.messages_by_hour_of_the_week_before_trellis",
    "question_moments": "solving.what_you_did_with_questions",
    "questions": "asking.asked",
    "reminder_choices": "remind.reminded_minutes_before",
    "replies": "asking.written",
    "signups": "attend.signed_up",
    "thanks_reactions": "thank.thanked_by_emoji",
    "uploads": "form.pictures",
}
"""Where the file tells of each table that knows members."""

NAMELESS = {"hellos", "ideas", "journeys", "kudos", "pairings", "poll_options", "polls", "questions", "replies"}
"""What may point at somebody without name and words: others voted on it, answered it, gave it or are counted by it."""


async def lives_here(begin: Begin, folder: Path) -> Story:
    """Have Zoe use every room, and write a word of hers wherever one can write."""
    file = folder / "community.toml"
    file.write_text(COMMUNITY)
    story = await begin(TRELLIS_COMMUNITY_FILE=str(file))
    zoe, mia, noah, sofia, liam = (story.person(name) for name in ("zoe", "mia", "noah", "sofia", "liam"))
    await mia.uses("/introduce", about="I am Mia.")
    await _comes_in(story, zoe, liam)
    await mia.presses("👋 Say hello", on=await mia.reads("Meet Zoe"))
    await zoe.presses("👋 Say hello", on=await zoe.reads("Meet Mia"))
    await zoe.uses("/me")
    await zoe.presses("Be a buddy")
    await zoe.uses("/link")
    await _asks_and_answers(story, zoe, sofia)
    await _meets(story, zoe)
    await _decides(zoe, mia)
    for person in (mia, noah):
        await person.says("Good morning.")
    await zoe.uses("/thanks", member=story.named("mia"), reason=f"for the {CANARY} you planted")
    await mia.uses("/thanks", member=story.named("zoe"), reason="for her patience")
    await zoe.uses("/me")
    await zoe.presses("Hide me from leaderboards")
    await story.passes(days=4)
    await zoe.uses("/ask", question=f"A {CANARY} that isn't finished", details=CANARY * 300)
    return story


async def _comes_in(story: Story, zoe: Person, liam: Person) -> None:
    await liam.says("hello")
    await arrived(story, source="docs")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.presses("Ask to come in")
    await zoe.fills(words=f"I am Zoe of {CANARY} Street.")
    await liam.presses("Let in", on=await liam.reads("would like to come in", "agents"))
    await zoe.presses("Start", on=await zoe.reads("You're in", "general"))
    await zoe.chooses("Gardens")
    await zoe.uses("/introduce", about=f"I am Zoe and grow {CANARY}.", hopes=f"More {CANARY}", topics=CANARY)


async def _asks_and_answers(story: Story, zoe: Person, sofia: Person) -> None:
    await zoe.uses("/expertise add", topic=CANARY)
    shot = await zoe.picks_file(picture_of(CANARY.encode()))
    asked = {"question": f"Where do I plant a {CANARY}?", "details": f"My {CANARY} is tall.", "screenshot": shot}
    await zoe.uses("/ask", **asked, anonymous="true")
    await zoe.presses("Reply as the asker", on=await zoe.reads("Where do I plant", "help"))
    await zoe.fills(words=f"It's a {CANARY} of last year.")
    await sofia.uses("/ask", question="How do I rotate the webhook secret?")
    question = await zoe.reads("rotate the webhook", "help")
    await zoe.says(f"It is below the {CANARY}.", story.thread(question))
    await story.passes(minutes=3)
    answer = await zoe.says("Settings, Webhooks, Rotate.", story.thread(question))
    await zoe.picks("Mark as answer", answer)
    await sofia.presses("Mark as solved", on=await sofia.reads("rotate the webhook", "help"))


async def _meets(story: Story, zoe: Person) -> None:
    await planned(story, host="zoe", title=f"{CANARY} day", description=CANARY, place=CANARY, repeat="weekly")
    await planned(story, host="mia", title="Seed swap", when="2026-03-05T12:00+00:00")
    for title in (f"{CANARY} day", "Seed swap"):
        await zoe.presses("Going", on=await event_card(zoe, title))
    await story.person("noah").presses("Going", on=await event_card(zoe, f"{CANARY} day"))
    await story.person("mia").presses("Host tools", on=await event_card(story.person("mia"), "Seed swap"))
    await story.person("mia").presses("Places, sign-up and more")
    await story.person("mia").fills(hosts=story.named("zoe"))
    await zoe.presses("Host tools", on=await event_card(zoe, f"{CANARY} day"))
    await zoe.presses("Message everyone")
    await zoe.fills(words=f"Bring a {CANARY}!")
    await zoe.uses("/event create", title=f"A {CANARY} nobody posted", when="2026-03-09 18:00")
    await zoe.presses("Add to calendar", on=await event_card(zoe, "Seed swap"))
    await zoe.uses("/me")
    await zoe.presses("Reminders")
    await zoe.chooses("3 days before")


async def _decides(zoe: Person, mia: Person) -> None:
    await zoe.uses("/idea add", title=f"More {CANARY} in the garden", details=f"A {CANARY} blooms in winter.")
    await mia.uses("/idea add", title="A dark theme for the app")
    idea = await idea_card(zoe, "A dark theme for the app")
    await zoe.presses("👍 Vote", on=idea)
    await mia.uses("/idea add", title="Export to calendars")
    await zoe.presses("Tell me", on=await idea_card(zoe, "Export to calendars"))
    await zoe.uses("/poll create", question=f"Where does a {CANARY} stand?", options=f"Here, {CANARY}")
    await zoe.presses("Post it")
    await mia.uses("/poll create", question="Where shall we meet?", options="Library, Park")
    await mia.presses("More settings")
    await mia.fills(adding="true")
    await mia.presses("Post it")
    await zoe.presses("Add an option")
    await zoe.fills(option=f"Under the {CANARY}")
    await zoe.presses("Park", on=await zoe.reads("Where shall we meet?", "general"))


def pointing(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that point at members."""
    return [column for column in table.c if any(key.column.table.name == "members" for key in column.foreign_keys)]


POINTING = {table.name: pointing(table) for table in metadata.sorted_tables if pointing(table)}
"""All that points at members: whatever table there is, it cannot be forgotten."""


def about(row: dict[str, Any], table: Table, member_id: int) -> bool:
    """Say whether a row points at a member."""
    return any(row[column.name] == member_id for column in pointing(table))


async def point_at(story: Story, column: Column[Any], member_id: int) -> None:
    """Have a column point at a member: in a row of someone else's or, where there is none, in a new one."""
    table = column.table
    assert isinstance(table, Table)
    async with story.app.database.write() as connection:
        row = (await connection.execute(select(table).limit(1))).mappings().first()
        if row:
            this = and_(*(key == row[key.name] for key in table.primary_key))
            await connection.execute(update(table).where(this).values({column.name: member_id}))
            return
        values = {column.name: member_id}
        for other in table.c:
            if other is column or other.nullable or other is table.autoincrement_column:
                continue
            for key in other.foreign_keys:
                values[other.name] = await connection.scalar(select(func.max(key.column)))
            values.setdefault(other.name, _anything(other, story.now))
        await connection.execute(insert(table).values(values))


def _anything(column: Column[Any], now: datetime) -> Any:
    """Return what may stand in a column."""
    match column.type:
        case Enum(enums=[first, *_]):
            return first
        case UtcDateTime():
            return now
        case Integer() | Boolean():
            return 1
        case _:
            return "{}"


async def rows_of(story: Story) -> list[tuple[Table, dict[str, Any]]]:
    """Return every row that there is."""
    async with story.app.database.read() as connection:
        return [
            (table, dict(row._mapping))
            for table in metadata.sorted_tables
            for row in await connection.execute(select(table))
        ]


async def test_the_file_tells_of_every_row(begin: Begin, tmp_path: Path) -> None:
    story = await lives_here(begin, tmp_path)
    zoe, member = story.person("zoe"), await story.member("zoe")
    await zoe.uses("/privacy export")
    files = (await zoe.last_private()).files
    known = json.loads(files["your-data.json"])["known"]
    told = {f"{room}.{name}" for room, facts in known.items() for name, fact in facts.items() if fact}
    theirs = [(table, row) for table, row in await rows_of(story) if about(row, table, member.id)]
    found = {table.name for table, _ in theirs}
    assert found >= {"kudos", "polls", "ideas", "events", "questions", "introductions", "admissions", "drafts"}
    assert not {name for name in found if ROOMS_OF.get(name) not in told}
    written = json.dumps(known, ensure_ascii=False)
    for table, row in theirs:
        for name, value in row.items():
            if isinstance(value, str) and CANARY in value and not value.startswith("{"):
                assert value in written, f"{table.name}.{name}"
    assert story.door.account("mia").key not in written, "nobody else's account"


async def test_no_table_is_forgotten(begin: Begin, tmp_path: Path) -> None:
    assert not POINTING.keys() - ROOMS_OF.keys(), "which cog exports and erases this? Say where the file tells of it"
    story = await lives_here(begin, tmp_path)
    zoe, member = story.person("zoe"), await story.member("zoe")
    await ImportStore(story.app.database).begin(member.community_id, "memory/home", "slack", "export", "1", story.now)
    there = await rows_of(story)
    for table, columns in POINTING.items():
        for column in columns:
            if not any(table == one.name and row[column.name] == member.id for one, row in there):
                await point_at(story, column, member.id)

    await zoe.uses("/privacy export")
    known = json.loads((await zoe.last_private()).files["your-data.json"])["known"]
    told = {f"{room}.{name}" for room, facts in known.items() for name, fact in facts.items() if fact}
    assert not {table for table in POINTING if ROOMS_OF[table] not in told}, "no cog exports it"

    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    left = {table.name for table, row in await rows_of(story) if about(row, table, member.id)}
    assert not left - NAMELESS, "no cog erases it"


async def test_nothing_is_left(begin: Begin, tmp_path: Path) -> None:
    story = await lives_here(begin, tmp_path)
    zoe, member, key = story.person("zoe"), await story.member("zoe"), story.door.account("zoe").key
    before = await _everything(story)
    assert [row for row in before if CANARY in row] and [row for row in before if key in row]
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    await story.app.settle()
    await story.passes(days=1)
    kept = await _everything(story)
    for word in (CANARY, "Zoe", key):
        assert not [row for row in kept if word in row], word
    left = {table.name for table, row in await rows_of(story) if about(row, table, member.id)}
    assert left <= NAMELESS


async def _lives_on(story: Story) -> None:
    """Have more be said that names Zoe: what solved a question, a buddy, the digest, an offer, an event of hers."""
    zoe, mia, noah, liam = (story.person(name) for name in ("zoe", "mia", "noah", "liam"))
    await noah.uses("/expertise add", topic="webhooks")
    await zoe.uses("/ask", question="Why are webhooks sent twice to my server?")
    await noah.says("They are retried until you answer.", story.thread(await noah.reads("sent twice", "help")))
    await zoe.presses("Mark as solved", on=await zoe.reads("sent twice", "help"))
    await mia.uses("/thanks", member=story.named("zoe"), reason="for the tour")
    await zoe.uses("/thanks", member=story.named("noah"), reason="for the webhooks")
    await liam.uses("/question list")
    await planned(story, host="zoe", title="Open garden", when="2026-03-16T12:00+00:00")
    await noah.presses("Going", on=await event_card(noah, "Open garden"))
    await story.passes(days=8)


def names_of(story: Story, who: str) -> list[str]:
    """Return what Trellis has standing on the platform that tells who somebody is."""
    platform, key = getattr(story.door, "platform", None), story.door.account(who)
    assert isinstance(platform, Memory)
    shown = [repr(posted.card) for posted in platform.messages.values() if posted.card and not posted.reader]
    return [words for words in shown if who.title() in words or f"id={key.id!r}" in words]


async def test_no_message_of_ours_names_them_any_more(begin: Begin, tmp_path: Path) -> None:
    story = await lives_here(begin, tmp_path)
    zoe = story.person("zoe")
    await _lives_on(story)
    assert len(names_of(story, "zoe")) > 10
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    await story.app.settle()
    await story.passes(minutes=5)
    assert not names_of(story, "zoe")
    assert not [row for row in await _everything(story) if "Zoe" in row]
    await story.passes(days=15)
    assert not names_of(story, "zoe")
