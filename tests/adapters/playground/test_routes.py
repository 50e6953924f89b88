"""HTTP: who is let in, what the page is served with, and the stream of changes."""

from __future__ import annotations

import asyncio
import re
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from adapters.playground import routes

from .conftest import PICTURE, TABLE, World

PAGE = Path(routes.__file__).with_name("page")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1", "[::1", ""]
)
async def test_only_loopback_names_are_answered(world: World, host: str) -> None:
    for path in ("/", "/api/playground/state"):
        answer = await world.client.get(path, headers={"Host": host})
        assert answer.status == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:8080"])
async def test_every_loopback_name_is_answered(world: World, host: str) -> None:
    assert (await world.client.get("/api/playground/state", headers={"Host": host})).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:8080"])
async def test_other_sites_are_refused(world: World, origin: str) -> None:
    body = {"as": "mia", "do": "message", "channel": "general", "text": "hi"}
    status, _ = await world.post("act", body, headers={"Origin": origin})
    assert status == 403
    assert await world.messages("general", "mia") == []


async def test_the_page_itself_is_let_in(world: World) -> None:
    body = {"as": "mia", "do": "message", "channel": "general", "text": "hi"}
    status, _ = await world.post("act", body, headers={"Origin": world.playground.address})
    assert status == 200


async def test_every_file_of_the_page_is_served_strictly(world: World) -> None:
    types = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    for file in PAGE.iterdir():
        answer = await world.client.get(f"/{file.name}")
        assert answer.status == 200
        assert answer.content_type == types[file.suffix]
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-cache"
        again = await world.client.get(f"/{file.name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = await world.client.get(f"/{file.name}", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert await plain.read() == await answer.read() == file.read_bytes()
    assert (await world.client.get("/")).content_type == "text/html"


async def test_nothing_beside_the_page_is_served(world: World) -> None:
    for path in ("/adapter.py", "/../adapter.py", "/%2e%2e/adapter.py", "/page/index.html"):
        assert (await world.client.get(path)).status == 404


def test_the_page_has_no_inline_code() -> None:
    html = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|<script>|\s(style|on\w+)=", html)
    for script in PAGE.glob("*.js"):
        assert "innerHTML" not in script.read_text("utf-8")


async def test_files_are_served_to_be_looked_at_or_saved_and_never_run(world: World) -> None:
    card = (await world.act("mia", "command", channel="general", name="picture"))["posted"][0]["card"]
    assert card["image_text"] == PICTURE.text
    assert [(file["name"], file["size"]) for file in card["files"]] == [(TABLE.name, len(TABLE.content))]
    for url, file, kind, how in (
        (card["image"], PICTURE, "image/png", "inline"),
        (card["files"][0]["url"], TABLE, "text/csv", "attachment"),
    ):
        answer = await world.client.get(url)
        assert (answer.status, answer.content_type, await answer.read()) == (200, kind, file.content)
        assert answer.headers["Content-Disposition"] == f'{how}; filename="{file.name}"'
        assert "default-src 'none'; sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await world.client.get(url, headers={"Host": "evil.example"})).status == 403
    for url in ("/api/playground/files/0/harvest.png", f"{card['image'].rpartition('/')[0]}/harvest.html"):
        assert (await world.client.get(url)).status == 404


async def test_what_an_option_may_be_is_asked_while_someone_types(world: World) -> None:
    query = {"viewer": "mia", "channel": "general", "command": "plant", "option": "bed", "typed": "sha"}
    assert (await world.get("suggest", **query))[1] == {"options": [{"label": "Shady", "value": "shade"}]}
    _, answer = await world.get("suggest", **query | {"option": "plant", "typed": "fe"})
    assert answer == {"options": [{"label": "Fern", "value": "Fern"}]}
    for wrong in ({"option": "colour"}, {"command": "dance"}, {"channel": "nowhere"}):
        assert (await world.get("suggest", **query | wrong))[0] == 404


async def test_too_much_is_refused(world: World) -> None:
    answer = await world.client.post("/api/playground/act", data=BytesIO(b" " * (1024 * 1024 + 1)))
    assert answer.status == 413
    assert "error" in await answer.json()


async def heard(stream: ClientResponse) -> tuple[str, str]:
    """Return the next event of a stream and its data."""
    event = data = ""
    async with asyncio.timeout(30):
        while line := (await stream.content.readline()).decode().strip():
            name, _, value = line.partition(": ")
            event, data = (value, data) if name == "event" else (event, value if name == "data" else data)
    return event, data


async def test_the_stream_tells_each_viewer_what_concerns_them(world: World) -> None:
    async with world.client.get("/api/playground/stream?viewer=mia") as stream:
        assert stream.content_type == "text/event-stream"
        await heard(stream)
        await world.act("noah", "command", channel="general", line="/whisper")
        await world.act("ava", "message", channel="agents", text="quiet")
        await world.act("noah", "message", channel="help", text="loud")
        assert await heard(stream) == ("message", '{"channel": "help"}')
        await world.act("zoe", "join", name="Zoe")
        assert await heard(stream) == ("people", "{}")
        await world.post("clock", {"advance": 1})
        assert await heard(stream) == ("clock", "{}")


async def test_the_stream_ends_when_the_playground_stops(world: World) -> None:
    async with world.client.get("/api/playground/stream?viewer=mia") as stream:
        await heard(stream)
        async with asyncio.timeout(30):
            await world.playground.stop()
            assert await stream.content.read() == b""
