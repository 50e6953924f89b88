import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.links import (
    ALPHABET,
    CODE_LIVES,
    TRIES_COUNT,
    WRONG_TRIES,
    LinkCode,
    LinkStore,
    TooManyTries,
    link_codes,
    link_tries,
    read_code,
)
from storage.members import Community, Member, MemberStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MIA, NOAH = "slack/T1/U1", "discord/1/2"


@pytest.fixture
def links(database: Database) -> LinkStore:
    return LinkStore(database)


@pytest.fixture
async def mia(database: Database, community: Community) -> Member:
    return (await MemberStore(database).arrive(community.id, MIA, "slack/T1", "Mia", NOON))[0]


@pytest.fixture
async def noah(database: Database, community: Community) -> Member:
    return (await MemberStore(database).arrive(community.id, NOAH, "discord/1", "Noah", NOON))[0]


async def made(links: LinkStore, member: Member, at: datetime = NOON) -> str:
    return await links.make_code(member.community_id, member.id, member.accounts[0], at)


async def found(links: LinkStore, code: str, by: Member, at: datetime = NOON) -> LinkCode:
    looked_up = await links.look_up(code, by.id, at)
    assert looked_up is not None
    return looked_up


@pytest.mark.parametrize(
    "typed, code",
    [
        ("K7RM-2XQD", "K7RM2XQD"),
        (" k7rm 2xqd. ", "K7RM2XQD"),
        ("k7rm–2xqd", "K7RM2XQD"),
        ("K7RM-2XQ", None),
        ("K7RM-2XQ0", None),
        ("Ｋ7RM-2XQD", None),
        ("", None),
    ],
)
def test_codes_are_read_however_they_are_typed(typed: str, code: str | None) -> None:
    assert read_code(typed) == code


def test_the_alphabet_is_not_mistaken() -> None:
    assert not set("01ILO") & set(ALPHABET) and len(set(ALPHABET)) == len(ALPHABET) == 31


async def test_a_code_is_found_by_whoever_enters_it(
    database: Database, links: LinkStore, mia: Member, noah: Member
) -> None:
    code = await made(links, mia)
    assert len(code) == 9 and code[4] == "-" and read_code(code)
    looked_up = await found(links, code.lower(), noah)
    assert (looked_up.member_id, looked_up.account) == (mia.id, MIA)
    assert (looked_up.expires_at, looked_up.used_at) == (NOON + CODE_LIVES, None)
    assert looked_up == await links.code_of(mia.id) and await links.code_of(noah.id) is None
    async with database.read() as connection:
        kept = (await connection.execute(select(link_codes))).one()
    assert code not in kept and read_code(code) not in kept


async def test_a_member_has_one_code(links: LinkStore, mia: Member, noah: Member) -> None:
    first, second = await made(links, mia), await made(links, mia, NOON + SECOND)
    assert await links.look_up(first, noah.id, NOON) is None
    assert (await found(links, second, noah)).expires_at == NOON + SECOND + CODE_LIVES


async def test_a_code_is_used_once(links: LinkStore, replica: Database, mia: Member, noah: Member) -> None:
    code = await found(links, await made(links, mia), noah)
    used = await asyncio.gather(*(store.use(code, NOON) for store in (links, LinkStore(replica)) * 4))
    assert sorted(used) == [False] * 7 + [True]
    assert (await found(links, await made(links, mia), noah)).used_at is None
    assert not await links.use(code, NOON)


async def test_a_code_is_good_for_ten_minutes(links: LinkStore, mia: Member, noah: Member) -> None:
    code = await found(links, await made(links, mia), noah)
    assert not await links.use(code, NOON + CODE_LIVES)
    assert await links.use(code, NOON + CODE_LIVES - SECOND)


async def test_wrong_tries_are_counted_for_each_member(links: LinkStore, mia: Member, noah: Member) -> None:
    code = await made(links, mia)
    for number in range(WRONG_TRIES):
        assert await links.look_up("22222222", noah.id, NOON + number * SECOND) is None
    with pytest.raises(TooManyTries) as refused:
        await links.look_up(code, noah.id, NOON + 5 * SECOND)
    assert refused.value.until == NOON + TRIES_COUNT
    await found(links, code, mia)

    assert await links.look_up("22222222", noah.id, NOON + TRIES_COUNT) is None  # the first is forgotten
    with pytest.raises(TooManyTries) as refused:
        await links.look_up(code, noah.id, NOON + TRIES_COUNT)
    assert refused.value.until == NOON + SECOND + TRIES_COUNT


async def test_tries_made_at_once_are_all_counted(
    database: Database, links: LinkStore, replica: Database, noah: Member
) -> None:
    tried = await asyncio.gather(
        *(store.look_up("22222222", noah.id, NOON) for store in (links, LinkStore(replica)) * 6),
        return_exceptions=True,
    )
    assert sum(outcome is None for outcome in tried) == WRONG_TRIES
    assert sum(isinstance(outcome, TooManyTries) for outcome in tried) == 12 - WRONG_TRIES
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(link_tries)) == WRONG_TRIES


async def test_links_are_noted_and_undone_once(links: LinkStore, mia: Member, noah: Member) -> None:
    link = await links.note(mia.community_id, mia.id, [NOAH, "discord/1/3"], NOON)
    assert link.accounts == (NOAH, "discord/1/3")
    assert await links.of(mia.id) == [link] and await links.of(noah.id) == []
    assert [await links.undo(link.id, NOON + SECOND), await links.undo(link.id, NOON + 2 * SECOND)] == [True, False]
    assert [one.undone_at for one in await links.of(mia.id)] == [NOON + SECOND]


async def test_a_member_is_forgotten(links: LinkStore, mia: Member, noah: Member) -> None:
    code = await made(links, mia)
    await links.note(mia.community_id, mia.id, [NOAH], NOON)
    for _ in range(WRONG_TRIES):
        await links.look_up("22222222", mia.id, NOON)
    await links.forget(mia.id)
    assert await links.of(mia.id) == [] and await links.code_of(mia.id) is None
    assert await links.look_up(code, mia.id, NOON) is None
