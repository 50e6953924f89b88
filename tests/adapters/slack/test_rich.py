"""Rich text as people write it in a form on Slack: into our words, and back into the form when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.models import Account, Profile, Space
from adapters.contract.text import Code, clean, written
from adapters.slack.envelope import channels_in, people_in
from adapters.slack.parse import Facts, _answer
from adapters.slack.rich import rich_of

from .rules import against

SPACE = Space("slack", "T1")
NOAH = Profile(Account(SPACE, "UNOAH"), "Noah")
FACTS = Facts(SPACE, "UBOT", datetime(2026, 3, 2, tzinfo=UTC), people={"UNOAH": NOAH}, channels={"CHELP": "help"})


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def section(*parts: dict[str, Any], kind: str = "section", **more: Any) -> dict[str, Any]:
    return {"type": f"rich_text_{kind}", "elements": [*parts], **more}


def read(*elements: dict[str, Any]) -> str:
    """Return what somebody typed who wrote this."""
    value = {"type": "rich_text", "elements": [*elements]}
    assert not against("RichTextBlock", value)
    return _answer({"type": "rich_text_input", "rich_text_value": value}, FACTS)


CODE = "<b>if (a && b) { :tada: }</b>\n\tx = *p;  // _no_ “quotes”"


@pytest.mark.parametrize(
    "elements, words",
    [
        ([section(text("Just words, 1 < 2 & *so* on."))], "Just words, 1 < 2 & *so* on."),
        ([section(text("It says ")), section(text(CODE), kind="preformatted")], f"It says \n```\n{CODE}\n```"),
        (
            [section(text("Before.\n")), section(text("x"), kind="preformatted"), section(text("After."))],
            "Before.\n```\nx\n```\nAfter.",
        ),
        ([section(text("Call "), text("f(<x>)", code=True), text(" twice", bold=True))], "Call `f(<x>)` twice"),
        ([section(text("a`b", code=True))], "a`b"),
        ([section(text("```no end"), kind="preformatted")], "```no end"),
        (
            [
                section(section(text("one")), section(text("two")), kind="list", style="ordered"),
                section(section(text("deep")), kind="list", style="bullet", indent=1),
            ],
            "1. one\n2. two\n  • deep",
        ),
        ([section(text("said\nso"), kind="quote")], "> said\n> so"),
        (
            [section({"type": "user", "user_id": "UNOAH"}, text(" in "), {"type": "channel", "channel_id": "CHELP"})],
            "@Noah in #help",
        ),
        ([section({"type": "user", "user_id": "UGONE"}, {"type": "broadcast", "range": "here"})], "@someone@here"),
        (
            [
                section({"type": "link", "url": "https://a.example/?b=1&c"}, text(" ")),
                section({"type": "link", "url": "https://a.example/", "text": "<the> page"}),
            ],
            "https://a.example/?b=1&c \n<the> page (https://a.example/)",
        ),
        ([section({"type": "emoji", "name": "tada"}, {"type": "emoji", "name": "our-own"})], "🎉:our-own:"),
        ([section(text(" \n "))], ""),
        ([], ""),
    ],
)
def test_what_is_written_is_read(elements: list[dict[str, Any]], words: str) -> None:
    assert read(*elements) == words


def test_nothing_at_all_is_no_answer() -> None:
    assert _answer({"type": "rich_text_input"}, FACTS) == ""
    assert _answer({"type": "rich_text_input", "rich_text_value": None}, FACTS) == ""


def test_code_is_code_to_the_letter() -> None:
    (code,) = written(read(section(text(CODE), kind="preformatted"))).spans
    assert isinstance(code, Code) and code.block and code.text == CODE


def test_who_is_named_in_it_is_looked_up() -> None:
    named = section({"type": "user", "user_id": "UNOAH"}, {"type": "channel", "channel_id": "CHELP"})
    value = {"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": [named]}}
    body = {"type": "view_submission", "user": {"id": "UMIA"}, "view": {"state": {"values": {"a": {"b": value}}}}}
    assert people_in(body) == {"UMIA", "UNOAH"} and channels_in(body) == {"CHELP"}


plain = st.text(
    st.characters(codec="utf-8", exclude_characters="`", exclude_categories=["Cc", "Cs", "Cf"]), max_size=12
)
code = st.from_regex(r"[a-z<>&*_ ]{1,8}[a-z]", fullmatch=True)
pieces = st.one_of(
    plain, st.just("\n"), code.map(lambda some: f"`{some}`"), code.map(lambda some: f"\n```\n{some}\n{some}\n```\n")
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_a_form_that_is_refused_is_filled_with_what_was_typed(typed: str) -> None:
    """Code stays code, and no line gets lost, however often it is refused."""
    filled = rich_of(typed)
    assert not filled["elements"] or not against("RichTextBlock", filled)
    again = _answer({"type": "rich_text_input", "rich_text_value": filled}, FACTS)
    assert written(again).spans == written(clean(again)).spans
    assert _meant(again) == _meant(typed)
    assert _answer({"type": "rich_text_input", "rich_text_value": rich_of(again)}, FACTS) == again


def _meant(words: str) -> list[tuple[bool, str]]:
    """Return the parts of a text: whether it is code, and what it says, but for blank lines around code."""
    parts = [(True, part.text) if isinstance(part, Code) else (False, str(part)) for part in written(words).spans]
    bare = [(is_code, said if is_code else " ".join(said.split())) for is_code, said in parts]
    return [part for part in bare if part[1]]
