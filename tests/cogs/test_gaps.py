"""What a community lacks so that its questions find somebody: moderators read it in their report, admins in `check`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bot.check import check_everything
from config.settings import Settings
from storage.database import Database
from storage.members import MemberStore
from tests.story import Story

from .conftest import START, Begin
from .test_questions import solved

LACKS = "What is missing"


async def lacking(story: Story) -> str:
    liam = story.person("liam")
    await liam.uses("/question report")
    return (await liam.last_private()).body.partition(LACKS)[2]


async def test_a_new_community_is_told_that_nobody_can_be_asked_and_what_mends_it(story: Story) -> None:
    missing = await lacking(story)
    assert "there's nobody whom I can ask" in missing and "expertise add" in missing
    await story.person("noah").uses("/expertise add", topic="webhooks")
    missing = await lacking(story)
    assert "there's nobody whom I can ask." not in missing
    assert "nobody whom I can ask about" in missing and "webhooks" not in missing and "deploy" in missing


async def test_who_helped_is_known_without_a_word_of_theirs_until_they_leave(story: Story) -> None:
    await solved(story)
    missing = await lacking(story)
    assert "Nobody has said what they know yet. I go by who answered before." in missing
    assert "webhooks" not in missing and "deploy" in missing
    await story.person("noah").leaves()
    assert "there's nobody whom I can ask." in await lacking(story)


async def test_support_that_is_not_there_is_missed_until_somebody_is_on_duty(story: Story) -> None:
    ava = story.person("ava")
    assert "Nobody is on duty" in await lacking(story)
    await ava.uses("/duty on")
    assert "duty" not in await lacking(story)
    await ava.uses("/duty off")
    assert "Nobody is on duty" in await lacking(story)


async def test_what_nobody_is_to_be_asked_about_is_not_missed(begin: Begin, tmp_path: Path) -> None:
    file = tmp_path / "community.toml"
    file.write_text('[[topics]]\nname = "billing"\nagents_only = true\n\n[[topics]]\nname = "seeds"\n')
    story = await begin(TRELLIS_COMMUNITY_FILE=str(file))
    await story.person("noah").uses("/expertise add", topic="Soil")
    missing = await lacking(story)
    assert "seeds" in missing and "billing" not in missing


async def test_admins_read_it_in_the_check_and_it_is_no_failure(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    await database.upgrade()
    members = MemberStore(database)
    community = await members.community("playground/p", "Garden", "UTC")
    await members.join_space("playground/p", community.id, "Garden")
    await members.arrive(community.id, "playground/p/mia", "playground/p", "Mia", START)
    await database.close()
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'trellis.db'}", "TRELLIS_PLAYGROUND": "on"}
    found = [check async for check in check_everything(Settings.model_validate(settings))]
    assert all(check.ok for check in found)
    lacks = {check.what: check.mend for check in found if check.mend}
    assert "Garden: I have met nobody who does support: what others don't answer stays where it is." in lacks
    assert any("/expertise add" in mend for mend in lacks.values())
    assert "Answers are looked for by words (text)." in [check.what for check in found]


async def test_a_level_that_cannot_be_is_said_in_the_check(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'trellis.db'}", "TRELLIS_SEARCH_LEVEL": "full"}
    (wrong,) = [check async for check in check_everything(Settings.model_validate(settings))]
    needed = "TRELLIS_SEARCH_MODEL" if find_spec("onnxruntime") else "trellis[full]"
    assert not wrong.ok and needed in wrong.mend
