"""Zones in people's words: "CET", "UTC+2", "+02:00", "Europe/Berlin", "(Berlin time)"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from zoneinfo import ZoneInfo

import regex

from . import zones
from .grammar import Group
from .lexicon import Lexicon, compiled

_CITY = r"(?P<name>\p{L}[\p{L}\p{M}.'_-]*(?:\s\p{L}[\p{L}\p{M}.'_-]*){0,2})"
_FURTHEST_WEST = 10
"""Hours: "-11:00" behind an ISO date and a time is the end of something, rather than the offset of Samoa."""


class Zones:
    """The rule for zones in the words of some languages."""

    def __init__(self, lexicon: Lexicon, languages: tuple[str, ...]) -> None:
        self._languages = languages
        self._ends = lexicon.words("zone.ends")
        time = lexicon.any("zone.time")

        def either_way(form: str) -> regex.Pattern[str]:
            return compiled(rf"(?P<open>\()?{form}(?(open)\))(?![\w:/]|\s?[+-]\d)")

        self._own = either_way(lexicon.any("zone.own"))
        self._offset = either_way(zones.OFFSET)
        self._short = either_way(rf"(?P<name>{zones.ABBREVIATION}|(?<=\d)z)(?:\s{time})?")
        pinned = rf"(?:,\s?{zones.OFFSET})?"
        self._places = [
            either_way(form)
            for form in (
                r"(?P<name>[a-z_]+(?:/[a-z_+-]+){1,2})",
                rf"{_CITY}[-\s]{time}{pinned}",
                rf"{lexicon.any('zone.in')}\s{_CITY}{pinned}",
            )
        ]

    def __call__(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        if match := self._own.match(words, at):
            yield Group(zone="own"), match.end()
        if (match := self._offset.match(words, at)) and _is_offset(match) and (zone := _pinned(match)):
            yield Group(zone=zone), match.end()
        if match := self._short.match(words, at):
            yield Group(zone=match["name"].lower()), match.end()
        for form in self._places:
            if (match := form.match(words, at)) and (place := self._place(match["name"])):
                yield Group(zone=_pinned(match) or place), match.end()

    def _place(self, name: str) -> ZoneInfo | None:
        """Return the zone of a city, also where its name ends as in "Berliner Zeit"."""
        names = [name, *(name.removesuffix(end) for end in self._ends)]
        return next(filter(None, (zones.by_place(one, self._languages) for one in names)), None)


def _pinned(match: regex.Match[str]) -> tzinfo | None:
    """Return the zone of an offset, if one is written."""
    said = match.groupdict()
    return zones.by_offset(said["sign"], said["hours"], said["minutes"]) if said.get("sign") else None


def _is_offset(match: regex.Match[str]) -> bool:
    """Say whether "-05:00" may be an offset by itself: it is more often the end of something, "02:00-05:00"."""
    if match["utc"] or (match["minutes"] and ":" not in match[0]):
        return True
    before = regex.search(r"\d{4}-\d\d-\d\d[ T]\d\d:?\d\d(?::?\d\d)?\s?$", match.string[: match.start()])
    plausible = match["sign"] == "+" or (before is not None and int(match["hours"]) <= _FURTHEST_WEST)
    return plausible and len(match["hours"]) == 2
