"""Decisions about polls, as pure functions: what was typed, what may be chosen, what is due, who sees what when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.text.quotes import Token, tokens_of
from bot.text.recurrence import Recurrence
from storage.polls import MOST_OPTIONS, Choices, Kind, Poll, State
from storage.words import folded

from .counting import MARKS

LONGEST_OPTION = 75
"""In characters: what every platform can draw on a button and in a menu."""
ON_BUTTONS = 5
"""Up to so many options have a button each; more stand in a menu."""

MISTAKEN = timedelta(hours=1)
"""How long a poll may be reopened that its author closed by hand."""

_HELD = 0xF0000
"""Stands for the first quote while options are told apart: characters that nobody types."""
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.)])\s+")
_COMMAS = r",\uff0c\u3001\u060c"
_NUMBERS = re.compile(r"(?:^|\s+)\d{1,2}[.)]\s+")
_COMMA = rf"[{_COMMAS}](?!\d)|(?<!\d)[{_COMMAS}]"
_BETWEEN = (r"\n", r"[;\uff1b\u061b]", r"[|\uff5c]", r"\s/\s", _COMMA, rf"[{_COMMAS}]", r"\s(?:or|oder)\s")
"""What may stand between options, East Asian and Arabic marks too: the first of these that is there.

A comma between digits does only if no other does: "1,5 h, 2 h", but "1,2,3".
"""
_OR = re.compile(r"\s+(?:or|oder)\s+|^(?:or|and|oder|und)\s+", re.IGNORECASE)
"""What leads to the last of several options: "tea, coffee or juice", "tea, coffee, and juice"."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about polls."""

    reminder: timedelta
    """How long before a poll closes people are reminded; polls that are not open twice as long have no reminder."""
    a_day: int = 20
    """How many polls one person may post within a day."""


def read_options(typed: str) -> tuple[str, ...]:
    """Read options, one in a line; in a single line between marks, behind dashes or numbers, or in quotes.

    What is repeated, in capitals or not, or only looks the same, stays as and where it stood first. A label may have a
    comma in it if there are lines or semicolons.
    """
    typed = typed.strip()
    if "\n" not in typed and _BULLET.match(typed):
        typed = re.sub(r"\s+[-*•·]\s+", "\n- ", typed)
        if len(_NUMBERS.findall(typed)) > 1:
            typed = _NUMBERS.sub("\n- ", typed).strip()
    parts = _parts(typed)
    if all(map(_BULLET.match, parts)):  # else it is a name, like “1. FC Köln”
        parts = [_BULLET.sub("", part) for part in parts]
    seen: dict[str, str] = {}
    for words in filter(None, (" ".join(part.split()) for part in parts)):
        seen.setdefault(folded(words), words)
    return tuple(seen.values())


def _parts(typed: str) -> list[str]:
    """Split what was typed; what is in one line not within quotes."""
    quotes = [] if "\n" in typed else [token for token in tokens_of(typed) if token.quoted]
    held = typed
    for number, token in reversed([*enumerate(quotes)]):
        held = f"{held[: token.start]}{chr(_HELD + number)}{held[token.end :]}"
    separator = next((marks for marks in _BETWEEN if re.search(marks, held, re.IGNORECASE)), r"\n")
    if len(quotes) > 1 and len(held.split()) == len(quotes) == len("".join(held.split())):
        separator = r"\s"
    parts = [part.strip() for part in re.split(separator, held, flags=re.IGNORECASE) if part.strip()]
    if parts and separator == _COMMA and not any(_OR.search(part) for part in parts[:-1]):
        parts[-1:] = [part for part in _OR.split(parts[-1]) if part]
    return [_whole(part, typed, quotes) for part in parts]


def _whole(part: str, typed: str, quotes: Sequence[Token]) -> str:
    """Put what stood in quotes back into a part: without them where it is all of it."""
    if len(part) == 1 and (number := ord(part) - _HELD) in range(len(quotes)):
        return quotes[number].text
    for number, token in enumerate(quotes):
        part = part.replace(chr(_HELD + number), typed[token.start : token.end])
    return part


def is_scale(options: Sequence[str]) -> bool:
    """Say whether the options of a rating are its marks, "1, 2, 3, 4, 5": then the question itself is rated."""
    return list(options) == [str(mark) for mark in range(1, len(options) + 1)]


def read_passing(typed: str) -> tuple[int | None, int | None]:
    """Read "10 votes", "60%" or both, with any words between, into quorum and threshold. Raises `ValueError`."""
    shares = [int(number) for number in re.findall(r"(\d{1,6})\s*%", typed)]
    votes = [int(number) for number in re.findall(r"\d{1,6}", re.sub(r"\d+\s*%", " ", typed))]
    quorum, threshold = next(iter(votes), None), next(iter(shares), None)
    if len(votes) > 1 or len(shares) > 1 or (quorum, threshold) == (None, None):
        raise ValueError(typed)
    if quorum == 0 or threshold == 0 or (threshold or 0) > 100:
        raise ValueError(typed)
    return quorum, threshold


def is_secret(poll: Poll) -> bool:
    """Say whether the tally is kept back now.

    That of an anonymous poll always is until it closes: whoever watched it change while someone votes would know.
    """
    return poll.state is not State.CLOSED and (poll.hidden or poll.anonymous)


def is_final(poll: Poll) -> bool:
    """Say whether closing is final: what was kept secret until then cannot be made secret again."""
    return poll.hidden or poll.anonymous


def reopens_until(poll: Poll, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return until when its author may reopen a poll that they close by hand: not longer than it would be open."""
    ends = [at + MISTAKEN, *filter(None, [poll.closes_at, again_at(poll, zone)])]
    return None if is_final(poll) or min(ends) <= at else min(ends)


def most_choices(poll: Poll, options: int) -> int:
    """Return how many options one may choose."""
    return 1 if poll.kind is Kind.SINGLE else min(poll.most or options, options)


def may_choose(poll: Poll, options: int, choices: Choices) -> bool:
    """Say whether someone may vote like this: what arrives from a button or a menu proves nothing."""
    if poll.kind is Kind.RATING:
        return len(choices) <= options and any(choices) and all(0 <= mark <= MARKS for mark in choices)
    known = all(0 <= choice < options for choice in choices)
    return known and 0 < len(choices) <= most_choices(poll, options) and len(set(choices)) == len(choices)


def remind_at(poll: Poll, policy: Policy) -> datetime | None:
    """Return when people are reminded that a poll closes, if at all."""
    if poll.closes_at is None or poll.opened_at is None:
        return None
    if poll.remind_minutes is not None:
        before = timedelta(minutes=poll.remind_minutes)
        return poll.closes_at - before if before and poll.closes_at - before > poll.opened_at else None
    before = policy.reminder
    return poll.closes_at - before if before and poll.closes_at - poll.opened_at >= 2 * before else None


def again_at(poll: Poll, zone: ZoneInfo) -> datetime | None:
    """Return when a poll is to be asked again, by the clock of that zone."""
    if not poll.repeats or poll.opened_at is None:
        return None
    return Recurrence.read(poll.repeats).after(poll.opened_at, zone)


def next_close(poll: Poll, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the next poll of a series closes: it is open as long as the one before was to be, by the wall clock.

    So what is asked on Monday morning and closes on Friday evening does that also when clocks change in between.
    """
    if poll.closes_at is None or poll.opened_at is None:
        return None
    opened, closes, again = (
        moment.astimezone(zone).replace(tzinfo=None) for moment in (poll.opened_at, poll.closes_at, at)
    )
    return (again + (closes - opened)).replace(tzinfo=zone).astimezone(UTC)


def has_room(options: int) -> bool:
    """Say whether one more option can be added."""
    return options < MOST_OPTIONS
