"""Whatever is drawn holds to Discord's specification and limits; whatever a member wrote is shown and does nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.call import Call
from adapters.contract.forms import DIALOG_PROBLEM, FIELD_HINT, FIELD_LABEL, Dialog, Field, Kind, retry_card
from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import (
    ChannelLink,
    Code,
    Link,
    Mention,
    Strong,
    Text,
    Time,
    TimeStyle,
    clean,
    join,
    say,
    written,
)
from adapters.contract.ui import (
    FIELD_NAME,
    LABEL,
    OPTION_VALUE,
    PLACEHOLDER,
    Button,
    Card,
    CardField,
    CardList,
    LinkButton,
    ListItem,
    Menu,
    Option,
    Style,
    Tone,
    pieces_left,
)
from adapters.discord import limits, markup, render
from adapters.discord.markup import Here
from adapters.discord.modal import modal
from adapters.discord.parse_interaction import home
from tests.examples import tried

from . import spec
from .door import read
from .world import World, pinged, words_of

GUILD, ELSEWHERE = Space("discord", "11"), Space("slack", "T1")
HERE = Here(GUILD, "Green*house*", {"event list": "51"})
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MIA = Account(GUILD, "21")

NASTY = [
    "@everyone @here <@21> <@!21> <@&31> <#41> </ask:5> <id:home> <t:0:R> <:leaf:1> @\u200beveryone ＠everyone",
    "*a* **b** __c__ _d_ ~~e~~ ||f|| `g` ```h``` [i](https://evil.example) <https://j.example>",
    "# k\n## l\n-# m\n- n\n* o\n+ p\n1. q\n1) r\n> s\n>>> t",
    "\\*not bold\\* \\\\ \\` \\",
    "https://x.example/a_b_c?d=*e*&f=(g) xhttps://[h](https://i_j)",
    "👩‍👩‍👧‍👦" * 20 + "e\u0301\u0302" * 30 + "\u202eedoc\u202c" + "\x00\x07\ud800",
    "a" * 5000,
    " \n\t ",
]
words = st.text(max_size=120) | st.sampled_from(NASTY) | st.text("*_~|`<>[]()@#\\-+1.:/ \nah", max_size=60)
moments = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1 < at.year < 9999)
spans = st.one_of(
    words,
    words.map(Strong),
    st.builds(Code, words, st.booleans()),
    st.builds(Link, words, st.sampled_from(["https://x.example/a)b c", "javascript:alert(1)", "HTTP://y.example/é"])),
    st.builds(Time, moments, st.sampled_from(TimeStyle)),
    st.builds(Mention, words, st.sampled_from([(), (MIA,), (Account(ELSEWHERE, "U1"),)])),
    st.builds(ChannelLink, st.sampled_from([Channel(GUILD, "41"), Channel(ELSEWHERE, "C1")]), words),
)
texts = st.lists(spans, max_size=6).map(lambda some: join(some, "")) | words.map(written)


def short(longest: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda some, size: (some or "x")[: max(1, size)],
        words.filter(lambda some: some.strip() != ""),
        st.integers(1, longest),
    ).filter(lambda some: some.strip() != "")


@st.composite
def cards(draw: st.DrawFn) -> Card:
    options = [Option(draw(short(LABEL)), f"{n}".rjust(draw(st.integers(1, OPTION_VALUE)), "v")) for n in range(3)]
    menu = Menu(draw(short(PLACEHOLDER)), Call("menu"), tuple(options), draw(st.integers(1, 3)))
    buttons: list[Any] = [
        Button(draw(short(LABEL)), Call("act", (f"{n}",)), draw(st.sampled_from(Style)))
        for n in range(draw(st.integers(0, 9)))
    ]
    buttons += [LinkButton(draw(short(LABEL)), "https://x.example/" + draw(words)[:400])] if draw(st.booleans()) else []
    body = draw(texts)
    return Card(
        draw(texts),
        body if body else "x",
        fields=tuple(CardField(draw(short(FIELD_NAME)), draw(texts)) for _ in range(draw(st.integers(0, 8)))),
        footer=draw(texts),
        tone=draw(st.sampled_from(Tone)),
        buttons=tuple(buttons),
        menu=menu if draw(st.booleans()) else None,
        pings=draw(st.sampled_from([(), (MIA,), (MIA, Account(ELSEWHERE, "U1"))])),
        lists=draw(lists()),
    )


@st.composite
def lists(draw: st.DrawFn) -> tuple[CardList, ...]:
    """Some lists, of as many pieces at most as there is room for beside nine buttons, a link and a menu."""
    room, made = pieces_left(10, menu=True), list[CardList]()
    for n in range(draw(st.integers(0, 3))):
        items = [
            ListItem(draw(texts) or Text(("x",)), *(Button("Do", Call("on", (f"{n}.{k}.{b}",))) for b in range(size)))
            for k, size in enumerate(draw(st.lists(st.integers(0, 3), min_size=1, max_size=5)))
        ]
        each = CardList(draw(short(FIELD_NAME) | st.just("")), tuple(items))
        made += [each] if sum(one.pieces for one in made) + each.pieces <= room else []
    return tuple(made)


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    def field(n: int) -> Field:
        kind = draw(st.sampled_from(Kind))
        label = draw(short(LABEL - 3))
        options = tuple(Option(f"{label} {m}", f"v{m}") for m in range(draw(st.integers(1, 25))))
        return Field(
            f"field{n}",
            draw(short(FIELD_LABEL)),
            kind,
            kind is not Kind.FILE and draw(st.booleans()),
            draw(words)[:FIELD_HINT],
            draw(st.integers(1, 3000)),
            draw(st.integers(1, 9)),
            options if kind is Kind.CHOICE or draw(st.booleans()) else (),
            draw(words | st.sampled_from(["v0", "true", "discord/11/22", "slack/T1/U1", "discord/11/x"])),
            draw(words),
        )

    fields = tuple(field(n) for n in range(draw(st.integers(1, 5))))
    problem = draw(words)[:DIALOG_PROBLEM]
    return Dialog(draw(short(24)), Call("send", ("7",)), fields, problem=problem, again=Call("again", ("7",)))


@spec.missing
@tried(100)
@given(card=cards(), direct=st.booleans())
def test_any_card_is_a_message_that_discord_takes(card: Card, direct: bool) -> None:
    here = replace(HERE, is_direct=direct)
    drawn, called = render.message(card, here), {"21"} if MIA in card.pings else set()
    assert list(spec.problems("POST", "/channels/1/messages", drawn)) == []
    assert pinged(drawn) == called
    assert render.message(card, Here(ELSEWHERE))["allowed_mentions"].get("users", []) == [
        account.id for account in card.pings if account.space == ELSEWHERE
    ]
    assert list(spec.problems("PATCH", "/channels/1/messages/2", render.edited(drawn))) == []
    before = render.announcement(card, here)
    assert (before is not None) == (direct or bool(called))
    if before:
        assert list(spec.problems("POST", "/channels/1/messages", before)) == []
        assert pinged(before) == called and before["content"].count("<@21>") <= 1 + words_of(drawn).count("<@21>")
    sentence = render.sentence(card, here)
    assert sentence is None or before is not None
    if sentence:
        assert list(spec.problems("POST", "/channels/1/messages", sentence)) == []
        assert pinged(sentence) == called and not (card.title or card.lists or card.files)


@spec.missing
@tried(100)
@given(dialog=dialogs())
def test_any_dialog_is_a_modal_that_discord_takes(dialog: Dialog) -> None:
    body = {"type": 9, "data": modal(dialog, HERE)}
    assert list(spec.problems("POST", "/interactions/1/token/callback", body)) == []
    drawn = render.message(retry_card(dialog), HERE)
    assert list(spec.problems("POST", "/channels/1/messages", drawn)) == []


@tried(400)
@given(some=words)
def test_what_a_member_wrote_is_shown_as_it_is(some: str) -> None:
    drawn = markup.escape(some)
    bare = re.sub(r"https?://[\w\-.~:/?#@!$&'()+,;=%]+[\w/=]", "x", drawn)
    bare = re.sub(r"\\[^A-Za-z0-9\s]", "x", bare)
    assert not re.search(r"[*_~|`<>\[\]@#]", bare)
    assert not re.search(r"^[ \t]*([-+]|\d+[.)])", bare, re.MULTILINE)
    world = World(lambda: NOW)
    assert read(world, drawn) == markup.seen(some).replace("\u200b", "")


@given(
    some=st.lists(words.filter(lambda some: some.strip() != "").map(clean), min_size=1, max_size=4), block=st.booleans()
)
def test_code_stays_within_its_fence(some: list[str], block: bool) -> None:
    drawn = markup.markdown(Text(tuple(Code(one, block) for one in some)), HERE)
    shown = read(World(lambda: NOW), drawn)
    wanted = "".join(one if block else one.replace("\n", " ") for one in some if one)
    assert shown.replace(" ", "") == wanted.replace("\u200b", "").replace(" ", "")


@given(text=texts, longest=st.integers(0, 400))
def test_what_is_too_long_is_cut_after_it_is_drawn(text: Text, longest: int) -> None:
    drawn = markup.fit(text, longest, lambda some: markup.markdown(some, HERE))
    assert len(drawn) <= longest
    assert drawn.count("```") % 2 == 0


def test_spans_are_drawn_in_discords_way() -> None:
    text = join(
        [
            Strong("bold"),
            Code("x = `1`"),
            Code("a\n```\nb", block=True),
            Link("docs [1]", "https://x.example/a (b)"),
            Link("https://x.example/a", "https://x.example/a"),
            Link("https://x.example/a", "https://y.example/b"),
            Link("bad", "javascript:alert(1)"),
            Time(NOW),
            Time(NOW, TimeStyle.DATE),
            Mention("Mia", (Account(ELSEWHERE, "U1"), MIA)),
            Mention("No_ah"),
            ChannelLink(Channel(GUILD, "41"), "help"),
            ChannelLink(Channel(ELSEWHERE, "C1"), "help"),
        ],
        "|",
    )
    assert markup.markdown(text, HERE).split(r"\|") == [
        "**bold**",
        "`` x = `1` ``",
        "```\na\n``\u200b`\nb\n```",
        r"[docs \[1\]](https://x.example/a%20%28b%29)",
        "<https://x.example/a>",
        "https://x.example/a (<https://y.example/b>)",
        "bad",
        "<t:1772445600:F> (<t:1772445600:R>)",
        "<t:1772445600:D>",
        "<@21>",
        r"\@No\_ah",
        "<#41>",
        r"\#help",
    ]


def drawn_texts(card: Card, here: Here = HERE) -> list[str]:
    return [part["content"] for part in spec.components(render.message(card, here)) if "content" in part]


def test_a_card_has_the_colour_of_its_tone_and_calls_each_person_once() -> None:
    body = join(["Ask ", Mention("Mia", (MIA,)), "."], "")
    card = Card("T", body, tone=Tone.DONE, pings=(MIA, MIA, Account(GUILD, "22"), Account(ELSEWHERE, "U1")))
    drawn = render.message(card, HERE)
    [container] = drawn["components"]
    assert container["accent_color"] == render.COLOURS[Tone.DONE]
    assert drawn_texts(card) == ["### T", "Ask <@21>.", "-# <@22>"]
    assert drawn["allowed_mentions"]["users"] == ["21", "22"]
    before = render.announcement(card, HERE)
    assert before and before["content"] == "T · Ask <@21>. <@22>"


def test_a_line_of_names_comes_behind_the_words() -> None:
    noah = Account(GUILD, "22")
    names = join([Mention("Mia", (MIA,)), Mention("Noah", (noah,))], " ")
    card = Card("Game night", join([names, "It starts now."]), pings=(MIA, noah))
    assert drawn_texts(card) == ["### Game night", "It starts now.", "-# <@21> <@22>"]
    before = render.announcement(card, HERE)
    assert before and before["content"] == "Game night · It starts now. <@21> <@22>"
    for body in (join([names, "It starts now."], ", "), names, join([Mention("Ava", (Account(GUILD, "23"),)), "Hi"])):
        kept = Card("Game night", body, pings=(MIA, noah))
        assert drawn_texts(kept)[1] == markup.markdown(body, HERE), "a sentence, or others, stay as they are"


def test_whose_name_stands_in_code_is_called_apart() -> None:
    assert drawn_texts(Card("T", Code("<@21>"), pings=(MIA,)))[-1] == "-# <@21>"


def test_short_fields_share_a_line_and_long_ones_stand_beneath_their_names() -> None:
    fields = (
        CardField("State", "🌱 Open"),
        CardField("Topic", "web*hooks*"),
        CardField("Answer", "First\nSecond"),
        CardField("Who can see", "Everyone can see the totals, and who chose"),
        CardField("Asked by", Mention("Mia", (MIA,))),
    )
    drawn = render.message(Card("T", fields=fields), HERE)
    wanted = "**State** 🌱 Open\u2002·\u2002**Topic** web\\*hooks\\*"
    wanted += (
        "\n**Answer**\nFirst\nSecond\n**Who can see** Everyone can see the totals, and who chose\n**Asked by** <@21>"
    )
    assert drawn_texts(Card("T", fields=fields)) == ["### T", wanted]
    assert render.told_fields(drawn) == [
        ("State", "🌱 Open"),
        ("Topic", "web\\*hooks\\*"),
        ("Answer", "First\nSecond"),
        ("Who can see", "Everyone can see the totals, and who chose"),
        ("Asked by", "<@21>"),
    ]


def test_a_command_is_a_link_where_its_id_is_known() -> None:
    said = say("“/event list” or “/ask”")
    assert markup.markdown(said, HERE) == "</event list:51> or “/ask”"
    assert said.plain() == "“/event list” or “/ask”"
    members = say("{words}", words="“/event list”")
    assert markup.markdown(members, HERE) == "“/event list”", "what members write is data"


def test_a_direct_card_says_where_it_belongs_below_its_words() -> None:
    direct = replace(HERE, is_direct=True)
    assert drawn_texts(Card("T", "B"), direct)[-1] == "-# [Green\\*house\\*](https://discord.com/channels/11)"
    told = {"message": render.message(Card("T", "https://discord.com/channels/99"), direct)}
    assert home(told) == "11" and home({"message": {"embeds": [{"url": "https://discord.com/channels/12"}]}}) == "12"


def test_what_is_wrong_stands_at_the_input_and_above_all_where_there_is_room() -> None:
    fields = tuple(Field(f"f{n}", f"F{n}", hint="why") for n in range(5))
    wrong = Field("f9", "F9", hint="why", value="typed", longest=3, error="Too long")
    five = modal(Dialog("T", Call("a.b"), fields, problem="Not today"), HERE)["components"]
    assert [part["type"] for part in five] == [limits.Type.LABEL] * 5 and five[0]["description"] == "⚠️ Not today"
    two = modal(Dialog("T", Call("a.b"), (wrong,), problem="Not today"), HERE)["components"]
    assert two[0]["content"] == "⚠️ Not today" and two[1]["description"] == "⚠️ Too long"
    assert two[1]["component"]["value"] == "typed" and two[1]["component"]["max_length"] == 5


@pytest.mark.parametrize(
    "value, tags",
    [("✅ Solved by @Noah", ["1"]), ("solved", ["1"]), ("Solvedness", []), ("webhooks", ["2"]), ("Unsolved", [])],
)
def test_tags_mirror_what_a_field_begins_with(value: str, tags: list[str]) -> None:
    available: list[dict[str, Any]] = [
        {"id": "1", "name": "✅ Solved"},
        {"id": "2", "name": "Webhooks"},
        {"id": "3", "name": "x", "moderated": True},
    ]
    assert render.tags([("State", value), ("Other", "x")], available) == tags


def test_a_choice_of_few_has_radio_buttons_and_a_longer_one_a_menu() -> None:
    def drawn(options: int, value: str = "") -> Any:
        choices = tuple(Option(f"Option {n}", f"v{n}") for n in range(options))
        asked = Field("kind", "Which kind?", Kind.CHOICE, required=False, choices=choices, value=value)
        return modal(Dialog("Choose", Call("a.b"), (asked,)), HERE)["components"][0]["component"]

    few = drawn(5, "v1")
    assert (few["type"], few["required"], few["options"][1]["default"]) == (limits.Type.RADIO, False, True)
    assert [drawn(options)["type"] for options in (1, 2, 6)] == [
        limits.Type.SELECT,
        limits.Type.RADIO,
        limits.Type.SELECT,
    ]


def test_a_card_has_its_rooms_colour_until_it_is_done_or_urgent() -> None:
    def accent(tone: Tone, emoji: str) -> int:
        drawn: int = render.message(Card("T", tone=tone, emoji=emoji), HERE)["components"][0]["accent_color"]
        return drawn

    rooms = {accent(Tone.WAITING, emoji) for emoji in "❓📅💡📊"}
    assert len(rooms) == 4 and accent(Tone.ACTIVE, "📅") in rooms
    assert accent(Tone.DONE, "📅") == accent(Tone.DONE, "") == render.COLOURS[Tone.DONE]
    assert accent(Tone.NEUTRAL, "") == render.COLOURS[Tone.NEUTRAL]


def test_a_number_that_discord_gave_to_something_else_is_no_text() -> None:
    holder = {
        "type": limits.Type.CONTAINER,
        "id": 3,
        "components": [{"type": limits.Type.TEXT, "id": 2, "content": "**State** Open"}],
    }
    assert render.told_fields({"components": [holder]}) == []
