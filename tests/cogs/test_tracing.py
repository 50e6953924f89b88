"""One id leads from what a platform told to all that was said of it, also where it was said by another process."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.logs import set_up_logging
from tests.story import Story

from .conftest import Begin

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    set_up_logging("json", "DEBUG")
    written = io.StringIO()
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(written)
    yield written
    root.handlers, root.level = handlers, level


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines() if '"bot.' in line]


@on_memory
async def test_a_delivery_is_logged_under_the_id_of_what_set_it_off(story: Story, log: io.StringIO) -> None:
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    await story.person("noah").uses("/idea add", title="Keyboard shortcuts")
    handled = [line["trace_id"] for line in lines(log) if line["message"] == "CommandUsed was handled"]
    assert len({*handled}) == 2
    delivered = [line["trace_id"] for line in lines(log) if line["message"].endswith("(post) is done")]
    assert delivered == handled


@on_memory
async def test_what_a_job_says_leads_to_the_job(story: Story, log: io.StringIO) -> None:
    mia = story.person("mia")
    await mia.uses("/poll create", question="Tea or coffee?", options="tea, coffee", closes="in 2 hours")
    await mia.presses("Post it")
    log.seek(0)
    log.truncate()
    await story.passes(hours=3)
    delivered = {line["trace_id"] for line in lines(log) if "is done" in line["message"]}
    assert delivered and all(trace.startswith("job/") for trace in delivered)


@on_memory
async def test_what_waits_over_a_restart_keeps_its_id(begin: Begin, log: io.StringIO) -> None:
    story = await begin()
    await story.keeps_out("ideas")
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    [handled] = [line["trace_id"] for line in lines(log) if line["message"] == "CommandUsed was handled"]
    await story.app.stop()
    story = await begin()
    log.seek(0)
    log.truncate()
    await story.lets_back("ideas")
    await story.passes(minutes=20)
    assert handled in {line["trace_id"] for line in lines(log) if line["message"].endswith("(post) is done")}
