"""Which platforms settings ask for, and what they have to say for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.bootstrap import platforms
from config.settings import Settings
from storage.database import Database

KEY = Fernet.generate_key().decode()
MANY = {"slack_client_id": "1.2", "slack_client_secret": "s", "slack_encryption_key": KEY, "slack_signing_secret": "x"}


@pytest.mark.parametrize(
    "settings, names",
    [
        ({}, []),
        ({"discord_token": "t"}, ["discord"]),
        ({"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}, ["slack"]),
        (MANY, ["slack"]),
        ({**MANY, "discord_token": "t"}, ["discord", "slack"]),
    ],
)
async def test_a_platform_is_there_whose_tokens_are_set(
    tmp_path: Path, settings: dict[str, str], names: list[str]
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    given = Settings(_env_file=None, **settings)  # type: ignore[arg-type]
    assert [adapter.platform for adapter in platforms(given, database)] == names
    assert given.wants_slack == ("slack" in names) and given.wants_playground == (not names)
    await database.close()


@pytest.mark.parametrize(
    "settings, said",
    [
        ({**MANY, "slack_client_secret": ""}, "SLACK_CLIENT_SECRET"),
        ({**MANY, "slack_encryption_key": ""}, "SLACK_ENCRYPTION_KEY"),
        ({**MANY, "slack_encryption_key": "short"}, "openssl rand"),
        ({**MANY, "slack_signing_secret": ""}, "SLACK_SIGNING_SECRET"),
        ({"slack_bot_token": "xoxb-1"}, "SLACK_APP_TOKEN"),
    ],
)
async def test_what_is_missing_is_named(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    with pytest.raises(ValueError, match=said):
        platforms(Settings(_env_file=None, **settings), database)  # type: ignore[arg-type]
    await database.close()
