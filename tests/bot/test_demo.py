"""The playground begins also where a community file of one's own offers less than the demo uses."""

from __future__ import annotations

from pathlib import Path

from bot.bootstrap import build
from config.settings import Settings


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
        assert program.open
    finally:
        await program.stop()
