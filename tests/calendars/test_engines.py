"""Calendar files as widely used programs read them: every time in every zone is what it was."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from icalendar import Calendar

from bot.cogs.events.calendars import calendar_of
from storage.events import Event
from tests.cogs.test_events_rules import an_event

HERE = Path(__file__).parent
FIRST, YEARS, MOMENTS = datetime(2026, 1, 1, tzinfo=UTC), 10, 40
ALL = sorted(available_timezones())
SAMPLE = (
    "Europe/Berlin",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Antarctica/Troll",
)
SOME = [*SAMPLE, *random.Random(9).sample(ALL, 18)]
each_zone = pytest.mark.parametrize("zones", [SOME, pytest.param(ALL, marks=pytest.mark.soak)], ids=["some", "all"])
LENGTH = timedelta(minutes=90)
SIZE = 1000
"""How many events a feed has here."""


def missing() -> str:
    """Say why the programs cannot be asked here, if so."""
    if not shutil.which("node"):
        return "Node.js is not installed"
    if not (HERE / "node_modules").is_dir():
        return "the programs are not installed: cd tests/calendars && npm ci"
    return ""


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Return when the clocks of a zone change, to the minute."""
    months = [FIRST + timedelta(days=30 * number) for number in range(12 * YEARS)]
    for before, after in pairwise(months):
        minutes = (after - before) // timedelta(minutes=1)
        changed = bisect_left(range(minutes + 1), True, key=partial(_has_changed, zone, before))
        if changed <= minutes:
            yield before + timedelta(minutes=changed)


def _has_changed(zone: ZoneInfo, since: datetime, minutes: int) -> bool:
    """Say whether a zone's offset is another one so many minutes later."""
    return (since + timedelta(minutes=minutes)).astimezone(zone).utcoffset() != since.astimezone(zone).utcoffset()


def moments(name: str) -> list[datetime]:
    """Return moments of a zone: around each change of its clocks, in hours that come twice too, and anywhere else."""
    near = [change + timedelta(minutes=away) for change in changes(ZoneInfo(name)) for away in (-61, -30, 0, 30, 61)]
    chance = random.Random(name)
    anywhere = [FIRST + timedelta(minutes=chance.randrange(YEARS * 365 * 1440)) for _ in range(MOMENTS)]
    return [*chance.sample(near, min(len(near), MOMENTS // 2)), *anywhere][:MOMENTS]


def planned(zones: Sequence[str]) -> dict[str, Event]:
    """Return an event at each moment of each zone, by the UID that it has in calendars."""
    events = {}
    for zone in zones:
        for number, at in enumerate(moments(zone)):
            uid = f"{zone}-{number}"
            events[f"{uid}@trellis"] = replace(an_event(at), uid=uid, zone=zone, ends_at=at + LENGTH)
    return events


@pytest.mark.skipif(bool(missing()), reason=missing())
@each_zone
@pytest.mark.parametrize("alone", [False, True], ids=["a feed", "files"])
def test_programs_read_every_time_in_every_zone(tmp_path: Path, zones: Sequence[str], alone: bool) -> None:
    events = planned(zones)
    files = [[event] for event in [*events.values()][:5]]
    feeds = files if alone else [[*events.values()][start : start + SIZE] for start in range(0, len(events), SIZE)]
    for feed in feeds:
        file = tmp_path / "feed.ics"
        file.write_bytes(calendar_of([(event, None) for event in feed], "Gardeners"))
        done = subprocess.run(["node", HERE / "read.mjs", file], capture_output=True, check=True, timeout=300)
        expected = {
            f"{event.uid}@trellis": [at.timestamp() * 1000 for at in (event.starts_at, event.ends_at)] for event in feed
        }
        for program, times in json.loads(done.stdout).items():
            wrong = {uid: times.get(uid) for uid, right in expected.items() if times.get(uid) != right}
            assert not wrong, f"{program} reads {len(wrong)} of {len(expected)} otherwise: {dict([*wrong.items()][:3])}"


@each_zone
def test_icalendar_reads_every_time_in_every_zone(zones: Sequence[str]) -> None:
    events = planned(zones)
    calendar = Calendar.from_ical(calendar_of([(event, None) for event in events.values()], "Gardeners"))
    read = {str(entry["uid"]): (entry.decoded("dtstart"), entry.decoded("dtend")) for entry in calendar.walk("VEVENT")}
    assert read == {uid: (event.starts_at, event.ends_at) for uid, event in events.items()}
