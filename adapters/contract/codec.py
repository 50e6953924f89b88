"""Cards as JSON: what is to be said is stored before it is sent, with its phrases unspoken.

So it is spoken when it is delivered, in the language that its reader has by then. `VERSION` goes along; what was
written by a later version of Trellis is refused.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from .call import Call
from .charts import Bar, Cell, Chart, ChartRow, Scale
from .files import File, KeptPicture
from .models import Account, Channel
from .tables import Table, TableRow
from .text import ChannelLink, Code, CommandLink, Link, Mention, Phrase, Span, Strong, Text, Time, TimeStyle, Verbatim
from .ui import AnyButton, Button, Card, CardField, CardList, LinkButton, ListItem, Menu, Option, Style, Tone

JSON: TypeAlias = Any

VERSION = 1


def dump_card(card: Card) -> dict[str, JSON]:
    """Return a card as JSON; `load_card` reads it back into an equal one."""
    written: dict[str, JSON] = {"v": VERSION, "tone": card.tone.value}
    for name, text in (("title", card.title), ("body", card.body), ("footer", card.footer)):
        if text.parts:
            written[name] = _text(text)
    if card.emoji:
        written["emoji"] = card.emoji
    if card.silent:
        written["silent"] = True
    if card.fields:
        written["fields"] = [[_label(field.name), _text(field.value)] for field in card.fields]
    if card.lists:
        written["lists"] = [
            [_label(each.name), [[_text(item.words), [*map(_button, item.buttons)]] for item in each.items]]
            for each in card.lists
        ]
    if card.buttons:
        written["buttons"] = [_button(button) for button in card.buttons]
    if card.menu:
        menu = card.menu
        options = [[_label(option.label), option.value] for option in menu.options]
        written["menu"] = [_label(menu.placeholder), menu.call.pack(), options, menu.most]
    if card.pings:
        written["pings"] = [account.key for account in card.pings]
    if card.files:
        written["files"] = [[file.name, b64encode(file.content).decode(), _text(file.words)] for file in card.files]
    if card.kept:
        written["kept"] = [card.kept.id, _text(card.kept.words)]
    if card.table:
        written["table"] = dump_table(card.table)
    if card.chart:
        written["chart"] = dump_chart(card.chart)
    return written


def load_card(written: Mapping[str, JSON]) -> Card:
    """Read a card back. Raises `ValueError` for what no version so far has written."""
    if written.get("v") != VERSION:
        raise ValueError(f"a card of version {written.get('v')}, this Trellis reads {VERSION}")
    menu, chart, kept = written.get("menu"), written.get("chart"), written.get("kept")
    return Card(
        _read_text(written.get("title", ())),
        _read_text(written.get("body", ())),
        fields=tuple(CardField(_read_label(name), _read_text(value)) for name, value in written.get("fields", ())),
        footer=_read_text(written.get("footer", ())),
        tone=Tone(written["tone"]),
        buttons=tuple(_read_button(button) for button in written.get("buttons", ())),
        menu=_read_menu(*menu) if menu else None,
        pings=tuple(Account.of(key) for key in written.get("pings", ())),
        files=tuple(
            File(name, b64decode(content), _read_text(words)) for name, content, words in written.get("files", ())
        ),
        chart=load_chart(*chart) if chart else None,
        table=load_table(*written["table"]) if "table" in written else None,
        kept=KeptPicture(kept[0], _read_text(kept[1])) if kept else None,
        emoji=written.get("emoji", ""),
        lists=tuple(CardList(_read_label(name), tuple(map(_read_item, its))) for name, its in written.get("lists", ())),
        silent=written.get("silent", False),
    )


def _read_item(written: JSON) -> ListItem:
    words, buttons = written
    return ListItem(_read_text(words), *map(_read_button, buttons))


def _text(text: Text) -> list[JSON]:
    return [_part(part) for part in text.parts]


def _part(part: Span | Phrase) -> JSON:
    match part:
        case str():
            return part
        case Strong(words):
            return ["strong", words]
        case Code(words, block):
            return ["code", words, block]
        case Link(shown, leads_to) | CommandLink(leads_to, shown):
            return ["link" if isinstance(part, Link) else "command", shown, leads_to]
        case Time(at, style):
            return ["time", at.isoformat(), style.value]
        case Mention(name, accounts, who, plain):
            return ["mention", name, [account.key for account in accounts], who, plain]
        case ChannelLink(channel, name):
            return ["channel", channel.key, name]
        case Phrase(template, values, many, number, loud):
            return ["say", template, [[name, _text(value)] for name, value in values], many, number, loud]


def _read_text(written: JSON) -> Text:
    return Text(tuple(part if isinstance(part, str) else _READERS[part[0]](*part[1:]) for part in written))


def _read_phrase(template: str, values: JSON, many: str, number: int, loud: bool) -> Phrase:
    return Phrase(template, tuple((name, _read_text(value)) for name, value in values), many, number, loud)


_READERS: Mapping[str, Callable[..., Span | Phrase]] = {
    "strong": Strong,
    "code": Code,
    "link": Link,
    "time": lambda at, style: Time(datetime.fromisoformat(at), TimeStyle(style)),
    "mention": lambda name, accounts, *who: Mention(name, tuple(map(Account.of, accounts)), *who),
    "channel": lambda key, name: ChannelLink(Channel.of(key), name),
    "command": lambda shown, name: CommandLink(name, shown),
    "say": _read_phrase,
}


def _label(words: str) -> JSON:
    """Return a label; a member's own words, which nobody translates, in a list."""
    return [str(words)] if isinstance(words, Verbatim) else words


def _read_label(written: JSON) -> str:
    return written if isinstance(written, str) else Verbatim(written[0])


def _button(button: AnyButton) -> JSON:
    if isinstance(button, LinkButton):
        return [_label(button.label), {"url": button.url}]
    return [_label(button.label), button.call.pack(), button.style.value]


def _read_button(written: JSON) -> AnyButton:
    label = _read_label(written[0])
    if isinstance(written[1], Mapping):
        return LinkButton(label, written[1]["url"])
    return Button(label, Call.unpack(written[1]), Style(written[2]))


def _read_menu(placeholder: JSON, call: str, options: JSON, most: int) -> Menu:
    choices = tuple(Option(_read_label(label), value) for label, value in options)
    return Menu(_read_label(placeholder), Call.unpack(call), choices, most)


def dump_table(table: Table) -> JSON:
    """Return a table as JSON; `load_table` reads what is in that list."""
    rows = [[_text(row.line), *map(_text, row.cells)] for row in table.rows]
    return [[_text(head) for head in table.heads], rows]


def load_table(heads: JSON, rows: JSON) -> Table:
    """Read a table back."""
    return Table(tuple(map(_read_text, heads)), tuple(TableRow(*map(_read_text, row)) for row in rows))


def _cell(cell: Cell) -> JSON:
    match cell:
        case Bar(share, note):
            return [share, note]
        case Scale(counts, note):
            return [[*counts], note]
    return None


def _read_cell(written: JSON) -> Cell:
    if written is None:
        return None
    what, note = written
    return Scale(tuple(what), note) if isinstance(what, list) else Bar(what, note)


def dump_chart(chart: Chart) -> JSON:
    """Return a chart as JSON; `load_chart` reads what is in that list."""
    rows = [[row.label, [_cell(cell) for cell in row.cells], row.leads] for row in chart.rows]
    return [chart.name, rows, _text(chart.words), [_text(head) for head in chart.heads]]


def load_chart(name: str, rows: JSON, words: JSON, heads: JSON = ()) -> Chart:
    """Read a chart back; one of an earlier version has no heads."""
    read = (ChartRow(label, tuple(map(_read_cell, cells)), leads) for label, cells, leads in rows)
    return Chart(name, tuple(read), _read_text(words), [_read_text(head) for head in heads])
