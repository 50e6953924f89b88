"""Whom something may reach, as pure functions of what is known of them, and what is said to the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import Mention, join, say
from adapters.contract.ui import Card
from bot.delivery.addressing import addressed, without
from bot.delivery.gate import near_to, objection, takes_direct, wakes_at
from bot.text.hours import is_quiet
from storage.members import Member
from storage.postings import ASLEEP, LEFT, OPTED_OUT, RESTING

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOME, ZONE = Space("slack", "T1"), ZoneInfo("Asia/Tokyo")
PLACE = Channel(HOME, "C1")
moments = st.none() | st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))
clocks = st.none() | st.integers(0, 23).map(lambda hour: f"{hour:02}:00")


def member(id_: int, **facts: Any) -> Member:
    unset: dict[str, Any] = dict.fromkeys(("timezone", "locale", "away_until", "quiet_from", "quiet_to", "left_at"))
    unset |= {"accounts": (Account(HOME, f"U{id_}").key,), "roles": frozenset(), "direct_ok": False, "offers_ok": True}
    return Member(id_, 1, f"Member {id_}", **{**unset, "joined_at": NOW, "last_active_at": None} | facts)


@st.composite
def anyone(draw: st.DrawFn) -> Member:
    left = draw(moments)
    zone = draw(st.sampled_from([None, "UTC", "America/Sao_Paulo"]))
    facts: dict[str, Any] = {name: draw(st.booleans()) for name in ("direct_ok", "offers_ok")}
    facts |= {"quiet_from": draw(clocks), "quiet_to": draw(clocks), "away_until": draw(moments), "left_at": left}
    return member(1, timezone=zone, **facts, **({"accounts": ()} if left else {}))


@given(anyone(), st.booleans())
def test_nobody_is_asked_who_left_opted_out_is_away_or_sleeps(someone: Member, resting: bool) -> None:
    why = objection(someone, NOW, ZONE, resting=resting)
    quiet = is_quiet(someone, NOW, ZoneInfo(someone.timezone or "Asia/Tokyo"))
    away = someone.away_until is not None and someone.away_until > NOW
    reasons = {LEFT: someone.left_at is not None, OPTED_OUT: not someone.offers_ok, RESTING: away or resting}
    reasons[ASLEEP] = quiet
    assert (why is not None and reasons[why]) or not any(reasons.values())


@given(anyone(), moments)
def test_who_sleeps_waits_until_they_wake_and_never_too_long(someone: Member, wait: datetime | None) -> None:
    zone, at = ZoneInfo(someone.timezone or "Asia/Tokyo"), wakes_at(someone, NOW, ZONE, wait)
    if at:
        assert wait and NOW < at <= wait and is_quiet(someone, NOW, zone) and not is_quiet(someone, at, zone)
    elif wait and wait > NOW + timedelta(days=1):
        assert not is_quiet(someone, NOW, zone)


@given(anyone())
def test_who_left_is_nowhere(someone: Member) -> None:
    if someone.left_at:
        assert not takes_direct(someone) and not near_to(someone, [PLACE])


@given(st.sets(st.integers(0, 24), min_size=1), st.data())
def test_who_is_left_out_is_neither_named_nor_notified(ids: set[int], data: st.DataObject) -> None:
    people = [*map(member, sorted(ids))]
    out = data.draw(st.sets(st.sampled_from(people), max_size=len(people) - 1) if len(people) > 1 else st.just(set()))
    stay = [one for one in people if one not in out]
    gone = {Account.of(key) for one in out for key in one.accounts}
    card = Card("News", "It is so.")
    assert without(addressed(card, people, PLACE), gone) == addressed(card, stay, PLACE)

    def offer(some: list[Member]) -> Card:
        lines = [say("{who}, you know {x}.", who=Mention(one.name, _accounts(one)), x="webhooks") for one in some]
        return Card("Could you help?", join(lines), pings=tuple(account for one in some for account in _accounts(one)))

    assert without(offer(people), gone) == offer(stay)


def _accounts(one: Member) -> tuple[Account, ...]:
    return tuple(map(Account.of, one.accounts))
