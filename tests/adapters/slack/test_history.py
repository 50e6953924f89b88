"""What was written while Trellis was away is read back: all of it, in its order, and known again."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from adapters.contract.adapter import Responder
from adapters.contract.events import MemberLeft, MessagePosted, PlatformEvent, ReactionAdded
from adapters.contract.models import Channel, MessageRef
from bot.clock import MovableClock

from .conftest import START, Bench
from .things import BOT, Fault

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)


def texts(events: list[PlatformEvent]) -> list[str]:
    return [event.message.text for event in events if isinstance(event, MessagePosted)]


async def test_an_old_thread_in_which_somebody_wrote_is_read_too(bench: Bench, clock: MovableClock) -> None:
    clock.move_to(START)
    old = await bench.crowd.say("UMIA", "CHELP", "An old question")
    await bench.crowd.say("UNOAH", "CHELP", "An old answer", thread=old)
    quiet = await bench.crowd.say("UMIA", "CHELP", "Another one")
    await bench.crowd.say("UNOAH", "CHELP", "Answered long ago", thread=quiet)
    await bench.settled()
    clock.move_to(START + timedelta(days=2))
    await bench.kit.slack.stop()
    bench.kit.server.ack_within, bench.kit.server.retry_in = 0.01, 0.0
    since = clock.now()
    place = bench.server.places["CHELP"]
    for user, words, thread in (
        ("UNOAH", "A new answer", old),
        ("UMIA", "A new question", ""),
        ("UMIA", f"<@{BOT}> question list", ""),
        (BOT, "We said that", ""),
    ):
        ts = bench.server.next_ts()
        place.messages[ts] = {"type": "message", "user": user, "ts": ts, "text": words}
        if thread:
            place.messages[ts]["thread_ts"], place.messages[thread]["latest_reply"] = thread, ts
    bench.heard.clear()
    await bench.start()
    await bench.kit.slack.catch_up([bench.help], since)
    assert texts(bench.heard) == ["A new answer", "A new question", "@trellis question list"]
    assert bench.heard[0].message.ref.channel.id == f"CHELP:{old}"  # type: ignore[attr-defined]
    assert len(bench.called("conversations.replies")) == 1, "the thread where nothing happened is left alone"
    ids = [event.id for event in bench.heard]
    await bench.kit.slack.catch_up([bench.help], since)
    assert [event.id for event in bench.heard] == ids * 2


async def test_many_messages_come_page_by_page_oldest_first(bench: Bench) -> None:
    for number in range(450):
        await bench.crowd.say("UMIA", "CHELP", str(number))
    await bench.settled()
    bench.heard.clear()
    await bench.kit.slack.catch_up([bench.help], START - timedelta(minutes=1))
    assert texts(bench.heard) == [str(number) for number in range(450)]
    assert len(bench.called("conversations.history")) == 3


async def test_all_of_a_busy_day_is_read_and_of_the_days_before_so_much(bench: Bench, clock: MovableClock) -> None:
    place = bench.server.places["CHELP"]

    def say(number: int, **more: str) -> None:
        ts = bench.server.next_ts()
        place.messages[ts] = {"type": "message", "user": "UMIA", "ts": ts, "text": str(number), **more}

    for number in range(1300):
        say(number)
    clock.move_to(START + timedelta(hours=2))
    since = clock.now()
    for number in range(1250):
        say(number)
    roots = [*place.messages][1300:1375]
    for number, root in enumerate(roots):
        say(2000 + number, thread_ts=root)
        place.messages[root]["latest_reply"] = next(reversed(place.messages))
    await bench.kit.slack.catch_up([bench.help], since)
    assert texts(bench.heard) == [str(number) for number in (*range(1250), *range(2000, 2075))]
    assert len(bench.called("conversations.history")) == 12, "1,250 messages, and a thousand from before"


async def test_one_thread_can_be_read_by_itself(bench: Bench) -> None:
    root = await bench.crowd.say("UMIA", "CHELP", "A question")
    await bench.crowd.say("UNOAH", "CHELP", "An answer", thread=root)
    await bench.settled()
    bench.heard.clear()
    thread = await bench.kit.slack.open_thread(MessageRef(bench.help, root), "")
    await bench.kit.slack.catch_up([thread], START - timedelta(minutes=1))
    assert texts(bench.heard) == ["A question", "An answer"]


async def test_who_left_and_how_people_reacted_is_read_back(bench: Bench) -> None:
    await bench.crowd.say("UMIA", "CHELP", "Look at this")
    await bench.settled()
    ts = next(reversed(bench.server.places["CHELP"].messages))
    bench.server.places["CHELP"].messages[ts]["reactions"] = [{"name": "sunflower", "users": ["UNOAH"], "count": 1}]
    bench.server.users["UKENJI"]["deleted"] = True
    bench.heard.clear()
    await bench.kit.slack.catch_up([bench.help], START - timedelta(minutes=1))
    said, marked = bench.heard
    assert isinstance(marked, ReactionAdded) and (marked.by.account.id, marked.emoji) == ("UNOAH", "🌻")
    assert isinstance(said, MessagePosted) and marked.message == said.message.ref
    bench.heard.clear()
    await bench.crowd.say("UMIA", "CHELP", "As <@UKENJI> said")
    await bench.settled()
    assert texts(bench.heard) == ["As @Kenji said"], "Slack still says what somebody who left was called"
    bench.heard.clear()
    await bench.kit.slack.catch_up_people(bench.help.space, {"UKENJI": "Kenji", "UMIA": "Mia"}, START)
    (left,) = bench.heard
    assert isinstance(left, MemberLeft) and left.by.account.id == "UKENJI"


async def test_what_slack_lets_us_read_only_later_is_named(bench: Bench) -> None:
    root = await bench.crowd.say("UMIA", "CHELP", "A question")
    await bench.crowd.say("UNOAH", "CHELP", "An answer", thread=root)
    await bench.settled()
    bench.heard.clear()
    since, api = START - timedelta(minutes=1), bench.kit.slack._workspaces.entered["T1"].api
    bench.server.faults["conversations.replies"] = deque([Fault(429, retry_after="120")])
    (thread,) = await bench.kit.slack.catch_up([bench.help], since)
    assert texts(bench.heard) == ["A question"] and thread.id == f"CHELP:{root}"
    bench.server.faults["conversations.history"] = deque([Fault(429, retry_after="120")])
    assert await bench.kit.slack.catch_up([bench.help], since) == [bench.help]
    api._free_at.clear()  # two minutes later
    assert await bench.kit.slack.catch_up([thread], since) == []
    assert texts(bench.heard) == ["A question", "A question", "An answer"]


async def test_what_is_too_much_to_be_read_at_once_is_read_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.history.PAGES", 1)
    monkeypatch.setattr("adapters.slack.history.THREADS", 1)
    roots = [await bench.crowd.say("UMIA", "CHELP", str(number)) for number in range(450)]
    for number in range(450, 455):
        await bench.crowd.say("UNOAH", "CHELP", str(number), thread=roots[number % 4])
    await bench.settled()
    bench.heard.clear()
    places: list[Channel] = [bench.help]
    minutes = 0
    while places:
        places = [*await bench.kit.slack.catch_up(places, START - timedelta(minutes=1))]
        minutes += 1
        assert minutes < 9, "it begins again and again"
    assert {*map(int, texts(bench.heard))} == {*range(455)}
    assert minutes == 4, "the channel in three parts, then all of its threads but one"


async def test_where_slack_lets_a_page_be_read_in_a_minute_all_of_them_are_read_in_the_end(bench: Bench) -> None:
    roots = [await bench.crowd.say("UMIA", "CHELP", str(number)) for number in range(450)]
    for number in range(450, 900):
        await bench.crowd.say("UNOAH", "CHELP", str(number), thread=roots[7])
    await bench.settled()
    bench.heard.clear()
    api = bench.kit.slack._workspaces.entered["T1"].api
    places: list[Channel] = [bench.help]
    minutes = 0
    while places:
        for method in ("conversations.history", "conversations.replies"):
            bench.server.faults[method] = deque([None, *[Fault(429, retry_after="60")] * 9])
        places = [*await bench.kit.slack.catch_up(places, START - timedelta(minutes=1))]
        api._free_at.clear()  # a minute later
        minutes += 1
        assert minutes < 20, "it begins again and again"
    assert sorted(map(int, texts(bench.heard))) == [*range(900)]
    assert minutes == 5


async def test_where_slack_forgot_where_reading_stopped_it_begins_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.history.PAGES", 1)
    monkeypatch.setattr("adapters.slack.history.PAGE", 2)
    for number in range(3):
        await bench.crowd.say("UMIA", "CHELP", str(number))
    await bench.settled()
    bench.heard.clear()
    since = START - timedelta(minutes=1)
    assert await bench.kit.slack.catch_up([bench.help], since) == [bench.help]
    bench.server.faults["conversations.history"] = deque([Fault(error="invalid_cursor")])
    for left in ([bench.help], [bench.help], []):
        assert await bench.kit.slack.catch_up([bench.help], since) == left
    assert {*texts(bench.heard)} == {"0", "1", "2"}


async def test_a_channel_that_the_app_may_not_read_keeps_no_other_from_being_read(bench: Bench) -> None:
    await bench.crowd.say("UMIA", "CHELP", "While you were away")
    await bench.settled()
    bench.heard.clear()
    bench.server.scopes.discard("groups:history")
    closed = Channel(bench.help.space, "CAGENTS")
    bench.server.places["CAGENTS"].private = True
    assert await bench.kit.slack.catch_up([closed, bench.help], START - timedelta(minutes=1)) == []
    assert texts(bench.heard) == ["While you were away"]


async def test_who_gives_up_reading_back_keeps_nothing_from_being_heard(bench: Bench) -> None:
    await bench.crowd.say("UMIA", "CHELP", "Before")
    await bench.settled()
    bench.heard.clear()
    told_again, goes_on = asyncio.Event(), asyncio.Event()

    async def wait(_: PlatformEvent, __: Responder) -> None:
        told_again.set()
        await goes_on.wait()

    bench.answer = wait
    reading = asyncio.create_task(bench.kit.slack.catch_up([bench.help], START - timedelta(minutes=1)))
    await told_again.wait()
    reading.cancel()
    await asyncio.wait([reading])
    bench.answer = None
    goes_on.set()
    await bench.crowd.say("UMIA", "CHELP", "After")
    await bench.until(lambda: texts(bench.heard) == ["Before", "After"])
