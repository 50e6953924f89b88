"""The neutral words: calls, texts, typed lines, and the limits of what is drawn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.contract.call import LONGEST, Call
from adapters.contract.commands import Command
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.text import Code, Link, Mention, Strong, Text, Time, clip, listing, say, written
from adapters.contract.ui import Button, Card, LinkButton, Menu, Option

INJECTIONS = (
    "@everyone",
    "@here",
    "<!channel>",
    "<!subteam^S1>",
    "<@&1>",
    "&lt;!here&gt;",
    "@\u200beveryone",
    "＠everyone",
    "[x](javascript:alert(1))",
    "```\n@everyone",
    "`" * 7,
    "\u202eright to left",
)
"""What people try (and what breaks by accident), from real incident lists."""

anything = st.text() | st.sampled_from(INJECTIONS) | st.lists(st.sampled_from(INJECTIONS)).map(" ".join)


# Calls


@given(st.lists(anything, max_size=4))
def test_a_call_is_read_back_as_it_was_packed(arguments: list[str]) -> None:
    arguments = [argument.encode("utf-8", "replace").decode() for argument in arguments]
    call = Call("questions.solve", tuple(arguments))
    try:
        packed = call.pack()
    except ValueError:
        assert sum(len(argument.encode()) * 3 + 1 for argument in arguments) > LONGEST - len(call.action)
    else:
        assert len(packed) <= LONGEST and Call.unpack(packed) == call


@given(anything)
def test_any_text_can_be_read_as_a_call(packed: str) -> None:
    assert isinstance(Call.unpack(packed).action, str)


# Keys


def test_keys_are_read_back() -> None:
    space = Space("slack", "T1")
    message = MessageRef(Channel(space, "C1:1700000000.1"), "1700000001.2")
    assert MessageRef.of(message.key) == message
    assert Account.of("discord/1/2").key == "discord/1/2"
    for wrong in ("", "slack", "slack/T1", "a/b/c/d"):
        with pytest.raises(ValueError, match="unpack"):
            Account.of(wrong)


# Texts


@given(anything)
@example("```py\nprint(1)\n``` and `x`")
def test_what_members_write_stays_data(raw: str) -> None:
    read = written(raw)
    assert all(isinstance(span, str | Code) for span in read)
    shown = "".join(read.plain().split())
    letters = [letter for letter in raw if letter.isalnum()]
    assert len([letter for letter in shown if letter.isalnum()]) >= len(letters) - 20 * raw.count("```")


def test_code_is_read_from_fences_and_ticks() -> None:
    assert written("Try\n```py\nx = 1\n```\nor `y`!").spans == (
        "Try\n",
        Code("x = 1", block=True),
        "\nor ",
        Code("y"),
        "!",
    )


@given(anything, st.integers(0, 60))
def test_what_is_cut_fits_and_breaks_nothing(words: str, longest: int) -> None:
    cut = clip(words, longest)
    assert len(cut) <= max(longest, 0)
    assert cut == words or longest == 0 or cut.endswith("…")


def test_a_cut_falls_between_graphemes_and_words() -> None:
    family = "👩‍👩‍👧‍👦"
    assert clip(family * 3, len(family) + 3) == family + "…"
    assert clip("a short sentence here", 17) == "a short sentence…"


@given(st.lists(anything.map(Strong) | anything | anything.map(Code), max_size=6), st.integers(1, 80))
def test_a_text_is_cut_without_breaking_a_span(parts: list[Strong | str | Code], longest: int) -> None:
    cut = Text(tuple(parts)).clip(longest)
    assert len(cut) <= longest


def test_a_sentence_is_filled_with_data_and_spans() -> None:
    at = Time(datetime(2026, 3, 2, 10, tzinfo=UTC))
    said = say("{who} has {n} since {when}", who=Mention("Mia"), n=2, when=at)
    assert said.spans == (Mention("Mia"), " has ", "2", " since ", at)
    assert said.plain() == "@Mia has 2 since 02 Mar 2026, 10:00 UTC"
    with pytest.raises(KeyError):
        say("{who}")
    assert listing(["a", Strong("b"), "c"]).plain() == "a, b and c"


# Limits


def test_what_code_writes_too_long_is_an_error() -> None:
    call = Call("a.b")
    for wrong in (
        lambda: Button("", call),
        lambda: Button("x" * 76, call),
        lambda: Button("x", Call("a.b", ("x" * 100,))),
        lambda: LinkButton("x", "javascript:alert(1)"),
        lambda: Menu("x", call, ()),
        lambda: Menu("x", call, (Option("a", "1"), Option("b", "1"))),
        lambda: Menu("x", call, (Option("a", "1"),), most=2),
        Card,
        lambda: Card("x", buttons=(Button("a", call), Button("b", call))),
        lambda: Field("Upper", "x"),
        lambda: Field("x", "x" * 46),
        lambda: Field("x", "x", Kind.CHOICE),
        lambda: Dialog("x" * 25, call, (Field("x", "x"),)),
        lambda: Dialog("x", call, ()),
        lambda: Command("Ask", "x"),
        lambda: Command("ask", "x" * 101),
    ):
        with pytest.raises(ValueError, match=r".+"):
            wrong()


@given(anything, anything)
def test_what_members_write_fits_a_card(title: str, body: str) -> None:
    card = Card(Strong("x") if not title else title * 30, written(body * 400))
    assert len(card.title) <= 150 and len(card.body) <= 3000 and len(card.summary) <= 150


def test_links_lead_to_the_web_alone() -> None:
    assert LinkButton("x", "https://example.org").url == "https://example.org"
    assert Link("x", "javascript:alert(1)").label == "x"


# Right to left


def test_right_to_left_words_turn_nothing_around_that_stands_beside_them() -> None:
    listed = say("#12 {title} · {n} minutes ago", title="كيف أغير المفتاح", n=3)
    assert listed.plain() == "#12 \u2068كيف أغير المفتاح\u2069 · 3 minutes ago"
    assert say("{who} asks", who=Mention("נועה")).plain() == "@\u2068נועה\u2069 asks"
    assert say("{x}!", x="\u202eكيف").plain() == "\u2068كيف\u2069!", "nor does what they bring along"
    assert say("See {code} and {name}", code=Code("مفتاح"), name="Mia").plain() == "See مفتاح and Mia"
    assert Text(("كيف",)).plain() == "كيف", "what stands alone has its own direction"
    assert len(listed) == len("#12 كيف أغير المفتاح · 3 minutes ago")


@given(st.text(alphabet="aب א\u2066\u2068\u2069\u200d\u200c\n👩💻", max_size=30))
def test_isolates_are_balanced_on_each_line(words: str) -> None:
    shown = say("{words} · 3", words=words).plain()
    assert all(line.count("\u2068") == line.count("\u2069") for line in shown.split("\n") if "\u2068" in line)
    for kept in "\u200d\u200c👩💻":
        assert shown.count(kept) == words.count(kept)
