"""The least that a bot on Slack can be: Bolt over Socket Mode, which hears every message and answers `/ping`.

It is started with SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_API_URL, as Trellis is, and is written as Bolt's
documentation begins.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

URL = os.environ["SLACK_API_URL"]


async def serve() -> None:
    """Serve until the process is ended."""
    app = AsyncApp(client=AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=URL))

    @app.event("message")
    async def on_message(event: Any) -> None: ...

    @app.command("/ping")
    async def ping(ack: Any, respond: Any) -> None:
        await ack()
        await respond("pong")

    token = os.environ["SLACK_APP_TOKEN"]
    handler = AsyncSocketModeHandler(app, token, web_client=AsyncWebClient(token=token, base_url=URL))
    await handler.start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    asyncio.run(serve())
