"""Search by meaning: the same question in other words, with the weights that the package brings along."""

from datetime import UTC, datetime

import pytest

from storage.database import Database
from storage.members import Community
from storage.search import SearchStore
from storage.search.encoders import Light

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXTS = ("How do I delete my account?", "Where can I download my invoice?", "Why is the website so slow today?")
OTHERS = ("remove profile permanently", "get a receipt for a payment as a file", "pages take forever to load")


@pytest.fixture
async def search(database: Database, community: Community) -> SearchStore:
    store = SearchStore(database, Light())
    for number, title in enumerate(TEXTS):
        await store.put(community.id, "question", number, title=title, body="", at=NOON)
    return store


async def best(search: SearchStore, community: Community, asked: str) -> int | None:
    hits = await search.find(community.id, asked, ("question",), 3)
    return hits[0].subject_id if hits else None


async def test_the_same_in_other_words_is_found_once_it_is_known(search: SearchStore, community: Community) -> None:
    assert await search.unlearned() == 3
    assert await best(search, community, OTHERS[1]) is None
    assert (await search.learn(2), await search.learn(2), await search.learn(2)) == (2, 1, 0)
    assert await search.unlearned() == 0
    words = ("account", "download", "website")
    asked = [f"{other}, {word}" for other, word in zip(OTHERS, words, strict=True)]
    assert [await best(search, community, one) for one in asked] == [0, 1, 2]
    [first, *_] = await search.find(community.id, TEXTS[0], ("question",), 3)
    assert first.fit.titles_near > 0.9


async def test_a_word_counts_for_as_much_as_it_means_the_same(search: SearchStore, community: Community) -> None:
    await search.learn(10)
    [hit, *_] = await search.find(community.id, "How do I erase my account?", ("question",), 3)
    assert 0.3 < hit.fit.covered < hit.fit.covered_alike < 1
    assert 0.3 < hit.fit.titled < hit.fit.titled_alike < 1
    [other, *_] = await search.find(community.id, "How do I paint my account?", ("question",), 3)
    assert other.fit.covered_alike < hit.fit.covered_alike
    [blank, *_] = await search.find(community.id, "my account???", ("question",), 3)
    assert blank.fit.covered_alike == 1


async def test_what_changes_is_found_out_again(search: SearchStore, community: Community) -> None:
    await search.learn(10)
    await search.put(community.id, "question", 0, title="How do I export all my data?", body="", at=NOON)
    assert await search.unlearned() == 1
    await search.learn(10)
    [hit, *_] = await search.find(community.id, "export each bit of data", ("question",), 3)
    assert hit.subject_id == 0
    await search.remove("question", 0)
    assert await search.unlearned() == 0


async def test_words_alone_still_do(search: SearchStore, database: Database, community: Community) -> None:
    await search.learn(10)
    assert await best(search, community, "zebra crossing") is None
    assert await best(search, community, "invoice") == 1
    assert await best(search, community, "パスワード") is None
