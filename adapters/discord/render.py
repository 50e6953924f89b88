"""Draws cards and dialogs for Discord: our value in, Discord's dict out. Pure, and within Discord's limits.

A card becomes one embed with rows of controls; a control's `custom_id` is the packed call, so nothing is remembered.
A dialog becomes a modal of labels. What a card's limits allow may still be too long once it is escaped; then it is cut
at a word or a grapheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account, Space
from adapters.contract.text import Translations, clip, join, label, say, text
from adapters.contract.ui import AnyButton, Button, Card, File, LinkButton, Menu, Style, Tone

from . import limits, markup
from .limits import Type

JSON: TypeAlias = dict[str, Any]

COLOURS = {
    Tone.NEUTRAL: 0x8A9A8E,
    Tone.WAITING: 0xE3A72F,
    Tone.ACTIVE: 0x3B82C4,
    Tone.DONE: 0x3F9B5F,
    Tone.URGENT: 0xC9553D,
}
_STYLES = {Style.PRIMARY: 1, Style.NEUTRAL: 2, Style.DANGER: 4}
_LINK = 5
_PICKABLE = [0, 5, 15]
"""Kinds of channels that can be picked: text, announcements, forum."""
_EXAMPLES = {
    Kind.MOMENT: label("tomorrow 18:00, in 2 days, 2026-03-31 18:00"),
    Kind.DURATION: label("90 minutes"),
}


def message(card: Card, space: Space, *, home: bool = False) -> JSON:
    """Draw a card as a message in `space`; its files go along with the request, in their order.

    With `home` it says where it belongs, for a direct channel: a button that is pressed there comes without a guild,
    but with the message, whose embed's address is read by `parse_interaction.home`.
    """
    pinged = [account for account in card.pings if account.space == space]
    embed = _embed(card, space)
    if home:
        embed["url"] = home_address(space)
    rows = _rows(card.buttons)
    if card.menu:
        rows.append(_row([_menu(card.menu)]))
    return {
        "content": " ".join(map(markup.mention, pinged)),
        "embeds": [embed],
        "components": rows,
        "allowed_mentions": allowed(pinged),
        "attachments": [_attachment(number, file) for number, file in enumerate(card.files)],
    }


def _attachment(number: int, file: File) -> JSON:
    """What is attached stays by that alone: an edit that does not name what was there before takes it away."""
    described = {"description": clip(file.text, limits.ATTACHMENT_TEXT)} if file.text else {}
    return {"id": str(number), "filename": file.name, **described}


def home_address(space: Space) -> str:
    """Return the address of a guild."""
    return f"https://discord.com/channels/{space.id}"


def allowed(pinged: Sequence[Account] = ()) -> JSON:
    """Return whom a message may ping: these accounts, and no one else whatever is written in it."""
    users = list(dict.fromkeys(account.id for account in pinged))
    return {"parse": [], "users": users, "replied_user": False} if users else {"parse": [], "replied_user": False}


def _embed(card: Card, space: Space) -> JSON:
    draw = partial(markup.markdown, space=space)
    embed: JSON = {"color": COLOURS[card.tone]}
    title = markup.fit(card.title, limits.EMBED_TITLE, markup.heading)
    footer = markup.fit(card.footer, limits.FOOTER, markup.plain)
    fields: list[JSON] = []
    # Shared out, so that all that was said is there: no field may take what the others and the body need.
    share = (limits.EMBED_ALL - limits.EMBED_TITLE - limits.FOOTER) // 2 // max(len(card.fields), 1)
    for field in card.fields:
        name = markup.fit(text(field.name), limits.FIELD_NAME, markup.heading) or markup.ZERO
        value = markup.fit(field.value, min(share, limits.FIELD_VALUE), draw) or markup.ZERO
        fields.append({"name": name, "value": value, "inline": "\n" not in value and len(value) < 100})
    spent = len(title) + len(footer) + sum(len(field["name"]) + len(field["value"]) for field in fields)
    body = markup.fit(card.body, min(limits.EMBED_TEXT, limits.EMBED_ALL - spent), draw)
    if not title and not body and not fields:
        body = markup.ZERO
    if title:
        embed["title"] = title
    if body:
        embed["description"] = body
    if fields:
        embed["fields"] = fields
    if footer:
        embed["footer"] = {"text": footer}
    if card.picture:
        embed["image"] = {"url": f"attachment://{card.picture.name}"}
    return embed


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


# Dialogs


def modal(dialog: Dialog, space: Space) -> JSON:
    """Draw a dialog. What is wrong with the whole stands above the labels, or in the first where there is no room."""
    problem = dialog.problem.strip()
    above = bool(problem) and len(dialog.fields) < limits.MODAL_PARTS
    parts: list[JSON] = [{"type": Type.TEXT, "content": f"⚠️ {markup.escape(problem)}"}] if above else []
    for position, field in enumerate(dialog.fields):
        wrong = problem if problem and not above and position == 0 and not field.error else field.error
        parts.append(_label(field, wrong, space, dialog.translations))
    return {"custom_id": dialog.call.pack(), "title": dialog.title, "components": parts}


def _label(field: Field, wrong: str, space: Space, translations: Translations) -> JSON:
    label: JSON = {"type": Type.LABEL, "label": field.label, "component": _input(field, space, translations)}
    description = clip(markup.seen(f"⚠️ {wrong}" if wrong else field.hint), limits.LABEL_HINT)
    if description.strip():
        label["description"] = description
    return label


def _input(field: Field, space: Space, translations: Translations) -> JSON:
    match field.kind:
        case Kind.CHOICE:
            return _select(field, [(option.label, option.value) for option in field.choices])
        case Kind.BOOLEAN if field.required:
            return _select(
                field,
                [
                    (translations.gettext(words), value)
                    for words, value in ((label("Yes"), "true"), (label("No"), "false"))
                ],
            )
        case Kind.BOOLEAN:
            return {"type": Type.CHECKBOX, "custom_id": field.name, "default": field.value == "true"}
        case Kind.MEMBER:
            return _picker(field, Type.USERS, "user", space)
        case Kind.CHANNEL:
            return {**_picker(field, Type.CHANNELS, "channel", space), "channel_types": _PICKABLE}
    return _written(field, translations)


def _select(field: Field, options: Sequence[tuple[str, str]]) -> JSON:
    drawn: list[JSON] = [{"label": label, "value": value} for label, value in options]
    for option in drawn:
        if option["value"] == field.value:
            option["default"] = True
    return {"type": Type.SELECT, "custom_id": field.name, **_how_many(field), "options": drawn}


def _picker(field: Field, type_: Type, kind: str, space: Space) -> JSON:
    picker: JSON = {"type": type_, "custom_id": field.name, **_how_many(field)}
    if id_ := picked(field.value, space):
        picker["default_values"] = [{"id": id_, "type": kind}]
    return picker


def _how_many(field: Field) -> JSON:
    return {"required": field.required, "min_values": int(field.required), "max_values": 1}


def picked(key: str, space: Space) -> str | None:
    """Return the id in the key of an account or a channel of `space`, if it is one."""
    prefix = f"{space.key}/"
    id_ = key.removeprefix(prefix)
    return id_ if key.startswith(prefix) and id_.isascii() and id_.isdigit() else None


def _written(field: Field, translations: Translations) -> JSON:
    """Nothing that was typed is lost: an answer that is too long is shown whole, to be shortened."""
    value = markup.seen(field.value)[: limits.INPUT]
    input_: JSON = {
        "type": Type.INPUT,
        "custom_id": field.name,
        "style": 2 if field.lines > 1 or "\n" in value else 1,
        "required": field.required,
        "max_length": max(field.longest, len(value)),
    }
    if value:
        input_["value"] = value
    options = join((option.label for option in field.choices), ", ")
    suggested = str(say("For example: {options}", options=options).localized(translations)) if options else ""
    example = _EXAMPLES.get(field.kind, "")
    placeholder = (field.hint if field.error else "") or suggested or (example and translations.gettext(example))
    if placeholder := clip(markup.seen(placeholder), limits.PLACEHOLDER):
        input_["placeholder"] = placeholder
    return input_


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
