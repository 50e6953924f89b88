"""Where people are: time zones, by the names that people give them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

CITIES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Africa/Lagos",
    "Africa/Cairo",
    "Europe/Athens",
    "Africa/Nairobi",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""Well-known places, from west to east."""


def find_zone(typed: str) -> str | None:
    """Return the time zone that someone means by its name or its city, if it is clear."""
    return _zones().get(_plain(typed))


@cache
def _zones() -> Mapping[str, str]:
    names = sorted(available_timezones())
    by_city: dict[str, set[str]] = {}
    for name in names:
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")):
            by_city.setdefault(_plain(name.rpartition("/")[2]), set()).add(name)
    cities = {city: found.pop() for city, found in by_city.items() if len(found) == 1}
    return {**cities, **{_plain(name): name for name in names}}


def _plain(words: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", words) if not unicodedata.combining(letter))
    return "_".join(bare.casefold().replace("_", " ").split())
