"""Cogs of one's own, by import path: they take part in everything, on every platform."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.bootstrap import offered
from bot.check import check_everything
from bot.kernel.registry import migrations_of
from bot.plugins import load_cogs
from config.settings import Settings
from storage.database import Database

from .conftest import Begin

MOVE = """
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE own_beds (id INTEGER)")
"""

GARDEN = """
from pathlib import Path

from pydantic import BaseModel, Field

from bot import Button, Card, Cog, Context, Form, Submission, action, ask, command, say
from storage.settings import SettingStore


class BedForm(Form, title="A bed"):
    plant: str = ask("What grows in it?")


class Beds(Cog):
    name = "beds"

    @command("bed", "Dig a bed")
    async def dig(self, ctx: Submission[BedForm]) -> None:
        button = Button("Water it", Beds.water.call(ctx.form.plant))
        await ctx.reply(Card(body=say("A bed of {plant}.", plant=ctx.form.plant), buttons=(button,)))

    @action
    async def water(self, ctx: Context, plant: str) -> None:
        await ctx.update(Card(body=say("The {plant} is watered.", plant=plant)))

    async def export(self, member):
        return {}

    async def erase(self, member):
        pass


class Shed(Cog):
    name = "shed"

    def __init__(self, settings):
        self.settings = settings

    @command("shed", "Look into the shed")
    async def look(self, ctx: Context) -> None:
        there = await self.settings.of(ctx.community.id)
        await ctx.reply(Card(body=say("{tools} tools.", tools=str(len(there)))))

    async def export(self, member):
        return {}

    async def erase(self, member):
        pass


class Forgetful(Cog):
    name = "forgetful"

    async def export(self, member):
        return {}


class Nameless(Beds):
    name = ""


class Loud(Beds):
    name = "loud"

    @command("WATER ALL!", "Water everything")
    async def all(self, ctx: Context) -> None:
        pass


class Size(BaseModel):
    bed_length: int = Field(2, ge=1, description="How long a bed is.")


class Same(BaseModel):
    wave_minutes: int = 7


class Rooted(Beds):
    migrations = Path(__file__).with_name("moves")


class Sized(Beds):
    section = Size


class Waving(Beds):
    section = Same


def sheds(database):
    yield Shed(SettingStore(database))


def broken():
    raise RuntimeError("the shed is [locked]\\nfor good")


def nothing():
    return None


def a_class():
    return Beds


def two(database, more):
    return Beds()


number = 7
"""

counter = itertools.count()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Write a module into the folder where Trellis starts; return its name, which no other test has used."""
    folder = tmp_path / "start"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def written(code: str) -> str:
        name = f"garden_{next(counter)}"
        (folder / f"{name}.py").write_text(code, "utf-8")
        return name

    return written


async def test_cogs_of_ones_own_work_like_ours(begin: Begin, write: Callable[[str], str]) -> None:
    garden = write(GARDEN)
    story = await begin(TRELLIS_COGS=f"{garden}:Beds, {garden}:sheds")
    mia = story.person("mia")
    await mia.uses("/bed", plant="kale")
    assert (await mia.last_private()).body == "A bed of kale."
    await mia.presses("Water it")
    assert "The kale is watered." in (await mia.last_private()).words
    await mia.uses("/shed")
    assert (await mia.last_private()).body == "0 tools."
    await mia.uses("/help")
    assert (await mia.last_private()).words


@pytest.mark.parametrize(
    "path,says",
    [
        ("{garden}", "'{garden}' is not of the form package.module:factory."),
        ("{garden}.Beds", "'{garden}.Beds' is not of the form package.module:factory."),
        ("{garden}.py:Beds", "there is no module '{garden}.py' for {garden}.py:Beds."),
        ("../{garden}:Beds", "'../{garden}:Beds' is not of the form package.module:factory."),
        ("{garden}:", "'{garden}:' is not of the form package.module:factory."),
        ("{garden}:Beds:x", "'{garden}:Beds:x' is not of the form package.module:factory."),
        ("nowhere:Beds", "there is no module 'nowhere' for nowhere:Beds."),
        ("nowhere.cogs:Beds", "there is no module 'nowhere' for nowhere.cogs:Beds."),
        ("{garden}:Bed", "{garden} has no function or class 'Bed'."),
        ("{garden}:number", "{garden} has no function or class 'number'."),
        ("{garden}:broken", "{garden}:broken failed: RuntimeError: the shed is [locked] for good"),
        ("{garden}:nothing", "{garden}:nothing returned None, which is no cog."),
        ("{garden}:a_class", "{garden}:a_class returned <class '{garden}.Beds'>, which is no cog."),
        ("{garden}:two", "two() missing 1 required positional argument: 'more'"),
        ("{garden}:Forgetful", "abstract method"),
        ("{garden}:Nameless", "{garden}:Nameless returned a cog without a name."),
        ("{garden}:Beds,{garden}:Beds", "is declared twice"),
        ("{garden}:Waving", "There are two settings of the name wave_minutes."),
        ("{garden}:Loud", "a command is one or two lower-case words: 'WATER ALL!'"),
    ],
)
def test_what_cannot_be_had_is_one_plain_line(write: Callable[[str], str], path: str, says: str) -> None:
    garden = write(GARDEN)
    with pytest.raises(ValueError, match=re.escape(says.format(garden=garden))) as wrong:
        _ = offered(Settings.model_validate({"TRELLIS_COGS": path.format(garden=garden)})).commands
    assert "\n" not in str(wrong.value)


def test_its_settings_are_checked_at_the_start(write: Callable[[str], str]) -> None:
    settings = {"TRELLIS_COGS": f"{write(GARDEN)}:Sized", "TRELLIS_BED_LENGTH": "0"}
    with pytest.raises(ValueError, match="TRELLIS_BED_LENGTH: Input should be greater than or equal to 1"):
        offered(Settings.model_validate(settings))


async def test_its_settings_are_told_and_changed_with_ours(begin: Begin, write: Callable[[str], str]) -> None:
    story = await begin(TRELLIS_COGS=f"{write(GARDEN)}:Sized", TRELLIS_BED_LENGTH="4")
    ada = story.person("ada")
    await ada.uses("/settings show")
    assert "bed_length = 4" in (await ada.last_private()).words
    await ada.uses("/settings set", name="bed_length", value="none")
    assert ada.form and "doesn't work" in ada.form.errors["value"]
    await ada.fills(value="6")
    assert "6 now. It was 4" in (await ada.last_private()).words


def test_its_settings_stand_in_the_file_too(write: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    garden = write(GARDEN)
    Path(".env").write_text(f"TRELLIS_COGS={garden}:Sized\nTRELLIS_BED_LENGTH=5\nPOSTGRES_PASSWORD=x\n")
    settings, size = Settings(), load_cogs([f"{garden}:Sized"], Database("sqlite:///trellis.db"))[0].section
    assert size and settings.section(size, {}).model_dump() == {"bed_length": 5}
    monkeypatch.setenv("TRELLIS_BED_LENGTH", "8")
    assert settings.section(size, {}).model_dump() == {"bed_length": 8}


def write_move() -> None:
    """Write a migration beside the module."""
    Path("moves").mkdir()
    Path("moves/own_0001.py").write_text(MOVE, "utf-8")


async def test_its_migrations_run_with_ours(write: Callable[[str], str], empty_database: Path) -> None:
    garden = write(GARDEN)
    write_move()
    shutil.copy(empty_database, "own.db")
    settings = {"DATABASE_URL": "sqlite:///own.db", "TRELLIS_COGS": f"{garden}:Rooted"}
    wrong = [check.what async for check in check_everything(Settings.model_validate(settings)) if not check.ok]
    assert wrong == ["The tables of the cog 'beds' are at revision None, not 0001."]

    database = Database(settings["DATABASE_URL"])
    for _ in range(2):
        await database.upgrade(migrations_of(load_cogs([f"{garden}:Rooted"], database)))
    async with database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM own_beds")).scalar_one() == 0
    await database.close()
    assert all([check.ok async for check in check_everything(Settings.model_validate(settings))])


@pytest.mark.parametrize(
    "code,says",
    [
        ("def create(:\n", "cannot be imported: SyntaxError"),
        ("import nowhere_at_all\n", "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("from bot import Flower\n", "cannot be imported: ImportError: cannot import name 'Flower'"),
        ("1 / 0\n", "cannot be imported: ZeroDivisionError: division by zero"),
    ],
)
def test_what_fails_when_imported_says_how(write: Callable[[str], str], code: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        offered(Settings.model_validate({"TRELLIS_COGS": f"{write(code)}:create"}))
