"""What people can do, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.contract.models import Account
from adapters.playground.records import SPACE
from bot.clock import MovableClock

from .conftest import NOW, World, close_world, open_world


async def test_state_names_the_cast_the_channels_and_what_can_be_typed(world: World) -> None:
    _, state = await world.get("state")
    people = {person["id"]: person for person in state["members"]}
    assert list(people) == ["mia", "noah", "kenji", "sofia", "ava", "omar", "liam", "ada"]
    assert people["kenji"] == {"id": "kenji", "name": "Kenji", "roles": ["member"], "timezone": "Asia/Tokyo"}
    assert [people[id_]["roles"] for id_ in ("ava", "liam", "ada")] == [["agent"], ["moderator"], ["admin"]]
    channels = {channel["id"]: channel["kind"] for channel in state["channels"]}
    assert channels["agents"] == "channel"
    assert channels["dm-mia"] == "direct"
    commands = {each["name"]: each for each in state["commands"]}
    assert [option["name"] for option in commands["plant"]["options"]] == ["plant", "when", "deep", "seeds", "bed"]
    assert commands["plant"]["options"][4]["choices"][0] == {"label": "Sunny", "value": "sun"}
    assert state["shortcuts"] == ["Admire"]
    assert state["pages"] == [{"name": "Flower beds", "url": "/beds"}]
    assert state["now"].startswith("2026-11-24T12:00:00")


async def test_a_viewer_is_offered_only_what_they_may_see_and_use(world: World) -> None:
    offered = {}
    for who in ("mia", "liam"):
        _, state = await world.get("state", viewer=who)
        offered[who] = {each["id"] for each in state["channels"]} | {each["name"] for each in state["commands"]}
    assert not offered["mia"] & {"agents", "prune", "dm-noah"}
    assert offered["liam"] >= {"agents", "prune", "dm-liam"}


async def test_a_message_is_data_and_is_heard(world: World) -> None:
    result = await world.act("mia", "message", channel="general", text="hello <b>@noah</b> `code`")
    said, *more = result["posted"]
    assert said["author"] == "mia"
    assert said["text"] == "hello <b>@noah</b> `code`"
    assert [span["kind"] for span in said["spans"]] == ["text", "mention", "text", "code"]
    assert said["thread"] == f"t-{said['id']}"
    assert [(each["channel"], each["card"]["body"]) for each in more] == [(said["thread"], "Hello, Mia")]
    assert [each["card"]["body"] for each in result["replies"]] == ["I saw that"]


async def test_what_looks_like_a_command_is_text_in_a_message(world: World) -> None:
    result = await world.act("mia", "message", channel="general", text="/plant Rose")
    assert [each["text"] for each in result["posted"]] == ["/plant Rose"]
    assert result["form"] is None


async def test_a_thread_is_opened_by_whoever_writes_there_first(world: World) -> None:
    root = (await world.act("mia", "message", channel="general", text="What a day"))["posted"][0]
    reply = (await world.act("noah", "message", channel=f"t-{root['id']}", text="Indeed"))["posted"][0]
    assert reply["channel"] == f"t-{root['id']}"
    [shown] = await world.messages("general", "sofia")
    assert (shown["thread"], shown["replies"]) == (reply["channel"], 1)
    _, state = await world.get("state", viewer="sofia")
    thread = next(each for each in state["channels"] if each["id"] == reply["channel"])
    assert (thread["kind"], thread["parent"], thread["name"]) == ("thread", "general", "What a day")


@pytest.mark.parametrize(
    "how",
    [
        {"name": "plant", "options": {"plant": "Rose", "when": "in 2 days", "deep": True, "seeds": 3, "bed": "sun"}},
        {"line": "/plant when:in 2 days deep:yes seeds:3 bed:sunny Rose"},
    ],
)
async def test_a_command_is_given_as_options_or_as_a_line(world: World, how: dict[str, Any]) -> None:
    result = await world.act("mia", "command", channel="general", **how)
    assert result["posted"][0]["card"]["title"] == "Rose"
    assert result["posted"][0]["card"]["footer"] == "True 3 sun"


async def test_a_card_is_read_in_the_viewers_zone(world: World) -> None:
    card = (await world.plant())["card"]
    assert card["body"] == "Water it Thu 26 Nov, 13:00 (in 2 days). `drip`"
    assert card["fields"][0]["value"] == "@Mia"
    assert card["fields"][0]["spans"] == [{"kind": "mention", "text": "@Mia", "member": "mia"}]
    assert card["tone"] == "active"
    for viewer, time in (("kenji", "Thu 26 Nov, 21:00"), ("sofia", "Thu 26 Nov, 09:00")):
        [message] = await world.messages("general", viewer)
        assert time in message["card"]["body"]
    await world.post("clock", {"advance": 86400 + 43200})
    [message] = await world.messages("general", "mia")
    assert "(in 12 hours)" in message["card"]["body"]


async def test_controls_are_drawn_with_what_they_offer(world: World) -> None:
    controls = {control["label"]: control for control in (await world.plant())["controls"]}
    assert controls["Water"]["id"] == "garden.water:1"
    assert [controls[label]["kind"] for label in ("Water", "Guide", "Harvest …")] == ["button", "link", "menu"]
    assert controls["Guide"]["url"] == "https://example.org/guide"
    assert controls["Harvest …"]["options"] == [
        {"label": "Leaf", "value": "leaf"},
        {"label": "Fruit", "value": "fruit"},
    ]


async def test_pings_are_seen_and_counted_until_they_are_read(world: World) -> None:
    message = await world.plant()
    assert message["text"] == "@Noah"

    async def counts(who: str) -> tuple[int, int]:
        _, state = await world.get("state", viewer=who)
        general = next(each for each in state["channels"] if each["id"] == "general")
        return general["unread"], general["mentions"]

    assert await counts("noah") == (1, 1)
    assert await counts("kenji") == (1, 0)
    await world.act("noah", "read", channel="general")
    assert await counts("noah") == (0, 0)
    assert await counts("kenji") == (1, 0)
    await world.act("kenji", "message", channel=f"t-{message['id']}", text="@noah")
    await world.act("noah", "read")
    _, state = await world.get("state", viewer="noah")
    assert not any(each["unread"] for each in state["channels"])


async def test_members_mention_each_other(world: World) -> None:
    result = await world.act("kenji", "message", channel="general", text="@Noah, @sofia: me@mia `@ada` @nobody")
    assert [ping["id"] for ping in result["posted"][0]["pings"]] == ["noah", "sofia", "ada"]
    mentions = [span["text"] for span in result["posted"][0]["spans"] if span["kind"] == "mention"]
    assert mentions == ["@Noah", "@Sofia"]


async def test_a_button_redraws_a_public_message(world: World) -> None:
    message = await world.plant()
    await world.act("noah", "press", message=message["id"], control="garden.water:1")
    [shown] = await world.messages("general", "mia")
    assert (shown["card"]["title"], shown["edited"], shown["controls"]) == ("Watered by Noah", True, [])


async def test_a_menu_gives_its_values(world: World) -> None:
    message = await world.plant()
    result = await world.act("mia", "press", message=message["id"], control="garden.harvest", values=["leaf"])
    assert [each["card"]["body"] for each in result["replies"]] == ["leaf"]


async def test_a_private_reply_is_seen_by_one_and_its_buttons_work(world: World) -> None:
    [reply] = (await world.act("mia", "command", channel="general", line="/whisper"))["replies"]
    assert reply["private"]
    assert await world.messages("general", "noah") == []
    for number in (2, 3):
        [reply] = (await world.act("mia", "press", message=reply["id"], control=reply["controls"][0]["id"]))["replies"]
        assert reply["card"]["body"] == f"psst {number}"
    [shown] = await world.messages("general", "mia")
    assert shown == reply


async def test_a_shortcut_gets_the_message(world: World) -> None:
    message = (await world.act("noah", "message", channel="help", text="Look"))["posted"][0]
    result = await world.act("mia", "shortcut", message=message["id"], name="Admire")
    assert [each["card"]["body"] for each in result["replies"]] == ["Noah: Look"]


async def test_a_missing_option_opens_the_form_and_wrong_answers_come_back(world: World) -> None:
    form = (await world.act("mia", "command", channel="general", name="plant"))["form"]
    assert form["title"] == "Plant something"
    assert form["submit"] == "Plant"
    assert [field["error"] for field in form["fields"]] == [""] * 5

    async def submit(**values: object) -> Any:
        return await world.act("mia", "submit", form=form["id"], values=values)

    again = (await submit(plant="", when="blursday"))["form"]
    assert again["id"] == form["id"]
    fields = {field["name"]: field for field in again["fields"]}
    assert fields["plant"]["error"] == "Please fill this in."
    assert fields["when"]["value"] == "blursday"
    assert "time" in fields["when"]["error"]
    refused = (await submit(plant="weed", when="tomorrow 18:00"))["form"]
    assert refused["problem"] == "We have enough of those."
    done = await submit(plant="Fern", when="tomorrow 18:00")
    assert done["form"] is None
    assert done["posted"][0]["card"]["title"] == "Fern"
    status, _ = await world.post("act", {"as": "mia", "do": "submit", "form": form["id"], "values": {}})
    assert status == 404


async def test_a_button_opens_a_prefilled_form(world: World) -> None:
    message = await world.plant()
    result = await world.act("mia", "press", message=message["id"], control="garden.rename")
    assert result["form"]["fields"][0]["value"] == "Rose"


async def test_a_reaction_is_heard_once_and_can_be_taken_back(world: World) -> None:
    message = (await world.act("mia", "message", channel="help", text="Look"))["posted"][0]
    heard = [await world.act("noah", "react", message=message["id"], emoji="🌱") for _ in range(2)]
    assert [len(result["posted"]) for result in heard] == [1, 0]
    assert (await world.messages("help", "mia"))[0]["reactions"] == {"🌱": ["noah"]}
    await world.act("noah", "unreact", message=message["id"], emoji="🌱")
    assert (await world.messages("help", "mia"))[0]["reactions"] == {}


async def test_someone_joins_leaves_and_comes_back(world: World) -> None:
    result = await world.act("zoe-2", "join", name="Zoë  Winter")
    assert [(each["channel"], each["card"]["body"]) for each in result["posted"]] == [("dm-zoe-2", "Welcome")]
    await world.act("zoe-2", "message", channel="dm-zoe-2", text="Hi")
    authors = [each["author"] for each in await world.messages("dm-zoe-2", "zoe-2")]
    assert authors == ["trellis", "zoe-2", "trellis"], "whoever writes to Trellis is answered"
    await world.act("zoe-2", "leave")
    _, state = await world.get("state")
    assert "zoe-2" not in {person["id"] for person in state["members"]}
    status, body = await world.post("act", {"as": "zoe-2", "do": "message", "channel": "general", "text": "?"})
    assert (status, body) == (404, {"error": "Zoë Winter has left."})
    await world.act("zoe-2", "join", name="Zoë")


async def test_a_newcomer_says_where_they_come_from(world: World) -> None:
    await world.act("zoe", "join", name="Zoë", source="docs", domain="Zoe@Example.org")
    profile = await world.playground.profile(Account(SPACE, "zoe"))
    assert profile and profile.domain == "example.org"
    assert world.garden.came == [("zoe", "docs")]
    for wrong in ({"source": "x" * 101}, {"domain": "no domain"}, {"domain": 1}):
        status, _ = await world.post("act", {"as": "max", "do": "join", "name": "Max", **wrong})
        assert status == 400


async def test_trellis_speaks_to_each_in_their_language(world: World) -> None:
    world.playground.languages = ["en", "de"]
    assert (await world.post("act", {"as": "mia", "do": "language", "language": "tlh"}))[0] == 400
    await world.act("mia", "language", language="de")
    told = {}
    for who in ("mia", "noah"):
        result = await world.act(who, "command", channel="general", name="prune")
        told[who] = result["replies"][0]["card"]["body"]
    assert "moderators" in told["noah"] and "moderators" not in told["mia"]
    _, state = await world.get("state", viewer="mia")
    assert (state["languages"], state["language"]) == (["en", "de"], "de")


async def test_a_message_is_deleted_by_its_author_or_a_moderator(world: World) -> None:
    for who, status in (("noah", 403), ("ava", 403), ("mia", 200), ("liam", 200)):
        message = (await world.act("mia", "message", channel="general", text="hello"))["posted"][0]
        await world.act("noah", "react", message=message["id"], emoji="🌱")
        answered, _ = await world.post("act", {"as": who, "do": "delete", "message": message["id"]})
        assert answered == status
        shown = {each["id"] for each in await world.messages("general", "mia")}
        assert (message["id"] in shown) == (status != 200)
        assert len(await world.messages(message["thread"], "mia")) == 1
    assert (await world.post("act", {"as": "liam", "do": "delete", "message": "m1"}))[0] == 200
    assert (await world.post("act", {"as": "mia", "do": "delete", "message": "m1"}))[0] == 404


async def test_a_message_is_edited_by_its_author_alone(world: World) -> None:
    message = (await world.act("mia", "message", channel="general", text="hello"))["posted"][0]
    for who, text, status in (("liam", "bye", 403), ("mia", " ", 400), ("mia", "hello @noah", 200)):
        answered, _ = await world.post("act", {"as": who, "do": "edit", "message": message["id"], "text": text})
        assert answered == status
    shown = next(each for each in await world.messages("general", "noah") if each["id"] == message["id"])
    assert (shown["text"], shown["edited"], shown["at"]) == ("hello @noah", True, message["at"])
    await world.act("mia", "delete", message=message["id"])
    gone = {"as": "mia", "do": "edit", "message": message["id"], "text": "back"}
    assert (await world.post("act", gone))[0] == 404


async def test_agents_are_among_themselves(world: World) -> None:
    await world.act("ava", "message", channel="agents", text="quiet")
    for who in ("ava", "omar", "liam", "ada"):
        assert len(await world.messages("agents", who)) == 1
    for who in ("mia", "kenji"):
        status, _ = await world.get("messages", channel="agents", viewer=who)
        assert status == 403


async def test_what_the_core_refuses_or_breaks_comes_back_privately(world: World) -> None:
    refused = await world.act("mia", "command", channel="general", name="prune")
    broken = await world.act("mia", "command", channel="general", name="break")
    assert "moderators" in refused["replies"][0]["card"]["body"]
    assert "Sorry" in broken["replies"][0]["card"]["body"]


async def test_time_passes_and_what_was_due_is_done(world: World) -> None:
    await world.plant()
    assert await world.messages("events", "mia") == []
    status, body = await world.post("clock", {"advance": 7200})
    assert (status, body) == (200, {"now": "2026-11-24T14:00:00.000+00:00", "happened": 1, "posted": []})
    assert [each["card"]["title"] for each in await world.messages("events", "mia")] == ["Time to water"]


async def test_time_skips_to_what_is_seen_next(world: World) -> None:
    """The plant grows in an hour, which nobody sees."""
    await world.plant()
    _, body = await world.post("clock", {"to": "next"})
    assert body["now"] == "2026-11-24T14:00:00.000+00:00"
    assert len(await world.messages("events", "mia")) == 1


async def test_everything_survives_a_restart(world: World, tmp_path: Path) -> None:
    message = await world.plant()
    [private] = (await world.act("mia", "command", channel="general", line="/whisper"))["replies"]
    form = (await world.act("mia", "command", channel="general", name="plant"))["form"]
    await world.post("clock", {"advance": 60})
    before = await world.messages("general", "mia")
    assert world.playground.is_new
    await close_world(world)

    again = await open_world(tmp_path, MovableClock(NOW))
    assert not again.playground.is_new
    assert again.clock.now().isoformat() == "2026-11-24T12:01:00+00:00"
    assert await again.messages("general", "mia") == before
    await again.act("mia", "press", message=private["id"], control=private["controls"][0]["id"])
    await again.act("noah", "press", message=message["id"], control="garden.water:1")
    answers = {"plant": "Fern", "when": "tomorrow 18:00"}
    done = await again.act("mia", "submit", form=form["id"], values=answers)
    assert done["posted"][0]["card"]["title"] == "Fern"
    assert int(done["posted"][0]["id"][1:]) > int(private["id"][1:])
    await close_world(again)
