"""Words as they are compared: what looks alike is alike, and what is different stays different."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.words import folded

Form: TypeAlias = Literal["NFC", "NFD", "NFKC"]
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u200e\u200f\u2068\u2069"


@pytest.mark.parametrize(
    "one, other",
    [
        ("Yes", "yes\u200b"),
        ("Café", "Cafe\u0301"),
        ("ＡＢＣ", "abc"),
        ("ｶﾞ", "ガ"),
        ("Straße", "STRASSE"),
        ("Pizza", "\u0420izz\u0430"),
        ("BETA", "\u0412\u0415T\u0410"),
        ("❤", "❤\ufe0f"),
        ("two  words", " two\u00a0words "),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_what_looks_the_same_is_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    "one, other",
    [("C", "C++"), ("👍", "👎"), ("\u0412\u043e\u0434\u0430", "Boda"), ("か", "が"), ("1", "2"), ("ä", "a")],
)
def test_what_looks_different_is_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=40), st.sampled_from(INVISIBLE), st.integers(0, 40))
def test_what_nobody_sees_makes_no_difference(words: str, hidden: str, place: int) -> None:
    with_it = words[:place] + hidden + words[place:]
    assert folded(with_it) == folded(words)
    assert folded(folded(words)) == folded(words)


@given(st.text(max_size=40), st.sampled_from(get_args(Form)))
def test_composition_makes_no_difference(words: str, form: Form) -> None:
    assert folded(unicodedata.normalize(form, words)) == folded(words)
