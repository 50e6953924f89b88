"""Draws cards in Slack's Block Kit. Pure: our values in, Slack's dictionaries out.

What a member wrote is data. In mrkdwn it is escaped, its formatting marks are made inert by zero-width spaces, and
every mrkdwn object is `verbatim`, so that Slack turns no word of it into a link or a mention. Everything else is
`plain_text`, which Slack does not read at all.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from adapters.contract.card_fields import BETWEEN, in_lines
from adapters.contract.files import File
from adapters.contract.text import Translations, clip, join, label
from adapters.contract.ui import (
    AnyButton,
    Button,
    Card,
    CardField,
    CardList,
    Menu,
    Option,
    Style,
    Tone,
    without_names,
)

from . import limits
from .markup import Draw, Home, drawer, fit, seen, strong

JSON: TypeAlias = dict[str, Any]

LINK = "trellis.link"
"""How the `action_id` of a link begins: Slack reports that it was followed, and nobody needs to know."""

MORE = "trellis.more"
"""The `action_id` of the menu of further buttons: each option's value is what it calls."""

LIST = "list"
"""How the `block_id` of what belongs to a list of a card begins."""
FIELDS = "fields"
"""The `block_id` of a card's fields."""
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?: [·/] .*)?")
"""A cell that is a number, with more of it behind."""

TONES = {Tone.NEUTRAL: "", Tone.WAITING: "", Tone.ACTIVE: "", Tone.DONE: "✅ ", Tone.URGENT: "⚠️ "}
"""Slack has no colours for cards: what is done or urgent has a sign, unless a card has an emoji of its own."""
_STYLES = {Style.PRIMARY: {"style": "primary"}, Style.NEUTRAL: {}, Style.DANGER: {"style": "danger"}}


QUIET = {"unfurl_links": False, "unfurl_media": False}
"""What we quote shows no previews of where it leads."""


def message(card: Card, home: Home, picture: str = "", note: str = "", *, tables: bool = False) -> JSON:
    """Return a message's `text` (what notifications say) and its `blocks`; with `tables` a chart is one.

    `picture` is Slack's id of the card's picture; where it has none, the picture's words are shown. `note` is a line
    of ours about the card. Whom it calls and does not name, it names behind its words: notifications begin with those.
    """
    called = [account for account in card.pings if account.space == home.space]
    card = card if tables else card.in_lines
    draw = drawer(home, frozenset(account.id for account in called))
    sign, blocks = f"{card.emoji} " if card.emoji else TONES[card.tone], list[JSON]()
    if header := " ".join(card.title.plain().split()):
        blocks.append({"type": "header", "text": plain(sign + header, limits.HEADER)})
        sign = ""
    pieces = fit(without_names(card.body, called), draw, limits.SECTION - len(sign), limits.BODY_SECTIONS)
    blocks += [section(piece if index else sign + piece) for index, piece in enumerate(pieces)]
    for number, each in enumerate(card.lists):
        blocks += _list(each, f"{LIST}.{number}", draw)
    if card.fields:
        blocks.append({**section(_fields(card.fields, draw)), "block_id": FIELDS})
    if card.table:
        blocks.append(_table(card.table.words, header))
    charted = card.chart.table if tables and card.chart else []
    if card.chart and 2 <= len(charted) <= limits.TABLE_ROWS and len(charted[0]) <= limits.TABLE_CELLS:
        blocks.append(_table(charted, header or card.chart.words.plain()))
    elif card.picture:
        blocks.append(_picture(card.picture, picture))
    footer = "".join(fit(card.footer, draw, limits.CONTEXT, 1))
    calls = (f"<@{account.id}>" for account in called)
    if unnamed := [call for call in calls if call not in " ".join([footer, *_words(blocks)])]:
        blocks.append(section(" ".join(unnamed)))
    if footer:
        blocks.append({"type": "context", "elements": [mrkdwn(footer)]})
    if note:
        blocks.append({"type": "context", "elements": [plain(note, limits.CONTEXT)]})
    if card.buttons:
        blocks.append({"type": "actions", "elements": _buttons(card.buttons)})
    if card.menu:
        blocks.append({"type": "actions", "elements": [_menu(card.menu)]})
    spoken = join([card.summary, *(row.line for row in card.table.rows)]) if card.table else card.summary
    summary = "".join(fit(spoken, drawer(home, frozenset()), limits.FALLBACK, 1))
    return {"text": summary or "…", "blocks": blocks or [section("…")]}


def page(drawn: JSON, asked_in: str) -> JSON:
    """Return a card, drawn as a message, as the view of App Home."""
    return {"type": "home", "private_metadata": asked_in, "blocks": drawn["blocks"]}


def notice(drawn: JSON, asked_in: str, translations: Translations) -> JSON:
    """Return a card, drawn as a message, as a modal that asks nothing."""
    return {
        "type": "modal",
        "title": plain("Trellis", limits.VIEW_TITLE),
        "close": plain(translations.gettext(label("Close")), limits.VIEW_TITLE),
        "private_metadata": asked_in,
        "blocks": drawn["blocks"],
    }


def plain(words: str, longest: int) -> JSON:
    """Return a text object that Slack shows as it is."""
    return {"type": "plain_text", "text": clip(seen(words), longest).strip() or "…", "emoji": False}


def place(channel: str, thread: str = "", origin: str = "", home: bool = False) -> str:
    """Pack where a view was asked for; `read_place` of `envelope` reads it."""
    return json.dumps({"channel": channel, "thread": thread, "origin": origin, "home": home})


def mrkdwn(words: str) -> JSON:
    """Return a text object of words that are drawn already."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}


def section(words: str) -> JSON:
    """Return a block of words that are drawn already."""
    return {"type": "section", "text": mrkdwn(words)}


def _words(blocks: Sequence[JSON]) -> Iterator[str]:
    """Return the words of sections, in which people can be called."""
    for block in blocks:
        if block["type"] == "section":
            yield block["text"]["text"]


def _picture(file: File, id_: str) -> JSON:
    if id_:
        return {"type": "image", "slack_file": {"id": id_}, "alt_text": clip(seen(file.text), limits.ALT_TEXT) or "…"}
    return {"type": "context", "elements": [plain(f"🖼️ {file.text}", limits.CONTEXT)]}


def _name(words: str) -> str:
    return strong(" ".join(words.split())) or "…"


def _table(rows: Sequence[Sequence[str]], caption: str) -> JSON:
    """Draw a table, which reads in the dark and aloud. People sort it: a column of numbers by what they are."""
    heads, *body = [[seen(cell).strip() or "–" for cell in row] for row in rows]
    counted = [all(map(_NUMBER.fullmatch, column)) for column in zip(*body, strict=True)]
    cells = [[_cell(cell, counts) for cell, counts in zip(row, counted, strict=True)] for row in body]
    return {
        "type": "data_table",
        "caption": clip(seen(caption), limits.HEADER).strip() or "…",
        "rows": [[_cell(head) for head in heads], *cells],
        "page_size": len(body),
    }


def _cell(words: str, counts: bool = False) -> JSON:
    if counts and (number := _NUMBER.fullmatch(words)):
        return {"type": "raw_number", "value": float(number[1]), "text": words}
    return {"type": "raw_text", "text": words}


def _fields(fields: Sequence[CardField], draw: Draw) -> str:
    share = limits.SECTION // len(fields)

    def drawn(field: CardField) -> tuple[str, str]:
        name = _name(field.name)
        return name, "".join(fit(field.value, draw, share - len(name + BETWEEN) - 1, 1))

    return in_lines(fields, drawn)


def _list(each: CardList, id_: str, draw: Draw) -> list[JSON]:
    """Draw a list: a thing with one button has it beside, one with more beneath."""
    blocks: list[JSON] = [{**section(_name(each.name)), "block_id": id_}] if each.name else []
    for position, item in enumerate(each.items):
        words = "".join(fit(item.words, draw, limits.SECTION, 1)) or "…"
        about = next(iter(item.words.plain().splitlines()), "")
        buttons = [_button(one, f"{id_}.{position}.{n}", about) for n, one in enumerate(item.buttons)]
        block = {**section(words), "block_id": f"{id_}.{position}"}
        blocks.append({**block, "accessory": buttons[0]} if len(buttons) == 1 else block)
        if len(buttons) > 1:
            blocks.append({"type": "actions", "block_id": f"{id_}.{position}.do", "elements": buttons})
    return blocks


def _buttons(buttons: Sequence[AnyButton]) -> list[JSON]:
    """Draw buttons side by side; of many, the last plain ones go into a menu behind them.

    Alternatives, such as the options of a poll, which all make one call, stay in view together.
    """
    made = Counter(one.call.action for one in buttons if isinstance(one, Button))
    ours = [one for one in buttons if isinstance(one, Button)]
    alone = [one for one in ours if one.style is Style.NEUTRAL and made[one.call.action] == 1]
    over = len(buttons) - limits.BUTTONS
    more = alone[-min(over + 1, limits.OVERFLOW) :] if over > 0 and len(alone) > 1 else []
    drawn = [_button(one, str(number)) for number, one in enumerate(buttons) if one not in more]
    options = [draw_option(Option(one.label, one.call.pack())) for one in more]
    return [*drawn, {"type": "overflow", "action_id": MORE, "options": options}] if options else drawn


def _button(button: AnyButton, number: str, about: str = "") -> JSON:
    """Draw a button; of several alike, one that stands with a thing tells screen readers what it is `about`."""
    label = plain(button.label, limits.BUTTON)
    told = {"accessibility_label": clip(seen(f"{button.label}: {about}"), limits.BUTTON)} if about else {}
    drawn = {"type": "button", "text": label, **told}
    if isinstance(button, Button):
        return {**drawn, "action_id": button.call.pack(), **_STYLES[button.style]}
    return {**drawn, "action_id": f"{LINK}:{number}", "url": button.url}


def _menu(menu: Menu) -> JSON:
    drawn = {
        "type": "static_select" if menu.most == 1 else "multi_static_select",
        "action_id": menu.call.pack(),
        "placeholder": plain(menu.placeholder, limits.PLACEHOLDER),
        "options": [draw_option(option) for option in menu.options],
    }
    return drawn if menu.most == 1 else {**drawn, "max_selected_items": menu.most}


def draw_option(option: Option) -> JSON:
    """Return one choice of a menu or an input."""
    return {"text": plain(option.label, limits.OPTION_TEXT), "value": option.value}
