"""What an asker is shown before anybody is asked: one answer, a few that may help, or nothing."""

from __future__ import annotations

import pytest

from bot.cogs.questions.offering import BOUNDS, least
from bot.text.likeness import ALIKE
from bot.text.passages import other_versions, passage
from storage.offered import Offered
from tests.story import Seen, Story

from .conftest import Begin
from .test_questions import SECRET, solved, thread_of

LONG = (
    "It depends a little. First make sure nobody deploys meanwhile. "
    "To rotate the webhook secret, open Settings and press Rotate. Then tell your team."
)


async def shown(story: Story, question: str) -> Seen:
    await story.person("mia").uses("/ask", question=question)
    return await story.person("mia").last_private()


async def test_one_that_surely_answers_is_shown_alone_with_its_passage_age_and_worth(story: Story) -> None:
    await solved(story, answer=LONG)
    await solved(story, "How do I export all entries of a year?", "Account, Export.")
    await story.passes(days=40)
    first = await shown(story, "How can I rotate a webhook secret?")
    assert first.title == "Does this answer it?" and first.body.count("answered") == 1
    assert "rotate the webhook secret, open Settings and press Rotate." in first.body
    assert "helped" not in first.body
    await story.person("mia").presses("This solved it")
    again = await shown(story, "How can I rotate my webhook secret?")
    assert "It has helped one other person." in again.body


async def test_what_shares_a_word_or_two_is_not_shown(story: Story) -> None:
    await solved(story)
    for question in (
        "Where do I change my secret santa?",
        "Who takes care of the webhook docs?",
        "How do I water basil?",
    ):
        assert (await shown(story, question)).title != "Does this answer it?"
        assert "is posted" in (await story.person("mia").last_private()).words


async def closed(story: Story, thanks: str = "") -> tuple[str, str]:
    """Have Sofia ask and Noah answer, perhaps be thanked, and nobody say more; return the thread and the answer."""
    sofia, noah = story.person("sofia"), story.person("noah")
    await sofia.uses("/ask", question=SECRET)
    thread = await thread_of(noah, SECRET)
    answer = await noah.says("Under Settings, Webhooks, press Rotate.", thread)
    if thanks:
        await sofia.says(thanks, thread)
    await story.passes(days=5)
    return thread, answer


async def test_what_nobody_said_more_about_is_perhaps_the_same_and_whoever_answered_is_credited(story: Story) -> None:
    await closed(story)
    known = await shown(story, "How do I rotate the webhook secret?")
    assert known.title == "Is this about the same?"
    assert "press Rotate" in known.body and "Nobody has said whether that solved it." in known.body
    await story.person("mia").presses("This solved it")
    assert "Noah" in (await story.person("mia").last_private()).words


async def test_what_was_thanked_for_counts_more(story: Story) -> None:
    await closed(story, "Thanks, that works!")
    known = await shown(story, "How do I rotate the webhook secret?")
    assert "press Rotate" in known.body and "Nobody has said" not in known.body


async def test_an_answer_is_found_by_its_words_until_it_is_deleted(story: Story) -> None:
    """Also one that solved nothing, as long as it stands as it is written."""
    _, answer = await closed(story)
    noah, mia = story.person("noah"), story.person("mia")
    await mia.uses("/search", query="press rotate")
    assert SECRET in (await mia.last_private()).words
    await noah.edits(answer, "Under Settings, Webhooks, use the wheel.")
    await mia.uses("/search", query="press")
    assert "Nothing found" in (await mia.last_private()).words
    await mia.uses("/search", query="wheel")
    assert SECRET in (await mia.last_private()).words
    await noah.deletes(answer)
    await mia.uses("/search", query="wheel")
    assert "Nothing found" in (await mia.last_private()).words
    assert "is posted" in (await shown(story, "How do I rotate the webhook secret?")).words


async def test_what_somebody_answered_is_not_found_once_they_are_forgotten(story: Story) -> None:
    await closed(story)
    noah, mia = story.person("noah"), story.person("mia")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await mia.uses("/search", query="press")
    assert "Nothing found" in (await mia.last_private()).words


async def test_an_answer_about_another_version_says_so(story: Story) -> None:
    await solved(story, "How do I install the client on Python 3.11?", "pip install client")
    known = await shown(story, "How do I install the client on Python 3.12?")
    assert "It's about 3.11, and you ask about 3.12." in known.body
    older = await shown(story, "How do I install the client on Python 2?")
    assert "It's about Python 3.11, and you ask about Python 2." in older.body
    same = await shown(story, "How do I install the client on Python 3.11.4?")
    assert "you ask about" not in same.body


async def test_moderators_see_what_became_of_what_was_shown(story: Story) -> None:
    liam, mia = story.person("liam"), story.person("mia")
    await liam.uses("/question report")
    assert "Nobody was shown" in (await liam.last_private()).words
    await solved(story)
    await shown(story, "How can I rotate a webhook secret?")
    await mia.presses("This solved it")
    await shown(story, "How can I rotate my webhook secret now?")
    await mia.presses("Post my question")
    await liam.uses("/question report")
    words = (await liam.last_private()).words
    assert "2 askers were shown" in words and "helped one of them" in words and "One posted" in words
    await mia.uses("/question report")
    assert "askers were shown" not in (await mia.last_private()).words


@pytest.mark.parametrize(
    "right, wrong, expected",
    [(0, 0, ALIKE), (10, 1, ALIKE), (0, 3, BOUNDS[-1]), (30, 0, BOUNDS[0]), (19, 0, ALIKE), (500, 400, BOUNDS[-1])],
)
def test_a_community_teaches_when_to_show_something(right: int, wrong: int, expected: float) -> None:
    past = [Offered(0.9, True)] * right + [Offered(0.9, False)] * wrong + [Offered(0.9, None)] * 50
    assert least(past) == expected


def test_what_was_unlikely_and_wrong_is_shown_no_more() -> None:
    past = [Offered(0.5, False)] * 10 + [Offered(0.8, True)] * 10
    assert least(past) == 0.6


@pytest.mark.parametrize(
    "answer, asked, expected",
    [
        (LONG, "rotate webhook secret", "To rotate the webhook secret, open Settings and press Rotate."),
        ("One sentence about the secret", "secret", None),
        ("First. Second.", "third", None),
        ("Use `rotate`. Then the secret is new.", "rotate the secret", None),
        ("Version 2.1 is out. Rotate it.", "version 2.1", "Version 2.1 is out."),
        ("設定を開く。秘密を更新する。", "秘密の更新", "秘密を更新する。"),
    ],
)
def test_the_passage_that_answers(answer: str, asked: str, expected: str | None) -> None:
    found = passage(answer, asked)
    assert (answer[slice(*found)] if found else None) == expected


@pytest.mark.parametrize(
    "asked, known, expected",
    [
        ("on 3.12", "on 3.11", ("3.12", "3.11")),
        ("on v2.0", "since 2.0.1", None),
        ("on 3.12", "on 3.1", ("3.12", "3.1")),
        ("on 3.12", "on 3.11 and 3.12", None),
        ("no version", "3.11", None),
        ("at 10.30", "no version", None),
        # Without a dot, the name tells
        ("How do I start it on Python 3?", "Does it run on Python 2?", ("Python 3", "Python 2")),
        ("Python 3: how do I start it?", "Does it run on python2?", ("Python 3", "python2")),
        ("Wie starte ich es unter Windows 11?", "Läuft es unter Windows 10 und Windows 11?", None),
        ("Node.js 18: how do I start it?", "Does it run on Node.js 20?", ("Node.js 18", "Node.js 20")),
        ("on Python 3", "on Python 3.11", None),
        ("on Postgres 15.2", "on Postgres 14", ("Postgres 15.2", "Postgres 14")),
        ("on Python 3", "on Ubuntu 22", None),
        ("the last 30 days", "the last 90 days", None),
        ("Last 30 days as a table", "Last 90 days as a table", None),
        ("in March 2026, at 10:30", "only since 2025", None),
    ],
)
def test_versions_that_differ(asked: str, known: str, expected: tuple[str, str] | None) -> None:
    assert other_versions(asked, known) == expected


async def test_the_same_is_found_when_the_answer_is_an_article_too(story: Story) -> None:
    await solved(story)
    liam, noah, sofia = (story.person(name) for name in ("liam", "noah", "sofia"))
    await liam.picks("Save to knowledge base", (await noah.reads(SECRET, "help")).id)
    await liam.fills(heading=SECRET, answer="Under Settings, Webhooks, Rotate. That takes a minute.")
    for author in (sofia, noah):
        await author.presses("Yes, publish it", on=await author.finds_button("Yes, publish it"))
    known = await shown(story, "How can I rotate a webhook secret?")
    assert known.title == "Does this answer it?" and known.body.count("answered") == 1
    assert "That takes a minute." in known.body


async def test_by_meaning_the_same_in_other_words_is_known(begin: Begin) -> None:
    story = await begin(TRELLIS_SEARCH_LEVEL="light")
    await solved(story, "How do I delete my account?", "Under Settings, Account, Delete.")
    await story.passes(minutes=1)
    known = await shown(story, "How can I remove my account for good?")
    assert "Under Settings, Account, Delete." in known.body
    assert "is posted" in (await shown(story, "Where is the office?")).words
