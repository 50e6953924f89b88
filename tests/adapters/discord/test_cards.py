"""Cards as messages: what phones show of them, what happens when one of two steps fails, and cards from before."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.contract.adapter import Away
from adapters.contract.call import Call
from adapters.contract.codec import dump_card, load_card
from adapters.contract.events import ControlUsed
from adapters.contract.files import File
from adapters.contract.models import Account, Channel, MessageRef
from adapters.contract.text import Mention, say
from adapters.contract.ui import Button, Card, CardField
from adapters.discord.limits import SILENT, Part

from . import people, spec
from .conftest import Rig
from .server import Fault
from .world import FORUM, Kept, words_of

pytestmark = spec.missing

MESSAGES = "/channels/[0-9]+/messages"


def offer(rig: Rig, **parts: Any) -> Card:
    """A card that asks Noah for help."""
    noah = Mention("Noah", (Account(rig.space, rig.noah),))
    body = say("{who}, could you help? “/away” gives you a rest.", who=noah)
    buttons = (Button("I can help", Call("offers.take", ("7",))),)
    return Card("Rotate *the* secret", body, buttons=buttons, pings=noah.accounts, **parts)


def only(rig: Rig, channel: str = "") -> Kept:
    [kept] = [one for one in rig.world.messages.values() if one.data["channel_id"] == (channel or rig.help)]
    return kept


async def test_a_phone_shows_what_it_is_about_and_the_card_follows_at_once(rig: Rig) -> None:
    await rig.start()
    table = File("votes.csv", b"a,b")
    await rig.adapter.post(rig.channel, offer(rig, files=(table,)), nonce="1")
    kept = only(rig)
    assert kept.push == rf"Rotate \*the\* secret · <@{rig.noah}>, could you help? “/away” gives you a rest."
    assert kept.pinged == {rig.noah} and kept.data["content"] == "" and kept.data["flags"] & spec.COMPONENTS_V2
    assert words_of(kept.data).count(f"<@{rig.noah}>") == 1, "nobody is mentioned twice"
    assert [*kept.files.values()] == [b"a,b"]
    assert len(rig.server.asked("POST", MESSAGES)) == len(rig.server.asked("PATCH", f"{MESSAGES}/[0-9]+")) == 1


async def test_what_is_deleted_before_the_card_follows_was_posted_all_the_same(rig: Rig) -> None:
    await rig.start()
    gone = {"message": "Unknown Message", "code": 10008}
    rig.server.faults.append(Fault("PATCH", f"{MESSAGES}/.*", 404, body=gone))
    assert await rig.adapter.post(rig.channel, offer(rig), nonce="1")
    assert len(rig.server.asked("POST", MESSAGES)) == 1


async def test_a_sentence_to_somebody_takes_one_request_and_is_drawn_as_a_card_when_it_changes(rig: Rig) -> None:
    await rig.start()
    noah = Mention("Noah", (Account(rig.space, rig.noah),))
    body, done = say("{who}, could you help?", who=noah), say("{who} helps.", who=noah)
    button = Button("I can help", Call("offers.take", ("7",)))
    card = Card("", body, fields=(CardField("Where", "The shed"),), buttons=(button,), pings=noah.accounts)
    sent = await rig.adapter.post(rig.channel, card, nonce="1")
    kept = only(rig)
    assert kept.push == f"<@{rig.noah}>, could you help?\n**Where** The shed" and kept.pinged == {rig.noah}
    assert [part["label"] for part in spec.components(kept.data) if "label" in part] == ["I can help"]
    assert len(rig.server.asked("POST", MESSAGES)) == 1 and not rig.server.asked("PATCH", ".*")
    await rig.adapter.edit(sent, Card("", done))
    assert words_of(only(rig).data) == f"<@{rig.noah}> helps." and only(rig).data["flags"] & spec.COMPONENTS_V2


async def test_what_is_silent_is_drawn_at_once_and_rings_at_nobody(rig: Rig) -> None:
    await rig.start()
    account = Account(rig.space, rig.noah)
    for number, silent in enumerate((False, True)):
        card = Card("Why was I charged twice?", "Only support sees it.", silent=silent)
        await rig.adapter.direct(account, load_card(dump_card(card)), nonce=str(number))
    told, quiet = [asked.body for asked in rig.server.asked("POST", MESSAGES)]
    assert told["content"] and not told["flags"] & SILENT, "what is told directly says so on a phone"
    assert "content" not in quiet and quiet["flags"] & SILENT and quiet["flags"] & spec.COMPONENTS_V2
    assert len(rig.server.asked("PATCH", f"{MESSAGES}/[0-9]+")) == 1, "the other is a card already"


async def test_what_calls_nobody_takes_one_request(rig: Rig) -> None:
    await rig.start()
    await rig.adapter.post(rig.channel, Card("T", "B"), nonce="1")
    assert len(rig.server.asked("POST", MESSAGES)) == 1 and not rig.server.asked("PATCH", ".*")
    assert only(rig).data["flags"] & spec.COMPONENTS_V2


@pytest.mark.parametrize("remembers", [True, False])
async def test_words_whose_card_never_came_become_it_later(rig: Rig, remembers: bool) -> None:
    await rig.start()
    rig.server.faults.append(Fault("PATCH", f"{MESSAGES}/.*", 0, times=3))
    with pytest.raises(Away):
        await rig.adapter.post(rig.channel, offer(rig), nonce="1")
    kept = only(rig)
    assert "could you help?" in kept.data["content"]
    if not remembers:
        rig.server.nonce_seconds = -1
    since = None if remembers else rig.now - timedelta(minutes=1)
    ref = await rig.adapter.post(rig.channel, offer(rig), nonce="1", since=since)
    assert only(rig) is kept and ref.id == kept.data["id"]
    assert kept.data["content"] == "" and "could you help?" in words_of(kept.data)
    again = await rig.adapter.post(rig.channel, offer(rig), nonce="1", since=rig.now - timedelta(minutes=1))
    assert only(rig) is kept and again == ref, "the card is found as well"


async def test_a_card_that_is_said_by_several_at_once_stands_once(rig: Rig) -> None:
    await rig.start()
    refs = await asyncio.gather(*(rig.adapter.post(rig.channel, offer(rig), nonce="1") for _ in range(3)))
    assert len(set(refs)) == 1 and "could you help?" in words_of(only(rig).data)


async def test_a_thread_that_is_put_away_between_the_steps_comes_back(rig: Rig) -> None:
    await rig.start()
    thread = await rig.adapter.open_thread(await rig.adapter.post(rig.channel, Card("T"), nonce="1"), "T")
    await rig.settle()
    archived = {"message": "Thread is archived", "code": 50083}
    rig.server.faults.append(Fault("PATCH", f"{MESSAGES}/.*", 400, body=archived))
    ref = await rig.adapter.post(thread, offer(rig), nonce="2")
    assert "could you help?" in words_of(rig.world.messages[ref.id].data)


async def test_the_same_offer_to_somebody_else_is_another_message(rig: Rig) -> None:
    await rig.start()
    await rig.adapter.post(rig.channel, offer(rig), nonce="1")
    rig.server.nonce_seconds = -1
    mia = Mention("Mia", (Account(rig.space, rig.mia),))
    other = offer(rig).with_(body=say("{who}, could you help?", who=mia), pings=mia.accounts)
    await rig.adapter.post(rig.channel, other, nonce="2", since=rig.now - timedelta(minutes=1))
    assert [kept.pinged for kept in rig.world.messages.values()] == [{rig.noah}, {rig.mia}]


async def test_a_direct_card_is_announced_and_says_where_it_belongs_once(rig: Rig) -> None:
    await rig.start()
    ref = await rig.adapter.direct(Account(rig.space, rig.mia), Card("Reminder", "Game night starts."), nonce="1")
    kept = only(rig, ref.channel.id)
    assert kept.push == "Reminder · Game night starts."
    await rig.adapter.stop()
    await rig.start()  # what is remembered of direct channels is gone
    await rig.adapter.edit(ref, Card("Over"))
    assert words_of(kept.data).count("https://discord.com/channels/") == 1


def embedded(rig: Rig, channel: str, **parts: Any) -> str:
    """Post a card as Trellis did before."""
    rows = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "a.b:7"}]}]
    embed = {"title": "Before", "fields": [{"name": "State", "value": "🌱 Open"}], **parts}
    body = {"content": f"<@{rig.noah}>", "embeds": [embed], "components": rows}
    return str(rig.world.post(rig.world.bot, channel, body)["id"])


async def test_a_card_from_before_becomes_one_of_today(rig: Rig) -> None:
    await rig.start()
    message = embedded(rig, rig.help)
    await rig.adapter.edit(MessageRef(rig.channel, message), Card("After", "Now"))
    data = rig.world.messages[message].data
    assert (data["content"], data["embeds"]) == ("", []) and data["flags"] & spec.COMPONENTS_V2
    assert "### After" in words_of(data)


async def test_buttons_from_before_work_and_redraw_their_message(rig: Rig) -> None:
    async def answer(_: object, responder: Any) -> None:
        await responder.update(Card("After"))

    await rig.start()
    rig.handler = answer
    direct = rig.world.direct(rig.mia)["id"]
    for channel, url in ((rig.help, ""), (direct, f"https://discord.com/channels/{rig.world.guild}")):
        message = embedded(rig, channel, url=url)
        await people.press(rig.server, rig.mia, message, "a.b:7")
        await rig.settle()
        pressed = rig.heard[-1]
        assert isinstance(pressed, ControlUsed) and pressed.call == "a.b:7" and pressed.space == rig.space
        assert "### After" in words_of(rig.world.messages[message].data)


async def test_tags_of_a_post_from_before_follow_its_card(rig: Rig) -> None:
    forum = rig.world.add_channel("questions", FORUM, tags=("Open", "Solved"))
    await rig.start()
    tags = {tag["name"]: tag["id"] for tag in rig.world.channels[forum]["available_tags"]}
    card = Card("Q", fields=(CardField("State", "🌱 Open"),))
    ref = await rig.adapter.post(Channel(rig.space, forum), card, nonce="1")
    kept = rig.world.messages[ref.id]
    embeds = [{"title": "Q", "fields": [{"name": "State", "value": "🌱 Open"}]}]
    kept.data |= {"flags": 0, "components": [], "embeds": embeds}
    for state in ("Solved", "Open", "Solved"):
        fields = (CardField("Topic", "roads"), CardField("State", f"✅ {state}"))
        await rig.adapter.edit(ref, Card("Q", fields=fields))
        assert rig.world.channels[ref.id]["applied_tags"] == [tags[state]]


async def test_the_longest_card_with_everybody_called_fits(rig: Rig) -> None:
    await rig.start()
    everyone = tuple(Account(rig.space, rig.world.add_person(f"Person {n}")) for n in range(25))
    fields = tuple(CardField(f"Field {n}", "*" * 250) for n in range(8))
    picture = File("chart.png", b"\x89PNG", "A chart")
    files = (picture, *(File(f"table-{n}.csv", b"a,b") for n in range(3)))
    buttons = tuple(Button(f"Button {n}", Call("a.b", (f"{n}",))) for n in range(10))
    card = Card("_" * 150, "*" * 3000, fields=fields, footer="~" * 300, files=files, buttons=buttons, pings=everyone)
    await rig.adapter.post(rig.channel, card, nonce="1")
    kept = only(rig)
    assert kept.pinged == {account.id for account in everyone}
    texts = {part["id"]: part["content"] for part in spec.components(kept.data) if part["type"] == 10}
    assert texts[Part.BODY].endswith("…") and texts[Part.FIELDS].count("**Field ") == 8


async def test_a_card_drawn_again_keeps_its_picture_and_sends_only_another(rig: Rig) -> None:
    await rig.start()
    votes, chart = File("votes.csv", b"a,b"), File("chart.png", b"\x89PNG 1", "A chart")
    ref = await rig.adapter.post(rig.channel, Card("Which day?", "1 vote", files=(chart, votes)), nonce="1")
    [first, table] = [one["id"] for one in only(rig).data["attachments"]]
    await rig.adapter.edit(ref, Card("Which day?", "2 votes", files=(chart, votes)))
    assert [*only(rig).files] == [first, table] and "2 votes" in words_of(only(rig).data)
    other = File("chart.png", b"\x89PNG 2", "A chart")
    await rig.adapter.edit(ref, Card("Which day?", "2 votes", files=(other, votes)))
    assert [*only(rig).files.values()] == [other.content, votes.content]
    assert [one["id"] for one in only(rig).data["attachments"]][1] == table != first


async def test_a_picture_that_comes_back_is_sent_again(rig: Rig) -> None:
    """A poll that was reopened closes with the same votes."""
    await rig.start()
    chart = File("chart.png", b"\x89PNG 1", "A chart")
    ref = await rig.adapter.post(rig.channel, Card("Which day?", "Closed", files=(chart,)), nonce="1")
    await rig.adapter.edit(ref, Card("Which day?", "1 vote"))
    assert not only(rig).files
    await rig.adapter.edit(ref, Card("Which day?", "Closed", files=(chart,)))
    assert [*only(rig).files.values()] == [chart.content]


async def test_what_discord_does_not_keep_is_sent_once_more(rig: Rig) -> None:
    await rig.start()
    chart = File("chart.png", b"\x89PNG 1", "A chart")
    ref = await rig.adapter.post(rig.channel, Card("Which day?", "1 vote", files=(chart,)), nonce="1")
    only(rig).data["attachments"], only(rig).files = [], {}
    refused = {"message": "Invalid Form Body", "code": 50035}
    rig.server.faults.append(Fault("PATCH", f"{MESSAGES}/.*", 400, body=refused))
    await rig.adapter.edit(ref, Card("Which day?", "2 votes", files=(chart,)))
    assert [*only(rig).files.values()] == [chart.content]
