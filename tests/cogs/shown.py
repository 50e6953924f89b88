"""What a lifecycle shows, as text: golden files hold it for every state of a thing, and no platform is needed.

`UPDATE_GOLDEN=1 make test ARGS=tests/cogs` writes the files again; read the difference before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.contract.models import Channel
from adapters.contract.ui import Button, Card
from bot.kernel.lifecycle import Adopted, Destination, Direct, Entry, Held, Lifecycle, Posting, Shown, Telling
from storage.members import Member

JOINED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
GOLDEN = Path(__file__).with_name("golden")


def member(id_: int, name: str, *, space: str = "slack/T1", direct: bool = False) -> Member:
    """Return somebody who is here."""
    unset: dict[str, Any] = dict.fromkeys(("timezone", "locale", "away_until", "quiet_from", "quiet_to", "left_at"))
    return Member(
        id_,
        1,
        name,
        (f"{space}/{name}",),
        frozenset(),
        direct_ok=direct,
        offers_ok=True,
        joined_at=JOINED,
        last_active_at=None,
        **unset,
    )


def written(shown: Iterable[Shown]) -> str:
    """Return everything that is shown as lines."""
    return "\n".join(line for one in shown for line in _lines(one))


def _lines(one: Shown) -> list[str]:
    match one:
        case Posting():
            extra = [f"thread {one.thread!r}" if one.thread else "", "once" if one.once else ""]
            head = " · ".join(filter(None, [f"[{one.key}] {_place(one.place)}", *extra]))
            return [head, *_card(one.card)]
        case Telling():
            names = ", ".join(member.name for member in one.members)
            card = _card(one.card(one.members[0])) if one.members else []
            return [f"[{one.key}] to {names or 'nobody'}, near {', '.join(map(_place, one.near))}", *card]
        case Adopted():
            return [f"[{one.key}] {one.message.key} itself · thread {one.thread!r}"]
        case Held():
            return [f"[{one.key}] {one.member.name} has {one.role or (one.channel and one.channel.key)}"]
        case Entry():
            return [f"[{one.key}] calendar of {one.space.key}: {one.entry.title}, {one.entry.starts:%Y-%m-%d %H:%M}"]


def _place(place: Destination) -> str:
    match place:
        case Channel():
            return place.key
        case Direct(member):
            return f"to {member.name} directly"
    return f"{type(place).__name__.lower()} {place.key}{f' in {place.space.key}' if place.space else ''}"


def _card(card: Card) -> list[str]:
    lines = [card.title.plain(), *card.body.plain().split("\n")]
    lines += [f"{field.name}: {field.value.plain()}" for field in card.fields]
    lines += [card.footer.plain()]
    buttons = [
        f"({button.label}: {button.call.pack() if isinstance(button, Button) else button.url})"
        for button in card.buttons
    ]
    menu = [f"(menu {card.menu.placeholder}: {card.menu.call.pack()})"] if card.menu else []
    chart = [f"(chart {card.chart.name}: {card.chart.words})"] if card.chart else []
    files = [f"(file {file.name})" for file in card.files]
    return [f"    {line}" for line in [*filter(None, lines), *buttons, *menu, *chart, *files]]


def check_golden(name: str, lifecycle: Lifecycle[Any], snapshots: Mapping[str, Any]) -> None:
    """Compare what is shown for each of these snapshots, by what they are called, with the golden file."""
    parts = []
    for called, snapshot in snapshots.items():
        shown, again = written(lifecycle.shown(snapshot)), written(lifecycle.shown(snapshot))
        assert shown == again, f"{called}: not pure"
        due = lifecycle.due(snapshot)
        assert due == lifecycle.due(snapshot), f"{called}: not pure"
        when = f"due {due.at:%Y-%m-%d %H:%M} {due.step or ''}".rstrip() if due else "nothing is due"
        parts.append(f"== {called} ==\n{when}\n{shown}".rstrip())
    text = "\n\n".join(parts) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{file.name} says otherwise"
