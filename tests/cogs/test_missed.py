"""What was written while Trellis was away."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.contract.events import MessageDeleted
from adapters.contract.models import Account, MessageRef, Profile
from tests.story import Story

from .conftest import Begin

QUESTION = "How do I rotate the webhook secret?"


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_a_question_asked_while_nobody_listened_is_taken_up(story: Story, begin: Begin) -> None:
    mia = story.person("mia")
    await mia.says("How do I page through the list of users?", "help")
    await story.app.stop()
    await mia.says(QUESTION, "help")
    story = await begin()
    await story.app.settle()
    card = await story.person("noah").reads(QUESTION)
    assert "Question #2" in card.words or card.fields["State"] == "🌱 Open"
    titles = [seen.title for seen in await story.person("noah").sees() if "page through" in seen.title]
    assert len(titles) == 1, "what was heard before is not heard twice"


@pytest.mark.needs("taking back")
async def test_what_somebody_deletes_is_taken_back_though_nobody_says_who_did_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says(QUESTION, "help")
    await noah.reads(QUESTION)
    account = story.door.account("mia")
    help_ = await story.app.chat.find_channel(account.space, "help")
    assert help_
    nobody = Profile(Account(account.space, "0"), "")
    gone = MessageDeleted(id="gone", at=story.now, by=nobody, message=MessageRef(help_, message))
    answers: Any = None  # there is nobody to answer
    await story.app.router.receive(gone, answers)
    await story.app.settle()
    assert await story.app.members.by_account(nobody.account.key) is None
    assert "🌱 Open" not in [seen.fields.get("State") for seen in await noah.sees()]
