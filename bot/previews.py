"""A card of the playground as Discord and Slack would be told to draw it. Pure.

The real renderers draw it, for a server and a workspace that are made up: whoever and whatever the card names in the
playground gets an id there that always is the same, so that mentions and channels are drawn live.

The renderers are loaded when somebody first looks at a preview: the playground starts without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar

from adapters.contract.models import Account, Channel, Space
from adapters.contract.tables import Table, TableRow
from adapters.contract.text import ChannelLink, Mention, Span, Text
from adapters.contract.ui import Card, CardField, CardList, ListItem
from adapters.playground.records import SPACE
from adapters.playground.render import JSON
from adapters.playground.routes import Preview

P = TypeVar("P", Account, Channel)

_SNOWFLAKES = 10**18
"""Ids of Discord have about as many digits."""


def _snowflake(key: str) -> str:
    return str(_SNOWFLAKES + int(sha256(key.encode()).hexdigest(), 16) % _SNOWFLAKES)


def _slack_id(key: str) -> str:
    kind = {"Account": "U", "Channel": "C", "File": "F"}[key.partition(" ")[0]]
    return f"{kind}{sha256(key.encode()).hexdigest()[:10].upper()}"


_GUILD = Space("discord", _snowflake("Space"))
_WORKSPACE = Space("slack", "T0123456789")
_ADDRESS = "https://your-community.slack.com/"


class _Commands(dict[str, str]):
    """Every command can be used where cards are only looked at."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return _snowflake(f"Command {name}")


def previews() -> dict[str, Preview]:
    """Return what draws a card for each other platform, by the platform's name."""
    return {"discord": _as_discord, "slack": _as_slack}


def _as_discord(card: Card, *, direct: bool) -> tuple[JSON, Mapping[str, Account | Channel]]:
    import adapters.discord.render as discord
    from adapters.discord.markup import Here

    move, here = _Move(_GUILD, _snowflake), Here(_GUILD, "Your community", _Commands(), direct)
    moved = move.card(card)
    return discord.sentence(moved, here) or discord.message(moved, here), move.moved


def _as_slack(card: Card, *, direct: bool) -> tuple[JSON, Mapping[str, Account | Channel]]:  # noqa: ARG001  # all the same
    import adapters.slack.render as slack
    from adapters.slack.markup import Home

    move = _Move(_WORKSPACE, _slack_id)
    picture = _slack_id(f"File {card.picture.name}") if card.picture else ""
    return slack.message(move.card(card), Home(_WORKSPACE, _ADDRESS), picture, tables=True), move.moved


@dataclass(frozen=True, slots=True)
class _Move:
    """Puts cards into another space. `moved` is what each id there stands for here."""

    space: Space
    id_for: Callable[[str], str]
    moved: dict[str, Account | Channel] = field(default_factory=dict)

    def card(self, card: Card) -> Card:
        return card.with_(
            title=self._text(card.title),
            body=self._text(card.body),
            fields=tuple(CardField(each.name, self._text(each.value)) for each in card.fields),
            footer=self._text(card.footer),
            table=self._table(card.table) if card.table else None,
            lists=tuple(
                CardList(each.name, tuple(ListItem(self._text(item.words), *item.buttons) for item in each.items))
                for each in card.lists
            ),
            pings=self._all(card.pings),
        )

    def _table(self, table: Table) -> Table:
        rows = (TableRow(self._text(row.line), *map(self._text, row.cells)) for row in table.rows)
        return Table(table.heads, tuple(rows))

    def _text(self, words: Text) -> Text:
        return Text(tuple(map(self._span, words)))

    def _span(self, span: Span) -> Span:
        match span:
            case Mention(_, accounts):
                return replace(span, accounts=self._all(accounts))
            case ChannelLink(channel, name):
                return ChannelLink(self._one(channel), name)
        return span

    def _all(self, accounts: Iterable[Account]) -> tuple[Account, ...]:
        return tuple(map(self._one, accounts))

    def _one(self, placed: P) -> P:
        if placed.space != SPACE:
            return placed
        there = type(placed)(self.space, self.id_for(f"{type(placed).__name__} {placed.id}"))
        self.moved[there.id] = placed
        return there
