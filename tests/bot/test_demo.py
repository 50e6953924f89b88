"""The playground begins also where a community file of one's own offers less than the demo uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import make_url

from bot.bootstrap import build
from config.settings import Settings
from storage.address import beside


async def test_the_playground_begins_with_an_empty_community_file(tmp_path: Path) -> None:
    file = tmp_path / "community.toml"
    file.write_text("", "utf-8")
    settings = Settings.model_validate(
        {
            "TRELLIS_COMMUNITY_FILE": str(file),
            "TRELLIS_PLAYGROUND": "on",
            "TRELLIS_WEB_PORT": "0",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'trellis.db'}",
        }
    )
    program = await build(settings)
    await program.start()
    try:
        assert program.health.open
    finally:
        await program.stop()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_demo_is_told_to_its_end_in_every_language(
    language: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = f"sqlite:///{tmp_path / 'trellis.db'}"
    settings = {"TRELLIS_PLAYGROUND": "on", "TRELLIS_WEB_PORT": "0", "DATABASE_URL": database}
    program = await build(Settings.model_validate({**settings, "TRELLIS_LANGUAGE": language}))
    await program.start()
    await program.stop()
    assert "ends early" not in caplog.text


async def test_the_demo_knows_one_answer_surely_one_perhaps_and_one_not_at_all(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'trellis.db'}"
    settings = {"TRELLIS_PLAYGROUND": "on", "TRELLIS_WEB_PORT": "0", "DATABASE_URL": database}
    program = await build(Settings.model_validate(settings))
    await program.start()
    try:
        async with ClientSession(program.web.address) as page:
            for question, told in (
                ("How do I roll back a bad deploy?", "Does this answer it?"),
                ("Which Docker image should I use?", "Is this about the same?"),
                ("Which paper do you print seed packets on?", "is posted."),
            ):
                asked = {"as": "mia", "do": "command", "channel": "general", "name": "ask"}
                answer = await page.post("/api/playground/act", json={**asked, "options": {"question": question}})
                card = (await answer.json())["replies"][-1]["card"]
                assert told in f"{card['title']} {card['body']}"
    finally:
        await program.stop()


async def test_a_sample_community_can_be_imported(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "TRELLIS_PLAYGROUND": "on",
            "TRELLIS_WEB_PORT": "0",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'trellis.db'}",
        }
    )
    program = await build(settings)
    await program.start()
    try:
        async with ClientSession(program.web.address) as page:
            for expected in ({"questions": 5, "solved": 4}, {"questions": 0, "solved": 0}):
                answer = await page.post("/api/playground/import", json={})
                assert answer.status == 200 and await answer.json() == expected
            looked_up = {"as": "mia", "do": "command", "channel": "general", "line": "/search water tomato seedlings"}
            answer = await page.post("/api/playground/act", json=looked_up)
            (found,) = (await answer.json())["replies"]
            assert "How often should I water tomato seedlings" in found["card"]["body"]
            assert "Tariq" in found["card"]["body"] and "#/" not in found["card"]["body"]
            options = {"question": "Why do leaves of my basil turn yellow?"}
            asked = {"as": "mia", "do": "command", "channel": "general", "name": "ask"}
            answer = await page.post("/api/playground/act", json={**asked, "options": options})
            (known,) = (await answer.json())["replies"]
            assert "pot with a hole" in known["card"]["body"]
    finally:
        await program.stop()


def test_each_database_has_a_playground_of_its_own() -> None:
    urls = [
        "sqlite:////data/trellis.db",
        "sqlite:////data/second.db",
        "postgresql+asyncpg://trellis@db/trellis",
        "postgresql+asyncpg://trellis@db:5433/trellis",
        "postgresql+asyncpg://trellis@db/second",
    ]
    files = [beside(make_url(url), "playground.db") for url in urls]
    assert len({*files}) == len(urls) and files[0] == Path("/data/trellis-playground.db")
