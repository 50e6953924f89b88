"""A screenshot goes along with a question: it is shown where the question is, to whom that is, and goes with it."""

from __future__ import annotations

import io
import zipfile

import pytest

from adapters.contract.files import UPLOAD
from adapters.memory import Memory
from storage.uploads import MOST_UNUSED, UploadStore
from tests.pictures import picture_of
from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_link import Town, town
from .test_private import own

__all__ = ["town"]

PNG, OTHER = picture_of(b"a stack of errors"), picture_of(b"the settings")
QUESTION = "Why does my build stop here?"


async def asks(mia: Person, content: bytes = PNG, **answers: str) -> None:
    """Open the form, choose a file and send it."""
    await mia.uses("/ask")
    await mia.fills(question=QUESTION, screenshot=await mia.picks_file(content), **answers)


def pictures(seen: Seen) -> list[bytes]:
    return [content for name, content in seen.files.items() if name.startswith("picture-")]


async def kept(story: Story, who: str = "mia") -> list[int]:
    """Return the ids of what the store keeps of somebody."""
    member = await story.member(who)
    return [upload.id for upload in await UploadStore(story.app.database).of(member.id)]


async def test_a_screenshot_is_shown_with_the_question(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await asks(mia)
    card = await noah.reads(QUESTION, "help")
    assert pictures(card) == [PNG]
    assert card.alt == f"A screenshot for “{QUESTION}”"
    await noah.says("The third line tells: a semicolon is missing.", story.thread(card))
    await mia.presses("Mark as solved", on=await mia.reads(QUESTION, "help"))
    assert pictures(await noah.reads(QUESTION, "help")) == [PNG]


async def test_where_a_photo_was_taken_is_told_nobody(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await asks(mia, PNG + b"52.5200 N 13.4050 E")
    assert pictures(await noah.reads(QUESTION, "help")) == [PNG]


@pytest.mark.parametrize("kit", ["memory", "playground", "discord"], indirect=True)
async def test_it_can_be_added_to_the_command(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question=QUESTION, screenshot=await mia.picks_file(PNG))
    assert pictures(await mia.reads(QUESTION, "help")) == [PNG]


async def test_it_survives_a_form_that_is_refused(begin: Begin) -> None:
    """Nobody chooses it twice, whatever else is wrong; and another one takes its place."""
    story = await begin(TRELLIS_ANONYMOUS_QUESTIONS="false")
    mia = story.person("mia")
    for first, then in ((PNG, None), (PNG, OTHER)):
        await asks(mia, first, anonymous="true", details=f"{first!r} {then!r}")
        assert mia.form and "Anonymous questions are switched off" in mia.form.problem
        chosen = {"screenshot": await mia.picks_file(then)} if then else {}
        await mia.fills(anonymous="false", **chosen)
        if any("Post my question" in seen.controls for seen in await mia.sees()):
            await mia.presses("Post my question")
        assert pictures((await mia.sees("help"))[-1]) == [then or first]


@pytest.mark.parametrize(
    "content, words",
    [
        (b"GIF8" + bytes(UPLOAD), "At most 5 MB, please."),
        (b"%PDF-1.7", "A picture, please: png, jpg, gif."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "A picture, please"),
        (b"", "A picture, please"),
        (PNG[:30], "That picture isn't whole. Please save it again, or take a screenshot of it."),
    ],
)
async def test_what_is_no_picture_or_too_large_is_refused(story: Story, content: bytes, words: str) -> None:
    mia = story.person("mia")
    await asks(mia, content)
    assert mia.form and words in mia.form.errors["screenshot"]
    assert not await kept(story)
    await mia.does_not_read(f"{QUESTION} is posted")
    await mia.fills(screenshot=await mia.picks_file(PNG))
    assert pictures(await mia.reads(QUESTION, "help")) == [PNG]


async def test_a_file_that_is_gone_is_asked_for_again(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask")
    await mia.fills(question=QUESTION, screenshot=await _gone(story, mia))
    assert mia.form and mia.form.errors["screenshot"] == "I couldn't read that file. Please choose it again."
    await mia.fills(screenshot="")
    assert not (await mia.reads(QUESTION, "help")).files


async def _gone(story: Story, mia: Person) -> str:
    """Choose a file of which the platform has nothing any more when it is asked for."""
    answer = await mia.picks_file(PNG)
    match story.door.account("mia").space.platform:
        case "memory":
            story.door.platform.chosen.clear()  # type: ignore[attr-defined]
        case "playground":
            story.door.platform.chosen._contents.clear()  # type: ignore[attr-defined]
        case "discord":
            world = story.door._world  # type: ignore[attr-defined]
            world.gone.add(answer)
        case "slack":
            story.door.server.files.clear()  # type: ignore[attr-defined]
    return answer


async def test_what_is_asked_privately_shows_it_to_support_alone(story: Story) -> None:
    mia, noah, ava = story.person("mia"), story.person("noah"), story.person("ava")
    await asks(mia, private="true")
    await mia.presses("Send it to support")
    assert pictures(await ava.reads("For support alone", "agents")) == [PNG]
    assert pictures(await own(story, QUESTION)) == [PNG]
    assert not [seen for seen in await noah.sees() if pictures(seen)]


async def test_it_goes_when_the_question_is_taken_back(story: Story) -> None:
    """It may show what nobody was to see: the card shows it no more, and the store forgets it."""
    mia, ava = story.person("mia"), story.person("ava")
    await asks(mia, private="true")
    await mia.presses("Send it to support")
    await mia.presses("Take it back", on=await own(story, QUESTION))
    assert not [seen for seen in (*await mia.sees(), *await ava.sees()) if pictures(seen)]
    await story.passes(days=3)
    assert not await kept(story)


async def test_it_is_exported_and_erased_with_its_asker(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await asks(mia)
    await mia.uses("/privacy export")
    files = next(seen.files for seen in reversed(await mia.sees()) if "your-pictures.zip" in seen.files)
    with zipfile.ZipFile(io.BytesIO(files["your-pictures.zip"])) as packed:
        assert [packed.read(name) for name in packed.namelist()] == [PNG]
        assert packed.namelist()[0].removesuffix(".png").encode() in files["your-data.json"]
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    await story.passes(minutes=1)
    assert not [seen for seen in await noah.sees() if pictures(seen)]
    async with story.app.database.read() as connection:
        assert not (await connection.exec_driver_sql("SELECT * FROM uploads")).all()


async def test_what_was_never_asked_is_forgotten(story: Story) -> None:
    """Of what somebody chose again and again, a few are kept, and for two days."""
    mia = story.person("mia")
    await mia.uses("/ask")
    for number in range(MOST_UNUSED + 3):
        await mia.fills(question="", screenshot=await mia.picks_file(PNG + bytes([number])))
        if mia.form is None:  # what nobody can send empty
            break
    assert len(await kept(story)) <= MOST_UNUSED
    await story.passes(days=3)
    assert not await kept(story)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_nobody_uses_the_file_of_another(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await asks(mia)
    (id_,) = await kept(story)
    platform = story.app.adapters["memory"]
    assert isinstance(platform, Memory)
    await noah.uses("/ask")
    for forged in (f"kept:{id_}", "kept:", "kept:x", f"kept:{10**12}", "kept:-1"):
        await platform.submit("noah", {"question": "Is it mine?", "screenshot": forged})
        assert noah.form and noah.form.errors["screenshot"] == "I don't have that any more. Please choose it again."


async def test_everywhere_else_sees_it_too(town: Town) -> None:
    """A question stands in each space of its community, and its picture with it."""
    await asks(town.mia)
    assert pictures(await town.here.person("noah").reads(QUESTION, "help")) == [PNG]
    assert pictures(await town.there.person("sofia").reads(QUESTION, "help")) == [PNG]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_does_not_fit_into_an_export_is_told(story: Story) -> None:
    """The newest go along, and nothing is left out in silence."""
    mia = story.person("mia")
    large = [picture_of(bytes([number]) * (UPLOAD - len(picture_of(b"")))) for number in range(3)]
    for number, content in enumerate(large):
        question = f"{('Why', 'Where', 'When')[number]} does part {number} of the garden stop?"
        await mia.uses("/ask", question=question, screenshot=await mia.picks_file(content))
    await mia.uses("/privacy export")
    told = await mia.last_private()
    assert "2 more pictures didn't fit." in told.body
    with zipfile.ZipFile(io.BytesIO(told.files["your-pictures.zip"])) as packed:
        assert [packed.read(name) for name in packed.namelist()] == [large[-1]]
