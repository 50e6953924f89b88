"""A playground over HTTP, with the real kernel behind it and a tiny cog that says hello."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser
from pytest_asyncio import fixture, is_async_test

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MessagePosted, ReactionAdded
from adapters.contract.files import File
from adapters.contract.models import Account, Channel
from adapters.contract.text import Code, Mention, Strong, Time, say
from adapters.contract.ui import Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from adapters.playground.adapter import Playground
from adapters.playground.records import SPACE
from adapters.playground.routes import routes
from bot.clock import MovableClock
from bot.delivery.gate import Manner
from bot.kernel.application import Application
from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog, action, command, listener, shortcut
from bot.kernel.communities import CommunityPlan
from bot.kernel.context import Context, OnMessage, Submission
from bot.kernel.errors import UserError
from bot.kernel.forms import Form, ask
from bot.kernel.roles import RoleMap
from bot.kernel.work import Suggesting, Work
from bot.previews import previews
from bot.text.language import Locales
from storage.database import Database
from storage.erasures import ErasureJournal
from storage.members import Member
from tests.browser import chromium, context

from .browsing import WIDE, Visitor

ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = File("harvest.png", b64decode(ONE_PIXEL), "A basket of pears")
TABLE = File("harvest.csv", b"fruit,number\npear,7\n")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class PlantForm(Form, title="Plant something", submit="Plant"):
    plant: str = ask("What is it?", longest=40, suggest=lambda cog, asked: cog.plants(asked))
    when: datetime = ask("When?")
    deep: bool = ask("Deep?", required=False)
    seeds: int | None = ask("How many?", required=False)
    bed: str = ask("Where?", required=False, choices=(Option("Sunny", "sun"), Option("Shady", "shade")))


class Garden(Cog):
    """What a cog can do on a platform, each once."""

    name = "garden"

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...

    async def plants(self, _: Suggesting) -> list[Option]:
        return [Option("Rose", "Rose"), Option("Rosemary", "Rosemary"), Option("Fern", "Fern")]

    @command("plant", "Plant something")
    async def plant(self, ctx: Submission[PlantForm]) -> None:
        form = ctx.form
        if form.plant == "weed":
            raise UserError("We have enough of those.")
        ctx.say(
            ctx.channel,
            Card(
                say("{plant}", plant=Strong(form.plant)),
                say("Water it {when}. {code}", when=Time(form.when), code=Code("drip")),
                fields=(CardField("Gardener", Mention(ctx.member.name, (ctx.account,))),),
                footer=f"{form.deep} {form.seeds} {form.bed}",
                tone=Tone.ACTIVE,
                buttons=(
                    Button("Water", Garden.water.call(1), Style.PRIMARY),
                    Button("Rename", Garden.rename.call()),
                    LinkButton("Guide", "https://example.org/guide"),
                ),
                menu=Menu("Harvest …", Garden.harvest.call(), (Option("Leaf", "leaf"), Option("Fruit", "fruit"))),
                pings=(Account(SPACE, "noah"),),
            ),
            key=f"plant/{uuid4()}",
        )
        await ctx.schedule(Garden.grow.call(), ctx.now + timedelta(hours=1))
        await ctx.schedule(Garden.remind.call(), ctx.now + timedelta(hours=2))

    @command("whisper", "Say something to yourself")
    async def whisper(self, ctx: Context) -> None:
        await ctx.reply(Card(body="psst", buttons=(Button("Again", Garden.again.call(2)),)))

    @command("seed list", "See what is in the shed")
    async def seeds(self, ctx: Context) -> None:
        await ctx.reply(Card(body="peas"))

    @command("seed swap", "Give seeds away and get others")
    async def swap(self, ctx: Context) -> None:
        ctx.say(ctx.channel, Card("Seed swap", "Sunday", emoji="🌱"), key=f"swap/{uuid4()}")
        await ctx.schedule(Garden.remind.call(), ctx.now + timedelta(days=3))

    @command("picture", "Take a picture")
    async def picture(self, ctx: Context) -> None:
        ctx.say(ctx.channel, Card("Harvest", files=(PICTURE, TABLE)), key=f"harvest/{uuid4()}")

    @command("prune", "Cut back", role=Role.MODERATOR)
    async def prune(self, ctx: Context) -> None:
        await ctx.reply(Card(body="cut"))

    @command("break", "Fail")
    async def fail(self, ctx: Context) -> None:
        raise RuntimeError("broken")

    @action
    async def again(self, ctx: Context, number: int) -> None:
        await ctx.update(Card(body=f"psst {number}", buttons=(Button("Again", Garden.again.call(number + 1)),)))

    @action
    async def water(self, ctx: Context, drops: int) -> None:
        await ctx.update(Card(f"Watered by {ctx.member.name}", f"{drops} drop"))

    @action
    async def rename(self, ctx: Context) -> None:
        await ctx.open(PlantForm, Garden.plant.call(), self, plant="Rose")

    @action
    async def harvest(self, ctx: Context) -> None:
        await ctx.reply(Card(body=",".join(ctx.values)))

    @action
    async def grow(self, _: Work) -> None:
        """Do what nobody sees."""

    @action
    async def remind(self, work: Work) -> None:
        work.say(Channel(SPACE, "events"), Card("Time to water"), key="remind")

    @shortcut("Admire")
    async def admire(self, ctx: OnMessage) -> None:
        await ctx.reply(Card(body=f"{ctx.target.author.name}: {ctx.target.text}"))

    @listener(MessagePosted, where=lambda _, glance: "hello" in glance.text)
    async def greet(self, ctx: Context, event: MessagePosted) -> None:
        thread = await ctx.platforms.at(ctx.space).open_thread(event.message.ref, "Hello!")
        ctx.say(thread, Card(body=f"Hello, {ctx.member.name}"), key=f"hello/{event.id}")
        await ctx.aside(Card(body="I saw that"))

    @listener(ReactionAdded)
    async def cheer(self, ctx: Context, event: ReactionAdded) -> None:
        ctx.say(event.message.channel, Card(body=f"{ctx.member.name} {event.emoji}"), key=event.id)

    @listener(MemberJoined)
    async def welcome(self, ctx: Context, event: MemberJoined) -> None:
        self.came.append((event.by.account.id, event.source))
        ctx.tell(ctx.member, Card(body="Welcome"), key=event.id, manner=Manner.WANTED)


@dataclass
class World:
    """A running playground, and the words to talk to it."""

    playground: Playground
    app: Application
    clock: MovableClock
    client: TestClient[web.Request, web.Application]
    garden: Garden

    async def get(self, path: str, **query: str) -> tuple[int, Any]:
        answer = await self.client.get(f"/api/playground/{path}", params=query)
        return answer.status, await answer.json()

    async def post(self, path: str, body: object, **more: Any) -> tuple[int, Any]:
        answer = await self.client.post(f"/api/playground/{path}", json=body, **more)
        return answer.status, await answer.json()

    async def act(self, who: str, do: str, **more: object) -> Any:
        """Do something that works."""
        status, body = await self.post("act", {"as": who, "do": do, **more})
        assert status == 200, body
        return body

    async def messages(self, channel: str, viewer: str) -> list[Any]:
        status, body = await self.get("messages", channel=channel, viewer=viewer)
        assert status == 200, body
        return list(body["messages"])

    async def plant(self) -> Any:
        """Plant a rose as Mia, and return the card that was posted."""
        result = await self.act(
            "mia", "command", channel="general", name="plant", options={"plant": "Rose", "when": "in 2 days"}
        )
        return result["posted"][0]


async def open_world(folder: Path, clock: MovableClock) -> World:
    playground = Playground(folder / "chat.db", clock.now)
    clock.offset = await playground.open()
    garden = Garden()
    app = Application(
        Database(f"sqlite:///{folder}/trellis.db"),
        [playground],
        (garden,),
        [],
        moderators=ChannelGroup("moderators", ()),
        clock=clock,
        roles=RoleMap(),
        plan=CommunityPlan("Garden", "UTC"),
        locales=Locales(),
        journal=ErasureJournal(folder / "erasures"),
    )

    async def advance(length: timedelta) -> datetime:
        await app.scheduler.pass_time(clock, clock.now() + length)
        await playground.keep_offset(clock.offset)
        return clock.now()

    await app.start()
    application = web.Application()
    served = routes(
        playground,
        settle=app.settle,
        advance=advance,
        next_due=app.next_entry,
        previews=previews(),
        pages_in=lambda language: [("Blumenbeete" if language == "de" else "Flower beds", "/beds")],
    )
    application.add_routes(served)
    client = TestClient(TestServer(application))
    await client.start_server()
    playground.address = str(client.make_url("")).rstrip("/")
    return World(playground, app, clock, client, garden)


async def close_world(world: World) -> None:
    await world.app.stop()
    await world.client.close()


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have all tests here share one event loop: that of the browser, which takes a second to start."""
    for item in items:
        if HERE in item.path.parents and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@fixture(loop_scope="session")
async def world(tmp_path: Path, database_file: Path) -> AsyncIterator[World]:
    opened = await open_world(tmp_path, MovableClock(NOW))
    yield opened
    await close_world(opened)


@fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@fixture(loop_scope="session")
async def visit(world: World, browser: Browser) -> AsyncIterator[Callable[..., Any]]:
    visitors: list[Visitor] = []

    async def open_page(size: tuple[int, int] = WIDE, **options: Any) -> Visitor:
        page = await (await context(browser, *size, **options)).new_page()
        visitors.append(Visitor(page, world.playground.address))
        return visitors[-1]

    yield open_page
    for visitor in visitors:
        assert visitor.trouble == []
        await visitor.page.context.close()
