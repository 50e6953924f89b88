import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from sqlalchemy import select

from storage.database import Database
from storage.members import Community, MemberStore
from storage.search import ACCEPTED, PLAIN, Document, Hit, SearchStore, documents, index, store
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
    assert best.score > second.score > 0
    assert best.score > best.fit.score and second.score >= second.fit.score, "its title has what was asked"
    assert (best.fit.words, second.fit.words) == (2, 1)
    assert 0 < best.fit.titled < best.fit.covered == 1
    assert (best.fit.covered_alike, best.fit.titled_alike) == (best.fit.covered, best.fit.titled)


async def test_a_word_in_the_title_counts_more(search: SearchStore, community: Community) -> None:
    await search.put(community.id, "question", 1, title="Something else", body="A webhook", at=NOON)
    await search.put(community.id, "question", 2, title="A webhook", body="Something else", at=NOON)
    await search.put(community.id, "question", 3, title="Nothing", body="of the kind", at=NOON)
    assert await found(search, community, "webhook") == [2, 1]


async def test_a_title_that_is_what_was_asked_comes_before_words_that_stand_anywhere(
    search: SearchStore, community: Community
) -> None:
    often = "Renew the certificate by hand. " * 20
    await search.put(community.id, "question", 1, title="Notes of the weekly meeting", body=often, at=NOON)
    await search.put(community.id, "question", 2, title="How is a certificate renewed?", body="So.", at=NOON)
    for number in range(3, 9):
        body = "In the shed. " * 30
        await search.put(community.id, "question", number, title=f"Where is tool {number}?", body=body, at=NOON)
    hits = await search.find(community.id, "Renewing the certificate", KINDS, 5)
    assert [hit.subject_id for hit in hits] == [2, 1] and hits[0].fit.score < hits[1].fit.score


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


async def test_the_largest_document_is_taken(database: Database, search: SearchStore, community: Community) -> None:
    for number, letters in enumerate((map(chr, range(0x4E00, 0x4E00 + 20_000)), map(chr, range(0x20000, 0x28000)))):
        body = " ".join(letters) * 10
        await search.put(community.id, "question", number, title="Letters", body=body, at=NOON)
    assert await found(search, community, "letters") == [1, 0]
    async with database.read() as connection:
        kept = await connection.scalars(select(documents.c.title + documents.c.body))
    assert [len(words) for words in kept] == [100_000, 100_000]


IN_ANY_WORDS = [
    ("パスワードを忘れた場合の手順", "パスワード"),
    ("怎么在不停机的情况下更新 webhook 密钥？", "密钥"),
    ("업데이트를 설치하는 방법", "업데이트"),
    ("วิธีเปลี่ยนรหัสผ่าน", "รหัสผ่าน"),
    ("كيف أُحَدِّثُ المفتاح؟", "أحدث المفتاح"),
    ("Ключи доступа", "ключи"),
    ("Crème brûlée", "creme brulee"),
    ("Was tun mit alten Rechnungen?", "rechnung"),
    ("Der Rechnungsexport bricht ab", "rechnung"),
    ("Passwort vergessen", "passwortänderung"),
    ("Rotate a webhook secret", "webhok secrt"),
    ("Why does get_user_by_name fail?", "get user by name"),
    ("Why does getUserByName fail?", "user name"),
    ("Which user name?", "get_user_by_name"),
    ("Python 3.12.1 is out", "python 3.12"),
    ("sof\u00adt hy\u200bphens", "soft hyphens"),
    ("비밀번호를 잊어버렸어요", "비밀번호"),
    ("비밀번호 변경", "비밀번호를"),
    ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
    ("新しい鍵", "鍵"),
    ("Der Datenbankumzug", "Datenbank"),
    ("Der Datenbankumzug", "Umzug"),
    ("Umzug der Datenbanken", "Datenbankumzug"),
    ("Zwei Schlüssel", "schlussel"),
    ("Cafe\u0301 am Markt", "Café"),
    ("می\u200cخواهم رمز", "میخواهم"),
    ("Как сбросить пароль", "ПАРОЛЬ"),
    ("O'Brien's keys, don't rotate", "brien"),
    ("The 10th of v2.1", "v2.1"),
    # Small words are told by themselves, not by their stems
    ("Wie kann ich meinen Namen ändern?", "aendern"),
    ("Wie kann ich meinen Namen aendern?", "ändern"),
    ("Wie funktioniert die Suche?", "suche"),
    ("Straße gesperrt", "strasse"),
    ("Schluessel", "Schlüssel"),
    # In one word or in two
    ("Rotate a webhook secret", "web hook"),
    ("Which web hook fires first?", "webhook"),
    ("Which web-hooks fire first?", "webhook"),
    ("E-Mail kommt nicht an", "email"),
    ("E Mail kommt nicht an", "email"),
    ("Email kommt nicht an", "e-mail"),
    ("Email kommt nicht an", "e mail"),
    ("Passwort vergessen", "pass wort"),
    ("Pass wort vergessen", "passwort"),
    ("Datenbank", "daten bank"),
    ("Daten Bank", "Datenbank"),
    ("I cannot log in", "login"),
    ("I cannot log-in", "login"),
    ("Login broken", "log in"),
    ("Login broken", "log-in"),
    ("How do I back up?", "backup"),
    ("Offline mode", "off line"),
    ("The timezone", "time zones"),
    ("What came with V2.1?", "2.1"),
    ("Node.js crashes", "nodejs"),
    ("The nodejs image", "Node.js"),
    # With a number behind them, or without
    ("Install on arm64", "arm"),
    ("Which image for ARM?", "arm64"),
    ("Python 3 templates", "python3"),
    ("How do I read UTF-8?", "utf8"),
    ("Does it speak HTTP/2?", "http2"),
    ("RTX 4090 driver", "rtx4090"),
    ("OAuth2 login", "oauth"),
    ("Fenster unter Windows 11", "windows11"),
    ("The net.Listen of .NET fails", ".net listen"),
]


@pytest.mark.parametrize("written, asked", IN_ANY_WORDS)
async def test_words_are_found_in_any_script_form_and_part(
    search: SearchStore, community: Community, written: str, asked: str
) -> None:
    await search.put(community.id, "question", 1, title="Something else altogether", body="", at=NOON)
    await search.put(community.id, "question", 2, title=written, body="", at=NOON)
    await search.put(community.id, "question", 3, title="Nothing of that kind", body="", at=NOON)
    assert await found(search, community, asked) == [2]


async def test_parts_of_a_word_apart_from_each_other_are_not_the_word(
    search: SearchStore, community: Community
) -> None:
    await search.put(community.id, "question", 1, title="A hook in the wall", body="", at=NOON)
    await search.put(community.id, "question", 2, title="Alive and well", body="", at=NOON)
    assert await found(search, community, "webhook") == []
    assert await found(search, community, "a live stream") == []


async def test_languages_and_versions_that_differ_are_not_the_same(search: SearchStore, community: Community) -> None:
    for number, name in enumerate(("C", "C#", "C++", "Python 3.11", "Python 3.12"), 1):
        await search.put(community.id, "question", number, title=f"Templates in {name}", body="", at=NOON)
    assert [(await found(search, community, f"templates {name}"))[0] for name in ("c", "c#", "C++")] == [1, 2, 3]
    for joint in (" ", ""):
        asked = [f"python{joint}{number}" for number in ("3.11", "3.12")]
        assert [(await found(search, community, words))[0] for words in asked] == [4, 5]


async def test_versions_that_stand_at_their_name_differ_too(search: SearchStore, community: Community) -> None:
    for number, name in enumerate(("Python3.11", "Python3.12", "Python3.13"), 1):
        await search.put(community.id, "question", number, title=f"Templates in {name}", body="", at=NOON)
    for joint in (" ", ""):
        asked = [f"python{joint}{number}" for number in ("3.11", "3.12", "3.13")]
        assert [(await found(search, community, words))[0] for words in asked] == [1, 2, 3]


async def test_what_is_not_kept_in_the_end_was_never_there(
    database: Database, search: SearchStore, community: Community
) -> None:
    async def fail() -> None:
        async with database.unit():
            await search.put(community.id, "question", 1, title="A zebra", body="", at=NOON)
            assert await found(search, community, "zebra") == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await search.put(community.id, "question", 2, title="Another zebra", body="", at=NOON)
    assert await found(search, community, "zebra") == [2]


async def test_what_another_process_writes_is_found(
    database: Database, filled: SearchStore, community: Community
) -> None:
    assert await found(filled, community, "zebra") == []
    other = Database(database._url.render_as_string(hide_password=False))
    try:
        theirs = SearchStore(other)
        await theirs.put(community.id, "question", 9, title="A zebra", body="", at=NOON)
        assert await found(filled, community, "zebra") == [9]
        await filled.remove("question", 9)
        assert await found(theirs, community, "zebra") == []
    finally:
        await other.close()


async def test_many_that_change_are_found_as_they_are(search: SearchStore, community: Community) -> None:
    for _ in range(3):
        for number in range(300):
            await search.put(community.id, "question", number, title=f"Number n{number}", body="again", at=NOON)
        assert await found(search, community, "n299") == [299]
        assert len(await found(search, community, "again", limit=500)) == 300


async def test_texts_put_at_once_are_found_as_those_put_one_by_one(
    database: Database, search: SearchStore, community: Community
) -> None:
    other = await MemberStore(database).community("slack/T2", "Other", "UTC")
    written = [
        Document(number, title, body, NOON, [("Rotate the key in the settings.", ACCEPTED), ("No idea.", PLAIN)])
        for number, (title, body) in enumerate([("Keys", "How do I rotate one?"), ("Rotating staff", ""), ("Cats", "")])
    ]
    for number in (0, 1):
        await search.put_all(community.id, "question", [Document(number, "A zebra", "before", NOON)])
    assert sorted(await found(search, community, "zebra")) == [0, 1]
    await search.put_all(community.id, "question", written)
    for one in written:
        place = (other.id, "idea", one.subject_id)
        await search.put(*place, title=one.title, body=one.body, at=one.at, answers=one.answers)

    async def hits(where: Community, kind: str, text: str) -> list[tuple[int, Hit]]:
        return [(hit.subject_id, replace(hit, kind="")) for hit in await search.find(where.id, text, (kind,), 10)]

    for text in ("rotate keys", "cats", "settings for staff", "zebra"):
        assert await hits(community, "question", text) == await hits(other, "idea", text)
    assert sorted(await found(search, community, "rotate")) == [0, 1, 2]


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


async def test_who_gives_up_while_the_index_is_read_leaves_it_whole(search: SearchStore, community: Community) -> None:
    """The next one to search must not read on while a thread still does."""
    words = [f"w{number}" for number in range(300)]
    written = [
        Document(number, f"Plant {number}", " ".join(words[number % 100 :]), NOON, answers=()) for number in range(1500)
    ]
    await search.put_all(community.id, "question", written)
    giving_up = asyncio.create_task(found(search, community, "w299"))
    kept = store._INDEXES.of(search._database, community.id, index.Index)
    while not len(kept.value):  # noqa: ASYNC110 - a thread tells nobody
        await asyncio.sleep(0.001)
    giving_up.cancel()
    await asyncio.wait([giving_up])
    assert len(kept.value) == 1500
    assert len(await found(search, community, "w299", 2000)) == 1500
