"""How often a card is drawn anew: at once at first, then what comes together is drawn together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.kernel.pace import BURST, PAUSE, Pace

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_the_first_few_changes_are_drawn_at_once_and_the_rest_together() -> None:
    pace = Pace()
    assert [pace.due(1, NOW) for _ in range(BURST)] == [NOW] * BURST
    assert {pace.due(1, NOW) for _ in range(1000)} == {NOW + PAUSE}
    assert pace.due(2, NOW) == NOW


def test_a_stream_of_changes_is_never_put_off_and_never_drawn_more_often_than_the_pause() -> None:
    pace, drawn = Pace(), set()
    for tenth in range(600):
        moment = NOW + timedelta(seconds=tenth / 10)
        due = pace.due(1, moment)
        assert moment <= due <= moment + PAUSE
        drawn.add(due)
    assert len(drawn) <= 60 / PAUSE.total_seconds() + BURST + 1


def test_after_a_rest_changes_are_drawn_at_once_again() -> None:
    pace = Pace()
    for _ in range(BURST + 3):
        pace.due(1, NOW)
    later = NOW + PAUSE * (BURST + 2)
    assert pace.due(1, later) == later


def test_a_clock_that_was_ahead_and_is_set_back_puts_nothing_off() -> None:
    pace = Pace()
    for _ in range(BURST + 1):
        pace.due(1, NOW + timedelta(days=30))
    assert pace.due(1, NOW) == NOW
