"""What is planned so that what stands is what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Account, CalendarEntry, Channel, MessageRef, Space
from adapters.contract.ui import Card
from bot.delivery.gate import Manner
from bot.delivery.outgoing import Name
from bot.kernel.lifecycle import (
    Adopted,
    Beside,
    Direct,
    Entry,
    Held,
    Lifecycle,
    Posting,
    Shown,
    Standing,
    Telling,
    Under,
)
from bot.kernel.planning import Plan, Planner
from storage.members import Member
from storage.postings import DELETED, LOST, STALE, THREADLESS, Posted

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOME, AWAY = Space("slack", "T1"), Space("discord", "1")
IDEAS, THEIRS = Channel(HOME, "C1"), Channel(AWAY, "2")
ONE, TWO = Card("One"), Card("Two")


def member(id_: int, space: Space = HOME, *, direct: bool = False) -> Member:
    facts: dict[str, Any] = dict.fromkeys(["timezone", "locale", "away_until", "quiet_from", "quiet_to", "left_at"])
    accounts = (Account(space, f"U{id_}").key,)
    return Member(
        id_,
        1,
        f"Member {id_}",
        accounts,
        frozenset(),
        direct_ok=direct,
        offers_ok=True,
        joined_at=NOW,
        last_active_at=None,
        **facts,
    )


def row(key: str, spot: str, *, looks: Card | str = ONE, message: str | None = None, **facts: Any) -> Posted:
    channel = facts.pop("channel", IDEAS.key if spot == HOME.key else THEIRS.key)
    standing = {"thread": None, "member_id": None, "gone_at": None, "at": NOW, **facts}
    digest = looks if isinstance(looks, str) else digest_of(looks)
    message = f"{channel}/{key}" if message is None else message or None
    return Posted(1, 1, "idea", 7, key, spot, channel=channel, message=message, digest=digest, **standing)


def digest_of(card: Card) -> str:
    return card.title.plain()


class Nothing(Lifecycle[str]):
    kind = "idea"

    async def read(self, work: Any, id_: int, standing: Standing) -> str | None:
        raise NotImplementedError

    def is_open(self, snapshot: str) -> bool:
        raise NotImplementedError

    def shown(self, snapshot: str) -> Any:
        raise NotImplementedError

    def over(self, snapshot: str | None, key: str, people: tuple[int, ...]) -> Card | None:
        return Card("Over") if key == "offer" else None


def plan(shown: Sequence[Shown], *rows: Posted) -> Plan:
    standing = Standing(rows, lambda message: f"https://x.example/{message.id}")
    planner = Planner("idea", 7, standing, NOW, digest_of, ZoneInfo("UTC"))
    for one in shown:
        planner.show(one)
    planner.over(Nothing(), "snapshot")
    return planner.plan


def is_empty(made: Plan) -> bool:
    return not (made.posts or made.edits or made.effects or made.again)


def test_what_does_not_stand_is_posted_once_and_then_looks_right() -> None:
    [post] = plan([Posting("card", IDEAS, ONE, thread="One")]).posts
    assert (post.name, post.place, post.thread) == (Name("idea", 7, "card", HOME.key), IDEAS, "One")
    assert is_empty(plan([Posting("card", IDEAS, ONE)], row("card", HOME.key)))
    [edit] = plan([Posting("card", IDEAS, TWO)], row("card", HOME.key)).edits
    assert edit.card == TWO
    assert is_empty(plan([Posting("card", IDEAS, TWO, once=True)], row("card", HOME.key)))


def test_what_is_still_to_be_sent_is_sent_as_it_is_by_then() -> None:
    waiting = row("card", HOME.key, message="")
    [post] = plan([Posting("card", IDEAS, TWO)], waiting).posts
    assert post.again == waiting and post.card == TWO
    assert is_empty(plan([Posting("card", IDEAS, ONE)], waiting))


def test_what_hangs_on_another_message_waits_until_that_stands() -> None:
    news = Posting("news", Under("card"), ONE)
    assert is_empty(plan([news]))
    assert is_empty(plan([news], row("card", HOME.key, message="")))
    there = row("card", HOME.key, thread="slack/T1/C1:5"), row("card", AWAY.key)
    assert [post.place for post in plan([news], *there).posts] == [Channel(HOME, "C1:5"), THEIRS]
    [one] = plan([Posting("news", Under("card", AWAY), ONE)], *there).posts
    assert one.place == THEIRS


def test_what_happened_long_ago_is_not_said_and_what_lies_ahead_is_said_then() -> None:
    assert is_empty(plan([Posting("card", IDEAS, ONE, at=NOW - timedelta(days=8))]))
    later = plan([Posting("card", IDEAS, ONE, at=NOW + timedelta(hours=1))])
    assert is_empty(later) and later.when == [NOW + timedelta(hours=1)]
    [late] = plan([Posting("card", IDEAS, ONE, until=NOW - timedelta(hours=1))]).posts
    assert late.late


def test_what_somebody_deleted_stays_away_until_its_place_is_another() -> None:
    gone = row("card", HOME.key, gone_at=NOW, why=DELETED)
    assert is_empty(plan([Posting("card", IDEAS, TWO)], gone))
    anew = plan([Posting("card", Channel(HOME, "C9"), TWO)], gone)
    assert anew.again == [gone] and [post.place for post in anew.posts] == [Channel(HOME, "C9")]


def test_people_are_told_directly_or_by_name_and_once() -> None:
    mia, noah, kenji, sofia = member(1, direct=True), member(2), member(3), member(4, AWAY)
    news = Telling("change/1", (mia, noah, kenji, sofia), (IDEAS,), lambda _: ONE)
    directly, together = plan([news]).posts
    assert (directly.place, directly.otherwise) == (mia, (IDEAS,))
    assert (
        together.members == (noah, kenji)
        and together.card.pings
        and "@Member 2 @Member 3" in together.card.body.plain()
    )
    told = row("change/1", "member/2", member_id=2), row("change/1", "member/3", member_id=3)
    assert [post.place for post in plan([news], *told).posts] == [mia]
    crowd = Telling("change/1", tuple(map(member, range(1, 61))), (IDEAS,), lambda _: ONE)
    assert [len(post.members) for post in plan([crowd]).posts] == [25, 25, 10]


def test_what_is_over_says_so_once_for_all_whom_it_names() -> None:
    offers = [
        row("offer", f"member/{id_}", member_id=id_, channel=IDEAS.key, message="slack/T1/C1/9") for id_ in (1, 2)
    ]
    [edit] = plan([], *offers).edits
    assert len(edit.posted) == 2 and edit.card.title.plain() == "Over"
    assert is_empty(plan([], *(row("offer", f"member/{id_}", looks=Card("Over")) for id_ in (1, 2))))
    assert is_empty(plan([], row("card", HOME.key)))


def test_a_message_of_a_member_stands_for_the_thing() -> None:
    message = MessageRef(IDEAS, "5")
    [effect] = plan([Adopted("card", message, "A question")]).effects
    assert (effect.act, effect.message, effect.payload["thread"]) == ("thread", message.key, "A question")
    assert is_empty(plan([Adopted("card", message, "A question")], row("card", HOME.key, thread="slack/T1/C1:5")))
    assert is_empty(plan([Adopted("card", message)], row("card", HOME.key)))


def test_roles_and_entries_are_kept_like_messages() -> None:
    mia = member(1)
    account = Account.of(mia.accounts[0])
    [role] = plan([Held("role/mentor", mia, account, role="mentor")]).effects
    assert (role.act, role.payload["role"]) == ("role", "mentor")
    entry = CalendarEntry("Pruning", "", "Shed", NOW, NOW + timedelta(hours=1))
    [effect] = plan([Entry("entry", AWAY, entry)]).effects
    there = row("entry", AWAY.key, looks=effect.looks, message="77", channel=effect.channel)
    assert is_empty(plan([Entry("entry", AWAY, entry)], there))
    [moved] = plan(
        [Entry("entry", AWAY, CalendarEntry("Pruning", "", "Hall", NOW, NOW + timedelta(hours=1)))], there
    ).effects
    assert moved.payload["known"] == "77" and moved.again == there
    [dropped] = plan([], there).effects
    assert dropped.act == "no_entry"
    assert is_empty(plan([], row("entry", AWAY.key, looks="gone", message="done", channel=effect.channel)))


def test_a_person_without_direct_messages_is_told_nothing_elsewhere_by_a_direct_posting() -> None:
    assert is_empty(plan([Posting("rating", Direct(member(1)), ONE)]))
    [post] = plan([Posting("rating", Direct(member(1), wanted=True), ONE)]).posts
    assert post.otherwise == () and post.name.spot == "member/1" and post.manner is Manner.WANTED


def test_who_sleeps_is_told_when_they_wake_if_it_can_wait() -> None:
    asleep, noah = replace(member(1), quiet_from="09:00", quiet_to="12:00"), member(2)
    morning = NOW + timedelta(hours=2)
    for wait, names in ((morning, [2]), (morning - timedelta(minutes=1), [1, 2]), (None, [1, 2])):
        made = plan([Telling("news", (asleep, noah), (IDEAS,), lambda _: ONE, wait=wait)])
        assert [who.id for post in made.posts for who in post.members] == names
        assert made.when == ([morning] if names == [2] else [])


def test_who_was_told_before_two_accounts_became_theirs_is_not_told_again() -> None:
    mia = member(1)
    told = row("remind", "member/1", member_id=1), row("remind", "member/2", member_id=1)
    assert is_empty(plan([Telling("remind", (mia,), (IDEAS,), lambda _: ONE)], *told[1:]))
    assert is_empty(
        plan([Telling("offer", (mia,), (IDEAS,), lambda _: ONE)], *(replace(one, key="offer") for one in told))
    )
    assert is_empty(plan([Posting("remind", Direct(mia), ONE)], told[1]))


def test_an_entry_that_was_refused_is_tried_again_when_it_changes() -> None:
    first = CalendarEntry("Pruning", "", "Shed", NOW, NOW + timedelta(hours=1))
    [effect] = plan([Entry("entry", AWAY, first)]).effects
    refused = row("entry", AWAY.key, looks=effect.looks, message="", channel=effect.channel, gone_at=NOW)
    assert is_empty(plan([Entry("entry", AWAY, first)], refused))
    again = plan([Entry("entry", AWAY, replace(first, place="Hall"))], refused)
    assert again.again == [refused] and [one.payload["known"] for one in again.effects] == [None]


def test_a_thread_that_is_gone_is_opened_again_and_what_hangs_on_it_waits() -> None:
    threadless = row("card", HOME.key, looks="")
    made = plan([Posting("card", IDEAS, ONE, thread="One"), Posting("news", Under("card"), TWO)], threadless)
    [effect] = made.effects
    assert (effect.act, effect.again, effect.payload) == (
        "thread",
        threadless,
        {"message": threadless.message, "thread": "One"},
    )
    assert not made.posts and not made.edits
    without = row("card", HOME.key, thread=THREADLESS)
    [post] = plan([Posting("card", IDEAS, ONE, thread="One"), Posting("news", Under("card"), TWO)], without).posts
    assert post.place == IDEAS
    adopted: list[Shown] = [Adopted("post", MessageRef(IDEAS, "5"), "A question"), Posting("card", Under("post"), ONE)]
    waiting = plan(adopted, row("post", HOME.key, looks=""))
    assert len(waiting.effects) == 1 and not waiting.posts


def test_what_stood_in_a_thread_that_is_gone_is_said_again_unless_it_was_said_once() -> None:
    thread = Channel(HOME, "C1:card")
    card = row("card", HOME.key, thread=thread.key)
    lost: dict[str, Any] = {"channel": thread.key, "gone_at": NOW, "why": LOST}
    for message, once, again in (("", True, True), ("", False, True), (None, True, False), (None, False, True)):
        gone = row("news", HOME.key, message=message, **lost)
        made = plan([Posting("card", IDEAS, ONE), Posting("news", Under("card"), TWO, once=once)], card, gone)
        assert bool(made.posts) == again and (made.again == [gone]) == again, (message, once)
    noah = member(2)
    news = Telling("news", (noah,), (Under("card"),), lambda _: ONE)
    for message in ("", None):
        gone = row("news", "member/2", message=message, member_id=2, **lost)
        made = plan([Posting("card", IDEAS, ONE), news], card, gone)
        assert bool(made.posts) == (message == "") and (made.again == [gone]) == (message == "")


def test_what_is_told_directly_says_how_it_is_told_elsewhere() -> None:
    card = row("card", HOME.key)
    noah, direct = member(2, direct=True), Telling("news", (member(2, direct=True),), (Beside("card"),), lambda _: ONE)
    [post] = plan([Posting("card", IDEAS, ONE), direct], card).posts
    assert post.place == noah and post.otherwise == (IDEAS,) and post.elsewhere is None
    named = replace(direct, together=lambda people, place: Card(f"{len(people)} in {place.id}"))
    [post] = plan([Posting("card", IDEAS, ONE), named], card).posts
    assert post.elsewhere == Card("1 in C1")
    [post] = plan([Posting("note", Direct(noah), ONE, otherwise=(IDEAS,), elsewhere=TWO)]).posts
    assert (post.place, post.otherwise, post.elsewhere) == (noah, (IDEAS,), TWO)


def test_what_names_somebody_who_was_forgotten_is_drawn_again_also_if_it_was_said_once() -> None:
    mia, noah = member(1, direct=True), member(2)
    [edit] = plan([Posting("news", IDEAS, ONE, once=True)], row("news", HOME.key, looks=STALE)).edits
    assert edit.card == ONE
    own = row("change/1", "member/1", looks=STALE, member_id=1, channel="member/1", message="slack/T1/D1/1")
    gone = row("change/1", "member/3", looks=STALE, message="slack/T1/C1/9")
    named = row("change/1", "member/2", looks=STALE, member_id=2, message="slack/T1/C1/9")
    direct, together = plan([Telling("change/1", (mia, noah), (IDEAS,), lambda _: TWO)], own, gone, named).edits
    assert direct.card == TWO and direct.posted == (own,)
    assert together.posted == (gone, named) and together.card.body.plain() == "@Member 2"
    unsaid = row("change/1", "member/2", looks=STALE, member_id=2, message="")
    anew = plan([Telling("change/1", (noah,), (IDEAS,), lambda _: TWO)], unsaid)
    assert anew.again == [unsaid] and [post.members for post in anew.posts] == [(noah,)]


def test_what_is_not_shown_any_more_goes_if_it_names_somebody_who_was_forgotten() -> None:
    [edit] = plan([], row("old", HOME.key, looks=STALE)).edits
    assert "so it's gone" in edit.card.body.plain()
    assert is_empty(plan([], row("old", HOME.key)))
    [over] = plan([], row("offer", HOME.key, looks=STALE)).edits
    assert over.card == Card("Over")
