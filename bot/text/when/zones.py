"""Time zones by the names that people write: abbreviations, offsets from UTC, tz database names and cities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import regex
from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location

_OFFSETS = """
utc 0 gmt 0 z 0 zulu 0 wet 0 west 60 bst 60 cet 60 cest 120 mez 60 mesz 120 eet 120 eest 180 msk 180 trt 180
sast 120 wat 60 cat 120 eat 180 gst 240 pkt 300 npt 345 ict 420 wib 420 sgt 480 hkt 480 awst 480 jst 540 kst 540
acst 570 acdt 630 aest 600 aedt 660 nzst 720 nzdt 780 brt -180 art -180 clt -240 clst -180 nst -210 ndt -150
est -300 edt -240 cdt -300 mdt -360 pst -480 pdt -420 akst -540 akdt -480 hst -600
"""
"""Abbreviations that mean one offset from UTC wherever they are used in earnest, in minutes."""
_SEVERAL: Mapping[str, tuple[int, ...]] = {
    "ist": (330, 60, 120),  # India, Ireland, Israel
    "cst": (-360, 480, -300),  # central America, China, Cuba
    "ast": (-240, 180),  # the Atlantic, Arabia
    "mst": (-420, 480),  # the mountains, Malaysia
}
"""Abbreviations that mean different things in different places: one's own zone tells, or one is asked."""
_BY_SEASON = {
    "et": "America/New_York",
    "eastern": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
}
"""Names for what the clock shows in a place, in summer and in winter."""
WIDEST = timedelta(hours=14)
"""No zone is further from UTC."""

_words = _OFFSETS.split()
_BY_ABBREVIATION = dict(zip(_words[::2], map(int, _words[1::2]), strict=True))

ABBREVIATION = "|".join(sorted({*_BY_ABBREVIATION, *_SEVERAL, *_BY_SEASON} - {"z"}, key=len, reverse=True))
"""A pattern for all abbreviations but "Z", which only stands right behind a time."""
OFFSET = r"(?P<utc>utc|gmt)?\s?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?"
"""A pattern for an offset: "+02:00", "UTC+2", "GMT-0530"."""


def by_abbreviation(name: str, own: ZoneInfo) -> list[tzinfo]:
    """Return what an abbreviation may stand for: of several things that of one's `own` zone."""
    name = name.lower()
    if name in _BY_SEASON:
        return [ZoneInfo(_BY_SEASON[name])]
    if name in _BY_ABBREVIATION:
        return [fixed(_BY_ABBREVIATION[name])]
    meant = [fixed(minutes) for minutes in _SEVERAL.get(name, ())]
    seasons = [datetime(2026, month, 1, tzinfo=own) for month in (1, 7)]
    here = {season.utcoffset() for season in seasons if season.tzname() == name.upper()}
    return [zone for zone in meant if zone.utcoffset(None) in here] or meant


def by_offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    """Return the zone of an offset; nothing for one that no place has."""
    length = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if length > WIDEST:
        return None
    return fixed(int(length.total_seconds() // 60) * (-1 if sign == "-" else 1))


def fixed(minutes: int) -> tzinfo:
    """Return a zone that is so many minutes ahead of UTC all year round."""
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def by_place(name: str, languages: tuple[str, ...]) -> ZoneInfo | None:
    """Return the zone "Europe/Berlin" by its name or that of its city, in English or one of these languages."""
    return _zones(languages).get(_folded(name))


def _folded(name: str) -> str:
    return regex.sub(r"[-\s_]+", " ", regex.sub(r"[.'’]", "", name)).strip().casefold()


@cache
def _zones(languages: tuple[str, ...]) -> Mapping[str, ZoneInfo]:
    cities: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for key in sorted(available_timezones()):
        if "/" not in key or key.startswith(("Etc/", "SystemV/", "posix/", "right/")):
            continue
        found[_folded(key)] = key
        names = {_folded(key.rpartition("/")[2])}
        names |= {_folded(city_of(key, language)) for language in languages}
        for name in names:
            cities.setdefault(name, []).append(key)
    for name, keys in cities.items():
        # Some names are those of several zones that are alike ("Asia/Calcutta", "Asia/Kolkata"): any of them is right.
        if len({_year(key) for key in keys}) == 1:
            found.setdefault(name, next((key for key in keys if _folded(key.rpartition("/")[2]) == name), keys[0]))
    return {name: ZoneInfo(key) for name, key in found.items()}


@cache
def _year(key: str) -> tuple[timedelta | None, ...]:
    zone = ZoneInfo(key)
    return tuple(datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13))


@cache
def city_of(key: str, language: str) -> str:
    """Return the place that a zone is named after, as it is called in a language: "São Paulo"; "UTC" for UTC."""
    try:
        place = get_timezone_location(key, locale=Locale.parse(language.replace("-", "_")), return_city=True)
    except (LookupError, ValueError, UnknownLocaleError):
        place = key
    return place.rpartition("/")[2].replace("_", " ")


def is_utc(key: str) -> bool:
    """Say whether a zone is just UTC by one of its names."""
    return key in {"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Greenwich"}
