"""How a poll is asked again: read as people say it, kept as `Recurrence` reads it, and said as it can be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from adapters.contract.text import ENGLISH, Text, Translations, say
from bot.text.recurrence import Recurrence
from bot.text.repeats import Rule, read_repeat, repeat_words
from bot.text.when import read_clock

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_repeats(typed: str, now: datetime, zone: ZoneInfo, translations: Translations = ENGLISH) -> str:
    """Read "daily", "weekly", "mondays at 9" or "weekdays 17:00" as words that `Recurrence` reads.

    Without a time it is that of `now`. Raises `ValueError` for what is less often than every week, or ends.
    """
    local = now.astimezone(zone).replace(tzinfo=None)
    for words, at in _timed(typed, local, translations):
        try:
            rule = read_repeat(words, datetime.combine(local.date(), at), now, zone, translations)
        except ValueError:
            continue
        if days := _days(rule, local):
            return f"{days} {at:%H:%M}"
    raise ValueError(typed)


def _timed(typed: str, local: datetime, translations: Translations) -> Iterator[tuple[str, time]]:
    """Take a time of day from the end of words, or from their beginning."""
    yield typed, local.time()
    for blank in re.finditer(r"[,;]?\s+", typed.strip()):
        head, tail = typed.strip()[: blank.start()], typed.strip()[blank.end() :]
        for words, clock in ((head, tail), (tail, head)):
            if at := read_clock(clock, translations):
                yield words, at


def _days(rule: Rule, local: datetime) -> str:
    """Return the days of a rule that is for every day or every week; nothing for any other."""
    if rule.interval > 1 or rule.count or rule.until:
        return ""
    if rule.unit == "DAILY":
        return "daily"
    return ",".join(_DAYS[day] for day in rule.days or (local.weekday(),)) if rule.unit == "WEEKLY" else ""


def often(kept: str) -> Text:
    """Say how often a poll is asked: "every week on Monday, 09:00"."""
    recurrence = Recurrence.read(kept)
    numbers = dict[int, None]()
    for part in recurrence.days.split(",") if recurrence.days != "*" else ():
        first, _, last = part.partition("-")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        numbers |= dict.fromkeys((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    rule = Rule("WEEKLY", days=tuple(sorted(numbers))) if numbers else Rule("DAILY")
    at = f"{recurrence.hour:02}:{recurrence.minute:02}"
    # Translators: how often a poll is asked, and at which time of the day, as in “every week on Monday, 09:00”
    return say("{often}, {time}", often=repeat_words(rule), time=at)
