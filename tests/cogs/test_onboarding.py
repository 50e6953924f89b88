"""Onboarding: arriving, the first steps, meeting people, and what moderators see of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.slack.door import SlackDoor
from tests.doors import Kit, MemoryKit
from tests.story import Person, Seen, Story

from .conftest import Begin

joining = pytest.mark.needs("joining")
invitations = pytest.mark.needs("invitations")
addresses = pytest.mark.needs("addresses")
roles = pytest.mark.needs("roles")


async def arrived(story: Story, who: str = "zoe", **how: str) -> Person:
    """Let someone join, and be welcomed."""
    person = story.person(who)
    await person.joins(**how)
    await story.passes(minutes=11)
    return person


async def step(person: Person) -> Seen:
    """Return the private card that shows someone their next step."""
    return await person.last_private()


async def skips_to(person: Person, title: str) -> None:
    """Skip steps until this one is next: platforms know more or less of people, and so ask more or less."""
    while (await step(person)).title != title:
        await person.presses("Skip")


@joining
async def test_those_who_join_within_minutes_are_welcomed_together(story: Story) -> None:
    zoe, yan, mia = story.person("zoe"), story.person("yan"), story.person("mia")
    await zoe.joins()
    await story.passes(minutes=4)
    await yan.joins()
    await mia.does_not_read("Welcome")
    await story.passes(minutes=7)
    (welcome,) = [seen for seen in await mia.sees("general") if "Welcome" in seen.words]
    assert "Welcome, @Zoe and @Yan!" in welcome.body
    assert welcome.pinged == {"zoe", "yan"}
    assert set(welcome.controls) == {"Start"}

    await story.passes(hours=1)
    xi = await arrived(story, "xi")
    assert (await xi.reads("🌱 Welcome")).pinged == {"xi"}


@joining
async def test_whoever_leaves_again_is_not_greeted(story: Story) -> None:
    zoe, mia = story.person("zoe"), story.person("mia")
    await zoe.joins()
    await zoe.leaves()
    await story.passes(hours=1)
    await mia.does_not_read("Welcome")


@joining
async def test_the_first_steps(story: Story) -> None:
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.presses("Start")
    assert (await step(zoe)).title == "What brings you here"
    await zoe.chooses("I am looking around")
    assert (await step(zoe)).title == "The guidelines"
    assert "Be kind" in (await step(zoe)).body
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Your interests"
    await zoe.chooses("Mobile apps")
    if (await step(zoe)).title == "Where you are":  # or the platform has told it
        await zoe.chooses("Lagos · 11:11")
        assert (await story.member("zoe")).timezone == "Africa/Lagos"
    assert (await step(zoe)).title == "Introduce yourself"
    await zoe.presses("Introduce myself")
    await zoe.fills(about="I am Zoe, and I grow tomatoes on a balcony.", hopes="To meet people", topics="Tomatoes")

    card = await mia.reads("Meet Zoe", "introductions")
    assert "tomatoes on a balcony" in card.body
    assert card.fields == {"Here for": "To meet people", "Ask me about": "Tomatoes", "Likes": "Mobile apps"}
    assert not card.pinged
    assert "A first question" in (await step(zoe)).words
    await zoe.presses("Skip")
    assert "You've arrived" in (await step(zoe)).title


@joining
async def test_people_say_hello(story: Story) -> None:
    zoe, mia, noah = await arrived(story), story.person("mia"), story.person("noah")
    await zoe.uses("/introduce", about="I am Zoe.")
    assert "Your introduction is posted" in (await zoe.last_private()).words
    assert (await mia.reads("Meet Zoe")).footer == "Be the first to say hello."
    await mia.presses("👋 Say hello")
    await mia.presses("👋 Say hello")
    assert "You said hello already" in (await mia.last_private()).words
    await noah.presses("👋 Say hello")
    assert (await mia.reads("Meet Zoe")).footer == "👋 2 · Mia and Noah"
    await zoe.presses("👋 Say hello")
    assert "your own introduction" in (await zoe.last_private()).words

    await story.passes(minutes=16)
    told = await zoe.reads("said hello to you", story.thread(await zoe.reads("Meet Zoe")))
    assert "@Mia and @Noah said hello to you" in told.body
    assert told.pinged == {"zoe"}


@joining
async def test_an_introduction_can_be_changed(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/introduce", about="I am Zoe.")
    await zoe.uses("/introduce", about="I am Zoe, from Lagos.")
    assert "up to date" in (await zoe.last_private()).words
    (card,) = await zoe.sees("introductions")
    assert "from Lagos" in card.body
    await zoe.uses("/introduce", about="I am Zoe.", hopes="Friends", topics="Tomatoes")
    await zoe.uses("/introduce", about="I am Zoe, from Lagos.")
    (card,) = await zoe.sees("introductions")
    assert "Friends" in card.words and "Tomatoes" in card.words, "what is not said again is kept"
    await zoe.uses("/introduce", about="I am Zoe.", hopes="-")
    (card,) = await zoe.sees("introductions")
    assert "Friends" not in card.words and "Here for" not in card.fields and "Tomatoes" in card.words
    await zoe.presses("Change it")
    assert zoe.form and zoe.form.values["topics"] == "Tomatoes"
    await zoe.fills(about="I am Zoe.", hopes="Seeds", topics="")
    assert "up to date" in (await zoe.last_private()).words
    (card,) = await zoe.sees("introductions")
    assert "Seeds" in card.words and "Tomatoes" not in card.words, "what the form leaves empty is empty"


@joining
async def test_an_introduction_is_the_same_after_a_season(story: Story, kit: Kit) -> None:
    if not isinstance(kit, MemoryKit):
        pytest.skip("a season takes long, and is the same everywhere")
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.uses("/introduce", about="I am Zoe.")
    await story.passes(days=92)
    await zoe.uses("/introduce", about="I am Zoe, from Lagos.")
    (card,) = [seen for seen in await mia.sees("introductions") if "Zoe" in seen.words]
    assert "I am Zoe, from Lagos." in card.body
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    await mia.does_not_read("Lagos")
    await mia.does_not_read("@Zoe")


@joining
async def test_plain_words_in_the_introductions_channel_count_as_an_introduction(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.says("Hello, I am Zoe and I grow tomatoes.", "introductions")
    await zoe.uses("/me")
    assert "✅ Introduce yourself" in (await zoe.last_private()).fields["Your first steps"]


@joining
async def test_the_checklist_stands_on_the_personal_page(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/me")
    page = await zoe.last_private()
    assert page.fields["Your first steps"].startswith("➡️ Welcome\n▫️ What brings you here\n▫️ The guidelines")
    await zoe.presses("My next step")
    await zoe.presses("Skip")
    await zoe.presses("I agree")
    await zoe.uses("/me")
    assert (
        (await zoe.last_private())
        .fields["Your first steps"]
        .startswith("✅ Welcome\n⏭️ What brings you here\n✅ The guidelines\n➡️ Your interests")
    )


@joining
async def test_what_was_skipped_can_be_done_later(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.presses("Start")
    await skips_to(zoe, "You've arrived 🎉")
    assert "What you skipped waits here" in (await step(zoe)).body
    await zoe.presses("Read the guidelines")
    await zoe.presses("I agree")
    assert "✅ The guidelines" in (await step(zoe)).body


@joining
async def test_a_city_can_be_written(story: Story) -> None:
    zoe = await arrived(story)
    if (await story.member("zoe")).timezone:
        pytest.skip("the platform has told it")
    await zoe.presses("Start")
    await skips_to(zoe, "Where you are")
    await zoe.presses("Somewhere else")
    await zoe.fills(place="Atlantis")
    assert zoe.form
    assert "I don't know that place" in zoe.form.errors["place"] or await zoe.reads("I don't know that place")
    await zoe.fills(place="lisbon")
    assert (await story.member("zoe")).timezone == "Europe/Lisbon"


@joining
async def test_what_brings_one_here_leads_to_another_journey(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.chooses("I have a question")
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "A first question"
    assert "Ask away" in (await step(zoe)).body
    await zoe.uses("/ask", question="Which pot does a tomato need?")
    await zoe.uses("/me")
    assert "✅ A first question" in (await zoe.last_private()).fields["Your first steps"]


@joining
@invitations
async def test_an_invitation_leads_to_its_journey(story: Story) -> None:
    zoe = await arrived(story, source="docs")
    await zoe.presses("Start")
    assert (await step(zoe)).title == "The guidelines"


@joining
async def test_each_step_is_brought_to_mind_once_in_waking_hours(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.presses("Start")
    await skips_to(zoe, "Introduce yourself")
    await story.passes(hours=24)  # Tuesday, 10:11
    await zoe.does_not_read("A next step")
    await story.passes(hours=1)
    (nudge,) = [seen for seen in await zoe.sees() if "A next step" in seen.body]
    assert "A next step, whenever you like: Introduce yourself" in nudge.body
    assert nudge.pinged == {"zoe"}
    await zoe.presses("Show me")
    assert (await step(zoe)).title == "Introduce yourself"
    await story.passes(days=2)
    assert "A first question" in (await zoe.reads("A next step")).body
    await story.passes(days=20)
    assert len([seen for seen in await zoe.sees() if "A next step" in seen.body]) == 2


@joining
async def test_who_allowed_it_is_reminded_directly(story: Story) -> None:
    zoe = await arrived(story)
    await story.prefers("zoe", direct_ok=True)
    await story.passes(hours=25)
    assert await zoe.reads("Your first steps are waiting", story.door.direct("zoe"))
    await story.person("mia").does_not_read("Your first steps are waiting")


@joining
async def test_who_takes_no_direct_messages_is_reminded_by_name(story: Story, kit: Kit) -> None:
    if not isinstance(kit, MemoryKit):
        pytest.skip("what closed direct messages look like is the adapters' own test")
    zoe = await arrived(story)
    await story.prefers("zoe", direct_ok=True)
    kit.platform.closed.add("zoe")
    await story.passes(days=2)
    assert (await zoe.reads("Your first steps are waiting", "general")).pinged == {"zoe"}


@joining
async def test_several_are_reminded_in_one_breath(story: Story) -> None:
    for name in ("zoe", "yan", "xi"):
        await story.person(name).joins()
    await story.passes(hours=26)
    (nudge,) = [seen for seen in await story.person("mia").sees() if "Your first steps are" in seen.body]
    assert nudge.pinged == {"zoe", "yan", "xi"}


@joining
async def test_whoever_has_contributed_is_left_in_peace(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.says("Does anyone know a good pot?")
    await story.passes(days=10)
    await zoe.does_not_read("first steps are waiting")
    await zoe.does_not_read("A next step")


@joining
async def test_whoever_left_is_left_in_peace(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.leaves()
    await story.passes(days=10)
    await story.person("mia").does_not_read("first steps are waiting")


@joining
async def test_whoever_comes_back_soon_is_not_welcomed_twice(story: Story) -> None:
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.presses("Start")
    await zoe.leaves()
    await story.passes(days=20)
    await zoe.joins()
    await story.passes(days=1)
    assert len([seen for seen in await mia.sees() if "Welcome, @Zoe" in seen.body]) == 1
    await zoe.leaves()
    await story.passes(days=40)
    await arrived(story)
    assert len([seen for seen in await mia.sees() if "Welcome, @Zoe" in seen.body]) == 2


@joining
async def test_a_raid_is_one_card(story: Story) -> None:
    for number in range(40):
        await story.person(f"p{number:02}").joins()
    await story.passes(minutes=11)
    (welcome,) = [seen for seen in await story.person("mia").sees() if "Welcome" in seen.words]
    assert "@P24 and 15 more!" in welcome.body
    assert len(welcome.pinged) == 25
    await story.passes(hours=25)
    nudges = [seen for seen in await story.person("mia").sees() if "Your first steps are" in seen.body]
    assert [len(nudge.pinged) for nudge in nudges] == [25]
    await story.passes(hours=1)
    nudges = [seen for seen in await story.person("mia").sees() if "Your first steps are" in seen.body]
    assert [len(nudge.pinged) for nudge in nudges] == [25, 15]


@joining
async def test_a_buddy_is_found_and_may_have_no_time(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    for person in (mia, noah):
        await person.uses("/me")
        await person.presses("Be a buddy")
        assert "You're a buddy now" in (await person.last_private()).body
    await noah.uses("/me")
    await story.passes(minutes=1)
    await mia.uses("/introduce", about="I am Mia.")

    zoe = await arrived(story)
    await zoe.presses("Start")
    await skips_to(zoe, "Meet a buddy")
    await zoe.presses("Find me a buddy")
    assert "@Mia is your buddy" in (await step(zoe)).body
    meeting = await noah.reads("Meet your buddy")
    assert "@Zoe, this is @Mia." in meeting.body
    assert meeting.pinged == {"zoe", "mia"}

    await noah.presses("I have no time now", on=meeting)
    assert "for the buddy to say" in (await noah.last_private()).words
    await mia.presses("I have no time now", on=meeting)
    assert "@Zoe, @Noah is your buddy now." in (await noah.reads("is your buddy now")).body
    assert (await noah.reads("this is @Noah")).pinged == {"zoe", "noah"}


@joining
@pytest.mark.parametrize("how", ["leaves", "is forgotten"])
async def test_who_loses_their_buddy_gets_another_one(story: Story, how: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    for person in (mia, noah):
        await person.uses("/me")
        await person.presses("Be a buddy")
        await story.passes(minutes=1)
    zoe = await arrived(story)
    await zoe.presses("Start")
    await skips_to(zoe, "Meet a buddy")
    await zoe.presses("Find me a buddy")
    meeting = await zoe.reads("Meet your buddy")
    first, second = (mia, noah) if meeting.pinged == {"zoe", "mia"} else (noah, mia)
    if how == "leaves":
        await first.leaves()
    else:
        await first.uses("/privacy erase")
        await first.presses("Forget me for good")
    assert (await zoe.reads(f"this is @{second.id.capitalize()}")).pinged == {"zoe", second.id}
    await second.leaves()
    assert "No buddy has time just now" in (await zoe.reads("Your buddy")).body
    yan = await arrived(story, "yan")
    await yan.uses("/me")
    assert "Meet a buddy" not in (await yan.last_private()).words, "nobody is there who could be one"


async def test_a_buddy_says_what_they_like(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    await mia.presses("Be a buddy")
    await mia.presses("What I like")
    await mia.chooses("Growing things")
    assert (await mia.last_private()).title == "You, Mia"
    await mia.uses("/introduce", about="I am Mia.")
    assert (await mia.reads("Meet Mia")).fields["Likes"] == "Growing things"
    await mia.uses("/me")
    await mia.presses("No longer a buddy")
    assert "no buddy any more" in (await mia.last_private()).body


@joining
async def test_without_buddies_the_step_is_left_out(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/me")
    assert "Meet a buddy" not in (await zoe.last_private()).words


GUIDELINES = """
[onboarding.guidelines]
version = "{version}"
text = "Be kind."

[[onboarding.interests]]
name = "Tomatoes"
role = "mentor"
[[onboarding.interests]]
name = "Beans"

[[onboarding.journeys]]
name = "everyone"
steps = ["welcome", "guidelines", "interests", "introduce"]

[[onboarding.journeys]]
name = "partners"
domains = ["example.org"]
steps = ["welcome", "introduce"]
texts = {{ introduce = "Tell us what your lab grows." }}
"""


def written(folder: Path, version: str = "1") -> str:
    file = folder / "community.toml"
    file.write_text(GUIDELINES.format(version=version))
    return str(file)


@joining
async def test_guidelines_that_changed_are_agreed_to_again(begin: Begin, tmp_path: Path) -> None:
    story = await begin(TRELLIS_COMMUNITY_FILE=written(tmp_path))
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await story.passes(days=2)
    await zoe.does_not_read("guidelines have changed")

    await story.app.stop()
    story = await begin(TRELLIS_COMMUNITY_FILE=written(tmp_path, "2"))
    zoe = story.person("zoe")
    await story.passes(days=3)
    (card,) = [seen for seen in await zoe.sees() if "guidelines have changed" in seen.words]
    assert not card.pinged
    await zoe.presses("Read the guidelines", on=card)
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Your interests"
    await story.passes(days=3)
    assert len([seen for seen in await zoe.sees() if "guidelines have changed" in seen.words]) == 1


@joining
@addresses
async def test_an_address_leads_to_its_journey(begin: Begin, tmp_path: Path) -> None:
    story = await begin(TRELLIS_COMMUNITY_FILE=written(tmp_path))
    zoe = await arrived(story, domain="lab.example.org")
    await zoe.presses("Start")
    assert "what your lab grows" in (await step(zoe)).body


async def held(story: Story, who: str) -> frozenset[str]:
    profile = await story.app.platforms.profile(story.door.account(who))
    return profile.roles if profile else frozenset()


@joining
@roles
async def test_interests_bring_roles_and_these_come_back(begin: Begin, tmp_path: Path) -> None:
    story = await begin(TRELLIS_COMMUNITY_FILE=written(tmp_path))
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.chooses("Tomatoes")
    assert "mentor" in await held(story, "zoe")
    await zoe.leaves()
    await story.passes(days=3)
    await zoe.joins()
    await story.passes(minutes=1)
    assert "mentor" in await held(story, "zoe")


@joining
async def test_roles_that_the_platform_gave_are_read(begin: Begin, kit: Kit, tmp_path: Path) -> None:
    if not isinstance(kit, MemoryKit):
        pytest.skip("only there can people arrive with a role")
    story = await begin(TRELLIS_COMMUNITY_FILE=written(tmp_path))
    kit.platform.add_person("zoe", "Zoe", roles=["mentor"])
    zoe = await arrived(story)
    await zoe.presses("Start")
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Introduce yourself"


@joining
@invitations
async def test_moderators_see_how_newcomers_fare(story: Story) -> None:
    liam = story.person("liam")
    await liam.uses("/onboarding report")
    assert "Nobody has joined since" in (await liam.last_private()).body
    zoe, yan = await arrived(story, source="docs"), await arrived(story, "yan")
    await arrived(story, "xi")
    await zoe.uses("/introduce", about="I am Zoe.")
    await yan.presses("Start")
    await yan.presses("Skip")
    await story.passes(days=13, hours=23)
    await liam.uses("/onboarding report")
    report = await liam.last_private()
    assert report.fields["Joined"] == "3"
    assert report.fields["Activated"] == "1 of 3 (33 %)"
    assert report.fields["Stalled at"] == "Welcome: 1\nThe guidelines: 1"
    assert report.fields["From where"] == "unknown: 2, 0 activated\ndocs: 1, 1 activated"
    assert "• @Zoe: introduced themselves, and nobody has said hello yet." in report.body
    assert "• @Yan: began, and stopped." in report.body
    assert "• @Xi: came, and nothing has happened since." in report.body
    weekly = await liam.reads("Newcomers", "agents")
    assert weekly.fields == report.fields
    await zoe.uses("/onboarding report")
    assert "Only moderators" in (await zoe.last_private()).words


async def test_moderators_look_at_a_journey(story: Story) -> None:
    liam = story.person("liam")
    await liam.uses("/onboarding preview", journey="Askers")
    overview = await liam.last_private()
    assert overview.title == "The journey “askers”"
    assert "3. A first question" in overview.body
    assert overview.fields["Reminders"] == "day 1, 3, once for each step"
    await liam.chooses("The guidelines")
    shown = await liam.last_private()
    assert "Be kind" in shown.body
    await liam.presses("I agree", on=shown)
    assert "This is a preview" in (await liam.last_private()).words
    await liam.chooses("Where you are")
    assert "a menu with 24 choices" in (await liam.reads("Where you are")).body
    await liam.uses("/onboarding preview", journey="nobody")
    assert "There are: everyone, builders, askers." in (await liam.last_private()).words


@joining
async def test_a_newcomer_is_forgotten(story: Story) -> None:
    zoe, mia, noah = story.person("zoe"), story.person("mia"), story.person("noah")
    await story.person("yan").joins()
    await arrived(story)
    await noah.uses("/introduce", about="I am Noah.")
    await zoe.presses("👋 Say hello")
    await noah.uses("/me")
    await noah.presses("Be a buddy")
    await zoe.presses("Start")
    await skips_to(zoe, "Meet a buddy")
    await zoe.presses("Find me a buddy")
    await zoe.uses("/introduce", about="I grow tomatoes.")
    await mia.presses("👋 Say hello")
    assert await mia.reads("Meet Zoe")
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    left = [seen for seen in await mia.sees() if {"Zoe", "tomatoes"} & set(f"{seen.title} {seen.body}".split())]
    assert not left
    assert await mia.reads("This introduction was taken back.", "introductions")
    assert (await mia.reads("Meet Noah")).footer == "👋 1 · a former member"
    assert await mia.reads("Welcome, @Yan!")


@joining
async def test_who_is_forgotten_is_named_nowhere(story: Story) -> None:
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.uses("/introduce", about="I grow tomatoes.")
    await mia.presses("👋 Say hello")
    await story.passes(minutes=16)
    await mia.reads("said hello to you", story.thread(await mia.reads("Meet Zoe")))
    await zoe.uses("/privacy erase")
    await zoe.presses("Forget me for good")
    await mia.does_not_read("Zoe")


@joining
@invitations
@pytest.mark.needs("files")
async def test_what_is_known_of_a_newcomer_is_handed_over(story: Story) -> None:
    zoe = await arrived(story, source="docs")
    await zoe.presses("Start")
    await zoe.presses("I agree")
    await zoe.chooses("Mobile apps")
    await zoe.uses("/introduce", about="I grow tomatoes.")
    await zoe.uses("/privacy export")
    known = "".join(content.decode() for seen in await zoe.sees() for content in seen.files.values())
    for fact in ("docs", "agreed_to_guidelines", "Mobile apps", "I grow tomatoes.", "introduction"):
        assert fact in known


@joining
async def test_it_goes_on_after_a_restart(begin: Begin) -> None:
    story = await begin()
    await story.person("zoe").joins()
    await story.app.stop()
    story = await begin()
    await story.passes(minutes=11)
    zoe = story.person("zoe")
    assert await zoe.reads("Welcome, @Zoe!")
    await zoe.says("Hello everyone, what a nice place.")
    await story.passes(days=10)
    await zoe.does_not_read("first steps are waiting")


@joining
@pytest.mark.parametrize("kit", ["slack"], indirect=True)
async def test_a_push_of_a_step_begins_with_words_and_not_with_names(begin: Begin) -> None:
    story = await begin()
    assert isinstance(story.door, SlackDoor)
    for number in range(3):
        await story.person(f"p{number}").joins()
    await story.passes(hours=25)
    told = [args["text"] for method, args in story.door.server.calls if method == "chat.postMessage"]
    assert [text for text in told if "Your first steps" in text and text.startswith("*Your first steps are waiting*")]
