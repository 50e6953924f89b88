"""Settings are told once, in the sections of `config/`; what admins read is made from that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.field import env_name
from config.settings import SECTIONS, Settings, told
from tests.settings import COMPOSE, EXAMPLE, PAGE, ROOT, example, page

AGAIN = "Run `make settings`."
README = (ROOT / "README.md").read_text("utf-8")
FIELDS = {field.alias: field for field in Settings.model_fields.values() if field.alias}

CONTRACT = """
DATABASE_URL DISCORD_TOKEN DISCORD_GUILD_IDS DISCORD_API_URL SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_SIGNING_SECRET
SLACK_API_URL SLACK_COMMAND_PREFIX TRELLIS_COMMUNITY_NAME TRELLIS_TIMEZONE TRELLIS_WEB_HOST TRELLIS_WEB_PORT
TRELLIS_PLAYGROUND TRELLIS_COGS TRELLIS_SPACES TRELLIS_LOG_FORMAT TRELLIS_LOG_LEVEL
"""
"""Names that people rely on, and that no field may lose."""


def test_all_settings_stand_in_a_section() -> None:
    assert [name for _, name, _ in told()] == [*dict.fromkeys(name for _, name, _ in told())]
    assert {name for _, name, _ in told()} == Settings.model_fields.keys()


def test_names_are_made_from_the_fields() -> None:
    assert {name: field.alias for name, field in Settings.model_fields.items()} == {
        name: env_name(name) for name in Settings.model_fields
    }
    assert {*CONTRACT.split()} <= FIELDS.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_says_in_one_line_what_it_does(name: str) -> None:
    said = FIELDS[name].description
    assert said and re.fullmatch(r"\S[^\n]{1,120}\.", said)


def test_the_example_is_made_from_the_sections() -> None:
    assert EXAMPLE.read_text("utf-8") == example(), AGAIN


def test_the_page_is_made_from_the_sections() -> None:
    words = PAGE.read_text("utf-8")
    assert words == page(words), AGAIN
    assert words.count("| setting | default |") == len(SECTIONS)
    rows = re.findall(r"^\| `([A-Z_]+)` \|", words, re.MULTILINE)
    assert rows == [env_name(name) for _, name, _ in _by_page(words)]


def _by_page(words: str) -> list[tuple[type, str, object]]:
    """Return all settings in the order in which the page has its sections."""
    return sorted(told(), key=lambda one: words.index(f"\n## {vars(one[0])['heading']}\n"))


def test_nothing_else_is_named() -> None:
    named = re.findall(r"`((?:TRELLIS|SLACK|DISCORD|DATABASE)_[A-Z_]+)[=`]", README + PAGE.read_text("utf-8"))
    assert set(named) <= FIELDS.keys()
    assert "POSTGRES_PASSWORD=" in "".join(COMPOSE.values())


def test_the_example_is_a_file_that_trellis_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    everything = tmp_path / "everything.env"
    everything.write_text(re.sub(r"^# ([A-Z_]+=)", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    untouched = Settings(_env_file=None)
    for file in (EXAMPLE, everything):
        read = Settings(_env_file=file)
        assert read.model_dump(exclude={"community_file"}) == untouched.model_dump(exclude={"community_file"})
        assert read.community() == untouched.community()
