from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from storage.database import Database
from storage.members import Community, MemberStore
from storage.search import SearchStore
from tests.examples import tried

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KINDS = ("question",)


@pytest.fixture
def search(database: Database) -> SearchStore:
    return SearchStore(database)


@pytest.fixture
async def filled(search: SearchStore, community: Community) -> SearchStore:
    texts = [
        ("How do I rotate an API key?", "The old key must keep working while clients move."),
        ("Billing for annual plans", "We pay yearly and need an invoice for our rotating staff."),
        ("Deploying to production", "The pipeline fails at the last step with a timeout."),
        ("Crème brûlée at the summer party", "Who brings dessert?"),
    ]
    for number, (title, body) in enumerate(texts):
        await search.put(community.id, "question", number, title=title, body=body, at=NOON)
    return search


async def found(search: SearchStore, community: Community, text: str, limit: int = 10) -> list[int]:
    return [hit.subject_id for hit in await search.find(community.id, text, KINDS, limit)]


async def test_a_sentence_finds_what_shares_words_with_it(filled: SearchStore, community: Community) -> None:
    assert await found(filled, community, "Does anybody know how the rotation of API keys works?") == [0, 1]
    assert await found(filled, community, "my deployment times out, timeouts everywhere") == [2]
    assert await found(filled, community, "crème") == [3]
    assert await found(filled, community, "elephants") == []


async def test_a_hit_carries_the_document_and_how_well_it_fits(filled: SearchStore, community: Community) -> None:
    best, second = await filled.find(community.id, "rotate key", KINDS, 10)
    assert (best.kind, best.subject_id, best.at) == ("question", 0, NOON)
    assert best.title == "How do I rotate an API key?"
    assert best.body == "The old key must keep working while clients move."
    assert best.score > second.score > 0


async def test_a_word_in_the_title_counts_more(search: SearchStore, community: Community) -> None:
    await search.put(community.id, "question", 1, title="Something else", body="A webhook", at=NOON)
    await search.put(community.id, "question", 2, title="A webhook", body="Something else", at=NOON)
    await search.put(community.id, "question", 3, title="Nothing", body="of the kind", at=NOON)
    assert await found(search, community, "webhook") == [2, 1]


async def test_of_equals_the_newer_comes_first_and_the_limit_holds(search: SearchStore, community: Community) -> None:
    for number in range(5):
        at = NOON + number * timedelta(days=1)
        await search.put(community.id, "question", number, title="Webhooks", body="", at=at)
    assert await found(search, community, "webhook", limit=3) == [4, 3, 2]


async def test_a_changed_or_removed_document_is_found_as_it_is_now(filled: SearchStore, community: Community) -> None:
    await filled.put(community.id, "question", 0, title="Cats", body="and dogs", at=NOON)
    assert await found(filled, community, "rotate") == [1]
    assert await found(filled, community, "dog") == [0]
    await filled.remove("question", 0)
    await filled.remove("question", 0)
    assert await found(filled, community, "dog") == []


async def test_kinds_and_communities_are_apart(database: Database, filled: SearchStore, community: Community) -> None:
    other = await MemberStore(database).community("discord/9", "Others", "UTC")
    await filled.put(community.id, "idea", 0, title="Rotate keys for us", body="", at=NOON)
    await filled.put(other.id, "idea", 1, title="Rotate keys for them", body="", at=NOON)

    assert [hit.title for hit in await filled.find(other.id, "rotate", ("question", "idea"), 10)] == [
        "Rotate keys for them"
    ]
    assert {hit.kind for hit in await filled.find(community.id, "rotate", ("question", "idea"), 10)} == {
        *("question", "idea")
    }
    assert await filled.find(community.id, "rotate", (), 10) == []


async def test_small_words_find_nothing_beside_real_ones(filled: SearchStore, community: Community) -> None:
    assert await found(filled, community, "what is the invoice") == [1]
    assert await found(filled, community, "") == []
    assert await found(filled, community, "?!") == []


@pytest.mark.parametrize(
    "text",
    [
        'key" OR "billing',
        "key' | 'billing",
        "title:key",
        "key*",
        "-key",
        "NOT key",
        "key AND",
        "NEAR(key, billing",
        "^key",
        "key <-> & | ! ( ) :*",
        "key\\",
        "{title}: key",
        "key; DROP TABLE documents; --",
        "%key%s $1 :wanted",
        "key\0",
        "\ud800key\udfff",
        "🔑 key 🔑",
    ],
)
async def test_nothing_a_member_types_is_query_syntax(filled: SearchStore, community: Community, text: str) -> None:
    assert 0 in await found(filled, community, text)


@pytest.mark.parametrize("text", ["a" * 100_000, "word " * 50_000, " ".join(map(str, range(50_000))), "_", "__ _"])
async def test_endless_texts_are_taken(filled: SearchStore, community: Community, text: str) -> None:
    await filled.put(community.id, "question", 9, title=text, body=text, at=NOON)
    await found(filled, community, text)


async def test_the_largest_document_is_taken(search: SearchStore, community: Community) -> None:
    for number, letters in enumerate((map(chr, range(0x4E00, 0x4E00 + 20_000)), map(chr, range(0x20000, 0x28000)))):
        body = " ".join(letters) * 10
        await search.put(community.id, "question", number, title="Letters", body=body, at=NOON)
    [hit, _] = await search.find(community.id, "letters", KINDS, 10)
    assert len(hit.title + hit.body) == 100_000


anything = st.text(st.characters(codec=None), max_size=60) | st.text(
    "\"'*^:()&|!<>-\\{}\0 aANDORNOTEyk_\ud800", max_size=40
)


@tried(150, suppress=[HealthCheck.function_scoped_fixture])
@given(title=anything, body=anything, text=anything)
@example(title="'", body='"', text="\ud800\0")
async def test_any_text_can_be_put_and_looked_for(
    search: SearchStore, community: Community, title: str, body: str, text: str
) -> None:
    await search.put(community.id, "question", 1, title=title, body=body, at=NOON)
    for hit in await search.find(community.id, text, KINDS, 10):
        assert hit.score > 0
    await search.put(community.id, "question", 1, title=title, body=f"{body} {text} zebra", at=NOON)
    assert await found(search, community, f"{text} zebra"[-200:]) == [1]


@pytest.mark.parametrize(
    "title, asked",
    [
        ("パスワードを忘れました", "パスワード"),
        ("如何更新密钥", "密钥"),
        ("ลืมรหัสผ่านของฉัน", "รหัสผ่าน"),
        ("비밀번호를 잊어버렸어요", "비밀번호"),
        ("비밀번호 변경", "비밀번호를"),
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
        ("新しい鍵", "鍵"),
        ("Der Datenbankumzug", "Datenbank"),
        ("Der Datenbankumzug", "Umzug"),
        ("Umzug der Datenbanken", "Datenbankumzug"),
        ("Zwei Schlüssel", "schlussel"),
        ("Rechnungen für alle", "Rechnung"),
        ("Cafe\u0301 am Markt", "Café"),
        ("Café am Markt", "Cafe\u0301"),
        ("می\u200cخواهم رمز", "میخواهم"),
        ("Как сбросить пароль", "ПАРОЛЬ"),
        ("O'Brien's keys, don't rotate", "brien"),
        ("The 10th of v2.1", "v2"),
    ],
)
async def test_words_are_found_in_every_script_and_form(
    search: SearchStore, community: Community, title: str, asked: str
) -> None:
    await search.put(community.id, "question", 1, title=title, body="", at=NOON)
    await search.put(community.id, "question", 2, title="Something else, 别的", body="その他 อื่น 다른", at=NOON)
    assert await found(search, community, asked) == [1]
