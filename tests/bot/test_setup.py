"""`trellis setup`: the page that connects Slack or Discord, against platforms on this machine."""

from __future__ import annotations

import asyncio
import re
import stat
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from bot.setup.draft import Draft
from bot.setup.env_file import Unwritable, write_env
from bot.setup.server import SetupServer
from config.settings import Settings
from tests.adapters.discord.door import DiscordKit
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import APP_TOKEN, BOT_TOKEN
from tests.web.conftest import ROOT


class Page:
    """A browser at the page."""

    def __init__(self, client: ClientSession, base: str) -> None:
        self.client = client
        self.base = base
        self.status = 0
        self.html = ""

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", self.html.partition("<body>")[2] or self.html)))

    async def opens(self, path: str, **headers: str) -> None:
        async with self.client.get(self.base + path, headers=headers) as answer:
            self.status, self.html = answer.status, await answer.text()

    async def sends(self, path: str, *, origin: str | None = None, token: str | None = None, **fields: str) -> None:
        found = re.search(r'name="token" value="([\w-]+)"', self.html)
        sent = {"token": (found[1] if found else "") if token is None else token, **fields}
        headers = {"Origin": self.base if origin is None else origin}
        async with self.client.post(self.base + path, data=sent, headers=headers) as answer:
            self.status, self.html = answer.status, await answer.text()


class Bench:
    """The server with a Slack and a Discord behind it, and a browser that opened its address."""

    def __init__(self, server: SetupServer, page: Page, slack: SlackKit, discord: DiscordKit, env: Path) -> None:
        self.server, self.page, self.slack, self.discord, self.env = server, page, slack, discord, env
        self.address = ""


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.chdir(tmp_path)
    slack, discord = SlackKit(tmp_path, lambda: datetime.now(UTC)), DiscordKit(tmp_path, lambda: datetime.now(UTC))
    await slack.server.start()
    await discord.server.start()
    settings = Settings.model_validate(
        {"SLACK_API_URL": f"{slack.server.url}/api/", "DISCORD_API_URL": discord.server.url}
    )
    env = tmp_path / ".env"
    server = SetupServer(Draft(settings), env)
    address = await server.start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        made = Bench(server, Page(client, address.partition("/?")[0]), slack, discord, env)
        made.address = address.removeprefix(made.page.base)
        await made.page.opens(made.address)
        yield made
    await server.stop()
    await discord.close()
    await slack.close()


async def test_slack_is_connected_and_other_lines_stay(bench: Bench) -> None:
    page = bench.page
    bench.env.write_text("# Ours\nTRELLIS_LOG_LEVEL=DEBUG\nSLACK_BOT_TOKEN=old # first\nUNKNOWN='a b'\nno line\n")
    bench.env.chmod(0o644)
    assert page.status == 200 and "Choose where your community lives." in page.words
    await page.opens("/slack")
    assert '"socket_mode_enabled": true' in page.words and "/trellis" in page.words
    await page.sends("/slack/look", SLACK_BOT_TOKEN="xapp-mixed-up", SLACK_APP_TOKEN="")
    assert "That is not the token that begins with xoxb-" in page.words
    await page.opens("/slack")
    await page.sends("/slack/look", SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN="")
    assert "✓ The bot token is good" in page.words and "Socket Mode" not in page.words
    await page.opens("/slack")
    await page.sends("/slack", SLACK_BOT_TOKEN="xoxb-wrong", SLACK_APP_TOKEN=APP_TOKEN)
    assert page.status == 422 and "The bot token is refused" in page.words
    assert "xoxb-wrong" not in page.html, "a token is never shown again"
    await page.sends("/slack", SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN="")
    assert page.status == 422
    await page.sends("/slack", SLACK_BOT_TOKEN=f" {BOT_TOKEN}\n", SLACK_APP_TOKEN=APP_TOKEN)
    assert page.status == 200 and "Slack takes it" in page.words and "Socket Mode opens." in page.words
    assert "old" in bench.env.read_text(), "nothing is written before the end"

    await page.opens("/community")
    names = dict(re.findall(r'name="(TRELLIS_\w+)" value="([^"]*)"', page.html))
    assert names["TRELLIS_HELP_CHANNELS"] == "help" and names["TRELLIS_AGENT_ROLES"] == "agent,agents"
    await page.sends("/community", **names | {"TRELLIS_TIMEZONE": "Berlin", "TRELLIS_LANGUAGE": "de"})
    assert page.status == 422 and "not a time zone" in page.words
    await page.sends("/community", **names | {"TRELLIS_LANGUAGE": "fr"})
    assert page.status == 422 and "I speak en and de." in page.words
    name = 'Gärten & <Co> "rot" it\'s #1'
    await page.sends("/community", **names | {"TRELLIS_TIMEZONE": "Europe/Berlin", "TRELLIS_COMMUNITY_NAME": name})
    assert page.status == 200 and "✓ Ready." in page.words
    await page.sends("/finish")
    assert "You can close this page" in page.words and bench.server.done.is_set()

    assert stat.S_IMODE(bench.env.stat().st_mode) == 0o600
    written = bench.env.read_text()
    assert written.startswith(
        f"# Ours\nTRELLIS_LOG_LEVEL=DEBUG\nSLACK_BOT_TOKEN='{BOT_TOKEN}'\nUNKNOWN='a b'\nno line\n"
    )
    settings = Settings(_env_file=bench.env)
    assert settings.slack_bot_token.get_secret_value() == BOT_TOKEN and settings.community_name == name
    assert settings.slack_app_token.get_secret_value() == APP_TOKEN and settings.timezone == "Europe/Berlin"
    assert "TRELLIS_HELP_CHANNELS" not in written, "what was not changed is not written"
    assert [*bench.env.parent.glob(".env*")] == [bench.env]


@pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
async def test_discord_is_connected_and_its_invite_is_there(bench: Bench) -> None:
    page = bench.page
    await page.opens("/discord")
    await page.sends("/discord/look", DISCORD_TOKEN="not a token")
    assert "That is no token." in page.words
    await page.opens("/discord")
    await page.sends("/discord", DISCORD_TOKEN="wrong-token")
    assert page.status == 422 and "✗" in page.words
    await page.sends("/discord", DISCORD_TOKEN="")
    assert page.status == 422 and "Please paste the token." in page.words
    await page.sends("/discord", DISCORD_TOKEN=TOKEN)
    assert page.status == 200 and "Discord takes it" in page.words and "Server Members Intent" in page.words
    await page.opens("/")
    await page.sends("/finish")
    assert Settings(_env_file=bench.env).discord_token.get_secret_value() == TOKEN


@pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
async def test_a_bot_that_is_nowhere_yet_has_its_invite(bench: Bench) -> None:
    bench.discord.server.world.guilds.clear()
    await bench.page.opens("/discord")
    await bench.page.sends("/discord", DISCORD_TOKEN=TOKEN)
    assert "✗ In a server" in bench.page.words
    assert 'href="https://discord.com/oauth2/authorize' in bench.page.html


@pytest.mark.parametrize("there", ["a folder", "no text"])
async def test_a_file_that_cannot_be_written_is_said_and_can_be_tried_again(bench: Bench, there: str) -> None:
    if there == "a folder":
        bench.env.mkdir()
    else:
        bench.env.write_bytes(b"A=\xff\xfe\n")
    await bench.page.opens("/slack")
    await bench.page.sends("/slack", SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN)
    await bench.page.opens("/")
    await bench.page.sends("/finish")
    assert bench.page.status == 409 and "Nothing was written:" in bench.page.words and not bench.server.done.is_set()
    bench.env.rename(bench.env.with_name("aside"))
    await bench.page.sends("/finish")
    assert bench.page.status == 200 and Settings(_env_file=bench.env).slack_bot_token.get_secret_value() == BOT_TOKEN


async def test_a_platform_that_does_not_answer_is_no_dead_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.api.AGAIN", 0.02)
    await bench.slack.close()
    await bench.page.opens("/slack")
    await bench.page.sends("/slack", SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN)
    assert bench.page.status == 422 and "✗" in bench.page.words
    await bench.page.opens("/")
    assert bench.page.status == 200 and not bench.env.exists()


async def test_only_the_browser_that_was_given_the_address_comes_in(bench: Bench) -> None:
    page = bench.page
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        other = Page(client, page.base)
        await other.opens(bench.address)
        assert other.status == 410 and "This address was used already." in other.words
        for path in ("/", "/?key=x", "/slack", "/community"):
            await other.opens(path)
            assert other.status in {401, 410}
        await other.opens("/", Cookie="trellis_setup=")
        assert other.status == 401
        await other.sends("/finish")
        assert other.status == 401
    for host in ("evil.example", "evil.example:80", "localhost.evil.example"):
        await page.opens("/slack", Host=host)
        assert page.status == 421 and "manifest" not in page.words
    await page.opens("/")
    form = page.html
    for origin, token in (("https://evil.example", None), ("null", None), ("", None), (None, "made-up"), (None, "")):
        page.html = form
        await page.sends("/finish", origin=origin, token=token)
        assert page.status == 403, (origin, token)
    assert not bench.env.exists() and not bench.server.done.is_set()


def test_what_cannot_be_read_again_is_not_written(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("TRELLIS_TIMEZONE=UTC\n")
    for values in (
        {"TRELLIS_TIMEZONE": "Nowhere"},
        {"TRELLIS_COMMUNITY_NAME": "a\nDISCORD_TOKEN=x"},
        {"TRELLIS_COMMUNITY_NAME": "${HOME}"},
    ):
        with pytest.raises(Unwritable):
            write_env(env, values)
    assert env.read_text() == "TRELLIS_TIMEZONE=UTC\n" and [*tmp_path.iterdir()] == [env]
    (tmp_path / "deep").mkdir()
    link = tmp_path / "deep" / ".env"
    link.symlink_to(env)
    write_env(link, {"TRELLIS_COMMUNITY_NAME": "Moss"})
    assert link.is_symlink() and "Moss" in env.read_text() and stat.S_IMODE(env.stat().st_mode) == 0o600


async def test_the_command_ends_when_it_is_finished(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "setup"),
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "400", "DISCORD_TOKEN": "there-already"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(60):
        line = (await process.stdout.readline()).decode()
        address = line.split()[-1]
        assert address.startswith("http://127.0.0.1:")
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            page = Page(client, address.partition("/?")[0])
            await page.opens(address.removeprefix(page.base))
            await page.sends("/finish")
            assert page.status == 200
        rest = (await process.stdout.read()).decode()
        assert await process.wait() == 0
    assert ".env is written" in rest and stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
