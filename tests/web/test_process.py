"""The whole of Trellis as a process, connected to a Discord and a Slack on this machine by nothing but its settings."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import subprocess
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from bot.cli import app
from tests import launching
from tests.adapters.discord import people
from tests.adapters.discord.door import DiscordKit
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.slack.crowd import Crowd
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import APP_TOKEN, BOT_TOKEN, Fault

from .conftest import ROOT, Trellis

QUESTION = "How do I rotate the webhook secret?"


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await happened():  # noqa: ASYNC110 - another process has no event of ours
            await asyncio.sleep(0.05)


@pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
async def test_one_process_is_at_home_on_both_platforms(tmp_path: Path) -> None:
    discord = DiscordKit(tmp_path, lambda: datetime.now(UTC))
    slack = SlackKit(tmp_path, lambda: datetime.now(UTC))
    await discord.server.start()
    await slack.server.start()
    trellis = Trellis(
        tmp_path,
        DISCORD_TOKEN=TOKEN,
        DISCORD_API_URL=discord.server.url,
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_API_URL=f"{slack.server.url}/api/",
    )
    try:
        await asyncio.to_thread(trellis.start)
        assert "playground" not in trellis.log
        help_ = next(id_ for id_, channel in discord.server.world.channels.items() if channel["name"] == "help")
        await people.use(discord.server, discord.ids["mia"], help_, "ask", {"question": QUESTION})

        async def on_discord() -> bool:
            return any(QUESTION in str(kept.data) for kept in discord.server.world.messages.values() if not kept.reader)

        await until(on_discord)

        await Crowd(slack.server).slash("UMIA", "CHELP", "/ask", QUESTION)

        async def on_slack() -> bool:
            return any(QUESTION in str(call) for call in slack.server.calls)

        await until(on_slack)
        assert await asyncio.to_thread(trellis.stop) == 0
        log = trellis.log
        assert "Traceback" not in log
        assert TOKEN not in log and BOT_TOKEN not in log and APP_TOKEN not in log
    finally:
        if trellis.process and trellis.process.poll() is None:
            await asyncio.to_thread(trellis.stop)
        await discord.close()
        await slack.close()


@pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
async def test_a_refused_token_ends_the_process_with_what_to_do(tmp_path: Path) -> None:
    discord = DiscordKit(tmp_path, lambda: datetime.now(UTC))
    await discord.server.start()
    try:
        ended = await asyncio.to_thread(
            run, tmp_path, "run", DISCORD_TOKEN="not-the-token", DISCORD_API_URL=discord.server.url
        )
        assert ended.returncode == 78
        assert "DISCORD_TOKEN" in ended.stderr and "Traceback" not in ended.stderr
    finally:
        await discord.server.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("platform", ["discord", "slack", "postgresql"])
async def test_it_stops_when_told_to_while_nothing_can_be_reached(
    tmp_path: Path, platform: str, how: signal.Signals
) -> None:
    """Whoever is asked takes the connection, and never says a word."""
    reached, gone = asyncio.Event(), asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()
        gone.set()

    silent = await asyncio.start_server(hear, "127.0.0.1", 0)
    there = f"127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    settings = {
        "discord": {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": f"http://{there}/api"},
        "slack": {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": f"http://{there}/api/"},
        "postgresql": {"DATABASE_URL": f"postgresql://trellis:x@{there}/trellis"},
    }
    trellis = Trellis(tmp_path, **settings[platform])
    trellis.launch()
    try:
        async with asyncio.timeout(30):
            await reached.wait()
        assert await asyncio.to_thread(trellis.stop, how, 8) == 0
        assert "Traceback" not in trellis.log
    finally:
        trellis.end()
        async with asyncio.timeout(10):
            await gone.wait()
        silent.close()


@pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
async def test_what_waits_for_a_platform_that_cannot_be_reached_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    discord = DiscordKit(tmp_path, lambda: datetime.now(UTC))
    await discord.server.start()
    trellis = Trellis(
        tmp_path,
        DISCORD_TOKEN=TOKEN,
        DISCORD_API_URL=discord.server.url,
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_API_URL="http://127.0.0.1:9/api/",
    )
    trellis.launch()
    try:

        async def connected() -> bool:
            return bool(discord.server.sockets)

        await until(connected)
        help_ = next(id_ for id_, channel in discord.server.world.channels.items() if channel["name"] == "help")
        asking = asyncio.create_task(
            people.use(discord.server, discord.ids["mia"], help_, "ask", {"question": QUESTION})
        )
        await asyncio.sleep(0.2)
        assert await asyncio.to_thread(trellis.stop, signal.SIGTERM, 8) == 0
        assert "Traceback" not in trellis.log
        asking.cancel()
    finally:
        trellis.end()
        await discord.server.close()


async def test_what_waits_does_not_keep_it_from_ending_where_it_cannot_start(tmp_path: Path) -> None:
    slack = SlackKit(tmp_path, lambda: datetime.now(UTC))
    await slack.server.start()
    slack.server.faults["conversations.info"] = deque([Fault(429, retry_after="2")])
    trellis = Trellis(
        tmp_path,
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_API_URL=f"{slack.server.url}/api/",
        TRELLIS_HELP_CHANNELS="slack/T1/CNOWHERE",
    )
    process = trellis.launch()
    try:

        async def looking() -> bool:
            return any(method == "conversations.info" for method, _ in slack.server.calls)

        await until(looking)
        await Crowd(slack.server).slash("UMIA", "CHELP", "/ask", QUESTION)
        assert await asyncio.to_thread(process.wait, 10) == 78
        assert "The help channel slack/T1/CNOWHERE does not exist" in " ".join(trellis.log.split())
        assert "Traceback" not in trellis.log
    finally:
        trellis.end()
        await slack.close()


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TRELLIS_WEB_PORT": "0", **settings}
    return launching.run(*words, folder=folder, environment=environment)


def test_check_says_what_is_fine_and_what_to_do(tmp_path: Path) -> None:
    before = run(tmp_path, "check")
    assert before.returncode == 1 and "trellis db upgrade" in before.stdout
    assert run(tmp_path, "db", "upgrade").returncode == 0
    after = run(tmp_path, "check")
    assert after.returncode == 0 and "✗" not in after.stdout


@pytest.mark.parametrize(
    "name,value,says",
    [
        ("TRELLIS_TIMEZONE", "Atlantis", "Europe/Berlin"),
        ("TRELLIS_SPACES", "slack", "slack/T123"),
        ("DATABASE_URL", "mysql://x", "sqlite"),
        ("DATABASE_URL", "sqlite:///trellis.db?foo=bar", "does not know: foo"),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1/x?foo=bar", "does not know: foo"),
        ("TRELLIS_OFFICE_HOURS", "always", "mon-fri"),
        ("TRELLIS_COMMUNITY_FILE", "nowhere.toml", "community file"),
        ("TRELLIS_WEB_HOST", "0.0.0.0", "TRELLIS_PLAYGROUND=on"),
        ("TRELLIS_PLAYGROUND", "off", "nothing to run"),
        ("TRELLIS_COGS", "[/red]:cogs", "TRELLIS_COGS: '[/red]:cogs' is not of the form package.module:factory."),
    ],
)
def test_a_wrong_setting_is_one_plain_sentence(tmp_path: Path, name: str, value: str, says: str) -> None:
    ended = run(tmp_path, "run", **{name: value})
    assert ended.returncode == 78
    assert says in " ".join(ended.stderr.split()) and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "status,body",
    [
        (404, b"not found"),
        (200, b"<html>hello</html>"),
        (200, b"[1]"),
        (200, b'{"ok": true}'),
        (200, b'{"ok": false, "error": "\\u001b[31m"}'),
    ],
)
async def test_what_is_not_slack_is_told_in_a_line(tmp_path: Path, status: int, body: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            status=status, body=body, content_type="application/json" if body[0] in b"{[" else "text/html"
        )

    elsewhere = web.Application()
    elsewhere.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(elsewhere) as server:
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": str(server.make_url("/api/")),
        }
        ended = await asyncio.to_thread(run, tmp_path, "run", **settings)
        checked = await asyncio.to_thread(run, tmp_path, "check", **settings)
    assert ended.returncode == 1 and checked.returncode == 1
    assert [line for line in ended.stderr.splitlines() if "auth.test" in line][-1].startswith("✗ auth.test: ")
    for told in (ended.stderr, checked.stdout + checked.stderr):
        assert "Traceback" not in told and "\x1b" not in told and BOT_TOKEN not in told


def test_a_cog_from_the_folder_where_trellis_starts_is_offered(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "timers.py").write_text(code, "utf-8")
    mine = {"TRELLIS_COGS": "timers:Timers"}
    assert '"/timer"' in run(tmp_path, "slack-manifest", **mine).stdout
    assert run(tmp_path, "db", "upgrade").returncode == 0
    assert run(tmp_path, "check", **mine).returncode == 0
    for command in ("check", "slack-manifest", "run"):
        ended = run(tmp_path, command, TRELLIS_COGS="timers:Timer")
        assert ended.returncode, command
        assert "TRELLIS_COGS: timers has no function or class 'Timer'." in ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_second_process_on_one_sqlite_file_is_refused_kindly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_file: Path
) -> None:
    trellis = Trellis(tmp_path)
    trellis.launch()
    try:
        lock, deadline = Path(f"{database_file}-lock"), time.monotonic() + 60
        while not lock.exists() or not lock.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        monkeypatch.chdir(tmp_path)
        admins = CliRunner()
        for command in (["dead", "list"], ["import", "list"], ["check"], ["db", "upgrade"]):
            done = admins.invoke(app, command)
            assert done.exit_code == 0, done.output
        ended = run(tmp_path, "run")
        assert ended.returncode == 78 and "Traceback" not in ended.stderr
        (line,) = ended.stderr.splitlines()
        assert "✗ Trellis already runs on trellis.db" in line and trellis.process and str(trellis.process.pid) in line
    finally:
        trellis.end()


def test_a_damaged_database_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "trellis.db").write_bytes(b"not a database at all" * 500)
    ended = run(tmp_path, "run")
    assert ended.returncode == 78 and "damaged" in ended.stderr and "Traceback" not in ended.stderr


def test_a_database_of_a_newer_trellis_is_told_in_a_line(tmp_path: Path, database_file: Path) -> None:
    with closing(sqlite3.connect(database_file)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.execute("UPDATE compatibility SET lowest = '9998'")
    ended = run(tmp_path, "run")
    assert ended.returncode == 78 and "Traceback" not in ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("✗")]
    assert "The database is of a newer Trellis" in line and "revision 9999" in line
    checked = run(tmp_path, "check")
    assert checked.returncode == 1 and "of a newer Trellis" in checked.stdout


def test_what_is_pasted_at_slack_and_discord(tmp_path: Path) -> None:
    manifest = run(tmp_path, "slack-manifest")
    assert manifest.returncode == 0 and '"slash_commands"' in manifest.stdout and "/ask" in manifest.stdout
    invite = run(tmp_path, "discord-invite", "123")
    assert invite.stdout.startswith("https://discord.com/oauth2/authorize?client_id=123")
    token = "MTIzNDU2Nzg5.made.up"  # the first part says 123456789
    assert "client_id=123456789&" in run(tmp_path, "discord-invite", DISCORD_TOKEN=token).stdout
    assert "General Information" in " ".join(run(tmp_path, "discord-invite").stderr.split())


def test_the_first_start_says_what_it_is_busy_with_and_a_later_one_does_not(lived: Path, trellis: Trellis) -> None:
    grows = "A small community is growing for you to try things in."
    assert (lived / "log").read_text().count(grows) == 1
    assert grows not in trellis.log
