"""A card as another platform would be told to draw it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.contract.call import Call
from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import ChannelLink, Mention, Text, say
from adapters.contract.ui import Button, Card, CardField
from adapters.discord.limits import Part, Type
from adapters.playground.records import SPACE
from adapters.playground.routes import routes
from bot.previews import previews

from .conftest import PICTURE, TABLE, World


async def preview(world: World, message: str, viewer: str = "mia", platform: str = "discord") -> tuple[int, Any]:
    return await world.get("preview", message=message, viewer=viewer, **{"as": platform})


def known_as(answer: Any, name: str) -> str:
    """Return the made-up id of someone."""
    return str(next(id_ for id_, who in answer["known"].items() if who["name"] == name))


async def test_discord_is_told_of_the_card_and_whom_it_mentions(world: World) -> None:
    card = await world.plant()
    status, answer = await preview(world, card["id"])
    assert (status, answer["as"]) == (200, "discord")
    payload = answer["payload"]
    container, *rows = payload["components"]
    texts = {part["id"]: part["content"] for part in container["components"] if part["type"] == Type.TEXT}
    mia, noah = known_as(answer, "Mia"), known_as(answer, "Noah")
    assert mia.isdigit() and answer["known"][mia] == {"id": "mia", "name": "Mia"}
    assert texts[Part.CALLED] == f"-# <@{noah}>" and payload["allowed_mentions"]["users"] == [noah]
    assert texts[Part.TITLE] == "### **Rose**" and "<t:" in texts[Part.BODY] and "`drip`" in texts[Part.BODY]
    assert f"<@{mia}>" in texts[Part.FIELDS] and Part.HOME not in texts
    assert rows[0]["type"] == Type.ROW and rows[0]["components"][0]["custom_id"] == "garden.water:1"


async def test_slack_is_told_of_the_card_and_whom_it_mentions(world: World) -> None:
    card = await world.plant()
    _, answer = await preview(world, card["id"], platform="slack")
    payload = answer["payload"]
    assert list(payload) == ["text", "blocks"]
    kinds = [block["type"] for block in payload["blocks"]]
    assert kinds == ["header", "section", "section", "section", "context", "actions", "actions"]
    assert payload["blocks"][3]["text"]["text"] == f"<@{known_as(answer, 'Noah')}>"
    assert f"/team/{known_as(answer, 'Mia')}|@Mia>" in payload["blocks"][2]["text"]["text"]


async def test_slack_is_told_of_the_cards_emoji(world: World) -> None:
    card = (await world.act("mia", "command", channel="general", name="seed swap"))["posted"][0]
    _, answer = await preview(world, card["id"], platform="slack")
    assert answer["payload"]["blocks"][0]["text"]["text"] == "🌱 Seed swap"


async def test_pictures_and_files_go_along(world: World) -> None:
    card = (await world.act("mia", "command", channel="general", name="picture"))["posted"][0]
    _, answer = await preview(world, card["id"])
    [gallery] = [part for part in answer["payload"]["components"][0]["components"] if part["type"] == Type.GALLERY]
    shown = {"media": {"url": f"attachment://{PICTURE.name}"}, "description": PICTURE.text}
    assert gallery["items"] == [shown]
    assert [file["filename"] for file in answer["payload"]["attachments"]] == [PICTURE.name, TABLE.name]
    _, answer = await preview(world, card["id"], platform="slack")
    [picture] = [block for block in answer["payload"]["blocks"] if block["type"] == "image"]
    assert picture["alt_text"] == PICTURE.text


async def test_someone_has_the_same_id_wherever_they_are_mentioned(world: World) -> None:
    first, second = await world.plant(), await world.plant()
    ids = {known_as((await preview(world, card["id"]))[1], "Mia") for card in (first, second)}
    assert len(ids) == 1


async def test_a_direct_sentence_is_drawn_whole_and_says_on_discord_where_it_belongs(world: World) -> None:
    await world.act("zoe", "join", name="Zoe")
    [welcome] = await world.messages("dm-zoe", "zoe")
    _, answer = await preview(world, welcome["id"], "zoe")
    *words, home = answer["payload"]["content"].splitlines()
    assert words == [welcome["card"]["body"]]
    assert home.startswith("-# [Your community](https://discord.com/channels/")


async def test_a_private_card_is_seen_by_its_reader_alone(world: World) -> None:
    whisper = (await world.act("noah", "command", channel="general", line="/whisper"))["replies"][0]["id"]
    for platform in ("discord", "slack"):
        assert (await preview(world, whisper, "noah", platform))[0] == 200
        status, answer = await preview(world, whisper, "mia", platform)
        assert (status, list(answer)) == (404, ["error"])


async def test_what_stands_where_one_may_not_look_is_refused(world: World) -> None:
    await world.act("zoe", "join", name="Zoe")
    [welcome] = await world.messages("dm-zoe", "zoe")
    status, answer = await preview(world, welcome["id"], "mia")
    assert (status, list(answer)) == (403, ["error"])


@pytest.mark.parametrize(
    "query, status",
    [
        ({"viewer": "mia", "as": "discord"}, 400),
        ({"message": "m1", "as": "discord"}, 400),
        ({"message": "m1", "viewer": "mia"}, 400),
        ({"message": "m1", "viewer": "mia", "as": "teams"}, 400),
        ({"message": "m1", "viewer": "mia", "as": ""}, 400),
        ({"message": "m2", "viewer": "mia", "as": "slack"}, 400),
        ({"message": "m999", "viewer": "mia", "as": "slack"}, 404),
        ({"message": "\ud800".encode("utf-8", "replace").decode(), "viewer": "mia", "as": "slack"}, 404),
        ({"message": "m1", "viewer": "nobody", "as": "slack"}, 404),
    ],
)
async def test_what_is_asked_wrongly_is_refused_with_a_sentence(
    world: World, query: dict[str, str], status: int
) -> None:
    await world.plant()
    await world.act("noah", "message", channel="general", text="So it is")
    answered, answer = await world.get("preview", **query)
    assert (answered, list(answer)) == (status, ["error"])
    assert answer["error"].endswith(".")


async def test_the_state_says_as_what_cards_can_be_seen(world: World) -> None:
    assert (await world.get("state", viewer="mia"))[1]["previews"] == ["discord", "slack"]


async def test_without_other_platforms_there_is_nothing_to_see(world: World, tmp_path: Path) -> None:
    async def nothing(*_: object) -> None: ...

    card = await world.plant()
    application = web.Application()
    application.add_routes(routes(world.playground, settle=nothing, advance=nothing, next_due=nothing))  # type: ignore[arg-type]
    async with TestClient(TestServer(application)) as client:
        query = {"message": card["id"], "viewer": "mia", "as": "discord"}
        answer = await client.get("/api/playground/preview", params=query)
        assert answer.status == 400
        assert (await answer.json())["error"] == "There's no other platform to draw for."
        state = await (await client.get("/api/playground/state", params={"viewer": "mia"})).json()
        assert state["previews"] == []


MIA = Account(SPACE, "mia")
EVERYWHERE = Card(
    say("{who}", who=Mention("Mia", (MIA,))),
    Text((ChannelLink(Channel(SPACE, "help"), "help"), " ", Mention("Mia", (MIA,)))),
    fields=(CardField("Who", Mention("Mia", (Account(Space("discord", "1"), "2"), MIA))),),
    footer=Mention("Mia", (MIA,)),
    buttons=(Button("Go", Call("garden.water", ("1",))),),
    pings=(MIA,),
)


def test_every_mention_and_channel_is_moved_and_no_one_elses_is() -> None:
    for platform, draw in previews().items():
        payload, moved = draw(EVERYWHERE, direct=False)
        assert set(moved.values()) == {MIA, Channel(SPACE, "help")}
        words = str(payload)
        assert all(f"<@{id_}>" in words or f"<#{id_}>" in words for id_ in moved), platform
        assert "<@2>" not in words
