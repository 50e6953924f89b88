"""App Home: the page of one member, with what happens on it and in the modals that it opens."""

from __future__ import annotations

import pytest

from adapters.contract.adapter import Responder
from adapters.contract.events import CommandUsed, ControlUsed, FormSubmitted, PageOpened, PlatformEvent
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field
from adapters.contract.ui import Button, Card
from adapters.slack import files, limits
from tests.story import Door

from .conftest import DIALOG, PRESS, Bench

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)


class Page:
    """What answers: a page that counts how often it was drawn, and does to a button what the test says."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.drawn = 0
        self.does = "update"

    def card(self) -> Card:
        self.drawn += 1
        return Card(f"Page {self.drawn}", buttons=(Button("Press", PRESS),))

    async def answer(self, event: PlatformEvent, responder: Responder) -> None:
        match event:
            case PageOpened():
                await responder.reply(self.card())
            case ControlUsed() if self.does == "update":
                await responder.update(self.card())
            case ControlUsed() if self.does == "open":
                await responder.open(DIALOG)
            case ControlUsed():
                await responder.reply(Card(f"Told {self.drawn}", buttons=(Button("Press", PRESS),)))
            case FormSubmitted() if event.answers["mark"] != "5":
                fields = (Field("mark", "Mark", value=event.answers["mark"], error="A number, please."),)
                await responder.refuse(Dialog(DIALOG.title, DIALOG.call, fields, again=DIALOG.again))


@pytest.fixture
async def page(bench: Bench) -> Page:
    page = Page(bench)
    bench.answer = page.answer
    return page


async def door_of(bench: Bench) -> Door:
    return await bench.kit.door(bench.settled)


async def test_it_is_drawn_when_it_is_opened_and_not_for_the_messages_beside_it(bench: Bench, page: Page) -> None:
    door = await door_of(bench)
    assert (await door.open_page("mia")).title == "Page 1"
    (event,) = bench.heard
    assert isinstance(event, PageOpened) and event.channel.id == "DMIA" and event.by.name == "Mia"
    await bench.crowd.open_home("UMIA", "messages")
    await bench.settled()
    assert len(bench.heard) == 1
    assert (await door.open_page("mia")).title == "Page 2" and "UNOAH" not in bench.server.homes


async def test_a_button_on_it_draws_it_anew(bench: Bench, page: Page) -> None:
    door = await door_of(bench)
    seen = await door.open_page("mia")
    await door.press("mia", seen.id, seen.controls["Press"])
    pressed = bench.heard[-1]
    assert isinstance(pressed, ControlUsed) and pressed.message is None and pressed.channel.id == "DMIA"
    assert bench.kit.page_of("mia").title == "Page 2"


async def test_what_is_private_comes_as_a_modal_and_its_buttons_stay_in_it(bench: Bench, page: Page) -> None:
    door, page.does = await door_of(bench), "reply"
    seen = await door.open_page("mia")
    await door.press("mia", seen.id, seen.controls["Press"])
    told = (await door.visible("mia"))[-1]
    assert (told.title, told.private) == ("Told 1", True) and not await door.visible("noah")
    page.does = "update"
    await door.press("mia", told.id, told.controls["Press"])
    assert (await door.visible("mia"))[-1].title == "Page 3", "in its place"
    assert bench.kit.page_of("mia").title == "Page 4", "and the page beneath shows what came of it"
    assert not bench.server.ephemeral and not bench.server.places["DMIA"].messages


async def test_what_is_private_and_late_comes_as_a_direct_message(
    bench: Bench, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, page.does = await door_of(bench), "reply"
    seen = await door.open_page("mia")
    monkeypatch.setattr(limits, "TRIGGER", 0.0)
    await door.press("mia", seen.id, seen.controls["Press"])
    assert [message["text"] for message in bench.server.places["DMIA"].messages.values()] == ["Told 1"]


async def test_a_form_opens_is_refused_and_leaves_the_page_drawn_anew(bench: Bench, page: Page) -> None:
    door, page.does = await door_of(bench), "open"
    seen = await door.open_page("mia")
    await door.press("mia", seen.id, seen.controls["Press"])
    await door.submit("mia", {"mark": "five"})
    form = door.form("mia")
    assert form and form.errors == {"mark": "A number, please."} and bench.kit.page_of("mia").title == "Page 1"
    await door.submit("mia", {"mark": "5"})
    assert door.form("mia") is None and bench.kit.page_of("mia").title == "Page 2"


async def test_a_form_from_a_modal_lies_on_top_of_it(bench: Bench, page: Page) -> None:
    door, page.does = await door_of(bench), "reply"
    seen = await door.open_page("mia")
    await door.press("mia", seen.id, seen.controls["Press"])
    told, page.does = (await door.visible("mia"))[-1], "open"
    await door.press("mia", told.id, told.controls["Press"])
    assert door.form("mia") and bench.called("views.push")
    await door.submit("mia", {"mark": "5"})
    assert (await door.visible("mia"))[-1].title == "Told 1" and bench.kit.page_of("mia").title == "Page 3"


@pytest.mark.parametrize("way", ["reply", "update"])
async def test_a_form_that_is_answered_is_answered_in_its_place(bench: Bench, page: Page, way: str) -> None:
    async def answer(event: PlatformEvent, responder: Responder) -> None:
        if not isinstance(event, FormSubmitted):
            await page.answer(event, responder)
        elif way == "reply":
            await responder.reply(Card("Noted"))
        else:
            await responder.update(Card("My page"))

    door, page.does, bench.answer = await door_of(bench), "open", answer
    seen = await door.open_page("mia")
    await door.press("mia", seen.id, seen.controls["Press"])
    await door.submit("mia", {"mark": "5"})
    titles = [seen.title for seen in await door.visible("mia")]
    drawn = bench.kit.page_of("mia").title
    assert (titles, drawn) == ((["Noted"], "Page 2") if way == "reply" else ([], "My page"))


async def test_pictures_are_shown_on_it_and_in_its_modals(
    bench: Bench, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PAUSES", (0.01,) * 4)
    picture = File("votes.png", b"\x89PNG 1", "Tea 3, coffee 2")

    async def answer(event: PlatformEvent, responder: Responder) -> None:
        card = Card("Votes", files=(picture,), buttons=(Button("Press", PRESS),))
        await (responder.update(card) if isinstance(event, FormSubmitted) else responder.reply(card))

    door, bench.answer = await door_of(bench), answer
    seen = await door.open_page("mia")
    assert seen.alt == "Tea 3, coffee 2"
    await door.press("mia", seen.id, seen.controls["Press"])
    assert (await door.visible("mia"))[-1].alt == "Tea 3, coffee 2"


async def test_what_starts_a_command_that_is_gone_says_so_directly(bench: Bench, page: Page) -> None:
    """A shortcut has neither channel nor address: what is said to it goes to the person's direct channel."""

    async def answer(event: PlatformEvent, responder: Responder) -> None:
        assert isinstance(event, CommandUsed) and event.command == "gone" and event.direct and not event.on_page
        assert event.channel.id == "UMIA"
        await responder.reply(Card("That isn't there any more"))

    door, bench.answer = await door_of(bench), answer
    await door.start_anywhere("mia", "gone")
    assert [message["text"] for message in bench.server.places["DMIA"].messages.values()] == [
        "That isn't there any more"
    ]
