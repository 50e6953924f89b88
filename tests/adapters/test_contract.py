"""What every adapter promises. A platform that has a kit in `tests.doors` is held to all of it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.contract.adapter import Adapter, Feature, Gone, NoAccess, Responder
from adapters.contract.call import Call
from adapters.contract.commands import Command, Shortcut, find_command
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    Glance,
    LineTyped,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Overheard,
    PageOpened,
    PersonPicked,
    PlatformEvent,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
    ShortcutUsed,
)
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import CalendarEntry, Channel, MessageRef
from adapters.contract.text import ENGLISH, Code, Link, Mention, Strong, Text, Time, join, say, written
from adapters.contract.ui import BODY, FIELDS, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.clock import MovableClock
from bot.kernel.lines import read_line
from bot.text.when import find_times
from tests.doors import KITS, kit_for
from tests.story import Door, Seen

ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PICTURE = File("tally.png", base64.b64decode(ONE_PIXEL), "Three said yes, one said no")
TABLE = File("tally.csv", b"answer,votes\nyes,3\nno,1\n")
COMMANDS = [
    Command("ask", "Ask", (Field("question", "Question"), Field("loud", "Loud", Kind.BOOLEAN, required=False))),
    Command("question list", "List"),
    Command("me", "Your page", personal=True),
]
SHORTCUTS = [Shortcut("Mark as answer"), Shortcut("Thank", on_person=True)]
PRESSED = Call("test.press", ("7",))
DIALOG = Dialog(
    "How was it?",
    Call("test.send", ("x:y",)),
    (Field("mark", "Mark", value="so-so"), Field("why", "Why", required=False, lines=4)),
    again=Call("test.again"),
)

Answer = Callable[[PlatformEvent, Responder], Awaitable[None]]


class Bench:
    """An adapter at work, with us in the place of the bot: what it hears is kept, and answered as the test says."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.heard: list[PlatformEvent] = []
        self.glances: list[Glance] = []
        self.wanted = True
        self.answer: Answer | None = None
        self.door: Door

    def wants(self, glance: Glance) -> bool:
        self.glances.append(glance)
        return self.wanted

    async def receive(self, event: PlatformEvent, responder: Responder) -> None:
        self.heard.append(event)
        if self.answer:
            await self.answer(event, responder)
        await responder.accept()

    async def help(self) -> Channel:
        (space,) = await self.adapter.spaces()
        channel = await self.adapter.find_channel(space.space, "help")
        assert channel
        return channel

    async def post(self, card: Card, nonce: str = "n1") -> MessageRef:
        return await self.adapter.post(await self.help(), card, nonce=nonce)

    async def newest(self, who: str) -> Seen:
        return (await self.door.visible(who))[-1]


async def ref_of(bench: Bench) -> MessageRef:
    """Return the message that was heard last."""
    said = bench.heard[-1]
    assert isinstance(said, MessagePosted)
    return said.message.ref


async def ref_of_said(bench: Bench) -> MessageRef:
    """Return the message that was written last."""
    return next(event.message.ref for event in bench.heard[::-1] if isinstance(event, MessagePosted))


@pytest.fixture(params=[*KITS])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    clock = MovableClock(NOW)
    kit = kit_for(request, tmp_path, clock.now)
    bench = Bench(await kit.adapter())

    async def settled() -> None: ...

    has_people = Feature.PERSON_MENU in bench.adapter.features
    shortcuts = [shortcut for shortcut in SHORTCUTS if has_people or not shortcut.on_person]
    await bench.adapter.start(bench.receive, bench.wants, COMMANDS, shortcuts)
    bench.door = await kit.door(settled)
    yield bench
    await bench.adapter.stop()
    await bench.adapter.stop()
    await kit.close()


# Places


async def test_channels_are_found_by_name_and_by_id(bench: Bench) -> None:
    (space,) = await bench.adapter.spaces()
    help_ = await bench.help()
    assert help_.space == space.space and space.name
    assert await bench.adapter.find_channel(space.space, help_.id) == help_
    assert await bench.adapter.find_channel(space.space, "nowhere") is None
    assert Channel.of(help_.key) == help_


@pytest.mark.needs("zones")
async def test_people_are_found(bench: Bench) -> None:
    profile = await bench.adapter.profile(bench.door.account("kenji"))
    assert profile and profile.name == "Kenji" and profile.timezone == "Asia/Tokyo" and not profile.bot


# Speaking


async def test_a_card_is_shown_to_everyone(bench: Bench) -> None:
    ref = await bench.post(
        Card(
            "A question",
            join(["Details", Strong("bold"), Code("x = 1"), Link("docs", "https://example.org/"), Time(NOW)]),
            fields=(CardField("Topic", "webhooks"),),
            footer="#1",
            tone=Tone.WAITING,
            buttons=(Button("Solved", PRESSED, Style.PRIMARY), LinkButton("Open", "https://example.org/")),
            menu=Menu("Pick", Call("test.pick"), (Option("One", "1"), Option("Two", "2"))),
        )
    )
    seen = await bench.newest("noah")
    assert (seen.title, seen.channel, seen.private) == ("A question", "help", False)
    assert all(word in seen.body for word in ("Details", "bold", "x = 1", "docs"))
    assert seen.fields == {"Topic": "webhooks"} and "#1" in seen.footer
    assert list(seen.controls) == ["Solved"] and seen.links == {"Open": "https://example.org/"}
    assert list(seen.options) == ["One", "Two"]
    message = await bench.adapter.fetch(ref)
    assert message and message.ref == ref and message.author.bot
    assert (bench.adapter.link(ref) or "https://").startswith("http")


async def test_the_largest_card_can_be_drawn(bench: Bench) -> None:
    nasty = "@everyone <!channel> *_~`>|[](x) & < > "
    await bench.post(
        Card(
            nasty * 20,
            written(nasty * 200),
            fields=tuple(CardField(f"Field {n}", nasty * 20) for n in range(FIELDS)),
            footer=nasty * 20,
            buttons=tuple(Button(f"{n} " + "x" * 70, Call("test.press", (str(n),))) for n in range(10)),
            menu=Menu("m" * 100, Call("test.menu"), tuple(Option(f"{n} " + "o" * 70, str(n)) for n in range(25))),
        )
    )
    seen = await bench.newest("noah")
    assert len(seen.controls) == 10 and len(seen.options) == 25 and len(seen.fields) == FIELDS
    assert not seen.pinged


async def test_only_pings_ping(bench: Bench) -> None:
    noah, mia = bench.door.account("noah"), bench.door.account("mia")
    typed = ["@everyone", "@here", "@mia", "<!everyone>", "<!channel>", f"<@{mia.id}>"]
    await bench.post(Card(body=join([Mention("Noah", (noah,)), *typed], " ")))
    assert (await bench.newest("mia")).pinged == frozenset()
    await bench.post(Card(body="Could you help?", pings=(noah,)), nonce="n2")
    assert (await bench.newest("mia")).pinged == {"noah"}


async def test_one_nonce_is_one_message(bench: Bench) -> None:
    first = await bench.post(Card("Once"))
    assert await bench.post(Card("Once")) == first
    assert await bench.post(Card("Twice"), nonce="n2") != first
    assert len([seen for seen in await bench.door.visible("noah") if seen.title == "Once"]) == 1


async def test_a_posted_card_is_drawn_anew(bench: Bench) -> None:
    ref = await bench.post(Card("Before", buttons=(Button("Press", PRESSED),)))
    await bench.adapter.edit(ref, Card("After"))
    seen = await bench.newest("noah")
    assert seen.title == "After" and not seen.controls


@pytest.mark.needs("files")
async def test_a_picture_is_shown_and_a_file_goes_along(bench: Bench) -> None:
    ref = await bench.post(Card("So far", files=(PICTURE, TABLE)))
    seen = await bench.newest("noah")
    assert seen.files == {PICTURE.name: PICTURE.content, TABLE.name: TABLE.content}
    assert seen.title == "So far" and seen.alt == "Three said yes, one said no"
    await bench.adapter.edit(ref, Card("In the end", files=(File("tally.csv", b"answer,votes\nyes,4\n"),)))
    seen = await bench.newest("noah")
    assert seen.files == {"tally.csv": b"answer,votes\nyes,4\n"} and not seen.alt
    await bench.adapter.edit(ref, Card("Nothing more"))
    assert not (await bench.newest("noah")).files


@pytest.mark.needs("files")
async def test_a_direct_message_brings_its_files(bench: Bench) -> None:
    await bench.adapter.direct(bench.door.account("mia"), Card("Yours", files=(TABLE,)), nonce="n1")
    seen = next(seen for seen in await bench.door.visible("mia") if seen.title == "Yours")
    assert seen.files == {TABLE.name: TABLE.content}


async def test_what_is_gone_is_gone(bench: Bench) -> None:
    help_ = await bench.help()
    with pytest.raises(Gone):
        await bench.adapter.edit(MessageRef(help_, "999999999"), Card("x"))
    with pytest.raises((Gone, NoAccess)):  # Slack does not tell what is gone from what we may not see
        await bench.adapter.post(Channel(help_.space, "999999999"), Card("x"), nonce="n")
    assert await bench.adapter.fetch(MessageRef(help_, "999999999")) is None


async def test_a_message_has_one_thread(bench: Bench) -> None:
    ref = await bench.post(Card("A question"))
    thread = await bench.adapter.open_thread(ref, "A question that is far too long for a title " * 5)
    assert await bench.adapter.open_thread(ref, "again") == thread
    await bench.adapter.rename_thread(thread, "Another title, which is far too long as well " * 5)
    inside = await bench.adapter.post(thread, Card("Inside"), nonce="n2")
    assert inside.channel == thread
    shown = next(seen for seen in await bench.door.visible("noah") if seen.title == "A question")
    assert bench.door.thread(shown.id) == next(
        s.channel for s in await bench.door.visible("noah") if s.title == "Inside"
    )


async def test_direct_messages_reach_one_person(bench: Bench) -> None:
    await bench.adapter.direct(bench.door.account("mia"), Card("Psst"), nonce="n1")
    await bench.adapter.direct(bench.door.account("mia"), Card("Psst"), nonce="n1")
    assert [seen.channel for seen in await bench.door.visible("mia") if seen.title == "Psst"] == [
        bench.door.direct("mia")
    ]
    assert not [seen for seen in await bench.door.visible("noah") if seen.title == "Psst"]


# Hearing


async def test_a_message_is_heard(bench: Bench) -> None:
    await bench.door.say("mia", "help", "How do I, `really`?")
    (event,) = bench.heard
    assert isinstance(event, MessagePosted) and event.id
    assert event.message.text == "How do I, `really`?" and event.message.parent is None
    assert event.by.account == bench.door.account("mia") and event.by.name == "Mia"
    assert event.message.ref.channel == await bench.help()


async def test_a_message_in_a_thread_knows_where_the_thread_hangs(bench: Bench) -> None:
    ref = await bench.post(Card("A question"))
    thread = await bench.adapter.open_thread(ref, "A question")
    shown = await bench.newest("mia")
    await bench.door.say("mia", bench.door.thread(shown.id), "An answer")
    (event,) = bench.heard
    assert isinstance(event, MessagePosted)
    assert event.message.ref.channel == thread and event.message.parent == await bench.help()


def _used(event: PlatformEvent) -> PlatformEvent:
    """Return the command that is used; some platforms hand it on as it was typed."""
    if not isinstance(event, LineTyped):
        return event
    fields = {command.name: command.options for command in COMMANDS}
    name, rest = find_command(event.line, fields)
    options = read_line(rest, fields[name], ENGLISH, find_times).answers
    return CommandUsed(id=event.id, at=event.at, by=event.by, channel=event.channel, command=name, options=options)


async def test_a_command_is_heard_with_its_options(bench: Bench) -> None:
    await bench.door.use("mia", "general", "ask", {"question": "Why, “oh” why?", "loud": "true"})
    await bench.door.use("mia", "general", "question list", {})
    asked, listed = map(_used, bench.heard)
    assert isinstance(asked, CommandUsed) and asked.command == "ask"
    assert dict(asked.options) == {"question": "Why, “oh” why?", "loud": "true"}
    assert isinstance(listed, CommandUsed) and listed.command == "question list" and asked.id != listed.id


async def test_a_button_says_who_pressed_it_and_where(bench: Bench) -> None:
    ref = await bench.post(Card("Press me", buttons=(Button("Press", PRESSED),)))
    shown = await bench.newest("noah")
    await bench.door.press("noah", shown.id, shown.controls["Press"])
    (event,) = bench.heard
    assert isinstance(event, ControlUsed) and Call.unpack(event.call) == PRESSED and event.message == ref
    assert event.by.account == bench.door.account("noah") and event.channel == await bench.help()


async def test_a_menu_sends_what_was_chosen(bench: Bench) -> None:
    options = (Option("One", "1"), Option("Two", "2"))
    await bench.post(Card("Pick", menu=Menu("Pick", Call("test.pick"), options)))
    shown = await bench.newest("noah")
    await bench.door.press("noah", shown.id, shown.menu, ["2"])
    (event,) = bench.heard
    assert isinstance(event, ControlUsed) and event.values == ("2",)


async def test_a_shortcut_brings_the_message(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    await bench.door.pick("mia", message, "Mark as answer")
    said, picked = bench.heard
    assert isinstance(said, MessagePosted)
    assert isinstance(picked, ShortcutUsed) and picked.shortcut == "Mark as answer"
    assert picked.message.ref == said.message.ref and picked.message.text == "Rotate it."
    assert picked.message.author.account == bench.door.account("noah")
    assert picked.by.account == bench.door.account("mia")


@pytest.mark.needs("person menus")
async def test_a_shortcut_on_a_person_brings_who_that_is(bench: Bench) -> None:
    await bench.door.pick_person("mia", "noah", "Thank")
    (picked,) = bench.heard
    assert isinstance(picked, PersonPicked) and picked.shortcut == "Thank"
    assert picked.person.account == bench.door.account("noah") and picked.person.name == "Noah"
    assert picked.by.account == bench.door.account("mia") and not picked.person.bot


async def test_a_command_in_the_direct_channel_is_answered_there_to_one_person(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("Your page"))

    direct = bench.door.direct("mia")
    await bench.door.say("mia", direct, "Good morning")
    bench.answer = answer
    await bench.door.use("mia", direct, "me", {})
    used, (space,) = bench.heard[-1], await bench.adapter.spaces()
    assert isinstance(used, CommandUsed | LineTyped) and used.space == space.space
    assert used.by.account == bench.door.account("mia")
    seen = await bench.newest("mia")
    assert (seen.title, seen.channel) == ("Your page", direct)
    assert not [seen for seen in await bench.door.visible("noah") if seen.title == "Your page"]


async def test_a_command_is_named_as_it_is_typed(bench: Bench) -> None:
    await bench.post(Card(say("“/me” is yours"), say("“/question list” shows more."), footer=say("Or “/gone”.")))
    seen = await bench.newest("noah")
    assert "/me" in seen.title and "/question list" in seen.body and "/gone" in seen.footer


async def test_a_reaction_is_heard_as_its_character(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    await bench.door.react("mia", message, "✅")
    said, reacted = bench.heard
    assert isinstance(said, MessagePosted) and isinstance(reacted, ReactionAdded)
    assert reacted.emoji == "✅" and reacted.message == said.message.ref


@pytest.mark.needs("taking back")
async def test_a_reaction_that_is_taken_back_is_heard(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    await bench.door.react("mia", message, "✅")
    await bench.door.unreact("mia", message, "✅")
    reacted, removed = bench.heard[1:]
    assert isinstance(reacted, ReactionAdded) and isinstance(removed, ReactionRemoved)
    assert (removed.emoji, removed.message) == ("✅", reacted.message) and removed.id != reacted.id
    assert removed.by.account == bench.door.account("mia")


@pytest.mark.needs("absent reactions")
async def test_a_reaction_of_someone_who_left_is_heard_when_it_is_taken_off(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    await bench.door.react("sofia", message, "✅")
    ref = await ref_of_said(bench)
    await bench.door.leave("sofia")
    await bench.door.unreact("sofia", message, "✅")
    removed = bench.heard[-1]
    assert isinstance(removed, ReactionRemoved) and removed.message == ref
    assert removed.by.account == bench.door.account("sofia")


@pytest.mark.needs("clearing")
async def test_reactions_that_a_moderator_takes_off_are_heard(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    ref = await ref_of(bench)
    for emoji in ("✅", "🌻"):
        await bench.door.react("mia", message, emoji)
    await bench.door.clear_reactions(message, "✅")
    await bench.door.clear_reactions(message)
    one, all_ = bench.heard[-2:]
    assert isinstance(one, ReactionsCleared) and isinstance(all_, ReactionsCleared)
    assert (one.message, one.emoji, all_.message, all_.emoji) == (ref, "✅", ref, "") and one.id != all_.id
    assert [glance.kind for glance in bench.glances[-2:]] == [ReactionsCleared, ReactionsCleared]


async def test_an_edit_is_heard_once_as_the_message_stands_then(bench: Bench) -> None:
    """Not so what also changes a message: the preview of a link, a pin, a thread beneath it."""
    message = await bench.door.say("noah", "help", "rotate --force & https://example.org")
    root = await ref_of(bench)
    await bench.adapter.open_thread(root, "Rotate")
    inside = await bench.door.say("noah", bench.door.thread(message), "In here.")
    answer = await ref_of(bench)
    bench.heard.clear()
    for number, id_ in enumerate((message, message, inside)):
        await bench.door.edit("noah", id_, f"rotate --graceful & {number}")
    first, second, third = {event.id: event for event in bench.heard}.values()
    assert isinstance(first, MessageEdited) and isinstance(second, MessageEdited) and isinstance(third, MessageEdited)
    assert (first.message.ref, second.message.ref, third.message.ref) == (root, root, answer)
    assert [event.message.text[-1] for event in (first, second, third)] == ["0", "1", "2"]
    assert first.message.text == "rotate --graceful & 0" and first.by.account == bench.door.account("noah")
    assert third.message.parent == root.channel and first.id != second.id and first.at <= second.at
    fetched = await bench.adapter.fetch(root)
    assert fetched and fetched.text == second.message.text


@pytest.mark.needs("attachments")
async def test_what_goes_along_with_a_message_is_seen(bench: Bench) -> None:
    for name in ("how.png", "how.zip"):
        await bench.door.attach("noah", "help", name)
    picture, file = (event.message for event in bench.heard if isinstance(event, MessagePosted))
    assert (picture.has_files, picture.only_pictures) == (True, True)
    assert (file.has_files, file.only_pictures, file.text) == (True, False, "")


@pytest.mark.needs("taking back")
async def test_a_message_that_is_deleted_is_heard_and_gone(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Never mind.")
    await bench.door.delete("noah", message)
    said, deleted = bench.heard
    assert isinstance(said, MessagePosted) and isinstance(deleted, MessageDeleted)
    assert deleted.message == said.message.ref
    assert await bench.adapter.fetch(said.message.ref) is None


@pytest.mark.needs("taking back")
async def test_a_message_tells_which_reactions_stand_on_it(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Rotate it.")
    (said,) = (event.message for event in bench.heard if isinstance(event, MessagePosted))
    await bench.door.react("mia", message, "🙏")
    await bench.door.react("kenji", message, "🙏")
    await bench.door.unreact("mia", message, "🙏")
    fetched = await bench.adapter.fetch(said.ref)
    assert fetched and fetched.emojis == {"🙏"}
    await bench.door.unreact("kenji", message, "🙏")
    fetched = await bench.adapter.fetch(said.ref)
    assert fetched and not fetched.emojis


@pytest.mark.needs("taking back")
async def test_of_what_people_do_among_themselves_only_what_is_wanted_is_handed_over(bench: Bench) -> None:
    bench.wanted = False
    message = await bench.door.say("noah", "help", "Rotate it.")
    await bench.door.edit("noah", message, "Rotate it!")
    await bench.door.react("mia", message, "✅")
    await bench.door.unreact("mia", message, "✅")
    await bench.door.delete("noah", message)
    kinds = [*dict.fromkeys(glance.kind for glance in bench.glances)]
    assert kinds == [MessagePosted, MessageEdited, ReactionAdded, ReactionRemoved, MessageDeleted]
    assert not bench.heard
    bench.wanted = True
    await bench.door.say("noah", "help", "Rotate it.")
    assert [type(event) for event in bench.heard] == [MessagePosted]


@pytest.mark.needs("taking back")
async def test_what_is_seen_at_a_glance_is_what_is_told_then(bench: Bench) -> None:
    message = await bench.door.say("noah", "help", "Is a < b & `c`? 👍 https://example.org/?a=b")
    thread = (await bench.adapter.open_thread(await ref_of(bench), "Rotate")).id
    await bench.door.say("mia", bench.door.thread(message), "In here.")
    await bench.door.react("mia", message, "✅")
    await bench.door.unreact("mia", message, "✅")
    await bench.door.delete("noah", message)
    seen = [event.glance for event in bench.heard if isinstance(event, Overheard)]
    assert len(seen) == 5 and [replace(glance, when=NOW) for glance in bench.glances] == [
        replace(glance, when=NOW) for glance in seen
    ]
    said, answered = seen[:2]
    assert said.text == "Is a < b & `c`? 👍 https://example.org/?a=b" and said.account == bench.door.account("noah")
    assert (said.channel, said.parent) == (await bench.help(), None)
    assert (answered.channel.id, answered.parent) == (thread, said.channel)
    assert not any(glance.bot or glance.direct or glance.mentions_us or glance.has_files for glance in seen)


@pytest.mark.needs("joining")
async def test_joining_is_heard(bench: Bench) -> None:
    await bench.door.join("zoe", "Zoe")
    (event,) = bench.heard
    assert isinstance(event, MemberJoined) and event.by.account == bench.door.account("zoe")
    assert event.by.name == "Zoe" and not event.by.bot


async def test_leaving_is_heard(bench: Bench) -> None:
    await bench.door.leave("kenji")
    (event,) = bench.heard
    assert isinstance(event, MemberLeft) and event.by.account == bench.door.account("kenji")


# Answering


async def test_a_reply_is_private(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("For you alone", buttons=(Button("Press", PRESSED),)))

    bench.answer = answer
    await bench.door.use("mia", "help", "question list", {})
    seen = await bench.newest("mia")
    assert seen.title == "For you alone" and seen.private
    assert not [seen for seen in await bench.door.visible("noah") if seen.title == "For you alone"]

    async def update(event: PlatformEvent, responder: Responder) -> None:
        assert isinstance(event, ControlUsed)
        await responder.update(Card("Done"))

    bench.answer = update
    await bench.door.press("mia", seen.id, seen.controls["Press"])
    titles = [seen.title for seen in await bench.door.visible("mia") if seen.private]
    assert titles == ["Done"]


async def test_an_update_changes_the_message_with_the_control(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.update(Card("After"))

    await bench.post(Card("Before", buttons=(Button("Press", PRESSED),)))
    shown = await bench.newest("noah")
    bench.answer = answer
    await bench.door.press("noah", shown.id, shown.controls["Press"])
    assert [seen.title for seen in await bench.door.visible("mia")] == ["After"]


async def test_a_form_is_asked_answered_and_refused_with_nothing_lost(bench: Bench) -> None:
    async def open_(_: PlatformEvent, responder: Responder) -> None:
        await responder.open(DIALOG)

    bench.answer = open_
    await bench.door.use("mia", "help", "question list", {})
    asked = bench.door.form("mia")
    assert asked and asked.title == "How was it?" and asked.values["mark"] == "so-so"

    async def refuse(event: PlatformEvent, responder: Responder) -> None:
        assert isinstance(event, FormSubmitted)
        fields = (
            Field("mark", "Mark", value=event.answers["mark"], error="A number, please."),
            Field("why", "Why", required=False, lines=4, value=event.answers["why"]),
        )
        await responder.refuse(Dialog(DIALOG.title, DIALOG.call, fields, again=DIALOG.again))

    bench.answer = refuse
    await bench.door.submit("mia", {"mark": "great", "why": "Because: *reasons*"})
    sent = bench.heard[-1]
    assert isinstance(sent, FormSubmitted) and Call.unpack(sent.call) == DIALOG.call
    assert dict(sent.answers) == {"mark": "great", "why": "Because: *reasons*"}
    again = bench.door.form("mia")
    assert again and again.errors == {"mark": "A number, please."}
    assert again.values == {"mark": "great", "why": "Because: *reasons*"}


@pytest.mark.needs("files")
async def test_a_private_answer_brings_its_files(bench: Bench) -> None:
    async def reply(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("For you", buttons=(Button("Press", PRESSED),), files=(PICTURE,)))

    bench.answer = reply
    await bench.door.use("mia", "help", "question list", {})
    seen = await bench.newest("mia")
    assert seen.private and seen.files == {PICTURE.name: PICTURE.content} and seen.alt == PICTURE.text

    async def update(_: PlatformEvent, responder: Responder) -> None:
        await responder.update(Card("Done", files=(TABLE,)))

    bench.answer = update
    await bench.door.press("mia", seen.id, seen.controls["Press"])
    seen = next(seen for seen in await bench.door.visible("mia") if seen.title == "Done")
    assert seen.files == {TABLE.name: TABLE.content}


async def test_an_aside_reaches_whoever_wrote(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.aside(Card("By the way"))

    bench.answer = answer
    await bench.door.say("mia", "help", "Hello?")
    assert (await bench.newest("mia")).title == "By the way"


@pytest.mark.needs("pages")
async def test_a_page_is_drawn_for_who_opens_it(bench: Bench) -> None:
    async def draw(event: PlatformEvent, responder: Responder) -> None:
        card = Card(f"Page {len(bench.heard)}", buttons=(Button("Press", PRESSED),))
        await (responder.reply(card) if isinstance(event, PageOpened) else responder.update(card))

    bench.answer = draw
    page = await bench.door.open_page("mia")
    assert page.title == "Page 1" and page.private
    assert not [seen for seen in await bench.door.visible("noah") if seen.title == "Page 1"]
    await bench.door.press("mia", page.id, page.controls["Press"])
    assert (await bench.door.open_page("mia")).title == "Page 3"
    opened, pressed, _ = bench.heard
    assert isinstance(opened, PageOpened) and opened.by.account == bench.door.account("mia")
    assert isinstance(pressed, ControlUsed) and pressed.message is None and pressed.channel == opened.channel


# Rights


@pytest.mark.needs("roles")
async def test_a_role_is_given_and_taken(bench: Bench) -> None:
    mia = bench.door.account("mia")
    await bench.adapter.set_role(mia, "mentor", True)
    await bench.adapter.set_role(mia, "mentor", True)
    profile = await bench.adapter.profile(mia)
    assert profile and "mentor" in profile.roles
    await bench.adapter.set_role(mia, "mentor", False)
    profile = await bench.adapter.profile(mia)
    assert profile and "mentor" not in profile.roles
    with pytest.raises(Gone):
        await bench.adapter.set_role(mia, "no-such-role", True)


@pytest.mark.needs("roles")
async def test_a_person_is_let_into_a_private_channel(bench: Bench) -> None:
    help_ = await bench.help()
    agents = await bench.adapter.find_channel(help_.space, "agents")
    assert agents
    await bench.adapter.post(agents, Card("Among us"), nonce="n1")
    assert not [seen for seen in await bench.door.visible("mia") if seen.title == "Among us"]
    await bench.adapter.let_in(bench.door.account("mia"), agents)
    assert [seen for seen in await bench.door.visible("mia") if seen.title == "Among us"]
    assert not [seen for seen in await bench.door.visible("noah") if seen.title == "Among us"]


@pytest.mark.needs("calendar")
async def test_a_meeting_stands_in_the_calendar(bench: Bench) -> None:
    space = (await bench.help()).space
    talk = CalendarEntry(
        "Pruning", "How to", "https://example.org/", NOW + timedelta(days=2), NOW + timedelta(days=2.1)
    )
    known = await bench.adapter.put_entry(space, talk, None, new=False)
    assert known
    later = replace(talk, title="Pruning, again", starts=talk.starts + timedelta(hours=1))
    assert await bench.adapter.put_entry(space, later, known, new=False) == known
    await bench.adapter.drop_entry(space, known)
    await bench.adapter.drop_entry(space, known)


# Catching up


@pytest.mark.needs("catching up")
async def test_what_was_written_is_handed_over_once_more_as_it_was(bench: Bench) -> None:
    first = await bench.door.say("mia", "help", "One")
    await bench.door.say("mia", "general", "Elsewhere")
    ref = await bench.post(Card("A card"))
    await bench.adapter.open_thread(ref, "A card")
    shown = next(seen for seen in await bench.door.visible("mia") if seen.title == "A card")
    await bench.door.say("noah", bench.door.thread(shown.id), "Two")
    live = [event for event in bench.heard if isinstance(event, MessagePosted) and event.message.text != "Elsewhere"]
    bench.heard.clear()
    await bench.adapter.catch_up([await bench.help()], NOW - timedelta(hours=1))
    assert [event.id for event in bench.heard] == [event.id for event in live] and first
    assert [event.message for event in bench.heard if isinstance(event, MessagePosted)] == [e.message for e in live]


@pytest.mark.needs("catching up")
async def test_what_was_edited_is_read_back_also_where_it_was_written_before(bench: Bench) -> None:
    old = await bench.door.say("mia", "help", "rotate --force")
    await bench.door.say("noah", "help", "Never touched")
    await bench.door.edit("mia", old, "rotate --graceful")
    told = [event.id for event in bench.heard if isinstance(event, MessageEdited)]
    for since in (NOW - timedelta(hours=1), NOW):
        bench.heard.clear()
        await bench.adapter.catch_up([await bench.help()], since)
        (edited,) = (event for event in bench.heard if isinstance(event, MessageEdited))
        assert edited.id == told[0] and edited.message.text == "rotate --graceful"


@pytest.mark.needs("catching up")
async def test_what_was_edited_in_a_thread_is_read_back(bench: Bench) -> None:
    root = await bench.door.say("mia", "help", "How do I rotate it?")
    await bench.adapter.open_thread(await ref_of(bench), "Rotate")
    answer = await bench.door.say("noah", bench.door.thread(root), "rotate --force")
    await bench.door.edit("noah", answer, "rotate --graceful")
    told = next(event for event in bench.heard if isinstance(event, MessageEdited))
    bench.heard.clear()
    await bench.adapter.catch_up([await bench.help()], NOW)
    (edited,) = (event for event in bench.heard if isinstance(event, MessageEdited))
    assert edited.id == told.id and edited.message == told.message and edited.message.parent == await bench.help()


async def test_a_long_text_is_cut_at_a_word() -> None:
    card = Card("t", Text(("word " * 1000,)))
    assert len(card.body) <= BODY and card.body.plain().endswith("word…")
