"""Events that several host together."""

from __future__ import annotations

from pathlib import Path

from tests.memory_story import memory_story
from tests.story import Seen, Story


async def plan(story: Story, *cohosts: str, **options: str) -> None:
    noah = story.person("noah")
    await noah.uses("/event create", title="Game night", when="friday 20:00", place="The shed", **options)
    await noah.presses("Places, repeats and more")
    await noah.fills(hosts=", ".join(story.named(one) for one in cohosts))
    assert "@Mia" in (await noah.last_private()).fields["With you"]
    await noah.presses("Post")


async def card(story: Story, who: str = "sofia") -> Seen:
    return [seen for seen in await story.person(who).sees("events") if "Host tools" in seen.controls][-1]


async def test_a_cohost_may_do_what_the_host_may(story: Story) -> None:
    """They change it, see who comes and call it off; the host is told. Nobody else may."""
    noah, mia, kenji = story.person("noah"), story.person("mia"), story.person("kenji")
    await plan(story, "mia")
    assert (await card(story)).fields["Host"] == "@Noah, with @Mia"
    await kenji.presses("Host tools", on=await card(story, "kenji"))
    assert "for the host" in (await kenji.last_private()).body
    await mia.presses("Host tools", on=await card(story, "mia"))
    await mia.presses("Edit")
    await mia.fills(title="Games and soup")
    assert (await card(story)).title == "Games and soup"
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    await kenji.reads("Cancelled: Games and soup", "events")
    await noah.reads("Mia cancelled Games and soup, which you host together.")


async def test_who_hosts_too_survives_editing_and_refusal(story: Story) -> None:
    noah = story.person("noah")
    await plan(story, "mia", "kenji")
    await noah.presses("Host tools", on=await card(story, "noah"))
    await noah.presses("Places, sign-up and more")
    assert noah.form and len(noah.form.values["hosts"].split(",")) == 2, "those from before are there"
    await noah.fills(capacity="many")
    assert noah.form and "capacity" in noah.form.errors and len(noah.form.values["hosts"].split(",")) == 2
    await noah.fills(capacity="9", hosts=story.named("kenji"))
    assert (await card(story)).fields["Host"] == "@Noah, with @Kenji"
    await noah.presses("Host tools", on=await card(story, "noah"))
    await noah.presses("Places, sign-up and more")
    await noah.fills(hosts="")
    assert (await card(story)).fields["Host"] == "@Noah"


async def test_all_who_host_are_asked_who_came(story: Story) -> None:
    noah, mia, sofia = story.person("noah"), story.person("mia"), story.person("sofia")
    await plan(story, "mia")
    await sofia.presses("Going", on=await card(story))
    await story.passes(days=9)
    for person in (noah, mia):
        asked = await person.reads("Nobody was checked in.")
        assert "@Noah @Mia" in asked.words or not asked.channel.startswith("t-")


async def test_who_hosts_one_of_a_series_hosts_what_follows(story: Story) -> None:
    await plan(story, "mia", repeat="weekly")
    before = len([seen for seen in await story.person("sofia").sees("events") if seen.fields.get("Host")])
    await story.passes(days=22)
    hosts = [seen.fields["Host"] for seen in await story.person("sofia").sees("events") if seen.fields.get("Host")]
    assert len(hosts) > before and set(hosts) == {"@Noah, with @Mia"}


async def test_who_leaves_or_is_forgotten_hosts_no_more(story: Story) -> None:
    await plan(story, "mia", "kenji")
    await story.person("mia").leaves()
    await story.passes(minutes=1)
    assert (await card(story)).fields["Host"] == "@Noah, with @Kenji"
    kenji = story.person("kenji")
    await kenji.uses("/privacy erase")
    await kenji.presses("Forget me for good")
    await story.passes(minutes=1)
    assert (await card(story)).fields["Host"] == "@Noah"


async def test_who_hosts_too_goes_on_when_the_host_leaves(story: Story) -> None:
    await plan(story, "mia", "kenji")
    await story.person("noah").leaves()
    await story.passes(minutes=1)
    [shown] = [seen for seen in await story.person("sofia").sees("events") if "Host" in seen.fields]
    assert shown.fields["Host"] in ("@Mia, with @Kenji", "@Kenji, with @Mia")
    heir = story.person("mia" if shown.fields["Host"].startswith("@Mia") else "kenji")
    told = await heir.reads("is yours to host now")
    assert not [seen for seen in await story.person("liam").sees() if "no host any more" in seen.words]
    await heir.presses("Host tools", on=told)
    assert "Edit" in (await heir.last_private()).controls
    await story.person("sofia").presses("Going", on=shown)
    await story.passes(days=5)
    assert await story.person("sofia").reads("Reminder, 1 day before")


async def test_they_are_named_in_the_command_as_people_type(tmp_path: Path) -> None:
    async with memory_story(tmp_path) as story:
        noah = story.person("noah")
        for someone in ("mia", "noah"):
            await story.person(someone).uses("/me")
        await noah.uses("/event create", title="Game night", when="friday 20:00", hosts="@Mia @kenji, Noah")
        assert not noah.form, noah.form
        assert (await noah.last_private()).fields["With you"] == "@Mia, @Kenji", "the host is the host"
        await noah.uses("/event create", title="Game night", when="friday 20:00", hosts="@Mia, nobody")
        assert noah.form and "nobody" in noah.form.errors["hosts"] and noah.form.values["hosts"] == "@Mia, nobody"


async def test_no_more_than_ten_are_named(tmp_path: Path) -> None:
    async with memory_story(tmp_path) as story:
        noah = story.person("noah")
        many = ", ".join(f"@p{number}" for number in range(11))
        await noah.uses("/event create", title="Game night", when="friday 20:00", hosts=many)
        assert noah.form and noah.form.errors["hosts"] == "At most 10 people, please."
        await noah.fills(hosts="", who=many)
        assert noah.form and noah.form.errors["who"] == "At most 10 roles, please."


async def test_several_roles_are_picked_also_when_it_is_changed(story: Story) -> None:
    """What a picker has not, such as what somebody made up, stays as it was typed."""
    noah = story.person("noah")
    await noah.uses("/event create", title="Game night", when="friday 20:00", who="mentor, agent")
    await noah.presses("Post")
    await noah.presses("Host tools", on=await card(story, "noah"))
    await noah.presses("Places, sign-up and more")
    assert noah.form and sorted(noah.form.values["who"].split(", ")) == ["agent", "mentor"]
    await noah.fills(capacity="none")
    assert noah.form and "capacity" in noah.form.errors
    await noah.fills(capacity="7")
    told = (await card(story, "noah")).fields["Sign-up"]
    assert "mentor" in told and "agent" in told
    await noah.presses("Host tools", on=await card(story, "noah"))
    await noah.presses("Places, sign-up and more")
    await noah.fills(who="")
    assert (await card(story, "noah")).fields["Sign-up"] == "7 places left"

    await noah.uses("/event create", title="Seed swap", when="friday 20:00", who="the green ones, mentor")
    await noah.presses("Post")
    await noah.presses("Host tools", on=await card(story, "noah"))
    await noah.presses("Places, sign-up and more")
    assert noah.form and noah.form.values["who"] == "the green ones, mentor"
    await noah.fills()
    assert (await card(story, "noah")).fields["Sign-up"] == "for the green ones, mentor"


async def test_for_whom_it_is_is_picked_and_survives_refusal(story: Story) -> None:
    noah, mia = story.person("noah"), story.person("mia")
    await noah.uses("/event create", title="Game night", when="friday 20:00")
    await noah.presses("Places, repeats and more")
    await noah.fills(who="mentor", capacity="many")
    assert noah.form and noah.form.values["who"] == "mentor" and "capacity" in noah.form.errors
    await noah.fills(who="mentor", capacity="5")
    assert (await noah.last_private()).fields["For"] == "mentor"
    await noah.presses("Post")
    await mia.presses("Going", on=await card(story, "mia"))
    assert "for mentor" in (await mia.last_private()).body
