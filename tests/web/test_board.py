"""The board of ideas: every status a column, what members wrote escaped, no name of anyone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.cogs.ideas.pages import Pages
from bot.text.language import Tongues
from storage.database import Database
from storage.ideas import IdeaStore, Status
from storage.members import MemberStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


async def test_the_board_shows_ideas_by_status_and_names_nobody(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/trellis.db")
    await database.upgrade()
    members, ideas = MemberStore(database), IdeaStore(database)
    community = await members.community("slack/T1", "Gardeners & <Co>", "UTC")
    await members.join_space("slack/T1", community.id, "Gardeners")
    mia, _ = await members.arrive(community.id, "slack/T1/mia", "slack/T1", "Mia", NOW)
    for title in ("A <script>alert(1)</script> theme", "Export", "Exports"):
        draft = await ideas.draft(community.id, mia.id, "slack/T1", title, "", NOW)
        await ideas.add(draft.id, NOW)
    await ideas.vote(2, mia.id, NOW, budget=None)
    await ideas.set_status(2, Status.PLANNED, 'For "spring" & summer', NOW)
    await ideas.merge(3, 2, "", NOW)
    served = web.Application()
    served.add_routes(Pages(ideas, members, Tongues()).routes())
    async with TestClient(TestServer(served)) as client:
        response = await client.get("/ideas")
        page = await response.text()
        assert response.status == 200 and "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert (await client.get("/ideas?community=99")).status == 404
        german = await client.get("/ideas", headers={"Accept-Language": "de-AT,en;q=0.5"})
        assert '<html lang="de">' in (words := await german.text()) and "Ideen von" in words
    await database.close()
    assert "<script>" not in page and "A &lt;script&gt;alert(1)&lt;/script&gt; theme" in page
    assert "<h1>Ideas of Gardeners &amp; &lt;Co&gt;</h1>" in page and "Mia" not in page
    columns = dict(re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', page, re.DOTALL))
    assert [*columns] == ["open", "planned", "started", "shipped", "declined", "duplicate"]
    assert "Export" in columns["planned"] and "1 vote<" in columns["planned"]
    assert "For &quot;spring&quot; &amp; summer" in columns["planned"]
    assert '<a href="#idea-2">Goes on in #2</a>' in columns["duplicate"]
