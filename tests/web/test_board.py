"""The board of ideas: every status a column, what members wrote escaped, no name of anyone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from adapters.contract.models import Space
from bot.bootstrap import build
from bot.cogs.ideas.ideas_page import IdeasPage
from bot.text.language import Locales
from config.settings import Settings
from storage.database import Database
from storage.idea_votes import IdeaVoteStore
from storage.ideas import IdeaStore, Status
from storage.members import MemberStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


async def test_the_board_shows_ideas_by_status_and_names_nobody(database_file: Path) -> None:
    database = Database(f"sqlite:///{database_file}")
    members, ideas, votes = MemberStore(database), IdeaStore(database), IdeaVoteStore(database)
    community = await members.community("slack/T1", "Gardeners & <Co>", "UTC")
    await members.join_space("slack/T1", community.id, "Gardeners")
    mia, _ = await members.arrive(community.id, "slack/T1/mia", "slack/T1", "Mia", NOW)
    for title in ("A <script>alert(1)</script> theme", "Export", "Exports"):
        draft = await ideas.draft(community.id, mia.id, "slack/T1", title, "", NOW)
        await ideas.add(draft.id, NOW)
    await votes.vote(2, mia.id, NOW, budget=None)
    await ideas.set_status(2, Status.PLANNED, 'For "spring" & summer', NOW)
    await ideas.merge(3, 2, "", NOW)
    foreign = await members.community("slack/T2", "Canary's community", "UTC")
    await members.join_space("slack/T2", foreign.id, "Canaries")
    noah, _ = await members.arrive(foreign.id, "slack/T2/noah", "slack/T2", "Noah", NOW)
    draft = await ideas.draft(foreign.id, noah.id, "slack/T2", "A canary's idea", "", NOW)
    await ideas.add(draft.id, NOW)
    served = web.Application()
    served.add_routes(IdeasPage(ideas, votes, members, Space("slack", "T1"), Locales()).routes())
    async with TestClient(TestServer(served)) as client:
        response = await client.get("/ideas")
        page = await response.text()
        assert response.status == 200 and "default-src 'none'" in response.headers["Content-Security-Policy"]
        others = await client.get(f"/ideas?community={foreign.id}")
        assert "Canary" not in page and await others.text() == page
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


async def test_words_from_right_to_left_begin_on_the_right(database_file: Path) -> None:
    database = Database(f"sqlite:///{database_file}")
    members, ideas, votes = MemberStore(database), IdeaStore(database), IdeaVoteStore(database)
    community = await members.community("slack/T1", "בוסתן", "UTC")
    await members.join_space("slack/T1", community.id, "בוסתן")
    mia, _ = await members.arrive(community.id, "slack/T1/mia", "slack/T1", "Mia", NOW)
    draft = await ideas.draft(community.id, mia.id, "slack/T1", "وضع ليلي", "", NOW)
    await ideas.add(draft.id, NOW)
    await ideas.set_status(1, Status.PLANNED, "في الربيع", NOW)
    served = web.Application()
    served.add_routes(IdeasPage(ideas, votes, members, Space("slack", "T1"), Locales()).routes())
    async with TestClient(TestServer(served)) as client:
        page = await (await client.get("/ideas")).text()
    await database.close()
    assert '<h3 dir="auto">وضع ليلي' in page and '<p dir="auto">في الربيع</p>' in page
    assert "<h1>Ideas of \u2068בוסתן\u2069</h1>" in page, "a sentence of ours goes on from left to right"


@pytest.mark.parametrize(
    "headers,status",
    [
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:8080"}, 403),
        ({"Host": "10.0.0.1"}, 403),
        ({"Host": "localhost", "Origin": "https://evil.example"}, 403),
    ],
)
async def test_only_a_browser_on_this_machine_sees_the_playgrounds_board(
    database_file: Path, headers: dict[str, str], status: int
) -> None:
    url = f"sqlite:///{database_file}"
    runtime = await build(Settings.model_validate({"DATABASE_URL": url, "TRELLIS_WEB_PORT": "0"}))
    members, ideas = MemberStore(runtime.app.database), IdeaStore(runtime.app.database)
    for space, title in (("slack/T1", "A canary's idea"), ("playground/demo", "More benches")):
        community = await members.community(space, space, "UTC")
        await members.join_space(space, community.id, space)
        member, _ = await members.arrive(community.id, f"{space}/x", space, "X", NOW)
        await ideas.add((await ideas.draft(community.id, member.id, space, title, "", NOW)).id, NOW)
    await runtime.web.start()
    async with ClientSession() as client:
        for query in ("", "?community=1"):
            answer = await client.get(f"{runtime.web.address}/ideas{query}", headers=headers)
            words = await answer.text()
            assert answer.status == status and "canary" not in words
            assert ("More benches" in words) is (status == 200)
    await runtime.stop()
