"""What all cards of this room share: how times, people and rules are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.contract.text import Link, Text, Time, Words, count, join, listing, say, text
from bot.delivery.chat import mention
from storage.events import Event
from storage.members import Member
from storage.signups import Choice, Signup

NAMES = 8
"""How many people a card names."""


@dataclass(frozen=True, slots=True)
class View:
    """An event and all that its cards name, at a moment."""

    event: Event
    now: datetime
    signups: Sequence[Signup] = ()
    people: Mapping[int, Member] = field(default_factory=dict)
    link: str | None = None

    @property
    def host(self) -> Words:
        host = self.people.get(self.event.host_id or 0)
        return mention(host) if host else say("someone who is gone")

    def who(self, *choices: Choice) -> list[Member]:
        """Return the people who said one of these, in their order."""
        return self.named(signup for signup in self.signups if signup.choice in choices)

    @property
    def came(self) -> list[Member]:
        """The people who were there."""
        return self.named(signup for signup in self.signups if signup.checked_in_at)

    def named(self, signups: Iterable[Signup]) -> list[Member]:
        return [self.people[signup.member_id] for signup in signups if signup.member_id in self.people]


def names(people: Sequence[Member]) -> Text:
    """Name the first few of these people, and say how many more they are."""
    shown = join(map(mention, people[:NAMES]), ", ")
    rest = len(people) - NAMES
    return say("{names} and {more}", names=shown, more=count(rest, "{n} more", "{n} more")) if rest > 0 else shown


def when(event: Event) -> Text:
    """Say when an event is, and how long."""
    return say("{start} · {length}", start=Time(event.starts_at), length=span(event.ends_at - event.starts_at))


def span(length: timedelta) -> Text:
    """Say a length of time: "45 minutes", "1 hour 30 minutes", "2 days"."""
    minutes = max(1, round(length.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        count(days, "{n} day", "{n} days") if days else "",
        count(hours, "{n} hour", "{n} hours") if hours else "",
        count(minutes, "{n} minute", "{n} minutes") if minutes else "",
    ]
    return join(parts, " ")


def lead_words(minutes: int) -> Text:
    """Say how long before the start a reminder is."""
    if minutes <= 0:
        return say("at the start")
    if minutes % 10080 == 0:
        return count(minutes // 10080, "{n} week before", "{n} weeks before")
    return say("{length} before", length=span(timedelta(minutes=minutes)))


def where(place: str) -> Words:
    """Show a place; a web address as a link."""
    return Link(place, place) if place.startswith(("https://", "http://")) and " " not in place else place


def _days() -> dict[str, Text]:
    return {
        "MO": say("Monday"),
        "TU": say("Tuesday"),
        "WE": say("Wednesday"),
        "TH": say("Thursday"),
        "FR": say("Friday"),
        "SA": say("Saturday"),
        "SU": say("Sunday"),
    }


def _nth_day(often: Words, code: str) -> Text:
    day = _days()[code[-2:]]
    match code[:-2]:
        case "1":
            return say("{often} on the first {day}", often=often, day=day)
        case "2":
            return say("{often} on the second {day}", often=often, day=day)
        case "3":
            return say("{often} on the third {day}", often=often, day=day)
        case "4":
            return say("{often} on the fourth {day}", often=often, day=day)
    return say("{often} on the last {day}", often=often, day=day)


def repeats(rule: str) -> Text:
    """Say how an event repeats."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    number, days = int(parts.get("INTERVAL", "1")), parts.get("BYDAY", "")
    match parts["FREQ"]:
        case "DAILY":
            said = count(number, "every day", "every {n} days")
        case "WEEKLY":
            said = count(number, "every week", "every {n} weeks")
            if days:
                named = listing([_days()[day] for day in days.split(",")])
                said = say("{often} on {days}", often=said, days=named)
        case "MONTHLY":
            said = count(number, "every month", "every {n} months")
            if days[:-2].lstrip("-").isdigit():
                said = _nth_day(said, days)
            elif days:
                named = listing([_days()[day] for day in days.split(",")])
                said = say("{often} on each {days}", often=said, days=named)
            elif date := parts.get("BYMONTHDAY"):
                last = say("{often} on the last day", often=said)
                said = last if date == "-1" else say("{often} on day {date}", often=said, date=date)
        case _:
            said = count(number, "every year", "every {n} years")
    if times := parts.get("COUNT"):
        return say("{often}, {times}", often=said, times=count(int(times), "{n} time", "{n} times"))
    if until := parts.get("UNTIL"):
        return say("{often} until {day}", often=said, day=f"{until[:4]}-{until[4:6]}-{until[6:8]}")
    return text(said)


def room_words(channels: Text) -> Text:
    """Say where events stand."""
    return say("Events are announced in {channels}.", channels=channels) if channels else Text()
