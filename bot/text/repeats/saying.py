"""How something repeats, read back in words that can be typed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from adapters.contract.text import Text, count, listing, say
from bot.text.when import day_words, month_words, weekday_words

from .rule import Rule


def repeat_words(rule: Rule, first: date | None = None) -> Text:
    """Say how something repeats: "every 2 weeks on Tuesday, until Thursday 31 December 2026".

    With the day of the `first` occurrence also what follows from it: the day of the week, and what happens in months
    that are too short.
    """
    said = _how_often(rule, first)
    if rule.count:
        return say("{often}, {times}", often=said, times=count(rule.count, "{n} time", "{n} times"))
    if rule.until:
        return say("{often} until {day}", often=said, day=day_words(rule.until.date()))
    return said


def _how_often(rule: Rule, first: date | None) -> Text:
    match rule.unit:
        case "DAILY":
            return count(rule.interval, "every day", "every {n} days")
        case "WEEKLY":
            return _weekly(rule, first)
        case "MONTHLY":
            return _monthly(rule, first)
    said = count(rule.interval, "every year", "every {n} years")
    if first is None:
        return said
    dated = say("{often} on {day} {month}", often=said, day=first.day, month=month_words(first.month))
    return say("{often} (28 February in other years)", often=dated) if rule.clamps(first) else dated


def _weekly(rule: Rule, first: date | None) -> Text:
    said = count(rule.interval, "every week", "every {n} weeks")
    days = rule.days or ((first.weekday(),) if first else ())
    if not days:
        return said
    return say("{often} on {days}", often=said, days=listing([weekday_words(day) for day in days]))


def _monthly(rule: Rule, first: date | None) -> Text:
    said = count(rule.interval, "every month", "every {n} months")
    if rule.nths:
        return _nths(said, rule.nths, rule.days[0])
    if rule.days:
        return say("{often} on each {days}", often=said, days=listing([weekday_words(day) for day in rule.days]))
    if len(rule.month_days) > 1:
        # Translators: “every month on day 1, day 15 and the last day”
        days = [say("the last day") if day < 0 else say("day {date}", date=day) for day in rule.month_days]
        return say("{often} on {days}", often=said, days=listing(days))
    number = next(iter(rule.month_days), first.day if first else 0)
    if not number:
        return said
    if number < 0:
        return say("{often} on the last day", often=said)
    dated = say("{often} on day {date}", often=said, date=number)
    shortened = first is not None and rule.clamps(first)
    return say("{often} (on the last day of shorter months)", often=dated) if shortened else dated


def _nths(often: Text, numbers: Sequence[int], weekday: int) -> Text:
    named = {1: say("first"), 2: say("second"), 3: say("third"), 4: say("fourth"), -1: say("last")}
    # Translators: “every month on the first and third Tuesday”
    return say(
        "{often} on the {numbers} {day}",
        often=often,
        numbers=listing([named[n] for n in numbers]),
        day=weekday_words(weekday),
    )
