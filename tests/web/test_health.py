"""What whoever runs Trellis asks over HTTP: does it live, can it do its work, and what has it counted?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from yarl import URL

from adapters.contract.shards import Hearing
from bot import health
from bot.bootstrap import Runtime, build
from bot.kernel.pulse import Pulse
from bot.kernel.self_check import SelfCheck
from config.settings import Settings
from storage.jobs import JobStore

TOKEN = "a-canary-of-a-token"


@asynccontextmanager
async def at_work(database_file: Path) -> AsyncIterator[Runtime]:
    """A playground whose past nobody tells."""
    url = f"sqlite:///{database_file}"
    settings = {"DATABASE_URL": url, "TRELLIS_WEB_PORT": "0", "TRELLIS_METRICS_TOKEN": TOKEN}
    runtime = await build(Settings.model_validate(settings))
    await runtime.web.start()
    await runtime.app.start()
    runtime.health.open = True
    yield runtime
    await runtime.stop()


@pytest.fixture
async def runtime(database_file: Path) -> AsyncIterator[Runtime]:
    async with at_work(database_file) as runtime:
        yield runtime


async def asks(runtime: Runtime, path: str) -> tuple[int, dict[str, Any]]:
    async with ClientSession() as client, client.get(f"{runtime.web.address}{path}") as answer:
        return answer.status, await answer.json()


async def metrics(runtime: Runtime, token: str = TOKEN) -> dict[str, float]:
    """Return what is read, a sample by its name and labels."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession() as client:
        answer = await client.get(f"{runtime.web.address}/metrics", headers=headers)
        assert answer.status == 200 and answer.content_type == "text/plain"
        words = await answer.text()
    assert TOKEN not in words
    return {
        " ".join((sample.name, *(f"{key}={value}" for key, value in sorted(sample.labels.items())))): sample.value
        for family in text_string_to_metric_families(words)
        for sample in family.samples
    }


async def acts(runtime: Runtime, **act: Any) -> None:
    async with ClientSession() as client:
        answer = await client.post(f"{runtime.web.address}/api/playground/act", json=act)
        assert answer.status == 200, await answer.text()


async def test_a_trellis_that_works_says_so_and_names_what_it_looked_at(runtime: Runtime) -> None:
    assert await asks(runtime, "/healthz") == (200, {"status": "ok"})
    status, told = await asks(runtime, "/readyz")
    assert status == 200 and told["status"] == "ok"
    assert {"database", "playground", "backlog", "disk"} <= told["checks"].keys()
    assert told["checks"]["backlog"] == {"ok": True, "depth": 0, "oldest_seconds": 0}
    assert told["checks"]["disk"]["free_bytes"] > 0


async def test_one_whose_clock_is_wrong_is_not_ready(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    (adapter,) = runtime.app.adapters.values()
    monkeypatch.setattr(adapter, "skew", 61.0)
    status, told = await asks(runtime, "/readyz")
    assert status == 503 and told["checks"]["playground"] == {"ok": False, "clock_skew_seconds": 61}


async def test_one_that_does_not_hear_its_platform_is_not_ready(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (adapter,) = runtime.app.adapters.values()
    monkeypatch.setattr(type(adapter), "connected", False)
    status, told = await asks(runtime, "/readyz")
    assert status == 503 and not told["checks"]["playground"]["ok"]
    monkeypatch.setattr(type(adapter), "stands_by", True)
    assert (await asks(runtime, "/readyz"))[0] == 200, "another process hears it"


async def test_one_that_starts_or_stops_is_not_ready(runtime: Runtime) -> None:
    runtime.health.open = False
    assert (await asks(runtime, "/healthz"))[0] == 503
    assert await asks(runtime, "/readyz") == (503, {"status": "unavailable", "checks": {"started": {"ok": False}}})


async def test_one_that_cannot_write_lives_but_is_not_ready(runtime: Runtime) -> None:
    refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON processes BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    async with runtime.app.database.write() as connection:
        await connection.execute(text(refuse))
    status, told = await asks(runtime, "/readyz")
    assert status == 503 and not told["checks"]["database"]["ok"]
    assert (await asks(runtime, "/healthz"))[0] == 200, "to start it again would mend nothing"
    async with runtime.app.database.write() as connection:
        await connection.execute(text("DROP TRIGGER refuse"))
    assert (await asks(runtime, "/readyz"))[0] == 200


async def test_one_that_does_not_keep_up_is_not_ready(runtime: Runtime) -> None:
    now = runtime.app.clock.now()
    await runtime.app.scheduler.stop()
    await JobStore(runtime.app.database).put("nobody.does:1", now - timedelta(minutes=20), None, "late")
    status, told = await asks(runtime, "/readyz")
    backlog = told["checks"]["backlog"]
    assert status == 503 and not backlog["ok"] and backlog["depth"] == 1 and backlog["oldest_seconds"] >= 1200
    read = await metrics(runtime)
    assert read["trellis_queue_depth queue=jobs"] == 1 and read["trellis_queue_oldest_seconds queue=jobs"] >= 1200


async def test_a_disk_that_is_nearly_full_is_told(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOW", 10**18)
    status, told = await asks(runtime, "/readyz")
    assert status == 503 and not told["checks"]["disk"]["ok"]


async def test_what_happens_is_counted_and_nobody_is_named(runtime: Runtime) -> None:
    before = await metrics(runtime)
    await acts(runtime, **{"as": "mia", "do": "command", "channel": "ideas", "line": "/idea add title:Canaries"})
    await acts(runtime, **{"as": "noah", "do": "command", "channel": "ideas", "line": "/idea add"})
    read = await metrics(runtime)
    event = "kind=LineTyped platform=playground"
    assert read["trellis_event_seconds_count kind=LineTyped outcome=ok platform=playground"] == 2
    assert read[f"trellis_event_kept_seconds_count {event}"] >= 1
    assert read["trellis_delivery_seconds_count act=post outcome=ok platform=playground"] >= 1
    assert read["trellis_database_seconds_count"] > before["trellis_database_seconds_count"]
    assert read["trellis_connected platform=playground"] == 1 and read["trellis_dead_letters"] == 0
    assert read["process_resident_memory_bytes"] > 0
    assert not [name for name in read if "mia" in name.casefold() or "canaries" in name.casefold()]


@pytest.mark.parametrize("brought", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer \xff"])
async def test_who_does_not_bring_the_token_reads_nothing(runtime: Runtime, brought: str) -> None:
    async with ClientSession() as client:
        answer = await client.get(f"{runtime.web.address}/metrics", headers={"Authorization": brought})
        assert answer.status == 401 and not await answer.text()


async def test_a_token_that_is_no_text_is_a_wrong_one(runtime: Runtime) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(runtime.web.address).port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


async def test_without_a_token_there_are_no_metrics(database_file: Path) -> None:
    url = f"sqlite:///{database_file}"
    runtime = await build(Settings.model_validate({"DATABASE_URL": url, "TRELLIS_WEB_PORT": "0"}))
    await runtime.web.start()
    async with ClientSession() as client:
        assert (await client.get(f"{runtime.web.address}/metrics")).status == 404
    await runtime.stop()


async def test_that_it_no_longer_checks_itself_is_told(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stands_still(_: datetime) -> None: ...

    check, now = runtime.app.self_check, runtime.app.clock.now()
    monkeypatch.setattr(check, "run_if_due", stands_still)
    check.ran_at = now - timedelta(minutes=50)
    assert (await asks(runtime, "/readyz"))[1]["checks"]["self_check"]["ok"]
    check.ran_at = now - timedelta(hours=3)
    status, told = await asks(runtime, "/readyz")
    assert status == 503 and not told["checks"]["self_check"]["ok"]


@pytest.mark.parametrize("hanging", ["run_if_due", "beat"])
async def test_neither_the_heartbeat_nor_the_self_check_waits_for_the_other(
    database_file: Path, monkeypatch: pytest.MonkeyPatch, hanging: str
) -> None:
    monkeypatch.setattr("bot.kernel.application.BEAT_SECONDS", 0.01)
    done: Counter[str] = Counter()
    enough, freed = asyncio.Event(), asyncio.Event()

    def watch(owner: type, name: str) -> None:
        whole = getattr(owner, name)

        async def watched(*args: Any) -> Any:
            if name == hanging:
                await freed.wait()
            result = await whole(*args)
            done[name] += 1
            if done[name] == (5 if name == "beat" else 1):
                enough.set()
            return result

        monkeypatch.setattr(owner, name, watched)

    watch(SelfCheck, "run_if_due")
    watch(Pulse, "beat")
    async with at_work(database_file):
        try:
            await asyncio.wait_for(enough.wait(), 30)
            assert not done[hanging]
        finally:
            freed.set()


async def test_the_shards_of_a_platform_are_named(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    hearing = {0: Hearing.HERE, 1: Hearing.ELSEWHERE, 2: Hearing.HERE, 3: Hearing.NOBODY}
    monkeypatch.setattr(runtime.app.adapters["playground"], "shards", hearing, raising=False)
    _, told = await asks(runtime, "/readyz")
    assert told["checks"]["playground"]["shards"] == {"here": [0, 2], "elsewhere": [1], "nobody": [3]}
    read = await metrics(runtime)
    assert [read[f"trellis_shard platform=playground shard={number}"] for number in hearing] == [1, 0, 1, 0]
