"""Standing: what the other rooms tell of, profiles, boards, levels with their roles, and what is forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.memory import Memory
from bot.kernel.cog import Cog, command
from bot.kernel.context import Submission
from bot.kernel.domain_events import EventAttended, EventHosted, IdeaShipped, NewcomerWelcomed
from bot.kernel.forms import Form, ask
from storage.members import Member
from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, solved
from .test_recognition import REASON, here, points


class DeedForm(Form, title="A deed"):
    """What someone did."""

    what: str = ask("What?")
    number: int | None = ask("Of which event or idea?", required=False)


class OtherRooms(Cog):
    """Stands for the rooms that tell what people did in them."""

    name = "other"

    @command("deed", "Tell what you did in another room")
    async def deed(self, ctx: Submission[DeedForm]) -> None:
        me, number = ctx.member.id, ctx.form.number or 1
        told = {
            "ship": IdeaShipped(number, me),
            "host": EventHosted(number, me),
            "attend": EventAttended(number, me),
            "welcome": NewcomerWelcomed(number, me),
        }
        for _ in range(2):  # it may be told again: whoever hears of it hears at least once
            await ctx.publish(told[ctx.form.what])

    async def export(self, member: Member) -> dict[str, object]:
        return {}

    async def erase(self, member: Member) -> None: ...


def community_file(folder: Path, *lines: str) -> str:
    file = folder / "community.toml"
    file.write_text("\n".join(lines), "utf-8")
    return str(file)


async def test_an_accepted_answer_counts_and_a_reopened_question_takes_it_back(story: Story) -> None:
    thread = await solved(story)
    sofia, kenji = story.person("sofia"), story.person("kenji")
    assert await points(story, "noah") == "You're number 1, with 3 points."
    await sofia.presses("Reopen")
    assert await points(story, "noah") == "You aren't on it yet."
    better = await kenji.says("Or with the command line: trellis rotate.", thread)
    await sofia.picks("Mark as answer", better)
    assert await points(story, "kenji") == "You're number 1, with 3 points."
    assert await points(story, "noah") == "You aren't on it yet."


async def test_an_anonymous_asker_is_helped_and_never_named(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET, anonymous="true")
    await noah.says("Under Settings, Webhooks, Rotate.", story.thread(await noah.reads(SECRET, "help")))
    await mia.presses("Mark as solved")
    await noah.uses("/profile")
    assert "has helped 1 person" in (await noah.last_private()).body
    await story.passes(days=7)
    assert "@Noah answered the question “How do I rotate" in (await noah.reads("What you did for each other")).body
    await noah.does_not_read("Mia")


async def test_what_the_other_rooms_tell_counts_once(begin: Begin) -> None:
    story = await begin((OtherRooms(),))
    mia, noah = await here(story, "mia", "noah")
    await noah.uses("/deed", what="host", number="7")
    await noah.uses("/deed", what="ship", number="7")
    await mia.uses("/deed", what="attend", number="7")
    newcomer = (await story.member("mia")).id
    await noah.uses("/deed", what="welcome", number=str(newcomer))
    assert await points(story, "noah") == "You're number 1, with 7 points."
    assert await points(story, "mia") == "You're number 2, with 0.5 points."
    await noah.uses("/profile")
    card = await noah.last_private()
    assert "has helped 1 person" in card.body
    assert "💡 Idea come true" in card.fields["Badges"]
    assert "👋 Greeter: welcome 3 newcomers (1 of 3)" in card.body
    await story.passes(days=7)
    digest = (await mia.reads("What you did for each other", "general")).body
    assert "@Noah hosted an event" in digest and "@Noah welcomed @Mia" in digest and "@Mia came to an event." in digest


async def test_an_idea_that_became_real_is_told_by_its_name(story: Story) -> None:
    mia, liam = await here(story, "mia", "liam")
    await mia.uses("/idea add", title="A dark theme")
    await liam.uses("/idea status", idea="1", status="shipped")
    assert await points(story, "mia") == "You're number 1, with 3 points."
    await story.passes(days=7)
    digest = await liam.reads("What you did for each other", "general")
    assert "@Mia had an idea that's real now: “A dark theme”" in digest.body


async def test_a_profile_shows_level_progress_and_the_latest_words(story: Story) -> None:
    mia, noah, kenji = await here(story, "mia", "noah", "kenji")
    await noah.uses("/profile")
    assert "Nobody has said thanks yet" in (await noah.last_private()).body
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await kenji.uses("/thanks", member=story.named("noah"), reason="for *stars* & <tags>")
    await mia.uses("/profile", member=story.named("noah"))
    card = await mia.last_private()
    assert card.title == "Noah in this community"
    assert "Seedling: has helped 2 different people." in card.body
    assert "3 more people to Sprout." in card.body
    assert f"@Mia: “{REASON}”" in card.body and "@Kenji: “for *stars* & <tags>”" in card.body
    assert "🤝 Helping hand: help 5 different people (2 of 5)" in card.body


async def test_the_board_is_private_and_turns_its_pages(story: Story) -> None:
    mia, noah, kenji = await here(story, "mia", "noah", "kenji")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await story.passes(days=10)
    await mia.uses("/thanks", member=story.named("kenji"), reason=REASON)
    await mia.uses("/leaderboard")
    board = await mia.last_private()
    assert board.title == "🌻 The last 7 days"
    assert board.body == "🥇 @Kenji, 1 point"
    assert board.footer == "You aren't on it yet."
    await mia.presses("Last 30 days")
    board = await mia.reads("🌻 The last 30 days")
    assert board.private and set(board.body.split("\n")) == {"🥇 @Kenji, 1 point", "🥇 @Noah, 1 point"}
    await noah.does_not_read("🌻 The last")
    await kenji.uses("/leaderboard", value="courage")
    assert "Nobody has been thanked in this time" in (await kenji.last_private()).body


async def test_leaving_the_boards_keeps_the_thanks(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await noah.uses("/me")
    assert "Seedling: has helped 1 person." in (await noah.last_private()).fields["Recognition"]
    await noah.presses("Hide me from leaderboards")
    await mia.uses("/leaderboard")
    assert "Noah" not in (await mia.last_private()).body
    assert "You're hidden from leaderboards" in await points(story, "noah")
    await noah.uses("/profile")
    assert "has helped 1 person" in (await noah.last_private()).body
    await noah.uses("/me")
    await noah.presses("Show me on leaderboards")
    assert await points(story, "noah") == "You're number 1, with 1 point."


async def test_settings_keep_people_and_channels_off_the_boards(begin: Begin) -> None:
    story = await begin(TRELLIS_UNLISTED_MEMBERS="Liam", TRELLIS_UNLISTED_CHANNELS="ideas")
    mia, noah, liam = await here(story, "mia", "noah", "liam")
    await mia.uses("/thanks", member=story.named("liam"), reason="for keeping the peace")
    await mia.uses("/thanks", "ideas", member=story.named("noah"), reason="for the secret idea")
    await mia.uses("/leaderboard")
    assert "Nobody has been thanked" in (await mia.last_private()).body
    await mia.uses("/profile", member=story.named("noah"))
    assert "secret idea" not in (await mia.last_private()).body
    await noah.uses("/profile")
    assert "secret idea" in (await noah.last_private()).body
    await story.passes(days=7)
    await liam.does_not_read("What you did for each other")


async def test_a_level_brings_its_role_and_is_not_lost(begin: Begin, tmp_path: Path) -> None:
    file = community_file(tmp_path, "[[recognition.levels]]", 'name = "Sprout"', "people = 1", 'role = "sprouts"')
    story = await begin(TRELLIS_COMMUNITY_FILE=file)
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        pytest.skip("roles are looked at where we can see them")
    platform.roles.add("sprouts")
    mia, noah = await here(story, "mia", "noah")
    await noah.uses("/me")
    await story.prefers("noah", direct_ok=True)
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    assert "sprouts" in platform.people["noah"].roles
    assert "You've helped 1 person here." in (await noah.reads("🌱 Sprout", story.door.direct("noah"))).body
    await mia.presses("Take it back")
    assert "sprouts" in platform.people["noah"].roles
    await noah.uses("/profile")
    assert "Sprout:" in (await noah.last_private()).body


async def test_a_role_that_cannot_be_given_is_said_to_moderators_once(begin: Begin, tmp_path: Path) -> None:
    file = community_file(tmp_path, "[[recognition.levels]]", 'name = "Sprout"', "people = 1", 'role = "nowhere"')
    story = await begin(TRELLIS_COMMUNITY_FILE=file)
    mia, noah, kenji, liam = await here(story, "mia", "noah", "kenji", "liam")
    for giver in (mia, kenji):
        await giver.uses("/thanks", member=story.named("noah"), reason=REASON)
    notes = [seen for seen in await liam.sees("agents") if "I couldn't give the role nowhere" in seen.words]
    assert len(notes) == 1 and "Noah has reached it." in notes[0].body
    await noah.does_not_read("nowhere")


@pytest.mark.needs("files")
async def test_everything_given_and_received_is_handed_over(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON, value="kindness")
    await noah.uses("/thanks", member=story.named("mia"), reason="for asking")
    await mia.uses("/privacy export")
    known = json.loads((await mia.last_private()).files["your-data.json"])["known"]
    [given], [received] = known["thank"]["given"], known["thank"]["received"]
    assert (given["with"], given["words"], given["value"], given["points"]) == ("Noah", REASON, "kindness", 1)
    assert (received["with"], received["words"], received["points"]) == ("Noah", "for asking", 0.5)
    assert known["leaderboard"]["different_people_helped"] == 1


async def test_whoever_is_forgotten_leaves_thanks_without_name_and_words(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    card = await noah.reads("thanks @Noah", "general")
    assert card.body == "💚 a former member thanks @Noah."
    assert await points(story, "noah") == "You're number 1, with 1 point."
    await noah.uses("/profile")
    card = await noah.last_private()
    assert "has helped 1 person" in card.body and REASON not in card.body


async def test_whoever_was_thanked_and_is_forgotten_is_named_nowhere(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    assert "Noah" not in (await mia.reads("💚", "general")).words
    await mia.uses("/leaderboard")
    assert "Nobody has been thanked" in (await mia.last_private()).body
