"""Whatever is drawn is accepted by Slack, pings no one who is not meant, and breaks no markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given

from adapters.contract.call import Call
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account, Channel
from adapters.contract.text import (
    ENGLISH,
    ChannelLink,
    Code,
    Link,
    Mention,
    Strong,
    Text,
    Time,
    TimeStyle,
    say,
    text,
    written,
)
from adapters.contract.ui import Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from adapters.slack import modal, render
from adapters.slack.markup import Home, draw_text, inert
from tests.examples import tried

from . import rules, values

HOME = Home(values.HOME, "https://lane.slack.com/")
MIA = Account(values.HOME, "UMIA")
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)

LARGE = (HealthCheck.data_too_large, HealthCheck.large_base_example)


def test_the_schema_is_at_hand() -> None:
    if not rules.SCHEMA.exists():
        pytest.skip(rules.NO_SCHEMA)
    assert rules.against("KnownBlock", {"type": "header"})
    assert not rules.against("KnownBlock", {"type": "divider"})


@tried(150, suppress=LARGE)
@given(values.cards())
def test_any_card_is_accepted_and_pings_whom_it_names(card: Card) -> None:
    message = render.message(card, HOME)
    assert rules.broken_message(message) == []
    assert rules.pings_in({**message, "parse": "none"}) <= {each.id for each in card.pings if each.space == values.HOME}
    json.dumps(message).encode()


@tried(50, suppress=LARGE)
@given(values.cards(), values.some)
def test_any_card_is_accepted_with_its_picture_and_as_a_page_or_modal(card: Card, note: str) -> None:
    message = render.message(card, HOME, "F012345678", note)
    assert rules.broken_message(message) == []
    for view in (render.page(message, "{}"), render.notice(message, "{}", ENGLISH)):
        assert rules.broken_view(view) == []
    pictures = [block for block in message["blocks"] if block["type"] == "image"]
    assert len(pictures) == bool(card.picture)


@tried(150, suppress=LARGE)
@given(values.dialogs)
def test_any_dialog_is_accepted(dialog: Dialog) -> None:
    view = modal.modal(dialog, "{}")
    assert rules.broken_view(view) == []
    refusal = modal.refusal(dialog, [field.name for field in dialog.fields])
    if refusal["response_action"] == "errors":
        assert refusal["errors"].keys() <= {field.name for field in dialog.fields}
    else:
        assert rules.broken_view(refusal["view"]) == []


@tried(400)
@given(values.some)
def test_the_words_of_a_member_mean_nothing_to_slack(raw: str) -> None:
    drawn = inert(raw)
    assert rules.broken_mrkdwn(drawn) == []
    assert rules.live_marks(drawn) == []
    # Even where words are read for mentions (as `verbatim` text is not), nobody is called.
    assert rules.pings_in({"text": drawn}) == set()


@given(values.some)
def test_nothing_is_lost_of_ordinary_words(raw: str) -> None:
    def shown(words: str) -> str:
        plain = words.replace("\u200b", "").replace("ˋ", "`")
        return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    unseen = dict.fromkeys(
        [
            *range(9),
            *range(11, 32),
            *range(127, 160),
            *range(0xD800, 0xE000),
            *range(0x202A, 0x202F),
            *range(0x2066, 0x206A),
            0x200B,
        ]
    )
    assert shown(inert(raw)) == raw.translate(unseen)


def test_spans_look_as_they_should() -> None:
    words = (
        text("See ")
        + Strong("this*one")
        + " and "
        + Code("a`b<c>")
        + ", "
        + Link("docs & more", "https://x.org/?a=1&b=2")
    )
    assert draw_text(words, HOME) == "See *this*one* and `aˋb&lt;c&gt;`, <https://x.org/?a=1&amp;b=2|docs &amp; more>"
    assert draw_text(text(Link("run", "javascript:alert(1)")), HOME) == "run"
    assert draw_text(text(Code("x\ny", block=True)), HOME) == "```\nx\ny\n```"
    assert draw_text(text(Time(AT)), HOME) == "<!date^1772445600^{date_long} at {time}|02 Mar 2026, 10:00 UTC>"
    assert "{ago}" in draw_text(text(Time(AT, TimeStyle.RELATIVE)), HOME)
    assert draw_text(text(ChannelLink(Channel(values.HOME, "C1:17.1"), "help")), HOME) == "<#C1>"
    assert draw_text(text(ChannelLink(Channel(values.ELSEWHERE, "22"), "help")), HOME) == "#help"


def test_a_mention_leads_to_a_person_and_calls_only_who_is_pinged() -> None:
    body = text("Ask ") + Mention("Mia", (MIA,)) + " or " + Mention("Lea", (Account(values.ELSEWHERE, "5"),))
    quiet, loud = render.message(Card("", body), HOME), render.message(Card("", body, pings=(MIA,)), HOME)
    assert quiet["blocks"][0]["text"]["text"] == "Ask <https://lane.slack.com/team/UMIA|@Mia> or @Lea"
    assert [block["text"]["text"] for block in loud["blocks"]] == ["Ask <@UMIA> or @Lea"]
    assert "<@" not in loud["text"]


def test_whom_a_card_calls_stands_once_and_behind_its_words() -> None:
    """Slack shows on a desktop how the blocks of a message begin."""
    names = text(Mention("Mia", (MIA,))) + "\n" + "It starts now."
    for body in (text("It starts now."), names):
        blocks = render.message(Card(body=body, footer="Reminder", pings=(MIA,)), HOME)["blocks"]
        assert [block["text"]["text"] for block in blocks[:-1]] == ["It starts now.", "<@UMIA>"]


def test_a_card_is_drawn_block_by_block() -> None:
    card = Card(
        "How?",
        "Like this.",
        fields=(CardField("State", "open"),),
        footer="#1",
        tone=Tone.DONE,
        buttons=(Button("Go", Call("a.b", ("1",))), LinkButton("Read", "https://example.org")),
        menu=Menu("Pick", Call("a.c"), (Option("One", "1"), Option("Two", "2")), most=2),
    )
    message = render.message(card, HOME)
    assert [block["type"] for block in message["blocks"]] == [
        "header",
        "section",
        "section",
        "context",
        "actions",
        "actions",
    ]
    assert message["blocks"][0]["text"]["text"] == "✅ How?" and message["text"] == "How?"
    assert message["blocks"][2]["text"]["text"] == "*State* open"
    assert message["blocks"][4]["elements"][0]["action_id"] == "a.b:1"
    assert message["blocks"][5]["elements"][0]["max_selected_items"] == 2


def test_a_cards_emoji_says_what_it_is_about_and_what_waits_has_none() -> None:
    event = render.message(Card("Workshop", tone=Tone.WAITING, emoji="📅"), HOME)
    assert event["blocks"][0]["text"]["text"] == "📅 Workshop" and event["text"] == "Workshop"
    assert render.message(Card("Workshop", tone=Tone.WAITING), HOME)["blocks"][0]["text"]["text"] == "Workshop"


def test_a_command_is_named_as_it_is_typed_there() -> None:
    card = Card(body=say("Say “/away”, “/event list” or “/duty on”.").localized(ENGLISH))
    (plain,) = render.message(card, HOME)["blocks"]
    assert plain["text"]["text"] == "Say “/trellis away”, “/event list” or “/duty on”."
    (behind,) = render.message(card, replace(HOME, prefix="t-"))["blocks"]
    assert behind["text"]["text"] == "Say “/t-away”, “/t-event list” or “/t-duty on”."


def test_a_long_text_goes_on_in_the_next_section_and_is_cut_between_words() -> None:
    raw = "if (a < b && c > d) " * 150  # 3,000 characters, 5,400 after escaping
    blocks = render.message(Card("", raw), HOME)["blocks"]
    drawn = [block["text"]["text"] for block in blocks]
    assert len(drawn) == 2 and all(len(piece) <= 3000 for piece in drawn)
    assert all(piece.endswith((" ", "…", ")")) for piece in drawn)
    code = render.message(Card("", written("```\n" + "x < y;\n" * 420 + "```")), HOME)["blocks"]
    assert all(
        block["text"]["text"].startswith("```\n") and block["text"]["text"].endswith("\n```") for block in code[:-1]
    )


def test_inputs_are_drawn_by_kind_and_prefilled() -> None:
    fields = (
        Field("who", "Who", Kind.MEMBER, value=MIA.key),
        Field("where", "Where", Kind.CHANNEL, value="slack/T1/C1:17.1"),
        Field("sure", "Sure", Kind.BOOLEAN, value="true"),
        Field("when", "When", Kind.MOMENT, value="2026-03-02T10:00:00+00:00"),
        Field("which", "Which", Kind.CHOICE, choices=(Option("A", "a"), Option("B", "b")), value="b"),
    )
    elements = [block["element"] for block in modal.modal(Dialog("Plan", Call("a.b"), fields))["blocks"]]
    assert elements[0]["type"] == "users_select" and elements[0]["initial_user"] == "UMIA"
    assert elements[1]["type"] == "conversations_select" and elements[1]["initial_conversation"] == "C1"
    assert elements[2]["type"] == "checkboxes" and elements[2]["initial_options"]
    assert elements[3] == {"action_id": "answer", "type": "datetimepicker", "initial_date_time": 1772445600}
    assert elements[4]["initial_option"]["value"] == "b"
    soon = Field("when", "When", Kind.MOMENT, value="next Thursday", error="Which one?")
    blocks = modal.modal(Dialog("Plan", Call("a.b"), (soon,), problem="Not yet"))["blocks"]
    assert [block["type"] for block in blocks] == ["section", "input", "context"]
    assert blocks[1]["element"]["initial_value"] == "next Thursday"


def test_what_is_wrong_stands_at_its_input_or_above_the_form() -> None:
    fields = (Field("a", "A", value="1", error="No."), Field("b", "B", value="2"))
    dialog = Dialog("Plan", Call("a.b"), fields)
    assert modal.refusal(dialog, ["a", "b"]) == {"response_action": "errors", "errors": {"a": "No."}}
    assert modal.refusal(dialog, ["b"])["response_action"] == "update"
    whole = modal.refusal(Dialog("Plan", Call("a.b"), fields, problem="Full."), ["a", "b"])
    assert whole["response_action"] == "update" and "Full." in whole["view"]["blocks"][0]["text"]["text"]


def test_what_was_wrong_before_does_not_stay_in_the_form() -> None:
    wrong = Dialog("Plan", Call("a.b"), (Field("a", "A", error="No."), Field("b", "B")), problem="Full.")
    shown = [block["block_id"] for block in modal.modal(wrong)["blocks"]]
    assert len(set(shown)) == len(shown) == 4
    again = Dialog("Plan", Call("a.b"), (Field("a", "A"), Field("b", "B", error="Not this.")))
    view = modal.refusal(again, shown)["view"]
    assert "Not this." in str(view) and "No." not in str(view) and "Full." not in str(view)


def test_a_card_of_spaces_is_still_a_message() -> None:
    assert rules.broken_message(render.message(Card(Text((" ",)), Text(("\n",))), HOME)) == []


def test_of_many_buttons_the_last_plain_ones_go_into_a_menu() -> None:
    def drawn(*styles: Style, same: bool = False) -> list[str]:
        buttons = tuple(
            Button(f"B{n}", Call(f"do.{'same' if same else n}", (str(n),)), s) for n, s in enumerate(styles)
        )
        (row,) = (b for b in render.message(Card("T", buttons=buttons), HOME)["blocks"] if b["type"] == "actions")
        shown = [one["text"]["text"] for one in row["elements"] if one["type"] == "button"]
        return shown + [o["text"]["text"].lower() for one in row["elements"] for o in one.get("options", ())]

    plain, danger = Style.NEUTRAL, Style.DANGER
    assert drawn(*[plain] * 5) == ["B0", "B1", "B2", "B3", "B4"]
    assert drawn(*[plain] * 6) == ["B0", "B1", "B2", "B3", "b4", "b5"]
    assert drawn(*[plain] * 5, danger) == ["B0", "B1", "B2", "B5", "b3", "b4"], "what is final stays in view"
    assert drawn(*[plain] * 10)[5:] == ["b5", "b6", "b7", "b8", "b9"]
    assert drawn(*[plain] * 8, same=True) == [f"B{n}" for n in range(8)], "no option of a poll is less in view"
