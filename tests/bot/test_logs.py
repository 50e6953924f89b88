"""The log: a line for each message, and nothing in it that a terminal would act on."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logging, visible

EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b2J a\rb \u202eback\u2066 \u2028 \x7f\x00\ud800 ok\n09:00 ERROR forged"


@pytest.fixture
def root() -> Iterator[None]:
    """Keep the log of the tests as it was."""
    logger = logging.getLogger()
    handlers, level = [*logger.handlers], logger.level
    yield
    logger.handlers, logger.level = handlers, level


def fail() -> None:
    raise ValueError(EVIL)


def leave_a_log(kind: str) -> None:
    set_up_logging("json" if kind == "json" else "text", "INFO")
    log = logging.getLogger("trellis.test")
    log.warning("who %s is", EVIL)
    try:
        fail()
    except ValueError:
        log.exception("it failed")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("kind", ["text", "json"])
def test_nothing_in_the_log_moves_a_cursor_or_passes_for_a_line(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    leave_a_log(kind)
    written = capsys.readouterr().err
    assert "red" in written and "ok" in written
    for mark in "\x1b\x07\x9b\r\u202e\u2066\u2028\x7f\x00\ud800":
        assert mark not in written, ascii(mark)
    message, _, failure = written.partition("it failed")
    assert not [line for line in message.splitlines() if line.strip().startswith("09:00")]
    assert "ValueError" in failure and "Traceback" in failure


def test_what_is_plain_stays() -> None:
    for plain in ("", "grün 🌱 日本語 שלום", "C:\\path\\new", "[bold]x[/]"):
        assert visible(plain) == plain
    assert visible("a\tb\nc") == "a\\tb\\nc" and visible("a\tb\nc", lines=True) == "a\tb\nc"
