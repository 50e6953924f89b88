"""Cards as the chat's file keeps them: as they were meant, for everyone to read in their own zone and moment. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from adapters.contract.call import Call
from adapters.contract.codec import dump_chart, dump_table, load_chart, load_table
from adapters.contract.files import File, is_picture_name
from adapters.contract.models import Account, Channel
from adapters.contract.text import ChannelLink, Code, CommandLink, Link, Mention, Span, Strong, Text, Time, TimeStyle
from adapters.contract.ui import (
    AnyButton,
    Button,
    Card,
    CardField,
    CardList,
    LinkButton,
    ListItem,
    Menu,
    Option,
    Style,
    Tone,
)


def keep_card(card: Card) -> str:
    """Return a card as the text that the file keeps."""
    return json.dumps(
        {
            "title": _keep_text(card.title),
            "body": _keep_text(card.body),
            "fields": [[field.name, _keep_text(field.value)] for field in card.fields],
            "footer": _keep_text(card.footer),
            "chart": card.chart and dump_chart(card.chart),
            "table": card.table and dump_table(card.table),
            "lists": [
                [each.name, [[_keep_text(item.words), [*map(_keep_button, item.buttons)]] for item in each.items]]
                for each in card.lists
            ],
            "tone": card.tone.value,
            "emoji": card.emoji,
            "buttons": [_keep_button(button) for button in card.buttons],
            "menu": card.menu and _keep_menu(card.menu),
            "pings": [account.key for account in card.pings],
            "files": [[file_id(file), file.name, file.text, len(file.content)] for file in card.files],
        }
    )


def kept_card(kept: str, contents: Mapping[str, bytes] = MappingProxyType({})) -> Card:
    """Return the card that `keep_card` was given, with those of its files whose contents are given by their ids."""
    card = json.loads(kept)
    there = [file for file in _kept_files(card) if file.id in contents]
    return Card(
        _kept_text(card["title"]),
        _kept_text(card["body"]),
        fields=tuple(CardField(name, _kept_text(value)) for name, value in card["fields"]),
        footer=_kept_text(card["footer"]),
        tone=Tone(card["tone"]),
        buttons=tuple(map(_kept_button, card["buttons"])),
        menu=card["menu"] and _kept_menu(card["menu"]),
        pings=tuple(map(Account.of, card["pings"])),
        files=tuple(File(file.name, contents[file.id], file.text) for file in there),
        emoji=card.get("emoji", ""),  # older files have none
        chart=load_chart(*card["chart"]) if card.get("chart") else None,
        table=load_table(*card["table"]) if card.get("table") else None,
        lists=tuple(CardList(name, tuple(map(_kept_item, items))) for name, items in card.get("lists", ())),
    )


def _kept_item(kept: list[Any]) -> ListItem:
    words, buttons = kept
    return ListItem(_kept_text(words), *map(_kept_button, buttons))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What a card says of a file, whose content is kept apart. `text` is what a picture shows."""

    id: str
    name: str
    text: str
    size: int

    @property
    def is_picture(self) -> bool:
        return is_picture_name(self.name)


def file_id(file: File) -> str:
    """Return the id of a file: nobody knows it who has not seen a card with it."""
    return sha256(file.name.encode() + b"\0" + file.content).hexdigest()[:32]


def kept_files(kept: str) -> list[KeptFile]:
    """Return what goes along with the card that `keep_card` was given."""
    return _kept_files(json.loads(kept))


def _kept_files(card: dict[str, Any]) -> list[KeptFile]:
    return [KeptFile(*file) for file in card.get("files", ())]


def _keep_button(button: AnyButton) -> dict[str, Any]:
    match button:
        case Button(label, call, style):
            return {"label": label, "call": call.pack(), "style": style.value}
        case LinkButton(label, url):
            return {"label": label, "url": url}


def _kept_button(kept: dict[str, Any]) -> AnyButton:
    if "url" in kept:
        return LinkButton(kept["label"], kept["url"])
    return Button(kept["label"], Call.unpack(kept["call"]), Style(kept["style"]))


def _keep_menu(menu: Menu) -> dict[str, Any]:
    return {
        "placeholder": menu.placeholder,
        "call": menu.call.pack(),
        "options": [{"label": option.label, "value": option.value} for option in menu.options],
        "most": menu.most,
    }


def _kept_menu(kept: dict[str, Any]) -> Menu:
    options = tuple(Option(**option) for option in kept["options"])
    return Menu(kept["placeholder"], Call.unpack(kept["call"]), options, kept["most"])


def _keep_text(words: Text) -> list[Any]:
    return [_keep_span(span) for span in words]


def _keep_span(span: Span) -> str | list[Any]:
    match span:
        case str():
            return span
        case Strong(words):
            return ["strong", words]
        case Code(code, block):
            return ["code", code, block]
        case Link(label, url):
            return ["link", label, url]
        case Time(at, style):
            return ["time", at.isoformat(), style.value]
        case Mention(name, accounts, who, plain):
            return ["mention", name, [account.key for account in accounts], who, plain]
        case ChannelLink(channel, name):
            return ["channel", channel.key, name]
        case CommandLink(name, text):
            return ["command", name, text]


def _kept_text(kept: list[Any]) -> Text:
    return Text(tuple(map(_kept_span, kept)))


def _kept_span(kept: str | list[Any]) -> Span:
    match kept:
        case str():
            return kept
        case ["strong", words]:
            return Strong(words)
        case ["code", code, block]:
            return Code(code, block)
        case ["link", label, url]:
            return Link(label, url)
        case ["time", at, style]:
            return Time(datetime.fromisoformat(at), TimeStyle(style))
        case ["mention", name, accounts, *who]:
            return Mention(name, tuple(map(Account.of, accounts)), *who)
        case ["channel", channel, name]:
            return ChannelLink(Channel.of(channel), name)
        case ["command", name, text]:
            return CommandLink(name, text)
    raise ValueError(f"no span is kept like this: {kept!r}")
