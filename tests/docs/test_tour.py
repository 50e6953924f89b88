"""The README's tour is walked in the playground as it is written: what it says to type and to press works."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.bootstrap import build
from config.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
(TOUR,) = re.findall(r"^## A two-minute tour\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
STEPS: dict[str, str] = {
    name: " ".join(step.split())
    for name, step in re.findall(r"^\d\. \*\*(.+?)\.\*\*(.*?)(?=^\d\. |^$)", TOUR, re.DOTALL | re.MULTILINE)
}
"""What each step says, by its name."""


class Page:
    """What a browser on the playground asks for."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def act(self, who: str, do: str, **more: Any) -> dict[str, Any]:
        answer = await self.session.post("/api/playground/act", json={"as": who, "do": do, **more})
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())

    async def sends(self, who: str, channel: str, words: str) -> dict[str, Any]:
        """Send what is written in the box: a command, or words."""
        if words.startswith("/"):
            return await self.act(who, "command", channel=channel, line=words)
        return await self.act(who, "message", channel=channel, text=words)

    async def presses(self, who: str, label: str, on: dict[str, Any]) -> dict[str, Any]:
        (button,) = [control["id"] for control in on["controls"] if control["label"] == label]
        return await self.act(who, "press", message=on["id"], control=button)

    async def reads(self, who: str, words: str, channel: str) -> dict[str, Any]:
        """Return the newest message of a channel that says this."""
        answer = await self.session.get("/api/playground/messages", params={"viewer": who, "channel": channel})
        found = [message for message in (await answer.json())["messages"] if words in words_of(message)]
        assert found, f"{who} does not read “{words}” in {channel}"
        return dict(found[-1])

    async def skips(self, **how: Any) -> None:
        answer = await self.session.post("/api/playground/clock", json=how)
        assert answer.status == 200, await answer.text()


def words_of(message: dict[str, Any]) -> str:
    card = message["card"] or {"title": "", "body": "", "fields": []}
    fields = [field["value"] for field in card["fields"]]
    return "\n".join((message["text"], card["title"], card["body"], *fields))


def typed(step: str) -> list[str]:
    """Return what a step says to send."""
    return re.findall(r"`([^`]+)`", STEPS[step])


def pressed(step: str, label: str) -> str:
    """Return a button's label, which the step names."""
    assert f"**{label}**" in STEPS[step]
    return label


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    program = await build(
        Settings.model_validate(
            {
                "TRELLIS_PLAYGROUND": "on",
                "TRELLIS_WEB_PORT": "0",
                "DATABASE_URL": f"sqlite:///{tmp_path / 'trellis.db'}",
            }
        )
    )
    await program.start()
    try:
        async with ClientSession(program.web.address) as session:
            yield Page(session)
    finally:
        await program.stop()


async def test_the_tour_is_as_the_readme_tells_it(page: Page) -> None:
    assert [*STEPS] == ["Ask", "Help", "Solve", "No need to ask", "Nobody answers", "Events", "A week later"]

    (question,) = typed("Ask")
    (card,) = [
        message for message in (await page.sends("mia", "help", question))["posted"] if message["channel"] == "help"
    ]
    thread = f"t-{card['id']}"
    asked = await page.reads("noah", "Could one of you help", thread)
    assert len(asked["pings"]) == 3 and asked["card"]["body"].count(", you") == 3

    await page.presses("noah", pressed("Help", "I can help"), asked)
    await page.sends("noah", thread, "Under Settings, Webhooks: the old one works for another day.")

    await page.presses("mia", pressed("Solve", "Mark as solved"), await page.reads("mia", "rotate the webhook", "help"))
    assert "the old one works" in words_of(await page.reads("mia", "Solved by @Noah", "help"))
    await page.reads("noah", "@Noah solved this. Thank you!", thread)

    (again,) = typed("No need to ask")
    shown = await page.sends("sofia", "help", again)
    assert not shown["posted"] and "the old one works" in words_of(shown["replies"][0])
    assert {control["label"] for control in shown["replies"][0]["controls"]} == {
        pressed("No need to ask", "This solved it"),
        pressed("No need to ask", "Post my question"),
    }

    said, duty = typed("Nobody answers")
    await page.sends("mia", "help", said)
    assert "skip **an hour**" in STEPS["Nobody answers"]
    await page.skips(advance=3600)
    await page.reads("ava", "nobody answered in 30 minutes", "agents")
    await page.sends("ava", "agents", duty)
    handed = await page.reads("ava", "Could you take it?", "agents")
    await page.presses("ava", pressed("Nobody answers", "Claim"), handed)

    workshop = await page.reads("sofia", "Bring a laptop.", "events")
    await page.presses("sofia", pressed("Events", "Can't"), workshop)
    await page.reads("omar", "@Omar", f"t-{workshop['id']}")

    (thanks,) = typed("A week later")
    assert thanks.startswith("/thanks")
    await page.sends("mia", "general", thanks)
    await page.skips(advance=7 * 86_400)
    await page.reads("mia", "@Mia thanked @Noah", "general")
    await page.reads("mia", "has most votes", "ideas")
