"""Messages, cards and dialogs as JSON for the browser: in one reader's zone, by the clock of the moment. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from adapters.contract.commands import Command
from adapters.contract.forms import Dialog, Field
from adapters.contract.models import Account, Channel
from adapters.contract.text import (
    ChannelLink,
    Code,
    CommandLink,
    Link,
    Mention,
    Span,
    Strong,
    Text,
    Time,
    TimeStyle,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, ListItem, Option, without_names

from .kept import KeptFile, kept_card, kept_files
from .records import TRELLIS, Entry, Person

JSON: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, when, and what everyone is called."""

    person: Person
    now: datetime
    names: Mapping[str, str]


def draw_message(entry: Entry, reader: Reader) -> JSON:
    """Return a message as its reader sees it."""
    card = _read_card(entry.card) if entry.card else None
    return {
        "id": entry.id,
        "channel": entry.place,
        "author": entry.author,
        "author_name": _name(entry.author, reader),
        "text": _addressed(card, entry, reader) if card else entry.text,
        "spans": [] if card else _draw_words(entry.text, reader),
        "pings": [{"id": person, "name": _name(person, reader)} for person in entry.pings],
        "called": [{"id": person, "name": _name(person, reader)} for person in _called(card, entry)] if card else [],
        "card": {**_draw_card(card, reader), **_draw_files(kept_files(entry.card))} if card and entry.card else None,
        "controls": _draw_controls(card) if card else [],
        "private": entry.private is not None,
        "thread": entry.thread,
        "replies": entry.replies,
        "replied": entry.replied and stamp(entry.replied),
        "reactions": entry.reactions,
        "edited": entry.edits > 0,
        "at": stamp(entry.at),
    }


def _read_card(kept: str) -> Card:
    """Return a card as it is read: those whom it calls are named behind its words."""
    card = kept_card(kept).in_lines
    return card.with_(body=without_names(card.body, card.pings))


def _addressed(card: Card, entry: Entry, reader: Reader) -> str:
    """Name those whom a card notified and is still for."""
    return " ".join(f"@{_name(person, reader)}" for person in _notified(card, entry))


def _called(card: Card, entry: Entry) -> list[str]:
    """Return those whom a card notified, is still for, and does not name in its words."""
    told = (card.body, card.footer, *(field.value for field in card.fields))
    mentions = [span for words in told for span in words.spans if isinstance(span, Mention) and not span.plain]
    named = {account.id for mention in mentions for account in mention.accounts}
    return [person for person in _notified(card, entry) if person not in named]


def _notified(card: Card, entry: Entry) -> list[str]:
    still = {account.id for account in card.pings}
    return [person for person in entry.pings if person in still]


_MENTION = re.compile(r"(?<![\w@])@(?P<who>[\w-]+)")


def mentioned(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the ids of those whom a person's words mention, by `@id` or `@name`."""
    found = (_whom(match["who"], names) for match in _MENTION.finditer(text))
    return [*dict.fromkeys(person for person in found if person)]


def _whom(word: str, names: Mapping[str, str]) -> str | None:
    folded = word.casefold()
    return next((id_ for id_, name in names.items() if folded in {id_, name.casefold()}), None)


def _draw_words(text: str, reader: Reader) -> list[JSON]:
    """Return what a person wrote, with code drawn as code and mentions as mentions."""
    spans: list[JSON] = []
    for span in written(text):
        if not isinstance(span, str):
            spans.append(_draw_span(span, reader))
            continue
        end = 0
        for match in _MENTION.finditer(span):
            if person := _whom(match["who"], reader.names):
                spans += _draw_text(Text((span[end : match.start()],)), reader)
                spans.append({"kind": "mention", "text": f"@{reader.names[person]}", "member": person})
                end = match.end()
        spans += _draw_text(Text((span[end:],)), reader)
    return spans


def _name(person: str, reader: Reader) -> str:
    return "Trellis" if person == TRELLIS else reader.names.get(person, person)


def stamp(moment: datetime) -> str:
    """Return a moment as ISO text."""
    return moment.isoformat(timespec="milliseconds")


def _draw_card(card: Card, reader: Reader) -> JSON:
    return {
        "title": _plain(card.title, reader),
        "body": _plain(card.body, reader),
        "fields": [
            {
                "name": field.name,
                "value": _plain(field.value, reader),
                "spans": _draw_text(field.value, reader),
                "short": field.is_short,
            }
            for field in card.fields
        ],
        "footer": _plain(card.footer, reader),
        "lists": [
            {"name": each.name, "items": [_draw_item(item, (n, k), reader) for k, item in enumerate(each.items)]}
            for n, each in enumerate(card.lists)
        ],
        "tone": card.tone.value,
        "spans": {
            "title": _draw_text(card.title, reader),
            "body": _draw_text(card.body, reader),
            "footer": _draw_text(card.footer, reader),
        },
    }


def _draw_item(item: ListItem, place: tuple[int, int], reader: Reader) -> JSON:
    """Return an item of a list with the ids of its controls, which stand beside it and not beneath the card."""
    buttons = enumerate(item.buttons)
    controls = [_draw_button(button, f"{place[0]}-{place[1]}-{number}")["id"] for number, button in buttons]
    return {"text": _plain(item.words, reader), "spans": _draw_text(item.words, reader), "controls": controls}


def _draw_files(files: Iterable[KeptFile]) -> JSON:
    """Return the picture of a card, and what else can be saved."""
    picture = next((file for file in files if file.is_picture), None)
    return {
        "image": picture and _address(picture),
        "image_text": picture.text if picture else "",
        "files": [
            {"name": file.name, "url": _address(file), "size": file.size} for file in files if not file.is_picture
        ],
    }


def _address(file: KeptFile) -> str:
    return f"/api/playground/files/{file.id}/{file.name}"


def _plain(words: Text, reader: Reader) -> str:
    """Return plain words from which nothing is missing: code in its backticks, links with their address."""

    def show(span: Span) -> str:
        match span:
            case Code(code, block):
                return f"```\n{code}\n```" if block else f"`{code}`"
            case Link(label, url):
                return label if label == url else f"{label} ({url})"
            case _:
                return _shown(span, reader)

    return words.plain(show)


def _shown(span: Span, reader: Reader) -> str:
    match span:
        case str():
            return span
        case Strong(words) | Code(words) | Link(words) | CommandLink(text=words):
            return words
        case Time(at, style):
            return _spell(at, style, reader.now, ZoneInfo(reader.person.timezone))
        case Mention():
            return span.shown
        case ChannelLink(_, name):
            return f"#{name}"


def _draw_text(words: Text, reader: Reader) -> list[JSON]:
    """Return the spans one by one, for a page that draws each in its own way."""
    return [_draw_span(span, reader) for span in words.apart() if span != ""]


def _draw_span(span: Span, reader: Reader) -> JSON:
    shown = _shown(span, reader)
    match span:
        case Strong():
            return {"kind": "strong", "text": shown}
        case Code(_, block):
            return {"kind": "code", "text": shown, "block": block}
        case Link(_, url) if url.startswith(("https://", "http://")):
            return {"kind": "link", "text": shown, "url": url}
        case Time(at, style):
            return {"kind": "time", "text": shown, "at": stamp(at), "style": style.value}
        case Mention(_, accounts, _, False):
            here = [account.id for account in accounts if account.id in reader.names and _is_ours(account)]
            return {"kind": "mention", "text": shown, "member": here[0] if here else None}
        case ChannelLink(channel) if _is_ours(channel):
            return {"kind": "channel", "text": shown, "channel": channel.id}
    return {"kind": "text", "text": shown}


def _is_ours(placed: Account | Channel) -> bool:
    return placed.space.platform == "playground"


def _spell(at: datetime, style: TimeStyle, now: datetime, zone: tzinfo) -> str:
    """Say when: "Thu 26 Nov, 18:00 (in 2 days)", "Thu 26 Nov", or "in 2 days"."""
    if style is TimeStyle.RELATIVE:
        return relative(at, now)
    at, now = at.astimezone(zone), now.astimezone(zone)
    day = f"{at:%a} {at.day} {at:%b}" + ("" if at.year == now.year else f" {at.year}")
    return day if style is TimeStyle.DATE else f"{day}, {at:%H:%M} ({relative(at, now)})"


_UNITS = (("year", 365 * 86400), ("month", 30 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60))


def relative(at: datetime, now: datetime) -> str:
    """Say how far away a moment is, in its largest unit: "in 2 days", "5 minutes ago", "now"."""
    seconds = (at - now).total_seconds()
    for unit, size in _UNITS:
        # A unit is used from one and a half of it on: 30 hours are 30 hours, not a day.
        if abs(seconds) >= size * (1.5 if unit != "minute" else 0.5):
            number = max(1, round(abs(seconds) / size))
            length = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"in {length}" if seconds > 0 else f"{length} ago"
    return "now"


def _draw_controls(card: Card) -> list[JSON]:
    controls = [_draw_button(button, str(number)) for number, button in enumerate(card.buttons)]
    controls += [
        _draw_button(button, f"{n}-{k}-{number}")
        for n, each in enumerate(card.lists)
        for k, item in enumerate(each.items)
        for number, button in enumerate(item.buttons)
    ]
    if card.menu:
        controls.append(
            _control(
                card.menu.call.pack(),
                "menu",
                card.menu.placeholder,
                options=draw_options(card.menu.options),
                placeholder=card.menu.placeholder,
                most=card.menu.most,
            )
        )
    return controls


def _draw_button(button: AnyButton, number: str) -> JSON:
    match button:
        case Button(label, call, style):
            return _control(call.pack(), "button", label, style=style.value)
        case LinkButton(label, url):
            return _control(f"link-{number}", "link", label, url=url)


def _control(id_: str, kind: str, label: str, **more: Any) -> JSON:
    return {"id": id_, "kind": kind, "label": label, "options": [], "url": None, "disabled": False, **more}


def draw_options(options: Iterable[Option]) -> list[JSON]:
    """Return what can be chosen."""
    return [{"label": option.label, "value": option.value} for option in options]


def draw_form(id_: str, dialog: Dialog) -> JSON:
    """Return a dialog to be sent back under this id."""
    return {
        "id": id_,
        "title": dialog.title,
        "fields": [
            {**_draw_field(field), "options": draw_options(field.choices), "value": field.value, "error": field.error}
            for field in dialog.fields
        ],
        "submit": dialog.submit,
        "problem": dialog.problem,
    }


def draw_command(command: Command) -> JSON:
    """Return a command as the page offers it."""
    return {
        "name": command.name,
        "description": command.description,
        "options": [{**_draw_field(option), "choices": draw_options(option.choices)} for option in command.options],
    }


def _draw_field(field: Field) -> JSON:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.kind.value,
        "required": field.required,
        "hint": field.hint,
        "lines": field.lines,
        "longest": field.longest,
        "suggested": field.suggested,
    }
