"""The machine's clock is set while Trellis runs: nothing happens twice, and nothing is left out without a word."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.kernel.clock_watch import ClockWatch
from tests.story import Person, Story

from .conftest import Begin
from .test_events import card_of, going, planned
from .test_events_telling import reminders
from .test_recognition import REASON, here
from .test_recognition_weeks import DIGEST
from .test_recurring import Bell


class Machine:
    """The clocks of the machine on which a story is told: one that somebody sets, and one that nobody does."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.set_by = timedelta()
        story.app.clock_watch = ClockWatch(story.app.runner, self._wall, self._steady)

    def _wall(self) -> float:
        return self.story.now.timestamp()

    def _steady(self) -> float:
        return (self.story.now - self.set_by).timestamp()

    async def is_set(self, **by: float) -> None:
        """Set the clock; it is noticed within seconds."""
        self.set_by += timedelta(**by)
        self.story.clock.is_set(timedelta(**by))
        await self.story.app.clock_watch.look()
        await self.story.app.settle()


async def thanks(who: Person, reason: str) -> None:
    """Thank Noah, in the form where the platform's line could mean something else."""
    await who.uses("/thanks", member=who.story.named("noah"), reason=reason)
    if who.form:
        await who.fills()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_reminder_comes_once_though_the_clock_is_set_by_an_hour(story: Story, hours: int) -> None:
    await planned(story, when="2026-03-02T14:00+00:00")
    await going(story, "noah")
    machine, noah = Machine(story), story.person("noah")
    await story.passes(hours=2)
    await machine.is_set(hours=hours)
    await story.passes(hours=1.5)
    await machine.is_set(hours=-hours)
    await story.passes(hours=4)
    told = [seen.words for seen in await reminders(noah)]
    assert len(told) == len({*told}) == 2, told


async def test_a_reminder_whose_moment_the_clock_skips_is_late_while_it_is_of_use(story: Story) -> None:
    await planned(story, when="2026-03-12T18:00+00:00")
    await going(story, "noah")
    machine, noah = Machine(story), story.person("noah")
    await machine.is_set(days=9, hours=9)
    (told,) = await reminders(noah)
    assert " starts " in told.words
    await machine.is_set(days=30)
    assert len(await reminders(noah)) == 1 and "Who came" in (await card_of(noah)).fields


async def test_what_recurs_goes_on_where_a_clock_that_was_a_month_ahead_is_set_right(story: Story) -> None:
    machine = Machine(story)
    await machine.is_set(days=30)
    await machine.is_set(days=-30)
    mia, noah = await here(story, "mia", "noah")
    await thanks(mia, REASON)
    await story.passes(days=7)
    assert len([seen for seen in await noah.sees() if DIGEST in seen.words]) == 1


async def test_what_recurs_comes_once_where_the_clock_is_set_back_behind_it(story: Story) -> None:
    machine = Machine(story)
    mia, noah = await here(story, "mia", "noah")
    await thanks(mia, REASON)
    while not [seen for seen in await noah.sees() if DIGEST in seen.words]:
        await story.passes(hours=1)
    await machine.is_set(hours=-1)
    await thanks(mia, f"{REASON} Again.")
    await story.passes(days=6)
    assert len([seen for seen in await noah.sees() if DIGEST in seen.words]) == 1


async def test_what_recurs_is_done_once_though_the_clock_is_set_back_behind_it(begin: Begin) -> None:
    bell = Bell()
    story = await begin((bell,))
    machine = Machine(story)
    await story.passes(hours=2, minutes=30)
    await machine.is_set(hours=-1)
    await story.passes(hours=12)
    assert bell.rang == ["Mon 12"]
    await story.passes(hours=24)
    assert bell.rang == ["Mon 12", "Tue 12"]


async def test_that_the_clock_was_set_is_told_and_what_ntp_slews_is_not(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(story)
    caplog.set_level(logging.WARNING)
    for _ in range(100):
        await machine.is_set(seconds=0.0025)  # five seconds at 500 millionths, as much as NTP slews
    await story.passes(minutes=10)  # the process, or the machine, was stopped
    await story.app.clock_watch.look()
    assert not caplog.records
    await machine.is_set(hours=-1)
    await machine.is_set(days=30)
    assert [record.getMessage() for record in caplog.records] == [
        "this machine's clock was set back by 3600 s",
        "this machine's clock was set forward by 2592000 s",
    ]


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_what_was_missed_is_read_back_where_a_clock_ahead_said_until_when_it_was_heard(begin: Begin) -> None:
    story = await begin()
    await story.person("mia").uses("/help")
    story.clock.is_set(timedelta(days=30))
    await story.app.stop()
    story.clock.is_set(timedelta(days=-30))
    await story.person("mia").says("How do I prune the roses in winter?", "help")
    story = await begin()
    await story.app.settle()
    assert "I can help" in (await story.person("noah").reads("prune the roses")).controls


async def test_the_hourly_check_goes_on_where_the_clock_is_set_back(story: Story) -> None:
    check, now = story.app.self_check, story.now
    await check.run_if_due(now + timedelta(days=30))
    await check.run_if_due(now)
    assert check.ran_at == now
