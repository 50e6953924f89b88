"""What calls and menus carry: read back as it was packed, or refused."""

from __future__ import annotations

import pytest

from bot.kernel.arguments import LARGEST, numbers_in, pack, unpack
from storage.signups import Choice


@pytest.mark.parametrize("value", [0, 7, -1, LARGEST, -LARGEST, True, False, "", "x y", "ä🌱", Choice.GOING])
def test_what_was_packed_is_read_back(value: object) -> None:
    assert unpack(type(value), pack(value)) == value


@pytest.mark.parametrize(
    "kind,packed",
    [
        *((int, packed) for packed in ("", " 7", "7 ", "+7", "1_0", "1.0", "²", "٣", "--1", "0x1", "nan", "9" * 5000)),
        *((int, str(number)) for number in (LARGEST + 1, -LARGEST - 1, 2**63, 10**12)),
        *((bool, packed) for packed in ("", "2", "01", "true", "True", "-1")),
        *((str, packed) for packed in ("a\0b", "\ud800", "\udc00x")),
        *((Choice, packed) for packed in ("", "GOING", "nowhere", "\ud800")),
    ],
)
def test_what_nobody_packed_is_refused(kind: type, packed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever its words, the person reads ours
        unpack(kind, packed)


def test_of_a_menu_only_numbers_count() -> None:
    assert numbers_in(["3", "x", "", "²", "9" * 5000, str(2**40), "-2"]) == [3, -2]
