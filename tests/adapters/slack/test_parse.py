"""What Slack sends becomes the right event, and nothing that it sends makes reading fail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.events import (
    FormSubmitted,
    LineTyped,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
)
from adapters.contract.models import Account, Channel, Profile, Space
from adapters.slack import envelope, parse
from adapters.slack.parse import Facts
from tests.examples import tried

from . import values

SPACE = Space("slack", "T1")
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PEOPLE = {"UMIA": Profile(Account(SPACE, "UMIA"), "Mia")}
FACTS = Facts(SPACE, "UBOT", NOW, people=PEOPLE)


def slash(command: str, text: str, facts: Facts = FACTS) -> LineTyped:
    body = {"command": command, "text": text, "user_id": "UMIA", "channel_id": "C1", "trigger_id": "1.2"}
    event = parse.read(body, facts)
    assert isinstance(event, LineTyped)
    return event


def happened(**event: Any) -> Any:
    return parse.read({"type": "event_callback", "event_id": "Ev1", "event": event}, FACTS)


@pytest.mark.parametrize(
    "command, text, line",
    [
        ("/ask", "How do I &lt;b&gt;?", "ask How do I <b>?"),
        ("/ask", 'topic:"web" Why “oh” why', 'ask topic:"web" Why “oh” why'),
        ("/event", "create Tea  time", "event create Tea  time"),
        ("/trellis", "event create Tea", "event create Tea"),
        ("/trellis", "ask &amp;amp;", "ask &amp;"),
        ("/ask", "", "ask"),
        ("/event", "", "event"),
    ],
)
def test_a_slash_command_is_a_line_that_begins_with_its_word(command: str, text: str, line: str) -> None:
    event = slash(command, text)
    assert (event.line, event.before, event.named) == (line, "/trellis ", ())
    assert event.channel == Channel(SPACE, "C1") and event.by.name == "Mia"


def test_who_is_mentioned_in_a_line_stands_apart() -> None:
    event = slash("/thanks", "<@UMIA|mia> <#C2|help> for all of it, <@UMIA>! :tada:")
    assert event.line == "thanks \ue000 \ue001 for all of it, \ue002! 🎉"
    assert [(named.key, named.text) for named in event.named] == [
        ("slack/T1/UMIA", "@Mia"),
        ("slack/T1/C2", "#help"),
        ("slack/T1/UMIA", "@Mia"),
    ]


def test_a_prefix_is_taken_off() -> None:
    facts = Facts(SPACE, "UBOT", NOW, prefix="t-")
    event = slash("/t-event", "create Tea", facts)
    assert event.line == "event create Tea"


def test_what_mentions_us_is_one_message_however_often_it_is_told() -> None:
    text, ts = "<@UBOT> thanks <@UMIA|mia>, see <#C2|help>", "1772445600.000200"
    said = {"user": "UMIA", "channel": "C1", "ts": ts, "thread_ts": "1772445600.000100", "text": text}
    one, two = happened(type="message", **said), happened(type="app_mention", **said)
    assert isinstance(one, MessagePosted) and one.id == two.id and one.message == two.message
    assert one.message.mentions_us and one.message.ref.channel.id == "C1:1772445600.000100"
    assert [(named.key, named.text) for named in one.message.named] == [
        ("", "@someone"),
        ("slack/T1/UMIA", "@Mia"),
        ("slack/T1/C2", "#help"),
    ]
    keys = {
        envelope.key({"type": "event_callback", "event_id": f"Ev{kind}", "event": {**said, "type": kind, **more}})
        for kind in ("message", "app_mention")
        for more in ({}, {"edited": {"user": "UMIA", "ts": "1772445700.000100"}})
    }
    assert len(keys) == 2, "an edit may be the first to mention us"


def test_a_message_is_plain_words() -> None:
    text = "Hi <@UMIA>, see <#C2|help> and <https://x.org/?a=1&amp;b=2|docs> :tada: <!here> <mailto:a@b.org|a@b.org>"
    text += " &lt;3 :own:"
    event = happened(type="message", user="UMIA", channel="C1", ts="1772445600.000200", text=text)
    assert isinstance(event, MessagePosted)
    assert event.message.text == "Hi @Mia, see #help and docs (https://x.org/?a=1&b=2) 🎉 @here a@b.org <3 :own:"
    assert event.message.ref.key == "slack/T1/C1/1772445600.000200" and event.at == NOW.replace(microsecond=200)
    assert event.message.parent is None and event.message.thread is None


def test_what_was_forwarded_is_a_quote_and_speaks_to_nobody() -> None:
    shared = {
        "is_share": True,
        "author_name": "Noah",
        "text": "Run <https://x.org|this>, <@UBOT> or <@UMIA>\nThen restart.",
    }
    event = happened(type="message", user="UMIA", channel="C1", ts="1.000001", text="From #ops:", attachments=[shared])
    assert event.message.text == "From #ops:\n> Run this (https://x.org), @someone or @Mia\n> Then restart."
    assert not event.message.mentions_us and not event.message.named
    preview = {**shared, "is_share": False, "is_msg_unfurl": True}
    event = happened(type="message", user="UMIA", channel="C1", ts="1.000001", text="", attachments=[preview])
    assert event.message.text.startswith("> Run this")
    event = happened(
        type="message", user="UMIA", channel="C1", ts="1.000001", text="<https://x>", attachments=[preview]
    )
    assert event.message.text == "https://x"
    assert envelope.people_in({"type": "event_callback", "event": {"user": "UNOAH", "attachments": [shared]}}) == {
        "UNOAH",
        "UBOT",
        "UMIA",
    }


def test_a_message_of_nothing_but_blocks_has_their_words() -> None:
    said = [
        {"type": "text", "text": "Hi "},
        {"type": "user", "user_id": "UBOT"},
        {"type": "text", "text": " "},
        {"type": "emoji", "name": "tada"},
    ]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": said}]}
    other = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    event = happened(type="message", user="UMIA", channel="C1", ts="1.000001", text="", blocks=[other, block])
    assert event.message.text == "Hi @someone 🎉" and event.message.mentions_us


def test_code_is_left_as_it_is_and_times_are_written_out() -> None:
    text = "`user:key:1` and ```:tada: <https://x.org>``` :key: at <!date^1772445600^{date}|today>, <!subteam^S1>"
    event = happened(type="message", user="UMIA", channel="C1", ts="1772445600.000200", text=text)
    assert event.message.text == ("`user:key:1` and ```:tada: https://x.org``` 🔑 at 2026-03-02 10:00 UTC, @a group")


def test_no_raw_id_is_shown_of_whom_and_what_nobody_can_name() -> None:
    text = "<@UGONE>, <@UGONE|>, <#C9>, <!subteam^S1>, <!subteam^S9>, <!subteam^S2|@crew>: user:key:1, 10:30:15 :key:"
    shown = parse.words_of(text, replace(FACTS, groups={"S1": "helpers"}))
    assert shown == "@someone, @someone, #channel, @helpers, @a group, @crew: user:key:1, 10:30:15 🔑"
    assert happened(type="message", user="UGONE", channel="C1", ts="1.000001", text="x").by.name == "someone"


def test_a_channel_without_a_label_is_called_by_its_name() -> None:
    body = {"command": "/ask", "text": "see <#C2> and <#C3|>, <#C4|general>", "user_id": "UMIA", "channel_id": "C1"}
    assert envelope.channels_in(body) == {"C2", "C3"}
    event = slash("/ask", body["text"], replace(FACTS, channels={"C2": "help"}))
    assert [named.text for named in event.named] == ["#help", "#channel", "#general"]


def test_a_thread_is_a_channel_of_its_own() -> None:
    event = happened(type="message", user="UMIA", channel="C1", ts="2.000001", thread_ts="1.000001", text="x")
    assert event.message.ref.channel.id == "C1:1.000001" and event.message.parent == Channel(SPACE, "C1")
    root = happened(type="message", user="UMIA", channel="C1", ts="1.000001", thread_ts="1.000001", text="x")
    assert root.message.ref.channel.id == "C1" and root.message.thread == Channel(SPACE, "C1:1.000001")


def test_what_is_gone_is_told() -> None:
    before = {"user": "UMIA", "ts": "2.000001", "thread_ts": "1.000001"}
    event = happened(
        type="message", subtype="message_deleted", channel="C1", deleted_ts="2.000001", previous_message=before
    )
    assert isinstance(event, MessageDeleted) and event.message.key == "slack/T1/C1:1.000001/2.000001"
    tomb = {"subtype": "tombstone", "ts": "1.000001"}
    event = happened(type="message", subtype="message_changed", channel="C1", message=tomb, previous_message=before)
    assert isinstance(event, MessageDeleted) and event.message.id == "1.000001"


EDITED = {"user": "UMIA", "ts": "2.000001", "text": "new", "edited": {"user": "UMIA", "ts": "5.000001"}}


@pytest.mark.parametrize(
    "message, before, is_edit",
    [
        (EDITED, {**EDITED, "text": "old", "edited": {"ts": "4.000001"}}, True),
        (EDITED, {"user": "UMIA", "ts": "2.000001", "text": "old"}, True),
        (EDITED, None, True),
        ({**EDITED, "attachments": [{"from_url": "https://example.org"}]}, EDITED, False),
        ({**EDITED, "pinned_to": ["C1"]}, EDITED, False),
        ({"user": "UMIA", "ts": "2.000001", "text": "x", "attachments": []}, {"user": "UMIA", "ts": "2.000001"}, False),
        ({"user": "UMIA", "ts": "2.000001", "text": "x", "edited": {}}, None, False),
        ({**EDITED, "user": "UBOT"}, None, False),
        ({**EDITED, "bot_id": "B2"}, None, False),
        ({**EDITED, "subtype": "bot_message"}, None, False),
        ({**EDITED, "subtype": "file_share"}, None, True),
    ],
)
def test_an_edit_is_what_people_changed(message: dict[str, Any], before: dict[str, Any] | None, is_edit: bool) -> None:
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": message, "ts": "9.000001"}
    event |= {"previous_message": before} if before else {}
    assert envelope.matters({"type": "event_callback", "event": event}, "UBOT") == is_edit
    if is_edit:
        told = happened(**event)
        assert isinstance(told, MessageEdited) and (told.message.text, told.message.ref.id) == ("new", "2.000001")
        assert told.id == "edit-C1-2.000001-5.000001" and told.at.timestamp() == 5.000001
        assert told.by.account.id == "UMIA"


def test_people_come_and_go() -> None:
    assert isinstance(happened(type="team_join", user={"id": "UMIA"}), MemberJoined)
    assert isinstance(happened(type="user_change", user={"id": "UMIA", "deleted": True}), MemberLeft)
    assert happened(type="user_change", user={"id": "UMIA"}) is None


def test_a_reaction_has_its_character() -> None:
    item = {"type": "message", "channel": "C1", "ts": "2.000001"}
    event = happened(type="reaction_added", user="UMIA", reaction="+1::skin-tone-3", item=item)
    assert isinstance(event, ReactionAdded) and event.emoji == "👍"
    assert happened(type="reaction_added", user="UMIA", reaction="party_parrot", item=item).emoji == "party_parrot"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "bot_id": "B2", "text": "x"},
        {"type": "message", "subtype": "bot_message", "text": "x"},
        {"type": "message", "subtype": "channel_join", "user": "UMIA"},
        {"type": "message", "subtype": "message_changed", "message": {"text": "edited"}},
        {"type": "message", "user": "UBOT", "text": "ours"},
        {"type": "reaction_added", "user": "UMIA", "item": {"type": "file"}},
        {"type": "pin_added", "user": "UMIA"},
    ],
)
def test_what_is_no_news_is_not_stored(event: dict[str, Any]) -> None:
    assert not envelope.matters({"type": "event_callback", "event": event}, "UBOT")


def test_a_link_that_was_followed_is_no_news() -> None:
    assert not envelope.matters({"type": "block_actions", "actions": [{"action_id": "trellis.link:0"}]}, "UBOT")


def test_answers_are_read_by_kind() -> None:
    state = {
        "text": {"type": "plain_text_input", "value": "a <b> & c"},
        "none": {"type": "plain_text_input", "value": None},
        "box": {"type": "checkboxes", "selected_options": []},
        "who": {"type": "users_select", "selected_user": "UMIA"},
        "where": {"type": "conversations_select", "selected_conversation": "C2"},
        "when": {"type": "datetimepicker", "selected_date_time": 1772445600},
        "one": {"type": "static_select", "selected_option": {"value": "1"}},
    }
    view = {
        "type": "modal",
        "callback_id": "a.b:1",
        "private_metadata": '{"channel": "C1", "thread": "1.000001", "origin": "t1"}',
        "state": {"values": {name: {"answer": value} for name, value in state.items()}},
    }
    event = parse.read({"type": "view_submission", "user": {"id": "UMIA"}, "view": view, "trigger_id": "1"}, FACTS)
    assert isinstance(event, FormSubmitted) and event.call == "a.b:1" and event.channel.id == "C1:1.000001"
    assert dict(event.answers) == {
        "text": "a <b> & c",
        "none": "",
        "box": "false",
        "who": "slack/T1/UMIA",
        "where": "slack/T1/C2",
        "when": "2026-03-02T10:00:00+00:00",
        "one": "1",
    }


def test_a_key_names_one_delivery_and_gives_no_secret_away() -> None:
    press = {"type": "block_actions", "trigger_id": "13.secret", "actions": [{"action_ts": "1.1"}]}
    assert envelope.key(press) == envelope.key({**press, "token": "x"})
    assert envelope.key(press) != envelope.key({**press, "trigger_id": "14.secret"})
    assert "secret" not in envelope.key(press)
    assert envelope.key({"event_id": "Ev1"}) == "Ev1"
    assert "hooks" not in repr(envelope.origin({**press, "response_url": "https://hooks.slack.com/x", "user": "U1"}))


@tried(300)
@given(values.some, st.sampled_from(["/ask", "/trellis", "/event", "/thanks"]))
def test_any_line_can_be_read(line: str, command: str) -> None:
    assert isinstance(slash(command, line).line, str)


@tried(300)
@given(values.some)
def test_any_message_can_be_read(raw: str) -> None:
    event = happened(type="message", user="UMIA", channel="C1", ts="1.000001", text=raw)
    assert event is None or isinstance(event.message.text, str)


REFERENCE = st.sampled_from(("<@U9|x>", "<@U9>", "<#C9>", "<#C9|x>", "<!here>", "<!subteam^S9>", "<!date^17^{date}|x>"))


@given(st.lists(st.tuples(st.text("ab <|>&;:`\n", max_size=6), REFERENCE), min_size=1, max_size=4))
def test_no_reference_is_shown_as_it_is_sent(pieces: list[tuple[str, str]]) -> None:
    raw = "".join(escaped(words) + reference for words, reference in pieces)
    shown = parse.words_of(raw, FACTS)
    assert not re.search(r"[UCS]9|\^", shown)


def escaped(words: str) -> str:
    """Return words as Slack sends them."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
