"""The manifest: what Slack would accept, and every scope explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.contract.commands import Command, Shortcut
from adapters.contract.forms import Field
from adapters.slack.register import EVENTS, SCOPES, manifest
from bot.cli import app as cli

from . import rules

COMMANDS = [
    Command("ask", "Ask the community", (Field("question", "Question"), Field("topic", "Topic", required=False))),
    Command("event create", "Plan an event", (Field("title", "Title"),)),
    Command("event list", "See what is planned"),
    Command("away", "Say that you're away"),
]
DOCS = Path(__file__).parents[3] / "docs" / "connect-slack.md"


def test_commands_are_offered_by_their_first_word() -> None:
    made = manifest(COMMANDS, [Shortcut("Mark as answer")])
    slashes = {each["command"]: each for each in made["features"]["slash_commands"]}
    assert list(slashes) == ["/trellis", "/ask", "/event"]  # Slack has an /away of its own
    assert slashes["/event"]["usage_hint"] == "create | list"
    assert slashes["/ask"]["usage_hint"] == "question [topic:...]"
    assert all(each["should_escape"] for each in slashes.values())
    assert made["features"]["shortcuts"][0]["callback_id"] == "Mark as answer"
    assert made["settings"]["socket_mode_enabled"] and "url" not in json.dumps(made)


def test_what_starts_a_command_is_a_shortcut_from_anywhere() -> None:
    made = manifest([Command("event create", "Plan a meeting", start="Plan an event")], [Shortcut("Mark as answer")])
    assert [(each["type"], each["name"], each["callback_id"]) for each in made["features"]["shortcuts"]] == [
        ("message", "Mark as answer", "Mark as answer"),
        ("global", "Plan an event", "event create"),
    ]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.skipif(not rules.MANIFEST.exists(), reason=f"Slack's schema of manifests is not there: {rules.MANIFEST}")
def test_the_manifest_of_all_that_there_is_holds_against_slacks_own_schema(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed as `trellis slack-manifest` prints it, in both modes and in each language."""
    monkeypatch.setenv("TRELLIS_LANGUAGE", language)
    at = ["--url", "https://bot.example.org"]
    for arguments, suggests in (([], False), ([], True), (at, False), ([*at, "--rotate-tokens"], True)):
        monkeypatch.setenv("SLACK_SUGGESTED_PROMPTS", str(suggests))
        printed = CliRunner().invoke(cli, ["slack-manifest", *arguments])
        assert printed.exit_code == 0, printed.output
        made = json.loads(printed.stdout)
        assert rules.broken_manifest(made) == []
        assert made["settings"]["token_rotation_enabled"] is ("--rotate-tokens" in arguments)
        kinds = [each["type"] for each in made["features"]["shortcuts"]]
        assert kinds.count("global") == 5 and all(len(each["name"]) <= 24 for each in made["features"]["shortcuts"])
        scopes = made["oauth_config"]["scopes"]
        assert ("assistant:write" in scopes["bot"]) is suggests is ("agent_view" in made["features"])
        if suggests:
            shown = {each["message"]: each["title"] for each in made["features"]["agent_view"]["suggested_prompts"]}
            assert [*shown] == ["ask", "event list", "me", "help"]
            assert shown["help"] == {"en": "What can you do?", "de": "Was kannst du?"}[language]
        assert set(scopes["bot_optional"]) < set(scopes["bot"]), "what is optional is asked for too"


def test_a_prefix_keeps_out_of_the_way_of_others() -> None:
    made = manifest(COMMANDS, [], prefix="t-", url="https://bot.example.org/")
    assert [each["command"] for each in made["features"]["slash_commands"]] == [
        "/trellis",
        "/t-ask",
        "/t-event",
        "/t-away",
    ]
    assert not made["settings"]["socket_mode_enabled"]
    assert {each["url"] for each in made["features"]["slash_commands"]} == {"https://bot.example.org/slack/events"}
    assert made["settings"]["interactivity"]["request_url"] == "https://bot.example.org/slack/events"


def test_what_slack_would_refuse_is_refused_here() -> None:
    with pytest.raises(ValueError, match="slash commands"):
        manifest([Command(f"c{n}", "x") for n in range(60)], [])
    with pytest.raises(ValueError, match="shortcuts"):
        manifest([], [Shortcut(f"s{n}") for n in range(11)])
    with pytest.raises(ValueError, match="the command"):
        manifest([Command("x" * 30, "x")], [], prefix="abc-")
    with pytest.raises(ValueError, match="twice"):
        manifest([Command("trellis", "x")], [])


def test_tokens_do_not_rotate_where_nobody_could_renew_them() -> None:
    with pytest.raises(ValueError, match="say --url too"):
        manifest(COMMANDS, [], rotate_tokens=True)


def test_every_scope_and_event_has_its_reason() -> None:
    made = manifest(COMMANDS, [])
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES) and all(SCOPES.values())
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    page = DOCS.read_text(encoding="utf-8")
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []
