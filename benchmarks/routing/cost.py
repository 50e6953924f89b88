"""What one decision costs with many questions in the store: these are made up."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.cogs.questions.peers import choose_peers
from storage.help import help_
from storage.numbers import counters
from storage.questions import questions

from ..datasets import empty_database
from .data import Asked
from .replay import SPACE, UTC_ZONE, WAVE, Room
from .score import spent

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PEOPLE, WORDS, DECISIONS, AT_ONCE = 300, 20_000, 60, 5_000


async def cost(number: int, store: str) -> dict[str, Any]:
    """Return a row with how long a decision takes among so many questions, each with somebody's help."""
    rng = random.Random(1)

    def word() -> str:
        return f"word{min(WORDS - 1, int(rng.paretovariate(0.6)))}"

    async with empty_database(store) as database:
        room = Room(database)
        await room.open()
        async with database.unit():
            ids = [await room.meet(f"person{one}", NOW) for one in range(PEOPLE)]
        for start in range(0, number, AT_ONCE):
            asked, helped = [], []
            for id_ in range(start + 1, min(start + AT_ONCE, number) + 1):
                at = NOW - timedelta(minutes=5 * (number - id_))
                row: dict[str, Any] = {"id": id_, "number": id_, "community_id": room.community}
                row |= {"asker_id": rng.choice(ids), "title": word(), "details": "", "topic": "t"}
                row |= {"state": "closed", "audience": "peers", "space": SPACE}
                asked.append(row | {"created_at": at, "active_at": at})
                terms = json.dumps({word(): 1 + place % 3 for place in range(60)})
                given = {"community_id": room.community, "question_id": id_, "member_id": rng.choice(ids)}
                helped.append(given | {"terms": terms, "credit": 0, "at": at, "version": id_})
            async with database.write() as connection:
                await connection.execute(insert(questions), asked)
                await connection.execute(insert(help_), helped)
        async with database.write() as connection:
            counts = [{"community_id": room.community, "name": name, "value": number} for name in ("help", "questions")]
            await connection.execute(insert(counters), counts)
        times = []
        for _ in range(DECISIONS):
            title, details = (" ".join(word() for _ in range(length)) for length in (8, 60))
            async with database.unit():
                question = await room.ask(Asked("person1", title, details, "t", 0), NOW)
            start_at = time.perf_counter()
            wave = choose_peers(question, await room.evidence(question, NOW), NOW, UTC_ZONE, WAVE)
            times.append((time.perf_counter() - start_at) * 1000)
            await room.peers.offer(question.id, 1, {one.member.id: one.pack() for one in wave}, NOW)
    measures = dict.fromkeys(("mrr", "hit1", "hit5", "hit10", "wave", "top5_share"), 0.0)
    return {
        "set": f"{number:,} questions",
        "store": store,
        "n": len(times),
        **measures,
        "most_a_day": 0,
        **spent(times),
    }
