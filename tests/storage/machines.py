"""A machine on which Trellis is installed: commands are typed there, and members do things meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from typer.testing import CliRunner, Result

from bot.bootstrap import Runtime, build
from bot.cli import app
from config.settings import Settings
from storage.ideas import IdeaStore
from storage.members import MemberStore
from tests.databases import Kind

CANARY = "A bench beneath the canary tree"


@dataclass
class Place:
    """A machine on which Trellis is installed."""

    folder: Path
    url: str
    settings: dict[str, str]

    @property
    def file(self) -> Path:
        """The database, where it is SQLite's."""
        return Path(self.url.removeprefix("sqlite:///"))

    def says(self, *command: str) -> Result:
        """Type a command of `trellis`, which ends well or with an exit code."""
        environment = {"DATABASE_URL": self.url, **self.settings}
        return CliRunner().invoke(app, [*command], env=environment)

    async def types(self, *command: str) -> str:
        """Type a command that ends well; return what it prints."""
        done = await asyncio.to_thread(self.says, *command)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    async def is_refused(self, *command: str) -> str:
        done = await asyncio.to_thread(self.says, *command)
        assert done.exit_code not in (0, None) and "Traceback" not in done.output, done.output
        return " ".join(done.output.split())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Runtime]:
        """A playground at work."""
        settings = {"DATABASE_URL": self.url, "TRELLIS_WEB_PORT": "0", **self.settings}
        runtime = await build(Settings.model_validate(settings))
        try:
            runtime.app.database.claim()
            await runtime.web.start()
            await runtime.app.start()
            yield runtime
        finally:
            await runtime.stop()


async def acts(runtime: Runtime, who: str, do: str, **more: Any) -> dict[str, Any]:
    async with ClientSession() as client:
        act = {"as": who, "do": do, **more}
        answer = await client.post(f"{runtime.web.address}/api/playground/act", json=act)
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def adds_idea(runtime: Runtime, who: str, title: str) -> None:
    await acts(runtime, who, "command", channel="ideas", name="idea add", options={"title": title})


async def erases(runtime: Runtime, who: str) -> str:
    """Erase somebody; return what they are told."""
    asked = await acts(runtime, who, "command", channel="general", name="privacy erase", options={})
    control = next(one for one in asked["replies"][0]["controls"] if "rase" in one["id"])
    return str(await acts(runtime, who, "press", message=asked["replies"][0]["id"], control=control["id"]))


async def titles(runtime: Runtime) -> list[str]:
    [community] = await MemberStore(runtime.app.database).communities()
    ideas = IdeaStore(runtime.app.database)
    return [idea.title for idea in [await ideas.get(id_) for id_ in (1, 2, 3)] if idea and community]


async def names(runtime: Runtime) -> set[str]:
    members = MemberStore(runtime.app.database)
    found = [await members.by_account(f"playground/demo/{who}") for who in ("mia", "noah", "kenji")]
    return {member.name for member in found if member}


async def empties(place: Place, kind: Kind) -> None:
    """Lose the database."""
    if kind == "sqlite":
        for file in place.file.parent.glob(f"{place.file.name}*"):
            file.unlink()
        return
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(place.url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await engine.dispose()
