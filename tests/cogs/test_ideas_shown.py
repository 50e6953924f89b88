"""Every state of an idea, without a platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.models import Channel, Space
from bot.cogs.ideas.cards import View
from bot.cogs.ideas.lifecycle import IdeaLifecycle, IdeaSnapshot
from bot.kernel.lifecycle import Standing, Telling
from storage.ideas import Idea, Status
from storage.postings import Posted

from .shown import check_golden, member, written

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOME = Channel(Space("slack", "T1"), "C1")


def lifecycle() -> IdeaLifecycle:
    nothing: Any = None
    return IdeaLifecycle(nothing, nothing, nothing, nothing)


IDEA = Idea(
    *(7, 1, 3, 1, "A dark theme", "White hurts.", Status.OPEN, "", 0, None, None, "slack/T1"),
    *(NOW, NOW, None, None, None),
)
MIA, NOAH = member(1, "Mia"), member(2, "Noah")
CARD = Posted(1, 1, "idea", 7, "card", "slack/T1", None, "slack/T1/C1", "slack/T1/C1/5", "slack/T1/C1:5", "", NOW, None)


def snapshot(idea: Idea = IDEA, *, stands: bool = True, **view: Any) -> IdeaSnapshot:
    standing = Standing([CARD] if stands else [], lambda ref: f"https://x.example/{ref.id}")
    return IdeaSnapshot(NOW, View(idea, 2, MIA, standing.link("card"), **view), (NOAH,), (HOME,), standing)


def changed(status: Status, **facts: Any) -> Idea:
    return replace(IDEA, status=status, changes=1, changed_at=NOW, note="Because we can", **facts)


def test_what_is_shown_of_an_idea() -> None:
    into = replace(IDEA, id=8, number=4, title="Themes")
    check_golden(
        "ideas",
        lifecycle(),
        {
            "new": snapshot(stands=False),
            "open": snapshot(),
            "in segments": snapshot(segments={"customer": 1, "partner": 1}),
            **{status.value: snapshot(changed(status)) for status in (Status.PLANNED, Status.STARTED)},
            **{status.value: snapshot(changed(status)) for status in (Status.SHIPPED, Status.DECLINED)},
            "merged": snapshot(changed(Status.DUPLICATE, merged_into=8), into=into, into_link="https://x.example/9"),
        },
    )


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_news_are_only_told_where_the_card_stands(status: Status) -> None:
    told = [
        line
        for line in written(lifecycle().shown(snapshot(changed(status), stands=False))).splitlines()
        if "[change" in line
    ]
    assert not told
    assert "[change/1] to Noah" in written(lifecycle().shown(snapshot(changed(status))))


def test_old_news_are_not_told_again() -> None:
    old = replace(changed(Status.PLANNED), changed_at=NOW - timedelta(days=30))
    [_, news] = lifecycle().shown(snapshot(old))
    assert isinstance(news, Telling) and news.at == old.changed_at
