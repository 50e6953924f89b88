"""Somebody in front of the page, in a real browser."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

WIDE, PHONE = (1280, 800), (390, 844)


class Visitor:
    """Someone with the page open. `trouble` is what the browser complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.trouble: list[str] = []
        page.on("console", lambda line: self.trouble.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))

    async def opens(self, place: str, viewer: str = "mia") -> None:
        start = f"localStorage.setItem('tour', '5'); localStorage.setItem('viewer', '{viewer}')"
        await self.page.add_init_script(f"if (!localStorage.getItem('viewer')) {{ {start} }}")
        await self.page.goto(f"{self.address}/#/{place}")
        await expect(self.page.locator("#talk-title")).not_to_be_empty()
        await expect(self.page.locator("#talk-log > *, .empty > *").first).to_be_attached()  # what comes now is news

    async def types(self, *keys: str) -> None:
        """Type words, or press keys that are written in angle brackets."""
        for key in keys:
            if key.startswith("<"):
                await self.page.keyboard.press(key[1:-1])
            else:
                await self.page.keyboard.type(key)

    async def holds_up(self, path: str) -> tuple[asyncio.Event, asyncio.Event]:
        """Hold up the next request there. Return what is set once it has been made, and what is set to let it go."""
        made, let_go = asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            made.set()
            await let_go.wait()
            await route.continue_()

        await self.page.route(f"**/{path}", hold, times=1)
        return made, let_go

    async def focus(self) -> str:
        """Return the id of what has the focus, or what it says."""
        return str(await self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
