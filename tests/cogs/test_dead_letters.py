"""What never works is set aside, in nobody's way, until whoever runs Trellis has it tried again."""

from __future__ import annotations

import asyncio
import errno
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.contract.adapter import Closed, Unusable
from adapters.contract.ui import Card
from bot.cli import app
from bot.kernel.cog import Cog, action, command, every
from bot.kernel.context import Context
from bot.kernel.work import Work
from storage.members import Member

from .conftest import Begin
from .web import browser_of

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)

FAULTS = [
    FileNotFoundError("no such file"),
    TimeoutError("our own"),
    PermissionError("not ours"),
    OSError(errno.EMFILE, "too many open files"),
    RecursionError(),
    MemoryError(),
    asyncio.InvalidStateError(),
    UnicodeEncodeError("utf-8", "words of a member", 0, 1, "surrogates not allowed"),
    Unusable("only an admin can"),
    Closed("no direct messages"),
]


class Printer(Cog):
    """Prints on demand, and has a look at its paper each hour."""

    name = "printer"

    def __init__(self) -> None:
        self.jam: Exception | None = None
        self.hangs = False
        self.tried: list[Any] = []
        self.looked: list[Any] = []

    @action
    async def print(self, work: Work, page: int) -> None:
        self.tried.append(work.now)
        if self.hangs:
            await asyncio.Event().wait()
        if self.jam:
            raise self.jam
        general = await work.platforms.find_channel((await work.spaces())[0], "general")
        assert general
        work.say(general, Card(body=f"page {page}"), key=f"page/{page}")

    @command("paper", "Look whether there is paper")
    async def paper(self, ctx: Context) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        await ctx.reply(Card(body="There is"))

    @every("daily 12:00")
    async def look(self, work: Work) -> None:
        self.looked.append(work.now)

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


async def printing(begin: Begin, printer: Printer) -> Any:
    story = await begin((printer,))
    community = await story.app.members.community_of(story.door.account("mia").space.key)
    assert community
    await story.app.jobs.put(Printer.print.call(7).pack(), story.now, community.id)
    return story


@pytest.mark.parametrize("jam", FAULTS, ids=lambda jam: type(jam).__name__)
async def test_our_own_fault_is_tried_five_times_and_everything_else_goes_on(begin: Begin, jam: Exception) -> None:
    printer = Printer()
    printer.jam = jam
    story = await printing(begin, printer)
    await story.passes(days=2)
    assert len(printer.tried) == 5 and printer.tried[-1] - printer.tried[0] < timedelta(hours=2)
    assert len(printer.looked) == 2 and {at.hour for at in printer.looked} == {12}
    await story.person("mia").uses("/help")
    assert "Questions" in (await story.person("mia").last_private()).words


async def test_what_hangs_is_ended_and_tried_five_times_too(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.kernel.scheduler.TIMEOUT", timedelta(seconds=0.05))
    printer = Printer()
    printer.hangs = True
    story = await printing(begin, printer)
    async with asyncio.timeout(20):
        await story.passes(days=2)
    assert len(printer.tried) == 5 and len(printer.looked) == 2
    assert [letter.last_error for letter in await story.app.jobs.dead()] == ["TimeoutError()"]


async def test_who_uses_what_hangs_is_told_and_everything_else_goes_on(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.kernel.router.INTERACTION", timedelta(seconds=0.3))
    printer = Printer()
    printer.hangs = True
    story = await begin((printer,))
    mia, noah = story.person("mia"), story.person("noah")
    async with asyncio.timeout(30):
        await asyncio.gather(*(mia.uses("/paper") for _ in range(5)))
    assert "I couldn't keep that just now" in (await mia.last_private()).words
    await noah.uses("/help")
    assert "Questions" in (await noah.last_private()).words


async def test_it_is_done_once_its_cause_is_mended_and_the_operator_says_so(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trellis.db'}")
    printer = Printer()
    printer.jam = FileNotFoundError("no paper")
    story = await printing(begin, printer)
    await story.passes(days=1)
    listed = await asyncio.to_thread(CliRunner().invoke, app, ["dead", "list"])
    assert listed.stdout.splitlines()[0].endswith("the job printer.print, about 7")
    assert "after 5 tries: FileNotFoundError" in listed.stdout
    printer.jam = None
    await story.passes(days=1)
    await story.person("mia").does_not_read("page 7")
    retried = await asyncio.to_thread(CliRunner().invoke, app, ["dead", "retry", "all"])
    assert retried.exit_code == 0
    await story.passes(seconds=60)
    await story.person("mia").reads("page 7")
    assert "Nothing is set aside" in (await asyncio.to_thread(CliRunner().invoke, app, ["dead", "list"])).stdout


async def test_what_could_not_be_said_is_said_once_it_can(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'trellis.db'}")
    printer = Printer()
    story = await printing(begin, printer)
    posts = story.door.platform.post

    async def post(*_: Any, **__: Any) -> Any:
        raise KeyError("a bug")

    monkeypatch.setattr(story.door.platform, "post", post)
    await story.passes(days=1)
    listed = await asyncio.to_thread(CliRunner().invoke, app, ["dead", "list"])
    assert (
        "a message, in memory/home/general, about page/7\n" in listed.stdout
        and "after 5 tries: KeyError" in listed.stdout
    )
    monkeypatch.setattr(story.door.platform, "post", posts)
    await asyncio.to_thread(CliRunner().invoke, app, ["dead", "retry", "all"])
    await story.passes(seconds=60)
    await story.person("mia").reads("page 7")


async def test_an_admin_has_it_tried_again_or_drops_it_on_the_dashboard(begin: Begin) -> None:
    printer = Printer()
    printer.jam = FileNotFoundError("no paper for 'a member wrote this'")
    story = await printing(begin, printer)
    await story.passes(days=1)
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        assert "1 thing failed and was set aside" in browser.words
        await browser.opens("/dashboard/dead")
        assert "work: printer.print" in browser.words and "Tried 5 times" in browser.words
        assert "This failed again and again by my own fault." in browser.words and "a member wrote" not in browser.words
        (letter,) = await story.app.jobs.dead()
        page = browser.html
        await browser.sends("/dashboard/dead/retry", id=f"job:{letter.id}")
        assert "It's tried again within a minute." in browser.words and "Nothing is set aside." in browser.words
        browser.html = page
        await browser.sends("/dashboard/dead/retry", id=f"job:{letter.id}")
        assert browser.status == 409 and "That isn't set aside any more." in browser.words, "pressed twice"
        await story.passes(days=1)
        assert len(printer.tried) == 10

        await browser.signs_in("ada")
        await browser.opens("/dashboard/dead")
        await browser.sends("/dashboard/dead/drop", id=f"job:{letter.id}")
        assert "Are you sure?" in browser.words and "can't be brought back" in browser.words
        assert await story.app.jobs.dead(), "asked first"
        await browser.sends("/dashboard/dead/drop", id=f"job:{letter.id}", sure="yes")
        assert "It's dropped." in browser.words and not await story.app.jobs.dead()
        for made_up in ("job:999", "x", "", "inbox:slack/T1/1"):
            await browser.sends("/dashboard/dead/retry", id=made_up)
            assert browser.status == 409
        await browser.opens("/dashboard/audit?what=dead")
        assert "Ada had something tried again that had failed" in browser.words
        assert "Ada dropped something that had failed" in browser.words
