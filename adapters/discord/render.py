"""Draws cards for Discord: our value in, Discord's dict out. Pure, and within Discord's limits.

A card becomes one container of texts and picture, and rows of controls (Components V2); a control's `custom_id` is the
packed call, so nothing is remembered. What a card's limits allow may still be too long once it is escaped; then it is
cut at a word or a grapheme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import regex

from adapters.contract.card_fields import BETWEEN, in_lines
from adapters.contract.files import File
from adapters.contract.models import Account, Space
from adapters.contract.text import clip, join, text
from adapters.contract.ui import (
    AnyButton,
    Button,
    Card,
    CardField,
    CardList,
    LinkButton,
    ListItem,
    Menu,
    Style,
    Tone,
    without_names,
)

from . import limits, markup
from .limits import Part, Type
from .markup import Here

JSON: TypeAlias = dict[str, Any]

COLOURS = {
    Tone.NEUTRAL: 0x8A9A8E,
    Tone.WAITING: 0xE3A72F,
    Tone.ACTIVE: 0x3B82C4,
    Tone.DONE: 0x3F9B5F,
    Tone.URGENT: 0xC9553D,
}
ROOMS = {"❓": 0x5865C4, "📅": 0xD9822B, "💡": 0xC9A227, "📊": 0x8E5BB5}
"""The colour of each room by the emoji of its cards, while a card is neither done nor urgent."""
_STYLES = {Style.PRIMARY: 1, Style.NEUTRAL: 2, Style.DANGER: 4}
_LINK = 5


def message(card: Card, here: Here) -> JSON:
    """Draw a card as a message; its files go along with the request, in their order."""
    card = card.in_lines
    return {
        "flags": limits.COMPONENTS_V2,
        "components": [_container(card, here), *_controls(card)],
        "allowed_mentions": allowed(_called(card, here)),
        "attachments": [_attachment(number, file) for number, file in enumerate(card.files)],
    }


def edited(drawn: JSON) -> JSON:
    """Return what draws a message again, also one that is words or an embed so far."""
    return {**drawn, "content": None, "embeds": []}


def sentence(card: Card, here: Here) -> JSON | None:
    """Draw what calls somebody, or is told directly, as words and controls, of which a phone shows the words.

    None: it calls nobody, or has a heading, lists or files, for which it has to be a card.
    """
    called = _called(card, here)
    if not (called or here.is_direct) or card.lists or card.picture or card.files:
        return None
    texts = _texts(card, here)
    content = "\n".join(texts[part] for part in sorted(texts))
    if Part.TITLE in texts or len(content) > limits.CONTENT:
        return None
    controls = {"components": rows} if (rows := _controls(card)) else {}
    return {"content": content, **controls, "flags": limits.NO_PREVIEWS, "allowed_mentions": allowed(called)}


def announcement(card: Card, here: Here) -> JSON | None:
    """Return the words that come before a card that calls somebody: of components alone, a phone shows nothing."""
    called = _called(card, here)
    if not called and not here.is_direct:
        return None
    plain = partial(markup.line, here=replace(here, commands={}))
    words = markup.fit(join([card.title, without_names(card.body, called)], " · "), limits.PUSH, plain)
    more = (markup.mention(account) for account in called if account.id not in markup.mentioned(words))
    content = " ".join([words or markup.ZERO, *more])
    return {"content": content, "flags": limits.NO_PREVIEWS, "allowed_mentions": allowed(called)}


def _called(card: Card, here: Here) -> list[Account]:
    return [account for account in dict.fromkeys(card.pings) if account.space == here.space]


def _attachment(number: int, file: File) -> JSON:
    """What is attached stays by that alone: an edit that does not name what was there before takes it away."""
    described = {"description": clip(file.text, limits.ATTACHMENT_TEXT)} if file.text else {}
    return {"id": str(number), "filename": file.name, **described}


def allowed(called: Sequence[Account] = ()) -> JSON:
    """Return whom a message may ping: these accounts, and no one else whatever is written in it."""
    users = [account.id for account in called]
    return {"parse": [], "users": users, "replied_user": False} if users else {"parse": [], "replied_user": False}


def _container(card: Card, here: Here) -> JSON:
    texts = _texts(card, here)
    parts = [_text(part, texts[part]) for part in (Part.TITLE, Part.BODY) if part in texts]
    if card.picture:
        description = clip(card.picture.text, limits.ATTACHMENT_TEXT)
        item = {"media": {"url": f"attachment://{card.picture.name}"}, "description": description}
        parts.append({"type": Type.GALLERY, "items": [item]})
    below = [_text(part, texts[part]) for part in Part if part > Part.BODY and part in texts]
    parts += [*_lists(card.lists, here, limits.TEXTS - sum(map(len, texts.values()))), *below]
    parts += [
        {"type": Type.FILE, "file": {"url": f"attachment://{file.name}"}} for file in card.files if not file.is_picture
    ]
    return {"type": Type.CONTAINER, "accent_color": _accent(card), "components": parts}


def _accent(card: Card) -> int:
    tells = card.tone in (Tone.DONE, Tone.URGENT)
    return COLOURS[card.tone] if tells else ROOMS.get(card.emoji, COLOURS[card.tone])


def _lists(lists: Sequence[CardList], here: Here, room: int) -> Iterator[JSON]:
    """Draw lists: a thing with one button has it beside, one with more beneath. All share the `room` that is left."""
    draw = partial(markup.markdown, here=here)
    share = min(limits.ITEM, room // max(1, sum(1 + len(each.items) for each in lists)))
    for number, each in enumerate(lists):
        id_ = Part.LISTS * (number + 1)
        if each.name:
            yield _text(id_, f"**{markup.fit(text(each.name), share - 4, partial(markup.line, here=here))}**")
        for position, item in enumerate(each.items, 1):
            words = _text(id_ + position, markup.fit(item.words, share, draw) or markup.ZERO)
            match [*map(_button, item.buttons)]:
                case [button]:
                    yield {"type": Type.SECTION, "components": [words], "accessory": button}
                case buttons:
                    yield from (words, _row(buttons)) if buttons else (words,)


def _controls(card: Card) -> list[JSON]:
    """Draw what can be used of a card, beneath its container: there also clients find it that look at rows alone."""
    menu = [_row([_menu(card.menu)])] if card.menu else []
    return [*_rows(card.buttons), *menu]


def _text(part: int, content: str) -> JSON:
    return {"type": Type.TEXT, "id": part, "content": content}


def _texts(card: Card, here: Here) -> dict[Part, str]:
    """Draw the texts of a card. They share what Discord takes, so that no field takes what the body needs."""
    line, draw = partial(markup.line, here=here), partial(markup.markdown, here=here)
    texts = dict[Part, str]()
    called = _called(card, here)
    room = limits.TEXTS - len(_SMALL + " ".join(map(markup.mention, called)))
    if title := markup.fit(card.title, limits.TITLE, line):
        texts[Part.TITLE] = f"### {title}"
    if footer := markup.fit(card.footer, limits.FOOTER, line):
        texts[Part.FOOTER] = _SMALL + footer
    if here.is_direct:
        texts[Part.HOME] = f"{_SMALL}[{markup.escape(here.name)}]({home_address(here.space)})"
    room -= sum(map(len, texts.values())) + _room_of(card.lists)
    if fields := _fields(card.fields, here, room // 2):
        texts[Part.FIELDS] = fields
    if body := markup.fit(without_names(card.body, called), room - len(fields), draw):
        texts[Part.BODY] = body
    named = markup.mentioned("\n".join(texts.values()))
    if unnamed := [markup.mention(account) for account in called if account.id not in named]:
        texts[Part.CALLED] = _SMALL + " ".join(unnamed)
    return texts or {Part.BODY: markup.ZERO}


_SMALL = "-# "


def _room_of(lists: Sequence[CardList]) -> int:
    """Return how many characters are set aside for lists, of which escaping may make some longer."""
    return min(
        limits.TEXTS // 2, sum(40 + len(each.name) + sum(_weight(item) for item in each.items) for each in lists)
    )


def _weight(item: ListItem) -> int:
    return len(item.words) * 3 // 2 + 40


def home_address(space: Space) -> str:
    """Return the address of a guild."""
    return f"https://discord.com/channels/{space.id}"


# Fields

_FIELD = regex.compile(rf"\*\*((?:\\.|[^*\\])+)\*\*[ \n]?(.*?)(?={BETWEEN}\*\*|\n\*\*|\Z)", regex.DOTALL)


def _fields(fields: Sequence[CardField], here: Here, longest: int) -> str:
    line, draw = partial(markup.line, here=here), partial(markup.markdown, here=here)
    share = longest // max(len(fields), 1)

    def drawn(field: CardField) -> tuple[str, str]:
        name = f"**{markup.fit(text(field.name), share // 2, line) or markup.ZERO}**"
        return name, markup.fit(field.value, share - len(name + BETWEEN), draw)

    return in_lines(fields, drawn)


def told_fields(told: JSON) -> list[tuple[str, str]]:
    """Return the names and values of the fields of a card that Discord tells of; earlier ones were embeds."""
    embedded = [
        (field["name"], field["value"]) for embed in told.get("embeds", ()) for field in embed.get("fields", ())
    ]
    drawn = told_text(told, Part.FIELDS)
    return embedded + [(match[1], match[2]) for match in _FIELD.finditer(drawn)]


def told_text(told: JSON, part: Part) -> str:
    """Return one of the texts of a card that Discord tells of.

    Where a card has no such text, Discord may have given its number to a button, or to what holds others.
    """
    texts = (one for one in components(told) if one["type"] == Type.TEXT)
    return next((str(one["content"]) for one in texts if one.get("id") == part), "")


def components(told: JSON) -> Iterator[JSON]:
    """Return all components of a message, each followed by those within it."""
    for component in told.get("components", ()):
        yield component
        yield from components(component)
        yield from filter(None, (component.get("accessory"),))


# Controls


def _rows(buttons: Sequence[AnyButton]) -> list[JSON]:
    return [
        _row(list(map(_button, buttons[start : start + limits.ROW]))) for start in range(0, len(buttons), limits.ROW)
    ]


def _row(controls: list[JSON]) -> JSON:
    return {"type": Type.ROW, "components": controls}


def _button(button: AnyButton) -> JSON:
    label = markup.seen(button.label).strip() or markup.ZERO
    if isinstance(button, Button):
        return {"type": Type.BUTTON, "style": _STYLES[button.style], "label": label, "custom_id": button.call.pack()}
    return _link_button(button, label)


def _link_button(button: LinkButton, label: str) -> JSON:
    """An address that becomes too long once it is encoded is left as it was given."""
    url = markup.address(button.url)
    return {
        "type": Type.BUTTON,
        "style": _LINK,
        "label": label,
        "url": url if len(url) <= limits.BUTTON_URL else button.url,
    }


def _menu(menu: Menu) -> JSON:
    return {
        "type": Type.SELECT,
        "custom_id": menu.call.pack(),
        "placeholder": menu.placeholder,
        "min_values": 1,
        "max_values": menu.most,
        "options": [{"label": option.label, "value": option.value} for option in menu.options],
    }


# Forums


def tags(shown: Sequence[tuple[str, str]], available: Sequence[JSON]) -> list[str]:
    """Return the ids of a forum's tags that mirror a card's fields, given as drawn names and values.

    A tag mirrors a field whose value begins with the tag's name, marks aside: "✅ Solved by Mia" is mirrored by
    "Solved", whatever case it is written in.
    """
    values = [_bare(value) for _, value in shown]
    mirrored = [
        tag["id"]
        for tag in available
        if not tag.get("moderated") and (name := _bare(tag["name"])) and any(_begins(value, name) for value in values)
    ]
    return mirrored[: limits.TAGS]


def card_fields(card: Card) -> list[tuple[str, str]]:
    """Return the names and values of a card's fields as plain words."""
    return [(field.name, field.value.plain()) for field in card.fields]


def _begins(value: str, name: str) -> bool:
    return value == name or (value.startswith(name) and not value[len(name)].isalnum())


def _bare(words: str) -> str:
    """Return words in lower case from their first letter on."""
    start = next((position for position, letter in enumerate(words) if letter.isalnum()), len(words))
    return words[start:].strip().casefold()


def thread_name(title: str) -> str:
    """Return a name that a thread may have."""
    return clip(" ".join(markup.seen(title).split()), limits.THREAD_NAME) or "Thread"
