"""What every answer of the web server says, and what none does."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from bot.kernel.web import WebServer


async def test_no_answer_says_what_serves_it_or_may_be_framed() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="A page", headers={"Content-Security-Policy": "default-src 'none'"})

    async def plain(_: web.Request) -> web.Response:
        return web.Response(text="A page")

    server = WebServer("127.0.0.1", 0, [web.get("/page", page), web.get("/plain", plain)])
    await server.start()
    try:
        async with aiohttp.ClientSession(server.address) as session:
            for path, policy in (
                ("/plain", "frame-ancestors 'none'"),
                ("/nowhere", "frame-ancestors 'none'"),
                ("/page", "default-src 'none'"),
            ):
                async with session.get(path) as answer:
                    assert "Server" not in answer.headers
                    assert answer.headers["Content-Security-Policy"] == policy
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        await server.stop()
