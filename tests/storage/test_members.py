import asyncio
import importlib
import pkgutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

import storage
from benchmarks.counting import counted
from storage.audit import AuditStore
from storage.columns import metadata
from storage.database import Database
from storage.duty import DutyStore
from storage.members import GONE, Community, Member, MemberStore
from storage.merging import MergeStore, columns_about_members, keys_with
from storage.peers import PeerStore
from storage.questions import QuestionStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

MIA, NOAH = "slack/T1/U1", "slack/T1/U2"


@pytest.fixture
def members(database: Database) -> MemberStore:
    return MemberStore(database)


@pytest.fixture
def merging(database: Database) -> MergeStore:
    return MergeStore(database)


async def here(members: MemberStore, community_id: int) -> list[Member]:
    """Return the members of a community who have not left."""
    everyone = (await members.get_many(range(1, 100))).values()
    return [member for member in everyone if member.community_id == community_id and member.left_at is None]


async def arrive(
    members: MemberStore, community: Community, account: str = MIA, name: str = "Mia", at: datetime = NOON
) -> Member:
    member, _ = await members.arrive(community.id, account, account.rpartition("/")[0], name, at)
    return member


# Communities and their spaces


async def test_a_community_is_made_once_and_then_kept_up_to_date(members: MemberStore) -> None:
    first = await members.community("slack/T1", "Gardeners", "UTC")
    second = await members.community("slack/T1", "Gardeners of Bremen", "Europe/Berlin")

    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert (second.name, second.timezone) == ("Gardeners of Bremen", "Europe/Berlin")
    assert await members.communities() == [second]
    assert await members.community_by_id(first.id) == second
    assert await members.community_by_id(first.id + 1) is None


async def test_a_community_lives_in_several_spaces(members: MemberStore, community: Community) -> None:
    assert await members.community_of("slack/T1") == community
    assert await members.community_of("discord/1") == community
    assert await members.community_of("discord/2") is None


async def test_a_space_does_not_change_hands(members: MemberStore, community: Community) -> None:
    other = await members.community("discord/9", "Others", "UTC")
    with pytest.raises(ValueError, match="slack/T1 already belongs to another community"):
        await members.join_space("slack/T1", other.id, "Others")
    assert await members.community_of("slack/T1") == community


# Coming and going


async def test_whoever_arrives_first_is_a_new_member(members: MemberStore, community: Community) -> None:
    mia, new = await members.arrive(
        community.id, MIA, "slack/T1", "Mia", NOON, timezone="Asia/Tokyo", locale="ja", roles=frozenset({"b", "a"})
    )
    assert new
    assert mia == Member(
        id=mia.id,
        community_id=community.id,
        name="Mia",
        accounts=(MIA,),
        roles=frozenset({"a", "b"}),
        timezone="Asia/Tokyo",
        locale="ja",
        away_until=None,
        quiet_from=None,
        quiet_to=None,
        direct_ok=False,
        offers_ok=True,
        joined_at=NOON,
        last_active_at=NOON,
        left_at=None,
    )
    assert await members.by_account(MIA) == await members.get(mia.id) == mia
    assert await members.by_account(NOAH) is None
    assert await members.get(mia.id + 1) is None


async def test_what_the_platform_says_later_counts(members: MemberStore, community: Community) -> None:
    before = await arrive(members, community)
    after, new = await members.arrive(
        community.id, MIA, "slack/T1", "Mia B.", NOON, timezone="UTC", locale="de", roles=["moderator"]
    )
    assert not new
    assert after.id == before.id
    assert (after.name, after.timezone, after.locale, after.roles) == ("Mia B.", "UTC", "de", frozenset({"moderator"}))

    silent = await arrive(members, community, name="Mia B.")
    assert silent == after
    bare, _ = await members.arrive(community.id, MIA, "slack/T1", "Mia B.", NOON, roles=[])
    assert bare.roles == frozenset()


@pytest.mark.parametrize("same_account", [True, False])
async def test_first_arrivals_at_the_same_time(
    members: MemberStore, replica: Database, community: Community, same_account: bool
) -> None:
    accounts = [MIA if same_account else f"slack/T1/U{number}" for number in range(12)]
    found = await asyncio.gather(
        *(
            store.arrive(community.id, account, "slack/T1", "Mia", NOON)
            for account, store in zip(accounts, (members, MemberStore(replica)) * 6, strict=True)
        )
    )
    expected = 1 if same_account else 12
    assert len({member.id for member, _ in found}) == expected
    assert sum(new for _, new in found) == expected
    assert len(await here(members, community.id)) == expected


async def test_newcomers_who_come_together_are_written_down_together(
    members: MemberStore, database: Database, community: Community
) -> None:
    names = [f"slack/T1/U{number}" for number in range(40)]
    with counted() as count:
        met = await asyncio.gather(
            *(members.arrive(community.id, name, "slack/T1", f"Name {name}", NOON) for name in [*names, names[0]]),
            members.arrive(community.id, "slack/T2/U1", "slack/T2", "Nobody", NOON),
            return_exceptions=True,
        )
    assert isinstance(met.pop(), LookupError), "the one who is refused keeps nobody else out"
    arrived = [one for one in met if not isinstance(one, BaseException)]
    assert len({member.id for member, _ in arrived}) == len(names)
    assert all(member.accounts == (name,) for (member, _), name in zip(arrived, names, strict=False))
    assert sum(new for _, new in arrived) == len(names)
    assert count.statements < 3 * len(names) and count.commits < len(names) / 2

    async with database.unit():
        inside, new = await members.arrive(community.id, "slack/T1/V", "slack/T1", "V", NOON)
        assert new and await members.get(inside.id) == inside, "who is met within a unit is part of it"


async def test_what_is_written_in_a_unit_is_read_as_it_is_then(
    members: MemberStore, database: Database, community: Community
) -> None:
    mia = await arrive(members, community)
    async with database.unit():
        assert (await members.get(mia.id)) == mia
        await members.set_preferences(mia.id, timezone="Asia/Tokyo")
        found = await members.get(mia.id)
        assert found and found.timezone == "Asia/Tokyo"
        await members.leave(MIA, NOON)
        found = await members.get(mia.id)
        assert found and not found.accounts
        await members.erase(mia.id, NOON)
        found = await members.get(mia.id)
        assert found and found.name == GONE


async def test_activity_is_written_at_once_each_day_and_otherwise_only_read(
    database: Database, members: MemberStore, community: Community
) -> None:
    await arrive(members, community)
    writes = []
    engine = database._writer.sync_engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *call: writes.append(call[2]) if call[2].startswith(("UPDATE", "INSERT")) else None,
    )

    for seconds in (0, 1, 86_399, -3600):
        member = await arrive(members, community, at=NOON + timedelta(seconds=seconds))
        assert member.last_active_at == NOON
    assert writes == []

    later = NOON + timedelta(days=1)
    assert (await arrive(members, community, at=later)).last_active_at == later
    assert len(writes) == 1


async def test_who_was_seen_was_active_then_unless_they_were_later(
    members: MemberStore, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.members.CHUNK", 2)
    mia = await arrive(members, community)
    named, _ = await members.arrive(community.id, "slack/T1/U2", "slack/T1", "Noah", NOON, by_themselves=False)
    gone, _ = await members.arrive(community.id, "slack/T1/U3", "slack/T1", "Zoe", NOON)
    await members.leave("slack/T1/U3", NOON)
    seen = dict.fromkeys((MIA, "slack/T1/U2", "slack/T1/U3", "slack/T1/U4"), NOON + MINUTE)
    assert await members.seen(seen) == {"slack/T1/U3", "slack/T1/U4"}
    assert await members.seen({MIA: NOON}) == set() == await members.seen({})
    found = await members.get_many([mia.id, named.id, gone.id])
    assert [found[who.id].last_active_at for who in (mia, named, gone)] == [NOON + MINUTE, NOON + MINUTE, NOON]


async def test_whoever_is_only_named_has_done_nothing_yet(members: MemberStore, community: Community) -> None:
    named, _ = await members.arrive(community.id, "slack/T1/U1", "slack/T1", "Noah", NOON, by_themselves=False)
    assert named.last_active_at is None
    here, is_new = await members.arrive(community.id, "slack/T1/U1", "slack/T1", "Noah", NOON)
    assert here.last_active_at == NOON and not is_new


async def test_whoever_leaves_is_no_longer_here_and_may_come_back(members: MemberStore, community: Community) -> None:
    mia = await arrive(members, community)
    gone = await members.leave(MIA, NOON + MINUTE)

    assert gone is not None
    assert (gone.id, gone.left_at, gone.accounts) == (mia.id, NOON + MINUTE, ())
    assert await here(members, community.id) == []
    assert await members.by_name(community.id, "Mia") == []
    assert await members.by_account(MIA) == gone

    late = await arrive(members, community, at=NOON)
    assert late.left_at == NOON + MINUTE, "a message from before they left does not bring them back"

    back = await arrive(members, community, at=NOON + 2 * MINUTE)
    assert (back.id, back.left_at, back.accounts, back.joined_at) == (mia.id, None, (MIA,), NOON)


async def test_leaving_twice_or_unknown_changes_nothing(members: MemberStore, community: Community) -> None:
    await arrive(members, community)
    first = await members.leave(MIA, NOON)
    assert await members.leave(MIA, NOON + MINUTE) == first
    assert await members.leave(NOAH, NOON) is None


@pytest.mark.parametrize("space", ["slack/T9", "discord/9"])
async def test_nobody_arrives_where_the_community_does_not_live(
    members: MemberStore, community: Community, space: str
) -> None:
    other = await members.community("discord/9", "Others", "UTC")
    await members.join_space("discord/9", other.id, "Others")
    with pytest.raises(LookupError, match="does not live"):
        await members.arrive(community.id, f"{space}/U1", space, "Mia", NOON)


async def test_a_members_account_serves_no_other_community(members: MemberStore, community: Community) -> None:
    other = await members.community("discord/9", "Others", "UTC")
    await arrive(members, community)
    with pytest.raises(ValueError, match="community"):
        await arrive(members, other)


async def test_any_name_is_taken(members: MemberStore, community: Community) -> None:
    for name in ("", "a\0b", "\ud800", "🌱" * 500, "'; DROP TABLE members; --", "\u202egnp.exe"):
        member = await arrive(members, community, name=name)
        assert member.name == name.replace("\0", "").replace("\ud800", "")
        again = await arrive(members, community, name=name)
        assert again == member


# Finding members


async def test_members_are_found_by_name_in_any_capitals(members: MemberStore, community: Community) -> None:
    zoe = await arrive(members, community, MIA, "Zoë Çelik")
    await arrive(members, community, NOAH, "Zoë")

    for name in ("Zoë Çelik", "zoë çelik", "ZOË ÇELIK", " Zoe\u0308 C\u0327elik"):
        assert await members.by_name(community.id, name) == [zoe]
    assert await members.by_name(community.id, "Zoë%") == []


async def test_members_are_found_by_role(members: MemberStore, community: Community) -> None:
    for number, roles in enumerate((["agent"], ["agent", "x_y"], ["reagent"], ["Agent"], ["xzy", "%"], [])):
        await members.arrive(community.id, f"slack/T1/U{number}", "slack/T1", str(number), NOON, roles=roles)

    async def holders(role: str) -> list[str]:
        return [member.name for member in await members.with_role(community.id, role)]

    assert await holders("agent") == ["0", "1"]
    assert await holders("Agent") == ["3"]
    assert await holders("x_y") == ["1"]
    assert await holders("%") == ["4"]
    assert await holders("nobody") == []
    with pytest.raises(ValueError, match="comma"):
        await holders("a,b")


async def test_many_members_are_found_at_once(members: MemberStore, community: Community) -> None:
    mia, noah = await arrive(members, community), await arrive(members, community, NOAH, "Noah")
    assert await members.get_many([noah.id, mia.id, 999, mia.id]) == {mia.id: mia, noah.id: noah}
    assert await members.get_many([]) == {}


async def test_communities_do_not_see_each_others_members(members: MemberStore, community: Community) -> None:
    other = await members.community("discord/9", "Others", "UTC")
    await members.join_space("discord/9", other.id, "Others")
    await members.arrive(community.id, MIA, "slack/T1", "Mia", NOON, roles=["agent"])

    assert await here(members, other.id) == []
    assert await members.by_name(other.id, "Mia") == []
    assert await members.with_role(other.id, "agent") == []


# Preferences


async def test_members_decide_about_themselves(members: MemberStore, community: Community) -> None:
    mia = await arrive(members, community)
    changed = await members.set_preferences(
        mia.id, away_until=NOON + MINUTE, quiet_from="22:00", quiet_to="07:30", direct_ok=True, offers_ok=False
    )
    assert changed == await members.get(mia.id)
    assert (changed.away_until, changed.quiet_from, changed.quiet_to) == (NOON + MINUTE, "22:00", "07:30")
    assert (changed.direct_ok, changed.offers_ok) == (True, False)

    back = await members.set_preferences(mia.id, away_until=None)
    assert (back.away_until, back.quiet_from) == (None, "22:00")


async def test_the_zone_that_a_member_chose_stays(members: MemberStore, community: Community) -> None:
    async def says(zone: str) -> str | None:
        member, _ = await members.arrive(community.id, MIA, "slack/T1", "Mia", NOON, timezone=zone)
        return member.timezone

    assert await says("Europe/Berlin") == "Europe/Berlin"
    mia = await members.by_account(MIA)
    assert mia is not None
    await members.set_preferences(mia.id, timezone="Asia/Tokyo")
    assert await says("Europe/Paris") == "Asia/Tokyo"
    await members.set_preferences(mia.id, timezone=None)
    assert await says("Europe/Paris") == "Europe/Paris"


async def test_preferences_that_make_no_sense_are_refused(members: MemberStore, community: Community) -> None:
    mia = await arrive(members, community)
    for hour in ("24:00", "7:30", "22.00", "", "22:00\n"):
        with pytest.raises(ValueError, match="HH:MM"):
            await members.set_preferences(mia.id, quiet_from=hour)
    with pytest.raises(TypeError, match="name"):
        await members.set_preferences(mia.id, name="Ada")  # type: ignore[call-arg]
    with pytest.raises(LookupError):
        await members.set_preferences(mia.id + 1, direct_ok=True)


# One person, several accounts

DISCORD_MIA = "discord/1/7"


async def two(members: MemberStore, community: Community) -> tuple[Member, Member]:
    """Return Mia on Slack, and Mia on Discord."""
    kept = await arrive(members, community)
    return kept, await arrive(members, community, DISCORD_MIA, "Miriam", NOON + MINUTE)


async def test_two_members_become_one(members: MemberStore, merging: MergeStore, community: Community) -> None:
    kept, given_up = await two(members, community)
    noah = await arrive(members, community, NOAH, "Noah")
    merged = await merging.merge(kept.id, given_up.id, NOON + MINUTE)
    assert merged == replace(kept, accounts=(DISCORD_MIA, MIA), last_active_at=NOON + MINUTE)
    assert await members.get(given_up.id) is None
    assert await members.by_account(DISCORD_MIA) == await members.by_account(MIA) == merged
    assert await members.account_names(kept.id) == {DISCORD_MIA: "Miriam", MIA: "Mia"}
    assert await members.get(noah.id) == noah


async def test_choices_of_the_kept_member_win_and_blanks_are_filled(
    members: MemberStore, merging: MergeStore, community: Community
) -> None:
    kept, given_up = await two(members, community)
    await members.set_preferences(kept.id, timezone="Asia/Tokyo", offers_ok=False)
    later = NOON + timedelta(days=2)
    await members.set_preferences(
        given_up.id, timezone="UTC", quiet_from="22:00", quiet_to="08:00", away_until=later, direct_ok=True
    )
    merged = await merging.merge(kept.id, given_up.id, NOON + MINUTE)
    assert (merged.timezone, merged.offers_ok, merged.direct_ok) == ("Asia/Tokyo", False, True)
    assert (merged.quiet_from, merged.quiet_to, merged.away_until) == ("22:00", "08:00", later)

    third = await arrive(members, community, "discord/1/8", "Miri", NOON - MINUTE)
    await members.set_preferences(
        third.id, timezone="UTC", quiet_from="10:00", quiet_to="11:00", away_until=later + MINUTE
    )
    again = await merging.merge(kept.id, third.id, NOON + MINUTE)
    assert again == replace(merged, accounts=("discord/1/7", "discord/1/8", MIA), joined_at=NOON - MINUTE)


async def test_a_chosen_zone_counts_more_than_the_platforms(
    members: MemberStore, merging: MergeStore, community: Community
) -> None:
    kept, _ = await members.arrive(community.id, MIA, "slack/T1", "Mia", NOON, timezone="Europe/Berlin")
    given_up = await arrive(members, community, DISCORD_MIA)
    await members.set_preferences(given_up.id, timezone="Asia/Tokyo")
    assert (await merging.merge(kept.id, given_up.id, NOON)).timezone == "Asia/Tokyo"
    after, _ = await members.arrive(community.id, MIA, "slack/T1", "Mia", NOON, timezone="Europe/Berlin")
    assert after.timezone == "Asia/Tokyo"


async def test_only_members_of_one_community_become_one(
    members: MemberStore, merging: MergeStore, community: Community
) -> None:
    mia = await arrive(members, community)
    other = await members.community("discord/9", "Others", "UTC")
    await members.join_space("discord/9", other.id, "Others")
    stranger, _ = await members.arrive(other.id, "discord/9/1", "discord/9", "Mia", NOON)
    with pytest.raises(ValueError, match="different communities"):
        await merging.merge(mia.id, stranger.id, NOON)
    with pytest.raises(ValueError, match="one already"):
        await merging.merge(mia.id, mia.id, NOON)
    with pytest.raises(LookupError):
        await merging.merge(mia.id, stranger.id + 1, NOON)
    assert await members.get(mia.id) == mia and await members.get(stranger.id) == stranger


async def test_everything_that_points_at_a_member_follows(
    database: Database, members: MemberStore, merging: MergeStore, community: Community
) -> None:
    kept, given_up = await two(members, community)
    questions, peers = QuestionStore(database), PeerStore(database)
    duty, audit = DutyStore(database), AuditStore(database)
    asked = [
        await questions.draft(community.id, asker.id, "slack/T1", title, NOON)
        for asker, title in ((kept, "first"), (given_up, "second"))
    ]
    first, second = (question for question in asked if question)
    await questions.post(first.id, NOON)
    await peers.offer(first.id, 1, {kept.id: "kept", given_up.id: "dropped"}, NOON)
    await questions.post(second.id, NOON)
    await peers.offer(second.id, 1, {given_up.id: "moved"}, NOON)
    for member, topic in ((kept, "a"), (kept, "b"), (given_up, "b"), (given_up, "c")):
        await peers.set_expertise(community.id, member.id, topic, NOON)
    await peers.leave_alone(given_up.id, NOON)
    for at, member in ((NOON, kept), (NOON + MINUTE, given_up)):
        await duty.begin(community.id, member.id, at)
    await audit.add(community.id, NOON, given_up.id, "did.something")

    await merging.merge(kept.id, given_up.id, NOON)

    assert [question.asker_id for question in await questions.asked_by(kept.id)] == [kept.id, kept.id]
    assert [(offer.member_id, offer.reason) for offer in await peers.offers(first.id)] == [(kept.id, "kept")]
    assert [(offer.member_id, offer.reason) for offer in await peers.offers(second.id)] == [(kept.id, "moved")]
    assert await peers.expertise(kept.id) == [*"abc"]
    assert await peers.is_left_alone(kept.id)
    assert [(row.member_id, row.since) for row in await duty.on(community.id)] == [(kept.id, NOON)]
    assert [entry.member_id for entry in await audit.recent(community.id, 9)] == [kept.id]


async def test_no_row_that_may_be_dropped_has_others_hanging_from_it() -> None:
    """A merge drops what is doubled: a table that others point at must not have a key with a member in it."""
    for subject in pkgutil.iter_modules(storage.__path__, "storage."):
        importlib.import_module(subject.name)
    columns = columns_about_members()
    assert {"accounts.member_id", "questions.asker_id", "audit.member_id"} <= {str(column) for column in columns}
    with_room_for_one = {column.table for column in columns if keys_with(column)}
    pointed_at = {key.column.table for table in metadata.tables.values() for key in table.foreign_keys}
    assert not with_room_for_one & pointed_at


async def test_members_are_made_one_in_both_directions_at_once(
    members: MemberStore, merging: MergeStore, replica: Database, community: Community
) -> None:
    kept, given_up = await two(members, community)
    done = await asyncio.gather(
        merging.merge(kept.id, given_up.id, NOON),
        MergeStore(replica).merge(given_up.id, kept.id, NOON),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in done) == ["LookupError", "Member"]
    (left,) = await here(members, community.id)
    assert left.accounts == (DISCORD_MIA, MIA)


async def test_an_account_becomes_a_member_of_its_own(
    members: MemberStore, merging: MergeStore, community: Community
) -> None:
    kept, given_up = await two(members, community)
    await members.set_preferences(kept.id, quiet_from="22:00", quiet_to="08:00", offers_ok=False)
    await merging.merge(kept.id, given_up.id, NOON)
    new = await merging.split(DISCORD_MIA, NOON + MINUTE)
    assert (new.name, new.accounts, new.quiet_from, new.offers_ok) == ("Miriam", (DISCORD_MIA,), None, True)
    assert (new.joined_at, new.left_at) == (NOON + MINUTE, None) and new.id not in (kept.id, given_up.id)
    stayed = await members.by_account(MIA)
    assert stayed and (stayed.id, stayed.name, stayed.accounts) == (kept.id, "Mia", (MIA,))
    assert (stayed.quiet_from, stayed.offers_ok) == ("22:00", False)

    with pytest.raises(ValueError, match="no other account"):
        await merging.split(DISCORD_MIA, NOON)
    with pytest.raises(LookupError):
        await merging.split("discord/1/404", NOON)
    with pytest.raises(LookupError):
        await merging.split(DISCORD_MIA, NOON, also=[MIA])


async def test_names_and_leaving_are_right_after_a_split(
    members: MemberStore, merging: MergeStore, community: Community
) -> None:
    kept, given_up = await two(members, community)
    third = await arrive(members, community, "discord/1/8", "Miri")
    await merging.merge(kept.id, given_up.id, NOON)
    await merging.merge(kept.id, third.id, NOON)
    await arrive(members, community, DISCORD_MIA, "Miriam B.")  # the member is called so now
    await members.leave(MIA, NOON)
    new = await merging.split(DISCORD_MIA, NOON + MINUTE, also=["discord/1/8"])
    assert (new.name, new.accounts) == ("Miriam B.", (DISCORD_MIA, "discord/1/8"))
    stayed = await members.get(kept.id)
    assert stayed and (stayed.name, stayed.accounts, stayed.left_at) == ("Mia", (), NOON + MINUTE)
