"""Pictures in cards, and files beside them: however long Slack looks at them, and whatever it refuses."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any

import pytest

from adapters.contract.adapter import AdapterError, Gone, Responder
from adapters.contract.call import Call
from adapters.contract.charts import Bar, Chart, ChartRow
from adapters.contract.events import PlatformEvent
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import MessageRef
from adapters.contract.tables import Table, TableRow
from adapters.contract.ui import Button, Card
from adapters.slack import files
from adapters.slack.api import Api
from bot.clock import MovableClock
from tests.story import Seen

from .conftest import PRESS, START, Bench
from .things import Fault, Upload

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)
PICTURE = File("votes.png", b"\x89PNG 1", "Tea 3, coffee 2")
DIARY, LATER = File("diary.ics", b"BEGIN:VCALENDAR 18"), File("diary.ics", b"BEGIN:VCALENDAR 19")


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAUSES", (0.01,) * 4)


async def post(bench: Bench, *given: File) -> MessageRef:
    return await bench.kit.slack.post(bench.help, Card("Votes", files=given), nonce="n1")


async def seen_by(bench: Bench, who: str = "noah") -> Seen:
    return (await (await bench.kit.door(bench.settled)).visible(who))[-1]


def standing(bench: Bench) -> list[dict[str, Any]]:
    return [*bench.server.places["CHELP"].messages.values()]


async def test_a_picture_is_waited_for_and_uploaded_once(bench: Bench) -> None:
    bench.server.picture_takes = 3
    ref = await post(bench, PICTURE)
    assert (await seen_by(bench)).files == {"votes.png": PICTURE.content}
    await bench.kit.slack.edit(ref, Card("Votes, again", files=(PICTURE,)))
    assert len(bench.called("files.completeUploadExternal")) == 1 and len(standing(bench)) == 1


async def test_a_picture_that_slack_never_shows_is_told_in_words(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.server.picture_takes = 99
    await post(bench, PICTURE)
    assert "🖼️ Tea 3, coffee 2" in str(standing(bench)[0]["blocks"]) and "votes.png" in caplog.text


async def test_without_the_scope_a_card_does_without_its_files(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.server.scopes.discard("files:write")
    await post(bench, PICTURE, DIARY)
    (message,) = standing(bench)
    assert "Tea 3, coffee 2" in str(message["blocks"]) and "lacks files:write" in caplog.text


LOST, FAILED = Fault(effect=True, cut=True), Fault(error="internal_error")


@pytest.mark.parametrize("method, fault", [("chat.postMessage", LOST), ("files.completeUploadExternal", FAILED)])
async def test_a_file_lies_beneath_a_card_that_is_found_again_once(
    bench: Bench, clock: MovableClock, method: str, fault: Fault
) -> None:
    """The answer to the post was lost, or the process died before the file was shared."""
    bench.server.faults[method] = deque([fault] * 4)
    with suppress(AdapterError):
        await post(bench, DIARY)
    bench.server.faults.clear()
    for _ in range(2):
        await bench.kit.slack.stop()
        await bench.start()
        await bench.kit.slack.post(bench.help, Card("Votes", files=(DIARY,)), nonce="n1", since=clock.now())
        card, beneath = standing(bench)
        assert beneath["thread_ts"] == card["ts"] and beneath["files"][0]["title"] == "diary.ics"


async def test_a_file_lies_beneath_each_card_that_is_found_again(bench: Bench, clock: MovableClock) -> None:
    """The process died before the files were shared. The card that is looked for first is not the only one found."""
    card = Card("Votes", files=(DIARY,))
    bench.server.faults["files.completeUploadExternal"] = deque([FAILED] * 8)
    for nonce in ("n1", "n2"):
        await bench.kit.slack.post(bench.help, card, nonce=nonce)
    bench.server.faults.clear()
    await bench.kit.slack.stop()
    await bench.start()
    for nonce in ("n1", "n2"):
        await bench.kit.slack.post(bench.help, card, nonce=nonce, since=clock.now())
    first, second, *beneath = standing(bench)
    assert {one["thread_ts"] for one in beneath} == {first["ts"], second["ts"]} and len(beneath) == 2


async def test_a_file_lies_beneath_its_card_or_where_the_card_stands(bench: Bench) -> None:
    ref = await post(bench, DIARY)
    card, beneath = standing(bench)
    assert beneath["thread_ts"] == card["ts"] and beneath["files"][0]["title"] == "diary.ics"
    thread = await bench.kit.slack.open_thread(ref, "")
    await bench.kit.slack.post(thread, Card("Inside", files=(LATER,)), nonce="n2")
    assert {message.get("thread_ts") for message in standing(bench)} == {card["ts"]}
    mia = (await bench.kit.door(bench.settled)).account("mia")
    await bench.kit.slack.direct(mia, Card("Yours", files=(DIARY,)), nonce="n3")
    assert [message.get("thread_ts") for message in bench.server.places["DMIA"].messages.values()] == [None, None]


async def test_a_file_is_handed_over_anew_only_when_it_changed_also_after_a_restart(bench: Bench) -> None:
    ref = await post(bench, DIARY)
    await bench.kit.slack.edit(ref, Card("Nothing new", files=(DIARY,)))
    await bench.kit.slack.stop()
    await bench.start()
    await bench.kit.slack.edit(ref, Card("Still nothing new", files=(DIARY,)))
    assert len(bench.called("files.completeUploadExternal")) == 1
    await bench.kit.slack.edit(ref, Card("An hour later", files=(LATER,)))
    assert (await seen_by(bench)).files == {"diary.ics": LATER.content}
    assert [message["files"][0]["title"] for message in standing(bench)[1:]] == ["diary.ics"], "the old one is gone"
    again = await bench.kit.slack.post(bench.help, Card("Votes"), nonce="n1", since=START)
    assert again == ref, "the nonce is still known"
    await bench.kit.slack.edit(ref, Card("Called off"))
    assert len(standing(bench)) == 1


async def test_a_private_answer_says_where_its_file_is(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("Your data", files=(PICTURE, DIARY), buttons=(Button("Press", PRESS),)))

    bench.answer = answer
    bench.server.picture_takes = 2
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.settled()
    (told,) = bench.server.ephemeral.values()
    assert "📎 diary.ics: in your direct messages with me" in str(told["blocks"])
    assert [message["files"][0]["title"] for message in bench.server.places["DMIA"].messages.values()] == ["diary.ics"]
    bench.server.users["UNOAH"]["closed"] = True
    await bench.crowd.slash("UNOAH", "CHELP", "/ask", "Why?")
    await bench.settled()
    assert "couldn't be sent" in str([*bench.server.ephemeral.values()][-1]["blocks"])


def chart(votes: int, *, heads: bool = True) -> Card:
    rows = (ChartRow("Tea", (Bar(0.6, f"{votes} · 60%"),)), ChartRow(" ", (None,)))
    told = Chart("votes", rows, "Bars: tea", ("Option", "Votes") if heads else ())
    return Card("Tea or coffee?", chart=told, files=(PICTURE,))


async def test_a_chart_is_a_table_that_says_what_the_picture_shows(bench: Bench) -> None:
    ref = await bench.kit.slack.post(bench.help, chart(3), nonce="n1")
    (table,) = (block for block in standing(bench)[0]["blocks"] if block["type"] == "data_table")
    assert table["caption"] == "Tea or coffee?" and not bench.called("files.getUploadURLExternal")
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["Option", "Votes"],
        ["Tea", "3 · 60%"],
        ["–", "–"],
    ]
    await bench.kit.slack.edit(ref, chart(4))
    assert "4 · 60%" in str(standing(bench)[0]["blocks"])


async def test_a_column_of_numbers_is_sorted_by_them(bench: Bench) -> None:
    """Words are sorted by their letters, where 10 comes before 9; one cell without a number makes a column of words."""
    labels, votes = ("9 o'clock", "10 / 11 o'clock", "Never"), ("9 · 47%", "10 · 53%", "0 · 0%")
    rows = tuple(ChartRow(label, (Bar(0.5, note), None)) for label, note in zip(labels, votes, strict=True))
    told = Chart("votes", rows, "Bars", ("Option", "Votes", "Later"))
    await bench.kit.slack.post(bench.help, Card("When?", chart=told, files=(PICTURE,)), nonce="n1")
    (table,) = (block for block in standing(bench)[0]["blocks"] if block["type"] == "data_table")
    assert [[cell.get("value") for cell in row] for row in table["rows"]] == [
        [None, None, None],
        [None, 9, None],
        [None, 10, None],
        [None, 0, None],
    ]
    assert [row[1]["text"] for row in table["rows"]] == ["Votes", *votes]


async def test_where_slack_takes_no_tables_charts_are_pictures(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.server.has_tables = False
    for number in range(2):
        await bench.kit.slack.post(bench.help, chart(3), nonce=f"n{number}")
    kinds = [[block["type"] for block in message["blocks"]] for message in standing(bench)]
    assert kinds == [["header", "image"]] * 2 and "takes no tables" in caplog.text
    assert sum("data_table" in str(call) for call in bench.called("chat.postMessage")) == 1, "it's tried once"


async def test_a_chart_without_heads_is_a_picture(bench: Bench) -> None:
    await bench.kit.slack.post(bench.help, chart(3, heads=False), nonce="n1")
    assert [block["type"] for block in standing(bench)[0]["blocks"]] == ["header", "image"]


BOARD = Card(
    "This week",
    table=Table(("Place", "Who", "Points"), (TableRow("1. Mia, 3 points", "1.", "Mia", "3"),)),
    footer="You're second.",
)


async def test_a_table_is_one_in_private_answers_and_read_aloud(bench: Bench) -> None:
    bench.answer = lambda _, responder: responder.reply(BOARD)
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "")
    await bench.settled()
    (message,) = bench.server.ephemeral.values()
    (table,) = (block for block in message["blocks"] if block["type"] == "data_table")
    assert [cell["text"] for cell in table["rows"][1]] == ["1.", "Mia", "3"]
    assert message["text"] == "This week\n1. Mia, 3 points"


async def test_where_slack_takes_no_tables_in_private_answers_they_are_lines_in_place(bench: Bench) -> None:
    """It is tried once, and what is private does not move elsewhere for that; charts in channels are not touched."""
    bench.server.has_tables = False
    bench.answer = lambda _, responder: responder.reply(BOARD)
    for _ in range(2):
        await bench.crowd.slash("UMIA", "CHELP", "/ask", "")
        await bench.settled()
    shown = [message["blocks"] for message in bench.server.ephemeral.values()]
    assert [[block["type"] for block in blocks] for blocks in shown] == [["header", "section", "context"]] * 2
    assert "1. Mia, 3 points" in str(shown[0]) and "DMIA" not in bench.server.places
    bench.server.has_tables = True
    await bench.kit.slack.post(bench.help, chart(3), nonce="n1")
    assert "data_table" in str(standing(bench)[0]["blocks"])


# What people choose in forms


def api_of(bench: Bench) -> Api:
    return bench.kit.slack._workspaces.at(bench.help.space).api


async def test_a_form_asks_for_no_file_where_we_may_not_read_any(bench: Bench) -> None:
    """Slack would show nobody a form with such a question in it."""
    form = Dialog("Ask", Call("form.send"), (Field("words", "Words"), Field("shot", "Shot", Kind.FILE, required=False)))

    async def answer(event: PlatformEvent, responder: Responder) -> None:
        await responder.open(form)

    bench.answer = answer
    for scopes, asked in (({"files:read"}, ["words", "shot"]), (set[str](), ["words"])):
        bench.server.scopes = bench.server.scopes - {"files:read"} | scopes
        await api_of(bench).call("auth.test")  # which tells what we may do
        await bench.crowd.slash("UMIA", "CHELP", "/ask", "")
        await bench.settled()
        assert [block["block_id"] for block in bench.server.views["UMIA"]["blocks"]] == asked


async def test_what_is_chosen_is_read_up_to_a_limit(bench: Bench) -> None:
    bench.server.files["F000000001"] = Upload("Shot.png", 8, "", b"\x89PNG 1..", done=True)
    assert await bench.kit.slack.read_file(bench.help.space, "F000000001", 8) == b"\x89PNG 1.."
    assert await bench.kit.slack.read_file(bench.help.space, "F000000001", 7) is None
    bench.server.files["F000000001"].length = 1  # what Slack says of it is not taken for true
    assert await bench.kit.slack.read_file(bench.help.space, "F000000001", 7) is None
    with pytest.raises(AdapterError):
        await bench.kit.slack.read_file(bench.help.space, "F000000002", 8)


@pytest.mark.parametrize("url", ["https://files.example.com/a", "https://slack.com.example.com/a", "http://[::1]/a"])
async def test_our_token_goes_to_slack_alone(bench: Bench, url: str) -> None:
    """A file may be kept elsewhere, and only be shown by Slack."""
    with pytest.raises(Gone, match="not Slack's own"):
        await api_of(bench).download(url, 8)
