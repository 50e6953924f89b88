"""What can be said is suggested in the direct channel, where the workspace has that; elsewhere nothing is different."""

from __future__ import annotations

import asyncio
from collections import deque

import aiohttp
import pytest

from adapters.contract.commands import Command
from adapters.slack import limits
from adapters.slack.api import Api
from adapters.slack.prompts import prompts
from bot.text.language import Locales

from .conftest import Bench
from .things import BOT_TOKEN, PROMPTS, Fault

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)
SUGGEST = "assistant.threads.setSuggestedPrompts"
COMMANDS = [
    Command("ask", "Ask", start="Ask a question", prompt="Ask a question"),
    Command("queue", "See what waits"),
    Command("event list", "See what is coming up", prompt="What's coming up?"),
    Command("help", "See what you can do", prompt="What can you do?"),
    Command("me", "Your page", prompt="Show me my page"),
    Command("mine", "A fifth, of a cog of one's own", prompt="Water my plants"),
]


async def begin(bench: Bench, *scopes: str, language: str = "en") -> None:
    """Start again in a workspace that grants more."""
    await bench.kit.slack.stop()
    bench.server.scopes |= {*scopes}
    await bench.kit.adapter()
    offered = [command.localized(Locales(language).shared) for command in COMMANDS]
    await bench.kit.slack.start(bench.receive, bench.wants, offered, [], None, bench.inbox)


async def open_messages(bench: Bench, user: str = "UMIA") -> None:
    await bench.crowd.open_home(user, "messages")
    await bench.settled()


async def test_who_opens_the_direct_channel_is_shown_what_can_be_said_in_their_language(bench: Bench) -> None:
    await begin(bench, PROMPTS, language="de")
    bench.server.users["UMIA"]["locale"] = "en-GB"
    await open_messages(bench)
    title, shown = bench.server.prompts["DMIA"]
    assert title == "What would you like to do?" and [(each["title"], each["message"]) for each in shown] == [
        ("Ask a question", "ask"),
        ("What's coming up?", "event list"),
        ("What can you do?", "help"),
        ("Show me my page", "me"),
    ]
    bench.server.users["UNOAH"]["locale"] = "de-DE"
    await open_messages(bench, "UNOAH")
    title, shown = bench.server.prompts["DNOAH"]
    assert title == "Was möchtest du tun?" and shown[2] == {"title": "Was kannst du?", "message": "help"}
    assert not bench.heard, "it is no news to anyone"


async def test_a_workspace_without_them_is_asked_for_none_and_looks_nobody_up(bench: Bench) -> None:
    await begin(bench)
    before = len(bench.server.calls)
    await open_messages(bench)
    assert len(bench.server.calls) == before and not bench.heard


async def test_a_scope_that_was_taken_away_is_told_of_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await begin(bench, PROMPTS)
    bench.server.scopes -= {PROMPTS}
    for _ in range(3):
        await open_messages(bench)
    assert len(bench.called(SUGGEST)) == 1 and "The app lacks assistant:write" in caplog.text
    assert "could not be handled" not in caplog.text and not bench.inbox.kept


@pytest.mark.parametrize(
    "error", ["not_allowed_token_type", "channel_not_found", "feature_not_enabled", "team_access_not_granted"]
)
async def test_where_slack_shows_none_people_are_heard_as_ever(bench: Bench, error: str) -> None:
    await begin(bench, PROMPTS)
    bench.server.faults[SUGGEST] = deque([Fault(error=error)])
    await open_messages(bench)
    await bench.crowd.say("UMIA", "DMIA", "help")
    await bench.settled()
    assert len(bench.heard) == 1 and not bench.server.prompts
    await open_messages(bench)
    assert bench.server.prompts, "the next time it may show them"


async def test_nobody_waits_while_slack_has_prompts_wait(bench: Bench) -> None:
    await begin(bench, PROMPTS)
    held = asyncio.Event()
    bench.server.faults[SUGGEST] = deque([Fault(until=held)])
    await bench.crowd.open_home("UMIA", "messages")
    await bench.crowd.say("UMIA", "DMIA", "help")
    await bench.until(lambda: bench.heard)
    held.set()
    await bench.settled()


async def test_prompts_are_no_messages_of_which_a_channel_gets_one_a_second(bench: Bench) -> None:
    bench.server.scopes |= {PROMPTS}
    await bench.crowd.open_home("UMIA", "messages")
    async with aiohttp.ClientSession() as session:
        api = Api(BOT_TOKEN, f"{bench.server.url}/api/", session, burst=1)
        began = asyncio.get_running_loop().time()
        for _ in range(3):
            await api.call(SUGGEST, channel_id="DMIA", prompts=prompts(COMMANDS))
        assert asyncio.get_running_loop().time() - began < limits.PACE


async def test_the_page_that_slack_puts_before_a_thread_is_no_message(bench: Bench) -> None:
    """An app that was an assistant before is told of the roots of its threads, too."""
    await begin(bench, PROMPTS)
    root = {"type": "message", "subtype": "assistant_app_thread", "user": "UMIA", "ts": "1.000001", "text": "New chat"}
    told = {"type": "message", "channel": "DMIA", "channel_type": "im", "ts": "1.000002", "event_ts": "1.000002"}
    await bench.crowd.happen({**told, **root})
    edited = {**root, "edited": {"user": "UMIA", "ts": "1.000003"}}
    await bench.crowd.happen({**told, "subtype": "message_changed", "message": edited, "previous_message": root})
    await bench.settled()
    assert not bench.heard


async def test_the_check_says_what_is_to_do_for_them(bench: Bench) -> None:
    bench.kit.suggests = True
    await begin(bench)
    (told,) = [check for check in await bench.kit.slack.check([]) if PROMPTS in check.what]
    assert told.ok and "suggest in the direct channel" in told.mend and "reinstall" in told.mend
    bench.server.scopes |= {PROMPTS}
    assert any("It has all 18 scopes" in check.what for check in await bench.kit.slack.check([]))
